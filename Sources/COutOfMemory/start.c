// Under a limit on memory: what must be done before the first library starts.
//
// One arena serves all threads' allocations. The main thread's stack is made as large as it may become: where it cannot grow, a signal ends the
// process. And OpenBLAS is kept from starting threads of its own.
//
// It starts one for each processor as soon as it is loaded, before main, and each takes 128 MB of
// address space for itself or tries for it for ever; where one cannot start, the process is
// interrupted. Our code never uses them. What stops them is a variable of the environment that must be
// there when OpenBLAS is loaded: so the process starts itself again with it, before any library has
// run. Costs some ten milliseconds, under a limit only.
#define _GNU_SOURCE
#include "internal.h"

#if SUPPORTED
#include <malloc.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

static char one_thread[] = "OPENBLAS_NUM_THREADS=1";

static int is_limited(int resource) {
  struct rlimit limit;
  return getrlimit(resource, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY;
}

/// Starts this process again with one thread for OpenBLAS, unless it has been.
///
/// By the system's call: `environ` is not there yet.
static void restart(char **arguments, char **environment) {
  const size_t name = strlen("OPENBLAS_NUM_THREADS=");
  size_t entries = 0;
  for (; environment[entries]; entries++) {
    if (strcmp(environment[entries], one_thread) == 0)
      return;
  }
  char *extended[entries + 2];
  size_t kept = 0;
  // Another number of threads goes.
  for (size_t entry = 0; entry < entries; entry++) {
    if (strncmp(environment[entry], one_thread, name) != 0)
      extended[kept++] = environment[entry];
  }
  extended[kept++] = one_thread;
  extended[kept] = NULL;
  execve((const char *)getauxval(AT_EXECFN), arguments, extended);
}

/// As much as our own threads get.
enum { STACK_BYTES = 2 << 20 };

/// Makes the stack as large by writing to its far end.
__attribute__((noinline)) static void reserve_stack(void) {
  char stack[STACK_BYTES];
  stack[0] = 0;
  // The compiler must take the write for one that somebody reads.
  __asm__ volatile("" : : "r"(stack) : "memory");
}

static void start(int count, char **arguments, char **environment) {
  (void)count;
  if (!is_limited(RLIMIT_AS) && !is_limited(RLIMIT_DATA))
    return;
  restart(arguments, environment);
  // glibc sets 64 MB of address space aside for each thread that allocates, unless it is told not to.
  mallopt(M_ARENA_MAX, 1);
  struct rlimit stack;
  if (getrlimit(RLIMIT_STACK, &stack) != 0 || stack.rlim_cur < 2 * STACK_BYTES)
    return;
  void *probe = mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (probe == MAP_FAILED)
    out_of_memory(STACK_BYTES);
  munmap(probe, STACK_BYTES);
  reserve_stack();
}

__attribute__((section(".preinit_array"),
               used)) static void (*const before_libraries)(int, char **, char **) = start;
#endif
