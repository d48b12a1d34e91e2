/// Layers of networks over rows of values: joins, products, dropout and their derivatives. Matrix
/// products between them are BLAS's.
///
/// Values live in workspaces: one row a user, item or rating of a batch, a value at some lane of
/// it. A kernel reads its inputs through views, which may go by way of row numbers: what depends on
/// the user alone is computed once a user and read by each of their ratings.
///
/// All: threads are safe on disjoint rows of the outputs; nothing can fail; an output may overlap
/// an input only where it says so. Costs are one read of each input and one write of each output.
#ifndef CK_LAYER_H
#define CK_LAYER_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Rows of a value: row r is base[(row ? row[r] : r) * stride ..< + width].
typedef struct ck_layer_view {
  const float *base;
  size_t stride;
  const int32_t *row; ///< NULL: rows in order
  size_t width;
} ck_layer_view;

/// What becomes of a sum z. Numbers are stable.
typedef enum ck_layer_activation {
  CK_LAYER_LINEAR = 0,  ///< z
  CK_LAYER_RELU = 1,    ///< max(z, 0)
  CK_LAYER_SIGMOID = 2, ///< low + (high − low) / (1 + exp(−z))
} ck_layer_activation;

/// An activation and its parameters.
typedef struct ck_layer_shape {
  ck_layer_activation activation;
  float low, high; ///< of CK_LAYER_SIGMOID
} ck_layer_shape;

/// Copies rows of a table:  out[r] = table[id[r], :width]
void ck_layer_gather(const float *table, size_t table_stride, const int32_t *id, size_t rows,
                     size_t width, float *out, size_t stride);

/// Sums values and activates the sum:
///   out[r] = activation(bias + Σ_n inputs[n][r] + (adds ? out[r] : 0))
///
///   inputs  [count]  each as wide as `width`, or 1 wide: added to each lane
///   bias    [width] or NULL
///   out     rows of `width` at `stride`
void ck_layer_join(const ck_layer_view *inputs, size_t count, const float *bias, int adds,
                   ck_layer_shape shape, size_t rows, size_t width, float *out, size_t stride);

/// The derivative of an activation, from its value y: d[r] = d[r] · activation'(y[r]), and, unless
/// bias_gradient is NULL, bias_gradient += Σ_r d[r].
void ck_layer_join_back(const float *y, size_t y_stride, ck_layer_shape shape, size_t rows,
                        size_t width, float *d, size_t stride, float *bias_gradient);

/// Passes a gradient on:  out[r] = d[r] (+ out[r] if `adds`), where out is as wide as d, or 1 wide:
/// the sum of d's lanes.
void ck_layer_pass(const float *d, size_t d_stride, size_t rows, size_t width, int adds, float *out,
                   size_t stride, size_t out_width);

/// out[r] = a[r] ∘ b[r] (+ out[r] if `adds`), lane by lane; b may be 1 wide.
void ck_layer_product(ck_layer_view a, ck_layer_view b, int adds, size_t rows, float *out,
                      size_t stride);

/// out[r] = Σ_lanes a[r] ∘ b[r] (+ out[r] if `adds`): 1 wide.
void ck_layer_inner(ck_layer_view a, ck_layer_view b, int adds, size_t rows, float *out,
                    size_t stride);

/// Dropout (Srivastava et al. 2014), forwards and backwards alike:
///   out[r] = x[r] ∘ mask / (1 − rate) (+ out[r] if `adds`)
/// A lane is dropped where 16 random bits, a function of (key, first + r, lane) alone, are below
/// 2¹⁶·rate, and rate is cut to whole parts of 2¹⁶ in both. out may be x itself when x has no row
/// numbers.
void ck_layer_dropout(ck_layer_view x, uint64_t key, uint64_t first, float rate, int adds,
                      size_t rows, float *out, size_t stride);

/// Sums the gradients of the rows that read a value: for each segment s
///   out[s] = Σ_{n in [start[s], start[s+1])} d[source ? source[n] : n] (+ out[s] if `adds`)
void ck_layer_collect(const float *d, size_t d_stride, const int32_t *start, const int32_t *source,
                      size_t segments, size_t width, int adds, float *out, size_t stride);

/// Sums rows of a small table, such as the genres of items: out[r] = Σ table[member] over
/// the members of list id[r] (id NULL: r).
///   offsets, members  compressed rows
void ck_layer_members(const float *table, size_t width, const int32_t *offsets,
                      const int32_t *members, const int32_t *id, size_t rows, float *out,
                      size_t stride);

/// Its gradient: gradient[member] += d[r] for each member of list id[r].
void ck_layer_members_back(const float *d, size_t stride, size_t width, const int32_t *offsets,
                           const int32_t *members, const int32_t *id, size_t rows, float *gradient);

/// Scores of all pairs of users and items by one hidden layer of ReLU:
///   out[u, i] = Σ_lanes w · max(A[u] + B[i], 0)
///
///   A    of `users` rows, B of `items` rows as wide, w as wide: 64-byte aligned, strides and width
///        multiples of 16, zero beyond what is used
///   out  [users, items]
///
/// A score is summed the same way wherever its pair stands. Cost: 3 operations a lane and pair;
/// items are read once for every two users, so that a few hundred of them should stay in L2.
void ck_layer_relu_scores(ck_layer_view A, size_t users, ck_layer_view B, size_t items,
                          const float *w, float *out, size_t stride);

/// column[lane] += Σ_r d[r, lane].
void ck_layer_column_sums(const float *d, size_t stride, size_t rows, size_t width, float *column);

/// out[n] = Σ_p parts[p, n] over `count` parts `stride` apart, in their order.
void ck_layer_total(const float *parts, size_t count, size_t stride, size_t width, float *out);

#ifdef __cplusplus
}
#endif
#endif
