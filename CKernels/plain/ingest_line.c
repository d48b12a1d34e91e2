// One line of a ratings file, read byte by byte: every shape that is allowed, every fault that is
// not.
#include "../shared/ingest_careful.h"

#include <string.h>

/// A field: its text without quotes.
typedef struct field {
  size_t begin, end;
  int escaped; // holds "" inside quotes
} field;

static ck_ingest_status fail(ck_ingest_fault *fault, ck_ingest_status status, size_t column,
                             size_t begin, size_t end) {
  fault->status = status;
  fault->column = (uint32_t)column;
  fault->offset = (int64_t)begin;
  fault->length = (uint32_t)(end - begin);
  return status;
}

static int is_control(char c) { return (unsigned char)c < 0x20 || c == 0x7f; }

static int at_delimiter(const char *bytes, size_t at, size_t end, const ck_ingest_layout *layout) {
  return bytes[at] == layout->delimiter &&
         (layout->delimiter_width == 1 || (at + 1 < end && bytes[at + 1] == layout->delimiter));
}

/// Reads a quoted field whose opening quote is at `at`; returns the position after the closing one.
static ck_ingest_status quoted_field(const char *bytes, size_t *at, size_t end, size_t column,
                                     const ck_ingest_layout *layout, field *out,
                                     ck_ingest_fault *fault) {
  size_t open = *at, i = open + 1;
  out->escaped = 0;
  for (;; i++) {
    if (i >= end)
      return fail(fault, CK_INGEST_QUOTE, column, open, end);
    if (is_control(bytes[i]) && bytes[i] != layout->delimiter)
      return fail(fault, CK_INGEST_CONTROL, column, i, i + 1);
    if (bytes[i] != '"')
      continue;
    if (i + 1 >= end || bytes[i + 1] != '"')
      break;
    out->escaped = 1;
    i++;
  }
  out->begin = open + 1;
  out->end = i;
  *at = i + 1;
  if (*at < end && !at_delimiter(bytes, *at, end, layout))
    return fail(fault, CK_INGEST_QUOTE, column, open, end);
  return CK_INGEST_OK;
}

/// Reads a field that starts at `at`; leaves `at` at the delimiter after it or at the line's end.
static ck_ingest_status next_field(const char *bytes, size_t *at, size_t end, size_t column,
                                   const ck_ingest_layout *layout, field *out,
                                   ck_ingest_fault *fault) {
  if (*at < end && bytes[*at] == '"')
    return quoted_field(bytes, at, end, column, layout, out, fault);
  size_t i = *at;
  for (; i < end && !at_delimiter(bytes, i, end, layout); i++)
    if (is_control(bytes[i]))
      return fail(fault, CK_INGEST_CONTROL, column, i, i + 1);
  *out = (field){*at, i, 0};
  *at = i;
  return CK_INGEST_OK;
}

/// Cuts the line into fields and keeps those with a role.
static ck_ingest_status cut_line(const char *bytes, size_t begin, size_t end, int last,
                                 const ck_ingest_layout *layout, field *fields,
                                 ck_ingest_fault *fault) {
  size_t at = begin, count = 0;
  for (;;) {
    field one;
    ck_ingest_status status = next_field(bytes, &at, end, count + 1, layout, &one, fault);
    if (status)
      return status;
    for (int role = 0; role < CK_INGEST_ROLES; role++)
      if (layout->column[role] >= 0 && (size_t)layout->column[role] == count)
        fields[role] = one;
    count++;
    if (at >= end)
      break;
    at += layout->delimiter_width;
  }
  if (count == layout->columns)
    return CK_INGEST_OK;
  fault->found = (uint32_t)count;
  return fail(fault, last && count < layout->columns ? CK_INGEST_CUT : CK_INGEST_COLUMNS, 0, begin,
              end);
}

static ck_ingest_status read_text(const field *text, int64_t *value) {
  if (text->begin == text->end)
    return CK_INGEST_MISSING;
  size_t quote = (size_t)text->escaped; // the quotes around it tell that those in it are doubled
  *value = (int64_t)((text->begin - quote) << 16 | (text->end - text->begin + 2 * quote));
  return CK_INGEST_OK;
}

/// Converts one field and writes it to its column.
static ck_ingest_status store(const char *bytes, const field *one, int role,
                              const ck_ingest_layout *layout, const ck_ingest_columns *columns,
                              size_t row) {
  const char *text = bytes + one->begin;
  size_t length = one->end - one->begin;
  int64_t number = 0;
  ck_ingest_status status;
  switch (role) {
  case CK_INGEST_RATING:
    return ck_ingest_rating(text, length, &columns->rating[row]);
  case CK_INGEST_USER:
    return layout->user_text ? read_text(one, &columns->user[row])
                             : ck_ingest_integer(text, length, &columns->user[row]);
  case CK_INGEST_ITEM:
    return layout->item_text ? read_text(one, &columns->item[row])
                             : ck_ingest_integer(text, length, &columns->item[row]);
  case CK_INGEST_TIMESTAMP:
    return layout->time_text ? ck_ingest_time(text, length, &columns->timestamp[row])
                             : ck_ingest_integer(text, length, &columns->timestamp[row]);
  default:
    status = ck_ingest_integer(text, length, &number);
    if (status == CK_INGEST_OK && number != (int16_t)number)
      status = CK_INGEST_INTEGER_RANGE;
    columns->watching[row] = (int16_t)number;
    return status;
  }
}

ck_ingest_status ingest_line(const char *bytes, size_t begin, size_t end, int last,
                             const ck_ingest_layout *layout, const ck_ingest_columns *columns,
                             size_t row, ck_ingest_fault *fault) {
  if (end - begin > CK_INGEST_LINE_LIMIT)
    return fail(fault, CK_INGEST_LINE_LENGTH, 0, begin, end);
  field fields[CK_INGEST_ROLES];
  ck_ingest_status status = cut_line(bytes, begin, end, last, layout, fields, fault);
  if (status)
    return status;
  int worst = -1;
  for (int role = 0; role < CK_INGEST_ROLES; role++) {
    if (layout->column[role] < 0)
      continue;
    ck_ingest_status one = store(bytes, &fields[role], role, layout, columns, row);
    if (one == CK_INGEST_OK || (worst >= 0 && layout->column[worst] < layout->column[role]))
      continue;
    worst = role;
    status = one;
  }
  if (layout->column[CK_INGEST_RATING] < 0)
    columns->rating[row] = 1;
  if (worst < 0)
    return CK_INGEST_OK;
  return fail(fault, status, (size_t)layout->column[worst] + 1, fields[worst].begin,
              fields[worst].end);
}
