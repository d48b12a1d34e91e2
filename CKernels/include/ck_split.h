/// Cutting rows into a train and a test part. Draws are counter-based (ck_random.h): a user's cut
/// depends on the key, the user and the number of their rows alone.
#ifndef CK_SPLIT_H
#define CK_SPLIT_H

#include "ck_columns.h"

#ifdef __cplusplus
extern "C" {
#endif

/// Shuffles order[0, n) in place (Fisher and Yates) with the draws of `key`.
void ck_split_shuffle(int32_t *order, size_t n, uint64_t key);

/// Histogram of the high 16 bits of each row's draw: counts[draw(row) >> 48] += 1 for rows
/// [first, last); counts has 65,536 places.
void ck_split_histogram(uint64_t key, size_t first, size_t last, int32_t *counts);

/// The rows of [first, last) whose draw has `bucket` as its high 16 bits, ascending; `rows` has
/// room for them. Returns how many.
size_t ck_split_bucket(uint64_t key, size_t first, size_t last, uint32_t bucket, int32_t *rows);

/// chosen[row] = 1 for rows of [first, last) whose draw's high 16 bits are below `bucket`, else 0.
void ck_split_choose(uint64_t key, size_t first, size_t last, uint32_t bucket, uint8_t *chosen);

/// The number of rows of [first, last) with chosen[row] = wanted.
size_t ck_split_count(const uint8_t *chosen, size_t first, size_t last, uint8_t wanted);

/// Copies the rows of [first, last) with chosen[row] = wanted to `out` from place `at`, in order.
void ck_split_copy(const ck_ratings *rows, size_t first, size_t last, const uint8_t *chosen,
                   uint8_t wanted, ck_columns out, size_t at);

/// The number of rows whose user or item is not marked: user_seen[users[r]] = 0 or
/// item_seen[items[r]] = 0.
size_t ck_split_cold(const int32_t *users, const int32_t *items, size_t n, const uint8_t *user_seen,
                     const uint8_t *item_seen);

/// seen[keys[r]] = 1, by relaxed atomic stores.
void ck_split_mark(const int32_t *keys, size_t first, size_t last, uint8_t *seen);

#ifdef __cplusplus
}
#endif
#endif
