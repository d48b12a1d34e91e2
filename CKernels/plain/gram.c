// Gram matrices of who met what, the weights of EASE, and scores by them.
#include "ck_gram.h"

#include <string.h>

void ck_gram_entries(const int32_t *offsets, const int32_t *items, size_t users, int32_t *next,
                     int32_t *place, int32_t *end) {
  for (size_t u = 0; u < users; u++)
    for (int32_t p = offsets[u]; p < offsets[u + 1]; p++) {
      const int32_t to = next[items[p]]++;
      place[to] = p;
      end[to] = offsets[u + 1];
    }
}

void ck_gram_row(const int32_t *items, const int32_t *place, const int32_t *end,
                 const float *weights, size_t entries, size_t item, size_t count, float *row) {
  enum { AHEAD = 8 }; // entries: each begins somewhere else in memory
  memset(row + item, 0, (count - item) * sizeof *row);
  for (size_t e = 0; e < entries; e++) {
    const float weight = weights ? weights[e] : 1;
    if (e + AHEAD < entries) {
      __builtin_prefetch(items + place[e + AHEAD]);
      __builtin_prefetch(items + place[e + AHEAD] + 16);
    }
    // Items of a row are distinct, so that no addition waits for the one before it.
    _Pragma("clang loop unroll_count(4)") for (int32_t p = place[e]; p < end[e]; p++)
        row[items[p]] += weight;
  }
}

void ck_gram_mirror(float *G, size_t stride, size_t count, size_t first, size_t last) {
  enum { TILE = 32 };
  for (size_t i0 = first; i0 < last; i0 += TILE)
    for (size_t j0 = i0; j0 < count; j0 += TILE)
      for (size_t i = i0; i < i0 + TILE && i < last; i++)
        for (size_t j = j0 > i ? j0 : i + 1; j < j0 + TILE && j < count; j++)
          G[j * stride + i] = G[i * stride + j];
}

/// |x| as a number that orders like it.
static uint32_t magnitude(float x) {
  uint32_t bits;
  memcpy(&bits, &x, sizeof bits);
  return bits & 0x7fffffffu;
}

/// The value that `most` of `count` keys are at least as large as (Hoare's selection); reorders them.
static uint32_t select_largest(uint32_t *keys, size_t count, size_t most) {
  size_t low = 0, high = count - 1, wanted = most - 1;
  while (low < high) {
    const uint32_t a = keys[low], b = keys[low + (high - low) / 2], c = keys[high];
    const uint32_t pivot = a > b ? (b > c ? b : a > c ? c : a) : (a > c ? a : b > c ? c : b);
    size_t i = low, j = high;
    for (;;) {
      while (keys[i] > pivot)
        i++;
      while (keys[j] < pivot)
        j--;
      if (i >= j)
        break;
      const uint32_t key = keys[i];
      keys[i++] = keys[j];
      keys[j--] = key;
    }
    // keys[low..j] >= pivot >= keys[j+1..high]
    if (wanted <= j && j < high)
      high = j;
    else if (wanted > j)
      low = j + 1;
    else
      high--; // the pivot is the least of all: nothing was divided
  }
  return keys[wanted];
}

size_t ck_gram_weights(const float *row, const float *inverse, size_t count, size_t item,
                       size_t most, uint32_t *scratch, int32_t *columns, float *weights) {
  uint32_t least = 1; // nothing is kept that is zero
  if (most == 0)
    return 0;
  if (most < count) {
    for (size_t j = 0; j < count; j++)
      scratch[j] = j == item ? 0 : magnitude(row[j] * inverse[j]);
    const uint32_t found = select_largest(scratch, count, most);
    least = found > least ? found : least;
  }
  size_t above = 0; // how many surely are among the largest
  for (size_t j = 0; j < count && most < count; j++)
    above += j != item && magnitude(row[j] * inverse[j]) > least;
  size_t equal = most < count ? most - above : count, kept = 0;
  for (size_t j = 0; j < count; j++) {
    const float weight = -row[j] * inverse[j];
    const uint32_t size = magnitude(weight);
    if (j == item || size < least || (size == least && equal == 0))
      continue;
    equal -= size == least;
    columns[kept] = (int32_t)j;
    weights[kept++] = weight;
  }
  return kept;
}

void ck_gram_scores(const int32_t *met, size_t n, const int32_t *offsets, const int32_t *columns,
                    const float *weights, float *scores) {
  for (size_t m = 0; m < n; m++)
    for (int32_t p = offsets[met[m]]; p < offsets[met[m] + 1]; p++)
      scores[columns[p]] += weights[p];
}
