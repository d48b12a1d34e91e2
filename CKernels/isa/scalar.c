// Every kernel for the compiler's baseline: SSE2 on x86-64, NEON on arm64.
#include "../shared/bodies.h"

#define CK_W 4
#include "../bodies/all.inc"

const kernel_table kernels_scalar = {
    .vector = CK_W,
#define KERNEL(result, name, parameters, arguments) .name = name,
#include "../kernels.inc"
};
