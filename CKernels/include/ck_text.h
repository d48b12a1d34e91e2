/// Ratings as lines of text.
#ifndef CK_TEXT_H
#define CK_TEXT_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Bytes that a row's rating, timestamp, separators and line end take at most.
#define CK_TEXT_ROW_EXTRA 48

/// Texts of ids, one after the other: id k is text[offsets[k], offsets[k + 1]).
typedef struct ck_text_ids {
  const uint8_t *text;
  const size_t *offsets;
} ck_text_ids;

/// The most bytes that ck_text_rows writes for rows [first, last).
size_t ck_text_bound(const int32_t *users, const int32_t *items, size_t first, size_t last,
                     ck_text_ids user_ids, ck_text_ids item_ids);

/// Writes rows [first, last) as `user,item,rating[,timestamp]\n` and returns the bytes written.
///
/// A rating within ±1e7 is written to the nearest hundredth, without zeros at its end, where that
/// reads back as the same float, any other in nine digits; timestamps may be NULL. `out` has room
/// for the rows' ids and CK_TEXT_ROW_EXTRA bytes a row. Cost: some 20 bytes written a row. Threads:
/// safe on disjoint rows and outputs. Cannot fail.
size_t ck_text_rows(const int32_t *users, const int32_t *items, const float *values,
                    const int64_t *timestamps, size_t first, size_t last, ck_text_ids user_ids,
                    ck_text_ids item_ids, uint8_t *out);

#ifdef __cplusplus
}
#endif
#endif
