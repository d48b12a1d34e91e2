// Top-N for users: the search's memory, and the choice among scores that are there already.
#include "../shared/topn_heap.h"
#include "../shared/topn_search.h"

#include <string.h>

static size_t lay_out_scratch(const ck_topn_items *prepared, size_t users,
                              struct topn_scratch *scratch, void *memory) {
  char *base = memory;
  size_t groups = topn_group_count(users), pairs = topn_aligned(groups * sizeof(struct topn_group));
  size_t left_out = pairs + topn_aligned(groups * prepared->steps * TOPN_GROUP * sizeof(uint32_t));
  if (scratch)
    *scratch = (struct topn_scratch){(struct topn_group *)base, (uint32_t *)(base + pairs),
                                     (uint64_t *)(base + left_out)};
  return left_out + topn_aligned(users * prepared->panels * sizeof(uint64_t));
}

size_t ck_topn_scratch_bytes(const ck_topn_items *prepared, size_t count) {
  return lay_out_scratch(prepared, count, NULL, NULL);
}

/// Marks what a user is not to be recommended: places beyond the last candidate, and seen items.
static void mark_left_out(const ck_topn_items *prepared, const int32_t *seen, size_t seen_count,
                          uint64_t *left_out) {
  const int32_t *place = TOPN_CAT(int32_t, prepared, place);
  memset(left_out, 0, prepared->panels * sizeof *left_out);
  if (prepared->count % TOPN_PANEL)
    left_out[prepared->panels - 1] = ~0ULL << prepared->count % TOPN_PANEL;
  for (size_t s = 0; s < seen_count; s++) {
    int32_t position = place[seen[s]];
    if (position >= 0)
      left_out[position / TOPN_PANEL] |= 1ULL << position % TOPN_PANEL;
  }
}

void ck_topn_search(const ck_topn_items *prepared, const ck_factors *factors, const int32_t *users,
                    size_t count, const ck_csr *seen, size_t n, int32_t *out_items,
                    float *out_scores, void *scratch) {
  topn_search search = {.prepared = prepared,
                        .Q = factors->Q,
                        .P = factors->P,
                        .stride = factors->stride,
                        .mean = factors->mean,
                        .users = users,
                        .count = count,
                        .n = n,
                        .out_items = out_items,
                        .out_scores = out_scores};
  lay_out_scratch(prepared, count, &search.scratch, scratch);
  for (size_t u = 0; u < count; u++) {
    size_t from = seen ? (size_t)seen->offsets[users[u]] : 0;
    size_t to = seen ? (size_t)seen->offsets[users[u] + 1] : 0;
    mark_left_out(prepared, to > from ? seen->columns + from : NULL, to - from,
                  search.scratch.left_out + u * prepared->panels);
  }
  ck_topn_walk(&search);
  for (size_t u = 0; u < count; u++)
    sort_heap(out_scores + u * n, out_items + u * n,
              search.scratch.groups[u / TOPN_GROUP].found[u % TOPN_GROUP], n);
}

void ck_topn_select(const float *scores, const int32_t *items, size_t count, const int32_t *seen,
                    size_t seen_count, size_t n, int32_t *out_items, float *out_scores) {
  enum { block = 32 }; // scores passed over at a time where none can enter
  size_t size = 0, next = 0;
  float worst = -INFINITY;
  for (size_t c = 0; c < count && n > 0; c++) {
    if (size == n && c % block == 0 && c + block <= count) {
      int any = 0;
      for (size_t s = 0; s < block; s++)
        any |= scores[c + s] > worst;
      if (!any) {
        c += block - 1;
        continue;
      }
    }
    float score = isnan(scores[c]) ? -INFINITY : scores[c];
    // Items ascend: one that ties with the worst kept comes behind it.
    if (size == n && !(score > worst))
      continue;
    while (next < seen_count && seen[next] < items[c])
      next++;
    if (next < seen_count && seen[next] == items[c])
      continue;
    if (size < n)
      sift_up(out_scores, out_items, size++, score, items[c]);
    else
      sift_down(out_scores, out_items, n, score, items[c]);
    worst = out_scores[0];
  }
  sort_heap(out_scores, out_items, size, n);
}
