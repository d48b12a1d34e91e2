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

/// Scores B pairs:  out[b] = mean + dot(P[u[b], :lanes], Q[i[b], :lanes])
///
///   P    [users, stride]  rows 64-byte aligned, stride a multiple of 16, lanes beyond `lanes` zero
///   Q    [items, stride]  same layout
///   u, i [B] int32        0 <= u[b] < users, 0 <= i[b] < items: checked by the caller
///   out  [B]              overwritten; must not overlap P or Q
///
/// Cost: 2·B·lanes floats read, 2·B·lanes flops. Threads: safe on disjoint ranges of b. Cannot
/// fail.
void ck_pair_dot(const float *P, const float *Q, const int32_t *u, const int32_t *i, size_t B,
                 size_t stride, size_t lanes, float mean, float *out);

/// Errors of ratings grouped by user, and the users' gradients, in one pass. For each segment s and
/// its ratings b in [start[s], start[s+1]):
///
///   e[b]  = mean + dot(P[id[s]], Q[item[b]]) − rating[b]
///   G[s]  = Σ_b g(e[b]) · Q[item[b]]              g(e) = sign(e) for MAE, e otherwise
///   C[s]  = P[id[s]]
///
///   P       [users, stride]     id [segments] int32, distinct users
///   Q       [items, stride]     tables may be parts of wider records: stride says how wide
///   start   [segments + 1]      int32, ascending; indexes item, rating and weight
///   item    int32, rating float
///   weight  overwritten at each b: g(e[b])
///   G, C    [segments, width]   overwritten in the lanes computed (gradients unscaled); lanes beyond
///                               `lanes` rounded up to the vector are left alone
///   returns Σe² and Σ|e|
///
/// Layout, alignment and checks as in ck_pair_dot; 0 < lanes <= CK_MAX_LANES.
/// Cost: a Q row (4·lanes bytes) read and 4·lanes flops a rating; a P row read, a G and a C row
/// written a segment. Threads: safe on disjoint ranges of segments. Cannot fail.
ck_loss_sums ck_pair_forward(const float *P, const float *Q, const int32_t *id,
                             const int32_t *start, const int32_t *item, const float *rating,
                             size_t segments, size_t stride, size_t width, size_t lanes, float mean,
                             ck_loss loss, float *weight, float *G, float *C);

#ifdef __cplusplus
}
#endif
#endif
