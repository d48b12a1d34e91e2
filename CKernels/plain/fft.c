// Lengths and tables of discrete Fourier transforms.
#include "ck_fft.h"

#include <math.h>

size_t ck_fft_length(size_t least) {
  for (size_t length = 32;; length *= 2) {
    if (length >= least)
      return length;
    if (length >= 64 && length + length / 2 >= least)
      return length + length / 2;
  }
}

void ck_fft_prepare(size_t length, float *twiddle, int32_t *place, ck_fft_plan *plan) {
  *plan = (ck_fft_plan){.length = length, .twiddle = twiddle, .place = place};
  for (size_t rest = length; rest > 1;) {
    const size_t radix = rest % 4 == 0 ? 4 : rest % 2 == 0 ? 2 : 3;
    plan->radix[plan->stages++] = (int32_t)radix;
    rest /= radix;
  }
  const double step = -2 * acos(-1.0) / (double)length;
  for (size_t k = 0; k < length; k++) {
    twiddle[2 * k] = (float)cos(step * (double)k);
    twiddle[2 * k + 1] = (float)sin(step * (double)k);
    // Each stage puts terms that are alike modulo its radix beside one another.
    size_t rest = length, term = k, at = 0;
    for (size_t stage = 0; stage < plan->stages; stage++) {
      const size_t radix = (size_t)plan->radix[stage];
      rest /= radix;
      at += term % radix * rest;
      term /= radix;
    }
    place[k] = (int32_t)at;
  }
}
