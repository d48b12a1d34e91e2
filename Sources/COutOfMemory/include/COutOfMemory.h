// The executable that links this module ends in one line and exit 1 where memory runs out.
//
// There is nothing to call. On glibc, out_of_memory.c defines the allocating functions of C, which
// Swift's allocator and every library use, and start.c runs before the first library starts.
#pragma once
