// Compressed sparse rows: placing, sorting, looking up.
#include "ck_csr.h"

void ck_csr_place(const int32_t *keys, const int32_t *columns, size_t first, size_t last,
                  int32_t *next, int32_t *out) {
  for (size_t j = first; j < last; j++)
    out[next[keys[j]]++] = columns[j];
}

// Reads the marked columns back in order, clearing the marks; returns how many there were.
static size_t take_marked(uint64_t *words, uint64_t *occupied, size_t levels, int32_t *out) {
  size_t found = 0;
  for (size_t level = 0; level < levels; level++) {
    for (; occupied[level]; occupied[level] &= occupied[level] - 1) {
      size_t w = 64 * level + (size_t)__builtin_ctzll(occupied[level]);
      for (; words[w]; words[w] &= words[w] - 1)
        out[found++] = (int32_t)(64 * w + (size_t)__builtin_ctzll(words[w]));
    }
  }
  return found;
}

size_t ck_csr_sort(const int32_t *offsets, size_t first, size_t last, size_t count,
                   int32_t *columns, uint64_t *bits) {
  uint64_t *words = bits, *occupied = bits + count / 64 + 1;
  size_t repeats = 0;
  for (size_t r = first; r < last; r++) {
    int32_t *row = columns + offsets[r];
    size_t n = (size_t)(offsets[r + 1] - offsets[r]);
    for (size_t j = 0; j < n; j++) {
      uint32_t column = (uint32_t)row[j];
      words[column / 64] |= 1ULL << (column % 64);
      occupied[column / 4096] |= 1ULL << (column / 64 % 64);
    }
    size_t kept = take_marked(words, occupied, count / 4096 + 1, row);
    repeats += n - kept;
    // Where a column came twice the row is short: its end repeats the last, for ck_csr_unique to
    // drop.
    for (; kept < n; kept++)
      row[kept] = row[kept - 1];
  }
  return repeats;
}

size_t ck_csr_unique(int32_t *offsets, size_t rows, int32_t *columns) {
  int32_t kept = 0;
  for (size_t r = 0; r < rows; r++) {
    int32_t first = offsets[r], start = kept;
    offsets[r] = start;
    for (int32_t j = first; j < offsets[r + 1]; j++)
      if (kept == start || columns[kept - 1] != columns[j])
        columns[kept++] = columns[j];
  }
  offsets[rows] = kept;
  return (size_t)kept;
}

void ck_csr_contains(const int32_t *offsets, const int32_t *sorted, const int32_t *keys,
                     const int32_t *columns, size_t n, uint8_t *out) {
  for (size_t j = 0; j < n; j++) {
    const int32_t *row = sorted + offsets[keys[j]];
    size_t length = (size_t)(offsets[keys[j] + 1] - offsets[keys[j]]);
    // Halves the row by a conditional move; ends on the last column not above the wanted one.
    while (length > 1) {
      size_t half = length / 2;
      row = row[half] <= columns[j] ? row + half : row;
      length -= half;
    }
    out[j] = length == 1 && *row == columns[j];
  }
}
