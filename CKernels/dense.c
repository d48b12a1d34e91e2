// Products of narrow layers: dispatch of dense_body.inc.
#include "ck_dense.h"

#include "ck_isa.h"

#include <stdbool.h>

#define CK_BODY "dense_body.inc"
#include "variants.inc"

void ck_dense_multiply(const float *x, size_t x_stride, size_t rows, size_t inner, const float *w,
                       size_t columns, int adds, float *y, size_t y_stride) {
  CK_DISPATCH(dense_multiply, x, x_stride, rows, inner, w, columns, adds, y, y_stride);
}

void ck_dense_back(const float *x, const float *d, size_t stride, size_t rows, const float *w,
                   size_t inner, size_t columns, float *g, int adds, float *dx) {
  CK_DISPATCH(dense_back, x, d, stride, rows, w, inner, columns, g, adds, dx);
}
