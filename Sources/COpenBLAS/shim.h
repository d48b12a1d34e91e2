// OpenBLAS and its LAPACK, and a way to have OpenBLAS choose its kernels again.
#pragma once
#include <cblas.h>
#include <lapacke.h>
#include <stdlib.h>

// In builds for several processors (DYNAMIC_ARCH, as Debian's); null in others.
extern void gotoblas_dynamic_init(void) __attribute__((weak));
extern void gotoblas_dynamic_quit(void) __attribute__((weak));

/// Has OpenBLAS take the kernels of a processor by its name for it ("Haswell", "SkylakeX").
///
/// What OPENBLAS_CORETYPE does at its start, for a process that is running. Nothing happens where that is set, or
/// where the build is for one kind of processor. Not while any of its functions runs.
static inline void openblas_use_kernels_of(const char *core) {
  static const char name[] = "OPENBLAS_CORETYPE";
  if (!gotoblas_dynamic_init || !gotoblas_dynamic_quit || getenv(name))
    return;
  setenv(name, core, 1);
  gotoblas_dynamic_quit();
  gotoblas_dynamic_init();
  unsetenv(name);
}
