// Columns of ratings from original ids to dense indices. The header is the contract.
#include "ck_columns.h"

#include "ck_random.h"

#include <math.h>
#include <string.h>

static inline void store_one(uint8_t *place) { __atomic_store_n(place, 1, __ATOMIC_RELAXED); }

void ck_columns_bounds(const int64_t *ids, size_t first, size_t last, int64_t *low, int64_t *high) {
  int64_t least = ids[first], most = ids[first];
  for (size_t r = first; r < last; r++) {
    least = ids[r] < least ? ids[r] : least;
    most = ids[r] > most ? ids[r] : most;
  }
  *low = least;
  *high = most;
}

ck_columns_survey ck_columns_look(const float *ratings, size_t first, size_t last, float largest) {
  uint32_t beyond = 0, minus_one = 0, negative = 0, fraction = 0, zeros = 0;
  ck_columns_survey found = {0};
  for (size_t r = first; r < last;) {
    // Counted in stretches that 32 bits hold.
    const size_t end = last - r < UINT32_MAX ? last : r + UINT32_MAX;
    for (zeros = 0; r < end; r++) {
      const float rating = ratings[r], size = fabsf(rating);
      beyond |= !(size <= largest);
      minus_one |= rating == -1;
      negative |= (rating < 0) & (rating != -1);
      fraction |= (size < 1) & (size > 0);
      zeros += rating == 0;
    }
    found.zeros += zeros;
  }
  found.beyond = beyond != 0, found.minus_one = minus_one != 0;
  found.negative = negative != 0, found.fraction = fraction != 0;
  return found;
}

size_t ck_columns_kinds(const float *values, size_t n, float *kinds, uint8_t *codes) {
  enum { SLOTS = 1024 }; // four for each kind: a probe or two finds it
  uint32_t keys[SLOTS];
  int16_t code[SLOTS];
  for (size_t slot = 0; slot < SLOTS; slot++)
    code[slot] = -1;
  size_t count = 0;
  for (size_t r = 0; r < n; r++) {
    const float value = values[r] + 0.0f; // 0 for -0
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    size_t slot = bits * 0x9e3779b1u >> 22;
    while (code[slot] >= 0 && keys[slot] != bits)
      slot = (slot + 1) % SLOTS;
    if (code[slot] < 0) {
      if (count == CK_COLUMNS_KINDS || !isfinite(value))
        return CK_COLUMNS_KINDS + 1;
      keys[slot] = bits;
      code[slot] = (int16_t)count;
      kinds[count++] = value;
    }
    codes[r] = (uint8_t)code[slot];
  }
  // Kinds in ascending order, and codes by their places there.
  uint8_t rank[CK_COLUMNS_KINDS];
  for (size_t a = 0; a < count; a++) {
    size_t below = 0;
    for (size_t b = 0; b < count; b++)
      below += kinds[b] < kinds[a];
    rank[a] = (uint8_t)below;
  }
  float sorted[CK_COLUMNS_KINDS];
  for (size_t a = 0; a < count; a++)
    sorted[rank[a]] = kinds[a];
  memcpy(kinds, sorted, count * sizeof *kinds);
  for (size_t r = 0; r < n; r++)
    codes[r] = rank[codes[r]];
  return count;
}

void ck_columns_mark(const int64_t *ids, size_t first, size_t last, int64_t base,
                     uint8_t *present) {
  for (size_t r = first; r < last; r++)
    store_one(&present[ids[r] - base]);
}

size_t ck_columns_rank(const uint8_t *present, size_t n, int32_t *rank) {
  int32_t count = 0;
  for (size_t c = 0; c < n; c++) {
    rank[c] = present[c] ? count : -1;
    count += present[c] != 0;
  }
  return (size_t)count;
}

void ck_columns_encode(const int64_t *ids, size_t first, size_t last, int64_t base,
                       const int32_t *rank, int32_t *codes) {
  for (size_t r = first; r < last; r++)
    codes[r] = rank[ids[r] - base];
}

