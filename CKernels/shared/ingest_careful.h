// The careful reader of ratings lines, as the fast path and the files of the reader see it.
#ifndef INGEST_CAREFUL_H
#define INGEST_CAREFUL_H

#include "ck_ingest.h"

/// Reads one line, bytes[begin, end) without its line end, byte by byte into `row` of `columns`.
/// Returns CK_INGEST_OK, or what is wrong with the place of it in `fault` (all but its line
/// number). `last`: the line has no line end.
ck_ingest_status ingest_line(const char *bytes, size_t begin, size_t end, int last,
                             const ck_ingest_layout *layout, const ck_ingest_columns *columns,
                             size_t row, ck_ingest_fault *fault);

/// Where a range's parse stands.
typedef struct ingest_cursor {
  size_t at;
  size_t row;
  int64_t line;
  int stopped;
} ingest_cursor;

/// The start of the first line that starts at or after `at`; `limit` when none starts before it.
size_t ingest_line_start(const char *bytes, size_t at, size_t limit);

/// Reads the line at the cursor byte by byte and moves the cursor to the next.
void ingest_careful_line(const char *bytes, size_t size, size_t limit,
                         const ck_ingest_layout *layout, const ck_ingest_columns *columns,
                         ck_ingest_faults *faults, ingest_cursor *c);

#endif
