// Every kernel for AVX2.
#if defined(__x86_64__)
#include "../shared/bodies.h"

#define CK_W 8
#pragma clang attribute push(__attribute__((target("avx2,fma,bmi,bmi2,lzcnt"))),                   \
                             apply_to = function)
#include "../bodies/all.inc"
#pragma clang attribute pop

const kernel_table kernels_avx2 = {
    .vector = CK_W,
#define KERNEL(result, name, parameters, arguments) .name = name,
#include "../kernels.inc"
};
#endif
