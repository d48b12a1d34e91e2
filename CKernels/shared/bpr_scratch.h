// How the scratch of ck_bpr_walk is laid out.
#ifndef BPR_SCRATCH_H
#define BPR_SCRATCH_H

#include <stddef.h>
#include <stdint.h>

typedef struct bpr_scratch {
  float *gradient; // [stride] of the user's row
  float **rows;    // [negatives + 1] the items of a rating, its own first
  uint16_t *drawn; // [negatives] their places but the first's
  float *scores;   // [negatives + 1] then how much each gains
  uint8_t *met;    // [count] whether a place is out of question
  size_t bytes;    // of it all, a multiple of 64
} bpr_scratch;

static inline bpr_scratch bpr_scratch_of(void *memory, size_t count, size_t negatives,
                                         size_t stride) {
  size_t sizes[5] = {stride * sizeof(float), (negatives + 1) * sizeof(float *),
                     negatives * sizeof(uint16_t), (negatives + 1) * sizeof(float), count};
  size_t starts[6] = {0};
  for (size_t part = 0; part < 5; part++)
    starts[part + 1] = (starts[part] + sizes[part] + 63) / 64 * 64;
  char *base = memory;
  if (!base)
    return (bpr_scratch){.bytes = starts[5]};
  return (bpr_scratch){(float *)(void *)base,
                       (float **)(void *)(base + starts[1]),
                       (uint16_t *)(void *)(base + starts[2]),
                       (float *)(void *)(base + starts[3]),
                       (uint8_t *)base + starts[4],
                       starts[5]};
}

#endif
