/// UMAP: places in two dimensions by attraction along the edges of a graph of neighbours and repulsion
/// between points drawn at random (McInnes, Healy and Melville 2018). With w = 1/(1 + a·d^2b) of the distance
/// d of two points, an edge pulls by ∂ ln w, a drawn pair pushes by ∂ ln(1 − w).
///
/// The original walks the edges in order and moves both ends of each, so that a thread's steps depend on
/// when the others take theirs. Here every point moves itself alone, once for either end of its edges, and
/// reads places that stand still meanwhile: points are cut into a few parts, moved one part after the
/// other. So places do not depend on threads, and sixteen points move side by side.
#ifndef CK_UMAP_H
#define CK_UMAP_H

#include "ck_csr.h"

#ifdef __cplusplus
extern "C" {
#endif

/// Points that move side by side.
#define CK_UMAP_BLOCK 16

/// Points drawn to be pushed from, for each edge that pulls.
#define CK_UMAP_NEGATIVES 5

/// The graph, and where points are.
typedef struct ck_umap_state {
  const ck_csr *edges;    ///< symmetric; values are not read
  const uint32_t *pace;   ///< [entries] how often an edge pulls: pace/2^32 times an epoch
  size_t count;           ///< points
  const int32_t *points;  ///< [blocks, 16] the points of each block, −1 where there is none
  float a, b;             ///< of w
  uint32_t key;           ///< of draws
  const float *x, *y;     ///< [count] places
  float *next_x, *next_y; ///< [count] places of those that have moved
} ck_umap_state;

/// Moves the points of blocks first, first + step, … below last through one epoch.
///
///   rate     what steps are multiplied with: 1 at first, then falling to 0
///   scratch  [most edges of a point, 16] int32
///
/// Cost: some 60 flops and two places gathered for each edge that pulls and each point drawn. Threads: safe
/// on disjoint blocks, scratch of their own. Cannot fail.
void ck_umap_move(const ck_umap_state *state, uint32_t epoch, float rate, size_t first, size_t last,
                  size_t step, int32_t *scratch);

/// Takes over the places of the points of these blocks:  x = next_x, y = next_y.
void ck_umap_settle(const ck_umap_state *state, size_t first, size_t last, size_t step, float *x,
                    float *y);

/// Strengths of neighbours of rows first ..< last:  exp(−(d − ρ)/σ), 1 up to ρ, the distance of the nearest
/// that is not at the same place; σ such that they sum to log2(neighbours + 1).
///
///   squares    [rows, stride]  squared distances; the first `count` are used
///   least      σ is at least this (a thousandth of the mean distance of all) or of the row's own
///   strengths  [rows, count]   written at rows first ..< last
///
/// Threads: safe on disjoint ranges. Cannot fail.
void ck_umap_strengths(const float *squares, size_t stride, size_t count, float least, size_t first,
                       size_t last, float *strengths);

#ifdef __cplusplus
}
#endif
#endif
