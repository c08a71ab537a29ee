// SPDX-License-Identifier: MIT
// How the decoder finds the few rows that an instruction may match: a key made of the bits that
// most rows fix. Shared by the decoder and by the tool that makes its table.
#ifndef TABLEWALK_CPU_GEN_DECODE_KEY_H
#define TABLEWALK_CPU_GEN_DECODE_KEY_H

#include <stdint.h>

enum { LONG_KEYS = 1 << 13, SHORT_KEYS = 1 << 8 };

// 32-bit instructions: opcode without its two lowest bits, funct3, and the upper five bits of
// funct7.
static inline uint32_t long_key(uint32_t bits) {
    return (bits >> 2 & 31) | (bits >> 12 & 7) << 5 | bits >> 27 << 8;
}
static inline uint32_t long_key_bits(uint32_t key) {
    return (key & 31) << 2 | (key >> 5 & 7) << 12 | key >> 8 << 27;
}

// 16-bit ones: the quadrant and the upper six bits.
static inline uint32_t short_key(uint32_t bits) { return (bits & 3) | (bits >> 10 & 63) << 2; }
static inline uint32_t short_key_bits(uint32_t key) { return (key & 3) | key >> 2 << 10; }

#endif