size_t ck_columns_number(const int64_t *ids, size_t first, size_t last, uint64_t key,
                         uint32_t *table, size_t capacity, int32_t *codes, int64_t *distinct) {
  // A slot holds a number plus one; 0: free.
  memset(table, 0, capacity * sizeof *table);
  size_t count = 0;
  for (size_t r = first; r < last; r++) {
    size_t slot = ck_random_mix((uint64_t)ids[r] ^ key) & (capacity - 1);
    while (table[slot] && distinct[table[slot] - 1] != ids[r])
      slot = (slot + 1) & (capacity - 1);
    if (table[slot] == 0) {
      if (count == capacity / 2)
        return capacity;
      distinct[count++] = ids[r];
      table[slot] = (uint32_t)count;
    }
    codes[r] = (int32_t)(table[slot] - 1);
  }
  return count;
}

void ck_columns_renumber(int32_t *codes, size_t first, size_t last, const int32_t *rank) {
  for (size_t r = first; r < last; r++)
    codes[r] = rank[codes[r]];
}

/// The byte of an id that decides in pass 0 (the lowest) to 7, negative ids first.
static inline size_t digit(int64_t id, int pass) {
  return ((uint64_t)id ^ 1ULL << 63) >> (8 * pass) & 0xff;
}

void ck_columns_sort(int64_t *ids, size_t n, int64_t *scratch) {
  size_t counts[8][256] = {{0}};
  for (size_t j = 0; j < n; j++)
    for (int pass = 0; pass < 8; pass++)
      counts[pass][digit(ids[j], pass)]++;
  int64_t *from = ids, *to = scratch;
  for (int pass = 0; pass < 8; pass++) {
    size_t *next = counts[pass], place = 0;
    if (n == 0 || next[digit(from[0], pass)] == n)
      continue;
    for (size_t value = 0; value < 256; value++) {
      size_t count = next[value];
      next[value] = place;
      place += count;
    }
    for (size_t j = 0; j < n; j++)
      to[next[digit(from[j], pass)]++] = from[j];
    int64_t *other = from;
    from = to;
    to = other;
  }
  if (from != ids)
    memcpy(ids, from, n * sizeof *ids);
}

void ck_columns_locate(const int64_t *ids, size_t first, size_t last, const int64_t *sorted,
                       size_t count, int32_t *codes) {
  for (size_t r = first; r < last; r++) {
    const int64_t *low = sorted;
    for (size_t length = count; length > 1;) {
      size_t half = length / 2;
      low += low[half] <= ids[r] ? half : 0;
      length -= half;
    }
    codes[r] = (int32_t)(low - sorted);
  }
}

size_t ck_columns_sift(const ck_ratings *rows, size_t first, size_t last, float sentinel,
                       int32_t max_user, const uint8_t *item_fate, uint8_t *fate) {
  const int32_t *users = rows->users, *items = rows->items;
  const float *values = rows->values;
  size_t unlisted = 0;
  for (size_t r = first; r < last; r++) {
    uint8_t item = item_fate[items[r]];
    uint8_t known = item & (CK_ROW_FATES - 1);
    known = known == CK_ROW_KEPT && users[r] > max_user ? CK_ROW_SUBSET : known;
    int unrated = values[r] == sentinel;
    fate[r] = unrated ? CK_ROW_UNRATED : known;
    unlisted += !unrated && (item & CK_ITEM_UNLISTED);
  }
  return unlisted;
}

void ck_columns_tally(const uint8_t *fate, size_t first, size_t last, size_t *counts) {
  // Four tables in turn: most rows share a fate, and one counter would wait for itself.
  uint32_t turns[4][CK_ROW_FATES] = {{0}};
  for (size_t r = first; r < last; r++)
    turns[r & 3][fate[r] & (CK_ROW_FATES - 1)]++;
  for (size_t turn = 0; turn < 4; turn++)
    for (size_t f = 0; f < CK_ROW_FATES; f++)
      counts[f] += turns[turn][f];
}

