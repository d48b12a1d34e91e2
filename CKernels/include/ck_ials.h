/// Implicit-feedback alternating least squares: rows of one table given the other, where every pair
/// that was not met counts as a 0.
///
/// With the other side's rows q_c fixed, row r, which met the columns S_r, has the minimiser of
///   Σ_{c in S_r} w_c·(1 − p·q_c)²  +  α₀·Σ_{all c} (p·q_c)²  +  λ_r·|p|²
/// (Hu, Koren and Volinsky 2008; weighed as Rendle, Krichene, Zhang and Koren 2022 have it.) The sum
/// over all pairs is pᵀ(α₀·QᵀQ)p. In the basis of QᵀQ's eigenvectors, to which the caller rotates
/// both tables, it is Σ_l s_l·p_l² with s = α₀·eigenvalues: a penalty of each lane.
///
/// There the normal matrix is diag(s + λ_r) + Σ w_c q_c q_cᵀ. Conjugate gradients preconditioned by
/// that diagonal account for all pairs together in their first step, and need further steps only for
/// the row's own columns: from the last sweep's row, two or three steps are as good as exact
/// solutions. No matrix is formed.
#ifndef CK_IALS_H
#define CK_IALS_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// One half of a sweep.
///
///   offsets   [rows + 1] int32      columns[offsets[r] .. offsets[r + 1]) are those that row r met
///   columns   [pairs] int32         rows of `fixed`: in range, checked by the caller
///   weights   [pairs] float32       w of each pair, not negative
///   fixed     [columns, stride]     rows 64-byte aligned, lanes beyond `lanes` zeros
///   lanes, stride                   1 or more; stride a multiple of 16, lanes or more
///   spectrum  [stride] float32      s, not negative; 64-byte aligned
///   penalties [rows] float32        λ_r, not negative
typedef struct ck_ials_side {
  const int32_t *offsets;
  const int32_t *columns;
  const float *weights;
  const float *fixed;
  size_t lanes;
  size_t stride;
  const float *spectrum;
  const float *penalties;
} ck_ials_side;

/// Bytes of scratch for ck_ials_iterate.
size_t ck_ials_scratch_bytes(size_t stride);

/// Moves rows first..<last towards their minimisers by so many steps of conjugate gradients.
///
///   rows       [rows, stride], as `fixed`   where they start, and where they end; a row that met
///                                           nothing gets zeros
///   objective  [rows] float64               overwritten: what is left of the row's own sum above
///   scratch    ck_ials_scratch_bytes, 64-byte aligned, contents irrelevant
///
/// Sums run in an order fixed by the row alone. Cost: a pair's row read and 4·lanes flops, steps + 1
/// times. Threads: safe on disjoint ranges of rows, each with a scratch of its own. Cannot fail:
/// lanes without spectrum and penalty stay as they are.
void ck_ials_iterate(const ck_ials_side *side, size_t first, size_t last, size_t steps, float *rows,
                     double *objective, void *scratch);

#ifdef __cplusplus
}
#endif
#endif
