/// Top-N for users: the N items of highest score, never holding the scores of all items.
///
///   score(u, i) = mean + P[u]·Q[i]
///
/// Exact, though most scores are never computed in float. Items are centred (which shifts all
/// scores of a user alike), lanes balanced (which leaves inner products as they are), and both
/// sides rounded to 8 bits; the inner product of the rounded rows is exact in 16-bit integers,
/// costs a quarter of the float one, and differs from the true score by at most
///
///   ‖y‖·‖x − x̂‖ + ‖y − ŷ‖·‖x̂‖     (Cauchy-Schwarz; y user, x item, hats: rounded)
///
/// so an item whose rounded score is further than that below the user's N-th best so far is out.
/// The others get their float score. Items stand in order of falling ‖x‖, in panels: when ‖y‖·‖x‖
/// of the next panel cannot reach the N-th best of any user of a tile, the tile is done.
#ifndef CK_TOPN_H
#define CK_TOPN_H

#include "ck_csr.h"
#include "ck_pair.h"
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Most lanes a row may use: beyond, 8 bits a lane would not fit the 16-bit sums.
#define CK_TOPN_MAX_LANES 4096

/// Items ready to be searched: one block of memory, position independent, owned by the caller.
/// Read-only after `ck_topn_prepare`; any number of threads may search it.
typedef struct ck_topn_items ck_topn_items;

/// Bytes of a `ck_topn_items` for `count` candidates out of `items` and rows of `lanes` lanes.
size_t ck_topn_items_bytes(size_t count, size_t items, size_t lanes);

/// Prepares candidates for search.
///
///   factors    Q has `items` rows; P, of `users` rows, is sampled to balance the lanes, which affects
///              speed, never results
///   candidates [count] int32    distinct, 0 <= candidates[c] < items; NULL: all items, count = items
///   prepared                    ck_topn_items_bytes bytes, 64-byte aligned; overwritten
///
/// 1 <= lanes <= CK_TOPN_MAX_LANES, lanes <= stride, no NaN in P and Q.
/// Cost: a few reads of Q, a sort of `count` norms. One thread. Cannot fail.
void ck_topn_prepare(const ck_factors *factors, size_t users, size_t items,
                     const int32_t *candidates, size_t count, ck_topn_items *prepared);

/// Bytes of scratch for a search of `count` users.
size_t ck_topn_scratch_bytes(const ck_topn_items *prepared, size_t count);

/// Finds the n best candidates of each of `count` users, best first, ties by lower item index.
///
///   prepared                    from `ck_topn_prepare` with this Q
///   users      [count] int32    rows of P
///   seen                        by row of P, items to leave out, each >= 0 and < items; NULL: none
///   out_items  [count, n]       item indices; -1 where a user has fewer candidates than n
///   out_scores [count, n]       scores; -infinity where there is no item. A score that is NaN (sums
///                               of opposite infinities) counts as -infinity
///   scratch                     ck_topn_scratch_bytes bytes, 64-byte aligned
///
/// A score is summed in 16 partial sums over the lanes, joined pairwise, with fused multiply-add
/// where the instruction set has it: it depends on the pair alone, so a result depends neither on
/// the other users nor on how users are cut into calls, and avx2 and avx512 give the same bytes.
///
/// Cost: up to count · candidates · lanes multiply-adds of 8-bit integers; per user some
/// n · (1 + ln(candidates/n)) float scores. Threads: safe on disjoint outputs. Cannot fail.
void ck_topn_search(const ck_topn_items *prepared, const ck_factors *factors, const int32_t *users,
                    size_t count, const ck_csr *seen, size_t n, int32_t *out_items,
                    float *out_scores, void *scratch);

/// The n best of `count` scored items, best first, ties by lower item index.
///
///   scores [count];  items [count] int32, ascending
///   seen   [seen_count] int32, ascending: items to leave out
///   out_items, out_scores [n]  as ck_topn_search has them; NaN counts as -infinity
///
/// Cost: one read of scores and items. Threads: safe on disjoint outputs. Cannot fail.
void ck_topn_select(const float *scores, const int32_t *items, size_t count, const int32_t *seen,
                    size_t seen_count, size_t n, int32_t *out_items, float *out_scores);

#ifdef __cplusplus
}
#endif
#endif
