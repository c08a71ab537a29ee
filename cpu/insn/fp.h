// SPDX-License-Identifier: MIT
// What the F and D bodies share (unprivileged manual, "F Standard Extension" and "D Standard
// Extension"): reading and writing registers, mstatus.FS, rounding modes, flags, and a body for
// each instruction that exists in both formats.
//
// A body's fast way asks three questions: is FS Dirty already, are singles boxed, and does the
// host's FPU know the answer (cpu/fp_host.h)? Everything else goes the slow way, which is always
// the interpreter's: illegal instruction, soft computation, FS to become Dirty.
//
// FS becomes Dirty when an f register is written, or when a flag is set that was not set before.
#ifndef TABLEWALK_CPU_INSN_FP_H
#define TABLEWALK_CPU_INSN_FP_H

#include "cpu/fp_host.h"

#define FS_IS_DIRTY (SIGNED(h->csr.mstatus) < 0) // SD: nothing else has a state to be saved
#define FS_IS_OFF   ((h->csr.mstatus & MSTATUS_FS) == 0)

// The rounding mode that the instruction names, or frm's. It is invalid above FP_RMM.
#define ROUNDING ((enum fp_round)h->csr.rounding[IMM])
#define FFLAGS   (&h->csr.fflags)

// Where results go. An f register counts as written.
#define TO_S(v)   SET_FD(fp_box(v))
#define TO_D(v)   SET_FD(v)
#define TO_X(v)   SET_RD(v)
#define TO_S_IS_F true
#define TO_D_IS_F true
#define TO_X_IS_F false

// Where operands come from. A single that is not boxed properly is left to the slow way.
#define SINGLE(f_register)          fp_unbox(f_register)
#define DOUBLE(f_register)          (f_register)
#define SINGLE_IS_READY(f_register) ((f_register) >> 32 == UINT32_MAX)
#define DOUBLE_IS_READY(f_register) true
#define READY_1(FROM)               FROM##_IS_READY(FS1)
#define READY_2(FROM)               (READY_1(FROM) && FROM##_IS_READY(FS2))
#define READY_3(FROM)               (READY_2(FROM) && FROM##_IS_READY(FS3))
#define READY_INTEGER               true

