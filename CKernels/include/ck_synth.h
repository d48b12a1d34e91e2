/// Synthesis of ratings: which items each user meets, how much each is liked, when, and the rows as
/// text.
#ifndef CK_SYNTH_H
#define CK_SYNTH_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Latent traits of an item, and tastes of a user. 16 = floats in a cache line.
enum { CK_SYNTH_TRAITS = 16 };

/// Bins of `ck_synth_count`, and the range of scores they cut evenly.
enum { CK_SYNTH_BINS = 8192, CK_SYNTH_LOWEST = -8, CK_SYNTH_HIGHEST = 24 };

/// A table to draw items from in O(1) (Walker's alias method, Vose 1991): slot s, uniform, stands
/// for `item[s]` when 32 random bits are below `cut[s]`, else for `item[alias[s]]`.
typedef struct ck_synth_table {
  size_t count;         // slots, at least 1
  const int32_t *item;  // [count] item numbers
  const int32_t *alias; // [count] slots
  const uint32_t *cut;  // [count] probability of `item`, in 2^-32
} ck_synth_table;

/// What is common to all users. Items are numbered in ascending order of their id.
typedef struct ck_synth_world {
  size_t items;
  const float *quality; // [items] expected score
  const float *traits;  // [items, CK_SYNTH_TRAITS]
  const int32_t *rank;  // [items] 0 is the most popular
  ck_synth_table all;   // all items that may be met by chance
  size_t groups;
  const ck_synth_table *group; // [groups] the same items, cut by kind
  const float *centre;         // [groups, CK_SYNTH_TRAITS] the taste of those who prefer a group
  float preference;            // share of draws that come from the user's preferred group
  float user_bias_sd;          // spread of users' means
  float noise_sd;              // spread of what nothing explains
  uint64_t key;                // of the random stream that users' streams are keyed from
} ck_synth_world;

/// What one user is to get. The items that are certain are distinct; at most `rated` of the one
/// kind and `unrated` of the other.
typedef struct ck_synth_user {
  uint64_t number;           // of the user: the position in the random stream
  size_t rated;              // rows with a rating
  size_t unrated;            // rows without
  const int32_t *sure_rated; // [sure_rated_count] items this user has rated for certain
  size_t sure_rated_count;   //
  const int32_t
      *sure_seen;         // [sure_seen_count] items this user has seen, without rating, for certain
  size_t sure_seen_count; //
  float leaning;          // the user's expected deviation from the items' quality
  float tilt;             // share of draws that are the more popular of two
} ck_synth_user;

/// Draws one user's rows: distinct items in ascending order, and a score for each.
///
///   score[r] = leaning + bias + quality[i] + dot(taste, traits[i]) + spread·noise,  i = item[r]
///
///   bias    normal 1 times user_bias_sd
///   spread  noise_sd times e to the 0.2 times normal 2
///   taste   normals 3 to 18 added to the centre of the preferred group
///   noise   mean 0, variance 1, in ±2√3
///
/// where normal p is ck_random_normal(ck_random_bits(key, number), p), and position 0 of the same
/// stream chooses the group, evenly. Items are drawn by popularity until enough are distinct; when
/// 8 draws a row did not do, the rest is drawn evenly. The rows drawn first are the rated ones.
/// Unrated rows get the score -INFINITY.
///
///   user         rated + unrated <= 3/4 of world->all.count
///   item, score  [rated + unrated] overwritten
///   taken, rated [(items + 63) / 64] scratch: zero on entry, zero on return
///
/// Cost: some 90 ns a row. Threads: safe on distinct users. Cannot fail.
void ck_synth_draw(const ck_synth_world *world, const ck_synth_user *user, int32_t *item,
                   float *score, uint64_t *taken, uint64_t *rated);

/// When ratings are given, and how biases move meanwhile. All users share it.
typedef struct ck_synth_clock {
  int64_t first, last;     // seconds since 1970, first < last: all there is happens between
  size_t steps;            // at least 2: points evenly spread from first to last
  const float *item_drift; // [items, steps] what an item's bias is off by at each
  double sitting_chance;   // of a row's being the first of a new sitting
  double sitting_sd;       // spread of what all rows of a sitting have in common
  double user_sd;          // spread of the slow part of a user's bias
  double user_memory;      // seconds after which that has forgotten all but 1/e
  uint64_t key;            // of the random stream that users' streams are keyed from
} ck_synth_clock;

/// Says when one user gave each of some ratings, and adds to scores what they are off by then.
///
///   score[r] += bias + mood + drift,  r = ck_random_permute(bits 0, k, count), k = 0 to count - 1
///
///   time   of k = 0 and, with sitting_chance, of any other k a new sitting: the later of
///          began + length (k + uniform 3 + 2k) / count and the time of k - 1; of all others 10 to 60
///          seconds after k - 1. `length`, two hours a row or more, and `began` are uniform in what
///          there is of time
///   bias   of the first sitting user_sd times normal 0; where a new one begins after t seconds, what
///          it was times a = exp(-t / user_memory), and sqrt(1 - a^2) user_sd times normal 2k
///   mood   of a sitting, sitting_sd times normal 2k + 1
///   drift  the item's, linear between steps
///
/// where bits p is ck_random_bits(user, p), user = ck_random_bits(key, number); normals are those of
/// bits 2, and uniforms of bits 1: 0 gives length, 1 began, 2 + 2k the chance of a sitting.
///
///   item  [count] item numbers
///   score [count] added to; -INFINITY stays
///   time  [count] overwritten: seconds since 1970
///
/// Cost: some 60 ns a row. Threads: safe on distinct users. Cannot fail.
void ck_synth_drift(const ck_synth_clock *clock, uint64_t number, const int32_t *item, size_t count,
                    float *score, int64_t *time);

/// Counts scores by bin: adds to bins[CK_SYNTH_BINS]; unrated rows are left out, scores beyond the
/// range count in the outermost bins.
void ck_synth_count(const float *score, size_t count, uint32_t *bins);

/// How rows are written.
typedef struct ck_synth_text {
  const uint64_t *items; // [items] each item's id and a comma, at most 8 bytes, in memory order
  const uint8_t *bytes;  // [items] how many of the 8 bytes count
  const float *cuts;     // [9] ascending: the scores at which ratings 2 to 10 begin
} ck_synth_text;

/// Writes one user's rows as text: `user,item,rating\n`, or with times `user,item,rating,time\n`.
///
/// The rating is 1 plus the number of cuts at or below the score, -1 for an unrated row.
///
///   user         user's id and a comma, at most 16 bytes (16 are read); user_bytes count
///   item, score  [count] as ck_synth_draw made them
///   time         [count] numbers of ten digits, or NULL
///   out          room for 28 bytes a row, 40 with times, and 16 more
///
/// Returns the bytes written. Cannot fail.
size_t ck_synth_format(const ck_synth_text *text, const char *user, size_t user_bytes,
                       const int32_t *item, const float *score, const int64_t *time, size_t count,
                       char *out);

#ifdef __cplusplus
}
#endif
#endif
