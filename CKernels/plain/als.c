// Alternating least squares: sizes of the scratch, and the three kinds of solutions.
#include "../shared/als_shape.h"
#include "../shared/kernels.h"

size_t ck_als_scratch_bytes(size_t factors, bool biased) {
  size_t vector = active_kernels()->vector;
  als_shape shape = als_shape_of(factors, biased, vector);
  size_t floats = shape.panel * shape.width + (vector + 1) * shape.height * shape.width +
                  (shape.edge + 2) * shape.edge * vector;
  return round_up(floats * sizeof(float), 64);
}

size_t ck_als_iterate_bytes(size_t factors, bool biased) {
  return 6 * sizeof(float) * round_up(factors + (biased ? 2 : 0), 16);
}

size_t ck_als_solve(const ck_als_side *side, size_t first, size_t last, float *rows,
                    double *squared, void *scratch) {
  return ck_als_solve_rows(side, NULL, NULL, first, last, rows, squared, scratch);
}

size_t ck_als_sample(const ck_als_side *side, const ck_als_prior *prior, size_t first, size_t last,
                     float *rows, double *squared, void *scratch) {
  return ck_als_solve_rows(side, prior, NULL, first, last, rows, squared, scratch);
}

size_t ck_als_expect(const ck_als_side *side, const ck_als_prior *prior,
                     const ck_als_spread *spread, size_t first, size_t last, float *rows,
                     double *squared, void *scratch) {
  return ck_als_solve_rows(side, prior, spread, first, last, rows, squared, scratch);
}
