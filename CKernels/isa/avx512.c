// Every kernel for AVX-512. With CK_EMULATE_AVX512 the bodies run on AVX2, a vector as two halves, so
// that tests and sanitizers reach them on a processor that lacks the set (`make sanitize`).
#if defined(__x86_64__)
#include "../shared/bodies.h"

#ifdef CK_EMULATE_AVX512
#define TARGET "avx2,fma,bmi,bmi2,lzcnt"
#else
#define TARGET "avx2,fma,bmi,bmi2,lzcnt,avx512f,avx512vl,avx512dq,avx512bw"
#endif

#define CK_W 16
#pragma clang attribute push(__attribute__((target(TARGET))), apply_to = function)
#include "../bodies/all.inc"
#pragma clang attribute pop

const kernel_table kernels_avx512 = {
    .vector = CK_W,
#define KERNEL(result, name, parameters, arguments) .name = name,
#include "../kernels.inc"
};
#endif
