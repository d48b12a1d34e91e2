// Objects of JSON, one a line, as rows of a table.
#include "../shared/ingest_careful.h"
#include "../shared/translate.h"

/// A value of an object: the text of a string without its quotes, or of anything else.
typedef struct value {
  size_t begin, end;
  char kind; // '"', '{' for objects and lists, '0' for what stands by itself, 0: there is none
} value;

static int is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

static size_t skip_blanks(const char *bytes, size_t at, size_t end) {
  while (at < end && is_blank(bytes[at]))
    at++;
  return at;
}

/// The place of the quote that ends a string which begins at `at`, behind its opening quote; `end`
/// where there is none.
static size_t string_end(const char *bytes, size_t at, size_t end) {
  for (size_t from = at; from < end;) {
    const char *quote = memchr(bytes + from, '"', end - from);
    if (!quote)
      return end;
    size_t place = (size_t)(quote - bytes), slashes = 0;
    while (place - slashes > at && bytes[place - slashes - 1] == '\\')
      slashes++;
    if (slashes % 2 == 0)
      return place;
    from = place + 1;
  }
  return end;
}

/// The place behind an object or list that begins at `at`; 0 where it does not end.
static size_t nested_end(const char *bytes, size_t at, size_t end) {
  size_t depth = 0;
  for (; at < end; at++) {
    char c = bytes[at];
    if (c == '"') {
      at = string_end(bytes, at + 1, end);
    } else if (c == '{' || c == '[') {
      depth++;
    } else if ((c == '}' || c == ']') && --depth == 0) {
      return at + 1;
    }
  }
  return 0;
}

/// Reads the value at `at`; returns the place behind it, 0 where it does not end.
static size_t read_value(const char *bytes, size_t at, size_t end, value *out) {
  char c = at < end ? bytes[at] : 0;
  if (c == '"') {
    size_t close = string_end(bytes, at + 1, end);
    *out = (value){at + 1, close, '"'};
    return close < end ? close + 1 : 0;
  }
  if (c == '{' || c == '[') {
    size_t behind = nested_end(bytes, at, end);
    *out = (value){at, behind, '{'};
    return behind;
  }
  size_t behind = at;
  while (behind < end && bytes[behind] != ',' && bytes[behind] != '}' && bytes[behind] != '"' &&
         !is_blank(bytes[behind]))
    behind++;
  *out = (value){at, behind, '0'};
  return behind > at ? behind : 0;
}

/// Reads the object of a line and keeps the values of `keys`; 0 where it is none.
static int read_object(const char *bytes, translate_line line, const ck_json_keys *keys,
                       value *values) {
  size_t end = line.end, at = skip_blanks(bytes, line.begin, end);
  if (at >= end || bytes[at] != '{')
    return 0;
  at = skip_blanks(bytes, at + 1, end);
  if (at < end && bytes[at] == '}')
    return skip_blanks(bytes, at + 1, end) == end;
  while (at < end && bytes[at] == '"') {
    size_t name = at + 1, name_end = string_end(bytes, name, end);
    at = skip_blanks(bytes, name_end + 1, end);
    if (at >= end || bytes[at] != ':')
      return 0;
    value one;
    at = read_value(bytes, skip_blanks(bytes, at + 1, end), end, &one);
    if (at == 0)
      return 0;
    for (uint32_t key = 0; key < keys->count; key++)
      if (keys->length[key] == name_end - name &&
          memcmp(keys->text[key], bytes + name, name_end - name) == 0)
        values[key] = one;
    at = skip_blanks(bytes, at, end);
    if (at < end && bytes[at] == '}')
      return skip_blanks(bytes, at + 1, end) == end;
    if (at >= end || bytes[at] != ',')
      return 0;
    at = skip_blanks(bytes, at + 1, end);
  }
  return 0;
}

/// The number that four hexadecimal digits spell; -1 where they are none.
static int32_t hexadecimal(const char *text) {
  int32_t sum = 0;
  for (int i = 0; i < 4; i++) {
    char c = text[i], lower = (char)(c | 0x20);
    int digit = c >= '0' && c <= '9'           ? c - '0'
                : lower >= 'a' && lower <= 'f' ? lower - 'a' + 10
                                               : -1;
    if (digit < 0)
      return -1;
    sum = sum * 16 + digit;
  }
  return sum;
}

/// Writes a character as UTF-8.
static char *write_scalar(uint32_t scalar, char *out) {
  if (scalar < 0x80) {
    *out++ = (char)scalar;
    return out;
  }
  int more = scalar < 0x800 ? 1 : scalar < 0x10000 ? 2 : 3;
  static const uint8_t leads[4] = {0, 0xc0, 0xe0, 0xf0};
  *out++ = (char)(leads[more] | scalar >> (6 * more));
  while (more-- > 0)
    *out++ = (char)(0x80 | (scalar >> (6 * more) & 0x3f));
  return out;
}