void ck_columns_count(const int32_t *keys, size_t first, size_t last, int32_t *counts) {
  for (size_t r = first; r < last; r++)
    counts[keys[r]]++;
}

void ck_columns_starts(int32_t *counts, size_t parts, size_t keys, int32_t *offsets) {
  int32_t place = 0;
  for (size_t k = 0; k < keys; k++) {
    offsets[k] = place;
    for (size_t part = 0; part < parts; part++) {
      int32_t rows = counts[part * keys + k];
      counts[part * keys + k] = place;
      place += rows;
    }
  }
  offsets[keys] = place;
}

void ck_columns_scatter(const int32_t *keys, size_t first, size_t last, int32_t *next,
                        int32_t *order) {
  for (size_t r = first; r < last; r++)
    order[next[keys[r]]++] = (int32_t)r;
}

// Keeps one row of each pair of one user; `order` holds the user's n rows. Returns the number kept.
static size_t keep_one_of_each(const int32_t *order, size_t n, uint32_t mark, const int32_t *items,
                               uint8_t *fate, int policy, uint32_t *stamp) {
  size_t kept = 0;
  for (size_t j = 0; j < n; j++) {
    int32_t row = order[policy == CK_KEEP_FIRST ? j : n - 1 - j];
    if (fate[row] != CK_ROW_KEPT)
      continue;
    int32_t item = items[row];
    fate[row] = stamp[item] == mark ? CK_ROW_DUPLICATE : CK_ROW_KEPT;
    kept += stamp[item] != mark;
    stamp[item] = mark;
  }
  return kept;
}

// Keeps the newest row of each pair of one user, of rows of one time the last.
static size_t keep_the_newest(const int32_t *order, size_t n, uint32_t mark, const ck_ratings *rows,
                              uint8_t *fate, int32_t *newest, uint32_t *stamp) {
  size_t kept = 0;
  for (size_t j = 0; j < n; j++) {
    int32_t row = order[j], item = rows->items[row];
    if (fate[row] != CK_ROW_KEPT)
      continue;
    if (stamp[item] != mark) {
      stamp[item] = mark;
      newest[item] = row;
      kept++;
      continue;
    }
    int32_t other = newest[item];
    int is_later = rows->timestamps[row] >= rows->timestamps[other];
    fate[is_later ? other : row] = CK_ROW_DUPLICATE;
    newest[item] = is_later ? row : other;
  }
  return kept;
}

// Finds the mean of the ratings of each pair of one user, for the row of it that is kept.
static void average_duplicates(const int32_t *order, size_t n, const ck_ratings *rows,
                               const uint8_t *fate, double *sums, float *means) {
  const int32_t *items = rows->items;
  // sums[2i] is the sum, sums[2i + 1] the number of ratings of item i.
  for (size_t j = 0; j < n; j++)
    sums[2 * items[order[j]]] = sums[2 * items[order[j]] + 1] = 0;
  for (size_t j = 0; j < n; j++) {
    int32_t row = order[j];
    if (fate[row] != CK_ROW_KEPT && fate[row] != CK_ROW_DUPLICATE)
      continue;
    sums[2 * items[row]] += rows->values[row];
    sums[2 * items[row] + 1]++;
  }
  for (size_t j = 0; j < n; j++) {
    int32_t row = order[j];
    if (fate[row] == CK_ROW_KEPT)
      means[row] = (float)(sums[2 * items[row]] / sums[2 * items[row] + 1]);
  }
}

