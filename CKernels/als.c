// Alternating least squares: shapes of the scratch, dispatch of als_body.inc.
#include "ck_als.h"
#include "ck_isa.h"

#include <math.h>
#include <string.h>

/// How one row's augmented normal matrix lies in memory, for vectors of some width.
///
/// Lanes of a panel's row: the factors, then `extra` (the constant 1 of the bias; without biases
/// the target) and `target`, behind the factors where their last vector has room, else in vectors
/// of their own. The unknowns are the lanes before `target`.
typedef struct als_shape {
  size_t vectors;  // that hold the factors, and the extras where there is room
  size_t extra;    // lane of the constant, where there are biases
  size_t target;   // lane of the target
  size_t width;    // floats of a panel's row and of a matrix's
  size_t blocked;  // rows of the matrix that are summed as blocks of 8, rounded down to used lanes
  size_t height;   // rows of the matrix in memory
  size_t unknowns; // = target
  size_t edge;     // rows of a column of the interleaved systems
  size_t panel;    // ratings gathered at a time
} als_shape;

static size_t round_up(size_t n, size_t unit) { return (n + unit - 1) / unit * unit; }

static als_shape als_shape_of(size_t factors, bool biased, size_t vector) {
  als_shape shape = {0};
  size_t extras = biased ? 2 : 1, unit = vector < 8 ? 8 : vector;
  size_t padded = round_up(factors, unit);
  bool fits = padded - factors >= extras;
  shape.vectors = padded / vector;
  shape.extra = fits ? factors : padded;
  shape.target = shape.extra + extras - 1;
  shape.unknowns = shape.target;
  shape.blocked = fits ? shape.target : factors;
  shape.width = round_up(shape.target + 1, unit);
  shape.height = round_up(shape.target + 1, 8);
  shape.edge = shape.width > shape.target + 1 ? shape.width : shape.target + 1;
  // 24 KiB: a panel stays in the first-level cache beside the tile's part of the matrix.
  size_t fitting = (24 << 10) / (shape.width * sizeof(float));
  shape.panel = fitting < 16 ? 16 : fitting;
  return shape;
}

static float als_penalty(ck_als_penalty penalty, size_t count) {
  return penalty.per_rating * (float)count + penalty.per_row;
}

#define CK_BODY "als_body.inc"
#include "variants.inc"

size_t ck_als_scratch_bytes(size_t factors, bool biased) {
  size_t vector = ck_isa_active() == CK_ISA_AVX512 ? 16 : ck_isa_active() == CK_ISA_AVX2 ? 8 : 4;
  als_shape shape = als_shape_of(factors, biased, vector);
  size_t floats = shape.panel * shape.width + (vector + 1) * shape.height * shape.width +
                  (shape.edge + 2) * shape.edge * vector;
  return round_up(floats * sizeof(float), 64);
}

size_t ck_als_iterate_bytes(size_t factors, bool biased) {
  return 6 * sizeof(float) * round_up(factors + (biased ? 2 : 0), 16);
}

void ck_als_iterate(const ck_als_side *side, size_t first, size_t last, size_t steps, float *rows,
                    double *squared, void *scratch) {
  CK_DISPATCH(als_iterate, side, first, last, steps, rows, squared, scratch);
}

static void solve(const ck_als_side *side, const ck_als_prior *prior, const ck_als_spread *spread,
                  size_t first, size_t last, float *rows, double *squared, float *scratch,
                  size_t *solved) {
  CK_DISPATCH(als_solve, side, prior, spread, first, last, rows, squared, scratch, solved);
}

size_t ck_als_solve(const ck_als_side *side, size_t first, size_t last, float *rows,
                    double *squared, void *scratch) {
  size_t solved = last;
  solve(side, NULL, NULL, first, last, rows, squared, scratch, &solved);
  return solved;
}

size_t ck_als_sample(const ck_als_side *side, const ck_als_prior *prior, size_t first, size_t last,
                     float *rows, double *squared, void *scratch) {
  size_t solved = last;
  solve(side, prior, NULL, first, last, rows, squared, scratch, &solved);
  return solved;
}

size_t ck_als_expect(const ck_als_side *side, const ck_als_prior *prior,
                     const ck_als_spread *spread, size_t first, size_t last, float *rows,
                     double *squared, void *scratch) {
  size_t solved = last;
  solve(side, prior, spread, first, last, rows, squared, scratch, &solved);
  return solved;
}

void ck_als_moments(const int32_t *offsets, size_t first, size_t last, const float *rows,
                    size_t stride, size_t lanes, double *moments) {
  CK_DISPATCH(als_moments, offsets, first, last, rows, stride, lanes, moments);
}
