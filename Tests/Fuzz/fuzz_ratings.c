// Fuzzes the ratings parser: the first bytes choose layout and cuts, the rest is the file. Every
// instruction set, however the file is cut, must agree with the careful reader in rows and faults; and
// so must what JSON and Netflix files are translated to.
#include "CKernels.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define REQUIRE(condition)                                                                         \
  do {                                                                                             \
    if (!(condition))                                                                              \
      abort();                                                                                     \
  } while (0)

enum { HEADER = 6, FAULTS = 4 };

/// One parse of a whole file.
typedef struct result {
  size_t lines, rows;
  ck_ingest_columns columns;
  ck_ingest_faults faults;
  ck_ingest_fault list[FAULTS];
} result;

/// Rooms of exactly the rows' size, so that the sanitizer sees the first byte beyond.
static result make(size_t lines, const ck_ingest_layout *layout) {
  result r = {.lines = lines};
  r.columns.user = calloc(lines, sizeof(int64_t));
  r.columns.item = calloc(lines, sizeof(int64_t));
  r.columns.rating = calloc(lines, sizeof(float));
  r.columns.line = calloc(lines, sizeof(int64_t));
  if (layout->column[CK_INGEST_TIMESTAMP] >= 0)
    r.columns.timestamp = calloc(lines, sizeof(int64_t));
  if (layout->column[CK_INGEST_WATCHING] >= 0)
    r.columns.watching = calloc(lines, sizeof(int16_t));
  return r;
}

static void release(result *r) {
  free(r->columns.user);
  free(r->columns.item);
  free(r->columns.rating);
  free(r->columns.line);
  free(r->columns.timestamp);
  free(r->columns.watching);
}

static int64_t *shift64(int64_t *column, size_t rows) { return column ? column + rows : NULL; }

/// Parses in ranges of `cut` bytes, rows and faults one after another.
static void parse(const char *bytes, size_t size, size_t cut, const ck_ingest_layout *layout,
                  result *r) {
  r->faults.list = r->list;
  r->faults.capacity = FAULTS;
  size_t lines = 0;
  for (size_t begin = 0; begin < size; begin += cut) {
    ck_ingest_columns place = {
        .user = r->columns.user + r->rows,
        .item = r->columns.item + r->rows,
        .rating = r->columns.rating + r->rows,
        .timestamp = shift64(r->columns.timestamp, r->rows),
        .watching = r->columns.watching ? r->columns.watching + r->rows : NULL,
        .line = shift64(r->columns.line, r->rows),
    };
    r->rows += ck_ingest_parse(bytes, size, begin, begin + cut, layout, (int64_t)lines + 1, &place,
                               &r->faults);
    lines += ck_ingest_count(bytes, size, begin, begin + cut);
  }
  REQUIRE(lines == r->lines);
}

static void require_equal(const result *a, const result *b) {
  REQUIRE(a->rows == b->rows && a->rows <= a->lines);
#define SAME(column)                                                                               \
  REQUIRE(a->rows == 0 || !a->columns.column ||                                                    \
          !memcmp(a->columns.column, b->columns.column, a->rows * sizeof *a->columns.column))
  SAME(user);
  SAME(item);
  SAME(rating);
  SAME(timestamp);
  SAME(watching);
  SAME(line);
  REQUIRE(!memcmp(a->faults.counts, b->faults.counts, sizeof a->faults.counts));
  REQUIRE(!memcmp(a->list, b->list, sizeof a->list));
}

static ck_ingest_layout choose_layout(const uint8_t *choice) {
  ck_ingest_layout layout = {.delimiter = ",;\t:|\t,;"[(choice[0] & 3) + (choice[5] & 4)],
                             .delimiter_width = 1,
                             .decimal_comma = choice[5] & 1};
  if (layout.delimiter == ':' || (layout.delimiter == '\t' && choice[5] & 2))
    layout.delimiter_width = 2;
  layout.columns = 2 + choice[1] % 8;
  layout.time_text = choice[0] >> 7;
  layout.user_text = choice[0] >> 2 & 1;
  layout.item_text = choice[0] >> 3 & 1;
  for (int role = 0; role < CK_INGEST_ROLES; role++)
    layout.column[role] = (int32_t)((role + choice[2]) % layout.columns);
  if (layout.columns < 3 || choice[0] & 64)
    layout.column[CK_INGEST_RATING] = -1;
  if (layout.columns < 4 || choice[0] & 16)
    layout.column[CK_INGEST_TIMESTAMP] = -1;
  if (layout.columns < 5 || choice[0] & 32)
    layout.column[CK_INGEST_WATCHING] = -1;
  return layout;
}

/// A table made of something else.
typedef struct translation {
  char *text;
  size_t length;
  ck_ingest_faults faults;
  ck_ingest_fault list[FAULTS];
} translation;

