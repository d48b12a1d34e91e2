// Top-N for users: preparation of items, and the choice of the search's body.
#include "target.h"
#include "topn_heap.h"
#include "topn_items.h"

#include "ck_isa.h"

#include <stdlib.h>
#include <string.h>

static size_t aligned(size_t bytes) { return (bytes + 63) / 64 * 64; }

/// Lays the arrays of `prepared` out one after the other; returns the bytes used.
static size_t lay_out(ck_topn_items *prepared, size_t count, size_t items, size_t lanes) {
  size_t steps = (lanes + 1) / 2, panels = (count + PANEL - 1) / PANEL;
  size_t end = aligned(sizeof *prepared);
  *prepared = (ck_topn_items){
      .items = items, .count = count, .lanes = lanes, .steps = steps, .panels = panels};
  prepared->order = end, end += aligned(count * sizeof(int32_t));
  prepared->place = end, end += aligned(items * sizeof(int32_t));
  prepared->centre = end, end += aligned(lanes * sizeof(float));
  prepared->balance = end, end += aligned(lanes * sizeof(float));
  prepared->rounded = end, end += panels * steps * PANEL * 2;
  prepared->start = end, end += panels * PANEL * sizeof(int16_t);
  prepared->panel = end, end += aligned(panels * sizeof(struct panel));
  return end;
}

size_t ck_topn_items_bytes(size_t count, size_t items, size_t lanes) {
  ck_topn_items layout;
  size_t bytes = lay_out(&layout, count, items, lanes);
  // Preparation sorts (norm, item) pairs where the rounded rows will be.
  size_t sorting = layout.rounded + count * sizeof(double[2]);
  return bytes > sorting ? bytes : sorting;
}

/// Mean square of one lane, less `centre`, over at most 4,096 rows spread over the table.
static double mean_square(const float *rows, size_t count, size_t stride, size_t lane,
                          double centre) {
  size_t sampled = count < 4096 ? count : 4096;
  double sum = 0;
  for (size_t s = 0; s < sampled; s++) {
    double x = (double)rows[s * count / sampled * stride + lane] - centre;
    sum += x * x;
  }
  return sampled ? sum / (double)sampled : 0;
}

/// The power of two s for which p/s and q·s have about the same size: of all ways to share the
/// lanes' scales, equal shares make ‖p/s‖·‖q·s‖ smallest.
static float balance_of(double user_square, double item_square) {
  double exponent =
      user_square > 0 && item_square > 0 ? 0.25 * (log2(user_square) - log2(item_square)) : 0;
  if (!(exponent > -40))
    exponent = -40;
  if (!(exponent < 40))
    exponent = 40;
  return (float)ldexp(1, (int)lrint(exponent));
}

struct ranked {
  double norm;
  int64_t item;
};

static int by_falling_norm(const void *left, const void *right) {
  const struct ranked *a = left, *b = right;
  if (a->norm != b->norm)
    return a->norm < b->norm ? 1 : -1;
  return a->item < b->item ? -1 : 1;
}

/// The centred, balanced row of an item; returns its norm and its largest magnitude.
static double centred_row(const ck_topn_items *prepared, const float *q, double *x,
                          double *largest) {
  const float *centre = CAT(float, prepared, centre), *balance = CAT(float, prepared, balance);
  double square = 0;
  *largest = 0;
  for (size_t l = 0; l < prepared->lanes; l++) {
    x[l] = ((double)q[l] - centre[l]) * balance[l];
    square += x[l] * x[l];
    *largest = fmax(*largest, fabs(x[l]));
  }
  return sqrt(square);
}

/// Sorts candidates by falling norm into `order` and `place`.
static void order_items(ck_topn_items *prepared, const float *Q, size_t stride,
                        const int32_t *candidates) {
  int32_t *order = AT(int32_t, prepared, order), *place = AT(int32_t, prepared, place);
  struct ranked *ranked = AT(struct ranked, prepared, rounded);
  double x[CK_TOPN_MAX_LANES], largest;
  for (size_t c = 0; c < prepared->count; c++) {
    size_t item = candidates ? (size_t)candidates[c] : c;
    const float *q = Q + item * stride;
    ranked[c] = (struct ranked){centred_row(prepared, q, x, &largest), (int64_t)item};
    double square = 0;
    for (size_t l = 0; l < prepared->lanes; l++)
      square += (double)q[l] * q[l];
    prepared->largest_norm = fmax(prepared->largest_norm, sqrt(square));
  }
  qsort(ranked, prepared->count, sizeof *ranked, by_falling_norm);
  for (size_t i = 0; i < prepared->items; i++)
    place[i] = -1;
  for (size_t c = 0; c < prepared->count; c++) {
    order[c] = (int32_t)ranked[c].item;
    place[order[c]] = (int32_t)c;
  }
}

