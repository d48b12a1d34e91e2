/// t-SNE: places in two dimensions whose neighbourhoods are those of vectors (van der Maaten and Hinton
/// 2008). With p the affinities of vectors and
///
///   w_ij = 1/(1 + |y_i − y_j|²),   Z = Σ_{i≠j} w_ij,   q_ij = w_ij/Z
///
/// gradient descent on KL(p‖q) moves y_i against four times  Σ_j p_ij·w_ij·(y_i − y_j) − Σ_j w_ij²·(y_i − y_j)/Z.
///
/// The second sum, over all pairs, is half the gradient of a potential:  φ(y) = Σ_j 1/(1 + |y − y_j|²),
/// −∇φ/2 = Σ_j w²·(y − y_j), and Σ_i φ(y_i) = Z + n. One potential on a grid is all that is computed: unit
/// charges are spread by cubic B-splines, convolved with 1/(1 + r²) by Fourier transforms, and φ and ∇φ are
/// read off the splines at the points. (Linderman, Rachh, Hoskins, Steinerberger
/// and Kluger 2019 interpolate by polynomials, with three charges and no gradient; the splines and
/// the gradient are those of smooth particle-mesh Ewald: Essmann, Perera, Berkowitz, Darden, Lee and
/// Pedersen 1995.)
///
/// An iteration is sort, rows, columns, back, forces, step: each writes what the next one reads, and all but
/// the first are cut into ranges that may run side by side.
#ifndef CK_TSNE_H
#define CK_TSNE_H

#include "ck_csr.h"
#include "ck_fft.h"

