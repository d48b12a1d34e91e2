// Whether this module does anything: on glibc, unless a sanitizer brings a malloc of its own.
#pragma once
#include <limits.h>

#if defined(__GLIBC__) && !__has_feature(address_sanitizer) && !__has_feature(thread_sanitizer) && \
    !__has_feature(memory_sanitizer)
#define SUPPORTED 1
#else
#define SUPPORTED 0
#endif
