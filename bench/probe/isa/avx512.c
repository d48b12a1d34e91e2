// The probes for AVX-512, emulated with CK_EMULATE_AVX512 as in CKernels/isa/avx512.c.
#if defined(__x86_64__)
#include "../probes.h"

#ifdef CK_EMULATE_AVX512
#define TARGET "avx2,fma"
#else
#define TARGET "avx2,fma,avx512f"
#endif

#define W 16
#pragma clang attribute push(__attribute__((target(TARGET))), apply_to = function)
#include "../bodies/probe.inc"
#pragma clang attribute pop

const probe_table probes_avx512 = {
#define PROBE(result, name, parameters, arguments) .name = name,
#include "../probes.inc"
};
#endif
