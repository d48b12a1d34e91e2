// Products of a sparse matrix with a dense one: dispatch of sparse_body.inc.
#include "ck_isa.h"
#include "ck_sparse.h"

#define CK_BODY "sparse_body.inc"
#include "variants.inc"

void ck_sparse_multiply(const int32_t *offsets, const int32_t *columns, const float *values,
                        size_t first, size_t last, const float *dense, size_t stride, float *out) {
  CK_DISPATCH(sparse_multiply, offsets, columns, values, first, last, dense, stride, out);
}
