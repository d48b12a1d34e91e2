// Ridge regression on sparse features by coordinates, in double precision.
#include "CReference.h"

#include <math.h>

double ref_features_step(const int32_t *rows, size_t count, const float *scales, double ridge,
                         double noise, size_t stride, double *residuals, double weight) {
  double denominator = ridge, numerator = 0;
  for (size_t n = 0; n < count; n++) {
    double scale = scales[rows[n]];
    denominator += scale * scale;
    numerator += scale * (residuals[(size_t)rows[n] * stride] + scale * weight);
  }
  double after = numerator / denominator + noise / sqrt(denominator);
  for (size_t n = 0; n < count; n++)
    residuals[(size_t)rows[n] * stride] -= scales[rows[n]] * (after - weight);
  return after;
}
