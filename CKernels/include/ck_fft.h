/// What a discrete Fourier transform of one length needs to know; the transforms themselves are part
/// of the kernels that use them (bodies/fft.inc), for what they transform never leaves the cache.
#ifndef CK_FFT_H
#define CK_FFT_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Most factors of a length: 4^16 is more than any length here.
#define CK_FFT_MAX_STAGES 16

/// A length as a product of 4, 3 and 2, and the tables of its transform.
typedef struct ck_fft_plan {
  size_t length;
  size_t stages;
  int32_t radix[CK_FFT_MAX_STAGES]; ///< by stage of the forward transform: 4, 2 or 3
  const float *twiddle;             ///< [length, 2]   cos and sin of −2πk/length
  const int32_t *place;             ///< [length]      where the forward transform leaves term k
} ck_fft_plan;

/// The smallest length of at least `least` that is 2^a or 3·2^a and a multiple of 32.
size_t ck_fft_length(size_t least);

/// Fills in a plan and its tables.
///
///   length    2^a·3^b, b <= 1
///   twiddle   [length, 2] float32, place [length] int32   overwritten; the plan points to them
///
/// Cost: `length` sines and cosines in double. Cannot fail.
void ck_fft_prepare(size_t length, float *twiddle, int32_t *place, ck_fft_plan *plan);

#ifdef __cplusplus
}
#endif
#endif
