// Ratings files into columns: the careful reader of ingest_line.c applied to the lines of a range.
#include "../shared/ingest_careful.h"

#include <string.h>

size_t ingest_line_start(const char *bytes, size_t at, size_t limit) {
  if (at == 0 || at >= limit || bytes[at - 1] == '\n')
    return at < limit ? at : limit;
  const char *newline = memchr(bytes + at, '\n', limit - at);
  return newline ? (size_t)(newline - bytes) + 1 : limit;
}

/// Whether a line holds nothing but blanks: spaces, and tabs where they part no fields.
static int is_blank_line(const char *bytes, size_t begin, size_t end, char delimiter) {
  while (begin < end && (bytes[begin] == ' ' || (bytes[begin] == '\t' && delimiter != '\t')))
    begin++;
  return begin == end;
}

static void report(const ck_ingest_fault *fault, const ck_ingest_layout *layout,
                   ck_ingest_faults *faults, ingest_cursor *c) {
  size_t before = 0;
  for (int status = 0; status < CK_INGEST_STATUSES; status++)
    before += faults->counts[status];
  if (before < faults->capacity)
    faults->list[before] = *fault;
  faults->counts[fault->status]++;
  for (int role = 0; role < CK_INGEST_ROLES && fault->column; role++)
    if (layout->column[role] + 1 == (int32_t)fault->column &&
        (role == CK_INGEST_TIMESTAMP || fault->status == CK_INGEST_NOT_AN_INTEGER))
      faults->unread[role]++;
  c->stopped = faults->stop;
}

void ingest_careful_line(const char *bytes, size_t size, size_t limit,
                         const ck_ingest_layout *layout, const ck_ingest_columns *columns,
                         ck_ingest_faults *faults, ingest_cursor *c) {
  size_t begin = c->at, reach = size - begin;
  if (reach > CK_INGEST_LINE_LIMIT + 2)
    reach = CK_INGEST_LINE_LIMIT + 2;
  const char *newline = memchr(bytes + begin, '\n', reach);
  size_t end = newline ? (size_t)(newline - bytes) : begin + reach;
  c->at = newline ? end + 1 : ingest_line_start(bytes, end, limit);
  if ((newline || end == size) && end > begin && bytes[end - 1] == '\r')
    end--;
  ck_ingest_fault fault = {.line = c->line};
  if (!is_blank_line(bytes, begin, end, layout->delimiter)) {
    if (ingest_line(bytes, begin, end, !newline, layout, columns, c->row, &fault)) {
      report(&fault, layout, faults, c);
    } else {
      if (columns->line)
        columns->line[c->row] = c->line;
      c->row++;
    }
  }
  c->line++;
}

size_t ck_ingest_parse_careful(const char *bytes, size_t size, size_t begin, size_t end,
                               const ck_ingest_layout *layout, int64_t first_line,
                               const ck_ingest_columns *columns, ck_ingest_faults *faults) {
  size_t limit = end < size ? end : size;
  ingest_cursor c = {.at = ingest_line_start(bytes, begin, limit), .line = first_line};
  while (c.at < limit && !c.stopped)
    ingest_careful_line(bytes, size, limit, layout, columns, faults, &c);
  return c.row;
}
