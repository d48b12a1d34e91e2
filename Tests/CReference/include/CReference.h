/// Double-precision references for the kernels, written to be read, not to be fast.
#ifndef CREFERENCE_H
#define CREFERENCE_H

#include <stddef.h>
#include <stdint.h>

/// Parses lines of user, item, rating and, unless `timestamp` is NULL, a timestamp, all of them
/// well formed; returns the number of rows. Blank lines hold none.
size_t ref_ingest_parse(const char *bytes, size_t size, const char *delimiter, int64_t *user,
                        int64_t *item, float *rating, int64_t *timestamp);
/// All scores of one user, mean + p·Q[i], and the sum of the terms' magnitudes, which bounds
/// rounding.
void ref_topn_scores(const float *p, const float *Q, size_t items, size_t stride, size_t lanes,
                     float mean, double *scores, double *magnitudes);

/// The damped bias of each row given the other side's; `sums` may be NULL for zeros.
void ref_bias_sweep(const int32_t *offsets, const int32_t *columns, size_t rows, const double *sums,
                    double mean, double damping, const float *other, double *biases);

/// Σe², Σ|e|, Σc², Σ|c| over the rows of one user, or over all rows where `users` is NULL.
void ref_error_sums(const float *predictions, const float *truths, const int32_t *users,
                    int32_t user, size_t n, double low, double high, double *sums);

/// Weighted sums of one resample.
void ref_bootstrap_sums(const uint8_t *weights, const double *x, size_t users, size_t columns,
                        double *sums);

#endif
