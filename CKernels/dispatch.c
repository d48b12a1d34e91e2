// Calls a kernel's body for the instruction set in use: ck_name for every name in kernels.inc.
#include "shared/kernels.h"

static const kernel_table *const tables[] = {
    [CK_ISA_SCALAR] = &kernels_scalar,
#if defined(__x86_64__)
    [CK_ISA_AVX2] = &kernels_avx2,
    [CK_ISA_AVX512] = &kernels_avx512,
#endif
};

const kernel_table *active_kernels(void) { return tables[ck_isa_active()]; }

#define KERNEL(result, name, parameters, arguments)                                                \
  result ck_##name parameters { return active_kernels()->name arguments; }
#include "kernels.inc"
