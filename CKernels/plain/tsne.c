// What t-SNE does once, or in an order: points by grid row, affinities made symmetric.
#include "ck_tsne.h"

#include <string.h>

size_t ck_tsne_scratch(size_t side) { return (2 * side + CK_TSNE_BLOCK) * 2 * CK_TSNE_BLOCK; }

void ck_tsne_sort(const ck_tsne_points *points, size_t side, float spacing) {
  int32_t *starts = (int32_t *)points->starts, *order = (int32_t *)points->order;
  const float scale = 1 / spacing;
  memset(starts, 0, (side + 1) * sizeof(int32_t));
  // Counted one further on, so that placing leaves the starts where they belong.
  for (size_t i = 0; i < points->count; i++)
    starts[(int32_t)((points->y[i] - points->bottom) * scale) + 1]++;
  for (size_t row = 1; row <= side; row++)
    starts[row] += starts[row - 1];
  for (size_t i = 0; i < points->count; i++)
    order[starts[(int32_t)((points->y[i] - points->bottom) * scale)]++] = (int32_t)i;
}

/// Marks the neighbours of a point by one more than their rank.
static void mark(const ck_tsne_directed *directed, size_t i, int32_t *marks) {
  const int32_t *own = directed->neighbours + i * directed->stride;
  for (size_t rank = 0; rank < directed->count; rank++)
    marks[own[rank]] = (int32_t)rank + 1;
}

static void unmark(const ck_tsne_directed *directed, size_t i, int32_t *marks) {
  const int32_t *own = directed->neighbours + i * directed->stride;
  for (size_t rank = 0; rank < directed->count; rank++)
    marks[own[rank]] = 0;
}

void ck_tsne_join_lengths(const ck_tsne_directed *directed, size_t first, size_t last,
                          int32_t *marks, int32_t *lengths) {
  for (size_t i = first; i < last; i++) {
    mark(directed, i, marks);
    size_t length = directed->count;
    for (int32_t n = directed->starts[i]; n < directed->starts[i + 1]; n++)
      length += marks[(size_t)directed->entries[n] / directed->count] == 0;
    unmark(directed, i, marks);
    lengths[i] = (int32_t)((length + 15) / 16 * 16);
  }
}

void ck_tsne_join(const ck_tsne_directed *directed, size_t first, size_t last, int32_t *marks,
                  const int32_t *offsets, int32_t *columns, float *values) {
  const size_t count = directed->count;
  const float sum = directed->sum;
  for (size_t i = first; i < last; i++) {
    mark(directed, i, marks);
    const int32_t begin = offsets[i];
    int32_t end = begin + (int32_t)count;
    for (size_t rank = 0; rank < count; rank++) {
      columns[begin + (int32_t)rank] = directed->neighbours[i * directed->stride + rank];
      values[begin + (int32_t)rank] = sum * directed->p[i * count + rank];
    }
    for (int32_t n = directed->starts[i]; n < directed->starts[i + 1]; n++) {
      const size_t entry = (size_t)directed->entries[n], j = entry / count;
      const float p = directed->p[entry];
      if (marks[j] > 0) {
        const int32_t rank = marks[j] - 1;
        const float other = directed->p[i * count + (size_t)rank];
        values[begin + rank] = sum * (p + other) + directed->product * p * other;
      } else {
        columns[end] = (int32_t)j;
        values[end++] = sum * p;
      }
    }
    for (; end < offsets[i + 1]; end++) {
      columns[end] = (int32_t)i;
      values[end] = 0;
    }
    unmark(directed, i, marks);
  }
}
