// Item neighbourhoods: similarities by shared users, and scores from them.
#include "ck_knn.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

typedef float quad __attribute__((vector_size(16)));

/// Whether neighbour a is to be kept rather than b.
static bool is_better(float a, int32_t a_item, float b, int32_t b_item) {
  return fabsf(a) > fabsf(b) || (fabsf(a) == fabsf(b) && a_item < b_item);
}

/// Restores the heap, whose worst neighbour is on top, below `place`.
static void sink(int32_t *items, float *similarities, size_t count, size_t place) {
  while (2 * place + 1 < count) {
    size_t worst = 2 * place + 1;
    if (worst + 1 < count &&
        is_better(similarities[worst], items[worst], similarities[worst + 1], items[worst + 1]))
      worst++;
    if (!is_better(similarities[place], items[place], similarities[worst], items[worst]))
      return;
    int32_t item = items[place];
    float similarity = similarities[place];
    items[place] = items[worst];
    similarities[place] = similarities[worst];
    items[worst] = item;
    similarities[worst] = similarity;
    place = worst;
  }
}

/// Takes a neighbour into a heap of at most `count`; returns the new length.
static size_t keep(int32_t *items, float *similarities, size_t length, size_t count, int32_t item,
                   float similarity) {
  if (length < count) {
    items[length] = item;
    similarities[length] = similarity;
    if (++length == count)
      for (size_t place = count / 2; place-- > 0;)
        sink(items, similarities, count, place);
  } else if (count > 0 && is_better(similarity, item, similarities[0], items[0])) {
    items[0] = item;
    similarities[0] = similarity;
    sink(items, similarities, count, 0);
  }
  return length;
}

/// Adds up {e_i e_j, 1, e_i², e_j²} for every item that shares a user; returns how many do.
static size_t sum_pairs(const ck_csr *by_item, const ck_csr *by_user, size_t item, quad *sums,
                        int32_t *met) {
  const ck_csr users = *by_item, items = *by_user;
  size_t count = 0;
  for (int32_t n = users.offsets[item]; n < users.offsets[item + 1]; n++) {
    float mine = users.values[n];
    int32_t user = users.columns[n];
    for (int32_t m = items.offsets[user]; m < items.offsets[user + 1]; m++) {
      float other = items.values[m];
      quad *sum = sums + items.columns[m];
      if ((*sum)[1] == 0)
        met[count++] = items.columns[m];
      *sum += (quad){mine * other, 1, mine * mine, other * other};
    }
  }
  return count;
}

/// √(a·b), also where the product is beyond a float's range.
static float root_of_product(float a, float b) {
  return isnormal(a * b) ? sqrtf(a * b) : sqrtf(a) * sqrtf(b);
}

size_t ck_knn_neighbours(const ck_csr *by_item, const ck_csr *by_user, size_t item, float shrinkage,
                         size_t count, float *sums, int32_t *met, int32_t *neighbours,
                         float *similarities) {
  quad *totals = (quad *)sums;
  size_t pairs = sum_pairs(by_item, by_user, item, totals, met);
  size_t found = 0;
  for (size_t n = 0; n < pairs; n++) {
    quad total = totals[met[n]];
    totals[met[n]] = (quad){0, 0, 0, 0};
    float size = root_of_product(total[2], total[3]);
    if (met[n] == (int32_t)item || !(size > 0) || total[0] == 0)
      continue;
    float similarity = total[0] / size * (total[1] / (total[1] + shrinkage));
    found = keep(neighbours, similarities, found, count, met[n], similarity);
  }
  // From a heap to falling order: the worst goes to the end, again and again.
  if (found < count)
    for (size_t place = found / 2; place-- > 0;)
      sink(neighbours, similarities, found, place);
  for (size_t end = found; end > 1; end--) {
    int32_t worst = neighbours[0];
    float similarity = similarities[0];
    neighbours[0] = neighbours[end - 1];
    similarities[0] = similarities[end - 1];
    neighbours[end - 1] = worst;
    similarities[end - 1] = similarity;
    sink(neighbours, similarities, end - 1, 0);
  }
  return found;
}

void ck_knn_scores(const ck_csr_row *ratings, const ck_csr *spoken, float damping, float *sums,
                   float *out) {
  const ck_csr_row rated = *ratings;
  const ck_csr by = *spoken;
  memset(sums, 0, 2 * by.rows * sizeof *sums);
  for (size_t m = 0; m < rated.count; m++)
    for (int32_t p = by.offsets[rated.columns[m]]; p < by.offsets[rated.columns[m] + 1]; p++) {
      float *sum = sums + 2 * (size_t)by.columns[p];
      sum[0] += by.values[p] * rated.values[m];
      sum[1] += fabsf(by.values[p]);
    }
  for (size_t i = 0; i < by.rows; i++)
    out[i] = sums[2 * i] / (sums[2 * i + 1] + damping);
}

void ck_knn_scores_of(const ck_csr_row *ratings, const ck_csr *neighbours, const int32_t *wanted,
                      size_t count, float damping, float *own, float *out) {
  const ck_csr_row rated = *ratings;
  const ck_csr of = *neighbours;
  for (size_t m = 0; m < rated.count; m++)
    own[rated.columns[m]] = rated.values[m];
  for (size_t w = 0; w < count; w++) {
    float sum = 0, weight = 0;
    for (int32_t p = of.offsets[wanted[w]]; p < of.offsets[wanted[w] + 1]; p++) {
      float residual = own[of.columns[p]];
      if (isnan(residual))
        continue;
      sum += of.values[p] * residual;
      weight += fabsf(of.values[p]);
    }
    out[w] = sum / (weight + damping);
  }
  for (size_t m = 0; m < rated.count; m++)
    own[rated.columns[m]] = NAN;
}
