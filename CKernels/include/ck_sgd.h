/// Stochastic gradient descent on tiles of ratings, one update a rating (biased matrix
/// factorisation).
///
/// A tile is the ratings of a block of users by a block of items, grouped in runs: one run holds
/// the ratings of one user. Tiles that share neither users nor items may be walked at the same
/// time.
#ifndef CK_SGD_H
#define CK_SGD_H

#include "ck_columns.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// One table of the model and how its rows move. Rows are packed as FactorLayout says: a user's is
/// [vector, bias, 1, 0...], an item's [vector, 1, bias, 0...], without biases [vector, 0...].
///
///   rows        [n, stride]  64-byte aligned, stride a multiple of 16
///   weight      [n]          multiplies `prior`, row by row: 1 / (number of the row's ratings)
///   rate                     step size of the vector
///   decay                    what a step takes off the vector: rate * lambda
///   prior                    the same, to be multiplied by the row's weight: rate * lambda_0
///   bias_rate, bias_decay    step size of the bias and what a step takes off it
typedef struct ck_sgd_side {
  float *rows;
  const float *weight;
  float rate;
  float decay;
  float prior;
  float bias_rate;
  float bias_decay;
} ck_sgd_side;

/// The ratings of one tile: run r is of user user[r] and holds ratings start[r] ..< start[r + 1].
///
///   user  [runs]      row in the users' table; no user twice
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

/// Runs that ck_sgd_walk has under way at a time.
#define CK_SGD_SLOTS 4

/// Walks the runs of a tile in the order order[0], order[1], ... and in each run its ratings as
/// they stand, and returns the sum of squared errors.
///
/// CK_SGD_SLOTS runs are under way at a time and take turns, since what one rating costs is mostly
/// waiting for the error of the one before. At its turn a run updates the rows of its rating
///
///   p'   = p * (1 - decay_p - prior_p * weight_p) + rate_p * e * q        and its bias likewise,
///   q'   = q * (1 - decay_q - prior_q * weight_q) + rate_q * e * p        without weight
///
/// and then takes the error of its next one, e = value - b_u - b_i - p . q: other runs may move q
/// between the two. When a run ends, the next one in order takes its slot and its first error; when
/// there is none, the last slot moves there and has its turn.
///
///   factors  lanes of a vector
///   biased   whether rows carry biases (factors + 2 <= stride)
///   order    [runs] a permutation of 0 ..< runs
///
/// Cost: 3 * factors floats read, 2 * factors written and 8 * factors flops a rating. Threads: safe
/// on tiles that share no row.
double ck_sgd_walk(const ck_sgd_side *users, const ck_sgd_side *items, size_t factors, bool biased,
                   size_t stride, const ck_sgd_tile *tile, const int32_t *order);

/// order = a permutation of 0 ..< count drawn by `key` (Fisher and Yates). Cost: count random
/// numbers.
void ck_sgd_order(int32_t *order, size_t count, uint64_t key);

/// The most blocks of items a grid may have.
#define CK_SGD_BLOCKS 256

/// Ratings, and the blocks of items that they are cut into.
typedef struct ck_sgd_cut {
  ck_csr by_user;             ///< the numbers of each user's ratings
  ck_ratings ratings;         ///< items and values are read
  float mean;                 ///< taken off each rating
  size_t blocks;              ///< at most CK_SGD_BLOCKS
  const int32_t *block;       ///< [items] block of each item
  const int32_t *block_start; ///< [blocks] first item of each block
} ck_sgd_cut;

/// Counts the ratings and runs that users first_user ..< end_user have in each block of items.
///
///   ratings     [blocks]     overwritten
///   runs        [blocks]     overwritten: users with at least one rating in the block
///
/// Cost: one pass over the users' ratings. Threads: safe on disjoint ranges of users.
void ck_sgd_count(const ck_sgd_cut *cut, size_t first_user, size_t end_user, int32_t *ratings,
                  int32_t *runs);

/// The ratings of all tiles while they are filled; of one tile, ck_sgd_tile says what is in them.
typedef struct ck_sgd_tiles {
  int32_t *user;
  int32_t *start;
  uint16_t *item;
  float *value;
} ck_sgd_tiles;

/// Fills the tiles of users first_user ..< end_user, one for each block of items; the tiles of all
/// users share four arrays.
///
///   next_rating [blocks]     where the block's ratings go in the tiles' item and value; advanced
///   next_run    [blocks]     where the block's runs go in the tiles' user and start; advanced
///
/// The end of a tile's last run is left to the caller.
/// Cost: one pass over the users' ratings. Threads: safe on disjoint ranges of users.
void ck_sgd_fill(const ck_sgd_cut *cut, size_t first_user, size_t end_user, int32_t *next_rating,
                 int32_t *next_run, const ck_sgd_tiles *tiles);

#ifdef __cplusplus
}
#endif
#endif
