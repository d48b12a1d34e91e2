/// Rows met at random: sparse scatter of gradients as a sorted sum, and plain steps on touched
/// rows.
#ifndef CK_ROWS_H
#define CK_ROWS_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// The scatter of a batch's gradients, as a gather: entries are sorted by destination, so that
/// each destination's sum is made by one thread in one order and no atomics are needed. For each
/// segment s:
///
///   G[s] = Σ_{n in [start[s], start[s+1])} weight[source[n]] · rows[row[n]]
///
///   rows    [*, stride]     64-byte aligned, stride a multiple of 16
///   start   [segments + 1]  int32, ascending; indexes source and row
///   source  int32, into weight;  row  int32, into rows
///   G       [segments, stride]  overwritten in the lanes computed
///
/// Cost: a row (4·lanes bytes) read and 2·lanes flops an entry, a G row written a segment.
/// 0 < lanes <= CK_MAX_LANES. Threads: safe on disjoint ranges of segments. Cannot fail.
void ck_rows_sum(const float *rows, const int32_t *start, const int32_t *source, const int32_t *row,
                 const float *weight, size_t segments, size_t stride, size_t lanes, float *G);

/// A table whose rows are trained; all optimizers move one. Rows may be parts of wider records: stride
/// says how wide.
typedef struct ck_rows_table {
  float *rows;       ///< [*, stride] 64-byte aligned
  const float *mask; ///< [stride] 1 in trained lanes, 0 in constant and padding lanes
  size_t stride;     ///< floats from one row to the next, a multiple of 16
  size_t lanes;      ///< lanes of a row in use
} ck_rows_table;

/// Gradients of some rows of a table: scale · G[s] is that of row id[s].
typedef struct ck_rows_gradients {
  size_t count;
  const int32_t *id; ///< [count] distinct rows
  const float *G;    ///< [count, width] unscaled
  size_t width;      ///< floats from one gradient to the next, a multiple of 16
  float scale;
} ck_rows_gradients;

/// A step of stochastic gradient descent on the rows T of a table that have gradients:
///   T[id[s]] −= rate · scale · mask ∘ G[s]
///
/// Cost: three rows moved an id. Threads: safe on disjoint rows. Cannot fail.
void ck_rows_descend(const ck_rows_gradients *gradients, float rate, const ck_rows_table *table);

/// A step of AdaGrad on those rows (Duchi, Hazan, Singer 2011), g = scale · mask ∘ G[s]:
///   A[id[s]] += g²;  T[id[s]] −= rate · g / (√A[id[s]] + epsilon)
///
///   A  [*, stride]  like the table's rows, never negative
///
/// Cost: five rows moved an id. Threads: safe on disjoint rows. Cannot fail.
void ck_rows_adagrad(const ck_rows_gradients *gradients, float rate, float epsilon,
                     const ck_rows_table *table, float *A);

#ifdef __cplusplus
}
#endif
#endif
