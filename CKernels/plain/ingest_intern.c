// Numbers distinct text ids by a hash table that the caller owns.
#include "ck_ingest.h"
#include "ck_random.h"

#include <string.h>

static uint64_t hash(const char *text, size_t length, uint64_t key) {
  uint64_t sum = ck_random_mix(length ^ key), word = 0;
  for (; length >= 8; length -= 8, text += 8) {
    memcpy(&word, text, 8);
    sum = ck_random_mix(sum ^ word);
  }
  word = 0;
  memcpy(&word, text, length);
  return ck_random_mix(sum ^ word);
}

static int same(const char *bytes, int64_t a, int64_t b) {
  size_t length = (size_t)(a & 0xffff);
  return length == (size_t)(b & 0xffff) &&
         memcmp(bytes + (a >> 16), bytes + (b >> 16), length) == 0;
}

size_t ck_ingest_intern(const char *bytes, const int64_t *texts, size_t rows, uint64_t key,
                        uint32_t *table, size_t capacity, int32_t *codes, int64_t *distinct) {
  // A slot holds a code plus one; 0: free.
  memset(table, 0, capacity * sizeof *table);
  size_t count = 0;
  for (size_t row = 0; row < rows; row++) {
    int64_t text = texts[row];
    size_t slot = hash(bytes + (text >> 16), (size_t)(text & 0xffff), key) & (capacity - 1);
    while (table[slot] && !same(bytes, text, texts[distinct[table[slot] - 1]]))
      slot = (slot + 1) & (capacity - 1);
    if (table[slot] == 0) {
      if (count == capacity / 2)
        return capacity;
      distinct[count++] = (int64_t)row;
      table[slot] = (uint32_t)count;
    }
    codes[row] = (int32_t)(table[slot] - 1);
  }
  return count;
}
