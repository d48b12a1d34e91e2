/// Dense Adam at the price of sparse Adam: a row is moved ahead to where it is next needed.
///
/// Adam (Kingma and Ba 2015) moves every row at every step, gradient or none, because the mean
/// gradient m still decays into p. A row that gets a gradient at step t and none in the n steps
/// after it moves in all of them by
///
///   Δp = −m · Σ_{j=0..n} ω_j · h_j / (√v + ε·h_j),
///   ω_j = rate_{t+j} · d^{n−j} · β1ʲ / (1 − β1^{t+j}),   h_j = √((1 − β2^{t+j}) / β2ʲ)
///
/// with m and v as they are after step t, and d = 1 − rate·decay (AdamW; 1 for Adam). When the
/// order of batches is known, so is n: the whole sum is applied at step t, in one visit, and the
/// row waits at the value its next reader needs. The sum is an integral of the smooth function
/// h/(√v + ε·h) over the measure ω on the points h_j. Gauss quadrature with two nodes, exact for
/// polynomials in h up to degree 3, makes of it one rational function of r = √v:
///
///   Σ = (M1·r + ε·C·M0) / ((r + ε·D)·r + ε²·C),   M_q = Σ ω_j h_jᵠ,   D = h₁ + h₂,   C = h₁·h₂
///
/// whose four coefficients depend on (t, n) alone and are shared by all rows. Exact for one and two
/// points; relative error under 5e-6 for every n, r and ε once t >= CK_ADAM_EARLY (4e-6 at
/// 64, 1.3e-7 at 200, 4e-10 at 2000); before that, steps are made one by one. The table keeps r in
/// place of v.
#ifndef CK_ADAM_H
#define CK_ADAM_H

#include "ck_rows.h"
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Steps made one by one before quadrature is accurate enough.
#define CK_ADAM_EARLY 64
/// Longest gap with an entry of its own; β1²⁵⁶ < 2e-12, so longer gaps share it.
#define CK_ADAM_GAPS 256

/// Coefficients of one gap: Σ = (slope·r + constant) / ((r + linear)·r + square).
typedef struct ck_adam_gap {
  float slope;    ///< M1
  float constant; ///< ε·C·M0
  float linear;   ///< ε·D
  float square;   ///< ε²·C
  float keep;     ///< what is left of p by decoupled weight decay over the gap; 1 for Adam
} ck_adam_gap;

/// What a run's steps have in common.
typedef struct ck_adam_settings {
  double beta1, beta2; ///< in [0, 1) and (0, 1)
  double epsilon;      ///< >= 1e-15
  double rate;         ///< learning rate
  double decay;        ///< AdamW's decoupled weight decay; 0 for Adam
} ck_adam_settings;

/// All that the kernels must know of a step; the same for all rows.
typedef struct ck_adam_clock {
  ck_adam_settings settings;
  uint64_t step;                         ///< t, the step being made
  size_t span;                           ///< longest run of steps without a settling
  float *m_powers;                       ///< [span + 1]: β1ⁿ; the caller's memory
  float *r_powers;                       ///< [span + 1]: β2^{n/2}; the caller's memory
  float *slopes;                         ///< [span + 1]: √((1 − β2) / (1 − β2^τ)) / (2·ρ) of
                                         ///< τ = start + n, ρ = rate·(1 − β1) / (1 − β1^τ); the
                                         ///< caller's memory, NULL where no penalty pulls
  float *offsets;                        ///< [span + 1]: ε/ρ, likewise
  uint64_t start;                        ///< the step at which the clock was started
  ck_adam_gap gaps[CK_ADAM_GAPS + 1];    ///< step t and the n after it
  ck_adam_gap resumed[CK_ADAM_GAPS + 1]; ///< the n steps after max(t at start, CK_ADAM_EARLY)
  float early_rates[CK_ADAM_EARLY + 1];  ///< rate/(1 − β1^τ), by step τ
  float early_scales[CK_ADAM_EARLY + 1]; ///< 1/√(1 − β2^τ), by step τ
  double powers[CK_ADAM_GAPS + 1][4];    ///< β1ʲ·β2^{−jq/2}, by j and q
  double weights[CK_ADAM_GAPS + 1][4];   ///< ring by step τ: rate·(1 − β2^τ)^{q/2}/(1 − β1^τ)
} ck_adam_clock;

