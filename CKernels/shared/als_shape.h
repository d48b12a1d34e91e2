// How the normal matrices of alternating least squares lie in memory.
#ifndef ALS_SHAPE_H
#define ALS_SHAPE_H

#include "ck_als.h"

#include <stdbool.h>
#include <stddef.h>

/// How one row's augmented normal matrix lies in memory, for vectors of some width.
///
/// Lanes of a panel's row: the factors, then `extra` (the constant 1 of the bias; without biases
/// the target) and `target`, behind the factors where their last vector has room, else in vectors
/// of their own. The unknowns are the lanes before `target`.
///
/// Elements of the lower triangle lie above the diagonal, in the row of the earlier lane; those of the lanes
/// from `tail` on, few enough to fill no more than half a vector, in their own rows as far as the
/// whole vectors reach. 50 factors of 16 lanes are 48 columns, and with the extras 4 rows: three
/// quarters of what 52 lanes in four vectors would take.
typedef struct als_shape {
  size_t vectors;  // of columns: of the factors, and of the extras where there is room
  size_t tail;     // first lane that is no column: rows of the matrix from there on
  size_t across;   // vectors of such a row: `vectors`, and their own where factors are among them
  size_t extra;    // lane of the constant, where there are biases
  size_t target;   // lane of the target
  size_t width;    // floats of a panel's row and of a matrix's
  size_t blocked;  // rows of the matrix that are summed as blocks of 8, rounded down to used lanes
  size_t height;   // rows of the matrix in memory
  size_t unknowns; // = target
  size_t edge;     // rows of a column of the interleaved systems
  size_t panel;    // ratings gathered at a time
} als_shape;

static inline size_t round_up(size_t n, size_t unit) { return (n + unit - 1) / unit * unit; }

static inline als_shape als_shape_of(size_t factors, bool biased, size_t vector) {
  als_shape shape = {0};
  size_t extras = biased ? 2 : 1, unit = vector < 8 ? 8 : vector;
  size_t padded = round_up(factors, unit);
  size_t whole = factors / unit * unit, rest = factors - whole + extras;
  bool fits = padded - factors >= extras, halved = factors > whole && rest <= vector / 2;
  shape.vectors = (halved ? whole : padded) / vector;
  shape.tail = shape.vectors * vector;
  shape.across = shape.vectors + (halved ? 1 : 0);
  shape.extra = fits ? factors : padded;
  shape.target = shape.extra + extras - 1;
  shape.unknowns = shape.target;
  shape.blocked = halved ? whole : fits ? shape.target : factors;
  shape.width = round_up(shape.target + 1, unit);
  shape.height = round_up(shape.target + 1, 8);
  shape.edge = shape.width > shape.target + 1 ? shape.width : shape.target + 1;
  // 24 KiB: a panel stays in the first-level cache beside the tile's part of the matrix.
  size_t fitting = (24 << 10) / (shape.width * sizeof(float));
  shape.panel = fitting < 16 ? 16 : fitting;
  return shape;
}

/// Minimisers, or with a prior draws, or with a spread too expectations, of rows first..<last.
/// Returns `last`, or the first row whose system has no solution.
size_t ck_als_solve_rows(const ck_als_side *side, const ck_als_prior *prior,
                         const ck_als_spread *spread, size_t first, size_t last, float *rows,
                         double *squared, void *scratch);

#endif
