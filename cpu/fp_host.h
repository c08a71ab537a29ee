// SPDX-License-Identifier: MIT
// The fast layer: every function of cpu/fp.h again as host_..., inline, asking the host's FPU where
// that provably gives the same bits and flags. Each takes the arguments of its namesake and, last,
// where to put the result. It returns true if the result is there and the flags are raised, false
// (nothing raised) if the soft function has to be called, or the rounding mode is invalid. fflags
// is the guest's live fflags, not a fresh zero: that NX is set already often saves working out
// whether it is to be set.
//
// What is asked of the host: IEEE float and double evaluated in their own precision, rounding to
// nearest even, subnormals neither flushed nor read as zero: C's default environment, which
// Tablewalk never changes. The host's own flags are neither read nor cleared (that costs more than
// the operation). A compiler must not fuse a multiplication and an addition: build with
// -ffp-contract=off. On a host whose doubles are evaluated wider, everything is soft.
//
// Why it is exact. Let r be the host's result of an operation under RNE.
// (1) IEEE 754 defines the bits of r; only NaN payloads and flags are in question. A finite r comes
//     without NV, DZ and OF: under RNE those give NaN or infinity. Infinite and NaN results go to
//     soft, and with them all NaN operands.
// (2) UF needs a result that is tiny after rounding, so |r| <= the least normal number. A result
//     with an exponent field of 2 or more cannot be tiny; nor can a sum be tiny and inexact at
//     once, as all operands are multiples of the least subnormal. What is left is r = 0: exact when
//     a factor or the dividend was zero, for then the other operand was no infinity or NaN (or the
//     divisor was infinity, which is as exact).
// (3) So only NX is open. If it is set in fflags already, nothing is. If not, r is checked:
//     sum s = x + y: exact iff s - x == y and s - y' == x with y' = s - x. If the sum is exact, so
//         are both differences. If both hold, the two errors that Knuth's TwoSum adds up are zero,
//         and their sum is the error of s whenever nothing overflows; an overflow there makes an
//         infinity or NaN, which equals nothing finite. Differences likewise, with -y for y.
//     product of singles: 24 + 24 bits fit the 53 of a double, whose range holds it as well.
//     product of doubles, all normal: r is exact iff mx * my == mr << shift for the 53-bit
//         significands and shift = er - ex - ey. It is 52 or 53, and the sides differ by at most
//         half an ulp of r, 2^52 in that scale: so it is enough to compare modulo 2^64.
//     quotient q = x / y: exact iff q * y is x; root q of x: iff q * q is x. The same comparison:
//         half an ulp of q times y or 2q is at most 2^54 in units of the product.
// (4) A single fma: p = a * b is exact in double; s = p + c rounds to 53 bits and then to 24. The
//     second rounding can go wrong only if s is a midpoint of two singles without being exact: as
//     rounding is monotonic, s is otherwise on the side of each midpoint on which the exact sum is.
// (5) A double fma is asked of the host only if it has the instruction and NX is set; C's fma()
//     might be emulated, and more slowly than ours.
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

// Always: the bodies are also compiled to stencils (cpu/gen/stencils.c), which can neither call nor
// have constants in memory.
#define FP_INLINE static inline __attribute__((always_inline))

// Bits to the host's numbers and back.
FP_INLINE float fp32_value(uint32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}
FP_INLINE uint32_t fp32_bits(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}
FP_INLINE double fp64_value(uint64_t bits) {
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}
FP_INLINE uint64_t fp64_bits(double value) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

// The exponent field; all ones is infinity or NaN.
FP_INLINE unsigned fp32_exponent(float r) { return fp32_bits(r) >> 23 & 0xff; }
FP_INLINE unsigned fp64_exponent(double r) { return (unsigned)(fp64_bits(r) >> 52) & 0x7ff; }

// Rule (1), for sums: no flag but NX is open. And rules (1) and (2), for everything else.
FP_INLINE bool fp32_is_finite(float r) { return fp32_exponent(r) != 0xff; }
FP_INLINE bool fp64_is_finite(double r) { return fp64_exponent(r) != 0x7ff; }
FP_INLINE bool fp32_is_clear(float r) { return fp32_exponent(r) - 2 < 0xff - 2; }
FP_INLINE bool fp64_is_clear(double r) { return fp64_exponent(r) - 2 < 0x7ff - 2; }

