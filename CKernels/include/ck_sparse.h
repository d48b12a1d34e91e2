/// Products of a sparse matrix in compressed rows with a dense one.
#ifndef CK_SPARSE_H
#define CK_SPARSE_H

#include "ck_csr.h"
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Rows first..<last of a product:  out[r, :] = Σ_n values[n] · dense[columns[n], :],
///                                  n in offsets[r] ..< offsets[r + 1]
///
///   sparse  its columns are rows of `dense`: in range, checked by the caller
///   dense   [*, stride]     64-byte aligned, stride a multiple of 16
///   out     [rows, stride]  overwritten in all lanes; must not overlap dense
///
/// Terms are added in the order of the entries. Cost: a dense row (4·stride bytes) read and
/// 2·stride flops an entry. Threads: safe on disjoint ranges of rows. Cannot fail.
void ck_sparse_multiply(const ck_csr *sparse, size_t first, size_t last, const float *dense,
                        size_t stride, float *out);

#ifdef __cplusplus
}
#endif
#endif
