/// Columns of ratings from original ids to dense indices: distinct ids, which rows stay and why the
/// others go, grouping by counting sort, duplicates, compaction.
///
/// Kernels work on rows [first, last) of whole columns, stream over them once unless said
/// otherwise, are scalar (they wait for memory, not for arithmetic), cannot fail, and are safe on
/// disjoint ranges of rows at the same time. Where two ranges may write to one byte, they write the
/// same value by relaxed atomic stores.
#ifndef CK_COLUMNS_H
#define CK_COLUMNS_H

#include "ck_csr.h"
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// What becomes of a row. Numbers are stable and below 8.
enum {
  CK_ROW_KEPT = 0,
  CK_ROW_SUBSET = 1,       // outside the wanted subset
  CK_ROW_UNRATED = 2,      // holds the sentinel instead of a rating
  CK_ROW_NOT_IN_ITEMS = 3, // its item is missing from the item file
  CK_ROW_DUPLICATE = 4,    // another row of its (user, item) pair is kept
  CK_ROW_FEW_RATINGS = 5,  // its user has too few ratings
  CK_ROW_REPEATED = 6,     // unrated, and its pair is rated or unrated by another row
};
#define CK_ROW_FATES 8

/// Added to an item's fate: rated rows of this item are counted as missing from the item file.
#define CK_ITEM_UNLISTED 0x80

/// Which row of a (user, item) pair is kept.
enum { CK_KEEP_FIRST = 0, CK_KEEP_LAST = 1, CK_KEEP_MEAN = 2, CK_KEEP_NEWEST = 3 };

/// Columns of ratings, to be read, of equal length; `timestamps` may be NULL.
typedef struct ck_ratings {
  const int32_t *users, *items;
  const float *values;
  const int64_t *timestamps;
} ck_ratings;

/// The same to be written.
typedef struct ck_columns {
  int32_t *users, *items;
  float *values;
  int64_t *timestamps;
} ck_columns;

/// Lowest and highest id, first < last.
void ck_columns_bounds(const int64_t *ids, size_t first, size_t last, int64_t *low, int64_t *high);

/// What ratings say of their scale.
typedef struct ck_columns_survey {
  int beyond;    ///< whether one is not a number, or larger than `largest` in magnitude
  int minus_one; ///< whether one is -1
  int negative;  ///< whether one is below 0 and not -1
  int fraction;  ///< whether one lies between -1 and 1 and is not 0
  size_t zeros;  ///< how many are 0
} ck_columns_survey;

/// Looks at ratings first ..< last.
ck_columns_survey ck_columns_look(const float *ratings, size_t first, size_t last, float largest);

/// Most kinds of number that ck_columns_kinds tells apart.
#define CK_COLUMNS_KINDS 256

/// Writes each of n numbers as the place of its kind among all there are, ascending; -0 counts as 0.
///
///   values  [n] float32
///   kinds   [CK_COLUMNS_KINDS] float32   overwritten: the distinct values, ascending
///   codes   [n] uint8                    overwritten: kinds[codes[r]] = values[r]
///
/// Returns the number of kinds; more than CK_COLUMNS_KINDS where there are too many, or one that is not finite:
/// then neither output means anything. One thread.
size_t ck_columns_kinds(const float *values, size_t n, float *kinds, uint8_t *codes);

/// present[ids[r] − base] = 1. Requires base <= ids[r] and ids[r] − base within `present`.
void ck_columns_mark(const int64_t *ids, size_t first, size_t last, int64_t base, uint8_t *present);

/// rank[c] = number of c' < c with present[c'] ≠ 0, or −1 where present[c] = 0. Returns the number
/// present, at most INT32_MAX. One thread.
size_t ck_columns_rank(const uint8_t *present, size_t n, int32_t *rank);

/// codes[r] = rank[ids[r] − base].
void ck_columns_encode(const int64_t *ids, size_t first, size_t last, int64_t base,
                       const int32_t *rank, int32_t *codes);

/// Numbers the distinct ids of rows [first, last) in order of first appearance.
///
///   key       of the hash: random, so that no file can be made to collide; the result does not
///             depend on it
///   table     [capacity] scratch; capacity a power of two
///   codes     [rows]     overwritten in the range: the number of each row's id
///   distinct  [capacity / 2] overwritten: the id of each number
///
/// Returns how many distinct ids there are, or `capacity` when there are more than capacity / 2
/// (give a larger table then). Cost: one hash and about one probe of the table a row.
size_t ck_columns_number(const int64_t *ids, size_t first, size_t last, uint64_t key,
                         uint32_t *table, size_t capacity, int32_t *codes, int64_t *distinct);

/// codes[r] = rank[codes[r]].
void ck_columns_renumber(int32_t *codes, size_t first, size_t last, const int32_t *rank);

/// Sorts ids[0, n), ascending, by the bytes in which they differ; `scratch` has room for n.
/// Cost: at most nine passes of 16 bytes an id. One thread.
void ck_columns_sort(int64_t *ids, size_t n, int64_t *scratch);