// Is the finite sum s = x + y, or difference s = x - y, exact?
#define HOST_SUM_IS(N, real)                                                                       \
    FP_INLINE bool fp##N##_sum_is(real x, real y, real s) {                                        \
        const real rest = s - x;                                                                   \
        return rest == y && s - rest == x;                                                         \
    }                                                                                              \
    FP_INLINE bool fp##N##_difference_is(real x, real y, real s) {                                 \
        const real rest = x - s;                                                                   \
        return rest == y && s + rest == x;                                                         \
    }

HOST_SUM_IS(32, float)
HOST_SUM_IS(64, double)

// x * y == z? One of the three is the host's result for the other two. Where z is zero, the result
// is and was settled, so it is exact. Other doubles must be normal.
FP_INLINE bool fp32_product_is(float x, float y, float z) {
    return z == 0 || (double)x * (double)y == (double)z;
}
FP_INLINE uint64_t fp64_significand(double x) {
    const uint64_t hidden = UINT64_C(1) << 52;
    return hidden | (fp64_bits(x) & (hidden - 1));
}
FP_INLINE bool fp64_product_is(double x, double y, double z) {
    const unsigned shift = fp64_exponent(z) - fp64_exponent(x) - fp64_exponent(y) + 1023 + 52;
    return z == 0 || fp64_significand(x) * fp64_significand(y) == fp64_significand(z)
                                                                      << (shift & 63);
}

// Can the product check be had for these?
FP_INLINE bool fp32_has_product(float x, float y, float z) {
    return (void)x, (void)y, (void)z, true;
}
FP_INLINE bool fp64_has_product(double x, double y, double z) {
    return z == 0 || (fp64_exponent(x) != 0 && fp64_exponent(y) != 0 && fp64_exponent(z) != 0);
}

// The rest of an operation on x (and y) when r is the host's result. settled: by (1) and (2) r is
// right and no flag but NX is open. exact: the check by (3), which makes sense if known is true.
#define HOST_FINISH(N, settled, known, exact)                                                      \
    *result = fp##N##_bits(r);                                                                     \
    if (!(settled)) return false;                                                                  \
    if (__builtin_expect((*fflags & FP_NX) != 0, 1)) return true;                                  \
    if (!(known)) return false;                                                                    \
    if (!(exact)) *fflags |= FP_NX;                                                                \
    return true;

#define HOST_BINARY(uint, N, real, op, computed, settled, known, exact)                            \
    FP_INLINE bool host_fp##N##_##op(uint a, uint b, enum fp_round rm, uint32_t *fflags,           \
                                     uint *result) {                                               \
        if (!FP_HOST_USABLE || rm != FP_RNE) return false;                                         \
        const real x = fp##N##_value(a), y = fp##N##_value(b), r = computed;                       \
        HOST_FINISH(N, settled, known, exact)                                                      \
    }

#define HOST_UNARY(uint, N, real, op, computed, settled, known, exact)                             \
    FP_INLINE bool host_fp##N##_##op(uint a, enum fp_round rm, uint32_t *fflags, uint *result) {   \
        if (!FP_HOST_USABLE || rm != FP_RNE) return false;                                         \
        const real x = fp##N##_value(a), r = computed;                                             \
        HOST_FINISH(N, settled, known, exact)                                                      \
    }

