// SPDX-License-Identifier: MIT
// Soft comparisons, minimum, maximum and classification. Numbers of one format compare as
// sign-and-magnitude integers do; only zeros and NaNs need a rule (IEEE 754, 5.11; unprivileged
// manual, "Single-Precision Floating-Point Compare Instructions" and the text on FMIN and FMAX).
#include "cpu/fp_number.h"

enum relation { EQUAL, LESS, LESS_OR_EQUAL };

static bool is_negative(const struct fp_format *f, uint64_t bits) {
    return (bits >> (f->width - 1) & 1) != 0;
}

// An integer in the order of the numbers. Both zeros are 0.
static int64_t rank(const struct fp_format *f, uint64_t bits) {
    const int64_t magnitude = (int64_t)(bits & ((UINT64_C(1) << (f->width - 1)) - 1));
    return is_negative(f, bits) ? -magnitude : magnitude;
}

static enum fp_kind stronger_kind(const struct fp_format *f, uint64_t a, uint64_t b) {
    const enum fp_kind ka = fp_unpack(f, a).kind, kb = fp_unpack(f, b).kind;
    return ka > kb ? ka : kb;
}

// With a NaN no relation holds, and the orderings object to quiet ones too.
static uint64_t compare(const struct fp_format *f, uint64_t a, uint64_t b, enum relation relation,
                        uint32_t *flags) {
    const enum fp_kind kind = stronger_kind(f, a, b);
    if (kind >= KIND_QUIET_NAN) {
        if (kind == KIND_SIGNALLING_NAN || relation != EQUAL) *flags |= FP_NV;
        return 0;
    }
    const int64_t ra = rank(f, a), rb = rank(f, b);
    return (ra < rb && relation != EQUAL) || (ra == rb && relation != LESS);
}

// The lesser operand, or with greater set the other one. Of two zeros the negative one is less.
static uint64_t lesser(const struct fp_format *f, uint64_t a, uint64_t b, bool greater,
                       uint32_t *flags) {
    const bool a_nan = fp_is_nan(fp_unpack(f, a)), b_nan = fp_is_nan(fp_unpack(f, b));
    if (stronger_kind(f, a, b) == KIND_SIGNALLING_NAN) *flags |= FP_NV;
    if (a_nan && b_nan)
        return fp_pack(f, (struct fp_number){.kind = KIND_QUIET_NAN}, FP_RNE, flags);
    if (a_nan || b_nan) return a_nan ? b : a;

    const int64_t ra = rank(f, a), rb = rank(f, b);
    const bool a_less = ra < rb || (ra == rb && is_negative(f, a));
    return a_less != greater ? a : b;
}

// The bit's number for positive numbers; negative ones mirror it about the middle of 0..7.
static uint64_t class_of(const struct fp_format *f, uint64_t bits) {
    const struct fp_number n = fp_unpack(f, bits);
    int bit = 6;
    switch (n.kind) {
    case KIND_QUIET_NAN: return 1 << 9;
    case KIND_SIGNALLING_NAN: return 1 << 8;
    case KIND_INFINITE: bit = 7; break;
    case KIND_FINITE:
        if (n.sig == 0)
            bit = 4;
        else if (fp_bit_length(n.sig) < f->precision)
            bit = 5;
    }
    return UINT64_C(1) << (n.sign ? 7 - bit : bit);
}

#define DEFINE_COMPARISONS(uint, N)                                                                \
    uint64_t fp##N##_eq(uint a, uint b, uint32_t *flags) {                                         \
        return compare(&FP_BINARY##N, a, b, EQUAL, flags);                                         \
    }                                                                                              \
    uint64_t fp##N##_lt(uint a, uint b, uint32_t *flags) {                                         \
        return compare(&FP_BINARY##N, a, b, LESS, flags);                                          \
    }                                                                                              \
    uint64_t fp##N##_le(uint a, uint b, uint32_t *flags) {                                         \
        return compare(&FP_BINARY##N, a, b, LESS_OR_EQUAL, flags);                                 \
    }                                                                                              \
    uint fp##N##_min(uint a, uint b, uint32_t *flags) {                                            \
        return (uint)lesser(&FP_BINARY##N, a, b, false, flags);                                    \
    }                                                                                              \
    uint fp##N##_max(uint a, uint b, uint32_t *flags) {                                            \
        return (uint)lesser(&FP_BINARY##N, a, b, true, flags);                                     \
    }                                                                                              \
    uint64_t fp##N##_class(uint a) { return class_of(&FP_BINARY##N, a); }

DEFINE_COMPARISONS(uint32_t, 32)
DEFINE_COMPARISONS(uint64_t, 64)
