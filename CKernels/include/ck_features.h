/// What rows of a table are expected to be, as a linear function of sparse features: ridge regression
/// by coordinates, and its Gibbs sampler.
///
/// Row r of the table is centers[r] + mean + what is left, with
///   centers[r, :] = scales[r] · Σ over r's features j of weights[j, :]
/// so that a row's features divide its center between them: of n, scales[r] = 1/√n (Koren 2008).
#ifndef CK_FEATURES_H
#define CK_FEATURES_H

#include "ck_csr.h"
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// residuals[r, :] = rows[r, :] − centers[r, :] − mean,   first <= r < last
///
///   rows, centers, residuals  [*, stride]  64-byte aligned, stride a multiple of 16
///   mean                      [stride]     64-byte aligned
///
/// Cost: two rows read, one written. Threads: safe on disjoint ranges. Cannot fail.
void ck_features_residuals(const float *rows, const float *centers, const float *mean, size_t first,
                           size_t last, size_t stride, float *residuals);

/// Goes once over all features and sets the weights of each, given all others, to
///   g_j / d_j + noise_j / √d_j,   d_j = Σ scales[r]² + ridge,
///   g_j = Σ scales[r]·(residuals[r, :] + scales[r]·weights[j, :]),   sums over the rows r of j,
/// in the lanes lane ..< lane + lanes, and keeps residuals what the weights leave. Without noise that
/// is a step of coordinate descent on Σ residuals² + ridge·Σ weights²; with noise normal of
/// covariance C a step of the Gibbs sampler of rows normal with covariance C around their centers,
/// and weights around 0 with C/ridge.
///
///   by_feature  the rows that have each feature: in range, none twice; a feature of no row keeps its
///               weights
///   scales      [*]
///   ridge       above 0
///   lane        a multiple of 16, lanes at most 16; lanes up to the next multiple of 16 are computed
///               too, and hold zeros or values that nobody reads
///   noise       [features, stride] or NULL
///   residuals   [*, stride], weights [features, stride]: updated; 64-byte aligned
///
/// Cost: each pair of row and feature reads 2·lanes floats and writes lanes, 4·lanes flops.
/// Threads: safe on disjoint lanes. Cannot fail.
void ck_features_sweep(const ck_csr *by_feature, const float *scales, float ridge, size_t lane,
                       size_t lanes, size_t stride, const float *noise, float *residuals,
                       float *weights);

#ifdef __cplusplus
}
#endif
#endif