/// Reads the escape whose backslash is at `at`; returns the place behind it, 0 where it is none.
static size_t read_escape(const char *bytes, size_t at, size_t end, uint32_t *scalar) {
  static const char letters[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
  if (at + 1 >= end)
    return 0;
  const char *letter = bytes[at + 1] ? strchr(letters, bytes[at + 1]) : NULL;
  if (letter) {
    *scalar = (uint32_t)meanings[letter - letters];
    return at + 2;
  }
  int32_t unit = bytes[at + 1] == 'u' && at + 6 <= end ? hexadecimal(bytes + at + 2) : -1;
  if (unit < 0 || (unit >= 0xdc00 && unit < 0xe000))
    return 0;
  *scalar = (uint32_t)unit;
  if (unit < 0xd800 || unit >= 0xe000)
    return at + 6;
  int32_t low = at + 12 <= end && bytes[at + 6] == '\\' && bytes[at + 7] == 'u'
                    ? hexadecimal(bytes + at + 8)
                    : -1;
  if (low < 0xdc00 || low >= 0xe000)
    return 0;
  *scalar = 0x10000 + ((uint32_t)(unit - 0xd800) << 10) + (uint32_t)(low - 0xdc00);
  return at + 12;
}

/// Whether a string stands in a table as it stands in JSON.
static int is_plain(const char *text, size_t length) {
  if (length && (text[0] == ' ' || text[length - 1] == ' '))
    return 0;
  for (size_t i = 0; i < length; i++)
    if (text[i] == '\\' || text[i] == ',' || text[i] == '"')
      return 0;
  return 1;
}

/// Writes a field of a row; NULL where it is no text of a table.
static char *write_field(const char *bytes, const value *one, char *out) {
  size_t length = one->end - one->begin;
  const char *text = bytes + one->begin;
  if (one->kind == '{')
    return NULL;
  if (one->kind == 0 || (one->kind == '0' && length == 4 && memcmp(text, "null", 4) == 0))
    return out;
  if (one->kind == '0' || is_plain(text, length)) {
    memcpy(out, text, length);
    return out + length;
  }
  *out++ = '"';
  for (size_t at = one->begin; at < one->end;) {
    uint32_t scalar = (uint8_t)bytes[at];
    if (bytes[at] != '\\') {
      *out++ = bytes[at++];
      continue;
    }
    at = read_escape(bytes, at, one->end, &scalar);
    // A line end in an id would end the row.
    if (at == 0 || scalar < 0x20)
      return NULL;
    if (scalar == '"')
      *out++ = '"';
    out = write_scalar(scalar, out);
  }
  *out++ = '"';
  return out;
}

/// Writes the row of a line; returns the place behind it, or `out` where there is a fault.
static char *write_row(const char *bytes, translate_line line, const ck_json_keys *keys, char *out,
                       ck_ingest_fault *fault) {
  value values[CK_INGEST_ROLES] = {0};
  fault->status = CK_INGEST_NOT_JSON;
  fault->offset = (int64_t)line.begin;
  fault->length = (uint32_t)(line.end - line.begin);
  if (line.end - line.begin > CK_JSON_LINE_LIMIT) {
    fault->status = CK_INGEST_LINE_LENGTH;
    return out;
  }
  if (!read_object(bytes, line, keys, values))
    return out;
  char *at = out;
  for (uint32_t key = 0; key < keys->count; key++) {
    if (key > 0)
      *at++ = ',';
    char *behind = write_field(bytes, &values[key], at);
    fault->column = key + 1;
    if (!behind)
      return out;
    if (behind == at && key < 2) {
      fault->status = CK_INGEST_MISSING;
      return out;
    }
    at = behind;
  }
  fault->status = CK_INGEST_OK;
  return at;
}

size_t ck_json_rows(const char *bytes, size_t size, size_t begin, size_t end,
                    const ck_json_keys *keys, char *out, ck_ingest_faults *faults) {
  size_t limit = end < size ? end : size, at = ingest_line_start(bytes, begin, limit);
  char *place = out;
  for (int64_t number = 0; at < limit; number++) {
    translate_line line = translate_next(bytes, size, at, CK_JSON_LINE_LIMIT);
    at = line.next;
    if (skip_blanks(bytes, line.begin, line.end) < line.end) {
      ck_ingest_fault fault = {.line = number};
      place = write_row(bytes, line, keys, place, &fault);
      if (fault.status && translate_fault(faults, fault))
        break;
    }
    *place++ = '\n';
  }
  return (size_t)(place - out);
}
