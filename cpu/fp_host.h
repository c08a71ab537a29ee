// SPDX-License-Identifier: MIT
// The fast layer: every function of cpu/fp.h again as host_..., inline, asking the host's FPU where
// that provably gives the same bits and flags. Each takes the arguments of its namesake and, last,
// where to put the result. It returns true if the result is there, false if the soft function has
// to be called, or the rounding mode is invalid.
//
// Flags are taken lazily: an operation leaves those that it raises in the host's FPU, where they
// stick as the guest's do, and fp_host_flags() collects them when somebody is about to look: when
// fflags is read or written, and when the engine is left. What is called from within the engine
// must not compute in floating point. fflags, an argument for the soft functions' sake, is not used
// here. The rule that follows: a host_ function that returns false may have raised only what the
// soft function raises as well.
//
// What is asked of the host: IEEE float and double evaluated in their own precision, rounding to
// nearest even, subnormals neither flushed nor read as zero: C's default environment, which
// Tablewalk never changes. The compiler must not compute what the program would not (FENV_ACCESS,
// in place of which gcc has -ftrapping-math, its default), nor fuse a multiplication
// and an addition: build with -ffp-contract=off. On a host whose doubles are evaluated wider,
// everything is soft.
//
// Why it is exact. Let r be the host's result of an operation under RNE.
// (1) IEEE 754 defines the bits of r and its flags, but for three choices: the payloads of NaNs,
//     whether tininess is detected before or after rounding, and what an invalid conversion to an
//     integer gives. NaN results go to soft, and with them all NaN operands. x86-64 detects
//     tininess after rounding, as RISC-V does; on other hosts, results that may be tiny go to soft,
//     which raises UF itself, and the host's is not looked at. Conversions that may be invalid go
//     to soft.
// (2) A single fma: p = a * b is exact in double; s = p + c rounds to 53 bits and then to 24. The
//     second rounding can go wrong only if s is a midpoint of two singles without being exact: as
//     rounding is monotonic, s is otherwise on the side of each midpoint on which the exact sum is.
//     Where s is inexact the result is, too. What may be tiny or a midpoint goes to soft before the
//     second rounding.
// (3) A double fma is asked of the host only if it has the instruction; C's fma() might be
// emulated,
//     and more slowly than ours.
#ifndef TABLEWALK_CPU_FP_HOST_H
#define TABLEWALK_CPU_FP_HOST_H

#include "cpu/fp.h"

#include <fenv.h>
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

#ifdef __clang__
#pragma STDC FENV_ACCESS ON
#endif

// By (1).
#ifdef __x86_64__
enum { FP_HOST_UNDERFLOW = FE_UNDERFLOW };
#else
enum { FP_HOST_UNDERFLOW = 0 };
#endif

// The flags that host_ functions have raised since the last call, as bits of fflags.
static inline uint32_t fp_host_flags(void) {
    const int raised = fetestexcept(FE_ALL_EXCEPT);
    if (!raised) return 0;
    feclearexcept(FE_ALL_EXCEPT);
    return (raised & FE_INEXACT ? FP_NX : 0u) | (raised & FP_HOST_UNDERFLOW ? FP_UF : 0u) |
           (raised & FE_OVERFLOW ? FP_OF : 0u) | (raised & FE_DIVBYZERO ? FP_DZ : 0u) |
           (raised & FE_INVALID ? FP_NV : 0u);
}

// Always: the bodies are also compiled to stencils (cpu/gen/stencils.c), which can neither call nor
// have constants in memory.
#define FP_INLINE static inline __attribute__((always_inline))

// gcc may compute with constants itself, or compute after the flags were asked for: so it is not to
// know the operands, nor to put the results off.
#ifdef __clang__
#define FP_OPAQUE(bits) ((void)0)
#else
#define FP_OPAQUE(bits) __asm__ volatile("" : "+r"(bits))
#endif

// Bits to the host's numbers and back.
FP_INLINE float fp32_value(uint32_t bits) {
    FP_OPAQUE(bits);
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}
FP_INLINE uint32_t fp32_bits(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    FP_OPAQUE(bits);
    return bits;
}
FP_INLINE double fp64_value(uint64_t bits) {
    FP_OPAQUE(bits);
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}
FP_INLINE uint64_t fp64_bits(double value) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    FP_OPAQUE(bits);
    return bits;
}

// The exponent field; all ones is infinity or NaN.
FP_INLINE unsigned fp32_exponent(float r) { return fp32_bits(r) >> 23 & 0xff; }
FP_INLINE unsigned fp64_exponent(double r) { return (unsigned)(fp64_bits(r) >> 52) & 0x7ff; }

