// What the files of the ingest family share.
#ifndef INGEST_INTERNAL_H
#define INGEST_INTERNAL_H

#include "ck_ingest.h"

/// Reads one line, bytes[begin, end) without its line end, byte by byte into `row` of `columns`.
/// Returns CK_INGEST_OK, or what is wrong with the place of it in `fault` (all but its line
/// number). `last`: the line has no line end.
ck_ingest_status ingest_line(const char *bytes, size_t begin, size_t end, int last,
                             const ck_ingest_layout *layout, const ck_ingest_columns *columns,
                             size_t row, ck_ingest_fault *fault);

#endif
