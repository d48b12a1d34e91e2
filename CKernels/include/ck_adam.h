/// Dense Adam at the price of sparse Adam: rows are brought up to date when they are next needed.
///
/// Adam (Kingma and Ba 2015) moves every row at every step, gradient or none, because the mean
/// gradient m still decays into p. For a row last updated at step s and untouched for n steps,
///
///   m ← β1ⁿ·m,   v ← β2ⁿ·v,   p ← dⁿ·p − m · Σ_{j=1..n} ω_j · h_j / (√v + ε·h_j)
///
///   ω_j = rate_{s+j} · d^{n−j} · β1ʲ / (1 − β1^{s+j}),   h_j = √((1 − β2^{s+j}) / β2ʲ)
///
/// with d = 1 − rate·decay (AdamW; 1 for Adam). The sum is an integral of the smooth function
/// h/(√v + ε·h) over the measure ω on the points h_j, and Gauss quadrature with two nodes, exact
/// for polynomials in h up to degree 3, gives it as one rational function of r = √v:
///
///   Σ = (M1·r + ε·C·M0) / ((r + ε·D)·r + ε²·C),   M_q = Σ ω_j h_jᵠ,   D = h₁ + h₂,   C = h₁·h₂
///
/// whose four coefficients depend on (s, n) alone and are shared by all rows. The moments of "gap n
/// ending now" obey M_q(n + 1) = ρ_q · (M_q(n) + dⁿ·w_q), ρ_q = β1·β2^{−q/2}: stable, all terms
/// positive. Exact for n <= 2; relative error under 5e-6 for every n, r and ε once s >=
/// CK_ADAM_EARLY (4.2e-6 at 64, 1.3e-7 at 200, 4e-10 at 2000); before that, steps are made one by
/// one. The table keeps r = √v in place of v, so that catching up takes no square root.
#ifndef CK_ADAM_H
#define CK_ADAM_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Steps made one by one before quadrature is accurate enough.
#define CK_ADAM_EARLY 64
/// Longest gap with an entry of its own; β1²⁵⁶ < 2e-12, so longer gaps share the limit.
#define CK_ADAM_GAPS 256

/// Coefficients of one gap: Σ = (slope·r + constant) / ((r + linear)·r + square).
typedef struct ck_adam_gap {
  float slope;    ///< M1
  float constant; ///< ε·C·M0
  float linear;   ///< ε·D
  float square;   ///< ε²·C
} ck_adam_gap;

/// What a run's steps have in common.
typedef struct ck_adam_settings {
  double beta1, beta2; ///< in [0, 1) and (0, 1)
  double epsilon;      ///< >= 1e-15
  double rate;         ///< learning rate
  double decay;        ///< AdamW's decoupled weight decay; 0 for Adam
} ck_adam_settings;

/// All that the kernels must know to make step `step`; one for all rows, made by ck_adam_clock_*.
/// Memory is the caller's:
typedef struct ck_adam_clock {
  ck_adam_settings settings;
  uint64_t step;       ///< t >= 1, the step about to be made: rows are brought to t − 1
  uint64_t flushed;    ///< no row was last updated before this step
  float step_rate;     ///< rate/(1 − β1ᵗ)
  float step_scale;    ///< 1/√(1 − β2ᵗ)
  double *weights;     ///< [4·CK_ADAM_GAPS] ring: w_q of the latest steps
  ck_adam_gap *gaps;   ///< [CK_ADAM_GAPS + 1], by n, ending at t − 1
  ck_adam_gap *limits; ///< [span + 1], by s − flushed: gaps longer than CK_ADAM_GAPS
  float *m_powers;     ///< [span + 2]: β1ⁿ
  float *r_powers;     ///< [span + 2]: β2^{n/2}
  float *p_powers;     ///< [span + 2]: dⁿ
  float *early_rates;  ///< [CK_ADAM_EARLY + 1]: rate/(1 − β1^τ), by step τ
  float *early_scales; ///< [CK_ADAM_EARLY + 1]: 1/√(1 − β2^τ), by step τ
  size_t span;         ///< steps between two flushes, at most
} ck_adam_clock;

/// Starts a clock whose rows were all last updated at step `flushed` (0: never), with step
/// `flushed + 1` about to be made. `clock`'s pointers and span must be set; the rest is filled in.
/// Cost: O(span + CK_ADAM_GAPS²).
void ck_adam_clock_start(ck_adam_clock *clock, ck_adam_settings settings, uint64_t flushed);

/// Moves to the next step: a few microseconds, to be done once a step by one thread.
void ck_adam_clock_advance(ck_adam_clock *clock);

/// Brings rows to step t − 1 without touching their state:
///   out[s] = P[id[s]] as it is after step t − 1
/// or, with out NULL, P[id[s]] itself; such a row must then be updated at step t.
///
///   id    [count] int32         distinct rows
///   mask  [stride]              1 in trained lanes, 0 in constant and padding lanes (used by
///   decay) P, M, R  [*, stride]        parameters, mean gradient, root of the mean squared
///   gradient last  [*] uint32            step at which each row's M and R stand, flushed <= last <
///   t out   [count, stride]       overwritten in the lanes computed
///
/// Cost: three rows read and one written an id, about 9 vector operations a vector.
/// Threads: safe on disjoint rows. Cannot fail.
void ck_adam_catch_up(const ck_adam_clock *clock, const int32_t *id, size_t count, size_t stride,
                      size_t lanes, const float *mask, float *P, const float *M, const float *R,
                      const uint32_t *last, float *out);

/// Makes step t on rows with a gradient g = scale · mask ∘ G[s]:
///   m = β1^{n+1}·m + (1 − β1)·g,  r² = β2^{n+1}·r² + (1 − β2)·g²,  n = t − 1 − last
///   P[id[s]] = d·current[s] − rate·m/(1 − β1ᵗ) / (r/√(1 − β2ᵗ) + ε),   last[id[s]] = t
///
///   current  [count, stride]  the rows as ck_adam_catch_up left them, or NULL: they are in P
///   G        [count, stride]  gradients, unscaled
///
/// Cost: five rows read and three written an id, about 22 vector operations a vector.
/// Threads: safe on disjoint rows. Cannot fail.
void ck_adam_update(const ck_adam_clock *clock, const int32_t *id, size_t count, size_t stride,
                    size_t lanes, const float *mask, const float *current, const float *G,
                    float scale, float *P, float *M, float *R, uint32_t *last);

/// Brings rows first ..< first + count wholly to step t − 1: P, M, R and last.
/// Cost: three rows read and written each. Threads: safe on disjoint rows. Cannot fail.
void ck_adam_flush(const ck_adam_clock *clock, size_t first, size_t count, size_t stride,
                   size_t lanes, const float *mask, float *P, float *M, float *R, uint32_t *last);

#ifdef __cplusplus
}
#endif
#endif
