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
