// Orders of a batch's ratings, by counting sort.
#include "ck_order.h"
#include "ck_random.h"

#include <string.h>

// Rows walked through the network side by side.
#define SIDE_BY_SIDE 256

/// place[n] = ck_random_permute(key, first + n, N) for n < count <= SIDE_BY_SIDE, N >= 2.
///
/// A walk ends where it falls below N, after up to four times through on average: followed one by
/// one, each end is a branch guessed wrong. All go through once, then all those left, and so on.
static void permute(uint64_t key, size_t first, size_t count, size_t N, uint64_t *place) {
  const unsigned half = ck_random_half_bits(N);
  uint32_t left[SIDE_BY_SIDE];
  for (size_t n = 0; n < count; n++) {
    place[n] = first + n;
    left[n] = (uint32_t)n;
  }
  while (count > 0) {
    size_t outside = 0;
    for (size_t n = 0; n < count; n++) {
      const uint32_t who = left[n];
      place[who] = ck_random_feistel(key, place[who], half);
      left[outside] = who;
      outside += place[who] >= N;
    }
    count = outside;
  }
}

void ck_order_batches(uint64_t key, int shuffled, size_t first, size_t count, size_t N,
                      size_t batch_size, uint32_t *batch) {
  if (!shuffled || N < 2) {
    for (size_t r = first; r < first + count; r++)
      batch[r] = (uint32_t)(r / batch_size);
    return;
  }
  uint64_t place[SIDE_BY_SIDE];
  for (size_t done = 0; done < count; done += SIDE_BY_SIDE) {
    size_t rows = count - done < SIDE_BY_SIDE ? count - done : SIDE_BY_SIDE;
    permute(key, first + done, rows, N, place);
    for (size_t n = 0; n < rows; n++)
      batch[first + done + n] = (uint32_t)(place[n] / batch_size);
  }
}

void ck_order_count(const uint32_t *batch, const int32_t *order, size_t first, size_t count,
                    size_t batches, int32_t *counts) {
  memset(counts, 0, batches * sizeof(int32_t));
  for (size_t n = first; n < first + count; n++)
    counts[batch[order ? (size_t)order[n] : n]]++;
}

void ck_order_deal(const uint32_t *batch, const int32_t *order, size_t first, size_t count,
                   const ck_ratings *rows, int32_t *next, ck_columns plan) {
  const ck_ratings in = *rows;
  for (size_t n = first; n < first + count; n++) {
    size_t r = order ? (size_t)order[n] : n;
    size_t place = (size_t)next[batch[r]]++;
    plan.users[place] = in.users[r];
    plan.items[place] = in.items[r];
    plan.values[place] = in.values[r];
  }
}

size_t ck_order_runs(const int32_t *keys, size_t count, int32_t *id, int32_t *start) {
  size_t runs = 0;
  for (size_t n = 0; n < count; n++) {
    if (n > 0 && keys[n] == keys[n - 1])
      continue;
    id[runs] = keys[n];
    start[runs++] = (int32_t)n;
  }
  start[runs] = (int32_t)count;
  return runs;
}

size_t ck_order_by_item(const int32_t *items, size_t count, const int32_t *user_start, size_t users,
                        size_t item_count, int32_t *counters, const ck_order_entries *out) {
  const ck_order_entries to = *out;
  memset(counters, 0, item_count * sizeof(int32_t));
  for (size_t n = 0; n < count; n++)
    counters[items[n]]++;
  size_t distinct = 0;
  int32_t place = 0;
  for (size_t item = 0; item < item_count; item++) {
    int32_t rows = counters[item];
    if (rows == 0)
      continue;
    to.id[distinct] = (int32_t)item;
    to.start[distinct++] = place;
    counters[item] = place;
    place += rows;
  }
  to.start[distinct] = (int32_t)count;
  for (size_t user = 0; user < users; user++)
    for (int32_t n = user_start[user]; n < user_start[user + 1]; n++) {
      int32_t entry = counters[items[n]]++;
      to.source[entry] = n;
      to.row[entry] = (int32_t)user;
    }
  return distinct;
}

void ck_order_ahead(const int32_t *id, size_t runs, int32_t batch, int32_t *next, int32_t *ahead) {
  for (size_t s = 0; s < runs; s++) {
    ahead[s] = next[id[s]] - batch - 1;
    next[id[s]] = batch;
  }
}
