// Under a limit on memory, keeps OpenBLAS from starting threads of its own.
//
// OpenBLAS starts one for each processor as soon as it is loaded, before main, and each takes 128 MB of
// address space for itself or tries for it for ever; where one cannot start, the process is
// interrupted. Our code never uses them. What stops them is a variable of the environment that must be
// there when OpenBLAS is loaded: so the process starts itself again with it, before any library has
// run. Costs some ten milliseconds, under a limit only.
#define _GNU_SOURCE
#include "supported.h"

#if SUPPORTED
#include <string.h>
#include <sys/auxv.h>
#include <sys/resource.h>
#include <unistd.h>

static char one_thread[] = "OPENBLAS_NUM_THREADS=1";

static int is_limited(int resource) {
  struct rlimit limit;
  return getrlimit(resource, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY;
}

/// The system's call, not the library's: `environ` is not there yet.
static void restart(int count, char **arguments, char **environment) {
  (void)count;
  if (!is_limited(RLIMIT_AS) && !is_limited(RLIMIT_DATA)) return;
  size_t entries = 0;
  for (; environment[entries]; entries++) {
    if (strcmp(environment[entries], one_thread) == 0) return;
  }
  // The last variable of a name is not the one that counts: another number of threads goes.
  char *extended[entries + 2];
  size_t kept = 0;
  for (size_t entry = 0; entry < entries; entry++) {
    if (strncmp(environment[entry], one_thread, strlen("OPENBLAS_NUM_THREADS=")) != 0) {
      extended[kept++] = environment[entry];
    }
  }
  extended[kept++] = one_thread;
  extended[kept] = NULL;
  execve((const char *)getauxval(AT_EXECFN), arguments, extended);
}

__attribute__((section(".preinit_array"), used)) static void (*const before_libraries)(
    int, char **, char **) = restart;
#endif
