// SPDX-License-Identifier: MIT
// The fast layer: every function of cpu/fp.h again as fast_..., inline, with the same arguments,
// results and flags. Each asks the host's FPU where that provably gives the same bits and flags,
// and calls the soft function where not. fflags is the guest's live fflags, not a fresh zero: that
// NX is set already often saves working out whether it is to be set.
//
// What is asked of the host: IEEE float and double evaluated in their own precision, rounding to
// nearest even, subnormals neither flushed nor read as zero: C's default environment, which
// Tablewalk never changes. The host's own flags are neither read nor cleared (that costs more than
// the operation). A compiler must not fuse a multiplication and an addition: build with
// -ffp-contract=off. On a host whose doubles are evaluated wider, everything is soft.
//
// Why it is exact. Let r be the host's result of an operation under RNE.
// (1) IEEE 754 defines the bits of r; only NaN payloads and flags are in question. A finite r comes
//     without NV, DZ and OF: those give NaN or infinity under RNE. (x / infinity = 0 and the like
//     are exact.) Infinite and NaN results go to soft, and with them all NaN operands.
// (2) UF needs a result that is tiny after rounding, so |r| <= the least normal number. A result
//     with an exponent field of 2 or more cannot be; sums are never tiny and inexact at once, as
//     all operands are multiples of the least subnormal. What is left is a zero: exact when an
//     operand of * or the dividend was zero, as infinity and NaN are excluded by r == 0.
// (3) So only NX is open. If it is set in fflags already, nothing is. If not, r is checked:
//     sum s = x + y: exact iff s - x == y and s - y' == x with y' = s - x. If the sum is exact, so
//         are both differences. If both hold, the two errors that Knuth's TwoSum adds up are zero,
//         and their sum is the error of s whenever nothing overflows; an overflow there makes an
//         infinity or NaN, which equals nothing finite.
//     product of singles: 24 + 24 bits fit the 53 of a double, whose range holds it as well.
//     product of doubles, all normal: r is exact iff mx * my == mr << shift for the 53-bit
//         significands and shift = er - ex - ey. It is 52 or 53, and the sides differ by at most
//         half an ulp of r, 2^53 in that scale: so it is enough to compare modulo 2^64.
//     quotient q = x / y: exact iff q * y is x; root q of x: iff q * q is x. The same comparison:
//         half an ulp of q times y or 2q is at most 2^54 in units of the product.
// (4) A single fma: p = a * b is exact in double; s = p + c rounds to 53 bits and then to 24. The
//     second rounding can go wrong only if s is a midpoint of two singles without being exact: as
//     rounding is monotonic, s is otherwise on the side of each midpoint on which the exact sum is.
// (5) A double fma is asked of the host only if it has the instruction (found at run time on
//     x86-64) and NX is set; C's fma() might be emulated, and more slowly than ours.
#ifndef TABLEWALK_CPU_FP_HOST_H
#define TABLEWALK_CPU_FP_HOST_H

#include "cpu/fp.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#ifdef __FAST_MATH__
#error "Tablewalk needs IEEE arithmetic: build without -ffast-math"
#endif

#if FLT_EVAL_METHOD == 0 && FLT_RADIX == 2 && FLT_MANT_DIG == 24 && DBL_MANT_DIG == 53
enum { FP_HOST_USABLE = 1 };
#else
enum { FP_HOST_USABLE = 0 };
#endif

// Bits to the host's numbers and back.
static inline float fp32_value(uint32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}
static inline uint32_t fp32_bits(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}
static inline double fp64_value(uint64_t bits) {
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}
static inline uint64_t fp64_bits(double value) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

// The exponent field; all ones is infinity or NaN.
static inline unsigned fp32_exponent(float r) { return fp32_bits(r) >> 23 & 0xff; }
static inline unsigned fp64_exponent(double r) { return (unsigned)(fp64_bits(r) >> 52) & 0x7ff; }

// Rule (1), for sums: no flag but NX is open. And rules (1) and (2), for everything else.
static inline bool fp32_is_finite(float r) { return fp32_exponent(r) != 0xff; }
static inline bool fp64_is_finite(double r) { return fp64_exponent(r) != 0x7ff; }
static inline bool fp32_is_clear(float r) { return fp32_exponent(r) - 2 < 0xff - 2; }
static inline bool fp64_is_clear(double r) { return fp64_exponent(r) - 2 < 0x7ff - 2; }

