// What must be done before the first library starts: a stack that is large enough, and, under a limit on memory, one
// arena for all threads' allocations.
//
// Under such a limit the main thread's stack is made as large as it may become: where it cannot grow, a signal ends
// the process.
#define _GNU_SOURCE
#include "internal.h"

#if SUPPORTED
#include <malloc.h>
#include <sys/mman.h>
#include <sys/resource.h>

/// As much as our own threads get, and as little as the main thread needs.
enum { STACK_BYTES = 2 << 20, LEAST_STACK_BYTES = 512 << 10 };

static int is_limited(int resource) {
  struct rlimit limit;
  return getrlimit(resource, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY;
}

/// Makes the stack as large by writing to its far end.
__attribute__((noinline)) static void reserve_stack(void) {
  char stack[STACK_BYTES];
  stack[0] = 0;
  // The compiler must take the write for one that somebody reads.
  __asm__ volatile("" : : "r"(stack) : "memory");
}

/// The most bytes that the stack may have, raised as far as may be where that is less than twice ours; ends the
/// process where it cannot be raised to what is needed.
static rlim_t stack_limit(void) {
  struct rlimit stack;
  if (getrlimit(RLIMIT_STACK, &stack) != 0)
    return 0;
  if (stack.rlim_cur < 2 * STACK_BYTES && stack.rlim_cur < stack.rlim_max) {
    const struct rlimit raised = {
        stack.rlim_max < 2 * STACK_BYTES ? stack.rlim_max : 2 * STACK_BYTES, stack.rlim_max};
    // The system goes by the limit whenever the stack grows, not by what it was at the start.
    if (setrlimit(RLIMIT_STACK, &raised) == 0)
      stack = raised;
  }
  if (stack.rlim_cur < LEAST_STACK_BYTES)
    end_process("osusume: the limit on the stack is too low: raise it to 512 KB (ulimit -s)\n");
  return stack.rlim_cur;
}

static void start(int count, char **arguments, char **environment) {
  (void)count, (void)arguments, (void)environment;
  const rlim_t most = stack_limit();
  if (!is_limited(RLIMIT_AS) && !is_limited(RLIMIT_DATA))
    return;
  // glibc sets 64 MB of address space aside for each thread that allocates, unless it is told not to.
  mallopt(M_ARENA_MAX, 1);
  if (most < 2 * STACK_BYTES)
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