/// Rounds the items of one panel to 8 bits with a common step.
static void round_panel(ck_topn_items *prepared, const float *Q, size_t stride, size_t panel) {
  const int32_t *order = CAT(int32_t, prepared, order) + panel * PANEL;
  int8_t *rounded = AT(int8_t, prepared, rounded) + panel * prepared->steps * PANEL * 2;
  int16_t *start = AT(int16_t, prepared, start) + panel * PANEL;
  size_t left = prepared->count - panel * PANEL, filled = left < PANEL ? left : PANEL;
  double x[CK_TOPN_MAX_LANES], largest, norm = 0, step = 0, worst = 0, rounded_norm = 0;
  for (size_t i = 0; i < filled; i++) {
    double own = centred_row(prepared, Q + (size_t)order[i] * stride, x, &largest);
    norm = fmax(norm, own);
    step = fmax(step, rounding_step(own, largest, prepared->lanes, MAX_ITEM));
  }
  memset(rounded, 0, prepared->steps * PANEL * 2);
  memset(start, 0, PANEL * sizeof *start);
  int usable = isfinite(norm) && step > 0;
  for (size_t i = 0; usable && i < filled; i++) {
    centred_row(prepared, Q + (size_t)order[i] * stride, x, &largest);
    double error = 0, square = 0;
    int sum = 0;
    for (size_t l = 0; l < prepared->lanes; l++) {
      int lane = (int)lrint(x[l] / step);
      rounded[(l / 2 * PANEL + i) * 2 + l % 2] = (int8_t)lane;
      error += (x[l] - lane * step) * (x[l] - lane * step);
      square += lane * step * (lane * step);
      sum += lane;
    }
    start[i] = (int16_t)(uint16_t)(-OFFSET * sum);
    worst = fmax(worst, sqrt(error));
    rounded_norm = fmax(rounded_norm, sqrt(square));
  }
  // Rows that do not fit (infinite, or beyond double's squares) are never ruled out: their error is
  // infinite.
  int hopeless = !isfinite(norm);
  struct panel *panels = AT(struct panel, prepared, panel);
  panels[panel] = (struct panel){
      .inverse_step = usable ? (float)(1 / step) : 1,
      .error = hopeless ? INFINITY : (float)(worst * ROUND_UP),
      .rounded_norm = (float)(rounded_norm * ROUND_UP),
      .norm = hopeless ? INFINITY : (float)(norm * ROUND_UP),
  };
}

void ck_topn_prepare(const float *Q, size_t items, size_t stride, size_t lanes,
                     const int32_t *candidates, size_t count, const float *P, size_t users,
                     ck_topn_items *prepared) {
  lay_out(prepared, count, items, lanes);
  float *centre = AT(float, prepared, centre), *balance = AT(float, prepared, balance);
  for (size_t l = 0; l < lanes; l++) {
    double sum = 0;
    for (size_t c = 0; c < count; c++)
      sum += (double)Q[(candidates ? (size_t)candidates[c] : c) * stride + l];
    double mean = count ? sum / (double)count : 0;
    centre[l] = isfinite(mean) ? (float)mean : 0;
    balance[l] = balance_of(mean_square(P, users, stride, l, 0),
                            mean_square(Q, items, stride, l, (double)centre[l]));
  }
  order_items(prepared, Q, stride, candidates);
  for (size_t panel = 0; panel < prepared->panels; panel++)
    round_panel(prepared, Q, stride, panel);
}

/// What a search keeps for a group of users; vectors of GROUP_PAD, unused places filled with users
/// who want nothing.
struct group {
  float limit[GROUP_PAD]; // least y·x that can still enter, less a margin for all rounding in float
  float norm[GROUP_PAD];  // ‖y‖
  float error[GROUP_PAD];        // ‖y − ŷ‖
  float inverse_step[GROUP_PAD]; // ŷ = step · rounded lanes
  float base[GROUP_PAD];         // mean + p·centre: score = base + y·x
  float margin[GROUP_PAD];       // of a score's rounding
  size_t found[GROUP_PAD];       // items in the heap
  size_t users;                  // in use
};