// A function of cpu/fp.h with all its arguments. ready: so are the operands. valid: the rounding
// mode is one (host_... looks itself at the one it gets).
#define FP_COMPUTE(to, ready, valid, function, ...)                                                \
    do {                                                                                           \
        __typeof__(function(__VA_ARGS__)) result_;                                                 \
        if (LIKELY(FS_IS_DIRTY && (ready) && host_##function(__VA_ARGS__, &result_))) {            \
            to(result_);                                                                           \
            NEXT;                                                                                  \
        }                                                                                          \
        SLOW_PATH;                                                                                 \
        if (FS_IS_OFF || !(valid)) ILLEGAL;                                                        \
        const uint32_t fflags_ = *FFLAGS;                                                          \
        result_ = function(__VA_ARGS__);                                                           \
        to(result_);                                                                               \
        if (to##_IS_F || *FFLAGS != fflags_) hart_dirty_fp(h);                                     \
        NEXT;                                                                                      \
    } while (0)

// With and without a rounding mode: operands only.
#define FP_ROUNDED(to, ready, function, ...)                                                       \
    do {                                                                                           \
        const enum fp_round rm_ = ROUNDING;                                                        \
        FP_COMPUTE(to, ready, rm_ <= FP_RMM, function, __VA_ARGS__, rm_, FFLAGS);                  \
    } while (0)
#define FP_UNROUNDED(to, ready, function, ...)                                                     \
    FP_COMPUTE(to, ready, true, function, __VA_ARGS__, FFLAGS)

// Whether the host has a fused multiply-add is looked up in the hart.
#define host_fp64_fma(...) host_fp64_fma(h->host_has_fma, __VA_ARGS__)

// To an f register without computing; and to an x register, which leaves FS alone.
#define FP_MOVE(to, v)                                                                             \
    do {                                                                                           \
        if (UNLIKELY(!FS_IS_DIRTY)) {                                                              \
            SLOW_PATH;                                                                             \
            if (FS_IS_OFF) ILLEGAL;                                                                \
            hart_dirty_fp(h);                                                                      \
        }                                                                                          \
        to(v);                                                                                     \
        NEXT;                                                                                      \
    } while (0)
#define FP_READ(v)                                                                                 \
    do {                                                                                           \
        if (UNLIKELY(FS_IS_OFF)) ILLEGAL;                                                          \
        RESULT(v);                                                                                 \
    } while (0)

// A load that faults leaves FS as it is.
#define FP_LOAD(type, to)                                                                          \
    do {                                                                                           \
        if (LIKELY(FS_IS_DIRTY)) LOAD(type, RS1 + IMM, to(value));                                 \
        SLOW_PATH;                                                                                 \
        if (FS_IS_OFF) ILLEGAL;                                                                    \
        LOAD(type, RS1 + IMM, to(value); hart_dirty_fp(h));                                        \
    } while (0)
#define FP_STORE(type)                                                                             \
    do {                                                                                           \
        if (UNLIKELY(FS_IS_OFF)) ILLEGAL;                                                          \
        STORE(type, RS1 + IMM, FS2);                                                               \
    } while (0)

// The bodies that both formats have: of format f with N bits and the given sign bit. The fused ones
// negate operands: -(a * b) - c is (-a) * b + (-c), whatever the rounding mode. A sign is injected
// as bits; no NaN is noticed or made canonical.
#define FP_BODIES(f, N, FROM, TO, sign)                                                            \
    BODY(fadd_##f) { FP_ROUNDED(TO, READY_2(FROM), fp##N##_add, FROM(FS1), FROM(FS2)); }           \
    BODY(fsub_##f) { FP_ROUNDED(TO, READY_2(FROM), fp##N##_sub, FROM(FS1), FROM(FS2)); }           \
    BODY(fmul_##f) { FP_ROUNDED(TO, READY_2(FROM), fp##N##_mul, FROM(FS1), FROM(FS2)); }           \
    BODY(fdiv_##f) { FP_ROUNDED(TO, READY_2(FROM), fp##N##_div, FROM(FS1), FROM(FS2)); }           \
    BODY(fsqrt_##f) { FP_ROUNDED(TO, READY_1(FROM), fp##N##_sqrt, FROM(FS1)); }                    \
                                                                                                   \
    BODY(fmadd_##f) {                                                                              \
        FP_ROUNDED(TO, READY_3(FROM), fp##N##_fma, FROM(FS1), FROM(FS2), FROM(FS3));               \
    }                                                                                              \
    BODY(fmsub_##f) {                                                                              \
        FP_ROUNDED(TO, READY_3(FROM), fp##N##_fma, FROM(FS1), FROM(FS2), FROM(FS3) ^ (sign));      \
    }                                                                                              \
    BODY(fnmsub_##f) {                                                                             \
        FP_ROUNDED(TO, READY_3(FROM), fp##N##_fma, FROM(FS1) ^ (sign), FROM(FS2), FROM(FS3));      \
    }                                                                                              \
    BODY(fnmadd_##f) {                                                                             \
        FP_ROUNDED(TO, READY_3(FROM), fp##N##_fma, FROM(FS1) ^ (sign), FROM(FS2),                  \
                   FROM(FS3) ^ (sign));                                                            \
    }                                                                                              \
                                                                                                   \
    BODY(fsgnj_##f) { FP_MOVE(TO, (FROM(FS1) & ~(sign)) | (FROM(FS2) & (sign))); }                 \
    BODY(fsgnjn_##f) { FP_MOVE(TO, (FROM(FS1) & ~(sign)) | (~FROM(FS2) & (sign))); }               \
    BODY(fsgnjx_##f) { FP_MOVE(TO, FROM(FS1) ^ (FROM(FS2) & (sign))); }                            \
    BODY(fmin_##f) { FP_UNROUNDED(TO, READY_2(FROM), fp##N##_min, FROM(FS1), FROM(FS2)); }         \
    BODY(fmax_##f) { FP_UNROUNDED(TO, READY_2(FROM), fp##N##_max, FROM(FS1), FROM(FS2)); }         \
                                                                                                   \
    BODY(feq_##f) { FP_UNROUNDED(TO_X, READY_2(FROM), fp##N##_eq, FROM(FS1), FROM(FS2)); }         \
    BODY(flt_##f) { FP_UNROUNDED(TO_X, READY_2(FROM), fp##N##_lt, FROM(FS1), FROM(FS2)); }         \
    BODY(fle_##f) { FP_UNROUNDED(TO_X, READY_2(FROM), fp##N##_le, FROM(FS1), FROM(FS2)); }         \
    BODY(fclass_##f) { FP_READ(fp##N##_class(FROM(FS1))); }                                        \
                                                                                                   \
    BODY(fcvt_w_##f) { FP_ROUNDED(TO_X, READY_1(FROM), fp##N##_to_i32, FROM(FS1)); }               \
    BODY(fcvt_wu_##f) { FP_ROUNDED(TO_X, READY_1(FROM), fp##N##_to_u32, FROM(FS1)); }              \
    BODY(fcvt_l_##f) { FP_ROUNDED(TO_X, READY_1(FROM), fp##N##_to_i64, FROM(FS1)); }               \
    BODY(fcvt_lu_##f) { FP_ROUNDED(TO_X, READY_1(FROM), fp##N##_to_u64, FROM(FS1)); }              \
    BODY(fcvt_##f##_w) { FP_ROUNDED(TO, READY_INTEGER, fp##N##_from_i32, RS1); }                   \
    BODY(fcvt_##f##_wu) { FP_ROUNDED(TO, READY_INTEGER, fp##N##_from_u32, RS1); }                  \
    BODY(fcvt_##f##_l) { FP_ROUNDED(TO, READY_INTEGER, fp##N##_from_i64, RS1); }                   \
    BODY(fcvt_##f##_lu) { FP_ROUNDED(TO, READY_INTEGER, fp##N##_from_u64, RS1); }

#endif
