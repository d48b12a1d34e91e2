/// Ratings in other shapes than tables, as lines of a table: `user,item,rating,timestamp`.
///
/// Both kernels write one line for each line that starts in [begin, end) of bytes[0, size), ranges
/// cut anywhere as in `ck_ingest.h`: a row, or an empty line where there is none or the line is bad.
/// Fields are quoted where they need it. Bad lines are listed as `ck_ingest.h` says, with numbers
/// counted from 0 in the range.
///
/// They return the number of bytes written. Threads: safe on disjoint ranges and outputs; no memory
/// is kept or allocated.
#ifndef CK_TRANSLATE_H
#define CK_TRANSLATE_H

#include "ck_ingest.h"

#ifdef __cplusplus
extern "C" {
#endif

/// The longest line of JSON that is read, in bytes without its line end.
#define CK_JSON_LINE_LIMIT 1048576

/// The names of the fields that make a row, in the order of its columns, without quotes.
typedef struct ck_json_keys {
  const char *text[CK_INGEST_ROLES];
  uint32_t length[CK_INGEST_ROLES]; // at least 1
  uint32_t count;                   // 2 to CK_INGEST_ROLES; the first two must be in every object
} ck_json_keys;

/// Writes a row for each line, which holds one JSON object.
///
///   out  has room for end - begin + CK_JSON_LINE_LIMIT + 2 bytes
///
/// Numbers are copied as they stand, strings without escapes, null as nothing. What is skipped is
/// looked at as far as needed to find where it ends. Cost: a search for quotes, at the speed of
/// memory, in long strings; a byte at a time otherwise.
size_t ck_json_rows(const char *bytes, size_t size, size_t begin, size_t end,
                    const ck_json_keys *keys, char *out, ck_ingest_faults *faults);

/// The longest line of the Netflix Prize's files that is read, in bytes without its line end.
#define CK_NETFLIX_LINE_LIMIT 63

/// The movie of the last line `movie:` that starts in [begin, end); -1 where there is none.
/// Reads the range backwards up to that line.
int64_t ck_netflix_movie(const char *bytes, size_t size, size_t begin, size_t end);

/// Writes `user,movie,rating,seconds` for each line `user,rating,date` of the movie above it.
///
///   movie  that of lines before the first `movie:` of the range; -1: there is none
///   out    has room for 5·(end - begin + CK_NETFLIX_LINE_LIMIT + 2) bytes
size_t ck_netflix_rows(const char *bytes, size_t size, size_t begin, size_t end, int64_t movie,
                       char *out, ck_ingest_faults *faults);

#ifdef __cplusplus
}
#endif
#endif
