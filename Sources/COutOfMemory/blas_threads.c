// OpenBLAS starts no threads of its own: our code never uses them.
//
// It starts one for each processor as soon as it is loaded, before main. Under a limit on memory each tries for ever
// to get 128 MB of address space; where the system refuses one, OpenBLAS interrupts the process. What it goes by is a
// variable of the environment, which it asks for by getenv: an executable may define that, as it may malloc, and the
// environment itself stays as it is.
#define _GNU_SOURCE
#include "internal.h"

#if SUPPORTED
#include <stdlib.h>
#include <string.h>

char *getenv(const char *name) {
  static char one[] = "1";
  // The C library's own, by its other name.
  return strcmp(name, "OPENBLAS_NUM_THREADS") == 0 ? one : secure_getenv(name);
}
#endif
