// Ratings files into columns: counts lines, and parses them by a fast path for short plain numbers
// with the careful reader of ingest_line.c behind it.
#include "ck_isa.h"
#include "ingest_internal.h"

#include <string.h>

// A fast row and its line end fit into this many bytes: the longest row of MovieLens has 31.
enum { WINDOW = 32 };
// The fast path reads a window and, from a field that ends in it, up to 16 bytes.
enum { FAST_READ = WINDOW + 16 };
// Lines of more columns than this are read carefully.
enum { FAST_COLUMNS = 8 };

/// The start of the first line that starts at or after `at`; `limit` when none starts before it.
static size_t line_start(const char *bytes, size_t at, size_t limit) {
  if (at == 0 || at >= limit || bytes[at - 1] == '\n')
    return at < limit ? at : limit;
  const char *newline = memchr(bytes + at, '\n', limit - at);
  return newline ? (size_t)(newline - bytes) + 1 : limit;
}

/// Where a range's parse stands.
typedef struct cursor {
  size_t at;
  size_t row;
  int64_t line;
  int stopped;
} cursor;

static void report(const ck_ingest_fault *fault, ck_ingest_faults *faults, cursor *c) {
  size_t before = 0;
  for (int status = 0; status < CK_INGEST_STATUSES; status++)
    before += faults->counts[status];
  if (before < faults->capacity)
    faults->list[before] = *fault;
  faults->counts[fault->status]++;
  c->stopped = faults->stop;
}

/// Reads the line at the cursor byte by byte and moves the cursor to the next.
static void careful_line(const char *bytes, size_t size, size_t limit,
                         const ck_ingest_layout *layout, const ck_ingest_columns *columns,
                         ck_ingest_faults *faults, cursor *c) {
  size_t begin = c->at, reach = size - begin;
  if (reach > CK_INGEST_LINE_LIMIT + 2)
    reach = CK_INGEST_LINE_LIMIT + 2;
  const char *newline = memchr(bytes + begin, '\n', reach);
  size_t end = newline ? (size_t)(newline - bytes) : begin + reach;
  c->at = newline ? end + 1 : line_start(bytes, end, limit);
  if (newline && end > begin && bytes[end - 1] == '\r')
    end--;
  ck_ingest_fault fault = {.line = c->line};
  if (end > begin) {
    if (ingest_line(bytes, begin, end, !newline, layout, columns, c->row, &fault)) {
      report(&fault, faults, c);
    } else {
      if (columns->line)
        columns->line[c->row] = c->line;
      c->row++;
    }
  }
  c->line++;
}

/// The number of columns if they are user, item, rating and perhaps timestamp, in this order, all
/// of them numbers, between single delimiters; else 0.
static uint32_t plain_columns(const ck_ingest_layout *layout) {
  const int32_t *column = layout->column;
  if (layout->user_text || layout->item_text || layout->delimiter_width != 1 || column[0] != 0 ||
      column[1] != 1 || column[2] != 2 || column[CK_INGEST_WATCHING] >= 0)
    return 0;
  uint32_t columns = column[CK_INGEST_TIMESTAMP] == 3 ? 4 : 3;
  return layout->columns == columns ? columns : 0;
}

#define VARIANT(name) name##_scalar
#include "ingest_body.inc"
#undef VARIANT

#if defined(__x86_64__)
#define VARIANT(name) name##_avx2
#pragma clang attribute push(__attribute__((target("avx2,bmi,bmi2,lzcnt"))), apply_to = function)
#include "ingest_body.inc"
#pragma clang attribute pop
#undef VARIANT
#endif

#if defined(__x86_64__)
#define DISPATCH(function, ...)                                                                    \
  (ck_isa_active() >= CK_ISA_AVX2 ? function##_avx2(__VA_ARGS__) : function##_scalar(__VA_ARGS__))
#else
#define DISPATCH(function, ...) function##_scalar(__VA_ARGS__)
#endif

size_t ck_ingest_count(const char *bytes, size_t size, size_t begin, size_t end) {
  return DISPATCH(count, bytes, size, begin, end);
}

size_t ck_ingest_parse(const char *bytes, size_t size, size_t begin, size_t end,
                       const ck_ingest_layout *layout, int64_t first_line,
                       const ck_ingest_columns *columns, ck_ingest_faults *faults) {
  return DISPATCH(parse, bytes, size, begin, end, layout, first_line, columns, faults);
}

size_t ck_ingest_parse_careful(const char *bytes, size_t size, size_t begin, size_t end,
                               const ck_ingest_layout *layout, int64_t first_line,
                               const ck_ingest_columns *columns, ck_ingest_faults *faults) {
  size_t limit = end < size ? end : size;
  cursor c = {.at = line_start(bytes, begin, limit), .line = first_line};
  while (c.at < limit && !c.stopped)
    careful_line(bytes, size, limit, layout, columns, faults, &c);
  return c.row;
}
