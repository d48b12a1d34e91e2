// Double-precision references of training kernels: forward pass, scatter, dense Adam.
#include "CReference.h"

#include <math.h>

double ref_dot(const float *p, const float *q, size_t lanes, double *magnitude) {
  double sum = 0, terms = 0;
  for (size_t lane = 0; lane < lanes; lane++) {
    sum += (double)p[lane] * (double)q[lane];
    terms += fabs((double)p[lane] * (double)q[lane]);
  }
  if (magnitude)
    *magnitude = terms;
  return sum;
}

void ref_weighted_sum(const float *rows, const int32_t *row, const double *weight, size_t count,
                      size_t stride, size_t lanes, double *sum, double *magnitude) {
  for (size_t lane = 0; lane < lanes; lane++) {
    sum[lane] = magnitude[lane] = 0;
    for (size_t n = 0; n < count; n++) {
      double term = weight[n] * (double)rows[(size_t)row[n] * stride + lane];
      sum[lane] += term;
      magnitude[lane] += fabs(term);
    }
  }
}

void ref_adam_step(double rate, double beta1, double beta2, double epsilon, double decay,
                   uint64_t t, double gradient, double *p, double *m, double *v) {
  *m = beta1 * *m + (1 - beta1) * gradient;
  *v = beta2 * *v + (1 - beta2) * gradient * gradient;
  double mean = *m / (1 - pow(beta1, (double)t));
  double root = sqrt(*v / (1 - pow(beta2, (double)t)));
  *p = (1 - rate * decay) * *p - rate * mean / (root + epsilon);
}

void ref_adam_step_float(float rate, float beta1, float beta2, float epsilon, float decay,
                         uint64_t t, float gradient, float *p, float *m, float *v) {
  *m = beta1 * *m + (1 - beta1) * gradient;
  *v = beta2 * *v + (1 - beta2) * gradient * gradient;
  float mean = *m / (float)(1 - pow((double)beta1, (double)t));
  float root = sqrtf(*v) / sqrtf((float)(1 - pow((double)beta2, (double)t)));
  *p = (1 - rate * decay) * *p - rate * mean / (root + epsilon);
}
