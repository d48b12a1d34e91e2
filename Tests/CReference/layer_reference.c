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
