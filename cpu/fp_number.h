// SPDX-License-Identifier: MIT
// What the soft floating point computes with, private to cpu/fp_*.c: a number of any format as an
// integer significand times a power of two, wide enough that every operation's result is either
// exact or exact but for one sticky bit far below the last bit that any format keeps. So an
// operation is three steps: unpack the operands, compute exactly, round once and pack. Only the
// last step knows precision, range and rounding mode, and only it raises OF, UF and NX.
#ifndef TABLEWALK_CPU_FP_NUMBER_H
#define TABLEWALK_CPU_FP_NUMBER_H

#include "cpu/fp.h"

#include <stdbool.h>

__extension__ typedef unsigned __int128 fp_uint128;

// An IEEE 754 binary interchange format. All else follows from its two sizes in bits; the precision
// counts the hidden bit, so width - precision is the width of the exponent field.
struct fp_format {
    int width;
    int precision;
};

static const struct fp_format FP_BINARY32 = {32, 24};
static const struct fp_format FP_BINARY64 = {64, 53};

// In the order in which operands impose themselves on a result: any NaN on any number, infinity on
// a finite number.
enum fp_kind { KIND_FINITE, KIND_INFINITE, KIND_QUIET_NAN, KIND_SIGNALLING_NAN };

// A finite number is sig * 2^exp, negative when sign is set; zero is a finite number with sig = 0.
// Unpacked numbers have sig < 2^53 and are not normalised. A NaN carries no payload: RISC-V answers
// with the canonical one.
struct fp_number {
    enum fp_kind kind;
    bool sign;
    int exp;
    fp_uint128 sig;
};

// The magnitude of a number in whole units, and whether the rounding lost something.
struct fp_units {
    uint64_t count;
    bool inexact;
};

// The number of bits of x without leading zeros: 0 for 0.
static inline int fp_bit_length(fp_uint128 x) {
    const uint64_t high = (uint64_t)(x >> 64), low = (uint64_t)x;
    if (high != 0) return 128 - __builtin_clzll(high);
    return low != 0 ? 64 - __builtin_clzll(low) : 0;
}

static inline bool fp_is_nan(struct fp_number n) { return n.kind >= KIND_QUIET_NAN; }
static inline bool fp_is_zero(struct fp_number n) { return n.kind == KIND_FINITE && n.sig == 0; }

// The exponent of the leading bit of a finite number that is not zero:
// 2^fp_magnitude(n) <= |n| < 2^(fp_magnitude(n) + 1).
static inline int fp_magnitude(struct fp_number n) { return n.exp + fp_bit_length(n.sig) - 1; }

struct fp_number fp_unpack(const struct fp_format *f, uint64_t bits);

// Rounds a finite number to a multiple of 2^unit. The result must fit: |n| < 2^(unit + 64) -
// 2^unit.
struct fp_units fp_round_to(struct fp_number n, int unit, enum fp_round rm);

// Rounds to the format and packs; ORs OF, UF (tiny after rounding, and inexact) and NX into *flags.
// Any NaN becomes the canonical one; a signalling one, which is also what an invalid operation
// gives, sets NV.
uint64_t fp_pack(const struct fp_format *f, struct fp_number n, enum fp_round rm, uint32_t *flags);

#endif
