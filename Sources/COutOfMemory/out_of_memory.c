// Where no memory is left: one line on stderr and exit 1, whoever asked for it.
//
// Swift's allocator aborts with a stack trace, libdispatch waits, and OpenBLAS tries for ever. None of
// them can be told to do otherwise, but all of them ask malloc and its kin. An executable may define
// these (The GNU C Library, "Replacing malloc"); here they are glibc's own, which do not return NULL.
// The sanitizers define them too.
#define _GNU_SOURCE
#include "internal.h"

#if SUPPORTED
#include <errno.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

void *__libc_malloc(size_t bytes);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t bytes);
void *__libc_memalign(size_t alignment, size_t bytes);

/// Removes the temporary files this process is writing: "TARGET.<process id>.<number>.tmp", as the
/// library's WholeFile names them. Asks the system which they are: nothing is allocated.
static void remove_unfinished_files(void) {
  char id[32];
  snprintf(id, sizeof id, ".%ld.", (long)getpid());
  for (int descriptor = 3; descriptor < 1024; descriptor++) {
    char link[64], path[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    const ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 4)
      continue;
    path[length] = 0;
    if (strcmp(path + length - 4, ".tmp") == 0 && strstr(path, id))
      unlink(path);
  }
}

_Noreturn void end_process(const char *line) {
  static atomic_flag ending = ATOMIC_FLAG_INIT;
  // One thread ends the process, and says why once: what stops one often stops them all.
  while (atomic_flag_test_and_set(&ending))
    pause();
  remove_unfinished_files();
  const ssize_t ignored = write(STDERR_FILENO, line, strlen(line));
  (void)ignored;
  _exit(1);
}

_Noreturn void out_of_memory(size_t bytes) {
  char line[200];
  snprintf(line, sizeof line,
           "osusume: out of memory: the system refuses %zu bytes more; raise the "
           "limit (ulimit -v), or use fewer threads, factors or ratings\n",
           bytes);
  end_process(line);
}

void *malloc(size_t bytes) {
  void *memory = __libc_malloc(bytes);
  if (!memory)
    out_of_memory(bytes);
  return memory;
}

void *calloc(size_t count, size_t size) {
  void *memory = __libc_calloc(count, size);
  size_t bytes;
  if (!memory)
    out_of_memory(__builtin_mul_overflow(count, size, &bytes) ? SIZE_MAX : bytes);
  return memory;
}

void *realloc(void *old, size_t bytes) {
  void *memory = __libc_realloc(old, bytes);
  // No bytes asked for: `old` was freed, and NULL is right.
  if (!memory && bytes > 0)
    out_of_memory(bytes);
  return memory;
}

void *memalign(size_t alignment, size_t bytes) {
  void *memory = __libc_memalign(alignment, bytes);
  if (!memory)
    out_of_memory(bytes);
  return memory;
}

void *aligned_alloc(size_t alignment, size_t bytes) { return memalign(alignment, bytes); }

int posix_memalign(void **memory, size_t alignment, size_t bytes) {
  if (alignment % sizeof(void *) != 0 || alignment == 0 || (alignment & (alignment - 1)) != 0) {
    return EINVAL;
  }
  *memory = memalign(alignment, bytes);
  return 0;
}
#endif
