// Stochastic gradient descent on tiles: order of runs, building of tiles.
#include "ck_sgd.h"

#include "ck_random.h"

#include <string.h>

void ck_sgd_order(int32_t *order, size_t count, uint64_t key) {
  for (size_t n = 0; n < count; n++) {
    size_t other = ck_random_below(key, n, n + 1);
    order[n] = (int32_t)n;
    order[n] = order[other];
    order[other] = (int32_t)n;
  }
}

void ck_sgd_count(const int32_t *offsets, const int32_t *rows, const int32_t *item,
                  const int32_t *block, size_t blocks, size_t first_user, size_t end_user,
                  int32_t *ratings, int32_t *runs) {
  memset(ratings, 0, blocks * sizeof *ratings);
  memset(runs, 0, blocks * sizeof *runs);
  for (size_t user = first_user; user < end_user; user++) {
    uint64_t met[(CK_SGD_BLOCKS + 63) / 64] = {0};
    for (int32_t n = offsets[user]; n < offsets[user + 1]; n++) {
      int32_t b = block[item[rows[n]]];
      uint64_t bit = 1ULL << (b % 64);
      ratings[b]++;
      runs[b] += (met[b / 64] & bit) == 0;
      met[b / 64] |= bit;
    }
  }
}

void ck_sgd_fill(const int32_t *offsets, const int32_t *rows, const int32_t *item,
                 const float *value, float mean, const int32_t *block, const int32_t *block_start,
                 size_t blocks, size_t first_user, size_t end_user, int32_t *next_rating,
                 int32_t *next_run, int32_t *tile_user, int32_t *tile_start, uint16_t *tile_item,
                 float *tile_value) {
  int32_t run_start[CK_SGD_BLOCKS];
  for (size_t user = first_user; user < end_user; user++) {
    memcpy(run_start, next_rating, blocks * sizeof *run_start);
    for (int32_t n = offsets[user]; n < offsets[user + 1]; n++) {
      int32_t row = rows[n], b = block[item[row]], at = next_rating[b]++;
      tile_item[at] = (uint16_t)(item[row] - block_start[b]);
      tile_value[at] = value[row] - mean;
    }
    for (size_t b = 0; b < blocks; b++)
      if (next_rating[b] > run_start[b]) {
        tile_user[next_run[b]] = (int32_t)user;
        tile_start[next_run[b]++] = run_start[b];
      }
  }
}
