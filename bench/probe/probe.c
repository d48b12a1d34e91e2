// The probes for each instruction set, and the choice between them.
#include "CProbe.h"

#include "ck_isa.h"

/// Asks for the row twelve on: covers the latency of memory.
#define ASK(table, stride, id, s, count, width)                                                    \
  do {                                                                                             \
    if ((s) + 12 < (count))                                                                        \
      for (size_t line = 0; line < (width); line += 16)                                            \
        __builtin_prefetch((table) + (size_t)(id)[(s) + 12] * (stride) + line);                    \
  } while (0)

#define VARIANT(name) name##_scalar
#define W 4
#include "probe_body.inc"
#undef W
#undef VARIANT

#if defined(__x86_64__)
#define VARIANT(name) name##_avx2
#define W 8
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#include "probe_body.inc"
#pragma clang attribute pop
#undef W
#undef VARIANT

#define VARIANT(name) name##_avx512
#define W 16
#ifdef CK_EMULATE_AVX512
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#else
#pragma clang attribute push(__attribute__((target("avx2,fma,avx512f"))), apply_to = function)
#endif
#include "probe_body.inc"
#pragma clang attribute pop
#undef W
#undef VARIANT

#define CHOOSE(name, ...)                                                                          \
  (ck_isa_active() == CK_ISA_AVX512 ? name##_avx512(__VA_ARGS__)                                   \
   : ck_isa_active() == CK_ISA_AVX2 ? name##_avx2(__VA_ARGS__)                                     \
                                    : name##_scalar(__VA_ARGS__))
#else
#define CHOOSE(name, ...) name##_scalar(__VA_ARGS__)
#endif

float probe_read(const float *a, size_t n) { return CHOOSE(read, a, n); }

void probe_scale(const float *from, size_t n, float *to) { CHOOSE(scale, from, n, to); }

float probe_read_rows(const float *table, size_t stride, const int32_t *id, size_t count,
                      size_t width) {
  return CHOOSE(read_rows, table, stride, id, count, width);
}

void probe_update_rows(float *table, size_t stride, const int32_t *id, size_t count, size_t width) {
  CHOOSE(update_rows, table, stride, id, count, width);
}

double probe_multiply_add(size_t rounds, float *result) {
  return CHOOSE(multiply_add, rounds, result);
}
