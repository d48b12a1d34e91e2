// The probes for the compiler's baseline: SSE2 on x86-64, NEON on arm64.
#include "../probes.h"

#define W 4
#include "../bodies/probe.inc"

const probe_table probes_scalar = {
#define PROBE(result, name, parameters, arguments) .name = name,
#include "../probes.inc"
};
