// Item neighbourhoods as their formulas read, from a table of residuals: NaN where there is none.
#include "CReference.h"

#include <math.h>

double ref_knn_similarity(const float *residuals, size_t users, size_t items, size_t i, size_t j,
                          double shrinkage) {
  double product = 0, first = 0, second = 0, shared = 0;
  for (size_t u = 0; u < users; u++) {
    double a = residuals[u * items + i], b = residuals[u * items + j];
    if (isnan(a) || isnan(b))
      continue;
    product += a * b;
    first += a * a;
    second += b * b;
    shared++;
  }
  if (first == 0 || second == 0)
    return 0;
  return product / sqrt(first * second) * shared / (shared + shrinkage);
}

double ref_knn_score(const float *similarities, const float *residuals, size_t items,
                     double damping, double *magnitude) {
  double sum = 0, weight = damping;
  *magnitude = 0;
  for (size_t j = 0; j < items; j++) {
    if (isnan(similarities[j]) || isnan(residuals[j]))
      continue;
    double term = (double)similarities[j] * residuals[j];
    sum += term;
    *magnitude += fabs(term);
    weight += fabs((double)similarities[j]);
  }
  *magnitude /= weight;
  return sum / weight;
}
