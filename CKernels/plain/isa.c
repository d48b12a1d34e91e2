// Chooses the instruction set at run time, from the processor and the environment's CK_ISA.
#include "ck_isa.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static _Atomic int process_isa = -1;
static _Thread_local int thread_isa = -1;

ck_isa ck_isa_best(void) {
#if defined(CK_EMULATE_AVX512)
  return CK_ISA_AVX512;
#elif defined(__x86_64__)
  __builtin_cpu_init();
  bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
              __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2") &&
              __builtin_cpu_supports("lzcnt");
  if (avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw"))
    return CK_ISA_AVX512;
  if (avx2)
    return CK_ISA_AVX2;
#endif
  return CK_ISA_SCALAR;
}

const char *ck_isa_name(ck_isa isa) {
  switch (isa) {
  case CK_ISA_SCALAR:
    return "scalar";
  case CK_ISA_AVX2:
    return "avx2";
  case CK_ISA_AVX512:
    return "avx512";
  }
  return "scalar";
}

ck_isa ck_isa_use(ck_isa isa) {
  ck_isa best = ck_isa_best();
  ck_isa chosen = isa > best ? best : isa;
  thread_isa = (int)chosen;
  return chosen;
}

/// The set of this processor that has a name; -1 where none has.
static int named(const char *name) {
  for (int isa = CK_ISA_SCALAR; isa <= (int)ck_isa_best(); isa++)
    if (strcmp(name, ck_isa_name((ck_isa)isa)) == 0)
      return isa;
  return -1;
}

int ck_isa_wish_is_met(void) {
  const char *name = getenv("CK_ISA");
  return !name || named(name) >= 0;
}

/// The environment's wish, or the best there is.
static ck_isa resolve(void) {
  const char *name = getenv("CK_ISA");
  const int wish = name ? named(name) : -1;
  return wish >= 0 ? (ck_isa)wish : ck_isa_best();
}

ck_isa ck_isa_active(void) {
  if (thread_isa >= 0)
    return (ck_isa)thread_isa;
  int known = atomic_load_explicit(&process_isa, memory_order_relaxed);
  if (known < 0) {
    known = (int)resolve();
    atomic_store_explicit(&process_isa, known, memory_order_relaxed);
  }
  return (ck_isa)known;
}
