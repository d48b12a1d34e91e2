/// Starting values of parameter tables.
#ifndef CK_INIT_H
#define CK_INIT_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Normal starts: rows[r, lane] = sd * z for first <= r < end, lane < lanes; other lanes stay.
///
///   rows  [>= end, stride]
///   key   of ck_random_key; the value of (r, lane) depends on key, r, lane and lanes alone
///
/// Box and Muller's pairs: z of lanes 2j and 2j + 1 of a row are the cosine and the sine of one
/// draw. Cost: half a logarithm, square root, sine and cosine a lane. Threads: safe on disjoint
/// rows.
void ck_init_normal(float *rows, size_t first, size_t end, size_t lanes, size_t stride, float sd,
                    uint64_t key);

/// Uniform starts in ±bound; buffers and key as above. Cost: one draw a lane.
void ck_init_uniform(float *rows, size_t first, size_t end, size_t lanes, size_t stride,
                     float bound, uint64_t key);

/// Normal starts cut at two standard deviations of the normal they are cut from, `sd` being that
/// of what is left; buffers and key as above.
void ck_init_truncated(float *rows, size_t first, size_t end, size_t lanes, size_t stride, float sd,
                       uint64_t key);

#ifdef __cplusplus
}
#endif
#endif
