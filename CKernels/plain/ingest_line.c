// One line of a ratings file, read byte by byte: every shape that is allowed, every fault that is
// not.
#include "../shared/ingest_careful.h"
#include "ck_fields.h"

#include <string.h>

static ck_ingest_status fail(ck_ingest_fault *fault, ck_ingest_status status, size_t column,
                             size_t begin, size_t end) {
  fault->status = status;
  fault->column = (uint32_t)column;
  fault->offset = (int64_t)begin;
  fault->length = (uint32_t)(end - begin);
  return status;
}

static int is_control(char c) { return (unsigned char)c < 0x20 || c == 0x7f; }

/// Looks for quotes that are not closed, quotes in the middle of a field that is needed, and control
/// characters; blanks and line ends (as '\r') may stand in a field that is not.
static ck_ingest_status check_field(const char *bytes, const ck_field *field, size_t end,
                                    size_t column, int is_needed, char delimiter,
                                    ck_ingest_fault *fault) {
  if (field->kind == CK_FIELD_OPEN || (field->kind == CK_FIELD_RAGGED && is_needed))
    return fail(fault, CK_INGEST_QUOTE, column, field->begin, end);
  for (size_t i = field->begin; i < field->end; i++)
    if (is_control(bytes[i]) && bytes[i] != delimiter &&
        (is_needed || (bytes[i] != '\t' && bytes[i] != '\r')))
      return fail(fault, CK_INGEST_CONTROL, column, i, i + 1);
  return CK_INGEST_OK;
}

/// Cuts the line into fields and keeps those with a role.
static ck_ingest_status cut_line(const char *bytes, size_t begin, size_t end, int last,
                                 const ck_ingest_layout *layout, ck_field *fields,
                                 ck_ingest_fault *fault) {
  const ck_delimiter delimiter = {layout->delimiter, layout->delimiter_width};
  size_t at = begin, count = 0;
  for (;;) {
    ck_field one;
    at = ck_fields_next(bytes, end, at, delimiter, &one);
    int is_needed = 0;
    for (int role = 0; role < CK_INGEST_ROLES; role++)
      if (layout->column[role] >= 0 && (size_t)layout->column[role] == count) {
        fields[role] = one;
        is_needed = 1;
      }
    count++;
    ck_ingest_status status =
        check_field(bytes, &one, end, count, is_needed, layout->delimiter, fault);
    if (status)
      return status;
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

static ck_ingest_status read_text(const ck_field *text, int64_t *value) {
  if (text->begin == text->end)
    return CK_INGEST_MISSING;
  // The quotes around it tell that those in it are doubled.
  size_t quote = text->kind == CK_FIELD_DOUBLED;
  *value = (int64_t)((text->begin - quote) << 16 | (text->end - text->begin + 2 * quote));
  return CK_INGEST_OK;
}

/// Converts one field and writes it to its column.
static ck_ingest_status store(const char *bytes, const ck_field *one, int role,
                              const ck_ingest_layout *layout, const ck_ingest_columns *columns,
                              size_t row) {
  const char *text = bytes + one->begin;
  size_t length = one->end - one->begin;
  int64_t number = 0;
  ck_ingest_status status;
  switch (role) {
  case CK_INGEST_RATING:
    return layout->decimal_comma ? ck_ingest_decimal(text, length, &columns->rating[row])
                                 : ck_ingest_rating(text, length, &columns->rating[row]);
  case CK_INGEST_USER:
    return layout->user_text ? read_text(one, &columns->user[row])
                             : ck_ingest_id(text, length, &columns->user[row]);
  case CK_INGEST_ITEM:
    return layout->item_text ? read_text(one, &columns->item[row])
                             : ck_ingest_id(text, length, &columns->item[row]);
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
  ck_field fields[CK_INGEST_ROLES];
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
