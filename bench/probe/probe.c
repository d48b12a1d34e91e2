// Calls a probe's body for the instruction set in use.
#include "probes.h"

#include "ck_isa.h"

static const probe_table *const tables[] = {
    [CK_ISA_SCALAR] = &probes_scalar,
#if defined(__x86_64__)
    [CK_ISA_AVX2] = &probes_avx2,
    [CK_ISA_AVX512] = &probes_avx512,
#endif
};

#define PROBE(result, name, parameters, arguments)                                                 \
  result probe_##name parameters { return tables[ck_isa_active()]->name arguments; }
#include "probes.inc"

const char *probe_compiler(void) { return __VERSION__; }
