// Cutting rows into a train and a test part. The header is the contract.
#include "ck_split.h"

#include "ck_random.h"

void ck_split_shuffle(int32_t *order, size_t n, uint64_t key) {
  for (size_t left = n; left > 1; left--) {
    size_t pick = (size_t)ck_random_below(key, left, left);
    int32_t row = order[left - 1];
    order[left - 1] = order[pick];
    order[pick] = row;
  }
}

void ck_split_histogram(uint64_t key, size_t first, size_t last, int32_t *counts) {
  for (size_t row = first; row < last; row++)
    counts[ck_random_bits(key, row) >> 48]++;
}

size_t ck_split_bucket(uint64_t key, size_t first, size_t last, uint32_t bucket, int32_t *rows) {
  size_t found = 0;
  for (size_t row = first; row < last; row++)
    if (ck_random_bits(key, row) >> 48 == bucket)
      rows[found++] = (int32_t)row;
  return found;
}

void ck_split_choose(uint64_t key, size_t first, size_t last, uint32_t bucket, uint8_t *chosen) {
  for (size_t row = first; row < last; row++)
    chosen[row] = ck_random_bits(key, row) >> 48 < bucket;
}

size_t ck_split_count(const uint8_t *chosen, size_t first, size_t last, uint8_t wanted) {
  size_t count = 0;
  for (size_t row = first; row < last; row++)
    count += chosen[row] == wanted;
  return count;
}

void ck_split_copy(const ck_ratings *rows, size_t first, size_t last, const uint8_t *chosen,
                   uint8_t wanted, ck_columns out, size_t at) {
  const ck_ratings in = *rows;
  for (size_t r = first; r < last; r++) {
    if (chosen[r] != wanted)
      continue;
    out.users[at] = in.users[r];
    out.items[at] = in.items[r];
    out.values[at] = in.values[r];
    if (out.timestamps)
      out.timestamps[at] = in.timestamps[r];
    at++;
  }
}

size_t ck_split_cold(const int32_t *users, const int32_t *items, size_t n, const uint8_t *user_seen,
                     const uint8_t *item_seen) {
  size_t cold = 0;
  for (size_t r = 0; r < n; r++)
    cold += !(user_seen[users[r]] && item_seen[items[r]]);
  return cold;
}

void ck_split_mark(const int32_t *keys, size_t first, size_t last, uint8_t *seen) {
  for (size_t r = first; r < last; r++)
    __atomic_store_n(&seen[keys[r]], 1, __ATOMIC_RELAXED);
}
