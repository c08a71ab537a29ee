// SPDX-License-Identifier: MIT
// Soft arithmetic: add, subtract, multiply, divide, square root and fused multiply-add on exact
// numbers (cpu/fp_number.h). Each function here gives the mathematical result, or where that has no
// end (quotient, root, a sum of numbers very far apart) so many bits of it that a sticky lowest bit
// can stand for the rest. Invalid operations give a signalling NaN, which fp_pack turns into the
// canonical NaN and NV, just as it does when an operand was one.
#include "cpu/fp_number.h"

static const struct fp_number INVALID = {.kind = KIND_SIGNALLING_NAN};

// The operand whose kind the result has, where it is not a matter of arithmetic.
static struct fp_number stronger(struct fp_number a, struct fp_number b) {
    return a.kind >= b.kind ? a : b;
}

// x / 2^n for n >= 0, with all bits that fall out gathered in bit 0.
static fp_uint128 shift_right_sticky(fp_uint128 x, int n) {
    if (n == 0) return x;
    if (n >= 128) return x != 0;
    return x >> n | (x << (128 - n) != 0);
}

// Brings both numbers to one exponent. The one with the higher exponent moves left as long as there
// is room, and only then does the other one lose bits: it is then at least 2^20 times smaller and
// has its sticky bit more than 70 places below the leading bit of any sum or difference, as a
// product has 106 bits at most.
static void align(struct fp_number *a, struct fp_number *b) {
    struct fp_number *high = a->exp >= b->exp ? a : b;
    struct fp_number *low = high == a ? b : a;
    const int distance = high->exp - low->exp;
    const int room = 126 - fp_bit_length(high->sig);
    const int left = distance < room ? distance : room;
    high->sig <<= left;
    high->exp -= left;
    low->sig = shift_right_sticky(low->sig, distance - left);
    low->exp = high->exp;
}

// a + b. A sum of zero has the sign both agree on; otherwise it is +0, or -0 when rounding down
// (IEEE 754, 6.3).
static struct fp_number add(struct fp_number a, struct fp_number b, enum fp_round rm) {
    if (a.kind != b.kind) return stronger(a, b);
    if (a.kind == KIND_INFINITE && a.sign != b.sign) return INVALID;
    if (a.kind != KIND_FINITE) return a;
    if (a.sig == 0 && b.sig != 0) return b;
    if (b.sig == 0 && a.sig != 0) return a;

    align(&a, &b);
    struct fp_number sum = a;
    if (a.sign == b.sign) {
        sum.sig = a.sig + b.sig;
    } else if (a.sig > b.sig) {
        sum.sig = a.sig - b.sig;
    } else {
        sum.sig = b.sig - a.sig;
        sum.sign = sum.sig != 0 ? b.sign : rm == FP_RDN;
    }
    return sum;
}

// a * b, exactly: two significands of 53 bits fill 106.
static struct fp_number multiply(struct fp_number a, struct fp_number b) {
    struct fp_number product = stronger(a, b);
    if (fp_is_nan(product)) return product;
    if (product.kind == KIND_INFINITE && (fp_is_zero(a) || fp_is_zero(b))) return INVALID;
    product.sign = a.sign != b.sign;
    product.exp = a.exp + b.exp;
    product.sig = a.sig * b.sig;
    return product;
}

// a / b, to 75 bits or more and a sticky one. Sets DZ.
static struct fp_number divide(struct fp_number a, struct fp_number b, uint32_t *flags) {
    struct fp_number quotient = stronger(a, b);
    if (fp_is_nan(quotient)) return quotient;
    quotient.sign = a.sign != b.sign;
    if (a.kind == KIND_INFINITE || fp_is_zero(b)) {
        if (a.kind == b.kind && (a.kind == KIND_INFINITE || fp_is_zero(a))) return INVALID;
        if (a.kind == KIND_FINITE) *flags |= FP_DZ;
        quotient.kind = KIND_INFINITE;
        return quotient;
    }
    quotient.kind = KIND_FINITE;
    quotient.sig = 0;
    if (b.kind == KIND_INFINITE || fp_is_zero(a)) return quotient;

