// Implicit-feedback alternating least squares: the size of the scratch.
#include "ck_ials.h"

size_t ck_ials_scratch_bytes(size_t stride) { return 5 * sizeof(float) * stride; }
