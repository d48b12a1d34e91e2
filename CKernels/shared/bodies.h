// What bodies use that is the same for every instruction set.
#ifndef BODIES_H
#define BODIES_H

#include "als_shape.h"
#include "bpr_scratch.h"
#include "ingest_careful.h"
#include "kernels.h"
#include "topn_heap.h"

#include <math.h>
#include <string.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

#endif
