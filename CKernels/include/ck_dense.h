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

/// The weights of a layer.
typedef struct ck_dense_weights {
  const float *w; ///< [inner, columns] dense, at any float
  size_t inner;   ///< width of the layer's input
  size_t columns; ///< width of its output
} ck_dense_weights;

/// Y = X·W, or += where `adds`: y[r, c] = Σ_k x[r, k] · w[k, c].
///
/// All may begin at any float; nothing is read or written beyond what is named here.
///
///   x  [rows, inner]    rows x_stride apart
///   y  [rows, columns]  rows y_stride apart, no overlap with x or w
void ck_dense_multiply(const float *x, size_t x_stride, size_t rows,
                       const ck_dense_weights *weights, int adds, float *y, size_t y_stride);

/// The way back: the gradient of weights, G = Xᵀ·D, and that of rows, DX = D·Wᵀ, or += where `adds`.
///
/// Units behind a ReLU that no row turns on have columns of zeros in D (a third of the second layer's,
/// after an epoch of flax-deep): where an eighth has, the others are copied together first, and the
/// zeros cost nothing.
///
/// Rows of x, d and dx are `stride` floats apart, a multiple of 16.
///
///   x   [rows, inner]    may begin at any float; what lies between its rows is read and does not
///                        matter, nothing behind the last row is
///   d   [rows, columns]  64-byte aligned, each row readable (its values do not matter) up to a
///                        multiple of 16 floats
///   g   [inner, columns] dense, at any float; or NULL
///   dx  [rows, inner]    at any float, no overlap with d or w; or NULL
void ck_dense_back(const float *x, const float *d, size_t stride, size_t rows,
                   const ck_dense_weights *weights, float *g, int adds, float *dx);

#ifdef __cplusplus
}
#endif
#endif
