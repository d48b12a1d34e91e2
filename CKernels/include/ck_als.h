/// Alternating least squares and Gibbs sampling: rows of one table given the other, by normal
/// equations.
///
/// With the other side's rows fixed, row r, with ratings of the columns c in S_r, has the minimiser of
///   Σ_{c in S_r} (value_c − other bias_c − b − f·x_c)²  +  (λ·n_r + λ₀)·|f|²  +  (β·n_r + β₀)·b²
/// where x_c are the column's factors, f and b the row's factors and its bias, n_r = |S_r|.
/// Both come from one system: the bias is a factor whose partner is the constant 1.
///
/// Each row's normal matrix, with the right-hand side as one more column and the targets' sum of
/// squares in the corner, is summed in tiles that stay in registers. As many rows as a vector has
/// lanes are then factored side by side, one to a lane (Cholesky), so that square roots and the
/// short loops at a matrix's edge cost a row only its share. Up to a quarter as many are factored one by
/// one, by the same operations in the same order: a newcomer takes a sixth of a group's time.
///
/// A row with fewer ratings than factors has a dual form, a system as large as its ratings are many.
/// It is not used: of a sweep over the full anime set at k 64, the 32,000 of 66,000 users with up to
/// 32 ratings take a tenth (2.5 to 4.6 µs each), and their dual systems alone, the same kernel on the
/// transposed problem, 0.6 to 2.1 µs. The 7 % to be gained (5 % at k 50) would have to pay for
/// the transposed gather and for multiplying back.
#ifndef CK_ALS_H
#define CK_ALS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// λ and λ₀ of a group of lanes: the penalty on a row of n ratings is (per_rating·n +
/// per_row)·|·|².
typedef struct ck_als_penalty {
  float per_rating;
  float per_row;
} ck_als_penalty;

/// One half of a sweep: the ratings by row, and how rows are laid out.
///
///   offsets  [rows + 1] int32     columns[offsets[r] .. offsets[r + 1]) are those that row r rated
///   columns  [ratings] int32      row of `fixed` of each rating: in range, checked by the caller
///   values   [ratings] float32    rating less the mean
///   fixed    [columns, stride]    rows 64-byte aligned: [factors, …] and, with biases, the other
///                                 side's bias in lane `other_bias`
///   factors, stride               1 or more lanes of factors or, with biases, 0; stride a multiple
///                                 of 16, factors + 2 (without biases: factors) or more
///   biased                        whether rows have biases: lanes own_bias and other_bias, which
///                                 are `factors` and `factors + 1` in either order
///   factor_penalty, bias_penalty  λ, λ₀ and β, β₀; not negative
///   centers  [rows, stride], laid out as the rows, or NULL: what is expected of each row. Rows are
///                                 solved for, penalised and drawn as deviations from it, and a row
///                                 returned is the sum; lanes that are not solved for count as 0
///   row_roots, column_roots       [rows], [columns] or NULL for ones: roots of weights, positive.
///                                 The squared error of row r's rating of c counts
///                                 (row_roots[r]·column_roots[c])² times
/// ck_als_iterate reads neither centers nor roots.
typedef struct ck_als_side {
  const int32_t *offsets;
  const int32_t *columns;
  const float *values;
  const float *fixed;
  size_t factors;
  size_t stride;
  bool biased;
  size_t own_bias;
  size_t other_bias;
  ck_als_penalty factor_penalty;
  ck_als_penalty bias_penalty;
  const float *centers;
  const float *row_roots;
  const float *column_roots;
} ck_als_side;

/// Bytes of scratch for a call with so many factors on the instruction set in use, a multiple of 64.
size_t ck_als_scratch_bytes(size_t factors, bool biased);

/// Sets rows first..<last to their minimisers.
///
///   rows     [rows, stride], as `fixed`   factors and the bias in lane own_bias are overwritten; a
///                                         row without ratings gets zeros, or its center
///   squared  [rows] float64               overwritten: of each row, Σ over its ratings of the
///                                         squared error that is left, weighted
///   scratch  ck_als_scratch_bytes, 64-byte aligned, contents irrelevant
///
/// Returns `last`, or the first row whose normal matrix is not positive definite in float32 (a
/// penalty of 0, or next to it, and too few ratings); rows from there on are then not all set.
/// Sums run in an order fixed by the row alone.
/// Cost, with k factors: per rating k·4 bytes gathered and about (k + 2)² flops; per row about
/// (k + 2)³/3 flops. Threads: safe on disjoint ranges of rows, each with a scratch of its own.
size_t ck_als_solve(const ck_als_side *side, size_t first, size_t last, float *rows,
                    double *squared, void *scratch);