/// Translates in ranges of `cut` bytes, each into room of the size that its contract asks for at most.
static translation translate(const char *bytes, size_t size, size_t cut, int is_json) {
  static const ck_json_keys keys = {.text = {"u", "i", "r"}, .length = {1, 1, 1}, .count = 3};
  translation whole = {.text = malloc(5 * size + 64)};
  int64_t movie = -1, lines = 0;
  size_t listed = 0;
  for (size_t begin = 0; begin < size; begin += cut) {
    size_t end = begin + cut, bytes_left = size - begin, most = cut + CK_NETFLIX_LINE_LIMIT;
    size_t room = is_json             ? bytes_left + 2
                  : most < bytes_left ? 5 * (most + 2)
                                      : 5 * (bytes_left + 2);
    char *out = malloc(room);
    ck_ingest_fault list[FAULTS];
    ck_ingest_faults faults = {.list = list, .capacity = FAULTS};
    size_t length = is_json ? ck_json_rows(bytes, size, begin, end, &keys, out, &faults)
                            : ck_netflix_rows(bytes, size, begin, end, movie, out, &faults);
    REQUIRE(length <= room);
    size_t count = 0;
    for (int status = 0; status < CK_INGEST_STATUSES; status++) {
      count += faults.counts[status];
      whole.faults.counts[status] += faults.counts[status];
    }
    for (size_t fault = 0; fault < count && fault < FAULTS && listed < FAULTS; fault++) {
      list[fault].line += lines;
      whole.list[listed++] = list[fault];
    }
    int64_t last = ck_netflix_movie(bytes, size, begin, end);
    movie = last >= 0 ? last : movie;
    lines += (int64_t)ck_ingest_count(bytes, size, begin, end);
    whole.text = realloc(whole.text, whole.length + length + 1);
    memcpy(whole.text + whole.length, out, length);
    whole.length += length;
    free(out);
  }
  size_t ends = 0;
  for (size_t at = 0; at < whole.length; at++)
    ends += whole.text[at] == '\n';
  REQUIRE(ends == (size_t)lines);
  return whole;
}

static void require_same_translations(const char *bytes, size_t size, size_t cut) {
  for (int is_json = 0; is_json < 2; is_json++) {
    translation one = translate(bytes, size, size + 1, is_json);
    translation other = translate(bytes, size, cut, is_json);
    REQUIRE(one.length == other.length && !memcmp(one.text, other.text, one.length));
    REQUIRE(!memcmp(one.faults.counts, other.faults.counts, sizeof one.faults.counts));
    REQUIRE(!memcmp(one.list, other.list, sizeof one.list));
    free(one.text);
    free(other.text);
  }
}

/// Joined, a text has as many bytes, no fewer records, and differs in line ends alone.
static void require_joined(const char *bytes, size_t size, const ck_ingest_layout *layout) {
  enum { LIMIT = 256 };
  const ck_delimiter delimiter = {layout->delimiter, layout->delimiter_width};
  char *joined = malloc(size);
  if (size)
    memcpy(joined, bytes, size);
  int64_t lines[LIMIT];
  size_t changed = 0, found = 0;
  ck_fields_walk walk = {0};
  while (walk.at < size) {
    size_t now =
        ck_fields_join(joined, size, delimiter, layout->columns, LIMIT, &walk, lines, LIMIT);
    for (size_t i = 1; i < now; i++)
      REQUIRE(lines[i - 1] <= lines[i]);
    found += now;
  }
  for (size_t i = 0; i < size; i++)
    if (joined[i] != bytes[i]) {
      REQUIRE(bytes[i] == '\n' && joined[i] == '\r');
      changed++;
    }
  REQUIRE(changed == found && (size == 0 || walk.open <= size));
  ck_encoding encoding;
  ck_fields_encoding(bytes, size, &encoding);
  REQUIRE(encoding.wide + encoding.wrong <= size);
  free(joined);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size < HEADER)
    return 0;
  ck_ingest_layout layout = choose_layout(data);
  size_t cut = 1 + data[3] + ((size_t)data[4] << 8);
  size -= HEADER;
  char *bytes = malloc(size);
  if (size)
    memcpy(bytes, data + HEADER, size);

  require_joined(bytes, size, &layout);
  size_t lines = ck_ingest_count(bytes, size, 0, size);
  result careful = make(lines, &layout);
  careful.faults.list = careful.list;
  careful.faults.capacity = FAULTS;
  careful.rows =
      ck_ingest_parse_careful(bytes, size, 0, size, &layout, 1, &careful.columns, &careful.faults);
  for (int isa = CK_ISA_SCALAR; isa <= (int)ck_isa_best(); isa++) {
    ck_isa_use((ck_isa)isa);
    for (int whole = 0; whole < 2; whole++) {
      result fast = make(lines, &layout);
      parse(bytes, size, whole ? size + 1 : cut, &layout, &fast);
      require_equal(&careful, &fast);
      release(&fast);
    }
  }
  release(&careful);
  require_same_translations(bytes, size, cut);
  free(bytes);
  return 0;
}
