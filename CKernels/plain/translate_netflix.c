// The Netflix Prize's files, movie by movie, as rows of a table.
#include "../shared/ingest_careful.h"
#include "../shared/translate.h"

/// Writes a number that is not negative.
static char *write_number(int64_t number, char *out) {
  char digits[20];
  int count = 0;
  do {
    digits[count++] = (char)('0' + number % 10);
    number /= 10;
  } while (number);
  while (count > 0)
    *out++ = digits[--count];
  return out;
}

/// The number of a line `123:`; -1 where it is none.
static int64_t movie_of(const char *text, size_t length) {
  int64_t movie = -1;
  if (length < 2 || text[length - 1] != ':' ||
      ck_ingest_integer(text, length - 1, &movie) != CK_INGEST_OK)
    return -1;
  return movie < 0 ? -1 : movie;
}

int64_t ck_netflix_movie(const char *bytes, size_t size, size_t begin, size_t end) {
  size_t limit = end < size ? end : size, first = ingest_line_start(bytes, begin, limit);
  // The line that starts last may end beyond the range.
  size_t at = limit;
  while (at > first) {
    size_t start = at - 1;
    while (start > first && bytes[start - 1] != '\n')
      start--;
    translate_line line = translate_next(bytes, size, start, CK_NETFLIX_LINE_LIMIT);
    int64_t movie = movie_of(bytes + line.begin, line.end - line.begin);
    if (movie >= 0)
      return movie;
    at = start;
  }
  return -1;
}

/// Writes the row of a line `user,rating,date`; returns `out` where it is none.
static char *write_row(const char *text, size_t length, int64_t movie, char *out) {
  const char *comma = memchr(text, ',', length);
  const char *second = comma ? memchr(comma + 1, ',', length - (size_t)(comma + 1 - text)) : NULL;
  if (!second || memchr(second + 1, ',', length - (size_t)(second + 1 - text)) ||
      memchr(text, '"', length))
    return out;
  size_t user = (size_t)(comma - text), rating = (size_t)(second - comma) - 1;
  size_t date = length - user - rating - 2;
  char *at = out;
  memcpy(at, text, user);
  at += user;
  *at++ = ',';
  at = write_number(movie, at);
  memcpy(at, comma, rating + 2); // with the commas around it
  at += rating + 2;
  int64_t seconds;
  if (ck_ingest_time(second + 1, date, &seconds) == CK_INGEST_OK && seconds >= 0)
    return write_number(seconds, at);
  memcpy(at, second + 1, date);
  return at + date;
}

size_t ck_netflix_rows(const char *bytes, size_t size, size_t begin, size_t end, int64_t movie,
                       char *out, ck_ingest_faults *faults) {
  size_t limit = end < size ? end : size, at = ingest_line_start(bytes, begin, limit);
  char *place = out;
  for (int64_t number = 0; at < limit; number++) {
    translate_line line = translate_next(bytes, size, at, CK_NETFLIX_LINE_LIMIT);
    const char *text = bytes + line.begin;
    size_t length = line.end - line.begin;
    at = line.next;
    int64_t other = length > CK_NETFLIX_LINE_LIMIT ? -1 : movie_of(text, length);
    if (other >= 0)
      movie = other;
    if (length > 0 && other < 0) {
      int is_long = length > CK_NETFLIX_LINE_LIMIT;
      char *row = is_long || movie < 0 ? place : write_row(text, length, movie, place);
      if (row == place) {
        ck_ingest_fault fault = {.line = number,
                                 .offset = (int64_t)line.begin,
                                 .length = (uint32_t)length,
                                 .status = is_long ? CK_INGEST_LINE_LENGTH : CK_INGEST_COLUMNS};
        if (translate_fault(faults, fault))
          break;
      }
      place = row;
    }
    *place++ = '\n';
  }
  return (size_t)(place - out);
}
