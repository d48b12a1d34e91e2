/// Delimited text cut into fields: the one set of rules by which every file is read.
///
/// A record is a line: it ends at "\n" or "\r\n", or where the text ends. Fields stand between
/// delimiters. Blanks around a field (spaces, and tabs where they are no delimiter) do not belong to
/// it. A field that starts with a quote is quoted: it ends at the next quote that is not doubled, and
/// may hold delimiters, blanks and line ends. Where anything but blanks follows that quote, the field
/// is ragged: it is taken as it stands, quotes included, up to the next delimiter or line end.
///
/// Threads: all functions are pure apart from what they write to.
#ifndef CK_FIELDS_H
#define CK_FIELDS_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// What stands between fields.
typedef struct ck_delimiter {
  char byte;     // ',' ';' '\t' '|' or ':'
  uint8_t width; // 1; 2: the byte twice ("::"); 0: nothing, a line is one field
} ck_delimiter;

/// How a field is written. Numbers are stable.
typedef enum ck_field_kind {
  CK_FIELD_PLAIN = 0,   // without quotes
  CK_FIELD_QUOTED = 1,  // in quotes
  CK_FIELD_DOUBLED = 2, // in quotes, with doubled quotes in it
  CK_FIELD_RAGGED = 3,  // text follows the closing quote
  CK_FIELD_OPEN = 4,    // the quote is never closed
} ck_field_kind;

/// A field's text: bytes [begin, end), the quotes of a quoted field left out.
typedef struct ck_field {
  size_t begin, end;
  size_t breaks; // line ends in it
  ck_field_kind kind;
} ck_field;

/// Cuts the field that starts at `at`, before `size`; returns where the delimiter or line end after
/// it is, or `size`. Cost: reads the field's bytes once.
size_t ck_fields_next(const char *bytes, size_t size, size_t at, ck_delimiter delimiter,
                      ck_field *field);

/// A walk over the records of a text.
typedef struct ck_fields_walk {
  size_t at;    // where it stands: at a record, or at the end
  int64_t line; // the number of that record's line among those that are left
  size_t open;  // where the record starts at which it ended early; the size where it did not
} ck_fields_walk;

/// Overwrites line ends inside quoted fields with '\r', so that each record becomes one line of as
/// many bytes. Only records of `columns` fields in at most `limit` bytes: at the first quote that is
/// not closed within those it ends, and leaves all that follows as it is.
///
///   walk   moved on, from where its `at` and `line` say; its `at` is `size` when all is done, else
///          call again
///   lines  [capacity]  overwritten: for each line end that was overwritten, the number of the line
///          that it is in now; room for `limit` at least
///
/// Returns how many line ends there were. Cost: reads all bytes once.
size_t ck_fields_join(char *bytes, size_t size, ck_delimiter delimiter, size_t columns,
                      size_t limit, ck_fields_walk *walk, int64_t *lines, size_t capacity);

/// What tells encodings apart.
typedef struct ck_encoding {
  size_t wide; // characters beyond ASCII, as UTF-8 has them
  size_t
      wrong; // bytes that are no part of UTF-8: overlong forms, surrogates and code points beyond
             // U+10FFFF included
} ck_encoding;

/// Counts what bytes[0, size) would be as UTF-8. Cost: eight bytes of ASCII at a time.
void ck_fields_encoding(const char *bytes, size_t size, ck_encoding *counts);

#ifdef __cplusplus
}
#endif
#endif
