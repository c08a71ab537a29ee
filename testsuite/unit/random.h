// SPDX-License-Identifier: MIT
// Drawn numbers for tests: the same on every run and every host.
#ifndef TABLEWALK_TESTSUITE_UNIT_RANDOM_H
#define TABLEWALK_TESTSUITE_UNIT_RANDOM_H

#include <stdbool.h>
#include <stdint.h>

// SplitMix64: a good mixing of any 64-bit number.
static inline uint64_t mix(uint64_t z) {
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static inline uint64_t draw(uint64_t *state) { return mix(*state += UINT64_C(0x9e3779b97f4a7c15)); }

// 0 to limit - 1.
static inline unsigned draw_below(uint64_t *state, unsigned limit) {
    return (unsigned)(draw(state) % limit);
}

static inline bool one_in(uint64_t *state, unsigned n) { return draw_below(state, n) == 0; }

#endif
