// One row of implicit-feedback least squares in double precision: its objective, its minimiser, and
// steps of preconditioned conjugate gradients on its normal matrix.
#include "CReference.h"

#include <stdlib.h>

static double partner(const ref_ials_row *row, size_t n, size_t lane) {
  return row->fixed[(size_t)row->columns[n] * row->stride + lane];
}

static double penalty(const ref_ials_row *row, size_t lane) {
  return row->spectrum[lane] + row->penalty;
}

double ref_ials_objective(const ref_ials_row *row, const double *x) {
  double objective = 0;
  for (size_t n = 0; n < row->count; n++) {
    double left = 1;
    for (size_t lane = 0; lane < row->lanes; lane++)
      left -= x[lane] * partner(row, n, lane);
    objective += row->weights[n] * left * left;
  }
  for (size_t lane = 0; lane < row->lanes; lane++)
    objective += penalty(row, lane) * x[lane] * x[lane];
  return objective;
}

/// The normal matrix with the right-hand side as its last column, [lanes, lanes + 1].
static double *system_of(const ref_ials_row *row) {
  size_t lanes = row->lanes;
  double *a = calloc(lanes * (lanes + 1), sizeof *a);
  for (size_t i = 0; i < lanes; i++) {
    for (size_t n = 0; n < row->count; n++) {
      for (size_t j = 0; j < lanes; j++)
        a[i * (lanes + 1) + j] += row->weights[n] * partner(row, n, i) * partner(row, n, j);
      a[i * (lanes + 1) + lanes] += row->weights[n] * partner(row, n, i);
    }
    a[i * (lanes + 1) + i] += penalty(row, i);
  }
  return a;
}

void ref_ials_solve(const ref_ials_row *row, double *x) {
  double *a = system_of(row);
  ref_eliminate(a, row->lanes, x);
  free(a);
}

void ref_ials_iterate(const ref_ials_row *row, size_t steps, double *x) {
  size_t lanes = row->lanes;
  double *a = system_of(row), *r = calloc(3 * lanes, sizeof *r), *p = r + lanes, *image = p + lanes;
  double energy = 0;
  for (size_t i = 0; i < lanes; i++) {
    r[i] = a[i * (lanes + 1) + lanes];
    for (size_t j = 0; j < lanes; j++)
      r[i] -= a[i * (lanes + 1) + j] * x[j];
    p[i] = r[i] / penalty(row, i);
    energy += r[i] * p[i];
  }
  for (size_t step = 0; step < steps && energy > 0; step++) {
    double curvature = 0, before = energy;
    for (size_t i = 0; i < lanes; i++) {
      image[i] = 0;
      for (size_t j = 0; j < lanes; j++)
        image[i] += a[i * (lanes + 1) + j] * p[j];
      curvature += p[i] * image[i];
    }
    energy = 0;
    for (size_t i = 0; i < lanes; i++) {
      x[i] += before / curvature * p[i];
      r[i] -= before / curvature * image[i];
      energy += r[i] * r[i] / penalty(row, i);
    }
    for (size_t i = 0; i < lanes; i++)
      p[i] = r[i] / penalty(row, i) + energy / before * p[i];
  }
  free(a);
  free(r);
}
