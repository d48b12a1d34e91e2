// SGD on a tile in double precision: lane by lane, as the formula of ck_sgd_walk stands.
#include "CReference.h"

double ref_sgd_walk(double *p_rows, double *q_rows, size_t lanes, size_t stride,
                    const float *p_weight, const float *q_weight, const float *p_steps,
                    const float *q_steps, size_t runs, const int32_t *user, const int32_t *start,
                    const uint16_t *item, const float *value, const int32_t *order) {
  double squared = 0;
  for (size_t r = 0; r < runs; r++)
    for (int32_t n = start[order[r]]; n < start[order[r] + 1]; n++) {
      double *p = p_rows + (size_t)user[order[r]] * stride, *q = q_rows + item[n] * stride;
      double e = value[n], pw = p_weight[user[order[r]]], qw = q_weight[item[n]];
      for (size_t lane = 0; lane < lanes; lane++)
        e -= p[lane] * q[lane];
      squared += e * e;
      for (size_t lane = 0; lane < lanes; lane++) {
        double old = p[lane];
        p[lane] += p_steps[lane] * e * q[lane] -
                   (p_steps[stride + lane] + p_steps[2 * stride + lane] * pw) * old;
        q[lane] += q_steps[lane] * e * old -
                   (q_steps[stride + lane] + q_steps[2 * stride + lane] * qw) * q[lane];
      }
    }
  return squared;
}
