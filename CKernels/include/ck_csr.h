/// Pairs (row, column) grouped by row: compressed sparse rows by a stable counting sort in parts.
///
/// The pairs are cut into parts; each part is counted and placed on its own, so parts may run side
/// by side. The result is the same for any cut: within a row, columns keep the order of the pairs.
#ifndef CK_CSR_H
#define CK_CSR_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Counts the pairs of one part:  counts[keys[j]] += 1
///
///   keys    [n] int32       0 <= keys[j] < rows: checked by the caller
///   counts  [rows] int32    added to
///
/// Cost: 4·n bytes read, n counter updates. Threads: one part each. Cannot fail.
void ck_csr_count(const int32_t *keys, size_t n, int32_t *counts);

/// Turns the counts of all parts into places:  counts[p, r] becomes where part p writes its first
/// pair of row r; offsets[r] is where row r starts, offsets[rows] the number of pairs.
///
///   counts   [parts, rows] int32   as ck_csr_count left them; overwritten
///   offsets  [rows + 1] int32      overwritten; the number of pairs must be below 2^31
///
/// Cost: 8·parts·rows bytes. Threads: one call for all parts. Cannot fail.
void ck_csr_offsets(size_t parts, size_t rows, int32_t *counts, int32_t *offsets);

/// Places the columns of one part:  out[next[keys[j]]++] = columns[j]
///
///   keys, columns  [n] int32      this part's pairs
///   next           [rows] int32   this part's places from ck_csr_offsets; advanced
///   out            [pairs] int32  written at this part's places alone
///
/// Cost: 8·n bytes read, 4·n written to `rows` streams. Threads: one part each. Cannot fail.
void ck_csr_place(const int32_t *keys, const int32_t *columns, size_t n, int32_t *next,
                  int32_t *out);

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

#ifdef __cplusplus
}
#endif
#endif
