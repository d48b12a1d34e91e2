// The probes for AVX2.
#if defined(__x86_64__)
#include "../probes.h"

#define W 8
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#include "../bodies/probe.inc"
#pragma clang attribute pop

const probe_table probes_avx2 = {
#define PROBE(result, name, parameters, arguments) .name = name,
#include "../probes.inc"
};
#endif
