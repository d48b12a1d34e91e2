/// Ranking by gradient steps: an item that a user met is to score above others that are drawn.
///
/// With the score s_i = p·q_i, the loss of a rating of item i, beside items j drawn from those of a
/// block that the user has not met there, is w·log(1 + Σ_j exp(s_j − s_i)): for one j Rendle's BPR
/// (2009), for several a sampled softmax. Biases are lanes: a user's row holds 1 where an item's
/// holds b_i.
#ifndef CK_BPR_H
#define CK_BPR_H

#include "ck_sgd.h"

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// One table of the model and how its lanes move; a lane of rate 0 stays as it is.
///
///   rows         [n, stride]       64-byte aligned, stride a multiple of 16
///   rate, decay  [stride] float32  64-byte aligned: step size and penalty of each lane
typedef struct ck_bpr_side {
  float *rows;
  const float *rate;
  const float *decay;
} ck_bpr_side;

/// The ratings of one tile, and the items of its block.
///
///   ratings   as in ck_sgd_tile; `item` is a place in `members`, `value` the weight w, 0 or more
///   members   [count] int32   rows of the items' table that make up the block, each once; at most
///                             65,536
typedef struct ck_bpr_tile {
  const ck_sgd_tile *ratings;
  const int32_t *members;
  size_t count;
} ck_bpr_tile;

/// Bytes of scratch for ck_bpr_walk on blocks of `count` items.
size_t ck_bpr_scratch_bytes(size_t count, size_t negatives, size_t stride);

/// Walks the runs of a tile in the order order[0], order[1], … and in each run its ratings as they
/// stand; returns the sum of the losses before each update.
///
/// A rating draws `negatives` places in `members`, those numbered from n·negatives on in the stream
/// of `key` for rating n in order of the walk; places that the user met in this tile, and repeats,
/// are left out. π is the softmax of the scores of the item and of the draws that remain. With
/// g = w·(1 − π) for the item, g = −w·π for the others, and the rows as they are before the rating,
///
///   q += rate_q·(g·p − w·share·decay_q·q)       share: 1 for the item, 1/negatives for the others
///   p += rate_p·(Σ g·q − w·decay_p·p)
///
/// A rating of weight 0, or none of whose draws remain, is passed over.
///
///   scratch  ck_bpr_scratch_bytes, 64-byte aligned, contents irrelevant
///
/// Cost: negatives + 1 rows of items read twice and written, 8·stride flops each. Threads: safe on
/// tiles that share neither users nor members, each with a scratch of its own.
double ck_bpr_walk(const ck_bpr_side *users, const ck_bpr_side *items, size_t stride,
                   size_t negatives, const ck_bpr_tile *tile, const int32_t *order, uint64_t key,
                   void *scratch);

#ifdef __cplusplus
}
#endif
#endif