/// Sets the clock to step `settled` >= 0 whose rows are all settled (ck_adam_settle). `span`,
/// m_powers and r_powers must be set; the rest is filled in. Cost: O(span).
void ck_adam_clock_start(ck_adam_clock *clock, ck_adam_settings settings, uint64_t settled);

/// Moves to the next step: some 5 µs, to be done once a step by one thread.
void ck_adam_clock_advance(ck_adam_clock *clock);

/// What Adam knows of a table's rows P, beside the rows themselves. P, M and R are best parts of one
/// record, so that a row is one run of cache lines.
typedef struct ck_adam_state {
  float *M;             ///< [*, stride] mean gradient
  float *R;             ///< [*, stride] root of the mean squared gradient
  uint32_t *last;       ///< [*] step at which each row's M and R stand; not read under a penalty
  const float *penalty; ///< [stride] 2λ in each lane; NULL where no penalty pulls
} ck_adam_state;

/// Makes step t on rows with a gradient g = scale · mask ∘ G[s], and the ahead[s] steps after it,
/// in which the row has none (formula above), n = t − last − 1, t − span <= last < t:
///   m = β1^{n+1}·m + (1 − β1)·g,  r² = β2^{n+1}·r² + (1 − β2)·g²,  p = p + Δp,  last = t
///
///   ahead  [gradients->count] int32   steps until the row is next read, less one; >= 0
///
/// Cost: four rows read and three written an id, about 22 vector operations a vector.
/// Threads: safe on disjoint rows. Cannot fail.
void ck_adam_update(const ck_adam_clock *clock, const ck_rows_gradients *gradients,
                    const int32_t *ahead, const ck_rows_table *table, const ck_adam_state *state);

/// Makes step t on rows with gradients, and the ahead[s] steps after it, all under an L2 penalty in the
/// loss, which pulls on a row at every step: g = penalty ∘ p, in step t + scale · G[s]. No sum in
/// closed form follows such a row; but nobody reads it meanwhile, so that its steps are made one after
/// the other in registers. The row stands at step t + ahead[s] afterwards, at most the clock's
/// start + span: neither `last` nor the table's mask has a part in it.
///
/// With m and v divided by 1 − β1 and 1 − β2 a step is
///   m = β1·m + g,  v = β2·v + g²,  p = p − m / (slope·2√v + offset).
/// Needs clock->slopes and clock->offsets. Cost: three rows read and written an id, 13 vector
/// operations a vector and step. Threads: safe on disjoint rows. Cannot fail.
void ck_adam_pull(const ck_adam_clock *clock, const ck_rows_gradients *gradients,
                  const int32_t *ahead, const ck_rows_table *table, const ck_adam_state *state);

/// Moves rows first ..< first + count, which stand at step t, the ahead[row] steps after it in which
/// only the penalty pulls. `ahead` is indexed by row; else as ck_adam_pull.
void ck_adam_pull_on(const ck_adam_clock *clock, const int32_t *ahead, size_t first, size_t count,
                     const ck_rows_table *table, const ck_adam_state *state);

/// Brings M and R of rows first ..< first + count to the clock's step: last = t. Doing it twice is
/// doing it once. Cost: two rows read and written each. Threads: safe on disjoint rows. Cannot
/// fail.
void ck_adam_settle(const ck_adam_clock *clock, size_t first, size_t count,
                    const ck_rows_table *table, const ck_adam_state *state);

/// Moves settled rows first ..< first + count the ahead[row] steps after t in which they have no
/// gradient; the clock must stand where it was started. `ahead` is indexed by row.
/// Cost: three rows read, one written each. Threads: safe on disjoint rows. Cannot fail.
void ck_adam_coast(const ck_adam_clock *clock, const int32_t *ahead, size_t first, size_t count,
                   const ck_rows_table *table, const ck_adam_state *state);

#ifdef __cplusplus
}
#endif
#endif