// Not tiny, not zero, not infinite, no NaN.
FP_INLINE bool fp32_is_clear(float r) { return fp32_exponent(r) - 2 < 0xff - 2; }
FP_INLINE bool fp64_is_clear(double r) { return fp64_exponent(r) - 2 < 0x7ff - 2; }

// By (1): are r and its flags what the guest's FPU makes?
FP_INLINE bool fp32_is_settled(float r) {
    return FP_HOST_UNDERFLOW ? !isunordered(r, r) : fp32_is_clear(r);
}
FP_INLINE bool fp64_is_settled(double r) {
    return FP_HOST_UNDERFLOW ? !isunordered(r, r) : fp64_is_clear(r);
}

#define HOST_BINARY(uint, N, real, op, computed)                                                   \
    FP_INLINE bool host_fp##N##_##op(uint a, uint b, enum fp_round rm, const uint32_t *fflags,     \
                                     uint *result) {                                               \
        (void)fflags;                                                                              \
        if (!FP_HOST_USABLE || rm != FP_RNE) return false;                                         \
        const real x = fp##N##_value(a), y = fp##N##_value(b), r = computed;                       \
        *result = fp##N##_bits(r);                                                                 \
        return fp##N##_is_settled(r);                                                              \
    }

#define HOST_ARITHMETIC(uint, N, real, root)                                                       \
    HOST_BINARY(uint, N, real, add, x + y)                                                         \
    HOST_BINARY(uint, N, real, sub, x - y)                                                         \
    HOST_BINARY(uint, N, real, mul, x *y)                                                          \
    HOST_BINARY(uint, N, real, div, x / y)                                                         \
    FP_INLINE bool host_fp##N##_sqrt(uint a, enum fp_round rm, const uint32_t *fflags,             \
                                     uint *result) {                                               \
        (void)fflags;                                                                              \
        if (!FP_HOST_USABLE || rm != FP_RNE) return false;                                         \
        const real r = root(fp##N##_value(a));                                                     \
        *result = fp##N##_bits(r);                                                                 \
        return fp##N##_is_settled(r);                                                              \
    }

HOST_ARITHMETIC(uint32_t, 32, float, sqrtf)
HOST_ARITHMETIC(uint64_t, 64, double, sqrt)

// By (2). A midpoint has 24 significant bits, a one, and zeros. 2^-125 is twice the least normal
// single.
FP_INLINE bool host_fp32_fma(uint32_t a, uint32_t b, uint32_t c, enum fp_round rm,
                             const uint32_t *fflags, uint32_t *result) {
    (void)fflags;
    if (!FP_HOST_USABLE || rm != FP_RNE) return false;
    const double product = (double)fp32_value(a) * (double)fp32_value(b);
    const double sum = product + (double)fp32_value(c);
    const bool midpoint = (fp64_bits(sum) & 0x1fffffff) == 0x10000000;
    if (midpoint || fp64_exponent(sum) - (1023 - 125) >= 0x7ff - (1023 - 125)) return false;
    *result = fp32_bits((float)sum);
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
    __asm__ volatile("vfmadd213sd %2, %1, %0" : "+x"(x) : "x"(y), "x"(z));
    return x;
}
#else
FP_INLINE bool fp_host_has_fma(void) { return false; }
FP_INLINE double fp_host_fma(double x, double y, double z) { return x * y + z; } // never called
#endif

// By (3). has_fma: what fp_host_has_fma() says, which the caller keeps where it is quickly read.
FP_INLINE bool host_fp64_fma(bool has_fma, uint64_t a, uint64_t b, uint64_t c, enum fp_round rm,
                             const uint32_t *fflags, uint64_t *result) {
    (void)fflags;
    if (!FP_HOST_USABLE || rm != FP_RNE || !has_fma) return false;
    const double r = fp_host_fma(fp64_value(a), fp64_value(b), fp64_value(c));
    *result = fp64_bits(r);
    return fp64_is_settled(r);
}

// Comparisons, minimum and maximum raise no flag when neither operand is a NaN. Equal operands are
// the same bits but for the sign of zero, which the minimum takes from either, the maximum from
// both. Asking whether one is a NaN raises NV if it is a signaling one, and so do all of these.
#define HOST_COMPARISON(uint, N, real, op, type, computed)                                         \
    FP_INLINE bool host_fp##N##_##op(uint a, uint b, const uint32_t *fflags, type *result) {       \
        (void)fflags;                                                                              \
        const real x = fp##N##_value(a), y = fp##N##_value(b);                                     \
        if (!FP_HOST_USABLE || isunordered(x, y)) return false;                                    \
        *result = computed;                                                                        \
        return true;                                                                               \
    }

