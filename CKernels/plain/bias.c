// Damped biases: sums of ratings and half sweeps of the alternation.
#include "ck_bias.h"

void ck_bias_sums(const int32_t *keys, const float *ratings, size_t n, double *sums) {
  for (size_t j = 0; j < n; j++)
    sums[keys[j]] += (double)ratings[j];
}

// Four partial sums: the additions of one would wait for each other.
static double sum_at(const float *table, const int32_t *indices, size_t n) {
  double a = 0, b = 0, c = 0, d = 0;
  size_t j = 0;
  for (; j + 4 <= n; j += 4) {
    a += (double)table[indices[j]];
    b += (double)table[indices[j + 1]];
    c += (double)table[indices[j + 2]];
    d += (double)table[indices[j + 3]];
  }
  for (; j < n; j++)
    a += (double)table[indices[j]];
  return (a + b) + (c + d);
}

void ck_bias_sweep(const int32_t *offsets, const int32_t *columns, size_t first, size_t last,
                   const double *sums, double mean, double damping, const float *other,
                   float *biases) {
  for (size_t r = first; r < last; r++) {
    size_t n = (size_t)(offsets[r + 1] - offsets[r]);
    double sum = (sums ? sums[r] : 0) - (double)n * mean;
    double left = sum - sum_at(other, columns + offsets[r], n);
    biases[r] = n == 0 ? 0 : (float)(left / ((double)n + damping));
  }
}
