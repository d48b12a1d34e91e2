// The ratings parser, naively: one line at a time, by the C library.
#include "CReference.h"

#include <stdlib.h>
#include <string.h>

/// The next field of `*rest`, up to `delimiter` or the end; moves `*rest` behind it.
static char *field(char **rest, const char *delimiter) {
  char *start = *rest, *end = strstr(start, delimiter);
  *rest = end ? end + strlen(delimiter) : start + strlen(start);
  if (end)
    *end = 0;
  return start;
}

size_t ref_ingest_parse(const char *bytes, size_t size, const char *delimiter, int64_t *user,
                        int64_t *item, float *rating, int64_t *timestamp) {
  char *copy = malloc(size + 1), *rest = copy;
  memcpy(copy, bytes, size);
  copy[size] = 0;
  size_t rows = 0;
  while (*rest) {
    char *line = field(&rest, "\n");
    line[strcspn(line, "\r")] = 0;
    if (!*line)
      continue;
    user[rows] = strtoll(field(&line, delimiter), NULL, 10);
    item[rows] = strtoll(field(&line, delimiter), NULL, 10);
    rating[rows] = strtof(field(&line, delimiter), NULL);
    if (timestamp)
      timestamp[rows] = strtoll(field(&line, delimiter), NULL, 10);
    rows++;
  }
  free(copy);
  return rows;
}
