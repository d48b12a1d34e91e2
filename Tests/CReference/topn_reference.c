// Top-N by scoring everything in double.
#include "CReference.h"

#include <math.h>

void ref_topn_scores(const float *p, const float *Q, size_t items, size_t stride, size_t lanes,
                     float mean, double *scores, double *magnitudes) {
  for (size_t i = 0; i < items; i++) {
    scores[i] = mean;
    magnitudes[i] = fabs((double)mean);
    for (size_t l = 0; l < lanes; l++) {
      double term = (double)p[l] * Q[i * stride + l];
      scores[i] += term;
      magnitudes[i] += fabs(term);
    }
  }
}
