// Layers and heads of networks, as their formulas read.
#include "CReference.h"

#include <math.h>

double ref_layer_relu_score(const float *a, const float *b, const float *w, size_t lanes,
                            double *magnitude) {
  double sum = 0;
  *magnitude = 0;
  for (size_t n = 0; n < lanes; n++) {
    double hidden = (double)a[n] + b[n];
    sum += hidden > 0 ? w[n] * hidden : 0;
    *magnitude += fabs(w[n]) * (fabs((double)a[n]) + fabs((double)b[n]));
  }
  return sum;
}

double ref_head_binary(double logit, double label) {
  double probability = 1 / (1 + exp(-logit));
  return -label * log(probability) - (1 - label) * log(1 - probability);
}

double ref_head_classes(const float *logits, size_t classes, size_t own) {
  double sum = 0;
  for (size_t c = 0; c < classes; c++)
    sum += exp((double)logits[c]);
  return log(sum) - logits[own];
}

void ref_head_softmax(const float *logits, size_t classes, double *shares) {
  double top = -INFINITY, sum = 0;
  for (size_t c = 0; c < classes; c++)
    top = fmax(top, logits[c]);
  for (size_t c = 0; c < classes; c++)
    sum += exp(logits[c] - top);
  for (size_t c = 0; c < classes; c++)
    shares[c] = exp(logits[c] - top) / sum;
}

double ref_layer_relu_slope(double y) { return y > 0; }

double ref_layer_sigmoid_slope(double y, double low, double high) {
  double share = (y - low) / (high - low); // σ(z)
  return (high - low) * share * (1 - share);
}

double ref_layer_dropout(double x, uint64_t key, uint64_t row, size_t lane, double rate) {
  // Four lanes share one output of the row's stream, 16 bits each, the lowest first.
  uint64_t bits = ref_random_bits(ref_random_bits(key, row), lane / 4);
  double draw = (double)(bits >> (lane % 4 * 16) & 0xffff), dropped = floor(rate * 65536);
  return draw < dropped ? 0 : x / (1 - dropped / 65536);
}