#ifdef __cplusplus
extern "C" {
#endif

/// Grid rows, and terms of a transform, that are worked on side by side.
#define CK_TSNE_BLOCK 16

/// A grid over the places. It has `side` nodes in each direction and is transformed at twice that length,
/// so that what wraps around is never read.
typedef struct ck_tsne_grid {
  size_t side; ///< a multiple of CK_TSNE_BLOCK; transforms along x and y have lengths side, 2·side
  float spacing;      ///< distance of nodes
  ck_fft_plan along;  ///< of length side: pairs of real numbers as complex ones
  ck_fft_plan across; ///< of length 2·side
  const float
      *kernel;     ///< [side/16 + 1, 2·side, 16]     by block of terms along x: ck_tsne_kernel's
  float *spectrum; ///< [side/16 + 1, 2·side, 2, 16]  64-byte aligned
  float
      *potential; ///< [side, side]                  64-byte aligned; column by column of constant x
} ck_tsne_grid;

/// Where points are on a grid.
typedef struct ck_tsne_points {
  size_t count;
  const float *x, *y;    ///< [count] places
  float left, bottom;    ///< place of the grid's first node
  const int32_t *starts; ///< [side + 1] by row of nodes: the points whose spline begins there
  const int32_t *order;  ///< [count] points by that row
} ck_tsne_points;

/// What moves points, and their state.
typedef struct ck_tsne_state {
  const ck_csr *affinities; ///< p_ij, symmetric; rows padded with p = 0 to multiples of 16
  float *pull_x, *pull_y;   ///< [count] Σ_j p·w·(y_i − y_j)
  float *push_x, *push_y;   ///< [count] Σ_j w²·(y_i − y_j)
  float *x, *y;             ///< [count] places
  float *move_x, *move_y;   ///< [count] the last steps
  float *gain_x, *gain_y;   ///< [count]
} ck_tsne_state;

/// How a step is taken.
typedef struct ck_tsne_rates {
  float rate; ///< four times the learning rate
  float momentum;
  float exaggeration; ///< what p is multiplied with
  float longest;      ///< no step is longer
} ck_tsne_rates;

/// Floats of scratch of ck_tsne_rows and ck_tsne_back; 64-byte aligned.
size_t ck_tsne_scratch(size_t side);

/// Puts points in order of the grid row that their spline begins at.
///
///   points->order, ->starts  written, for all that they are const
///
/// Every spline lies within the grid: (x − left)/spacing and (y − bottom)/spacing are in 1 ..< side − 2.
/// Cost: two passes over the points. One thread. Cannot fail.
void ck_tsne_sort(const ck_tsne_points *points, size_t side, float spacing);

/// The kernel's transform along x, rows 16·first ..< 16·last of 2·side/16 blocks; then ck_tsne_kernel.
void ck_tsne_kernel_rows(const ck_tsne_grid *grid, size_t first, size_t last, float *scratch);

/// The transform of 1/(1 + r²) over the grid, made up for what both splines smooth, and divided by what the transforms
/// there and back multiply with: blocks first ..< last of side/16 + 1.
///
///   kernel  as ck_tsne_grid has it; overwritten
///
/// spectrum holds what ck_tsne_kernel_rows left there, and is overwritten. Threads: safe on disjoint ranges.
void ck_tsne_kernel(const ck_tsne_grid *grid, size_t first, size_t last, float *kernel);

/// Spreads the charges of blocks first ..< last of 16 rows, side/16 in all, and transforms them along x.
///
/// A row's charges are added in order of the points, so that sums do not depend on how blocks are cut.
/// Cost: 16 sums a point, 2.5·side·log2(2·side) flops a row. Threads: safe on disjoint ranges, scratch
/// of their own. Cannot fail.
void ck_tsne_rows(const ck_tsne_grid *grid, const ck_tsne_points *points, size_t first, size_t last,
                  float *scratch);

/// Transforms blocks first ..< last of terms, side/16 + 1 in all, along y, multiplies and transforms back.
void ck_tsne_columns(const ck_tsne_grid *grid, size_t first, size_t last);

/// Transforms blocks first ..< last of rows back along x: the spline's coefficients.
void ck_tsne_back(const ck_tsne_grid *grid, size_t first, size_t last, float *scratch);

/// Both sums of points first ..< last; returns Σ φ(y_i) over them, their own share of it among it.
///
/// Cost: 16 nodes a point; a place gathered and some 10 flops an entry of p. Threads: safe on disjoint
/// ranges. Cannot fail.
double ck_tsne_forces(const ck_tsne_grid *grid, const ck_tsne_points *points,
                      const ck_tsne_state *state, size_t first, size_t last);

/// The same sums over all pairs one by one: for some hundred points, where that takes less time.
///
///   count  all points, state->x and ->y padded to a multiple of 16
///
/// Cost: some 10 flops a pair. Threads: safe on disjoint ranges. Cannot fail.
double ck_tsne_pairs(const ck_tsne_state *state, size_t count, size_t first, size_t last);

/// Moves points first ..< last by delta-bar-delta gains and momentum (Jacobs 1988).
///
///   z       Σ w over all pairs
///   bounds  [4] lowest x, highest x, lowest y, highest y of these points; overwritten
///
/// Threads: safe on disjoint ranges. Cannot fail.
void ck_tsne_step(const ck_tsne_state *state, const ck_tsne_rates *rates, double z, size_t first,
                  size_t last, float *bounds);

/// Σ p·ln(p/q) over the entries of rows first ..< last.
double ck_tsne_divergence(const ck_csr *affinities, const float *x, const float *y, double z,
                          size_t first, size_t last);

/// Squared distances of rows first ..< last from their neighbours.
///
///   rows        [points, stride] float32   64-byte aligned, stride a multiple of 16, spare lanes zero
///   neighbours  [points, count] int32      0 <= neighbours < points
///   distances   [points, count]            written at rows first ..< last
///
/// Cost: a row read and 3·stride flops a neighbour. Threads: safe on disjoint ranges. Cannot fail.
void ck_tsne_distances(const float *rows, size_t stride, const int32_t *neighbours, size_t count,
                       size_t first, size_t last, float *distances);

/// Conditional affinities of rows first ..< last:  p_j|i = exp(−β_i·d_ij)/Σ, β_i such that their entropy is
/// ln(perplexity).
///
///   distances  [rows, stride]   squared, of neighbours; the first `count` are used
///   p          [rows, count]    overwritten; sums of rows are 1
///
/// β by Newton's method on ln β, kept in a bracket: entropy falls as β grows. Where neighbours at the
/// smallest distance are more than the perplexity, they share alike.
/// Cost: some 8 · count exponentials a row. Threads: safe on disjoint ranges. Cannot fail.
void ck_tsne_affinities(const float *distances, size_t stride, size_t count, float perplexity,
                        size_t first, size_t last, float *p);

/// Neighbours of points and their conditional affinities, there and back.
typedef struct ck_tsne_directed {
  size_t points, count;      ///< each has `count` neighbours
  size_t stride;             ///< from one point's neighbours to the next one's
  const int32_t *neighbours; ///< [points, stride] distinct within a row, never the point itself
  const float *p;            ///< [points, count]
  float sum, product;    ///< what of p_j|i and p_i|j makes a symmetric affinity, see ck_tsne_join
  const int32_t *starts; ///< [points + 1] by point: where the entries that name it are in `entries`
  const int32_t *entries; ///< [points · count] i·count + rank of each, ascending by point
} ck_tsne_directed;

/// Entries that rows first ..< last have in the symmetric affinities, rounded up to 16.
///
///   marks    [points] int32   scratch: zeros, and zeros again on return
///   lengths  [points] int32   written at first ..< last
///
/// Cost: three reads of a row's entries. Threads: safe on disjoint ranges, marks of their own. Cannot fail.
void ck_tsne_join_lengths(const ck_tsne_directed *directed, size_t first, size_t last,
                          int32_t *marks, int32_t *lengths);

/// Symmetric affinities  sum·(p_j|i + p_i|j) + product·p_j|i·p_i|j  of rows first ..< last, as compressed
/// rows. Of t-SNE sum is 1/(2·points) and product 0; of UMAP they are 1 and −1.
///
///   marks            as above
///   offsets          [points + 1] int32   sums of ck_tsne_join_lengths
///   columns, values  [offsets[points]]    a point's own neighbours in their order, then the others
///                                         that name it; padded with the point itself at p = 0
///
/// Threads: safe on disjoint ranges, marks of their own. Cannot fail.
void ck_tsne_join(const ck_tsne_directed *directed, size_t first, size_t last, int32_t *marks,
                  const int32_t *offsets, int32_t *columns, float *values);

#ifdef __cplusplus
}
#endif
#endif
