// SPDX-License-Identifier: MIT
// Soft conversions: to and from integers, and between the formats (unprivileged manual,
// "Single-Precision Floating-Point Conversion and Move Instructions" and its table of the domains
// of float-to-integer conversions). An integer is an exact number like any other, so the way from
// one is to pack it, and the way to one is to round to units of 2^0.
#include "cpu/fp_number.h"

// The integers that a conversion can give: -lowest .. highest. Results of both 32-bit kinds are
// sign-extended into the register.
struct integer_type {
    uint64_t lowest, highest;
    bool is_32_bits;
};

static const struct integer_type I32 = {UINT64_C(1) << 31, INT32_MAX, true};
static const struct integer_type U32 = {0, UINT32_MAX, true};
static const struct integer_type I64 = {UINT64_C(1) << 63, INT64_MAX, false};
static const struct integer_type U64 = {0, UINT64_MAX, false};

static uint64_t in_register(const struct integer_type *type, uint64_t x) {
    return type->is_32_bits ? (uint64_t)(int64_t)(int32_t)(uint32_t)x : x;
}

// What does not fit after rounding gives the nearest integer that does, and NV without NX; a NaN
// counts as plus infinity.
static uint64_t to_integer(const struct integer_type *type, struct fp_number n, enum fp_round rm,
                           uint32_t *flags) {
    const bool negative = n.sign && !fp_is_nan(n);
    const uint64_t limit = negative ? type->lowest : type->highest;
    struct fp_units r = {0, false};
    bool fits = n.kind == KIND_FINITE && (n.sig == 0 || fp_magnitude(n) < 64);
    if (fits) {
        r = fp_round_to(n, 0, rm);
        fits = r.count <= limit;
    }
    if (!fits) {
        *flags |= FP_NV;
        r.count = limit;
    } else if (r.inexact) {
        *flags |= FP_NX;
    }
    return in_register(type, negative ? 0 - r.count : r.count);
}

static struct fp_number from_signed(int64_t x) {
    const uint64_t bits = (uint64_t)x;
    return (struct fp_number){.kind = KIND_FINITE, .sign = x < 0, .sig = x < 0 ? 0 - bits : bits};
}

static struct fp_number from_unsigned(uint64_t x) {
    return (struct fp_number){.kind = KIND_FINITE, .sig = x};
}

#define DEFINE_TO_INTEGER(uint, N, name, type)                                                     \
    uint64_t fp##N##_to_##name(uint a, enum fp_round rm, uint32_t *flags) {                        \
        return to_integer(&type, fp_unpack(&FP_BINARY##N, a), rm, flags);                          \
    }

#define DEFINE_FROM_INTEGER(uint, N, name, number)                                                 \
    uint fp##N##_from_##name(uint64_t a, enum fp_round rm, uint32_t *flags) {                      \
        return (uint)fp_pack(&FP_BINARY##N, number, rm, flags);                                    \
    }

#define DEFINE_CONVERSIONS(uint, N)                                                                \
    DEFINE_TO_INTEGER(uint, N, i32, I32)                                                           \
    DEFINE_TO_INTEGER(uint, N, u32, U32)                                                           \
    DEFINE_TO_INTEGER(uint, N, i64, I64)                                                           \
    DEFINE_TO_INTEGER(uint, N, u64, U64)                                                           \
    DEFINE_FROM_INTEGER(uint, N, i32, from_signed((int32_t)(uint32_t)a))                           \
    DEFINE_FROM_INTEGER(uint, N, u32, from_unsigned((uint32_t)a))                                  \
    DEFINE_FROM_INTEGER(uint, N, i64, from_signed((int64_t)a))                                     \
    DEFINE_FROM_INTEGER(uint, N, u64, from_unsigned(a))

DEFINE_CONVERSIONS(uint32_t, 32)
DEFINE_CONVERSIONS(uint64_t, 64)

uint32_t fp32_from_fp64(uint64_t a, enum fp_round rm, uint32_t *flags) {
    return (uint32_t)fp_pack(&FP_BINARY32, fp_unpack(&FP_BINARY64, a), rm, flags);
}

// Every single is a double, so no rounding mode is asked for.
uint64_t fp64_from_fp32(uint32_t a, uint32_t *flags) {
    return fp_pack(&FP_BINARY64, fp_unpack(&FP_BINARY32, a), FP_RNE, flags);
}
