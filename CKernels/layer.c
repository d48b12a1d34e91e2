// Layers of networks: dispatch of layer_body.inc.
#include "ck_layer.h"

#include "ck_isa.h"
#include "ck_random.h"

#include <math.h>

#define CK_BODY "layer_body.inc"
#include "variants.inc"

void ck_layer_gather(const float *table, size_t table_stride, const int32_t *id, size_t rows,
                     size_t width, float *out, size_t stride) {
  CK_DISPATCH(layer_gather, table, table_stride, id, rows, width, out, stride);
}

void ck_layer_join(const ck_layer_view *inputs, size_t count, const float *bias, int adds,
                   ck_layer_shape shape, size_t rows, size_t width, float *out, size_t stride) {
  CK_DISPATCH(layer_join, inputs, count, bias, adds, shape, rows, width, out, stride);
}

void ck_layer_join_back(const float *y, size_t y_stride, ck_layer_shape shape, size_t rows,
                        size_t width, float *d, size_t stride, float *bias_gradient) {
  CK_DISPATCH(layer_join_back, y, y_stride, shape, rows, width, d, stride, bias_gradient);
}

void ck_layer_pass(const float *d, size_t d_stride, size_t rows, size_t width, int adds, float *out,
                   size_t stride, size_t out_width) {
  CK_DISPATCH(layer_pass, d, d_stride, rows, width, adds, out, stride, out_width);
}

void ck_layer_product(ck_layer_view a, ck_layer_view b, int adds, size_t rows, float *out,
                      size_t stride) {
  CK_DISPATCH(layer_product, a, b, adds, rows, out, stride);
}

void ck_layer_inner(ck_layer_view a, ck_layer_view b, int adds, size_t rows, float *out,
                    size_t stride) {
  CK_DISPATCH(layer_inner, a, b, adds, rows, out, stride);
}

void ck_layer_dropout(ck_layer_view x, uint64_t key, uint64_t first, float rate, int adds,
                      size_t rows, float *out, size_t stride) {
  CK_DISPATCH(layer_dropout, x, key, first, rate, adds, rows, out, stride);
}

void ck_layer_collect(const float *d, size_t d_stride, const int32_t *start, const int32_t *source,
                      size_t segments, size_t width, int adds, float *out, size_t stride) {
  CK_DISPATCH(layer_collect, d, d_stride, start, source, segments, width, adds, out, stride);
}

void ck_layer_members(const float *table, size_t width, const int32_t *offsets,
                      const int32_t *members, const int32_t *id, size_t rows, float *out,
                      size_t stride) {
  CK_DISPATCH(layer_members, table, width, offsets, members, id, rows, out, stride);
}

void ck_layer_members_back(const float *d, size_t stride, size_t width, const int32_t *offsets,
                           const int32_t *members, const int32_t *id, size_t rows,
                           float *gradient) {
  CK_DISPATCH(layer_members_back, d, stride, width, offsets, members, id, rows, gradient);
}

void ck_layer_column_sums(const float *d, size_t stride, size_t rows, size_t width, float *column) {
  CK_DISPATCH(layer_column_sums, d, stride, rows, width, column);
}

void ck_layer_total(const float *parts, size_t count, size_t stride, size_t width, float *out) {
  CK_DISPATCH(layer_total, parts, count, stride, width, out);
}

void ck_layer_relu_scores(const float *A, size_t a_stride, size_t users, const float *B,
                          size_t b_stride, size_t items, const float *w, size_t lanes, float *out,
                          size_t out_stride) {
  CK_DISPATCH(layer_relu_scores, A, a_stride, users, B, b_stride, items, w, lanes, out, out_stride);
}
