// SPDX-License-Identifier: MIT
// The host's fused multiply-add on x86-64, which has the instruction only since 2013: compiled for
// it here and nowhere else, and called where fp_host_has_fma() says that it is there. Elsewhere
// this file is empty.
#include "cpu/fp_host.h"

#if defined(__x86_64__) && !defined(__FP_FAST_FMA)
__attribute__((target("fma"))) double fp_host_fma(double x, double y, double z) {
    return __builtin_fma(x, y, z);
}
#endif
