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

void ck_sgd_count(const ck_sgd_cut *cut, size_t first_user, size_t end_user, int32_t *ratings,
                  int32_t *runs) {
  const int32_t *offsets = cut->by_user.offsets, *rows = cut->by_user.columns;
  const int32_t *item = cut->ratings.items, *block = cut->block;
  memset(ratings, 0, cut->blocks * sizeof *ratings);
  memset(runs, 0, cut->blocks * sizeof *runs);
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

void ck_sgd_fill(const ck_sgd_cut *cut, size_t first_user, size_t end_user, int32_t *next_rating,
                 int32_t *next_run, const ck_sgd_tiles *tiles) {
  const ck_sgd_cut of = *cut;
  const ck_sgd_tiles to = *tiles;
  int32_t run_start[CK_SGD_BLOCKS];
  for (size_t user = first_user; user < end_user; user++) {
    memcpy(run_start, next_rating, of.blocks * sizeof *run_start);
    for (int32_t n = of.by_user.offsets[user]; n < of.by_user.offsets[user + 1]; n++) {
      int32_t row = of.by_user.columns[n], item = of.ratings.items[row];
      int32_t b = of.block[item], at = next_rating[b]++;
      to.item[at] = (uint16_t)(item - of.block_start[b]);
      to.value[at] = of.ratings.values[row] - of.mean;
    }
    for (size_t b = 0; b < of.blocks; b++)
      if (next_rating[b] > run_start[b]) {
        to.user[next_run[b]] = (int32_t)user;
        to.start[next_run[b]++] = run_start[b];
      }
  }
}
