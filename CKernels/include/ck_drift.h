/// Series that drift: noisy values at uneven times, smoothed exactly in one pass each way.
///
/// A value of a series at time t is the sum of `parts` independent processes x_k(t) and noise. Each is
/// normal with mean 0 and forgets exponentially (Ornstein and Uhlenbeck 1930):
///   cov(x_k(t), x_k(t')) = variance_k · exp(−|t − t'| · rate_k),   rate_k = 1 / memory in seconds
/// Such processes are Markov, so that the posterior mean given all values of a series, a solve of an
/// n × n system by its definition, costs n steps of a Kalman filter and n of the backward recursion of
/// Bryson and Frazier (1963), which inverts nothing. All arithmetic is in double.
///
/// Series are compressed rows: values offsets[r] to offsets[r + 1] belong to series r, at times in
/// ascending order (equal ones allowed), whose differences fit int64.
#ifndef CK_DRIFT_H
#define CK_DRIFT_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// The most processes that a series may be the sum of.
#define CK_DRIFT_PARTS 4

/// The law of a family of series.
typedef struct ck_drift_law {
  size_t parts;                    // 1 to CK_DRIFT_PARTS
  double rate[CK_DRIFT_PARTS];     // of forgetting, a second: positive
  double variance[CK_DRIFT_PARTS]; // not negative
  double noise;                    // variance of the noise: positive
} ck_drift_law;

/// The terms of the log-likelihood of series first..<last. With v the innovation of a value, its difference
/// from its mean given all values before it, and s the variance of that,
///   sums[0] = Σ log s,  sums[1] = Σ v² / s;  log-likelihood = −½ (sums[0] + sums[1] + n·log 2π)
/// Multiplying all variances of a law by c adds n·log c to the first sum and divides the second by c.
///
///   offsets  [series + 1] int32, times [values] int64, values [values] float32
///   sums     [2]   overwritten
///
/// Cost: 12 bytes, `parts` exponentials and about 4·parts² flops a value. Threads: safe on any ranges.
/// Cannot fail.
void ck_drift_surprise(const ck_drift_law *law, const int32_t *offsets, const int64_t *times,
                       const float *values, size_t first, size_t last, double *sums);

/// Bytes of scratch that ck_drift_smooth needs for series of at most `longest` values.
size_t ck_drift_scratch_bytes(const ck_drift_law *law, size_t longest);

/// The posterior means of all processes at the times of series first..<last.
///
///   states   [values, parts] float32   overwritten for the range's values
///   scratch  as many bytes as ck_drift_scratch_bytes says, aligned for double
///
/// Cost: as ck_drift_surprise twice, and 8·parts·(parts + 4) bytes of scratch a value. Threads: safe on
/// disjoint ranges with scratch of their own. Cannot fail.
void ck_drift_smooth(const ck_drift_law *law, const int32_t *offsets, const int64_t *times,
                     const float *values, size_t first, size_t last, float *states, void *scratch);

/// Posterior means of sums of processes at any times:  out[j] = Σ_k x_k(when[j]) of series row[j]
///
/// Given a process at the two times around, nothing else tells more of it: the mean is
///   x(t) = (sinh(rate·(b − t))·x(a) + sinh(rate·(t − a))·x(b)) / sinh(rate·(b − a)),  a ≤ t ≤ b
/// and before the first and after the last time x decays to 0. A series without times gives 0.
///
///   rates    [parts] double
///   offsets  [series + 1], times, states   as ck_drift_smooth leaves them; of equal times the last counts
///   row      [n] int32    0 <= row[j] < series: checked by the caller
///   when     [n] int64    differences to times fit int64
///   out      [n] float32  overwritten
///
/// Cost: a binary search and 3·parts exponentials each. Threads: safe on disjoint ranges of j. Cannot fail.
void ck_drift_at(const double *rates, size_t parts, const int32_t *offsets, const int64_t *times,
                 const float *states, const int32_t *row, const int64_t *when, size_t n,
                 float *out);

#ifdef __cplusplus
}
#endif
#endif
