// Inside of top-N: the memory of prepared items and of a search, and how a row is rounded to 8 bits.
#ifndef TOPN_SEARCH_H
#define TOPN_SEARCH_H

#include "ck_topn.h"

#include <math.h>

enum {
  TOPN_PANEL = 64, // items in a panel: two AVX-512 vectors of 16-bit sums
  TOPN_GROUP = 6,  // users walked together: 6 × 2 sums, 2 item vectors, 2 temporaries: 16 registers
  TOPN_GROUP_PAD = 8, // floats kept for a group: one AVX vector
  TOPN_OFFSET = 64,   // added to a user's rounded lanes, -63...63, to make them unsigned
  TOPN_MAX_USER =
      63, // with TOPN_MAX_ITEM: 2 · (63 + 64) · 127 fits 16 bits, so pairs never saturate
  TOPN_MAX_ITEM = 127, //
  TOPN_MAX_NORM = 181, // of a rounded row: 181² < 2^15, so the whole sum fits 16 bits
};

/// Widens a bound by far more than the rounding of its own computation in double and float.
#define TOPN_ROUND_UP 1.000001

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
  size_t rounded; // int8  [panels][steps][TOPN_PANEL][2]
  size_t
      start; // int16 [panels][TOPN_PANEL]: -TOPN_OFFSET · sum of the item's rounded lanes, modulo 2^16
  size_t panel; // struct topn_panel [panels]
};

/// What is known of a panel's items; each bound is the largest of its items, rounded up.
struct topn_panel {
  float inverse_step; // x̂ = step · rounded lanes
  float error;        // ‖x − x̂‖
  float rounded_norm; // ‖x̂‖
  float norm;         // ‖x‖: never rises from panel to panel
};

#define TOPN_AT(type, prepared, field) ((type *)((char *)(prepared) + (prepared)->field))
#define TOPN_CAT(type, prepared, field)                                                            \
  ((const type *)((const char *)(prepared) + (prepared)->field))

/// The smallest step at which `lanes` lanes of this norm and largest magnitude round to at most
/// `most` each and TOPN_MAX_NORM together (rounding adds at most half a step a lane).
static inline double topn_rounding_step(double norm, double largest, size_t lanes, double most) {
  double by_norm = norm / (TOPN_MAX_NORM - 0.5 * sqrt((double)lanes));
  double by_largest = largest / most;
  return by_norm > by_largest ? by_norm : by_largest;
}

/// What a search keeps for a group of users; vectors of TOPN_GROUP_PAD, unused places filled with users
/// who want nothing.
struct topn_group {
  float limit
      [TOPN_GROUP_PAD]; // least y·x that can still enter, less a margin for all rounding in float
  float norm[TOPN_GROUP_PAD];         // ‖y‖
  float error[TOPN_GROUP_PAD];        // ‖y − ŷ‖
  float inverse_step[TOPN_GROUP_PAD]; // ŷ = step · rounded lanes
  float base[TOPN_GROUP_PAD];         // mean + p·centre: score = base + y·x
  float margin[TOPN_GROUP_PAD];       // of a score's rounding
  size_t found[TOPN_GROUP_PAD];       // items in the heap
  size_t users;                       // in use
};

/// Items of a tile whose float scores are still to be computed: their rows are on the way from
/// memory.
struct topn_pending {
  size_t count;
  int32_t item[TOPN_GROUP * TOPN_PANEL];
  uint8_t place[TOPN_GROUP * TOPN_PANEL]; // of the user in the group
};

/// Where a call's scratch lies.
struct topn_scratch {
  struct topn_group *groups;
  uint32_t *pairs;    // [groups][steps][TOPN_GROUP]: two lanes of 8 bits, twice
  uint64_t *left_out; // [users][panels]: positions not to be recommended, a bit each
};

/// One call, as the bodies see it.
typedef struct topn_search {
  const ck_topn_items *prepared;
  const float *Q, *P;
  size_t stride;
  float mean;
  const int32_t *users;
  size_t count, n;
  int32_t *out_items;
  float *out_scores;
  struct topn_scratch scratch;
} topn_search;

static inline size_t topn_aligned(size_t bytes) { return (bytes + 63) / 64 * 64; }

static inline size_t topn_group_count(size_t users) {
  return (users + TOPN_GROUP - 1) / TOPN_GROUP;
}

/// Finds the best items of each user of a search: heaps, not yet sorted.
void ck_topn_walk(const topn_search *search);

#endif