#define HOST_COMPARISONS(uint, N, real)                                                            \
    HOST_COMPARISON(uint, N, real, eq, uint64_t, x == y)                                           \
    HOST_COMPARISON(uint, N, real, lt, uint64_t, x < y)                                            \
    HOST_COMPARISON(uint, N, real, le, uint64_t, x <= y)                                           \
    HOST_COMPARISON(uint, N, real, min, uint, x == y ? a | b : x < y ? a : b)                      \
    HOST_COMPARISON(uint, N, real, max, uint, x == y ? a & b : x > y ? a : b)

HOST_COMPARISONS(uint32_t, 32, float)
HOST_COMPARISONS(uint64_t, 64, double)

// To an integer: C's conversion truncates, as RTZ does. The other modes may reach a number that
// does not fit where truncating does. `bits` is such that all |x| < 2^bits fit the type; negative
// numbers fit an unsigned type where |x| < 1. Every single is a double.
#define HOST_TO_INTEGER(name, type, bits, is_signed)                                               \
    FP_INLINE bool host_fp64_to_##name(uint64_t a, enum fp_round rm, const uint32_t *fflags,       \
                                       uint64_t *result) {                                         \
        (void)fflags;                                                                              \
        const bool negative = a >> 63 != 0;                                                        \
        const unsigned limit = (is_signed) || !negative ? 1023 + (bits) : 1023;                    \
        if (!FP_HOST_USABLE || rm != FP_RTZ || (unsigned)(a >> 52 & 0x7ff) >= limit) return false; \
        *result = (uint64_t)(type)(int64_t)fp64_value(a);                                          \
        return true;                                                                               \
    }                                                                                              \
    FP_INLINE bool host_fp32_to_##name(uint32_t a, enum fp_round rm, const uint32_t *fflags,       \
                                       uint64_t *result) {                                         \
        if (!FP_HOST_USABLE || (a >> 23 & 0xff) == 0xff) return false;                             \
        return host_fp64_to_##name(fp64_bits((double)fp32_value(a)), rm, fflags, result);          \
    }

HOST_TO_INTEGER(i32, int32_t, 31, true)
HOST_TO_INTEGER(u32, int32_t, 32, false) // a register has it sign-extended
HOST_TO_INTEGER(i64, int64_t, 63, true)
HOST_TO_INTEGER(u64, int64_t, 63, false)

// Between the formats.
FP_INLINE bool host_fp32_from_fp64(uint64_t a, enum fp_round rm, const uint32_t *fflags,
                                   uint32_t *result) {
    (void)fflags;
    if (!FP_HOST_USABLE || rm != FP_RNE) return false;
    const float r = (float)fp64_value(a);
    *result = fp32_bits(r);
    return fp32_is_settled(r);
}
FP_INLINE bool host_fp64_from_fp32(uint32_t a, const uint32_t *fflags, uint64_t *result) {
    (void)fflags;
    if (!FP_HOST_USABLE || (a >> 23 & 0xff) == 0xff) return false;
    *result = fp64_bits((double)fp32_value(a));
    return true;
}

// From an integer x, in RNE; and in every mode what fits the significand.
#define HOST_FROM_INTEGER(N, real, digits, name, number, valid)                                    \
    FP_INLINE bool host_fp##N##_from_##name(uint64_t a, enum fp_round rm, const uint32_t *fflags,  \
                                            uint##N##_t *result) {                                 \
        (void)fflags;                                                                              \
        const int64_t most = INT64_C(1) << (digits);                                               \
        int64_t x = number;                                                                        \
        FP_OPAQUE(x);                                                                              \
        if (!FP_HOST_USABLE || !(valid) || rm > FP_RMM) return false;                              \
        if (rm != FP_RNE && !(x >= -most && x <= most)) return false;                              \
        *result = fp##N##_bits((real)x);                                                           \
        return true;                                                                               \
    }

#define HOST_FROM_INTEGERS(N, real, digits)                                                        \
    HOST_FROM_INTEGER(N, real, digits, i32, (int32_t)a, true)                                      \
    HOST_FROM_INTEGER(N, real, digits, u32, (uint32_t)a, true)                                     \
    HOST_FROM_INTEGER(N, real, digits, i64, (int64_t)a, true)                                      \
    HOST_FROM_INTEGER(N, real, digits, u64, (int64_t)a, x >= 0)

HOST_FROM_INTEGERS(32, float, FLT_MANT_DIG)
HOST_FROM_INTEGERS(64, double, DBL_MANT_DIG)

#undef FP_INLINE
#undef HOST_BINARY
#undef HOST_ARITHMETIC
#undef HOST_COMPARISON
#undef HOST_COMPARISONS
#undef HOST_TO_INTEGER
#undef HOST_FROM_INTEGER
#undef HOST_FROM_INTEGERS

#endif