// Is the finite sum s = x + y exact?
static inline bool fp32_sum_is(float x, float y, float s) {
    const float rest = s - x;
    return rest == y && s - rest == x;
}
static inline bool fp64_sum_is(double x, double y, double s) {
    const double rest = s - x;
    return rest == y && s - rest == x;
}

// x * y == z? One of the three is the host's result for the other two, and none is zero. Doubles
// must be normal.
static inline bool fp32_product_is(float x, float y, float z) {
    return (double)x * (double)y == (double)z;
}
static inline uint64_t fp64_significand(double x) {
    const uint64_t hidden = UINT64_C(1) << 52;
    return hidden | (fp64_bits(x) & (hidden - 1));
}
static inline bool fp64_product_is(double x, double y, double z) {
    const unsigned shift = fp64_exponent(z) - fp64_exponent(x) - fp64_exponent(y) + 1023 + 52;
    return fp64_significand(x) * fp64_significand(y) == fp64_significand(z) << (shift & 63);
}

// Can the product check be had for these two operands? (Its third number is then normal too.)
static inline bool fp32_has_product(float x, float y) { return (void)x, (void)y, true; }
static inline bool fp64_has_product(double x, double y) {
    return fp64_exponent(x) != 0 && fp64_exponent(y) != 0;
}

// The rest of an operation on x (and y) when r is the host's result. settled: by (1) and (2) r is
// right and no flag but NX is open, and not even that if r is zero. exact: the check by (3), which
// makes sense if known is true.
#define FAST_BODY(N, settled, known, exact, soft)                                                  \
    if (FP_HOST_USABLE && rm == FP_RNE && (settled)) {                                             \
        if ((*fflags & FP_NX) != 0 || r == 0) return fp##N##_bits(r);                              \
        if (known) {                                                                               \
            if (!(exact)) *fflags |= FP_NX;                                                        \
            return fp##N##_bits(r);                                                                \
        }                                                                                          \
    }                                                                                              \
    return soft;

#define FAST_BINARY(uint, N, real, op, result, settled, known, exact)                              \
    static inline uint fast_fp##N##_##op(uint a, uint b, enum fp_round rm, uint32_t *fflags) {     \
        const real x = fp##N##_value(a), y = fp##N##_value(b), r = result;                         \
        FAST_BODY(N, settled, known, exact, fp##N##_##op(a, b, rm, fflags))                        \
    }

#define FAST_UNARY(uint, N, real, op, result, settled, known, exact)                               \
    static inline uint fast_fp##N##_##op(uint a, enum fp_round rm, uint32_t *fflags) {             \
        const real x = fp##N##_value(a), r = result;                                               \
        FAST_BODY(N, settled, known, exact, fp##N##_##op(a, rm, fflags))                           \
    }

