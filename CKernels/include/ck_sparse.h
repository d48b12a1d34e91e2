/// Products of a sparse matrix in compressed rows with a dense one.
#ifndef CK_SPARSE_H
#define CK_SPARSE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Rows first..<last of a product:  out[r, :] = Σ_n values[n] · dense[columns[n], :],
///                                  n in offsets[r] ..< offsets[r + 1]
///
///   offsets  [rows + 1] int32, ascending
///   columns  [entries] int32   rows of `dense`: in range, checked by the caller
///   values   [entries] float32
///   dense    [*, stride]       64-byte aligned, stride a multiple of 16
///   out      [rows, stride]    overwritten in all lanes; must not overlap dense
///
/// Terms are added in the order of the entries. Cost: a dense row (4·stride bytes) read and
/// 2·stride flops an entry. Threads: safe on disjoint ranges of rows. Cannot fail.
void ck_sparse_multiply(const int32_t *offsets, const int32_t *columns, const float *values,
                        size_t first, size_t last, const float *dense, size_t stride, float *out);

#ifdef __cplusplus
}
#endif
#endif
