/// Which instruction set the kernels run: chosen once at run time, overridable for tests.
#ifndef CK_ISA_H
#define CK_ISA_H

#ifdef __cplusplus
extern "C" {
#endif

/// Instruction sets a kernel body is compiled for, weakest first. `scalar` is the portable body
/// (the compiler's baseline vectors: SSE2 on x86-64, NEON on arm64). Numbers are stable.
typedef enum ck_isa {
  CK_ISA_SCALAR = 0,
  CK_ISA_AVX2 = 1,
  CK_ISA_AVX512 = 2,
} ck_isa;

/// The instruction set in use: the environment's `CK_ISA` (scalar, avx2, avx512) where it is set
/// and this processor has it, else the best this processor has. Resolved on first use.
ck_isa ck_isa_active(void);

/// Whether the environment's `CK_ISA` is unset or names an instruction set that this processor has:
/// 1 where it does, 0 where `ck_isa_active` passes over it.
int ck_isa_wish_is_met(void);

/// The best instruction set of this processor.
ck_isa ck_isa_best(void);

/// Chooses the instruction set of kernels called from this thread; one that the processor lacks is
/// lowered to the best it has. Returns the one now in use. For tests: other threads, and what runs
/// on them, are not touched.
ck_isa ck_isa_use(ck_isa isa);

/// "scalar", "avx2" or "avx512".
const char *ck_isa_name(ck_isa isa);

/// Tells the processor that this thread is waiting in a loop.
static inline void ck_pause(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

#ifdef __cplusplus
}
#endif
#endif
