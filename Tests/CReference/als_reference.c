// One row of alternating least squares in double precision, by its normal equations and by their
// dual.
#include "CReference.h"

#include <math.h>
#include <stdlib.h>

/// Lane l of the row's partner of a rating: a factor, or the constant 1 behind them.
static double partner(const ref_als_row *row, size_t n, size_t l) {
  double root = row->roots ? row->roots[n] : 1;
  return root * (l < row->factors ? row->fixed[(size_t)row->columns[n] * row->stride + l] : 1);
}

static double target(const ref_als_row *row, size_t n) {
  double other =
      row->biased ? row->fixed[(size_t)row->columns[n] * row->stride + row->other_bias] : 0;
  return (row->roots ? row->roots[n] : 1) * (row->values[n] - other);
}

static double penalty(const ref_als_row *row, size_t l) {
  return l < row->factors ? row->factor_penalty : row->bias_penalty;
}

void ref_eliminate(double *a, size_t n, double *x) {
  for (size_t i = 0; i < n; i++)
    for (size_t j = i + 1; j < n; j++) {
      double factor = a[j * (n + 1) + i] / a[i * (n + 1) + i];
      for (size_t l = i; l <= n; l++)
        a[j * (n + 1) + l] -= factor * a[i * (n + 1) + l];
    }
  for (size_t i = n; i-- > 0;) {
    x[i] = a[i * (n + 1) + n];
    for (size_t j = i + 1; j < n; j++)
      x[i] -= a[i * (n + 1) + j] * x[j];
    x[i] /= a[i * (n + 1) + i];
  }
}

void ref_als_primal(const ref_als_row *row, double *x) {
  size_t lanes = row->factors + (row->biased ? 1 : 0);
  double *a = calloc(lanes * (lanes + 1), sizeof *a);
  for (size_t i = 0; i < lanes; i++) {
    for (size_t n = 0; n < row->count; n++) {
      for (size_t j = 0; j < lanes; j++)
        a[i * (lanes + 1) + j] += partner(row, n, i) * partner(row, n, j);
      a[i * (lanes + 1) + lanes] += partner(row, n, i) * target(row, n);
    }
    a[i * (lanes + 1) + i] += penalty(row, i);
  }
  ref_eliminate(a, lanes, x);
  free(a);
}

void ref_als_dual(const ref_als_row *row, double *x) {
  size_t lanes = row->factors + (row->biased ? 1 : 0), count = row->count;
  double *a = calloc(count * (count + 1), sizeof *a), *y = calloc(count, sizeof *y);
  for (size_t n = 0; n < count; n++) {
    for (size_t m = 0; m < count; m++) {
      for (size_t l = 0; l < lanes; l++)
        a[n * (count + 1) + m] += partner(row, n, l) * partner(row, m, l) / penalty(row, l);
      a[n * (count + 1) + m] += n == m;
    }
    a[n * (count + 1) + count] = target(row, n);
  }
  ref_eliminate(a, count, y);
  for (size_t l = 0; l < lanes; l++) {
    x[l] = 0;
    for (size_t n = 0; n < count; n++)
      x[l] += partner(row, n, l) * y[n] / penalty(row, l);
  }
  free(a);
  free(y);
}

void ref_als_draw(const ref_als_row *row, const double *P, const double *h, double deviation,
                  const double *z, double *x) {
  size_t lanes = row->factors + (row->biased ? 1 : 0);
  double *a = calloc(lanes * lanes, sizeof *a);
  for (size_t i = 0; i < lanes; i++) {
    x[i] = h[i];
    for (size_t n = 0; n < row->count; n++)
      x[i] += partner(row, n, i) * target(row, n);
    for (size_t j = 0; j <= i; j++) {
      double left = P[i * lanes + j];
      for (size_t n = 0; n < row->count; n++)
        left += partner(row, n, i) * partner(row, n, j);
      for (size_t l = 0; l < j; l++)
        left -= a[i * lanes + l] * a[j * lanes + l];
      a[i * lanes + j] = i == j ? sqrt(left) : left / a[j * lanes + j];
    }
  }
  for (size_t i = 0; i < lanes; i++) {
    for (size_t j = 0; j < i; j++)
      x[i] -= a[i * lanes + j] * x[j];
    x[i] /= a[i * lanes + i];
  }
  for (size_t i = lanes; i-- > 0;) {
    x[i] += deviation * z[i];
    for (size_t j = i + 1; j < lanes; j++)
      x[i] -= a[j * lanes + i] * x[j];
    x[i] /= a[i * lanes + i];
  }
  free(a);
}

double ref_als_expect(const ref_als_row *row, const float *spread, const double *P, const double *h,
                      double deviation, double *x, double *variances) {
  size_t lanes = row->factors + (row->biased ? 1 : 0);
  double *a = calloc(lanes * (lanes + 1), sizeof *a), squared = 0;
  for (size_t i = 0; i < lanes; i++) {
    a[i * (lanes + 1) + lanes] = h[i];
    for (size_t j = 0; j < lanes; j++)
      a[i * (lanes + 1) + j] = P[i * lanes + j];
    for (size_t n = 0; n < row->count; n++) {
      double root = row->roots ? row->roots[n] : 1;
      for (size_t j = 0; j < lanes; j++)
        a[i * (lanes + 1) + j] += partner(row, n, i) * partner(row, n, j);
      a[i * (lanes + 1) + lanes] += partner(row, n, i) * target(row, n);
      if (i < row->factors)
        a[i * (lanes + 1) + i] += root * root * spread[(size_t)row->columns[n] * row->stride + i];
    }
    variances[i] = deviation * deviation / a[i * (lanes + 1) + i];
  }
  ref_eliminate(a, lanes, x);
  for (size_t n = 0; n < row->count; n++) {
    const float *s = spread + (size_t)row->columns[n] * row->stride;
    double root = row->roots ? row->roots[n] : 1;
    for (size_t i = 0; i < lanes; i++) {
      double known = i < row->factors ? root * root * s[i] : 0, own = partner(row, n, i);
      squared += known * x[i] * x[i] + (own * own + known) * variances[i];
    }
    squared += row->biased ? root * root * s[row->other_bias] : 0;
  }
  free(a);
  return squared + ref_als_squared(row, x);
}

double ref_als_squared(const ref_als_row *row, const double *x) {
  double squared = 0;
  for (size_t n = 0; n < row->count; n++) {
    double e = target(row, n);
    for (size_t l = 0; l < row->factors + (row->biased ? 1 : 0); l++)
      e -= partner(row, n, l) * x[l];
    squared += e * e;
  }
  return squared;
}
