// Finds rows that rate again what an earlier row rated, by a hash table that the caller owns.
#include "ck_ingest.h"
#include "ck_random.h"

#include <string.h>

static uint64_t pair_hash(int64_t user, int64_t item, uint64_t key) {
  return ck_random_mix(ck_random_mix((uint64_t)user + key) ^ (uint64_t)item);
}

int ck_ingest_repeats(const int64_t *user, const int64_t *item, const float *rating, size_t rows,
                      float sentinel, uint64_t key, size_t part, size_t parts, uint32_t *table,
                      size_t capacity, ck_ingest_repeat *list, size_t list_capacity,
                      size_t *repeats, size_t *conflicts) {
  // A slot holds a row plus one; 0: free.
  memset(table, 0, capacity * sizeof *table);
  size_t used = 0, found = 0, differing = 0;
  for (size_t row = 0; row < rows; row++) {
    uint64_t hash = pair_hash(user[row], item[row], key);
    // The part by the high bits, the slot by the low ones.
    if ((size_t)(((__uint128_t)hash * parts) >> 64) != part)
      continue;
    size_t slot = hash & (capacity - 1), first = 0;
    for (; table[slot]; slot = (slot + 1) & (capacity - 1)) {
      first = table[slot] - 1;
      if (user[first] == user[row] && item[first] == item[row])
        break;
    }
    if (table[slot] == 0) {
      if (++used > capacity / 2)
        return 1;
      table[slot] = (uint32_t)(row + 1);
      continue;
    }
    if (found < list_capacity)
      list[found] = (ck_ingest_repeat){(int64_t)row, (int64_t)first};
    found++;
    if (rating[first] == sentinel)
      table[slot] = (uint32_t)(row + 1);
    else
      differing += rating[row] != sentinel && rating[row] != rating[first];
  }
  *repeats += found;
  *conflicts += differing;
  return 0;
}
