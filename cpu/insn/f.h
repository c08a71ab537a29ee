// SPDX-License-Identifier: MIT
// F: single precision. A single lies in the low half of an f register, boxed in ones; what is not
// boxed reads as the canonical NaN, except in stores and fmv.x.w, which take the low half as it is
// (unprivileged manual, "NaN Boxing of Narrower Values"). Included by each engine.
#include "cpu/insn/fp.h"

FP_BODIES(s, 32, SINGLE, TO_S, UINT32_C(1) << 31)

BODY(flw) { FP_LOAD(uint32_t, TO_S); }
BODY(fsw) { FP_STORE(uint32_t); }
BODY(fmv_x_w) { FP_READ(sext32(FS1)); }
BODY(fmv_w_x) { FP_MOVE(TO_S, (uint32_t)RS1); }
