/// Matrix products of narrow layers, whose weights fit the first- or second-level cache.
///
/// A product of a few hundred rows with a matrix of some 50 by 100 is over before a BLAS has earned
/// back what it spends on packing both sides and on clearing the result. Here rows are read where they
/// lie, weights are packed a panel of two vectors at a time, and sums stay in registers. Columns that
/// would fill no more than a quarter of a vector are dot products instead: 50 columns are 48 and 2, not
/// 56, nor 64 with AVX-512.
///
/// All: threads are safe on disjoint outputs; nothing can fail; a result depends on its own row (of
/// gradients: on the rows, in their order) and on the sizes alone. Cost: 2·rows·inner·columns flops, at
/// 80 to 90 % of what the multipliers can do for sizes of 64 to 128; wider ones leave the cache.
#ifndef CK_DENSE_H
#define CK_DENSE_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Y = X·W, or += where `adds`: y[r, c] = Σ_k x[r, k] · w[k · w_row + c · w_column].
///
///   x  [rows, inner]    rows x_stride apart
///   w  [inner, columns] any strides, so that it may be read transposed
///   y  [rows, columns]  rows y_stride apart, no overlap with x or w
void ck_dense_multiply(const float *x, size_t x_stride, size_t rows, size_t inner, const float *w,
                       size_t w_row, size_t w_column, size_t columns, int adds, float *y,
                       size_t y_stride);

/// The gradient of weights: G = Xᵀ·D.
///
///   x  [rows, inner]    rows x_stride apart
///   d  [rows, columns]  rows d_stride apart
///   g  [inner, columns] dense
///
/// Both x and d are 64-byte aligned, their strides multiples of 16, each row readable (its values do
/// not matter) up to a multiple of 16 floats.
void ck_dense_gradient(const float *x, size_t x_stride, const float *d, size_t d_stride,
                       size_t rows, size_t inner, size_t columns, float *g);

#ifdef __cplusplus
}
#endif
#endif
