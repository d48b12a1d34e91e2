// References for the kernels of baselines and evaluation: bias, error, bootstrap.
#include "CReference.h"

#include <math.h>

void ref_bias_sweep(const int32_t *offsets, const int32_t *columns, size_t rows, const double *sums,
                    double mean, double damping, const float *other, double *biases) {
  for (size_t r = 0; r < rows; r++) {
    double left = sums ? sums[r] : 0;
    int32_t n = offsets[r + 1] - offsets[r];
    for (int32_t j = offsets[r]; j < offsets[r + 1]; j++)
      left -= mean + other[columns[j]];
    biases[r] = n ? left / (n + damping) : 0;
  }
}

void ref_error_sums(const float *predictions, const float *truths, const int32_t *users,
                    int32_t user, size_t n, double low, double high, double *sums) {
  sums[0] = sums[1] = sums[2] = sums[3] = 0;
  for (size_t j = 0; j < n; j++) {
    if (users && users[j] != user)
      continue;
    double e = (double)predictions[j] - truths[j];
    double c = fmin(fmax(predictions[j], low), high) - truths[j];
    sums[0] += e * e;
    sums[1] += fabs(e);
    sums[2] += c * c;
    sums[3] += fabs(c);
  }
}

void ref_bootstrap_sums(const uint8_t *weights, const double *x, size_t users, size_t columns,
                        double *sums) {
  for (size_t c = 0; c < columns; c++) {
    sums[c] = 0;
    for (size_t u = 0; u < users; u++)
      sums[c] += weights[u] * x[u * columns + c];
  }
}
