/// Double-precision references for the kernels, written to be read, not to be fast.
#ifndef CREFERENCE_H
#define CREFERENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Parses lines of user, item, rating and, unless `timestamp` is NULL, a timestamp, all of them
/// well formed; returns the number of rows. Blank lines hold none.
size_t ref_ingest_parse(const char *bytes, size_t size, const char *delimiter, int64_t *user,
                        int64_t *item, float *rating, int64_t *timestamp);
/// All scores of one user, mean + p·Q[i], and the sum of the terms' magnitudes, which bounds
/// rounding.
void ref_topn_scores(const float *p, const float *Q, size_t items, size_t stride, size_t lanes,
                     float mean, double *scores, double *magnitudes);

/// One series that drifts, as in ck_drift_law: values at times.
typedef struct ref_drift_series {
  size_t parts;
  const double *rate, *variance;
  double noise;
  size_t count;
  const int64_t *times;
  const float *values;
} ref_drift_series;

/// The posterior mean of each process at a time, by K(K + noise·I)⁻¹; returns log|K + noise·I| and
/// puts values'(K + noise·I)⁻¹values into `square`. At most 64 values.
double ref_drift_mean(const ref_drift_series *series, int64_t when, double *means, double *square);

/// ck_sgd_side with rows in double.
typedef struct ref_sgd_side {
  double *rows;
  const float *weight;
  float rate, decay, prior, bias_rate, bias_decay;
} ref_sgd_side;

/// The arguments of ck_sgd_walk.
typedef struct ref_sgd_case {
  ref_sgd_side users, items;
  size_t factors;
  bool biased;
  size_t stride, slots, runs; // slots: runs under way at a time
  const int32_t *user, *start;
  const uint16_t *item;
  const float *value;
  const int32_t *order;
} ref_sgd_case;

double ref_sgd_walk(const ref_sgd_case *c);

/// One row's ratings, and what it is solved against, as in ck_als_side; penalties for its count.
typedef struct ref_als_row {
  const float *fixed;
  size_t stride, factors;
  bool biased;
  size_t other_bias;
  const int32_t *columns;
  const float *values;
  size_t count;
  double factor_penalty, bias_penalty;
  const float *roots; // of the ratings' weights, or NULL for ones
} ref_als_row;

/// The row's minimiser, factors then bias, by (XᵀX + D) x = Xᵀt.
void ref_als_primal(const ref_als_row *row, double *x);

/// The same as x = D⁻¹Xᵀ (X D⁻¹ Xᵀ + I)⁻¹ t; all penalties positive.
void ref_als_dual(const ref_als_row *row, double *x);

/// The row's draw from its posterior, factors then bias: with A = XᵀX + P = LLᵀ,
/// x = L⁻ᵀ(L⁻¹(Xᵀt + h) + deviation·z). P [unknowns, unknowns]; penalties are not read.
void ref_als_draw(const ref_als_row *row, const double *P, const double *h, double deviation,
                  const double *z, double *x);

/// The row's mean-field mean and variances, factors then bias, given its partners' variances, laid out
/// as `fixed`; P and h as above. Returns the expected squared errors.
double ref_als_expect(const ref_als_row *row, const float *spread, const double *P, const double *h,
                      double deviation, double *x, double *variances);

/// The squared errors that x leaves.
double ref_als_squared(const ref_als_row *row, const double *x);

/// Solves a symmetric positive definite system by elimination without pivoting: a [n, n + 1].
void ref_eliminate(double *a, size_t n, double *x);

/// One row of implicit-feedback least squares, as in ck_ials_side.
typedef struct ref_ials_row {
  const float *fixed;
  size_t stride, lanes;
  const int32_t *columns;
  const float *weights;
  size_t count;
  const float *spectrum;
  double penalty;
} ref_ials_row;

/// What the row minimises, at x; its minimiser; and x after steps of conjugate gradients.
double ref_ials_objective(const ref_ials_row *row, const double *x);
void ref_ials_solve(const ref_ials_row *row, double *x);
void ref_ials_iterate(const ref_ials_row *row, size_t steps, double *x);

/// ck_bpr_side with rows in double.
typedef struct ref_bpr_side {
  double *rows;
  const float *rate, *decay;
} ref_bpr_side;

