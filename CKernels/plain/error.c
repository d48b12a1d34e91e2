// Sums of errors of predicted ratings.
#include "ck_error.h"

#include <math.h>

static inline float clip(float x, float low, float high) {
  x = x < low ? low : x;
  return x > high ? high : x;
}

void ck_error_sums(const float *predictions, const float *truths, size_t n, float low, float high,
                   double *sums) {
#pragma clang fp reassociate(on)
  double squared = 0, absolute = 0, clipped_squared = 0, clipped_absolute = 0;
  for (size_t j = 0; j < n; j++) {
    double e = (double)predictions[j] - (double)truths[j];
    double c = (double)clip(predictions[j], low, high) - (double)truths[j];
    squared += e * e;
    absolute += fabs(e);
    clipped_squared += c * c;
    clipped_absolute += fabs(c);
  }
  sums[0] += squared;
  sums[1] += absolute;
  sums[2] += clipped_squared;
  sums[3] += clipped_absolute;
}

void ck_error_sums_by_user(const float *predictions, const float *truths, const int32_t *users,
                           size_t n, float low, float high, double *sums) {
  for (size_t j = 0; j < n; j++) {
    double e = (double)predictions[j] - (double)truths[j];
    double c = (double)clip(predictions[j], low, high) - (double)truths[j];
    double *own = sums + 4 * (size_t)users[j];
    own[0] += e * e;
    own[1] += fabs(e);
    own[2] += c * c;
    own[3] += fabs(c);
  }
}
