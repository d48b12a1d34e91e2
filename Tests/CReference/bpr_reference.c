// Gradient steps for rankings in double precision, as the contract of ck_bpr_walk stands.
#include "CReference.h"

#include <math.h>
#include <stdlib.h>

static bool is_met(const ref_bpr_case *c, int32_t run, size_t place) {
  for (int32_t rating = c->start[run]; rating < c->start[run + 1]; rating++)
    if (c->item[rating] == place)
      return true;
  return false;
}

static bool is_among(const size_t *places, size_t count, size_t place) {
  for (size_t n = 0; n < count; n++)
    if (places[n] == place)
      return true;
  return false;
}

/// The places of a rating's item and of those drawn beside it.
static size_t draw(const ref_bpr_case *c, int32_t run, size_t own, uint64_t position,
                   size_t *places) {
  size_t count = 0;
  places[count++] = own;
  for (size_t n = 0; n < c->negatives; n++) {
    unsigned __int128 product = (unsigned __int128)ref_random_bits(c->key, position + n) * c->count;
    size_t place = (size_t)(product >> 64);
    if (!is_met(c, run, place) && !is_among(places, count, place))
      places[count++] = place;
  }
  return count;
}

static double step(const ref_bpr_case *c, int32_t run, int32_t rating, uint64_t position) {
  size_t *places = calloc(c->negatives + 1, sizeof *places);
  double *scores = calloc(c->negatives + 1 + c->stride, sizeof *scores);
  double *gradient = scores + c->negatives + 1, *p = c->users.rows + c->user[run] * c->stride;
  size_t count = draw(c, run, c->item[rating], position, places);
  double weight = c->weight[rating], total = 0, loss = 0;
  for (size_t n = 0; n < count; n++) {
    double *q = c->items.rows + c->members[places[n]] * c->stride;
    for (size_t lane = 0; lane < c->stride; lane++)
      scores[n] += p[lane] * q[lane];
    total += exp(scores[n]);
  }
  if (count > 1 && weight > 0)
    loss = weight * (log(total) - scores[0]);
  for (size_t n = 0; n < count && loss > 0; n++) {
    double *q = c->items.rows + c->members[places[n]] * c->stride;
    double gain = weight * ((n == 0 ? 1 : 0) - exp(scores[n]) / total);
    double share = n == 0 ? 1 : 1 / (double)c->negatives;
    for (size_t lane = 0; lane < c->stride; lane++) {
      gradient[lane] += gain * q[lane];
      q[lane] +=
          c->items.rate[lane] * (gain * p[lane] - weight * share * c->items.decay[lane] * q[lane]);
    }
  }
  for (size_t lane = 0; lane < c->stride && loss > 0; lane++)
    p[lane] += c->users.rate[lane] * (gradient[lane] - weight * c->users.decay[lane] * p[lane]);
  free(places);
  free(scores);
  return loss;
}

double ref_bpr_walk(const ref_bpr_case *c) {
  double loss = 0;
  uint64_t position = 0;
  for (size_t n = 0; n < c->runs; n++) {
    int32_t run = c->order[n];
    for (int32_t rating = c->start[run]; rating < c->start[run + 1]; rating++) {
      loss += step(c, run, rating, position);
      position += c->negatives;
    }
  }
  return loss;
}