#define FAST_ARITHMETIC(uint, N, real, root)                                                       \
    FAST_BINARY(uint, N, real, add, x + y, fp##N##_is_finite(r), true, fp##N##_sum_is(x, y, r))    \
    FAST_BINARY(uint, N, real, sub, x - y, fp##N##_is_finite(r), true, fp##N##_sum_is(x, -y, r))   \
    FAST_BINARY(uint, N, real, mul, x *y, fp##N##_is_clear(r) || (r == 0 && (x == 0 || y == 0)),   \
                fp##N##_has_product(x, y), fp##N##_product_is(x, y, r))                            \
    FAST_BINARY(uint, N, real, div, x / y, fp##N##_is_clear(r) || (r == 0 && x == 0),              \
                fp##N##_has_product(x, y), fp##N##_product_is(r, y, x))                            \
    FAST_UNARY(uint, N, real, sqrt, root(x), fp##N##_is_clear(r) || x == 0,                        \
               fp##N##_has_product(x, x), fp##N##_product_is(r, r, x))

FAST_ARITHMETIC(uint32_t, 32, float, sqrtf)
FAST_ARITHMETIC(uint64_t, 64, double, sqrt)

// By (4). A midpoint has 24 significant bits, a one, and zeros.
static inline uint32_t fast_fp32_fma(uint32_t a, uint32_t b, uint32_t c, enum fp_round rm,
                                     uint32_t *fflags) {
    const double product = (double)fp32_value(a) * (double)fp32_value(b);
    const double addend = (double)fp32_value(c), sum = product + addend;
    const bool midpoint = (fp64_bits(sum) & 0x1fffffff) == 0x10000000;
    const float r = (float)sum;
    if (!FP_HOST_USABLE || rm != FP_RNE || midpoint || !fp32_is_clear(r))
        return fp32_fma(a, b, c, rm, fflags);
    if ((*fflags & FP_NX) == 0 && !((double)r == sum && fp64_sum_is(product, addend, sum)))
        *fflags |= FP_NX;
    return fp32_bits(r);
}

// By (5).
#if defined(__FP_FAST_FMA)
static inline bool fp_host_has_fma(void) { return true; }
static inline double fp_host_fma(double x, double y, double z) { return __builtin_fma(x, y, z); }
#elif defined(__x86_64__)
static inline bool fp_host_has_fma(void) { return __builtin_cpu_supports("fma") != 0; }
double fp_host_fma(double x, double y, double z); // only where there is one
#else
static inline bool fp_host_has_fma(void) { return false; }
static inline double fp_host_fma(double x, double y, double z) { return x * y + z; } // never called
#endif

static inline uint64_t fast_fp64_fma(uint64_t a, uint64_t b, uint64_t c, enum fp_round rm,
                                     uint32_t *fflags) {
    if (FP_HOST_USABLE && rm == FP_RNE && (*fflags & FP_NX) != 0 && fp_host_has_fma()) {
        const double r = fp_host_fma(fp64_value(a), fp64_value(b), fp64_value(c));
        if (fp64_is_clear(r)) return fp64_bits(r);
    }
    return fp64_fma(a, b, c, rm, fflags);
}

// Comparisons, minimum and maximum raise no flag when neither operand is a NaN. Equal operands are
// the same bits but for the sign of zero, which the minimum takes from either, the maximum from
// both.
#define FAST_COMPARISONS(uint, N, real)                                                            \
    static inline bool fp##N##_ordered(uint a, uint b) {                                           \
        return FP_HOST_USABLE && !isunordered(fp##N##_value(a), fp##N##_value(b));                 \
    }                                                                                              \
    static inline uint64_t fast_fp##N##_eq(uint a, uint b, uint32_t *fflags) {                     \
        if (!fp##N##_ordered(a, b)) return fp##N##_eq(a, b, fflags);                               \
        return fp##N##_value(a) == fp##N##_value(b);                                               \
    }                                                                                              \
    static inline uint64_t fast_fp##N##_lt(uint a, uint b, uint32_t *fflags) {                     \
        if (!fp##N##_ordered(a, b)) return fp##N##_lt(a, b, fflags);                               \
        return fp##N##_value(a) < fp##N##_value(b);                                                \
    }                                                                                              \
    static inline uint64_t fast_fp##N##_le(uint a, uint b, uint32_t *fflags) {                     \
        if (!fp##N##_ordered(a, b)) return fp##N##_le(a, b, fflags);                               \
        return fp##N##_value(a) <= fp##N##_value(b);                                               \
    }                                                                                              \
    static inline uint fast_fp##N##_min(uint a, uint b, uint32_t *fflags) {                        \
        if (!fp##N##_ordered(a, b)) return fp##N##_min(a, b, fflags);                              \
        const real x = fp##N##_value(a), y = fp##N##_value(b);                                     \
        return x == y ? a | b : x < y ? a : b;                                                     \
    }                                                                                              \
    static inline uint fast_fp##N##_max(uint a, uint b, uint32_t *fflags) {                        \
        if (!fp##N##_ordered(a, b)) return fp##N##_max(a, b, fflags);                              \
        const real x = fp##N##_value(a), y = fp##N##_value(b);                                     \
        return x == y ? a & b : x > y ? a : b;                                                     \
    }                                                                                              \
    static inline uint64_t fast_fp##N##_class(uint a) { return fp##N##_class(a); }

FAST_COMPARISONS(uint32_t, 32, float)
FAST_COMPARISONS(uint64_t, 64, double)

// To an integer: C's conversion truncates. That is RTZ, and every mode when nothing is lost. Where
// x is in range (so not a NaN) its truncation fits int64_t. A single is a double; what a
// signalling NaN becomes on the way is as invalid to convert.
#define FAST_TO_INTEGER(name, type, in_range)                                                      \
    static inline uint64_t fast_fp64_to_##name(uint64_t a, enum fp_round rm, uint32_t *fflags) {   \
        const double x = fp64_value(a);                                                            \
        if (!FP_HOST_USABLE || !(in_range)) return fp64_to_##name(a, rm, fflags);                  \
        const int64_t whole = (int64_t)x;                                                          \
        if ((double)whole != x) {                                                                  \
            if (rm != FP_RTZ) return fp64_to_##name(a, rm, fflags);                                \
            *fflags |= FP_NX;                                                                      \
        }                                                                                          \
        return (uint64_t)(type)whole;                                                              \
    }                                                                                              \
    static inline uint64_t fast_fp32_to_##name(uint32_t a, enum fp_round rm, uint32_t *fflags) {   \
        return fast_fp64_to_##name(fp64_bits((double)fp32_value(a)), rm, fflags);                  \
    }

FAST_TO_INTEGER(i32, int32_t, x > -0x1.00000002p31 && x < 0x1p31)
FAST_TO_INTEGER(u32, int32_t, x > -1 && x < 0x1p32)
FAST_TO_INTEGER(i64, int64_t, x >= -0x1p63 && x < 0x1p63)
FAST_TO_INTEGER(u64, int64_t, x > -1 && x < 0x1p63)

// Between the formats. A clear single that is the same number is right in every mode.
static inline uint32_t fast_fp32_from_fp64(uint64_t a, enum fp_round rm, uint32_t *fflags) {
    const double x = fp64_value(a);
    const float r = (float)x;
    if (FP_HOST_USABLE && (fp32_is_clear(r) || x == 0)) {
        if ((double)r == x) return fp32_bits(r);
        if (rm == FP_RNE) {
            *fflags |= FP_NX;
            return fp32_bits(r);
        }
    }
    return fp32_from_fp64(a, rm, fflags);
}

static inline uint64_t fast_fp64_from_fp32(uint32_t a, uint32_t *fflags) {
    const float x = fp32_value(a);
    return FP_HOST_USABLE && x == x ? fp64_bits((double)x) : fp64_from_fp32(a, fflags);
}

// From an integer: what fits 53 bits is a double in every mode, and a single when that double is
// rounded.
#define FAST_FROM_INTEGER(name, type, fits)                                                        \
    static inline uint64_t fast_fp64_from_##name(uint64_t a, enum fp_round rm, uint32_t *fflags) { \
        const type x = (type)a;                                                                    \
        if (!FP_HOST_USABLE || !(fits)) return fp64_from_##name(a, rm, fflags);                    \
        return fp64_bits((double)x);                                                               \
    }                                                                                              \
    static inline uint32_t fast_fp32_from_##name(uint64_t a, enum fp_round rm, uint32_t *fflags) { \
        const type x = (type)a;                                                                    \
        if (!FP_HOST_USABLE || !(fits)) return fp32_from_##name(a, rm, fflags);                    \
        return fast_fp32_from_fp64(fp64_bits((double)x), rm, fflags);                              \
    }

FAST_FROM_INTEGER(i32, int32_t, true)
FAST_FROM_INTEGER(u32, uint32_t, true)
FAST_FROM_INTEGER(i64, int64_t, x >= -(INT64_C(1) << 53) && x <= INT64_C(1) << 53)
FAST_FROM_INTEGER(u64, uint64_t, x <= UINT64_C(1) << 53)

#undef FAST_BODY
#undef FAST_BINARY
#undef FAST_UNARY
#undef FAST_ARITHMETIC
#undef FAST_COMPARISONS
#undef FAST_TO_INTEGER
#undef FAST_FROM_INTEGER

#endif
