// SPDX-License-Identifier: MIT
// Floating point as the unprivileged manual's F and D chapters define it: IEEE 754-2008 results and
// exception flags, bit for bit, in the five rounding modes, with canonical NaNs and tininess
// detected after rounding. Values are raw bit patterns (uint32_t for single, uint64_t for double);
// NaN boxing is the caller's work (fp_unbox, fp_box). No function here keeps state: the rounding
// mode goes in, the flags that the operation raised are ORed into *flags.
#ifndef TABLEWALK_CPU_FP_H
#define TABLEWALK_CPU_FP_H

#include <stdint.h>

// The rm encodings of the manual (unprivileged, "Floating-Point Control and Status Register").
enum fp_round { FP_RNE = 0, FP_RTZ = 1, FP_RDN = 2, FP_RUP = 3, FP_RMM = 4, FP_DYN = 7 };

// The bits of fflags.
enum fp_flag { FP_NX = 1, FP_UF = 2, FP_OF = 4, FP_DZ = 8, FP_NV = 16 };

#define FP32_NAN UINT32_C(0x7fc00000)
#define FP64_NAN UINT64_C(0x7ff8000000000000)

// A single in a 64-bit register has all upper bits set; anything else reads as the canonical NaN.
static inline uint32_t fp_unbox(uint64_t reg) {
    return reg >> 32 == UINT32_MAX ? (uint32_t)reg : FP32_NAN;
}
static inline uint64_t fp_box(uint32_t single) { return UINT64_C(0xffffffff00000000) | single; }

// Arithmetic. rm is one of the five static modes (the caller has resolved FP_DYN and refused 5 and
// 6).
uint32_t fp32_add(uint32_t a, uint32_t b, enum fp_round rm, uint32_t *flags);
uint32_t fp32_sub(uint32_t a, uint32_t b, enum fp_round rm, uint32_t *flags);
uint32_t fp32_mul(uint32_t a, uint32_t b, enum fp_round rm, uint32_t *flags);
uint32_t fp32_div(uint32_t a, uint32_t b, enum fp_round rm, uint32_t *flags);
uint32_t fp32_sqrt(uint32_t a, enum fp_round rm, uint32_t *flags);
// a * b + c, rounded once.
uint32_t fp32_fma(uint32_t a, uint32_t b, uint32_t c, enum fp_round rm, uint32_t *flags);
uint64_t fp64_add(uint64_t a, uint64_t b, enum fp_round rm, uint32_t *flags);
uint64_t fp64_sub(uint64_t a, uint64_t b, enum fp_round rm, uint32_t *flags);
uint64_t fp64_mul(uint64_t a, uint64_t b, enum fp_round rm, uint32_t *flags);
uint64_t fp64_div(uint64_t a, uint64_t b, enum fp_round rm, uint32_t *flags);
uint64_t fp64_sqrt(uint64_t a, enum fp_round rm, uint32_t *flags);
uint64_t fp64_fma(uint64_t a, uint64_t b, uint64_t c, enum fp_round rm, uint32_t *flags);

// Comparisons give 0 or 1. eq is quiet (NV on signalling NaNs alone), lt and le are signalling.
uint64_t fp32_eq(uint32_t a, uint32_t b, uint32_t *flags);
uint64_t fp32_lt(uint32_t a, uint32_t b, uint32_t *flags);
uint64_t fp32_le(uint32_t a, uint32_t b, uint32_t *flags);
uint64_t fp64_eq(uint64_t a, uint64_t b, uint32_t *flags);
uint64_t fp64_lt(uint64_t a, uint64_t b, uint32_t *flags);
uint64_t fp64_le(uint64_t a, uint64_t b, uint32_t *flags);

// minimumNumber and maximumNumber: -0 < +0; one NaN gives the other operand; a signalling NaN sets
// NV.
uint32_t fp32_min(uint32_t a, uint32_t b, uint32_t *flags);
uint32_t fp32_max(uint32_t a, uint32_t b, uint32_t *flags);
uint64_t fp64_min(uint64_t a, uint64_t b, uint32_t *flags);
uint64_t fp64_max(uint64_t a, uint64_t b, uint32_t *flags);

// fclass: one of ten bits.
uint64_t fp32_class(uint32_t a);
uint64_t fp64_class(uint64_t a);

// To integers: out of range and NaN saturate as the manual's table says and set NV alone. The
// 32-bit results come sign-extended to 64 bits, for the unsigned conversion too.
uint64_t fp32_to_i32(uint32_t a, enum fp_round rm, uint32_t *flags);
uint64_t fp32_to_u32(uint32_t a, enum fp_round rm, uint32_t *flags);
uint64_t fp32_to_i64(uint32_t a, enum fp_round rm, uint32_t *flags);
uint64_t fp32_to_u64(uint32_t a, enum fp_round rm, uint32_t *flags);
uint64_t fp64_to_i32(uint64_t a, enum fp_round rm, uint32_t *flags);
uint64_t fp64_to_u32(uint64_t a, enum fp_round rm, uint32_t *flags);
uint64_t fp64_to_i64(uint64_t a, enum fp_round rm, uint32_t *flags);
uint64_t fp64_to_u64(uint64_t a, enum fp_round rm, uint32_t *flags);

// From integers. The 32-bit conversions read the low half of the register.
uint32_t fp32_from_i32(uint64_t a, enum fp_round rm, uint32_t *flags);
uint32_t fp32_from_u32(uint64_t a, enum fp_round rm, uint32_t *flags);
uint32_t fp32_from_i64(uint64_t a, enum fp_round rm, uint32_t *flags);
uint32_t fp32_from_u64(uint64_t a, enum fp_round rm, uint32_t *flags);
uint64_t fp64_from_i32(uint64_t a, enum fp_round rm, uint32_t *flags);
uint64_t fp64_from_u32(uint64_t a, enum fp_round rm, uint32_t *flags);
uint64_t fp64_from_i64(uint64_t a, enum fp_round rm, uint32_t *flags);
uint64_t fp64_from_u64(uint64_t a, enum fp_round rm, uint32_t *flags);

// Between formats.
uint32_t fp32_from_fp64(uint64_t a, enum fp_round rm, uint32_t *flags);
uint64_t fp64_from_fp32(uint32_t a, uint32_t *flags);

#endif
