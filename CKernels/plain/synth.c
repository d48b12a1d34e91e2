// Synthesis of ratings: draws users' items, scores and times, and writes the rows as text.
#include "ck_random.h"
#include "ck_synth.h"

#include <math.h>
#include <string.h>

/// One user's random numbers, in the order they are asked for.
typedef struct {
  uint64_t key, position;
} stream;

static inline uint64_t next_bits(stream *random) {
  return ck_random_bits(random->key, random->position++);
}

static inline float next_uniform(stream *random) {
  return (float)(next_bits(random) >> 40) * 0x1p-24f;
}

static inline float next_normal(stream *random) {
  return (float)ck_random_normal(random->key, random->position++);
}

/// Nearly normal, variance 1: the sum of the four 16-bit parts of one draw (Irwin-Hall).
static inline float next_noise(stream *random) {
  uint64_t bits = next_bits(random);
  int32_t sum = (int32_t)(bits & 0xffff) + (int32_t)(bits >> 16 & 0xffff) +
                (int32_t)(bits >> 32 & 0xffff) + (int32_t)(bits >> 48);
  return ((float)(sum - 2 * 0xffff)) * (1.7320508f / 65536.0f);
}

static inline int32_t draw_evenly(const ck_synth_table *table, stream *random) {
  return table->item[((next_bits(random) >> 32) * table->count) >> 32];
}

static inline int32_t draw_weighted(const ck_synth_table *table, stream *random) {
  uint64_t bits = next_bits(random);
  size_t slot = (size_t)(((bits >> 32) * table->count) >> 32);
  return table->item[(uint32_t)bits < table->cut[slot] ? (int32_t)slot : table->alias[slot]];
}

/// Marks an item; 0 when it was marked before.
static inline int mark(uint64_t *bitmap, int32_t item) {
  uint64_t bit = 1ULL << (item & 63), *word = &bitmap[item >> 6];
  int is_new = (*word & bit) == 0;
  *word |= bit;
  return is_new;
}

/// Marks all of a user's items in `taken`, those to be rated in `rated` too.
static void draw_items(const ck_synth_world *world, const ck_synth_user *user,
                       const ck_synth_table *preferred, stream *random, uint64_t *taken,
                       uint64_t *rated) {
  for (size_t s = 0; s < user->sure_rated_count; s++) {
    mark(taken, user->sure_rated[s]);
    mark(rated, user->sure_rated[s]);
  }
  for (size_t s = 0; s < user->sure_seen_count; s++)
    mark(taken, user->sure_seen[s]);

  size_t to_rate = user->rated - user->sure_rated_count;
  size_t missing = to_rate + user->unrated - user->sure_seen_count;
  size_t weighted_draws = 8 * missing + 64;
  while (missing > 0) {
    int32_t item;
    if (weighted_draws > 0) {
      weighted_draws--;
      const ck_synth_table *table =
          next_uniform(random) < world->preference ? preferred : &world->all;
      item = draw_weighted(table, random);
      if (user->tilt > 0 && next_uniform(random) < user->tilt) {
        int32_t other = draw_weighted(table, random);
        item = world->rank[other] < world->rank[item] ? other : item;
      }
    } else {
      item = draw_evenly(&world->all, random);
    }
    if (!mark(taken, item))
      continue;
    missing--;
    if (to_rate > 0) {
      to_rate--;
      mark(rated, item);
    }
  }
}

void ck_synth_draw(const ck_synth_world *world, const ck_synth_user *user, int32_t *item,
                   float *score, uint64_t *taken, uint64_t *rated) {
  stream random = {ck_random_bits(world->key, user->number), 0};
  size_t group = (size_t)(((next_bits(&random) >> 32) * world->groups) >> 32);
  const float *centre = world->centre + group * CK_SYNTH_TRAITS;
  float base = user->leaning + world->user_bias_sd * next_normal(&random);
  float spread = world->noise_sd * expf(0.2f * next_normal(&random));
  float taste[CK_SYNTH_TRAITS];
  for (size_t t = 0; t < CK_SYNTH_TRAITS; t++)
    taste[t] = centre[t] + next_normal(&random);
  // Normals take two positions each: go on beyond them.
  random.position *= 2;

  draw_items(world, user, &world->group[group], &random, taken, rated);

  size_t row = 0;
  for (size_t word = 0; word < (world->items + 63) / 64; word++) {
    for (uint64_t left = taken[word]; left; left &= left - 1) {
      size_t bit = (size_t)__builtin_ctzll(left), i = word * 64 + bit;
      item[row] = (int32_t)i;
      score[row] = -INFINITY;
      if (rated[word] >> bit & 1) {
        const float *traits = world->traits + i * CK_SYNTH_TRAITS;
        float liking = base + world->quality[i] + spread * next_noise(&random);
        for (size_t t = 0; t < CK_SYNTH_TRAITS; t++)
          liking += taste[t] * traits[t];
        score[row] = liking;
      }
      row++;
    }
    taken[word] = rated[word] = 0;
  }
}

