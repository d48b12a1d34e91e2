// Rows as linear functions of sparse features: dispatch of features_body.inc.
#include "ck_features.h"
#include "ck_isa.h"

#define CK_BODY "features_body.inc"
#include "variants.inc"

void ck_features_residuals(const float *rows, const float *centers, const float *mean, size_t first,
                           size_t last, size_t stride, float *residuals) {
  CK_DISPATCH(features_residuals, rows, centers, mean, first, last, stride, residuals);
}

void ck_features_sweep(const int32_t *offsets, const int32_t *rows, const float *scales,
                       size_t features, float ridge, size_t lane, size_t lanes, size_t stride,
                       const float *noise, float *residuals, float *weights) {
  CK_DISPATCH(features_sweep, offsets, rows, scales, features, ridge, lane, lanes, stride, noise,
              residuals, weights);
}
