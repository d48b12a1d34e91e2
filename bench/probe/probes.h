// The table of probes of an instruction set.
#ifndef PROBES_H
#define PROBES_H

#include "CProbe.h"

typedef struct probe_table {
#define PROBE(result, name, parameters, arguments) result(*name) parameters;
#include "probes.inc"
} probe_table;

extern const probe_table probes_scalar;
#if defined(__x86_64__)
extern const probe_table probes_avx2;
extern const probe_table probes_avx512;
#endif

#endif