/// Items of a tile whose float scores are still to be computed: their rows are on the way from
/// memory.
struct pending {
  size_t count;
  int32_t item[GROUP * PANEL];
  uint8_t place[GROUP * PANEL]; // of the user in the group
};

/// Where a call's scratch lies.
struct scratch {
  struct group *groups;
  uint32_t *pairs;    // [groups][steps][GROUP]: two lanes of 8 bits, twice
  uint64_t *left_out; // [users][panels]: positions not to be recommended, a bit each
};

/// One call, as the bodies see it.
struct search {
  const ck_topn_items *prepared;
  const float *Q, *P;
  size_t stride;
  float mean;
  const int32_t *users;
  size_t count, n;
  int32_t *out_items;
  float *out_scores;
  struct scratch scratch;
};

static size_t group_count(size_t users) { return (users + GROUP - 1) / GROUP; }

static size_t lay_out_scratch(const ck_topn_items *prepared, size_t users, struct scratch *scratch,
                              void *memory) {
  char *base = memory;
  size_t groups = group_count(users), pairs = aligned(groups * sizeof(struct group));
  size_t left_out = pairs + aligned(groups * prepared->steps * GROUP * sizeof(uint32_t));
  if (scratch)
    *scratch = (struct scratch){(struct group *)base, (uint32_t *)(base + pairs),
                                (uint64_t *)(base + left_out)};
  return left_out + aligned(users * prepared->panels * sizeof(uint64_t));
}

size_t ck_topn_scratch_bytes(const ck_topn_items *prepared, size_t count) {
  return lay_out_scratch(prepared, count, NULL, NULL);
}

/// Marks what a user is not to be recommended: places beyond the last candidate, and seen items.
static void mark_left_out(const ck_topn_items *prepared, const int32_t *seen, size_t seen_count,
                          uint64_t *left_out) {
  const int32_t *place = CAT(int32_t, prepared, place);
  memset(left_out, 0, prepared->panels * sizeof *left_out);
  if (prepared->count % PANEL)
    left_out[prepared->panels - 1] = ~0ULL << prepared->count % PANEL;
  for (size_t s = 0; s < seen_count; s++) {
    int32_t position = place[seen[s]];
    if (position >= 0)
      left_out[position / PANEL] |= 1ULL << position % PANEL;
  }
}

#define VARIANT(name) name##_scalar
#include "topn_body.inc"
#undef VARIANT

#if defined(__x86_64__)
#include <immintrin.h>

#define TOPN_AVX2
#define VARIANT(name) name##_avx2
#pragma clang attribute push(__attribute__((CK_TARGET_AVX2)), apply_to = function)
#include "topn_body.inc"
#pragma clang attribute pop
#undef VARIANT
#undef TOPN_AVX2

#define TOPN_AVX512
#define VARIANT(name) name##_avx512
#pragma clang attribute push(__attribute__((CK_TARGET_AVX512)), apply_to = function)
#include "topn_body.inc"
#pragma clang attribute pop
#undef VARIANT
#undef TOPN_AVX512
#endif

void ck_topn_search(const ck_topn_items *prepared, const float *Q, const float *P, size_t stride,
                    float mean, const int32_t *users, size_t count, const int32_t *seen_offsets,
                    const int32_t *seen_items, size_t n, int32_t *out_items, float *out_scores,
                    void *scratch) {
  struct search search = {prepared, Q, P,         stride,     mean, users,
                          count,    n, out_items, out_scores, {0}};
  lay_out_scratch(prepared, count, &search.scratch, scratch);
  for (size_t u = 0; u < count; u++) {
    size_t from = seen_offsets ? (size_t)seen_offsets[users[u]] : 0;
    size_t to = seen_offsets ? (size_t)seen_offsets[users[u] + 1] : 0;
    mark_left_out(prepared, to > from ? seen_items + from : NULL, to - from,
                  search.scratch.left_out + u * prepared->panels);
  }
  switch (ck_isa_active()) {
#if defined(__x86_64__)
  case CK_ISA_AVX512:
    search_avx512(&search);
    break;
  case CK_ISA_AVX2:
    search_avx2(&search);
    break;
#endif
  default:
    search_scalar(&search);
  }
  for (size_t u = 0; u < count; u++)
    sort_heap(out_scores + u * n, out_items + u * n,
              search.scratch.groups[u / GROUP].found[u % GROUP], n);
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
