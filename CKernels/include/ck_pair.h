/// Pairs of packed rows: scores, and one fused pass of gather, inner product, error and gradient.
#ifndef CK_PAIR_H
#define CK_PAIR_H

#include "ck_loss.h"
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// The widest row the kernels take, in floats.
#define CK_MAX_LANES 2080

/// A factor model: score(u, i) = mean + P[u]·Q[i]. Tables may be parts of wider records: stride says
/// how wide.
typedef struct ck_factors {
  const float *P; ///< [users, stride] rows 64-byte aligned, lanes beyond `lanes` zero
  const float *Q; ///< [items, stride] laid out alike
  size_t stride;  ///< floats from one row to the next, a multiple of 16
  size_t lanes;   ///< lanes of a row in use
  float mean;
} ck_factors;

/// Scores B pairs:  out[b] = mean + dot(P[u[b], :lanes], Q[i[b], :lanes])
///
///   u, i [B] int32        0 <= u[b] < users, 0 <= i[b] < items: checked by the caller
///   out  [B]              overwritten; must not overlap P or Q
///
/// Cost: 2·B·lanes floats read, 2·B·lanes flops. Threads: safe on disjoint ranges of b. Cannot
/// fail.
void ck_pair_dot(const ck_factors *factors, const int32_t *u, const int32_t *i, size_t B,
                 float *out);

/// The ratings of a batch, grouped by user: segment s is those of user id[s], from start[s] up to
/// start[s + 1].
typedef struct ck_pair_batch {
  const int32_t *id;    ///< [segments] distinct users
  const int32_t *start; ///< [segments + 1] ascending; indexes item and rating
  const int32_t *item;  ///< [ratings]
  const float *rating;  ///< [ratings]
} ck_pair_batch;

/// What the ratings of a batch say of the model's rows.
typedef struct ck_pair_gradients {
  float *weight; ///< [ratings] g(e) of each rating, which its gradients are multiples of
  float *G;      ///< [segments, width] gradients of the users' rows, unscaled
  float *C;      ///< [segments, width] copies of the users' rows
  size_t width;  ///< floats from one row to the next, a multiple of 16
} ck_pair_gradients;

/// Errors of the ratings of segments first ..< last, and the users' gradients, in one pass. For each
/// segment s and its ratings b in [start[s], start[s+1]):
///
///   e[b]  = mean + dot(P[id[s]], Q[item[b]]) − rating[b]
///   G[s]  = Σ_b g(e[b]) · Q[item[b]]              g(e) = sign(e) for MAE, e otherwise
///   C[s]  = P[id[s]],  weight[b] = g(e[b])
///
/// G and C are overwritten in the lanes computed; lanes beyond `lanes` rounded up to the vector are
/// left alone. Returns Σe² and Σ|e|.
///
/// Indices are checked by the caller; 0 < lanes <= CK_MAX_LANES.
/// Cost: a Q row (4·lanes bytes) read and 4·lanes flops a rating; a P row read, a G and a C row
/// written a segment. Threads: safe on disjoint ranges of segments. Cannot fail.
ck_loss_sums ck_pair_forward(const ck_factors *factors, const ck_pair_batch *batch, size_t first,
                             size_t last, ck_loss loss, const ck_pair_gradients *out);

#ifdef __cplusplus
}
#endif
#endif
