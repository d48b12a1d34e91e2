// Pairs of packed rows: dispatch of pair_body.inc.
#include "ck_isa.h"
#include "ck_pair.h"

#include <math.h>

#define CK_BODY "pair_body.inc"
#include "variants.inc"

void ck_pair_dot(const float *P, const float *Q, const int32_t *u, const int32_t *i, size_t B,
                 size_t stride, size_t lanes, float mean, float *out) {
  CK_DISPATCH(pair_dot, P, Q, u, i, B, stride, lanes, mean, out);
}

static void forward(const float *P, const float *Q, const int32_t *id, const int32_t *start,
                    const int32_t *item, const float *rating, size_t segments, size_t stride,
                    size_t width, size_t lanes, float mean, ck_loss loss, float *weight, float *G,
                    float *C, ck_loss_sums *sums) {
  CK_DISPATCH(pair_forward, P, Q, id, start, item, rating, segments, stride, width, lanes, mean,
              loss, weight, G, C, sums);
}

ck_loss_sums ck_pair_forward(const float *P, const float *Q, const int32_t *id,
                             const int32_t *start, const int32_t *item, const float *rating,
                             size_t segments, size_t stride, size_t width, size_t lanes, float mean,
                             ck_loss loss, float *weight, float *G, float *C) {
  ck_loss_sums sums = {0, 0};
  if (segments > 0)
    forward(P, Q, id, start, item, rating, segments, stride, width, lanes, mean, loss, weight, G, C,
            &sums);
  return sums;
}
