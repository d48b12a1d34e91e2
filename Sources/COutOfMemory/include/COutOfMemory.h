// The executable that links this module ends in one line and exit 1 where memory runs out, a file may not grow, or one
// that is being read is cut short.
//
// On glibc, out_of_memory.c defines the allocating functions of C, which Swift's allocator and every library use,
// blas_threads.c keeps OpenBLAS from starting threads, and start.c runs before the first library starts.
#pragma once

/// Makes errors of what would end the process by a signal: call it first in main.
void take_signals_as_errors(void);