    const int left = 128 - fp_bit_length(a.sig);
    const fp_uint128 dividend = a.sig << left;
    quotient.sig = dividend / b.sig | (dividend % b.sig != 0);
    quotient.exp = a.exp - left - b.exp;
    return quotient;
}

// The integer square root of x, one bit a step from the top, with bit 0 sticky.
static uint64_t root_sticky(fp_uint128 x) {
    fp_uint128 rest = x, root = 0;
    for (fp_uint128 bit = (fp_uint128)1 << 126; bit != 0; bit >>= 2) {
        if (rest >= root + bit) {
            rest -= root + bit;
            root = (root >> 1) + bit;
        } else {
            root >>= 1;
        }
    }
    return (uint64_t)root | (rest != 0);
}

// The square root, to 64 bits with a sticky one. That of -0 is -0.
static struct fp_number square_root(struct fp_number a) {
    if (fp_is_nan(a) || fp_is_zero(a)) return a;
    if (a.sign) return INVALID;
    if (a.kind == KIND_INFINITE) return a;

    int left = 128 - fp_bit_length(a.sig);
    if ((a.exp - left) % 2 != 0) left--; // only an even power of two halves
    a.sig = root_sticky(a.sig << left);
    a.exp = (a.exp - left) / 2;
    return a;
}

// The public functions: one body each for both formats, called with FP_BINARY32 or FP_BINARY64.
static uint64_t sum_of(const struct fp_format *f, uint64_t a, uint64_t b, bool subtract,
                       enum fp_round rm, uint32_t *flags) {
    struct fp_number addend = fp_unpack(f, b);
    addend.sign ^= subtract;
    return fp_pack(f, add(fp_unpack(f, a), addend, rm), rm, flags);
}

#define DEFINE_ARITHMETIC(uint, N)                                                                 \
    uint fp##N##_add(uint a, uint b, enum fp_round rm, uint32_t *flags) {                          \
        return (uint)sum_of(&FP_BINARY##N, a, b, false, rm, flags);                                \
    }                                                                                              \
    uint fp##N##_sub(uint a, uint b, enum fp_round rm, uint32_t *flags) {                          \
        return (uint)sum_of(&FP_BINARY##N, a, b, true, rm, flags);                                 \
    }                                                                                              \
    uint fp##N##_mul(uint a, uint b, enum fp_round rm, uint32_t *flags) {                          \
        const struct fp_format *f = &FP_BINARY##N;                                                 \
        return (uint)fp_pack(f, multiply(fp_unpack(f, a), fp_unpack(f, b)), rm, flags);            \
    }                                                                                              \
    uint fp##N##_div(uint a, uint b, enum fp_round rm, uint32_t *flags) {                          \
        const struct fp_format *f = &FP_BINARY##N;                                                 \
        return (uint)fp_pack(f, divide(fp_unpack(f, a), fp_unpack(f, b), flags), rm, flags);       \
    }                                                                                              \
    uint fp##N##_sqrt(uint a, enum fp_round rm, uint32_t *flags) {                                 \
        const struct fp_format *f = &FP_BINARY##N;                                                 \
        return (uint)fp_pack(f, square_root(fp_unpack(f, a)), rm, flags);                          \
    }                                                                                              \
    uint fp##N##_fma(uint a, uint b, uint c, enum fp_round rm, uint32_t *flags) {                  \
        const struct fp_format *f = &FP_BINARY##N;                                                 \
        const struct fp_number product = multiply(fp_unpack(f, a), fp_unpack(f, b));               \
        return (uint)fp_pack(f, add(product, fp_unpack(f, c), rm), rm, flags);                     \
    }

DEFINE_ARITHMETIC(uint32_t, 32)
DEFINE_ARITHMETIC(uint64_t, 64)
