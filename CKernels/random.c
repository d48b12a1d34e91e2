// Normal random numbers by position.
#include "ck_random.h"

#include <math.h>

void ck_random_fill_normal(uint64_t key, uint64_t first, size_t count, double deviation,
                           float *out) {
  double pair[2] = {0, 0};
  for (size_t n = 0; n < count; n++) {
    uint64_t position = first + n;
    if (n == 0 || position % 2 == 0) {
      uint64_t even = position & ~1ULL;
      double u = ((double)(ck_random_bits(key, even) >> 11) + 0.5) * 0x1p-53;
      double angle = ck_random_uniform(key, even + 1) * 6.283185307179586;
      double radius = deviation * sqrt(-2 * log(u));
      pair[0] = radius * cos(angle);
      pair[1] = radius * sin(angle);
    }
    out[n] = (float)pair[position % 2];
  }
}
