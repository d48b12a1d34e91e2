// Inside of top-N: the memory of prepared items, and how a row is rounded to 8 bits.
#ifndef TOPN_ITEMS_H
#define TOPN_ITEMS_H

#include "ck_topn.h"

#include <math.h>

enum {
  PANEL = 64,     // items in a panel: two AVX-512 vectors of 16-bit sums
  GROUP = 6,      // users walked together: 6 × 2 sums, 2 item vectors, 2 temporaries: 16 registers
  GROUP_PAD = 8,  // floats kept for a group: one AVX vector
  OFFSET = 64,    // added to a user's rounded lanes, -63...63, to make them unsigned
  MAX_USER = 63,  // with MAX_ITEM: 2 · (63 + 64) · 127 fits 16 bits, so pairs never saturate
  MAX_ITEM = 127, //
  MAX_NORM = 181, // of a rounded row: 181² < 2^15, so the whole sum fits 16 bits
};

/// Widens a bound by far more than the rounding of its own computation in double and float.
#define ROUND_UP 1.000001

struct ck_topn_items {
  size_t items, count, lanes;
  size_t steps;        // pairs of lanes
  size_t panels;       // the last one filled up with zero rows
  double largest_norm; // of the candidates' rows of Q
  // Offsets in bytes from the start of this struct.
  size_t order;   // int32 [count]: position → item
  size_t place;   // int32 [items]: item → position, -1 when it is no candidate
  size_t centre;  // float [lanes]: subtracted from item rows
  size_t balance; // float [lanes]: powers of two; x = (q - centre) · balance, y = p / balance
  size_t rounded; // int8  [panels][steps][PANEL][2]
  size_t start;   // int16 [panels][PANEL]: -OFFSET · sum of the item's rounded lanes, modulo 2^16
  size_t panel;   // struct panel [panels]
};

/// What is known of a panel's items; each bound is the largest of its items, rounded up.
struct panel {
  float inverse_step; // x̂ = step · rounded lanes
  float error;        // ‖x − x̂‖
  float rounded_norm; // ‖x̂‖
  float norm;         // ‖x‖: never rises from panel to panel
};

#define AT(type, prepared, field) ((type *)((char *)(prepared) + (prepared)->field))
#define CAT(type, prepared, field) ((const type *)((const char *)(prepared) + (prepared)->field))

/// The smallest step at which `lanes` lanes of this norm and largest magnitude round to at most
/// `most` each and MAX_NORM together (rounding adds at most half a step a lane).
static inline double rounding_step(double norm, double largest, size_t lanes, double most) {
  double by_norm = norm / (MAX_NORM - 0.5 * sqrt((double)lanes));
  double by_largest = largest / most;
  return by_norm > by_largest ? by_norm : by_largest;
}

#endif
