/// Heads of networks: what a batch's outputs cost, and the gradients that flow back from them.
///
/// Gradients come unscaled: the caller multiplies what they lead to by one factor a batch (1/B, for
/// RMSE 1/(B·rmse)). Threads: safe on disjoint rows. Nothing can fail.
#ifndef CK_HEAD_H
#define CK_HEAD_H

#include "ck_loss.h"
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Errors of predicted ratings, e = y − truth:
///   d[r] = weight · (e for RMSE, 2e for MSE, sign(e) for MAE), 0 where truth[r] is NaN (no rating)
///
///   y, d   one float each `stride`;  truth [rows]
/// Returns Σe² and Σ|e| over the rows that have a rating.
ck_loss_sums ck_head_rating(const float *y, size_t stride, const float *truth, size_t rows,
                            ck_loss loss, float weight, float *d);

/// Binary cross-entropy of logits y against labels in {0, 1}: d[r] = weight·(σ(y) − label[r]).
/// Returns the sum of the losses. Rows without a label (NaN) count nothing.
double ck_head_binary(const float *y, size_t stride, const float *label, size_t rows, float weight,
                      float *d);

/// Cross-entropy of the softmax of `classes` logits: class of row r is truth[r] − first, in
/// 0 ..< classes: d[r] = weight·(softmax(y[r]) − onehot). Returns the sum of the losses.
double ck_head_classes(const float *y, size_t stride, const float *truth, size_t rows,
                       size_t classes, float first, float weight, float *d);

/// softmax of each row, in place.
void ck_head_softmax(float *y, size_t stride, size_t rows, size_t classes);

#ifdef __cplusplus
}
#endif
#endif
