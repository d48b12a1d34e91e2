// Double-precision references for the kernels.
#include "CReference.h"
