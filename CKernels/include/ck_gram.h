/// Gram matrices of who met what, and lists by linear models of items: EASE's kernels.
///
/// X [users, items] is sparse: `offsets` [users + 1], `items` [pairs] and `strengths` [pairs], its entries,
/// are its rows, ascending within a user. Where all are 1, G = XᵀX counts the users who met both of two items.
/// Source: Steck 2019, Embarrassingly Shallow Autoencoders for Sparse Data.
#ifndef CK_GRAM_H
#define CK_GRAM_H

#include "ck_csr.h"
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// The same entries by item: where each lies in its user's row, and where that row ends.
///
///   offsets  [users + 1], items [pairs] int32   X by user; 0 <= items[p] < the number of items
///   next     [items] int32   the first place of each item; on return the first of the next item
///   place    [pairs] int32   overwritten: by item, the index into `items` of each entry
///   end      [pairs] int32   overwritten: the end of that entry's row
///
/// Within an item, entries are in order of user. Cost: 4 bytes read and 8 written a pair, to as many
/// streams as there are items. Threads: one call for all users. Cannot fail.
void ck_gram_entries(const int32_t *offsets, const int32_t *items, size_t users, int32_t *next,
                     int32_t *place, int32_t *end);

/// One row of the upper triangle:  row[j] = Σ over users u of X[u, item]·X[u, j],  item <= j < count
///
///   items  [pairs] int32, strengths [pairs] float32   X by user
///   place, end  [entries]    the item's entries, as ck_gram_entries lists them
///   row    [count] float32   overwritten from `item` on; nothing before it is touched
///
/// Summed in the order of entries, in single precision: counts are exact up to 2²⁴ users. Cost: for each
/// entry 8 bytes, and 8 read and 8 moved for every item behind it in its user's row. Threads: safe on
/// distinct rows. Cannot fail.
void ck_gram_row(const int32_t *items, const float *strengths, const int32_t *place,
                 const int32_t *end, size_t entries, size_t item, size_t count, float *row);

/// Copies the upper triangle of rows first..<last to the lower:  G[j, i] = G[i, j],  i < j
///
///   G  [count, stride] float32   rows `stride` apart, stride >= count
///
/// Cost: 8 bytes an element, in tiles of 32 by 32. Threads: safe on disjoint ranges. Cannot fail.
void ck_gram_mirror(float *G, size_t stride, size_t count, size_t first, size_t last);

/// Counts the weights of one item's row of B = I − P·diag(1/P_jj) by size:
///   B[i, j] = −P[i, j] / P[j, j],  B[i, i] = 0
///
///   row      [count] float32   row i of P, the inverse of G + Λ, or of −P
///   inverse  [count] float32   1/P[j, j] of the same sign
///   counts   [CK_GRAM_SIZES]   counts[s] is raised by the number of |B[i, j]| whose upper 16 bits are
///                              s: sizes ascend with s, each within 1/128 of the next
///
/// Cost: 8 bytes read and a count raised a column. Threads: safe on counts of its own. Cannot fail.
void ck_gram_sizes(const float *row, const float *inverse, size_t count, size_t item,
                   uint32_t *counts);

/// The number of sizes that ck_gram_sizes tells apart.
#define CK_GRAM_SIZES 32768

/// The weights of one item's row of B whose size is at least `least`, as ck_gram_sizes numbers sizes.
///
///   row, inverse   [count] float32   as above
///   order  [count] int32             columns in the order in which they are wanted
///   names  [count] int32             what each column is called, in that order
///   columns [count] int32, weights [count] float32   names and weights of those kept
///
/// Returns how many were kept; zeros never are. Cost: some 16 bytes a column. Threads: safe on output of
/// its own. Cannot fail.
size_t ck_gram_weights(const float *row, const float *inverse, const int32_t *order,
                       const int32_t *names, size_t count, size_t item, uint32_t least,
                       int32_t *columns, float *weights);

/// Scores of all items from a user's:  scores[j] += Σ over the user's items i of x[i]·B[i, j]
///
///   met      [n] int32             the user's items, each at most once; strengths [n] float32  x
///   offsets  [rows + 1] int32      rows of B; columns [entries] int32 and weights [entries] float32
///   scores   [items] float32       added to
///
/// Summed in the order of `met`. Cost: 8 bytes read and 8 moved an entry. Threads: safe on `scores`
/// of its own. Cannot fail.
void ck_gram_scores(const int32_t *met, const float *strengths, size_t n, const int32_t *offsets,
                    const int32_t *columns, const float *weights, float *scores);

/// Columns of B that are dense at a time: 256 bytes a row, so that five thousand rows stay in a second-level
/// cache of 2 MB.
#define CK_GRAM_BLOCK 64

/// Some columns of B, dense.
///
///   columns  compressed columns of B: each holds the rows that it has entries in, and those
///   first, count  which of them, count <= CK_GRAM_BLOCK
///   block    [rows, CK_GRAM_BLOCK] float32   overwritten
///
/// Cost: 256 bytes written a row, 8 read an entry. Threads: safe on blocks of their own. Cannot fail.
void ck_gram_block(const ck_csr *columns, size_t first, size_t count, size_t rows, float *block);

/// Some columns of B, and what they are of.
typedef struct ck_gram_columns {
  const float
      *block; ///< [rows, CK_GRAM_BLOCK] float32, 64-byte aligned: from ck_gram_block; NULL: all 0
  const int32_t *items; ///< [count] int32, ascending: the item of each column
  size_t count;         ///< 0 < count <= CK_GRAM_BLOCK
} ck_gram_columns;

/// Ranks the items of some columns for users, among the best that each has so far.
///
///   met      by place: the rows of B of what the user has met, and x; `rows` users
///   columns  items that no call before has had
///   users    [met->rows] int32   which row of `seen` each user has
///   seen     ascending items, to be left out; NULL: none
///   n        places a user, n > 0
///   found    [met->rows] int32   items so far, 0 at first; raised to at most n
///   out_items [met->rows, n] int32, out_scores [met->rows, n] float32   a heap of the best so far
///
/// Scores are those of ck_gram_scores to the byte: x[i]·B[i, j] is rounded, then added, in the order of
/// `met`; what is not stored of B adds 0. A score that is NaN counts as -infinity. The order of calls does not
/// matter. Cost: 256 bytes of a cache and 128 flops an entry of `met`, and 8 bytes of memory. Threads: safe on
/// disjoint users. Cannot fail.
void ck_gram_top(const ck_csr *met, const ck_gram_columns *columns, const int32_t *users,
                 const ck_csr *seen, size_t n, int32_t *found, int32_t *out_items,
                 float *out_scores);

/// Turns heaps of `found` items into lists of n places, best first, ties by lower item index, -1 and -infinity
/// where there is no item.
///
/// Cost: n·log2(n) steps a user. Threads: safe on disjoint users. Cannot fail.
void ck_gram_sorted(const int32_t *found, size_t users, size_t n, int32_t *items, float *scores);

#ifdef __cplusplus
}
#endif
#endif
