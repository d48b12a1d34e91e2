// Top-N for users: preparation of items.
#include "../shared/topn_search.h"

#include <stdlib.h>
#include <string.h>

/// Lays the arrays of `prepared` out one after the other; returns the bytes used.
static size_t lay_out(ck_topn_items *prepared, size_t count, size_t items, size_t lanes) {
  size_t steps = (lanes + 1) / 2, panels = (count + TOPN_PANEL - 1) / TOPN_PANEL;
  size_t end = topn_aligned(sizeof *prepared);
  *prepared = (ck_topn_items){
      .items = items, .count = count, .lanes = lanes, .steps = steps, .panels = panels};
  prepared->order = end, end += topn_aligned(count * sizeof(int32_t));
  prepared->place = end, end += topn_aligned(items * sizeof(int32_t));
  prepared->centre = end, end += topn_aligned(lanes * sizeof(float));
  prepared->balance = end, end += topn_aligned(lanes * sizeof(float));
  prepared->rounded = end, end += panels * steps * TOPN_PANEL * 2;
  prepared->start = end, end += panels * TOPN_PANEL * sizeof(int16_t);
  prepared->panel = end, end += topn_aligned(panels * sizeof(struct topn_panel));
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
  const float *centre = TOPN_CAT(float, prepared, centre),
              *balance = TOPN_CAT(float, prepared, balance);
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
  int32_t *order = TOPN_AT(int32_t, prepared, order), *place = TOPN_AT(int32_t, prepared, place);
  struct ranked *ranked = TOPN_AT(struct ranked, prepared, rounded);
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
  const int32_t *order = TOPN_CAT(int32_t, prepared, order) + panel * TOPN_PANEL;
  int8_t *rounded = TOPN_AT(int8_t, prepared, rounded) + panel * prepared->steps * TOPN_PANEL * 2;
  int16_t *start = TOPN_AT(int16_t, prepared, start) + panel * TOPN_PANEL;
  size_t left = prepared->count - panel * TOPN_PANEL,
         filled = left < TOPN_PANEL ? left : TOPN_PANEL;
  double x[CK_TOPN_MAX_LANES], largest, norm = 0, step = 0, worst = 0, rounded_norm = 0;
  for (size_t i = 0; i < filled; i++) {
    double own = centred_row(prepared, Q + (size_t)order[i] * stride, x, &largest);
    norm = fmax(norm, own);
    step = fmax(step, topn_rounding_step(own, largest, prepared->lanes, TOPN_MAX_ITEM));
  }
  memset(rounded, 0, prepared->steps * TOPN_PANEL * 2);
  memset(start, 0, TOPN_PANEL * sizeof *start);
  int usable = isfinite(norm) && step > 0;
  for (size_t i = 0; usable && i < filled; i++) {
    centred_row(prepared, Q + (size_t)order[i] * stride, x, &largest);
    double error = 0, square = 0;
    int sum = 0;
    for (size_t l = 0; l < prepared->lanes; l++) {
      int lane = (int)lrint(x[l] / step);
      rounded[(l / 2 * TOPN_PANEL + i) * 2 + l % 2] = (int8_t)lane;
      error += (x[l] - lane * step) * (x[l] - lane * step);
      square += lane * step * (lane * step);
      sum += lane;
    }
    start[i] = (int16_t)(uint16_t)(-TOPN_OFFSET * sum);
    worst = fmax(worst, sqrt(error));
    rounded_norm = fmax(rounded_norm, sqrt(square));
  }
  // Rows that do not fit (infinite, or beyond double's squares) are never ruled out: their error is
  // infinite.
  int hopeless = !isfinite(norm);
  struct topn_panel *panels = TOPN_AT(struct topn_panel, prepared, panel);
  panels[panel] = (struct topn_panel){
      .inverse_step = usable ? (float)(1 / step) : 1,
      .error = hopeless ? INFINITY : (float)(worst * TOPN_ROUND_UP),
      .rounded_norm = (float)(rounded_norm * TOPN_ROUND_UP),
      .norm = hopeless ? INFINITY : (float)(norm * TOPN_ROUND_UP),
  };
}

void ck_topn_prepare(const ck_factors *factors, size_t users, size_t items,
                     const int32_t *candidates, size_t count, ck_topn_items *prepared) {
  const float *P = factors->P, *Q = factors->Q;
  const size_t stride = factors->stride, lanes = factors->lanes;
  lay_out(prepared, count, items, lanes);
  float *centre = TOPN_AT(float, prepared, centre), *balance = TOPN_AT(float, prepared, balance);
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
