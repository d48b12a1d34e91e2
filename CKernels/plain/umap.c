// What UMAP needs that vectors would not make faster.
#include "ck_umap.h"

#include <math.h>

void ck_umap_settle(const ck_umap_state *state, size_t first, size_t last, size_t step, float *x,
                    float *y) {
  for (size_t block = first; block < last; block += step) {
    for (size_t n = block * CK_UMAP_BLOCK; n < (block + 1) * CK_UMAP_BLOCK; n++) {
      const int32_t i = state->points[n];
      if (i >= 0) {
        x[i] = state->next_x[i];
        y[i] = state->next_y[i];
      }
    }
  }
}

void ck_umap_strengths(const float *squares, size_t stride, size_t count, float least, size_t first,
                       size_t last, float *strengths) {
  const double wanted = log2((double)count + 1);
  for (size_t row = first; row < last; row++) {
    float *out = strengths + row * count;
    double nearest = INFINITY, mean = 0;
    for (size_t j = 0; j < count; j++) {
      out[j] = sqrtf(squares[row * stride + j]);
      mean += (double)out[j] / (double)count;
      if (out[j] > 0 && (double)out[j] < nearest)
        nearest = (double)out[j];
    }
    if (nearest == INFINITY)
      nearest = 0;
    double low = 0, high = INFINITY, sigma = 1;
    for (int step = 0; step < 64; step++) {
      double sum = 0;
      for (size_t j = 0; j < count; j++) {
        const double far = (double)out[j] - nearest;
        sum += far > 0 ? exp(-far / sigma) : 1;
      }
      if (fabs(sum - wanted) < 1e-5)
        break;
      if (sum > wanted)
        high = sigma;
      else
        low = sigma;
      sigma = high == INFINITY ? 2 * sigma : 0.5 * (low + high);
    }
    const double floor = nearest > 0 ? 1e-3 * mean : (double)least;
    if (sigma < floor)
      sigma = floor;
    for (size_t j = 0; j < count; j++) {
      const double far = (double)out[j] - nearest;
      out[j] = far > 0 && sigma > 0 ? (float)exp(-far / sigma) : 1;
    }
  }
}
