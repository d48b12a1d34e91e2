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

#endif