/// Bytes of scratch for ck_als_iterate.
size_t ck_als_iterate_bytes(size_t factors, bool biased);

/// Moves rows first..<last towards their minimisers: so many steps of conjugate gradients from where
/// they are, preconditioned by the diagonal of the normal matrix, which is not formed (Takács,
/// Pilászy, Tikk 2011). Lanes of a row beyond those named are zeros in `rows` and `fixed`, and lane
/// other_bias of `rows` and own_bias of `fixed` are 1.
///
///   rows, squared  as in ck_als_solve; a row without ratings gets zeros
///   scratch        ck_als_iterate_bytes, 64-byte aligned, contents irrelevant
///
/// Cost: a rating's row read and 4·lanes flops, steps + 1 times. Threads: as ck_als_solve. Cannot
/// fail: what the ratings do not determine stays as it was.
void ck_als_iterate(const ck_als_side *side, size_t first, size_t last, size_t steps, float *rows,
                    double *squared, void *scratch);

/// What is known of a row before its ratings, and of a rating given both rows: the row is normal
/// with mean m and precision Λ, a rating with variance 1/α. Unknowns are the factors and, with
/// biases, the bias behind them: factors + 1 of them, or factors.
///
///   precision      [unknowns, unknowns]  Λ/α, symmetric and positive definite
///   weighted_mean  [unknowns]            Λm/α
///   deviation                            1/√α
typedef struct ck_als_prior {
  const double *precision;
  const double *weighted_mean;
  double deviation;
} ck_als_prior;

/// Draws rows first..<last from their distribution given the other side's (Salakhutdinov and Mnih
/// 2008, eq. 11): with X the partners of the row's ratings t and A = XᵀX + Λ/α, normal with mean
/// A⁻¹(Xᵀt + Λm/α) and covariance A⁻¹/α, drawn as A's L⁻ᵀ(L⁻¹(Xᵀt + Λm/α) + z/√α).
///
///   side     as above; penalties are not read
///   rows     in lanes of factors and lane own_bias, z on entry, standard normal numbers (zeros: to
///            get the mean), the draw on return; a row without ratings is drawn from the prior
///            (around its center)
///   squared, scratch, the rest, and what is returned as for ck_als_solve
size_t ck_als_sample(const ck_als_side *side, const ck_als_prior *prior, size_t first, size_t last,
                     float *rows, double *squared, void *scratch);

/// Variances of the unknowns in rows that are known in distribution, tables laid out as the rows.
///
///   fixed  [columns, stride]  of each unknown of the columns; read in lanes of factors and other_bias
///   rows   [rows, stride]     overwritten in lanes of factors and own_bias
typedef struct ck_als_spread {
  const float *fixed;
  float *rows;
} ck_als_spread;

/// Sets rows first..<last to their means in a mean-field posterior (Raiko, Ilin and Karhunen 2007),
/// and their variances: of distributions in which all unknowns of all rows are independent, the one
/// nearest to the posterior as far as these rows go, given the other side's.
///
/// With s_c the variances of a column's unknowns, A = Σ weight·(x_c x_cᵀ + diag s_c) + Λ/α, the mean is
/// A⁻¹(Xᵀt + Λm/α) and an unknown's variance 1/(α A_ii). s_c of the bias's partner, 1, is 0.
///
///   side, prior, scratch, and what is returned as for ck_als_sample
///   rows     means; a row without ratings gets the prior's (around its center)
///   squared  of each row, Σ over its ratings of the expected squared error, weighted
///
/// Cost: that of ck_als_sample, and per rating k·4 bytes more gathered and 2k flops.
size_t ck_als_expect(const ck_als_side *side, const ck_als_prior *prior,
                     const ck_als_spread *spread, size_t first, size_t last, float *rows,
                     double *squared, void *scratch);

/// Adds up products of lanes: moments[i, j] += Σ rows[r, i]·rows[r, j], j <= i, over the rows
/// first..<last that have ratings.
///
///   offsets  [rows + 1], as in ck_als_side
///   rows     [rows, stride]
///   moments  [lanes, lanes] float64; elements right of the diagonal are not touched
///
/// Cost: lanes² flops a row. Threads: safe on disjoint moments. Cannot fail.
void ck_als_moments(const int32_t *offsets, size_t first, size_t last, const float *rows,
                    size_t stride, size_t lanes, double *moments);

#ifdef __cplusplus
}
#endif
#endif
