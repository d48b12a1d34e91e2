/// Reading ratings: text lines straight into columns, cut anywhere, no allocation per row.
///
/// A file is a range of bytes; a line starts at byte 0 and after each '\n', and ends before the next
/// "\n" or "\r\n" or at the end of the file. Work is cut by bytes, at any positions: a range
/// [begin, end) stands for the lines that *start* in it, so ranges need not be cut at line ends.
/// How a line is cut into fields is said in `ck_fields.h`; a quoted field has no line end in it here
/// (`ck_fields_join`). Lines of blanks hold no row.
///
/// Threads: all functions are pure apart from what they write to; safe on disjoint ranges.
#ifndef CK_INGEST_H
#define CK_INGEST_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// The longest line that is read, in bytes without its line end; a longer one is a fault.
#define CK_INGEST_LINE_LIMIT 65535

/// The largest magnitude of a rating: its square, summed over as many rows as there can be (2^31), is
/// far from the largest float32, and so is every mean, median and squared error of ratings.
#define CK_INGEST_RATING_LIMIT 1000000000

/// What a column of the file means.
typedef enum ck_ingest_role {
  CK_INGEST_USER = 0,
  CK_INGEST_ITEM = 1,
  CK_INGEST_RATING = 2,
  CK_INGEST_TIMESTAMP = 3,
  CK_INGEST_WATCHING = 4,
  CK_INGEST_ROLES = 5,
} ck_ingest_role;

/// What is wrong with a line. Numbers are stable.
typedef enum ck_ingest_status {
  CK_INGEST_OK = 0,
  CK_INGEST_COLUMNS = 1,        // not as many columns as there should be
  CK_INGEST_CUT = 2,            // the same, in a last line without a line end
  CK_INGEST_MISSING = 3,        // a field that is needed is empty
  CK_INGEST_NOT_A_NUMBER = 4,   // text where a rating belongs
  CK_INGEST_NOT_FINITE = 5,     // nan or inf spelled out
  CK_INGEST_NUMBER_RANGE = 6,   // a rating beyond ±CK_INGEST_RATING_LIMIT
  CK_INGEST_NOT_AN_INTEGER = 7, // text where an integer belongs, 007 or +7 where an id does
  CK_INGEST_INTEGER_RANGE = 8,  // an integer beyond int64 (watching status: int16)
  CK_INGEST_QUOTE = 9,          // a quote that is not closed, or text after it in a field needed
  CK_INGEST_CONTROL = 10,       // a control character, but tab or '\r' in a field not needed
  CK_INGEST_LINE_LENGTH = 11,   // longer than CK_INGEST_LINE_LIMIT
  CK_INGEST_NOT_UTF8 = 12,      // a string id that is not UTF-8 (found by the caller)
  CK_INGEST_NOT_A_TIME = 13,    // neither a number nor a date
  CK_INGEST_NOT_JSON = 14,      // no object of JSON, or one whose field is no text or number
  CK_INGEST_STATUSES = 15,
} ck_ingest_status;

/// How the lines of a file are laid out.
typedef struct ck_ingest_layout {
  uint32_t columns; // fields of each line, at least 2
  int32_t
      column[CK_INGEST_ROLES]; // 0-based column of each role; -1: absent (all but user and item)
  char delimiter;              // ',' ';' '\t' '|' or ':'
  uint8_t delimiter_width;     // 1, or 2 for "::" and two tabs
  uint8_t user_text;           // 1: user ids are text
  uint8_t item_text;           // 1: item ids are text
  uint8_t time_text;           // 1: timestamps are read by ck_ingest_time, not as integers
  uint8_t decimal_comma;       // 1: a comma may stand for a rating's point
} ck_ingest_layout;

/// Where rows go: each array has room for `ck_ingest_count` rows; NULL where the role is absent.
typedef struct ck_ingest_columns {
  int64_t *user; // an id; of text (offset into the bytes) << 16 | length, quotes left out, but
                 // those around a text with doubled quotes: only such a text starts with one
  int64_t *item; // likewise
  float *rating; // nearest float32 to the decimal number, finite; 1 where the file has no ratings
  int64_t *timestamp;
  int16_t *watching;
  int64_t *line; // number of the row's line; NULL when not wanted
} ck_ingest_columns;

/// One bad line.
typedef struct ck_ingest_fault {
  int64_t line;            // its number, counted from `first_line`
  int64_t offset;          // where the offending text is
  uint32_t length;         // and its length
  uint32_t column;         // column, 1 for the first; 0: the whole line
  uint32_t found;          // columns found, for CK_INGEST_COLUMNS and CK_INGEST_CUT
  ck_ingest_status status; // what is wrong
} ck_ingest_fault;