/// The arguments of ck_bpr_walk.
typedef struct ref_bpr_case {
  ref_bpr_side users, items;
  size_t stride, negatives, runs;
  const int32_t *user, *start;
  const uint16_t *item;
  const float *weight;
  const int32_t *members;
  size_t count;
  const int32_t *order;
  uint64_t key;
} ref_bpr_case;

double ref_bpr_walk(const ref_bpr_case *c);

/// One feature's weight given all others, as ck_features_sweep has it, in one lane; updates residuals.
double ref_features_step(const int32_t *rows, size_t count, const float *scales, double ridge,
                         double noise, size_t stride, double *residuals, double weight);

/// The damped bias of each row given the other side's; `sums` may be NULL for zeros.
void ref_bias_sweep(const int32_t *offsets, const int32_t *columns, size_t rows, const double *sums,
                    double mean, double damping, const float *other, double *biases);

/// Σe², Σ|e|, Σc², Σ|c| over the rows of one user, or over all rows where `users` is NULL.
void ref_error_sums(const float *predictions, const float *truths, const int32_t *users,
                    int32_t user, size_t n, double low, double high, double *sums);

/// Weighted sums of one resample.
void ref_bootstrap_sums(const uint8_t *weights, const double *x, size_t users, size_t columns,
                        double *sums);

/// Σ p·q over `lanes`; `magnitude` (may be NULL) gets Σ|p·q|, which bounds rounding.
double ref_dot(const float *p, const float *q, size_t lanes, double *magnitude);

/// sum[lane] = Σ_n weight[n] · rows[row[n], lane], and the sums of the terms' magnitudes.
void ref_weighted_sum(const float *rows, const int32_t *row, const double *weight, size_t count,
                      size_t stride, size_t lanes, double *sum, double *magnitude);

/// One step of dense Adam (AdamW with `decay`) on one coordinate, as torch defines it.
void ref_adam_step(double rate, double beta1, double beta2, double epsilon, double decay,
                   uint64_t t, double gradient, double *p, double *m, double *v);

/// The same in float32 throughout: shows what drift float32 causes by itself.
void ref_adam_step_float(float rate, float beta1, float beta2, float epsilon, float decay,
                         uint64_t t, float gradient, float *p, float *m, float *v);

/// Σ w · max(a + b, 0) over `lanes`; `magnitude` gets what bounds rounding.
double ref_layer_relu_score(const float *a, const float *b, const float *w, size_t lanes,
                            double *magnitude);

/// −log of the probability that a logit gives to a label.
double ref_head_binary(double logit, double label);

/// −log of the share that softmax gives to a class.
double ref_head_classes(const float *logits, size_t classes, size_t own);

/// softmax of a row of logits.
void ref_head_softmax(const float *logits, size_t classes, double *shares);

/// The derivative of an activation at its value y: of max(z, 0), or of low + (high − low)·σ(z).
double ref_layer_relu_slope(double y);
double ref_layer_sigmoid_slope(double y, double low, double high);

/// What dropout leaves of lane `lane` of row `row`, which holds x.
double ref_layer_dropout(double x, uint64_t key, uint64_t row, size_t lane, double rate);

/// Output number `position`, from 0, of SplitMix64 seeded with `key`.
uint64_t ref_random_bits(uint64_t key, uint64_t position);

/// Starting values, uniform in ±bound and normal but cut at two deviations, drawn from output number
/// `position` of the stream of `key`.
double ref_init_uniform(uint64_t key, uint64_t position, double bound);
double ref_init_truncated(uint64_t key, uint64_t position, double sd);

/// The similarity of items i and j as ck_knn_neighbours has it, 0 where no user rated both.
///
///   residuals  [users, items], NaN where there is no rating
double ref_knn_similarity(const float *residuals, size_t users, size_t items, size_t i, size_t j,
                          double shrinkage);

/// One item's score as ck_knn_scores has it, and what bounds its rounding.
///
///   similarities  [items] to each j, NaN where j is no neighbour
///   residuals     [items] of the user, NaN where there is no rating
double ref_knn_score(const float *similarities, const float *residuals, size_t items,
                     double damping, double *magnitude);

#endif
