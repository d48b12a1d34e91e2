/// Item neighbourhoods: which items are rated alike, and what their ratings say of others.
///
/// Ratings enter as residuals e = rating − μ − b_u − b_i (Koren 2010, Factor in the Neighbors).
#ifndef CK_KNN_H
#define CK_KNN_H

#include "ck_csr.h"
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Finds the `count` items most similar to one:
///   s_ij = Σ e_ui e_uj / √(Σ e_ui² · Σ e_uj²) · n_ij / (n_ij + shrinkage),  sums over the n_ij users
///   who rated both
///
///   by_item, by_user  the residuals of all ratings, as [items, users] and as [users, items]
///   item        the item whose neighbours are wanted
///   shrinkage   not negative
///   sums        [items, 4] float32, 16-byte aligned: zeros before and after
///   met         [items] int32: scratch
///   neighbours  [count] int32, similarities [count] float32: overwritten, by falling |s|, ties by
///               lower index
///
/// Returns how many there are: items that share no user with it, or whose s is 0, are none. Cost: 16 bytes
/// read and written for each rating of each user of the item. Threads: safe with scratch and output
/// of its own. Cannot fail.
size_t ck_knn_neighbours(const ck_csr *by_item, const ck_csr *by_user, size_t item, float shrinkage,
                         size_t count, float *sums, int32_t *met, int32_t *neighbours,
                         float *similarities);

/// What a user's ratings say of every item:
///   out[i] = Σ s_ij e_j / (Σ |s_ij| + damping),  sums over the rated j that are neighbours of
///   i; 0 where there is none
///
///   ratings   the user's: items j and their residuals
///   spoken    reverse neighbours: by j, the items i that have j as a neighbour, and similarities
///   damping   positive
///   sums      [items, 2] float32, 8-byte aligned: scratch
///   out       [items] float32, overwritten
///
/// Cost: 8 bytes read and 16 moved a pair of the rated items, 12 bytes an item. Threads: safe with
/// scratch and output of its own. Cannot fail.
void ck_knn_scores(const ck_csr_row *ratings, const ck_csr *spoken, float damping, float *sums,
                   float *out);

/// The same of some items, from their own side: to the bit what ck_knn_scores says of them, where
/// the user's items and each item's neighbours ascend.
///
///   neighbours  by i, its neighbours j and similarities
///   wanted      [count] int32: items, in any order
///   own         [items] float32: NaN before and after
///   out         [count] float32, overwritten
///
/// Cost: 12 bytes read a neighbour of the wanted, 8 moved a rated item. Threads: safe with scratch
/// and output of its own. Cannot fail.
void ck_knn_scores_of(const ck_csr_row *ratings, const ck_csr *neighbours, const int32_t *wanted,
                      size_t count, float damping, float *own, float *out);

#ifdef __cplusplus
}
#endif
#endif
