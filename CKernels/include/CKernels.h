/// Umbrella header of the numerical core: one header per kernel family.
#ifndef CKERNELS_H
#define CKERNELS_H

#include "ck_isa.h"
#include "ck_random.h"

#endif
