/// What a machine can do at most: bytes moved with nothing done to them, and multiply-adds with
/// nothing moved. The yardsticks of the benches; compiled for the instruction sets of the kernels.
///
/// Rows are given by number, in any order, and asked for a few ahead, as kernels do. Sizes are in
/// floats, widths multiples of 16, arrays 64-byte aligned. Threads: safe on disjoint outputs.
#ifndef CPROBE_H
#define CPROBE_H

#include <stddef.h>
#include <stdint.h>

/// Reads a[0 ..< n]; returns their sum, so that nothing can be left out. n a multiple of 128.
float probe_read(const float *a, size_t n);

/// to[j] = from[j] / 2 for j < n, a multiple of 16: the scale test of STREAM (McCalpin 1995),
/// without streaming stores, which kernels do not use either.
void probe_scale(const float *from, size_t n, float *to);

/// Reads the first `width` floats of rows id[0 ..< count] of table [*, stride]; returns their sum.
float probe_read_rows(const float *table, size_t stride, const int32_t *id, size_t count,
                      size_t width);

/// Halves the first `width` floats of rows id[0 ..< count]: read and written in place.
void probe_update_rows(float *table, size_t stride, const int32_t *id, size_t count, size_t width);

/// Multiply-adds in registers, twelve vectors side by side; returns how many floating-point
/// operations that was (two a multiply-add). `result` keeps the compiler from leaving them out.
double probe_multiply_add(size_t rounds, float *result);

/// Calls run(context) and does nothing else: where valgrind begins and ends to count, by this name.
void probe_counted(void (*run)(void *), void *context);

/// The compiler that made this, in its own words.
const char *probe_compiler(void);

/// The commit it was built from, with a plus where files differed from it, and the version of Swift
/// that built it; empty where `make` did not build it.
const char *probe_commit(void);
const char *probe_swift(void);

#endif
