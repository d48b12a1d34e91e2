// Stochastic gradient descent on tiles: dispatch by instruction set, order of runs, building of
// tiles.
#include "ck_sgd.h"

#include "ck_isa.h"
#include "ck_random.h"
#include "target.h"

#include <string.h>

#pragma clang fp contract(fast)

typedef float sgd_quad __attribute__((vector_size(16)));

// A run under way: the user's row and what a step keeps of it, its bias, the pending rating (item's
// row, what a step keeps of it, error), and the ratings after it.
typedef struct sgd_slot {
  float *p, *q;
  float p_keep, q_keep, bias, error;
  const uint16_t *item;
  const float *value;
  size_t left;
} sgd_slot;

// Runs are fetched this many before they are begun: rows of users are met at random, in memory
// rather than in cache.
#define SGD_AHEAD 4

static inline void sgd_fetch_run(const ck_sgd_tile *tile, int32_t run) {
  __builtin_prefetch(tile->user + run);
  __builtin_prefetch(tile->start + run);
}

static inline void sgd_fetch_rows(const ck_sgd_side *users, const ck_sgd_tile *tile, int32_t run,
                                  size_t stride) {
  size_t user = (size_t)tile->user[run], start = (size_t)tile->start[run];
  for (size_t lane = 0; lane < stride; lane += 16)
    __builtin_prefetch(users->rows + user * stride + lane, 1);
  __builtin_prefetch(users->weight + user);
  __builtin_prefetch(tile->item + start);
  __builtin_prefetch(tile->value + start);
  __builtin_prefetch(tile->value + start + 16);
}

#define WIDTH 4
#define VARIANT(name) name##_scalar
#include "sgd_body.inc"
#undef VARIANT
#undef WIDTH

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((CK_TARGET_AVX2)), apply_to = function)
#define WIDTH 8
#define VARIANT(name) name##_avx2
#include "sgd_body.inc"
#undef VARIANT
#undef WIDTH
#pragma clang attribute pop

#pragma clang attribute push(__attribute__((CK_TARGET_AVX512)), apply_to = function)
#define WIDTH 16
#define VARIANT(name) name##_avx512
#include "sgd_body.inc"
#undef VARIANT
#undef WIDTH
#pragma clang attribute pop
#endif

double ck_sgd_walk(const ck_sgd_side *users, const ck_sgd_side *items, size_t factors, bool biased,
                   size_t stride, const ck_sgd_tile *tile, const int32_t *order) {
#if defined(__x86_64__)
  switch (ck_isa_active()) {
  case CK_ISA_AVX512:
    return walk_avx512(users, items, factors, biased, stride, tile, order);
  case CK_ISA_AVX2:
    return walk_avx2(users, items, factors, biased, stride, tile, order);
  case CK_ISA_SCALAR:
    break;
  }
#endif
  return walk_scalar(users, items, factors, biased, stride, tile, order);
}

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
