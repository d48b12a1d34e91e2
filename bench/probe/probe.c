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

__attribute__((noinline)) void probe_counted(void (*run)(void *), void *context) { run(context); }

const char *probe_compiler(void) { return __VERSION__; }

#ifndef PROBE_COMMIT
#define PROBE_COMMIT ""
#endif
#ifndef PROBE_SWIFT
#define PROBE_SWIFT ""
#endif
const char *probe_commit(void) { return PROBE_COMMIT; }
const char *probe_swift(void) { return PROBE_SWIFT; }
