// Ratings as lines of text. The header is the contract.
#include "ck_text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static size_t id_length(ck_text_ids ids, int32_t id) {
  return ids.offsets[id + 1] - ids.offsets[id];
}

static uint8_t *put_id(uint8_t *out, ck_text_ids ids, int32_t id) {
  size_t length = id_length(ids, id);
  memcpy(out, ids.text + ids.offsets[id], length);
  return out + length;
}

static uint8_t *put_natural(uint8_t *out, uint64_t number) {
  uint8_t digits[20];
  size_t count = 0;
  do {
    digits[count++] = (uint8_t)('0' + number % 10);
    number /= 10;
  } while (number);
  while (count)
    *out++ = digits[--count];
  return out;
}

static uint8_t *put_integer(uint8_t *out, int64_t number) {
  if (number < 0)
    *out++ = '-';
  return put_natural(out, number < 0 ? 0 - (uint64_t)number : (uint64_t)number);
}

static uint8_t *put_rating(uint8_t *out, float rating) {
  // 1e9: fits 32 bits, and floats from 1e7 on are integers, which nine digits write as well.
  double hundredfold = rint((double)rating * 100);
  if (!(fabs(hundredfold) < 1e9) || (float)(hundredfold / 100) != rating)
    return out + snprintf((char *)out, 20, "%.9g", (double)rating);
  int32_t hundredths = (int32_t)hundredfold;
  if (hundredths < 0) {
    *out++ = '-';
    hundredths = -hundredths;
  }
  out = put_natural(out, (uint64_t)hundredths / 100);
  if (hundredths % 100 == 0)
    return out;
  *out++ = '.';
  *out++ = (uint8_t)('0' + hundredths / 10 % 10);
  if (hundredths % 10)
    *out++ = (uint8_t)('0' + hundredths % 10);
  return out;
}

size_t ck_text_bound(const int32_t *users, const int32_t *items, size_t first, size_t last,
                     ck_text_ids user_ids, ck_text_ids item_ids) {
  size_t bytes = (last - first) * CK_TEXT_ROW_EXTRA;
  for (size_t r = first; r < last; r++)
    bytes += id_length(user_ids, users[r]) + id_length(item_ids, items[r]);
  return bytes;
}

size_t ck_text_rows(const int32_t *users, const int32_t *items, const float *values,
                    const int64_t *timestamps, size_t first, size_t last, ck_text_ids user_ids,
                    ck_text_ids item_ids, uint8_t *out) {
  const uint8_t *start = out;
  for (size_t r = first; r < last; r++) {
    out = put_id(out, user_ids, users[r]);
    *out++ = ',';
    out = put_id(out, item_ids, items[r]);
    *out++ = ',';
    out = put_rating(out, values[r]);
    if (timestamps) {
      *out++ = ',';
      out = put_integer(out, timestamps[r]);
    }
    *out++ = '\n';
  }
  return (size_t)(out - start);
}
