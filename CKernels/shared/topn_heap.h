// A user's best items so far: a binary heap with the worst on top, since that is the one to
// replace.
#ifndef TOPN_HEAP_H
#define TOPN_HEAP_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>

static inline int is_worse(float score, int32_t item, float other_score, int32_t other_item) {
  return score < other_score || (score == other_score && item > other_item);
}

/// Puts (score, item) into the hole on top of a heap of `size` places.
static inline void sift_down(float *scores, int32_t *items, size_t size, float score,
                             int32_t item) {
  size_t hole = 0;
  for (size_t child = 1; child < size; child = 2 * hole + 1) {
    if (child + 1 < size &&
        is_worse(scores[child + 1], items[child + 1], scores[child], items[child]))
      child++;
    if (!is_worse(scores[child], items[child], score, item))
      break;
    scores[hole] = scores[child], items[hole] = items[child];
    hole = child;
  }
  scores[hole] = score, items[hole] = item;
}

/// Adds (score, item) to a heap of `size` places.
static inline void sift_up(float *scores, int32_t *items, size_t size, float score, int32_t item) {
  size_t hole = size;
  while (hole > 0) {
    size_t parent = (hole - 1) / 2;
    if (!is_worse(score, item, scores[parent], items[parent]))
      break;
    scores[hole] = scores[parent], items[hole] = items[parent];
    hole = parent;
  }
  scores[hole] = score, items[hole] = item;
}

/// Turns a heap into a list, best first, and fills it up to n places.
static inline void sort_heap(float *scores, int32_t *items, size_t size, size_t n) {
  for (size_t end = size; end > 1; end--) {
    float score = scores[end - 1];
    int32_t item = items[end - 1];
    scores[end - 1] = scores[0], items[end - 1] = items[0];
    sift_down(scores, items, end - 1, score, item);
  }
  for (size_t place = size; place < n; place++)
    scores[place] = -INFINITY, items[place] = -1;
}

#endif
