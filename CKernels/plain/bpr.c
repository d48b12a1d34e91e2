// Ranking by gradient steps: the size of the scratch.
#include "ck_bpr.h"

#include "../shared/bpr_scratch.h"

size_t ck_bpr_scratch_bytes(size_t count, size_t negatives, size_t stride) {
  return bpr_scratch_of(NULL, count, negatives, stride).bytes;
}