/// What an item's bias is off by at a time.
static float item_drift(const ck_synth_clock *clock, int32_t item, double when) {
  const float *points = clock->item_drift + (size_t)item * clock->steps;
  double place = (when - (double)clock->first) / (double)(clock->last - clock->first) *
                 (double)(clock->steps - 1);
  size_t step = (size_t)place < clock->steps - 2 ? (size_t)place : clock->steps - 2;
  float part = (float)(place - (double)step);
  return points[step] + part * (points[step + 1] - points[step]);
}

void ck_synth_drift(const ck_synth_clock *clock, uint64_t number, const int32_t *item, size_t count,
                    float *score, int64_t *time) {
  const uint64_t user = ck_random_bits(clock->key, number);
  const uint64_t order = ck_random_bits(user, 0), pace = ck_random_bits(user, 1),
                 moods = ck_random_bits(user, 2);
  const double last = (double)clock->last, span = last - (double)clock->first;
  const double least = fmin(span, 7200.0 * (double)count);
  const double length = least + (span - least) * ck_random_uniform(pace, 0);
  const double began = (double)clock->first + (span - length) * ck_random_uniform(pace, 1);
  double when = began, bias = 0, mood = 0;
  for (size_t k = 0; k < count; k++) {
    double uniform = ck_random_uniform(pace, 3 + 2 * k);
    if (k == 0 || ck_random_uniform(pace, 2 + 2 * k) < clock->sitting_chance) {
      double next = fmax(when, began + length * ((double)k + uniform) / (double)count);
      double kept = k == 0 ? 0 : exp((when - next) / clock->user_memory);
      bias = kept * bias + sqrt(1 - kept * kept) * clock->user_sd * ck_random_normal(moods, 2 * k);
      mood = clock->sitting_sd * ck_random_normal(moods, 2 * k + 1);
      when = next;
    } else {
      when += 10 + 50 * uniform;
    }
    when = fmin(when, last);
    size_t row = ck_random_permute(order, k, count);
    time[row] = (int64_t)when;
    score[row] += (float)(bias + mood) + item_drift(clock, item[row], when);
  }
}

void ck_synth_count(const float *score, size_t count, uint32_t *bins) {
  const float scale = (float)CK_SYNTH_BINS / (CK_SYNTH_HIGHEST - CK_SYNTH_LOWEST);
  for (size_t r = 0; r < count; r++) {
    if (score[r] == -INFINITY)
      continue;
    float place = (score[r] - CK_SYNTH_LOWEST) * scale;
    place = place < 0 ? 0 : place > CK_SYNTH_BINS - 1 ? CK_SYNTH_BINS - 1 : place;
    bins[(size_t)place]++;
  }
}

static inline void put_ten_digits(int64_t number, char *out) {
  for (int place = 9; place >= 0; place--, number /= 10)
    out[place] = (char)('0' + number % 10);
}

size_t ck_synth_format(const ck_synth_text *text, const char *user, size_t user_bytes,
                       const int32_t *item, const float *score, const int64_t *time, size_t count,
                       char *out) {
  const ck_synth_text as = *text;
  static const char endings[11][4] = {"-1\n", "1\n", "2\n", "3\n", "4\n", "5\n",
                                      "6\n",  "7\n", "8\n", "9\n", "10\n"};
  static const uint8_t ending_bytes[11] = {3, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3};
  char *end = out;
  for (size_t r = 0; r < count; r++) {
    int rating = score[r] != -INFINITY;
    for (int c = 0; c < 9; c++)
      rating += score[r] >= as.cuts[c];
    // Fixed-size copies run past the text's end; the next copy overwrites what is too much.
    memcpy(end, user, 16);
    end += user_bytes;
    memcpy(end, &as.items[item[r]], 8);
    end += as.bytes[item[r]];
    memcpy(end, endings[rating], 4);
    end += ending_bytes[rating];
    if (time) {
      end[-1] = ',';
      put_ten_digits(time[r], end);
      end[10] = '\n';
      end += 11;
    }
  }
  return (size_t)(end - out);
}
