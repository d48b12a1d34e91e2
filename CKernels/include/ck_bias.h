/// Damped biases of the baseline μ + b_u + b_i (Koren 2010, section 2.1): one side given the other.
///
/// With the other side's biases fixed, row r of n_r ratings has the minimiser
///   b_r = (Σ rating − n_r·mean − Σ_c other[c]) / (n_r + damping)
/// The ratings enter through their sum alone, so a sweep reads nothing but the column indices.
#ifndef CK_BIAS_H
#define CK_BIAS_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Sums ratings by key:  sums[keys[j]] += ratings[j], in order of j
///
///   keys     [n] int32     0 <= keys[j] < length of sums: checked by the caller
///   ratings  [n] float32
///   sums     [rows] float64, added to
///
/// Cost: 8·n bytes read, n double additions. Threads: one a table of sums. Cannot fail.
void ck_bias_sums(const int32_t *keys, const float *ratings, size_t n, double *sums);

/// Sets the biases of rows first..<last to their minimiser.
///
///   offsets  [rows + 1], columns [ratings] int32   the rated columns of each row, in any order
///   sums     [rows] float64    from ck_bias_sums; NULL: zeros (with mean 0: the linear part alone)
///   other    [columns] float32 biases of the other side
///   biases   [rows] float32    overwritten in the range; a row without ratings gets 0
///
/// Sums run in double, in an order fixed by the row alone. damping >= 0.
/// Cost: 4 bytes of index, one gathered float and one addition a rating. Threads: safe on disjoint
/// ranges of rows. Cannot fail.
void ck_bias_sweep(const int32_t *offsets, const int32_t *columns, size_t first, size_t last,
                   const double *sums, double mean, double damping, const float *other,
                   float *biases);

#ifdef __cplusplus
}
#endif
#endif
