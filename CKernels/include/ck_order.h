/// Orders of a batch's ratings: by user for the forward pass, by item for the scatter, made by
/// counting sort, so that every row is loaded once a batch and written by one thread.
///
/// A plan holds all N ratings of an epoch, batch after batch. Within a batch rows lie by user; a
/// segment is one user's (or item's) run of rows.
#ifndef CK_ORDER_H
#define CK_ORDER_H

#include "ck_columns.h"
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// The batch of each row of [first, first + count):
///   batch[r] = (shuffled ? permute(key, r, N) : r) / batch_size        (ck_random_permute)
/// Cost: 4 bytes written a row, some 20 integer operations. Threads: safe on disjoint ranges.
void ck_order_batches(uint64_t key, int shuffled, size_t first, size_t count, size_t N,
                      size_t batch_size, uint32_t *batch);

/// Counts, for rows order[first ..< first + count] (order NULL: row numbers themselves), how many
/// fall into each batch: counts [batches], overwritten.
void ck_order_count(const uint32_t *batch, const int32_t *order, size_t first, size_t count,
                    size_t batches, int32_t *counts);

/// Deals the same rows out to their batches, in order: row r goes to place next[batch[r]]++ of the
/// plan's columns. `next` [batches] starts at where this range's rows begin in each batch; timestamps
/// are neither read nor written.
void ck_order_deal(const uint32_t *batch, const int32_t *order, size_t first, size_t count,
                   const ck_ratings *rows, int32_t *next, ck_columns plan);

/// Finds the runs of equal keys of a batch: id[s] is the key of run s and start[s] the place of its
/// first row in the batch; start[runs] = count. Returns the number of runs (<= count).
///   keys [count]; id [count]; start [count + 1]
size_t ck_order_runs(const int32_t *keys, size_t count, int32_t *id, int32_t *start);

/// A batch's rows by item: entries of all items, one item's run after the other.
typedef struct ck_order_entries {
  int32_t *id;     ///< [count] the batch's distinct items, ascending
  int32_t *start;  ///< [count + 1] their runs in source and row
  int32_t *source; ///< [count] place of the row in the batch
  int32_t *row;    ///< [count] number of its user's run in the batch
} ck_order_entries;

/// Sorts a batch's rows by item, stably, and says for each where its weight and its user's row are.
///
///   items       [count]      items of the batch's rows, which lie by user
///   user_start  [users + 1]  the batch's user runs, as ck_order_runs made them
///   counters    [item_count] scratch, overwritten
///   out                      overwritten
///
/// Returns the number of distinct items. Cost: 3 passes over the batch and one over the counters.
size_t ck_order_by_item(const int32_t *items, size_t count, const int32_t *user_start, size_t users,
                        size_t item_count, int32_t *counters, const ck_order_entries *out);

/// How long each run's row rests: walking the batches backwards,
///   ahead[s] = batches between this one and the row's next one, or the end of the epoch.
/// Call for batch = batches − 1 … 0 with the batch's runs; `next` [rows] starts filled with
/// `batches` and ends holding each row's first batch (`batches`: none).
void ck_order_ahead(const int32_t *id, size_t runs, int32_t batch, int32_t *next, int32_t *ahead);

#ifdef __cplusplus
}
#endif
#endif
