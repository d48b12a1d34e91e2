// The table of kernels of an instruction set, and the one in use.
#ifndef KERNELS_H
#define KERNELS_H

#include "CKernels.h"
#include "topn_search.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct kernel_table {
  size_t vector; // floats in a vector
#define KERNEL(result, name, parameters, arguments) result(*name) parameters;
#include "../kernels.inc"
} kernel_table;

extern const kernel_table kernels_scalar;
#if defined(__x86_64__)
extern const kernel_table kernels_avx2;
extern const kernel_table kernels_avx512;
#endif

/// The kernels that `ck_isa_active` chooses.
const kernel_table *active_kernels(void);

#endif
