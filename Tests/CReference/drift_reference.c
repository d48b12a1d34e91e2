// Series that drift, by the definition: covariances of all values with each other, and a solve.
#include "CReference.h"
#include <math.h>

static double covariance(const ref_drift_series *s, size_t part, int64_t a, int64_t b) {
  return s->variance[part] * exp(-fabs((double)(a - b)) * s->rate[part]);
}

double ref_drift_mean(const ref_drift_series *s, int64_t when, double *means, double *square) {
  size_t n = s->count;
  double lower[64][64], solved[64], logarithm = 0;
  // Cholesky, row by row.
  for (size_t i = 0; i < n; i++) {
    for (size_t j = 0; j <= i; j++) {
      double sum = i == j ? s->noise : 0;
      for (size_t part = 0; part < s->parts; part++)
        sum += covariance(s, part, s->times[i], s->times[j]);
      for (size_t k = 0; k < j; k++)
        sum -= lower[i][k] * lower[j][k];
      lower[i][j] = i == j ? sqrt(sum) : sum / lower[j][j];
    }
    logarithm += 2 * log(lower[i][i]);
  }
  *square = 0;
  for (size_t i = 0; i < n; i++) {
    double sum = (double)s->values[i];
    for (size_t k = 0; k < i; k++)
      sum -= lower[i][k] * solved[k];
    solved[i] = sum / lower[i][i];
    *square += solved[i] * solved[i];
  }
  for (size_t i = n; i-- > 0;) {
    for (size_t k = i + 1; k < n; k++)
      solved[i] -= lower[k][i] * solved[k];
    solved[i] /= lower[i][i];
  }
  for (size_t part = 0; part < s->parts; part++) {
    means[part] = 0;
    for (size_t i = 0; i < n; i++)
      means[part] += covariance(s, part, when, s->times[i]) * solved[i];
  }
  return logarithm;
}
