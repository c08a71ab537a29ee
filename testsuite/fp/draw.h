// SPDX-License-Identifier: MIT
// Draws operands for tests of floating point, with the interesting ones often among them.
#ifndef TABLEWALK_TESTSUITE_FP_DRAW_H
#define TABLEWALK_TESTSUITE_FP_DRAW_H

#include <stddef.h>

#include "testsuite/unit/random.h"

// A number of a format with `fraction` bits of fraction below `exponent` bits of exponent: any
// bits, or with few bits set so that results are often exact, or near 1 so that they neither
// overflow nor vanish, or at the ends of the range.
static inline uint64_t draw_fp_number(uint64_t *state, int exponent, int fraction) {
    const uint64_t bits = draw(state) >> (63 - exponent - fraction), how = draw(state);
    const uint64_t fraction_mask = (UINT64_C(1) << fraction) - 1;
    const uint64_t ones = (UINT64_C(1) << exponent) - 1;
    const uint64_t sign = bits & UINT64_C(1) << (exponent + fraction);
    const uint64_t few = bits & fraction_mask & ~(fraction_mask >> (how >> 8) % 28);
    const uint64_t many = bits & fraction_mask;
    const uint64_t near_one = ones / 2 - 8 + (how >> 16) % 16;
    switch (how % 8) {
    case 0: return bits;
    case 1: return sign | near_one << fraction | many;
    case 2:
    case 3:
    case 4: return sign | near_one << fraction | few;
    case 5: return sign | (how >> 16) % 3 << fraction | ((how & 64) != 0 ? few : many);
    case 6: return sign | (ones - (how >> 16) % 3) << fraction | ((how & 64) != 0 ? few : many);
    default: return sign | near_one << fraction | (fraction_mask - few);
    }
}

static inline uint64_t draw_fp_operand(uint64_t *state, char format) {
    switch (format) {
    case 's': return draw_fp_number(state, 8, 23);
    case 'd': return draw_fp_number(state, 11, 52);
    case 'w': return (uint32_t)draw(state) >> draw(state) % 32;
    default: {
        const uint64_t x = draw(state) >> draw(state) % 64;
        return (draw(state) & 1) != 0 ? x : 0 - x;
    }
    }
}

// Operands are now and then like the first one, for sums that cancel.
static inline void draw_fp_operands(uint64_t *state, const char *formats, uint64_t *x) {
    for (size_t i = 0; formats[i] != '\0'; i++) {
        x[i] = draw_fp_operand(state, formats[i]);
        const uint64_t how = draw(state);
        if (i != 0 && how % 4 == 0)
            x[i] = x[0] ^ (how >> 8 & 3) ^ (how >> 12 & 1) << (formats[i] == 's' ? 31 : 63);
    }
}

#endif
