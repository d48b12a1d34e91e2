// Dense Adam at the price of sparse Adam: the clock, and dispatch of adam_body.inc.
#include "ck_adam.h"
#include "ck_isa.h"
#include "ck_pair.h"

#include <math.h>

#define CK_BODY "adam_body.inc"
#include "variants.inc"

/// w_q(τ) = rate · (1 − β2^τ)^{q/2} / (1 − β1^τ): a step's share of moment q.
static void file_weights(ck_adam_clock *clock, uint64_t step) {
  const ck_adam_settings *set = &clock->settings;
  double weight = set->rate / (1 - pow(set->beta1, (double)step));
  double root = sqrt(1 - pow(set->beta2, (double)step));
  double *to = clock->weights + 4 * (step % CK_ADAM_GAPS);
  for (int q = 0; q < 4; q++, weight *= root)
    to[q] = weight;
}

/// rate/(1 − β1^τ) and 1/√(1 − β2^τ).
static float step_rate(const ck_adam_settings *set, uint64_t step) {
  return (float)(set->rate / (1 - pow(set->beta1, (double)step)));
}

static float step_scale(const ck_adam_settings *set, uint64_t step) {
  return (float)(1 / sqrt(1 - pow(set->beta2, (double)step)));
}

/// The two-node Gauss rule of a measure with moments M[0..3]: the sum and product of its nodes are
/// the coefficients of its second orthogonal polynomial, h² − D·h + C.
static ck_adam_gap quadrature(const double M[4], size_t points, double epsilon) {
  double mean = M[1] / M[0], sum = 2 * mean, product = mean * mean;
  double spread = M[0] * M[2] - M[1] * M[1];
  if (points >= 2 && spread > 0) {
    product = (M[1] * M[3] - M[2] * M[2]) / spread;
    sum = (M[0] * M[3] - M[1] * M[2]) / spread;
  }
  return (ck_adam_gap){(float)M[1], (float)(epsilon * product * M[0]), (float)(epsilon * sum),
                       (float)(epsilon * epsilon * product)};
}

/// Fills in what belongs to the step about to be made: its rates, and the gaps that end before it.
/// The longest gap is filed as the limit of the step it began after.
static void prepare_step(ck_adam_clock *clock) {
  const ck_adam_settings *set = &clock->settings;
  clock->step_rate = step_rate(set, clock->step);
  clock->step_scale = step_scale(set, clock->step);
  const double rho0 = set->beta1, root = 1 / sqrt(set->beta2);
  const double rho[4] = {rho0, rho0 * root, rho0 * root * root, rho0 * root * root * root};
  const double keep = 1 - set->rate * set->decay;
  clock->gaps[0] = (ck_adam_gap){0, 0, 0, 1};
  double M[4] = {0, 0, 0, 0}, power = 1;
  size_t longest = clock->step - 1 < CK_ADAM_GAPS ? (size_t)clock->step - 1 : CK_ADAM_GAPS;
  for (size_t n = 1; n <= longest; n++, power *= keep) {
    const double *w = clock->weights + 4 * ((clock->step - n) % CK_ADAM_GAPS);
    for (int q = 0; q < 4; q++)
      M[q] = rho[q] * (M[q] + power * w[q]);
    clock->gaps[n] = quadrature(M, n, set->epsilon);
  }
  if (longest == CK_ADAM_GAPS && clock->step - 1 - CK_ADAM_GAPS >= clock->flushed)
    clock->limits[clock->step - 1 - CK_ADAM_GAPS - clock->flushed] = clock->gaps[CK_ADAM_GAPS];
}

void ck_adam_clock_start(ck_adam_clock *clock, ck_adam_settings settings, uint64_t flushed) {
  clock->settings = settings;
  clock->flushed = flushed;
  clock->step = flushed + 1;
  const double keep = 1 - settings.rate * settings.decay;
  for (size_t n = 0; n < clock->span + 2; n++) {
    clock->m_powers[n] = (float)pow(settings.beta1, (double)n);
    clock->r_powers[n] = (float)pow(settings.beta2, (double)n / 2);
    clock->p_powers[n] = (float)pow(keep, (double)n);
  }
  for (size_t step = 1; step <= CK_ADAM_EARLY; step++) {
    clock->early_rates[step] = step_rate(&settings, step);
    clock->early_scales[step] = step_scale(&settings, step);
  }
  uint64_t oldest = flushed > CK_ADAM_GAPS ? flushed + 1 - CK_ADAM_GAPS : 1;
  for (uint64_t step = oldest; step <= flushed; step++)
    file_weights(clock, step);
  prepare_step(clock);
}

void ck_adam_clock_advance(ck_adam_clock *clock) {
  file_weights(clock, clock->step);
  clock->step++;
  prepare_step(clock);
}

void ck_adam_catch_up(const ck_adam_clock *clock, const int32_t *id, size_t count, size_t stride,
                      size_t lanes, const float *mask, float *P, const float *M, const float *R,
                      const uint32_t *last, float *out) {
  CK_DISPATCH(adam_catch_up, clock, id, count, stride, lanes, mask, P, M, R, last, out);
}

void ck_adam_update(const ck_adam_clock *clock, const int32_t *id, size_t count, size_t stride,
                    size_t lanes, const float *mask, const float *current, const float *G,
                    float scale, float *P, float *M, float *R, uint32_t *last) {
  CK_DISPATCH(adam_update, clock, id, count, stride, lanes, mask, current, G, scale, P, M, R, last);
}

void ck_adam_flush(const ck_adam_clock *clock, size_t first, size_t count, size_t stride,
                   size_t lanes, const float *mask, float *P, float *M, float *R, uint32_t *last) {
  CK_DISPATCH(adam_flush, clock, first, count, stride, lanes, mask, P, M, R, last);
}
