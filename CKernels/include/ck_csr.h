/// Compressed sparse rows: columns placed by row, sorted, made unique, looked up.
///
/// Rows are counted and given their places by ck_columns_count and ck_columns_starts.
#ifndef CK_CSR_H
#define CK_CSR_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Compressed rows, to be read: row r holds the entries offsets[r] ..< offsets[r + 1].
typedef struct ck_csr {
  size_t rows;
  const int32_t *offsets; ///< [rows + 1] ascending
  const int32_t *columns; ///< [entries]
  const float *values;    ///< [entries], or NULL where entries have no number
} ck_csr;

/// One sparse row: the entries of a ck_csr's row, or a list of its own.
typedef struct ck_csr_row {
  size_t count;
  const int32_t *columns; ///< [count]
  const float *values;    ///< [count]
} ck_csr_row;

/// Places the columns of one part:  out[next[keys[j]]++] = columns[j] for first <= j < last
///
///   keys, columns  [pairs] int32
///   next           [rows] int32   this part's places from ck_columns_starts; advanced
///   out            [pairs] int32  written at this part's places alone
///
/// Cost: 8 bytes a pair read, 4 written to `rows` streams. Threads: one part each. Cannot fail.
void ck_csr_place(const int32_t *keys, const int32_t *columns, size_t first, size_t last,
                  int32_t *next, int32_t *out);

/// Sorts the columns of rows first..<last; returns how many repeat the one before them.
///
///   offsets  [rows + 1], columns [pairs] int32   0 <= columns[j] < count; sorted in place
///   bits     [count/64 + count/4096 + 2] uint64  scratch: zeros, and zeros again on return
///
/// A row is marked in a bitmap, whose occupied words are marked in a second one, and read back:
/// linear in its length. Cost: 8 bytes a pair, and count/4096 words a row. Threads: safe on
/// disjoint ranges of rows with scratch of their own. Cannot fail.
size_t ck_csr_sort(const int32_t *offsets, size_t first, size_t last, size_t count,
                   int32_t *columns, uint64_t *bits);

/// Drops columns that repeat the one before them in their row; returns the number of pairs left.
///
///   offsets  [rows + 1], columns [pairs] int32   rewritten in place
///
/// Cost: 4 bytes a pair read and written. Threads: one call for all rows. Cannot fail.
size_t ck_csr_unique(int32_t *offsets, size_t rows, int32_t *columns);

/// Marks which pairs occur in compressed rows:  out[j] = 1 if column[j] is in row key[j], else 0
///
///   offsets  [rows + 1], sorted [pairs] int32   columns strictly ascending within a row
///   keys, columns  [n] int32                    0 <= keys[j] < rows: checked by the caller
///   out      [n] bytes                          overwritten
///
/// Cost: a binary search a pair. Threads: safe on disjoint ranges of j. Cannot fail.
void ck_csr_contains(const int32_t *offsets, const int32_t *sorted, const int32_t *keys,
                     const int32_t *columns, size_t n, uint8_t *out);

/// Finds pairs that all occur in compressed rows:  sorted[out[j]] = columns[j], within row keys[j]
///
///   offsets  [rows + 1], sorted [pairs] int32   columns strictly ascending within a row, 0 <= sorted[p] < count
///   keys, columns  [n] int32                    0 <= keys[j] < rows; columns[j] is in row keys[j]
///   place    [count] int32                      scratch: need not be set
///   out      [n] int32                          overwritten
///
/// A row is spread over `place` where it is asked for often enough in succession, as in files that go user
/// by user; elsewhere each pair is searched for. Cost: 8 bytes read and 4 written a pair, 8 moved an entry of
/// a row that is spread. Threads: safe on disjoint ranges of j with scratch of their own. Cannot fail.
void ck_csr_places(const int32_t *offsets, const int32_t *sorted, const int32_t *keys,
                   const int32_t *columns, size_t n, int32_t *place, int32_t *out);

#ifdef __cplusplus
}
#endif
#endif
