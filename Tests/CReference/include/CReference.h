/// Double-precision references for the kernels, written to be read, not to be fast.
#ifndef CREFERENCE_H
#define CREFERENCE_H

#include <stddef.h>
#include <stdint.h>

#endif
