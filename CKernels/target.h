// What each instruction set's bodies are compiled for.
#ifndef CK_TARGET_H
#define CK_TARGET_H

#define CK_TARGET_AVX2 target("avx2,fma")

// With CK_EMULATE_AVX512 the AVX-512 bodies run on AVX2, a vector as two halves, so that tests and
// sanitizers reach them on a processor that lacks the set (`make sanitize`).
#ifdef CK_EMULATE_AVX512
#define CK_TARGET_AVX512 target("avx2,fma")
#else
#define CK_TARGET_AVX512 target("avx2,fma,avx512f,avx512vl,avx512dq,avx512bw")
#endif

#endif
