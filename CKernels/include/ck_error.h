/// Sums of errors of predicted ratings, raw and clipped to the scale, in double.
///
/// Each set of sums is four float64: Σe², Σ|e|, Σc², Σ|c|, with e = prediction − truth and
/// c = min(max(prediction, low), high) − truth.
#ifndef CK_ERROR_H
#define CK_ERROR_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Sums over all rows:  sums[0..3] += …
///
///   predictions, truths  [n] float32   low <= high
///   sums                 [4] float64   added to
///
/// Cost: 8·n bytes read. Threads: one a set of sums. Cannot fail.
void ck_error_sums(const float *predictions, const float *truths, size_t n, float low, float high,
                   double *sums);

/// Sums by user:  sums[users[j], 0..3] += …, in order of j
///
///   predictions, truths  [n] float32      low <= high
///   users                [n] int32        0 <= users[j] < length of sums: checked by the caller
///   sums                 [users, 4] float64, added to
///
/// Cost: 12·n bytes read, 32 bytes of sums updated a row. Threads: one a table of sums. Cannot
/// fail.
void ck_error_sums_by_user(const float *predictions, const float *truths, const int32_t *users,
                           size_t n, float low, float high, double *sums);

#ifdef __cplusplus
}
#endif
#endif
