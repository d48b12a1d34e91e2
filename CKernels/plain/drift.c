// Series that drift: the likelihood, the posterior mean at the times known and between them.
#include "ck_drift.h"
#include <math.h>

// The mean and the covariance of the processes, [parts] and [parts, CK_DRIFT_PARTS].
typedef struct moments {
  double mean[CK_DRIFT_PARTS];
  double covariance[CK_DRIFT_PARTS][CK_DRIFT_PARTS];
} moments;

static moments stationary(const ck_drift_law *law) {
  moments at = {{0}, {{0}}};
  for (size_t k = 0; k < law->parts; k++)
    at.covariance[k][k] = law->variance[k];
  return at;
}

// Lets `seconds` pass: forgets, towards the stationary variance. decay [parts] is kept for the way back.
static void predict(const ck_drift_law *law, moments *at, double seconds, double *decay) {
  for (size_t k = 0; k < law->parts; k++)
    decay[k] = exp(-seconds * law->rate[k]);
  for (size_t k = 0; k < law->parts; k++) {
    at->mean[k] *= decay[k];
    for (size_t l = 0; l < law->parts; l++)
      at->covariance[k][l] *= decay[k] * decay[l];
    at->covariance[k][k] += law->variance[k] * (1 - decay[k] * decay[k]);
  }
}

// What a value says that was not expected, its variance, and how each process goes with it.
typedef struct innovation {
  double surprise, variance;
  double gain[CK_DRIFT_PARTS]; // covariance with the value over its variance
} innovation;

static innovation update(const ck_drift_law *law, moments *at, double value) {
  innovation seen = {value, law->noise, {0}};
  for (size_t k = 0; k < law->parts; k++) {
    for (size_t l = 0; l < law->parts; l++)
      seen.gain[k] += at->covariance[k][l];
    seen.surprise -= at->mean[k];
    seen.variance += seen.gain[k];
  }
  for (size_t k = 0; k < law->parts; k++)
    for (size_t l = 0; l < law->parts; l++)
      at->covariance[k][l] -= seen.gain[k] * seen.gain[l] / seen.variance;
  for (size_t k = 0; k < law->parts; k++) {
    seen.gain[k] /= seen.variance;
    at->mean[k] += seen.gain[k] * seen.surprise;
  }
  return seen;
}

void ck_drift_surprise(const ck_drift_law *law, const int32_t *offsets, const int64_t *times,
                       const float *values, size_t first, size_t last, double *sums) {
  double logarithms = 0, squares = 0;
  double decay[CK_DRIFT_PARTS];
  for (size_t r = first; r < last; r++) {
    moments at = stationary(law);
    for (int32_t j = offsets[r]; j < offsets[r + 1]; j++) {
      if (j > offsets[r] && times[j] > times[j - 1])
        predict(law, &at, (double)(times[j] - times[j - 1]), decay);
      innovation seen = update(law, &at, (double)values[j]);
      logarithms += log(seen.variance);
      squares += seen.surprise * seen.surprise / seen.variance;
    }
  }
  sums[0] = logarithms;
  sums[1] = squares;
}

// What the way back needs of a value: the moments before it, what it said, and the decay towards it.
typedef struct step {
  moments before;
  innovation seen;
  double decay[CK_DRIFT_PARTS];
} step;

size_t ck_drift_scratch_bytes(const ck_drift_law *law, size_t longest) {
  (void)law;
  return longest * sizeof(step);
}

void ck_drift_smooth(const ck_drift_law *law, const int32_t *offsets, const int64_t *times,
                     const float *values, size_t first, size_t last, float *states, void *scratch) {
  step *steps = scratch;
  size_t parts = law->parts;
  for (size_t r = first; r < last; r++) {
    size_t start = (size_t)offsets[r], n = (size_t)(offsets[r + 1] - offsets[r]);
    moments at = stationary(law);
    for (size_t j = 0; j < n; j++) {
      for (size_t k = 0; k < parts; k++)
        steps[j].decay[k] = 1;
      if (j > 0 && times[start + j] > times[start + j - 1])
        predict(law, &at, (double)(times[start + j] - times[start + j - 1]), steps[j].decay);
      steps[j].before = at;
      steps[j].seen = update(law, &at, (double)values[start + j]);
    }
    // The gradient of the likelihood of all values from j on by the means before them.
    double later[CK_DRIFT_PARTS] = {0};
    for (size_t j = n; j-- > 0;) {
      const step *s = steps + j;
      double told = s->seen.surprise / s->seen.variance;
      for (size_t k = 0; k < parts; k++)
        told -= s->seen.gain[k] * later[k];
      for (size_t k = 0; k < parts; k++)
        later[k] += told;
      for (size_t k = 0; k < parts; k++) {
        double mean = s->before.mean[k];
        for (size_t l = 0; l < parts; l++)
          mean += s->before.covariance[k][l] * later[l];
        states[(start + j) * parts + k] = (float)mean;
      }
      for (size_t k = 0; k < parts; k++)
        later[k] *= s->decay[k];
    }
  }
}

// sinh(x) / sinh(x + y) for x, y >= 0, not both 0, without overflow.
static double sinh_ratio(double x, double y) {
  return exp(-y) * expm1(-2 * x) / expm1(-2 * (x + y));
}

// The number of a series' times that are not after t.
static int32_t times_until(const int64_t *times, int32_t low, int32_t high, int64_t t) {
  int32_t first = low;
  while (low < high) {
    int32_t middle = low + (high - low) / 2;
    if (times[middle] <= t)
      low = middle + 1;
    else
      high = middle;
  }
  return low - first;
}

void ck_drift_at(const double *rates, size_t parts, const int32_t *offsets, const int64_t *times,
                 const float *states, const int32_t *row, const int64_t *when, size_t n,
                 float *out) {
  for (size_t j = 0; j < n; j++) {
    int32_t first = offsets[row[j]], last = offsets[row[j] + 1];
    int32_t after = first + times_until(times, first, last, when[j]);
    const float *left = after > first ? states + (size_t)(after - 1) * parts : NULL;
    const float *right = after < last ? states + (size_t)after * parts : NULL;
    double passed = left ? (double)(when[j] - times[after - 1]) : 0;
    double ahead = right ? (double)(times[after] - when[j]) : 0;
    double sum = 0;
    for (size_t k = 0; k < parts; k++) {
      double x = passed * rates[k], y = ahead * rates[k];
      // Times so near that the process cannot have moved between them are one.
      if (left && right && x + y > 1e-12)
        sum += sinh_ratio(y, x) * left[k] + sinh_ratio(x, y) * right[k];
      else if (left)
        sum += exp(-x) * left[k];
      else if (right)
        sum += exp(-y) * right[k];
    }
    out[j] = (float)sum;
  }
}
