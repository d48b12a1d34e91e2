// Delimited text cut into fields. The header is the contract.
#include "ck_fields.h"

#include <string.h>

static int is_blank(char c, ck_delimiter d) {
  return c == ' ' || (c == '\t' && !(d.byte == '\t' && d.width));
}

static int at_line_end(const char *bytes, size_t at, size_t size) {
  return bytes[at] == '\n' || (bytes[at] == '\r' && at + 1 < size && bytes[at + 1] == '\n');
}

static int at_delimiter(const char *bytes, size_t at, size_t size, ck_delimiter d) {
  return d.width && bytes[at] == d.byte &&
         (d.width == 1 || (at + 1 < size && bytes[at + 1] == d.byte));
}

static size_t skip_blanks(const char *bytes, size_t at, size_t size, ck_delimiter d) {
  while (at < size && is_blank(bytes[at], d))
    at++;
  return at;
}

/// The place of the quote that closes the field whose first byte after its opening quote is at `at`.
static size_t closing_quote(const char *bytes, size_t size, size_t at, ck_field *field) {
  for (; at < size; at++) {
    if (bytes[at] == '\n')
      field->breaks++;
    if (bytes[at] != '"')
      continue;
    if (at + 1 >= size || bytes[at + 1] != '"')
      return at;
    field->kind = CK_FIELD_DOUBLED;
    at++;
  }
  return size;
}

size_t ck_fields_next(const char *bytes, size_t size, size_t at, ck_delimiter delimiter,
                      ck_field *field) {
  at = skip_blanks(bytes, at, size, delimiter);
  *field = (ck_field){.begin = at, .end = at, .kind = CK_FIELD_PLAIN};
  if (at < size && bytes[at] == '"') {
    field->kind = CK_FIELD_QUOTED;
    size_t close = closing_quote(bytes, size, at + 1, field);
    if (close == size) {
      *field = (ck_field){at, size, 0, CK_FIELD_OPEN};
      return size;
    }
    size_t after = skip_blanks(bytes, close + 1, size, delimiter);
    if (after >= size || at_delimiter(bytes, after, size, delimiter) ||
        at_line_end(bytes, after, size)) {
      field->begin = at + 1;
      field->end = close;
      return after;
    }
    field->kind = CK_FIELD_RAGGED;
    at = after;
  }
  while (at < size && !at_delimiter(bytes, at, size, delimiter) && !at_line_end(bytes, at, size))
    at++;
  field->end = at;
  while (field->end > field->begin && is_blank(bytes[field->end - 1], delimiter))
    field->end--;
  return at;
}

/// Moves over one record that starts at `at`; returns where the next starts. `breaks`: line ends in
/// its fields; `fields`: how many it has, 0 where a quote is not closed.
static size_t next_record(const char *bytes, size_t size, size_t at, ck_delimiter d, size_t *fields,
                          size_t *breaks) {
  *fields = *breaks = 0;
  for (;;) {
    ck_field field;
    at = ck_fields_next(bytes, size, at, d, &field);
    if (field.kind == CK_FIELD_OPEN) {
      *fields = 0;
      return at;
    }
    ++*fields;
    *breaks += field.breaks;
    if (at >= size)
      return size;
    if (at_line_end(bytes, at, size))
      return at + (bytes[at] == '\r' ? 2 : 1);
    at += d.width;
  }
}

/// The line end in bytes[at, end), or `end`.
static size_t line_end(const char *bytes, size_t at, size_t end) {
  const char *found = memchr(bytes + at, '\n', end - at);
  return found ? (size_t)(found - bytes) : end;
}

size_t ck_fields_join(char *bytes, size_t size, ck_delimiter delimiter, size_t columns,
                      size_t limit, ck_fields_walk *walk, int64_t *lines, size_t capacity) {
  size_t found = 0;
  walk->open = size;
  while (walk->at < size) {
    size_t fields, breaks, reach = size - walk->at < limit ? size : walk->at + limit;
    size_t next = next_record(bytes, reach, walk->at, delimiter, &fields, &breaks);
    int is_whole = next == size || bytes[next - 1] == '\n';
    if (fields == 0 || (breaks && (fields != columns || !is_whole))) {
      walk->open = walk->at;
      walk->at = size;
      return found;
    }
    if (breaks > capacity - found)
      return found;
    for (size_t at = walk->at; breaks; breaks--) {
      at = line_end(bytes, at, next);
      bytes[at] = '\r';
      lines[found++] = walk->line;
    }
    if (!is_whole) { // a line beyond the limit
      size_t end = line_end(bytes, next, size);
      next = end < size ? end + 1 : size;
    }
    walk->at = next;
    walk->line++;
  }
  return found;
}

/// The length of the character that starts at `at`, or 0 where it is not UTF-8.
static size_t character(const unsigned char *at, size_t left) {
  unsigned first = at[0];
  size_t length = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  if (length == 0 || first > 0xf4 || length > left)
    return 0;
  for (size_t i = 1; i < length; i++)
    if ((at[i] & 0xc0) != 0x80)
      return 0;
  // The first continuation byte has a smaller range where a shorter form, a surrogate or a code
  // point beyond the last would fit.
  if ((first == 0xe0 && at[1] < 0xa0) || (first == 0xed && at[1] > 0x9f) ||
      (first == 0xf0 && at[1] < 0x90) || (first == 0xf4 && at[1] > 0x8f))
    return 0;
  return length;
}

void ck_fields_encoding(const char *bytes, size_t size, ck_encoding *counts) {
  *counts = (ck_encoding){0, 0};
  size_t at = 0;
  while (at < size) {
    uint64_t eight;
    if (size - at >= 8) {
      memcpy(&eight, bytes + at, 8);
      if ((eight & 0x8080808080808080ULL) == 0) {
        at += 8;
        continue;
      }
    }
    size_t length = character((const unsigned char *)bytes + at, size - at);
    counts->wide += length > 1;
    counts->wrong += length == 0;
    at += length ? length : 1;
  }
}
