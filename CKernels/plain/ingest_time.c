// Times out of text: numbers of whatever unit, and dates (ISO 8601 and what databases print).
#include "ck_ingest.h"

#include <string.h>

// Longer texts are no times.
enum { TIME_LIMIT = 64 };

/// What is left to read of a text, which need not end in NUL.
typedef struct rest {
  const char *at, *end;
} rest;

/// Reads so many digits; -1 where there are fewer.
static int digits(rest *text, int count) {
  int value = 0;
  for (int i = 0; i < count; i++) {
    if (text->at == text->end || *text->at < '0' || *text->at > '9')
      return -1;
    value = value * 10 + (*text->at++ - '0');
  }
  return value;
}

/// Steps over one of the characters of `set`; the one it was, or 0.
static char step(rest *text, const char *set) {
  if (text->at == text->end || *text->at == 0 || !strchr(set, *text->at))
    return 0;
  return *text->at++;
}

/// Days since 1970 of a date of the Gregorian calendar; years begin in March, so that a leap day is
/// the last (Howard Hinnant, chrono-compatible low-level date algorithms).
static int64_t days(int year, int month, int day) {
  int64_t y = year - (month <= 2), era = (y >= 0 ? y : y - 399) / 400, of_era = y - era * 400;
  int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static int days_of_month(int year, int month) {
  static const int counts[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  int is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  return counts[month - 1] + (month == 2 && is_leap);
}

/// `+02:00`, `-0330`, `+01` or `Z` as seconds to take off; 0 is returned where there is none of these.
static int offset(rest *text, int64_t *seconds) {
  *seconds = 0;
  char sign = step(text, "Zz+-");
  if (sign == 'Z' || sign == 'z')
    return 1;
  int hours = sign ? digits(text, 2) : -1, minutes = 0;
  step(text, ":");
  if (text->at != text->end)
    minutes = digits(text, 2);
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59)
    return 0;
  *seconds = (hours * 60 + minutes) * (sign == '-' ? -60 : 60);
  return 1;
}

/// `2005-04-02`, perhaps with a time of day behind ' ' or 'T'; 0 is returned where it is no date.
static int date(rest text, int64_t *value) {
  int year = digits(&text, 4);
  char separator = step(&text, "-/");
  int month = digits(&text, 2);
  int is_alike = separator && step(&text, "-/") == separator;
  int day = digits(&text, 2);
  if (!is_alike || year < 0 || month < 1 || month > 12 || day < 1 ||
      day > days_of_month(year, month))
    return 0;
  int64_t seconds = days(year, month, day) * 86400;
  if (step(&text, " Tt")) {
    int hour = digits(&text, 2), minute = step(&text, ":") ? digits(&text, 2) : -1, second = 0;
    if (step(&text, ":"))
      second = digits(&text, 2);
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60)
      return 0;
    if (step(&text, ".,"))
      while (text.at < text.end && *text.at >= '0' && *text.at <= '9')
        text.at++;
    step(&text, " ");
    if (text.end - text.at == 3 && memcmp(text.at, "UTC", 3) == 0)
      text.at = text.end;
    int64_t ahead = 0;
    if (text.at != text.end && !offset(&text, &ahead))
      return 0;
    seconds += hour * 3600 + minute * 60 + second - ahead;
  }
  *value = seconds;
  return text.at == text.end;
}

/// The sign in front of a number: -1 or 1.
static int sign(rest *text) {
  char sign = step(text, "+-");
  return sign == '-' ? -1 : 1;
}

/// A decimal number, perhaps with an exponent, rounded down; exact, by integers alone. 0 is returned
/// where it is none, or beyond int64.
static int number(rest text, int64_t *value) {
  int is_negative = sign(&text) < 0, seen = 0, is_fraction = 0, is_cut = 0;
  uint64_t digits_read = 0;
  int64_t power = 0; // the number is digits_read · 10^power
  for (; text.at < text.end; text.at++) {
    unsigned digit = (unsigned char)*text.at - (unsigned)'0';
    if (*text.at == '.' && !is_fraction) {
      is_fraction = 1;
      continue;
    }
    if (digit > 9)
      break;
    seen = 1;
    if (digits_read > (UINT64_MAX - 9) / 10) {
      is_cut |= digit != 0;
      power += !is_fraction;
    } else {
      digits_read = digits_read * 10 + digit;
      power -= is_fraction;
    }
  }
  if (!seen)
    return 0;
  if (step(&text, "eE")) {
    int exponent_sign = sign(&text), exponent = 0, count = 0;
    for (; text.at < text.end && *text.at >= '0' && *text.at <= '9' && count < 4;
         text.at++, count++)
      exponent = exponent * 10 + (*text.at - '0');
    if (count == 0)
      return 0;
    power += exponent_sign * exponent;
  }
  for (; power < 0 && digits_read; power++) {
    is_cut |= digits_read % 10 != 0;
    digits_read /= 10;
  }
  int overflows = 0;
  for (; power > 0 && digits_read && !overflows; power--)
    overflows = __builtin_mul_overflow(digits_read, (uint64_t)10, &digits_read);
  if (overflows || digits_read >= (uint64_t)INT64_MAX || text.at != text.end)
    return 0;
  *value = is_negative ? -(int64_t)digits_read - is_cut : (int64_t)digits_read;
  return 1;
}

ck_ingest_status ck_ingest_time(const char *text, size_t length, int64_t *value) {
  ck_ingest_status status = ck_ingest_integer(text, length, value);
  if (status == CK_INGEST_OK || status == CK_INGEST_MISSING)
    return status;
  rest one = {text, text + length};
  while (one.at < one.end && *one.at == ' ')
    one.at++;
  while (one.at < one.end && one.end[-1] == ' ')
    one.end--;
  if (one.end - one.at > TIME_LIMIT)
    return CK_INGEST_NOT_A_TIME;
  return date(one, value) || number(one, value) ? CK_INGEST_OK : CK_INGEST_NOT_A_TIME;
}

void ck_ingest_time_units(const int64_t *times, size_t first, size_t last, size_t *counts) {
  for (size_t r = first; r < last; r++) {
    uint64_t magnitude = times[r] < 0 ? 0 - (uint64_t)times[r] : (uint64_t)times[r];
    counts[(magnitude >= 100000000000u) + (magnitude >= 100000000000000u) +
           (magnitude >= 100000000000000000u)]++;
  }
}

void ck_ingest_time_scale(int64_t *times, size_t first, size_t last, int64_t divisor) {
  for (size_t r = first; r < last; r++) {
    int64_t quotient = times[r] / divisor;
    times[r] = quotient - (times[r] % divisor < 0);
  }
}