void ck_columns_dedupe(const ck_csr *by_user, const ck_ratings *rows, size_t first, size_t last,
                       const ck_columns_policy *policy, uint8_t *fate, uint32_t *stamp,
                       double *sums, const ck_columns_used *used) {
  const int32_t *offsets = by_user->offsets, *items = rows->items;
  for (size_t user = first; user < last; user++) {
    const int32_t *mine = by_user->columns + offsets[user];
    size_t n = (size_t)(offsets[user + 1] - offsets[user]);
    uint32_t mark = (uint32_t)(user + 1);
    size_t kept = policy->keep == CK_KEEP_NEWEST
                      ? keep_the_newest(mine, n, mark, rows, fate, policy->newest, stamp)
                      : keep_one_of_each(mine, n, mark, items, fate, policy->keep, stamp);
    if (policy->keep == CK_KEEP_MEAN && kept > 0)
      average_duplicates(mine, n, rows, fate, sums, policy->means);
    int stays = kept > 0 && kept >= policy->min_ratings;
    if (stays)
      store_one(&used->users[user]);
    for (size_t j = 0; j < n; j++) {
      int32_t row = mine[j];
      if (fate[row] == CK_ROW_KEPT) {
        if (stays)
          store_one(&used->items[items[row]]);
        else
          fate[row] = CK_ROW_FEW_RATINGS;
      } else if (fate[row] == CK_ROW_UNRATED) {
        if (stamp[items[row]] == mark)
          fate[row] = CK_ROW_REPEATED;
        stamp[items[row]] = mark;
      }
    }
  }
}

size_t ck_columns_repeats(const ck_csr *by_user, const ck_ratings *rows, size_t first, size_t last,
                          float sentinel, uint32_t *seen, int32_t *earlier, size_t *conflicts) {
  const int32_t *offsets = by_user->offsets, *order = by_user->columns;
  const int32_t *users = rows->users, *items = rows->items;
  const float *values = rows->values;
  // seen[item] is a row plus one, of this user or of one before.
  size_t repeats = 0, differing = 0;
  for (size_t j = (size_t)offsets[first]; j < (size_t)offsets[last]; j++) {
    int32_t row = order[j], found = (int32_t)seen[items[row]] - 1;
    int repeated = found >= 0 && users[found] == users[row];
    earlier[row] = repeated ? found : -1;
    if (!repeated || values[found] == sentinel)
      seen[items[row]] = (uint32_t)row + 1;
    repeats += (size_t)repeated;
    differing += repeated && values[found] != sentinel && values[row] != sentinel &&
                 values[row] != values[found];
  }
  *conflicts += differing;
  return repeats;
}

void ck_columns_keep(const ck_ratings *rows, size_t first, size_t last, const uint8_t *fate,
                     const int32_t *user_rank, const int32_t *item_rank, ck_columns out,
                     size_t at) {
  const ck_ratings in = *rows;
  for (size_t r = first; r < last; r++) {
    if (fate[r] != CK_ROW_KEPT)
      continue;
    out.users[at] = user_rank[in.users[r]];
    out.items[at] = item_rank[in.items[r]];
    out.values[at] = in.values[r];
    if (out.timestamps)
      out.timestamps[at] = in.timestamps[r];
    at++;
  }
}

size_t ck_columns_keep_unrated(const ck_ratings *rows, size_t first, size_t last,
                               const uint8_t *fate, const int32_t *user_rank,
                               const int32_t *item_rank, ck_columns out, size_t at) {
  const int32_t *users = rows->users, *items = rows->items;
  size_t kept = 0;
  for (size_t r = first; r < last; r++) {
    if (fate[r] != CK_ROW_UNRATED)
      continue;
    int32_t user = user_rank[users[r]], item = item_rank[items[r]];
    if (user < 0 || item < 0)
      continue;
    if (out.users) {
      out.users[at + kept] = user;
      out.items[at + kept] = item;
    }
    kept++;
  }
  return kept;
}

void ck_columns_gather(const ck_ratings *rows, const int32_t *order, size_t first, size_t last,
                       ck_columns out, size_t at) {
  const ck_ratings in = *rows;
  size_t n = last - first;
  order += first;
  for (size_t j = 0; j < n; j++)
    out.users[at + j] = in.users[order[j]];
  for (size_t j = 0; j < n; j++)
    out.items[at + j] = in.items[order[j]];
  for (size_t j = 0; j < n; j++)
    out.values[at + j] = in.values[order[j]];
  for (size_t j = 0; out.timestamps && j < n; j++)
    out.timestamps[at + j] = in.timestamps[order[j]];
}
