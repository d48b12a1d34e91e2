/// The bootstrap over users: how often each user is drawn in a resample, and sums under those
/// weights.
///
/// Weights are independent Poisson(1) counts (the Poisson bootstrap: Chamandy, Muralidharan, Najmi,
/// Naidu 2012), a function of (key, resample, user). Metrics are ratios of sums, so that the
/// resample's size, which is only n on average, cancels.
#ifndef CK_BOOTSTRAP_H
#define CK_BOOTSTRAP_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Draws the weights of all users in one resample.
///
///   key      from ck_random_key
///   weights  [users] bytes, overwritten, each at most 8
///
/// Probabilities are those of Poisson(1) rounded to 2^-16. Cost: a hash every fourth user.
/// Threads: any resample on its own. Cannot fail.
void ck_bootstrap_weights(uint64_t key, uint64_t resample, size_t users, uint8_t *weights);

/// Weighted sums of resamples:  sums[b, c] = Σ_u weights[b, u] · x[u, c]
///
///   weights  [resamples, users] bytes
///   x        [users, columns] float64   columns even
///   sums     [resamples, columns] float64, overwritten
///
/// Users are added in order, so that a resample's sums do not depend on those beside it.
/// Cost: resamples·users·columns multiply-adds; x read once. Threads: safe on disjoint resamples.
/// Cannot fail.
void ck_bootstrap_sums(const uint8_t *weights, size_t resamples, const double *x, size_t users,
                       size_t columns, double *sums);

/// Counts the items that some drawn user was recommended: rows with a column of positive weight.
///
///   offsets     [items + 1], recommended [pairs] int32   the users each item was recommended to
///   weights     [users] bytes
///
/// Cost: 1.6 users looked at for each item on average, for a search ends at the first one drawn.
/// Threads: any resample on its own. Cannot fail.
size_t ck_bootstrap_covered(const int32_t *offsets, const int32_t *recommended, size_t items,
                            const uint8_t *weights);

#ifdef __cplusplus
}
#endif
#endif
