// SGD on a tile in double precision: turn by turn, as the contract of ck_sgd_walk stands.
#include "CReference.h"

#include <stdlib.h>

// A run under way: its user, its pending rating and the error taken of it.
typedef struct slot {
  int32_t user, rating, end;
  double error;
} slot;

static double keep(const ref_sgd_side *side, int32_t row) {
  return 1 - (double)side->decay - (double)side->prior * side->weight[row];
}

static double error(const ref_sgd_case *c, int32_t user, int32_t rating) {
  double *p = c->users.rows + (size_t)user * c->stride;
  double *q = c->items.rows + c->item[rating] * c->stride, e = c->value[rating];
  for (size_t lane = 0; lane < c->factors; lane++)
    e -= p[lane] * q[lane];
  return c->biased ? e - p[c->factors] - q[c->factors + 1] : e;
}

static void update(const ref_sgd_case *c, const slot *s) {
  int32_t item = c->item[s->rating];
  double *p = c->users.rows + (size_t)s->user * c->stride;
  double *q = c->items.rows + (size_t)item * c->stride, e = s->error;
  for (size_t lane = 0; lane < c->factors; lane++) {
    double old = p[lane];
    p[lane] = old * keep(&c->users, s->user) + c->users.rate * e * q[lane];
    q[lane] = q[lane] * keep(&c->items, item) + c->items.rate * e * old;
  }
  if (!c->biased)
    return;
  double *user_bias = p + c->factors, *item_bias = q + c->factors + 1;
  *user_bias += c->users.bias_rate * e - c->users.bias_decay * *user_bias;
  *item_bias += c->items.bias_rate * e - c->items.bias_decay * *item_bias;
}

static bool take(const ref_sgd_case *c, slot *s, size_t *next) {
  while (*next < c->runs) {
    int32_t run = c->order[(*next)++];
    *s = (slot){c->user[run], c->start[run], c->start[run + 1], 0};
    if (s->rating == s->end)
      continue;
    s->error = error(c, s->user, s->rating);
    return true;
  }
  return false;
}

double ref_sgd_walk(const ref_sgd_case *c) {
  slot *slots = calloc(c->slots, sizeof *slots);
  size_t active = 0, next = 0;
  double squared = 0;
  while (active < c->slots && take(c, slots + active, &next))
    active++;
  while (active > 0)
    for (size_t turn = 0; turn < active;) {
      slot *s = slots + turn;
      update(c, s);
      squared += s->error * s->error;
      if (++s->rating < s->end)
        s->error = error(c, s->user, s->rating);
      else if (!take(c, s, &next)) {
        *s = slots[--active];
        continue;
      }
      turn++;
    }
  free(slots);
  return squared;
}
