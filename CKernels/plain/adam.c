// Dense Adam at the price of sparse Adam: the clock.
#include "ck_adam.h"

#include <math.h>

/// Files a step's share of each moment: rate · (1 − β2^τ)^{q/2} / (1 − β1^τ).
static void file_weights(ck_adam_clock *clock, uint64_t step) {
  const ck_adam_settings *set = &clock->settings;
  double weight = set->rate / (1 - pow(set->beta1, (double)step));
  double root = sqrt(1 - pow(set->beta2, (double)step));
  double *to = clock->weights[step % (CK_ADAM_GAPS + 1)];
  for (int q = 0; q < 4; q++, weight *= root)
    to[q] = weight;
}

/// The two-node Gauss rule of a measure with moments M[0..3]: the sum and product of its nodes are
/// the coefficients of its second orthogonal polynomial, h² − D·h + C.
static ck_adam_gap quadrature(const double M[4], size_t points, double epsilon, double keep) {
  double mean = M[1] / M[0], sum = 2 * mean, product = mean * mean;
  double spread = M[0] * M[2] - M[1] * M[1];
  if (points >= 2 && spread > 0) {
    product = (M[1] * M[3] - M[2] * M[2]) / spread;
    sum = (M[0] * M[3] - M[1] * M[2]) / spread;
  }
  return (ck_adam_gap){(float)M[1], (float)(epsilon * product * M[0]), (float)(epsilon * sum),
                       (float)(epsilon * epsilon * product), (float)keep};
}

/// Fills in gaps [0 .. CK_ADAM_GAPS] from step `step` on, its own move included or not.
static void fill_gaps(const ck_adam_clock *clock, uint64_t step, int own, ck_adam_gap *gaps) {
  const ck_adam_settings *set = &clock->settings;
  const double shrink = 1 - set->rate * set->decay;
  double M[4] = {0, 0, 0, 0}, keep = 1;
  gaps[0] = (ck_adam_gap){0, 0, 0, 1, 1};
  for (size_t j = !own; j <= CK_ADAM_GAPS; j++) {
    const double *w = clock->weights[(step + j) % (CK_ADAM_GAPS + 1)], *power = clock->powers[j];
    for (int q = 0; q < 4; q++)
      M[q] = shrink * M[q] + power[q] * w[q];
    keep *= shrink;
    gaps[j] = quadrature(M, j + (own != 0), set->epsilon, keep);
  }
}

void ck_adam_clock_start(ck_adam_clock *clock, ck_adam_settings settings, uint64_t settled) {
  clock->settings = settings;
  for (size_t n = 0; n <= clock->span; n++) {
    clock->m_powers[n] = (float)pow(settings.beta1, (double)n);
    clock->r_powers[n] = (float)pow(settings.beta2, (double)n / 2);
  }
  clock->start = settled;
  const double most = 1e30; // where the rate is 0: next to no move, but a number
  for (size_t n = 1; clock->slopes && n <= clock->span; n++) {
    const double step = (double)(settled + n);
    const double rate = settings.rate * (1 - settings.beta1) / (1 - pow(settings.beta1, step));
    const double shrink = sqrt((1 - settings.beta2) / (1 - pow(settings.beta2, step)));
    clock->slopes[n] = (float)fmin(shrink / (2 * rate), most);
    clock->offsets[n] = (float)fmin(settings.epsilon / rate, most);
  }
  for (size_t j = 0; j <= CK_ADAM_GAPS; j++)
    for (int q = 0; q < 4; q++)
      clock->powers[j][q] =
          pow(settings.beta1, (double)j) * pow(settings.beta2, -(double)j * q / 2);
  for (uint64_t step = 1; step <= CK_ADAM_EARLY; step++) {
    clock->early_rates[step] = (float)(settings.rate / (1 - pow(settings.beta1, (double)step)));
    clock->early_scales[step] = (float)(1 / sqrt(1 - pow(settings.beta2, (double)step)));
  }
  clock->step = settled < CK_ADAM_EARLY ? CK_ADAM_EARLY : settled;
  for (uint64_t step = clock->step; step <= clock->step + CK_ADAM_GAPS; step++)
    file_weights(clock, step);
  fill_gaps(clock, clock->step, 0, clock->resumed);
  clock->step = settled;
}

void ck_adam_clock_advance(ck_adam_clock *clock) {
  clock->step++;
  // Up to CK_ADAM_EARLY the ring, filled from there on by clock_start, already holds what comes.
  if (clock->step > CK_ADAM_EARLY)
    file_weights(clock, clock->step + CK_ADAM_GAPS);
  if (clock->step >= CK_ADAM_EARLY)
    fill_gaps(clock, clock->step, 1, clock->gaps);
}
