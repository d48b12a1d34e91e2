// Gram matrices of who met what, the weights of EASE, and scores by them.
#include "ck_gram.h"

#include "../shared/topn_heap.h"

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

void ck_gram_row(const int32_t *items, const float *strengths, const int32_t *place,
                 const int32_t *end, size_t entries, size_t item, size_t count, float *row) {
  enum { AHEAD = 8 }; // entries: each begins somewhere else in memory
  memset(row + item, 0, (count - item) * sizeof *row);
  for (size_t e = 0; e < entries; e++) {
    if (e + AHEAD < entries) {
      __builtin_prefetch(items + place[e + AHEAD]);
      __builtin_prefetch(items + place[e + AHEAD] + 16);
      __builtin_prefetch(strengths + place[e + AHEAD]);
      __builtin_prefetch(strengths + place[e + AHEAD] + 16);
    }
    const float own = strengths[place[e]];
    // Items of a row are distinct, so that no addition waits for the one before it.
    _Pragma("clang loop unroll_count(4)") for (int32_t p = place[e]; p < end[e]; p++)
        row[items[p]] += own * strengths[p];
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

/// The upper half of |x|: a number that orders like it, as far as it goes.
static uint32_t size_of(float x) {
  uint32_t bits;
  memcpy(&bits, &x, sizeof bits);
  return (bits & 0x7fffffffu) >> 16;
}

void ck_gram_sizes(const float *row, const float *inverse, size_t count, size_t item,
                   uint32_t *counts) {
  for (size_t j = 0; j < count; j++)
    counts[size_of(row[j] * inverse[j])] += j != item;
}

size_t ck_gram_weights(const float *row, const float *inverse, const int32_t *order,
                       const int32_t *names, size_t count, size_t item, uint32_t least,
                       int32_t *columns, float *weights) {
  size_t kept = 0;
  for (size_t n = 0; n < count; n++) {
    const size_t j = (size_t)order[n];
    const float weight = -row[j] * inverse[j];
    columns[kept] = names[n];
    weights[kept] = weight;
    kept += (j != item) & (size_of(weight) >= least) & (weight != 0);
  }
  return kept;
}

void ck_gram_scores(const int32_t *met, const float *strengths, size_t n, const int32_t *offsets,
                    const int32_t *columns, const float *weights, float *scores) {
  for (size_t m = 0; m < n; m++)
    for (int32_t p = offsets[met[m]]; p < offsets[met[m] + 1]; p++)
      scores[columns[p]] += strengths[m] * weights[p];
}

void ck_gram_block(const ck_csr *columns, size_t first, size_t count, size_t rows, float *block) {
  memset(block, 0, rows * CK_GRAM_BLOCK * sizeof *block);
  for (size_t c = 0; c < count; c++)
    for (int32_t p = columns->offsets[first + c]; p < columns->offsets[first + c + 1]; p++)
      block[(size_t)columns->columns[p] * CK_GRAM_BLOCK + c] = columns->values[p];
}

void ck_gram_sorted(const int32_t *found, size_t users, size_t n, int32_t *items, float *scores) {
  for (size_t u = 0; u < users; u++)
    sort_heap(scores + u * n, items + u * n, (size_t)found[u], n);
}
