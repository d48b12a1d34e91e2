// What the translators of ratings share: where lines end, and lists of bad ones.
#ifndef TRANSLATE_H
#define TRANSLATE_H

#include "ck_translate.h"

#include <string.h>

/// A line of a range, without its line end, and where the next one starts.
typedef struct translate_line {
  size_t begin, end, next;
} translate_line;

/// The line at `at`; of one longer than `limit` no more than one byte beyond that.
static inline translate_line translate_next(const char *bytes, size_t size, size_t at,
                                            size_t limit) {
  size_t reach = size - at < limit + 2 ? size - at : limit + 2;
  const char *newline = memchr(bytes + at, '\n', reach);
  size_t end = newline ? (size_t)(newline - bytes) : at + reach, next = end + (newline != NULL);
  if (!newline && reach == limit + 2) {
    newline = memchr(bytes + end, '\n', size - end);
    next = newline ? (size_t)(newline - bytes) + 1 : size;
  }
  if (end > at && bytes[end - 1] == '\r')
    end--;
  return (translate_line){at, end, next};
}

/// Notes a bad line; whether to stop there.
static inline int translate_fault(ck_ingest_faults *faults, ck_ingest_fault fault) {
  size_t before = 0;
  for (int status = 0; status < CK_INGEST_STATUSES; status++)
    before += faults->counts[status];
  if (before < faults->capacity)
    faults->list[before] = fault;
  faults->counts[fault.status]++;
  return faults->stop;
}

#endif
