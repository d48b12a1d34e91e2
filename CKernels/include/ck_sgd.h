/// Stochastic gradient descent on tiles of ratings, one update a rating (biased matrix
/// factorisation).
///
/// A tile is the ratings of a block of users by a block of items, grouped in runs: one run holds
/// the ratings of one user. Tiles that share neither users nor items may be walked at the same
/// time.
#ifndef CK_SGD_H
#define CK_SGD_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// One table of the model and how its rows move. Rows are packed as [vector, bias lanes, 0...].
///
///   rows    [n, stride]  64-byte aligned, stride a multiple of 16, padding lanes zero
///   weight  [n]          multiplies `prior`, row by row: 1 / (number of the row's ratings)
///   rate    [stride]     step size of each lane; 0 in constant and padding lanes
///   decay   [stride]     what a step takes off a lane: rate * lambda; 0 where rate is 0
///   prior   [stride]     the same, to be multiplied by the row's weight: rate * lambda_0
///
/// rate, decay and prior are 64-byte aligned and have one value in all lanes below `factors`.
typedef struct ck_sgd_side {
  float *rows;
  const float *weight;
  const float *rate;
  const float *decay;
  const float *prior;
} ck_sgd_side;

/// The ratings of one tile: run r is of user user[r] and holds ratings start[r] ..< start[r + 1].
///
///   user  [runs]      row in the users' table
///   start [runs + 1]  ascending offsets into item and value
///   item              row in the items' table from its `rows` on: the block's first row is 0; no
///                     item twice in a run
///   value             rating minus the model's mean
typedef struct ck_sgd_tile {
  size_t runs;
  const int32_t *user;
  const int32_t *start;
  const uint16_t *item;
  const float *value;
} ck_sgd_tile;

/// Walks the runs of a tile in the order order[0], order[1], ... and in each run its ratings as
/// they stand, and returns the sum of squared errors, each taken before its update. For each rating
///
///   e    = value - sum over lanes of p * q
///   p'   = p * (1 - decay_p - prior_p * weight_p) + rate_p * e * q
///   q'   = q * (1 - decay_q - prior_q * weight_q) + rate_q * e * p        lane by lane
///
///   lanes   factors + bias lanes, factors <= lanes <= stride
///   order   [runs] a permutation of 0 ..< runs
///
/// Cost: 2 * lanes floats read and written and 8 * lanes flops a rating; the user's row stays in
/// registers through a run (128 factors or fewer). Threads: safe on tiles that share no row.
double ck_sgd_walk(const ck_sgd_side *users, const ck_sgd_side *items, size_t factors, size_t lanes,
                   size_t stride, const ck_sgd_tile *tile, const int32_t *order);

/// order = a permutation of 0 ..< count drawn by `key` (Fisher and Yates). Cost: count random
/// numbers.
void ck_sgd_order(int32_t *order, size_t count, uint64_t key);

/// The most blocks of items a grid may have.
#define CK_SGD_BLOCKS 256

/// Counts the ratings and runs that users first_user ..< end_user have in each block of items.
///
///   offsets     [users + 1]  the ratings of user u are rows[offsets[u]] ..< rows[offsets[u + 1]]
///   rows        row numbers into item
///   item        [.]          item of each row
///   block       [items]      block of each item, below `blocks` (at most CK_SGD_BLOCKS)
///   ratings     [blocks]     overwritten
///   runs        [blocks]     overwritten: users with at least one rating in the block
///
/// Cost: one pass over the users' ratings. Threads: safe on disjoint ranges of users.
void ck_sgd_count(const int32_t *offsets, const int32_t *rows, const int32_t *item,
                  const int32_t *block, size_t blocks, size_t first_user, size_t end_user,
                  int32_t *ratings, int32_t *runs);

/// Fills the tiles of users first_user ..< end_user, one for each block of items; the tiles of all
/// users share four arrays.
///
///   offsets, rows, item, block, blocks: as in ck_sgd_count
///   value       [.]          rating of each row
///   mean                     taken off each rating
///   block_start [blocks]     first item of each block
///   next_rating [blocks]     where the block's ratings go in tile_item and tile_value; advanced
///   next_run    [blocks]     where the block's runs go in tile_user and tile_start; advanced
///
/// tile_start gets the start of each run; the end of a tile's last run is left to the caller.
/// Cost: one pass over the users' ratings. Threads: safe on disjoint ranges of users.
void ck_sgd_fill(const int32_t *offsets, const int32_t *rows, const int32_t *item,
                 const float *value, float mean, const int32_t *block, const int32_t *block_start,
                 size_t blocks, size_t first_user, size_t end_user, int32_t *next_rating,
                 int32_t *next_run, int32_t *tile_user, int32_t *tile_start, uint16_t *tile_item,
                 float *tile_value);

#ifdef __cplusplus
}
#endif
#endif
