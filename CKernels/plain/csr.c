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

// The last place of a row whose column is not above the wanted one, or its first: a search by conditional moves.
static const int32_t *last_not_above(const int32_t *row, size_t length, int32_t column) {
  while (length > 1) {
    size_t half = length / 2;
    row = row[half] <= column ? row + half : row;
    length -= half;
  }
  return row;
}

void ck_csr_contains(const int32_t *offsets, const int32_t *sorted, const int32_t *keys,
                     const int32_t *columns, size_t n, uint8_t *out) {
  for (size_t j = 0; j < n; j++) {
    size_t length = (size_t)(offsets[keys[j] + 1] - offsets[keys[j]]);
    out[j] =
        length > 0 && *last_not_above(sorted + offsets[keys[j]], length, columns[j]) == columns[j];
  }
}

void ck_csr_places(const int32_t *offsets, const int32_t *sorted, const int32_t *keys,
                   const int32_t *columns, size_t n, int32_t *place, int32_t *out) {
  for (size_t first = 0, last; first < n; first = last) {
    const int32_t key = keys[first], start = offsets[key], end = offsets[key + 1];
    for (last = first + 1; last < n && keys[last] == key; last++) {
    }
    // A search costs as much as spreading some eight entries.
    if ((last - first) * 8 >= (size_t)(end - start)) {
      for (int32_t p = start; p < end; p++)
        place[sorted[p]] = p;
      for (size_t j = first; j < last; j++)
        out[j] = place[columns[j]];
    } else {
      for (size_t j = first; j < last; j++)
        out[j] =
            (int32_t)(last_not_above(sorted + start, (size_t)(end - start), columns[j]) - sorted);
    }
  }
}
