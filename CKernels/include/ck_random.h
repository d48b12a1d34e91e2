/// Counter-based random numbers: a function of (seed, stream, position), so that the result does
/// not depend on who draws first. SplitMix64's finalizer (Steele, Lea, Flood 2014) over a keyed
/// counter.
#ifndef CK_RANDOM_H
#define CK_RANDOM_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Mixes 64 bits so that each output bit depends on each input bit.
static inline uint64_t ck_random_mix(uint64_t z) {
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31);
}

/// The key of one stream of a seed: hoist it out of a loop over positions.
static inline uint64_t ck_random_key(uint64_t seed, uint64_t stream) {
  return ck_random_mix(ck_random_mix(seed + 0x9e3779b97f4a7c15ULL) ^
                       (stream * 0xd1342543de82ef95ULL + 0x632be59bd9b4e019ULL));
}

/// 64 random bits at `position` of the stream of `key`.
static inline uint64_t ck_random_bits(uint64_t key, uint64_t position) {
  return ck_random_mix(key + (position + 1) * 0x9e3779b97f4a7c15ULL);
}

/// Uniform in [0, 1), 53 bits.
static inline double ck_random_uniform(uint64_t key, uint64_t position) {
  return (double)(ck_random_bits(key, position) >> 11) * 0x1p-53;
}

/// Uniform integer in [0, bound), bound > 0 (Lemire's multiply-shift; bias below 2^-32 for bounds
/// under 2^32).
static inline uint64_t ck_random_below(uint64_t key, uint64_t position, uint64_t bound) {
  return (uint64_t)(((__uint128_t)ck_random_bits(key, position) * bound) >> 64);
}

/// Standard normal (Box-Muller; two uniforms from positions 2p and 2p + 1).
static inline double ck_random_normal(uint64_t key, uint64_t position) {
  double u = ((double)(ck_random_bits(key, 2 * position) >> 11) + 0.5) * 0x1p-53;
  double angle = ck_random_uniform(key, 2 * position + 1) * 6.283185307179586;
  return sqrt(-2.0 * log(u)) * cos(angle);
}

/// One walk through a balanced Feistel network of four rounds on numbers of 2 · half bits.
static inline uint64_t ck_random_feistel(uint64_t key, uint64_t x, unsigned half) {
  uint64_t mask = (1ULL << half) - 1;
  uint64_t left = x >> half, right = x & mask;
  for (uint64_t round = 0; round < 4; round++) {
    uint64_t f = ck_random_mix(key + (right + 1) * 0x9e3779b97f4a7c15ULL + round) & mask;
    uint64_t next = left ^ f;
    left = right;
    right = next;
  }
  return (left << half) | right;
}

/// Half the bits of the network that permutes [0, count), count >= 2.
static inline unsigned ck_random_half_bits(uint64_t count) {
  return (unsigned)(64 - __builtin_clzll(count - 1) + 1) / 2;
}

/// A pseudo-random permutation of [0, count): where `position` goes under `key` (a balanced Feistel
/// network of four rounds over the next even power of two, walked until it falls inside).
/// O(1) memory; any position on its own, in any order.
static inline uint64_t ck_random_permute(uint64_t key, uint64_t position, uint64_t count) {
  if (count < 2)
    return 0;
  unsigned half = ck_random_half_bits(count);
  uint64_t x = position;
  do
    x = ck_random_feistel(key, x, half);
  while (x >= count);
  return x;
}

#ifdef __cplusplus
}
#endif
#endif