/// codes[r] = position of ids[r] in sorted[0, count), strictly ascending; every id is there.
/// ⌈log2 count⌉ steps a row.
void ck_columns_locate(const int64_t *ids, size_t first, size_t last, const int64_t *sorted,
                       size_t count, int32_t *codes);

/// The fate of each row, decided in this order: unrated (value = sentinel; a NaN sentinel matches
/// nothing), missing from the item file, outside the subset (user > max_user, or the item's fate
/// says so).
///
///   item_fate [items]  CK_ROW_KEPT, CK_ROW_SUBSET or CK_ROW_NOT_IN_ITEMS, plus CK_ITEM_UNLISTED
///   fate      [rows]   overwritten
///
/// Returns the number of rated rows whose item has CK_ITEM_UNLISTED.
size_t ck_columns_sift(const ck_ratings *rows, size_t first, size_t last, float sentinel,
                       int32_t max_user, const uint8_t *item_fate, uint8_t *fate);

/// counts[fate[r]] += 1; counts has CK_ROW_FATES places, and rows are fewer than 2^32.
void ck_columns_tally(const uint8_t *fate, size_t first, size_t last, size_t *counts);

/// counts[keys[r]] += 1.
void ck_columns_count(const int32_t *keys, size_t first, size_t last, int32_t *counts);

/// Turns `parts` histograms into starting places of a stable counting sort.
///
///   counts  [parts, keys]  in: rows of each key in each part; out: where the part's first such row
///   goes offsets [keys + 1]     overwritten: where each key's rows start
///
/// The sum of all counts is at most INT32_MAX. One thread.
void ck_columns_starts(int32_t *counts, size_t parts, size_t keys, int32_t *offsets);

/// order[next[keys[r]]++] = r: the rows of one part, in order. Ranges with `next` tables from
/// ck_columns_starts write to different places.
void ck_columns_scatter(const int32_t *keys, size_t first, size_t last, int32_t *next,
                        int32_t *order);

/// Which rows of a user stay.
typedef struct ck_columns_policy {
  int keep; ///< CK_KEEP_…; of a mean, the last row of its pair; the newest needs times, and of
            ///< several of one time is the last
  size_t min_ratings; ///< of users with fewer, none
  float *means;       ///< [rows] for CK_KEEP_MEAN alone: of kept rows, the mean of the pair
  int32_t *newest;    ///< [items] scratch, for CK_KEEP_NEWEST alone
} ck_columns_policy;

/// Which users and items have a row that stays: 1, else 0.
typedef struct ck_columns_used {
  uint8_t *users, *items;
} ck_columns_used;

/// Finds duplicates among the rows of users [first, last) and drops users with few ratings.
///
///   by_user  the row numbers of each user, ascending
///   fate     [rows]      in: as sifted; out: CK_ROW_DUPLICATE, CK_ROW_FEW_RATINGS and
///                        CK_ROW_REPEATED added
///   stamp    [items]     scratch, zero; on return anything
///   sums     [items, 2]  scratch, for CK_KEEP_MEAN only
///   used                 1 is stored for every user and item with a kept row
///
/// Order within a user decides which duplicate is kept, so the result does not depend on the
/// ranges. Cost: about two visits to each row and to one stamp of its item.
void ck_columns_dedupe(const ck_csr *by_user, const ck_ratings *rows, size_t first, size_t last,
                       const ck_columns_policy *policy, uint8_t *fate, uint32_t *stamp,
                       double *sums, const ck_columns_used *used);

/// Finds the rows of users [first, last) whose pair of user and item an earlier row has.
///
///   by_user          the row numbers of each user, ascending
///   sentinel         the rating that stands for none (NaN: there is no such rating)
///   seen     [items] scratch, zero; on return anything
///   earlier  [rows]  overwritten for these users' rows: the earliest row of the pair, of rated
///                    rows the earliest if there is one; -1 where there is none
///   conflicts        adds the number of rows that contradict a rating by another one
///
/// Returns how many rows have an earlier one. Cost: one visit to each row and to its item's place
/// in `seen`.
size_t ck_columns_repeats(const ck_csr *by_user, const ck_ratings *rows, size_t first, size_t last,
                          float sentinel, uint32_t *seen, int32_t *earlier, size_t *conflicts);

/// Appends the rows of [first, last) whose fate is CK_ROW_KEPT to `out` from place `at`, with users
/// and items replaced by their ranks.
void ck_columns_keep(const ck_ratings *rows, size_t first, size_t last, const uint8_t *fate,
                     const int32_t *user_rank, const int32_t *item_rank, ck_columns out, size_t at);

/// The number of rows in [first, last) that are CK_ROW_UNRATED with user and item both ranked;
/// where `out.users` is not NULL, writes their ranks from place `at` too.
size_t ck_columns_keep_unrated(const ck_ratings *rows, size_t first, size_t last,
                               const uint8_t *fate, const int32_t *user_rank,
                               const int32_t *item_rank, ck_columns out, size_t at);

/// out[at + j] = row order[first + j] for j in [0, last - first), column by column. Reads where
/// `order` says; writes in order.
void ck_columns_gather(const ck_ratings *rows, const int32_t *order, size_t first, size_t last,
                       ck_columns out, size_t at);

#ifdef __cplusplus
}
#endif
#endif
