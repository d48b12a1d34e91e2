/// Rows met at random: sparse scatter of gradients as a sorted sum, and plain steps on touched
/// rows.
#ifndef CK_ROWS_H
#define CK_ROWS_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// The scatter of a batch's gradients, turned round: entries are sorted by destination, so that
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

/// A step of stochastic gradient descent on touched rows:
///   T[id[s]] −= rate · scale · mask ∘ G[s]
///
///   T        [*, stride]         the table;  id [count] distinct rows of it
///   mask     [stride]            1 in trained lanes, 0 in constant and padding lanes
///   G        [count, width]      gradients, unscaled
///
/// Cost: three rows moved an id. Threads: safe on disjoint ranges. Cannot fail.
void ck_rows_descend(const int32_t *id, const float *G, const float *mask, size_t count,
                     size_t stride, size_t width, size_t lanes, float scale, float rate, float *T);

/// A step of AdaGrad on touched rows (Duchi, Hazan, Singer 2011), g = scale · mask ∘ G[s]:
///   A[id[s]] += g²;  T[id[s]] −= rate · g / (√A[id[s]] + epsilon)
/// Buffers as in ck_rows_descend; A [*, stride] like T, never negative.
void ck_rows_adagrad(const int32_t *id, const float *G, const float *mask, size_t count,
                     size_t stride, size_t width, size_t lanes, float scale, float rate,
                     float epsilon, float *T, float *A);

#ifdef __cplusplus
}
#endif
#endif