#define HOST_ARITHMETIC(uint, N, real, root)                                                       \
    HOST_BINARY(uint, N, real, add, x + y, fp##N##_is_finite(r), true, fp##N##_sum_is(x, y, r))    \
    HOST_BINARY(uint, N, real, sub, x - y, fp##N##_is_finite(r), true,                             \
                fp##N##_difference_is(x, y, r))                                                    \
    HOST_BINARY(uint, N, real, mul, x *y, fp##N##_is_clear(r) || (r == 0 && (x == 0 || y == 0)),   \
                fp##N##_has_product(x, y, r), fp##N##_product_is(x, y, r))                         \
    HOST_BINARY(uint, N, real, div, x / y, fp##N##_is_clear(r) || (r == 0 && x == 0),              \
                fp##N##_has_product(r, y, x), fp##N##_product_is(r, y, x))                         \
    HOST_UNARY(uint, N, real, sqrt, root(x), fp##N##_is_clear(r) || x == 0,                        \
               fp##N##_has_product(r, r, x), fp##N##_product_is(r, r, x))

HOST_ARITHMETIC(uint32_t, 32, float, sqrtf)
HOST_ARITHMETIC(uint64_t, 64, double, sqrt)

// By (4). A midpoint has 24 significant bits, a one, and zeros.
FP_INLINE bool host_fp32_fma(uint32_t a, uint32_t b, uint32_t c, enum fp_round rm, uint32_t *fflags,
                             uint32_t *result) {
    if (!FP_HOST_USABLE || rm != FP_RNE) return false;
    const double product = (double)fp32_value(a) * (double)fp32_value(b);
    const double addend = (double)fp32_value(c), sum = product + addend;
    const bool midpoint = (fp64_bits(sum) & 0x1fffffff) == 0x10000000;
    const float r = (float)sum;
    *result = fp32_bits(r);
    if (midpoint || !fp32_is_clear(r)) return false;
    if ((*fflags & FP_NX) == 0 && !((double)r == sum && fp64_sum_is(product, addend, sum)))
        *fflags |= FP_NX;
    return true;
}

// The host's fused multiply-add. x86-64 has the instruction since 2013, so there the program looks
// for it when it starts; the compiler may not assume it, but the assembler knows it.
#if defined(__FP_FAST_FMA)
FP_INLINE bool fp_host_has_fma(void) { return true; }
FP_INLINE double fp_host_fma(double x, double y, double z) { return __builtin_fma(x, y, z); }
#elif defined(__x86_64__)
FP_INLINE bool fp_host_has_fma(void) { return __builtin_cpu_supports("fma") != 0; }
FP_INLINE double fp_host_fma(double x, double y, double z) {
    __asm__("vfmadd213sd %2, %1, %0" : "+x"(x) : "x"(y), "x"(z));
    return x;
}
#else
FP_INLINE bool fp_host_has_fma(void) { return false; }
FP_INLINE double fp_host_fma(double x, double y, double z) { return x * y + z; } // never called
#endif

// By (5). has_fma: what fp_host_has_fma() says, which the caller keeps where it is quickly read.
FP_INLINE bool host_fp64_fma(bool has_fma, uint64_t a, uint64_t b, uint64_t c, enum fp_round rm,
                             const uint32_t *fflags, uint64_t *result) {
    if (!FP_HOST_USABLE || rm != FP_RNE || !has_fma || (*fflags & FP_NX) == 0) return false;
    const double r = fp_host_fma(fp64_value(a), fp64_value(b), fp64_value(c));
    *result = fp64_bits(r);
    return fp64_is_clear(r);
}

// Comparisons, minimum and maximum raise no flag when neither operand is a NaN. Equal operands are
// the same bits but for the sign of zero, which the minimum takes from either, the maximum from
// both.
#define HOST_COMPARISON(uint, N, real, op, type, computed)                                         \
    FP_INLINE bool host_fp##N##_##op(uint a, uint b, const uint32_t *fflags, type *result) {       \
        (void)fflags;                                                                              \
        const real x = fp##N##_value(a), y = fp##N##_value(b);                                     \
        *result = computed;                                                                        \
        return FP_HOST_USABLE && !isunordered(x, y);                                               \
    }

#define HOST_COMPARISONS(uint, N, real)                                                            \
    HOST_COMPARISON(uint, N, real, eq, uint64_t, x == y)                                           \
    HOST_COMPARISON(uint, N, real, lt, uint64_t, x < y)                                            \
    HOST_COMPARISON(uint, N, real, le, uint64_t, x <= y)                                           \
    HOST_COMPARISON(uint, N, real, min, uint, x == y ? a | b : x < y ? a : b)                      \
    HOST_COMPARISON(uint, N, real, max, uint, x == y ? a & b : x > y ? a : b)

HOST_COMPARISONS(uint32_t, 32, float)
HOST_COMPARISONS(uint64_t, 64, double)

// To an integer: C's conversion truncates. That is RTZ, and every mode when nothing is lost. `bits`
// is such that all |x| < 2^bits fit the type; negative numbers fit an unsigned type where |x| < 1.
// Every single is a double.
#define HOST_TO_INTEGER(name, type, bits, is_signed)                                               \
    FP_INLINE bool host_double_to_##name(double x, enum fp_round rm, uint32_t *fflags,             \
                                         uint64_t *result) {                                       \
        const bool negative = fp64_bits(x) >> 63 != 0;                                             \
        const unsigned limit = (is_signed) || !negative ? 1023 + (bits) : 1023;                    \
        if (!FP_HOST_USABLE || rm > FP_RMM || fp64_exponent(x) >= limit) return false;             \
        const int64_t whole = (int64_t)x;                                                          \
        *result = (uint64_t)(type)whole;                                                           \
        if ((double)whole == x) return true;                                                       \
        if (rm != FP_RTZ) return false;                                                            \
        *fflags |= FP_NX;                                                                          \
        return true;                                                                               \
    }                                                                                              \
    FP_INLINE bool host_fp64_to_##name(uint64_t a, enum fp_round rm, uint32_t *fflags,             \
                                       uint64_t *result) {                                         \
        return host_double_to_##name(fp64_value(a), rm, fflags, result);                           \
    }                                                                                              \
    FP_INLINE bool host_fp32_to_##name(uint32_t a, enum fp_round rm, uint32_t *fflags,             \
                                       uint64_t *result) {                                         \
        return host_double_to_##name((double)fp32_value(a), rm, fflags, result);                   \
    }

HOST_TO_INTEGER(i32, int32_t, 31, true)
HOST_TO_INTEGER(u32, int32_t, 32, false) // a register has it sign-extended
HOST_TO_INTEGER(i64, int64_t, 63, true)
HOST_TO_INTEGER(u64, int64_t, 63, false)

// Between the formats. A clear single that is the same number is right in every mode.
FP_INLINE bool host_double_to_single(double x, enum fp_round rm, uint32_t *fflags,
                                     uint32_t *result) {
    const float r = (float)x;
    *result = fp32_bits(r);
    if (!FP_HOST_USABLE || rm > FP_RMM || !(fp32_is_clear(r) || x == 0)) return false;
    if ((double)r == x) return true;
    if (rm != FP_RNE) return false;
    *fflags |= FP_NX;
    return true;
}
FP_INLINE bool host_fp32_from_fp64(uint64_t a, enum fp_round rm, uint32_t *fflags,
                                   uint32_t *result) {
    return host_double_to_single(fp64_value(a), rm, fflags, result);
}
FP_INLINE bool host_fp64_from_fp32(uint32_t a, const uint32_t *fflags, uint64_t *result) {
    (void)fflags;
    const float x = fp32_value(a);
    *result = fp64_bits((double)x);
    return FP_HOST_USABLE && x == x;
}

// From an integer x: what fits 53 bits is a double in every mode, and a single when that double is
// rounded.
#define HOST_FROM_INTEGER(name, number, fits)                                                      \
    FP_INLINE bool host_fp64_from_##name(uint64_t a, enum fp_round rm, const uint32_t *fflags,     \
                                         uint64_t *result) {                                       \
        (void)fflags;                                                                              \
        const int64_t x = number;                                                                  \
        *result = fp64_bits((double)x);                                                            \
        return FP_HOST_USABLE && rm <= FP_RMM && (fits);                                           \
    }                                                                                              \
    FP_INLINE bool host_fp32_from_##name(uint64_t a, enum fp_round rm, uint32_t *fflags,           \
                                         uint32_t *result) {                                       \
        const int64_t x = number;                                                                  \
        return (fits) && host_double_to_single((double)x, rm, fflags, result);                     \
    }

HOST_FROM_INTEGER(i32, (int32_t)a, true)
HOST_FROM_INTEGER(u32, (uint32_t)a, true)
HOST_FROM_INTEGER(i64, (int64_t)a, x >= -(INT64_C(1) << 53) && x <= INT64_C(1) << 53)
HOST_FROM_INTEGER(u64, (int64_t)a, x >= 0 && x <= INT64_C(1) << 53)

#undef FP_INLINE
#undef HOST_SUM_IS
#undef HOST_FINISH
#undef HOST_BINARY
#undef HOST_UNARY
#undef HOST_ARITHMETIC
#undef HOST_COMPARISON
#undef HOST_COMPARISONS
#undef HOST_TO_INTEGER
#undef HOST_FROM_INTEGER

#endif
