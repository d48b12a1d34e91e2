// Rows met at random: dispatch of rows_body.inc.
#include "ck_isa.h"
#include "ck_pair.h"
#include "ck_rows.h"

#define CK_BODY "rows_body.inc"
#include "variants.inc"

void ck_rows_sum(const float *rows, const int32_t *start, const int32_t *source, const int32_t *row,
                 const float *weight, size_t segments, size_t stride, size_t lanes, float *G) {
  if (segments == 0)
    return;
  CK_DISPATCH(rows_sum, rows, start, source, row, weight, segments, stride, lanes, G);
}

void ck_rows_descend(const int32_t *id, const float *G, const float *mask, size_t count,
                     size_t stride, size_t width, size_t lanes, float scale, float rate, float *T) {
  CK_DISPATCH(rows_descend, id, G, mask, count, stride, width, lanes, rate * scale, T);
}

void ck_rows_adagrad(const int32_t *id, const float *G, const float *mask, size_t count,
                     size_t stride, size_t width, size_t lanes, float scale, float rate,
                     float epsilon, float *T, float *A) {
  CK_DISPATCH(rows_adagrad, id, G, mask, count, stride, width, lanes, scale, rate, epsilon, T, A);
}
