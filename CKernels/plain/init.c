// Starting values of parameter tables.
#include "ck_init.h"

#include "ck_random.h"

#include <math.h>

void ck_init_normal(float *rows, size_t first, size_t end, size_t lanes, size_t stride, float sd,
                    uint64_t key) {
  const float turn = 6.283185307f;
  size_t pairs = (lanes + 1) / 2;
  for (size_t r = first; r < end; r++)
    for (size_t pair = 0; pair < pairs; pair++) {
      uint64_t bits = ck_random_bits(key, r * pairs + pair);
      float radius = ((float)(bits >> 40) + 0.5f) * 0x1p-24f;
      float angle = (float)((bits >> 16) & 0xffffff) * 0x1p-24f * turn;
      float length = sd * sqrtf(-2 * logf(radius));
      float *out = rows + r * stride + 2 * pair;
      out[0] = length * cosf(angle);
      if (2 * pair + 1 < lanes)
        out[1] = length * sinf(angle);
    }
}

void ck_init_uniform(float *rows, size_t first, size_t end, size_t lanes, size_t stride,
                     float bound, uint64_t key) {
  for (size_t r = first; r < end; r++)
    for (size_t lane = 0; lane < lanes; lane++)
      rows[r * stride + lane] =
          (float)((2 * ck_random_uniform(key, r * lanes + lane) - 1) * (double)bound);
}

void ck_init_truncated(float *rows, size_t first, size_t end, size_t lanes, size_t stride, float sd,
                       uint64_t key) {
  const double whole = (double)sd / 0.87962566103423978; // sd of a normal cut at 2: 0.8796
  for (size_t r = first; r < end; r++)
    for (size_t lane = 0; lane < lanes; lane++) {
      const uint64_t own = ck_random_bits(key, r * lanes + lane);
      double z = 3;
      for (uint64_t draw = 0; !(fabs(z) <= 2); draw++)
        z = ck_random_normal(own, draw);
      rows[r * stride + lane] = (float)(whole * z);
    }
}
