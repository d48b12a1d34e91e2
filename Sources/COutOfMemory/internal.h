// Shared by the module's files; whether they do anything: on glibc, unless a sanitizer has its own malloc.
#pragma once
#include <limits.h>
#include <stddef.h>

#if defined(__GLIBC__) && !__has_feature(address_sanitizer) && !__has_feature(thread_sanitizer) && \
    !__has_feature(memory_sanitizer)
#define SUPPORTED 1
#else
#define SUPPORTED 0
#endif

/// Says that `bytes` more cannot be had, and ends the process with exit 1.
_Noreturn void out_of_memory(size_t bytes);

/// Removes the temporary files this process is writing, writes `line`, which ends in a newline, to stderr, and ends the
/// process with exit 1. Of several threads that call it, the first does all that. Safe in a signal's handler.
_Noreturn void end_process(const char *line);
