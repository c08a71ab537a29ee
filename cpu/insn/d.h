// SPDX-License-Identifier: MIT
// D: double precision. Included by each engine.
#include "cpu/insn/fp.h"

FP_BODIES(d, 64, DOUBLE, TO_D, UINT64_C(1) << 63)

BODY(fld) { FP_LOAD(uint64_t, TO_D); }
BODY(fsd) { FP_STORE(uint64_t); }
BODY(fmv_x_d) { FP_READ(FS1); }
BODY(fmv_d_x) { FP_MOVE(TO_D, RS1); }

// Narrowing rounds; widening is exact, but an invalid rounding mode is illegal there too.
BODY(fcvt_s_d) { FP_ROUNDED(TO_S, READY_1(DOUBLE), fp32_from_fp64, DOUBLE(FS1)); }
BODY(fcvt_d_s) {
    FP_COMPUTE(TO_D, READY_1(SINGLE) && ROUNDING <= FP_RMM, ROUNDING <= FP_RMM, fp64_from_fp32,
               SINGLE(FS1), FFLAGS);
}
