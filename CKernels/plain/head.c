// Heads of networks: losses of outputs and their gradients.
#include "ck_head.h"

#include <math.h>

ck_loss_sums ck_head_rating(const float *y, size_t stride, const float *truth, size_t rows,
                            ck_loss loss, float weight, float *d) {
  ck_loss_sums sums = {0, 0};
  for (size_t r = 0; r < rows; r++) {
    float e = y[r * stride] - truth[r];
    if (isnan(truth[r]))
      e = 0;
    sums.squared += (double)e * e;
    sums.absolute += fabsf(e);
    float slope = loss == CK_LOSS_MAE ? (float)((e > 0) - (e < 0)) : e;
    d[r * stride] = weight * (loss == CK_LOSS_MSE ? 2 * slope : slope);
  }
  return sums;
}

double ck_head_binary(const float *y, size_t stride, const float *label, size_t rows, float weight,
                      float *d) {
  double sum = 0;
  for (size_t r = 0; r < rows; r++) {
    float x = y[r * stride];
    d[r * stride] = 0;
    if (isnan(label[r]))
      continue;
    float tail = expf(-fabsf(x));
    float probability = x >= 0 ? 1 / (1 + tail) : tail / (1 + tail);
    // −label·log σ(x) − (1 − label)·log(1 − σ(x)), without overflow or cancellation
    sum += (x > 0 ? x : 0) - x * label[r] + log1pf(tail);
    d[r * stride] = weight * (probability - label[r]);
  }
  return sum;
}

/// Turns logits into probabilities; returns the logarithm of what they were divided by.
static double softmax(float *y, size_t classes) {
  float top = y[0];
  for (size_t c = 1; c < classes; c++)
    top = y[c] > top ? y[c] : top;
  float sum = 0;
  for (size_t c = 0; c < classes; c++)
    sum += y[c] = expf(y[c] - top);
  for (size_t c = 0; c < classes; c++)
    y[c] /= sum;
  return (double)top + log((double)sum);
}

double ck_head_classes(const float *y, size_t stride, const float *truth, size_t rows,
                       size_t classes, float first, float weight, float *d) {
  double total = 0;
  for (size_t r = 0; r < rows; r++) {
    const float *logits = y + r * stride;
    float *g = d + r * stride;
    size_t own = (size_t)(truth[r] - first);
    for (size_t c = 0; c < classes; c++)
      g[c] = logits[c];
    total += softmax(g, classes) - logits[own];
    g[own] -= 1;
    for (size_t c = 0; c < classes; c++)
      g[c] *= weight;
  }
  return total;
}

void ck_head_softmax(float *y, size_t stride, size_t rows, size_t classes) {
  for (size_t r = 0; r < rows; r++)
    softmax(y + r * stride, classes);
}
