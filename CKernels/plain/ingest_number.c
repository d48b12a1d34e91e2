// Numbers out of text: correctly rounded, bounded, independent of the locale.
#define _GNU_SOURCE
#include "ck_ingest.h"

#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#if defined(__APPLE__)
#include <xlocale.h>
#endif

// Longer numbers are refused: no rating needs more digits (112 decide any float32).
enum { NUMBER_LIMIT = 255 };

static void trim(const char **text, size_t *length) {
  while (*length && (*text)[0] == ' ')
    (*text)++, (*length)--;
  while (*length && (*text)[*length - 1] == ' ')
    (*length)--;
}

ck_ingest_status ck_ingest_integer(const char *text, size_t length, int64_t *value) {
  trim(&text, &length);
  if (length == 0)
    return CK_INGEST_MISSING;
  int negative = text[0] == '-';
  if (negative && length == 1)
    return CK_INGEST_NOT_AN_INTEGER;
  int64_t sum = 0;
  int overflow = 0;
  for (size_t i = (size_t)negative; i < length; i++) {
    unsigned digit = (unsigned char)text[i] - (unsigned)'0';
    if (digit > 9)
      return CK_INGEST_NOT_AN_INTEGER;
    // Summed downwards: the range of int64 reaches one further there.
    overflow |= __builtin_mul_overflow(sum, (int64_t)10, &sum);
    overflow |= __builtin_sub_overflow(sum, (int64_t)digit, &sum);
  }
  if (overflow || (!negative && sum == INT64_MIN))
    return CK_INGEST_INTEGER_RANGE;
  *value = negative ? sum : -sum;
  return CK_INGEST_OK;
}

ck_ingest_status ck_ingest_id(const char *text, size_t length, int64_t *value) {
  size_t first = length && text[0] == '-';
  int is_canonical = length == 1 || (length > first && text[first] > '0' && text[first] <= '9');
  if (length && (!is_canonical || text[length - 1] == ' '))
    return CK_INGEST_NOT_AN_INTEGER;
  return ck_ingest_integer(text, length, value);
}

static int starts_with(const char *text, size_t length, const char *word) {
  size_t n = strlen(word);
  return length >= n && strncasecmp(text, word, n) == 0;
}

/// How many leading characters of text[0, length) are digits.
static size_t digits(const char *text, size_t length) {
  size_t n = 0;
  while (n < length && (unsigned)((unsigned char)text[n] - '0') <= 9)
    n++;
  return n;
}

/// Whether text[0, length) is a number, by the grammar of `ck_ingest_rating` with this point.
static int is_number(const char *text, size_t length, char point) {
  size_t i = text[0] == '-';
  size_t whole = digits(text + i, length - i), fraction = 0;
  i += whole;
  if (i < length && text[i] == point) {
    fraction = digits(text + i + 1, length - i - 1);
    i += 1 + fraction;
  }
  if (whole + fraction == 0)
    return 0;
  if (i < length && (text[i] == 'e' || text[i] == 'E')) {
    i++;
    if (i < length && (text[i] == '+' || text[i] == '-'))
      i++;
    size_t exponent = digits(text + i, length - i);
    if (exponent == 0)
      return 0;
    i += exponent;
  }
  return i == length;
}

/// strtof in the C locale, on a copy that ends in NUL and has '.' for the point.
static float convert(const char *text, size_t length, char point) {
  char copy[NUMBER_LIMIT + 1];
  memcpy(copy, text, length);
  copy[length] = 0;
  char *found = memchr(copy, point, length);
  if (found)
    *found = '.';
  locale_t plain = newlocale(LC_ALL_MASK, "C", (locale_t)0);
  if (!plain)
    return strtof(copy, NULL);
  float value = strtof_l(copy, NULL, plain);
  freelocale(plain);
  return value;
}

static ck_ingest_status read_number(const char *text, size_t length, char point, float *value) {
  trim(&text, &length);
  if (length == 0)
    return CK_INGEST_MISSING;
  size_t sign = text[0] == '-' || text[0] == '+';
  if (starts_with(text + sign, length - sign, "nan") ||
      starts_with(text + sign, length - sign, "inf"))
    return CK_INGEST_NOT_FINITE;
  if (length > NUMBER_LIMIT || !is_number(text, length, point))
    return CK_INGEST_NOT_A_NUMBER;
  float number = convert(text, length, point);
  if (!(fabsf(number) <= CK_INGEST_RATING_LIMIT))
    return CK_INGEST_NUMBER_RANGE;
  *value = number;
  return CK_INGEST_OK;
}

ck_ingest_status ck_ingest_rating(const char *text, size_t length, float *value) {
  return read_number(text, length, '.', value);
}

ck_ingest_status ck_ingest_decimal(const char *text, size_t length, float *value) {
  return read_number(text, length, memchr(text, ',', length) ? ',' : '.', value);
}