/// Bad lines of a range.
typedef struct ck_ingest_faults {
  ck_ingest_fault *list;             // the first `capacity` of them, in order of line
  size_t capacity;                   // room in `list`
  int stop;                          // 1: stop at the first
  size_t counts[CK_INGEST_STATUSES]; // all of them, by status; added to, not set
  size_t unread[CK_INGEST_ROLES]; // ids that are no integers, and timestamps of any fault, by role;
                                  // likewise
} ck_ingest_faults;

/// The number of lines that start in [begin, end), blank and bad ones included.
/// Cost: reads end - begin bytes once, at the speed of memory.
size_t ck_ingest_count(const char *bytes, size_t size, size_t begin, size_t end);

/// Parses the lines that start in [begin, end) of bytes[0, size) into rows 0, 1, … of `columns`,
/// and returns how many there are. A bad line gives no row but a fault: at most one a line, its
/// leftmost among characters and quotes, then the number of columns, then its leftmost among
/// values.
///
///   first_line  number of the first line that starts in [begin, end)
///
/// Reads nothing outside bytes[0, size). A line of user, item, rating and perhaps timestamp, all of them
/// short unquoted numbers, costs about 45 instructions, with a timestamp 75, where vectors have 32 bytes;
/// elsewhere, in other orders and beside lines of other kinds about 170; others are read byte by byte,
/// some ten times slower.
size_t ck_ingest_parse(const char *bytes, size_t size, size_t begin, size_t end,
                       const ck_ingest_layout *layout, int64_t first_line,
                       const ck_ingest_columns *columns, ck_ingest_faults *faults);

/// The same without the fast path for short numbers: what fuzzing compares the other with.
size_t ck_ingest_parse_careful(const char *bytes, size_t size, size_t begin, size_t end,
                               const ck_ingest_layout *layout, int64_t first_line,
                               const ck_ingest_columns *columns, ck_ingest_faults *faults);

/// Reads text[0, length) as a rating: digits with an optional sign '-', point and exponent, spaces
/// around them ignored; to the nearest float32. `value` is written when CK_INGEST_OK is returned.
ck_ingest_status ck_ingest_rating(const char *text, size_t length, float *value);

/// The same, and a comma may stand for the point.
ck_ingest_status ck_ingest_decimal(const char *text, size_t length, float *value);

/// Reads text[0, length) as an integer: digits with an optional '-', spaces around them ignored.
ck_ingest_status ck_ingest_integer(const char *text, size_t length, int64_t *value);

/// Reads text[0, length) as an id, which is an integer only if it is written as we write that one:
/// no spaces, no '+', no zero in front, no -0.
ck_ingest_status ck_ingest_id(const char *text, size_t length, int64_t *value);

/// Reads text[0, length) as a time: a number, rounded down, in whatever unit; or a date with
/// or without a time of day, as `2005-04-02`, `2005-04-02 23:53:47`, `2005-04-02T23:53:47.5+02:00`, in
/// seconds since 1970. Without an offset a time is UTC. Spaces around it are ignored.
///
/// Returns CK_INGEST_OK, CK_INGEST_MISSING or CK_INGEST_NOT_A_TIME.
ck_ingest_status ck_ingest_time(const char *text, size_t length, int64_t *value);

/// counts[k] += how many of times[first, last) have a magnitude that seconds (k = 0), milliseconds,
/// microseconds or nanoseconds (k = 3) of our time have: below 1e11, 1e14, 1e17 and beyond.
void ck_ingest_time_units(const int64_t *times, size_t first, size_t last, size_t *counts);

/// times[r] = ⌊times[r] / divisor⌋ of rows [first, last); divisor is positive.
void ck_ingest_time_scale(int64_t *times, size_t first, size_t last, int64_t divisor);

/// Numbers distinct texts in order of first appearance: texts[r] packed as `ck_ingest_columns`
/// says.
///
///   key       of the hash: random, so that no file can be made to collide; the result does not
///             depend on it
///   table     [capacity] scratch; capacity a power of two
///   codes     [rows]     overwritten: the number of each row's text
///   distinct  [capacity / 2] overwritten: the first row of each number
///
/// Returns how many distinct texts there are, or `capacity` when there are more than capacity / 2
/// (give a larger table then). Cost: one hash and about one probe of the table a row.
size_t ck_ingest_intern(const char *bytes, const int64_t *texts, size_t rows, uint64_t key,
                        uint32_t *table, size_t capacity, int32_t *codes, int64_t *distinct);

#ifdef __cplusplus
}
#endif
#endif
