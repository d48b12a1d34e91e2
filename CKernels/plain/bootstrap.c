// The Poisson bootstrap over users.
#include "ck_bootstrap.h"

#include "ck_random.h"

#include <string.h>

// Users a tile: its share of x (256 · 10 columns · 8 bytes) stays in L1 while resamples walk over
// it.
enum { TILE = 256, GROUP = 2 };

// 2^16 · P(Poisson(1) <= w) for w = 0, 1, …, 7: a 16-bit uniform number's weight is the number of
// bounds it reaches.
static const uint16_t BOUNDS[8] = {24109, 48219, 60273, 64292, 65296, 65497, 65531, 65535};

void ck_bootstrap_weights(uint64_t key, uint64_t resample, size_t users, uint8_t *weights) {
  uint64_t first = resample * ((users + 3) / 4);
  uint16_t uniform[TILE];
  for (size_t start = 0; start < users; start += TILE) {
    size_t n = users - start < TILE ? users - start : TILE;
    for (size_t j = 0; j < n; j += 4) {
      uint64_t bits = ck_random_bits(key, first + (start + j) / 4);
      for (size_t part = 0; part < 4; part++)
        uniform[j + part] = (uint16_t)(bits >> (16 * part));
    }
    for (size_t j = 0; j < n; j++) {
      uint16_t weight = 0;
      for (size_t bound = 0; bound < 8; bound++)
        weight += uniform[j] >= BOUNDS[bound];
      weights[start + j] = (uint8_t)weight;
    }
  }
}

typedef double pair __attribute__((vector_size(GROUP * sizeof(double))));

static inline pair load(const double *x) {
  pair value;
  memcpy(&value, x, sizeof value);
  return value;
}

// sums[0..1] += Σ w[u] · x[u, 0..1] over one tile; four sums side by side, for one would wait for
// each of its additions.
static void add_group(const double *w, const double *x, size_t n, size_t columns, double *sums) {
  pair a = load(sums), b = {0}, c = {0}, d = {0};
  size_t u = 0;
  for (; u + 4 <= n; u += 4, x += 4 * columns) {
    a += w[u] * load(x);
    b += w[u + 1] * load(x + columns);
    c += w[u + 2] * load(x + 2 * columns);
    d += w[u + 3] * load(x + 3 * columns);
  }
  for (; u < n; u++, x += columns)
    a += w[u] * load(x);
  a = (a + b) + (c + d);
  memcpy(sums, &a, sizeof a);
}

void ck_bootstrap_sums(const uint8_t *weights, size_t resamples, const double *x, size_t users,
                       size_t columns, double *sums) {
  for (size_t j = 0; j < resamples * columns; j++)
    sums[j] = 0;
  for (size_t start = 0; start < users; start += TILE) {
    size_t n = users - start < TILE ? users - start : TILE;
    for (size_t r = 0; r < resamples; r++) {
      double w[TILE];
      for (size_t u = 0; u < n; u++)
        w[u] = weights[r * users + start + u];
      for (size_t c = 0; c < columns; c += GROUP)
        add_group(w, x + start * columns + c, n, columns, sums + r * columns + c);
    }
  }
}

size_t ck_bootstrap_covered(const int32_t *offsets, const int32_t *recommended, size_t items,
                            const uint8_t *weights) {
  size_t covered = 0;
  for (size_t i = 0; i < items; i++) {
    int32_t j = offsets[i];
    while (j < offsets[i + 1] && weights[recommended[j]] == 0)
      j++;
    covered += j < offsets[i + 1];
  }
  return covered;
}
