// SplitMix64 as it is published, and what is drawn from it.
#include "CReference.h"

#include <math.h>

uint64_t ref_random_bits(uint64_t key, uint64_t position) {
  uint64_t state = key + 0x9e3779b97f4a7c15u * (position + 1);
  uint64_t z = state;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

// The highest 53 bits as a fraction.
static double uniform(uint64_t key, uint64_t position) {
  return (double)(ref_random_bits(key, position) >> 11) / 9007199254740992.0;
}

double ref_init_uniform(uint64_t key, uint64_t position, double bound) {
  return -bound + 2 * bound * uniform(key, position);
}

double ref_init_truncated(uint64_t key, uint64_t position, double sd) {
  // The variance of a standard normal cut at ±2: 1 − 4φ(2)/(2Φ(2) − 1).
  const double pi = acos(-1);
  double density = exp(-2) / sqrt(2 * pi), inside = erf(sqrt(2));
  double whole = sd / sqrt(1 - 4 * density / inside);
  uint64_t own = ref_random_bits(key, position);
  for (uint64_t draw = 0;; draw++) {
    double u = uniform(own, 2 * draw) + 0x1p-54;
    double z = sqrt(-2 * log(u)) * cos(2 * pi * uniform(own, 2 * draw + 1));
    if (fabs(z) <= 2)
      return whole * z;
  }
}
