// SPDX-License-Identifier: MIT
// Zba, Zbb, Zbc, Zbs: bit manipulation (unprivileged manual, `"B" Extension for Bit Manipulation`).
// Included by each engine.

// Zba: address generation.
BODY(add_uw) { RESULT(LOW(RS1) + RS2); }
BODY(sh1add) { RESULT((RS1 << 1) + RS2); }
BODY(sh2add) { RESULT((RS1 << 2) + RS2); }
BODY(sh3add) { RESULT((RS1 << 3) + RS2); }
BODY(sh1add_uw) { RESULT(((uint64_t)LOW(RS1) << 1) + RS2); }
BODY(sh2add_uw) { RESULT(((uint64_t)LOW(RS1) << 2) + RS2); }
BODY(sh3add_uw) { RESULT(((uint64_t)LOW(RS1) << 3) + RS2); }
BODY(slli_uw) { RESULT((uint64_t)LOW(RS1) << (IMM & 63)); }

// Zbb: basic bit manipulation.
static inline uint64_t rotate_left(uint64_t v, uint64_t by) {
    return v << (by & 63) | v >> (-by & 63);
}
static inline uint64_t rotate_left_32(uint64_t v, uint64_t by) {
    return sext32(LOW(v) << (by & 31) | LOW(v) >> (-by & 31));
}
static inline uint64_t count_leading_zeros(uint64_t v) {
    return v == 0 ? 64 : (uint64_t)__builtin_clzll(v);
}
static inline uint64_t count_trailing_zeros(uint64_t v) {
    return v == 0 ? 64 : (uint64_t)__builtin_ctzll(v);
}
static inline uint64_t count_ones(uint64_t v) { return (uint64_t)__builtin_popcountll(v); }

// Each byte of the result is 0xff where the byte of v has a bit set.
static inline uint64_t or_combine_bytes(uint64_t v) {
    v |= (v & UINT64_C(0xf0f0f0f0f0f0f0f0)) >> 4;
    v |= (v & UINT64_C(0x0c0c0c0c0c0c0c0c)) >> 2;
    v |= (v & UINT64_C(0x0202020202020202)) >> 1;
    return (v & UINT64_C(0x0101010101010101)) * 0xff;
}

BODY(andn) { RESULT(RS1 & ~RS2); }
BODY(orn) { RESULT(RS1 | ~RS2); }
BODY(xnor) { RESULT(~(RS1 ^ RS2)); }
BODY(clz) { RESULT(count_leading_zeros(RS1)); }
BODY(ctz) { RESULT(count_trailing_zeros(RS1)); }
BODY(cpop) { RESULT(count_ones(RS1)); }
BODY(clzw) { RESULT(count_leading_zeros(LOW(RS1)) - 32); }
BODY(ctzw) { RESULT(count_trailing_zeros(RS1 | UINT64_C(1) << 32)); }
BODY(cpopw) { RESULT(count_ones(LOW(RS1))); }
BODY(sext_b) { RESULT((uint64_t)(int64_t)(int8_t)RS1); }
BODY(sext_h) { RESULT((uint64_t)(int64_t)(int16_t)RS1); }
BODY(zext_h) { RESULT((uint16_t)RS1); }
BODY(min) { RESULT(SIGNED(RS1) < SIGNED(RS2) ? RS1 : RS2); }
BODY(minu) { RESULT(RS1 < RS2 ? RS1 : RS2); }
BODY(max) { RESULT(SIGNED(RS1) > SIGNED(RS2) ? RS1 : RS2); }
BODY(maxu) { RESULT(RS1 > RS2 ? RS1 : RS2); }
BODY(rol) { RESULT(rotate_left(RS1, RS2)); }
BODY(ror) { RESULT(rotate_left(RS1, -RS2)); }
BODY(rori) { RESULT(rotate_left(RS1, -IMM)); }
BODY(rolw) { RESULT(rotate_left_32(RS1, RS2)); }
BODY(rorw) { RESULT(rotate_left_32(RS1, -RS2)); }
BODY(roriw) { RESULT(rotate_left_32(RS1, -IMM)); }
BODY(orc_b) { RESULT(or_combine_bytes(RS1)); }
BODY(rev8) { RESULT(__builtin_bswap64(RS1)); }

// Zbc: products without carries, of 127 bits: clmul is the lower half, clmulh the upper one, and
// clmulr bits 126 to 63.
static inline unsigned __int128 carryless_product(uint64_t a, uint64_t b) {
    unsigned __int128 product = 0;
    for (; b != 0; b &= b - 1) product ^= (unsigned __int128)a << __builtin_ctzll(b);
    return product;
}
BODY(clmul) { RESULT((uint64_t)carryless_product(RS1, RS2)); }
BODY(clmulh) { RESULT((uint64_t)(carryless_product(RS1, RS2) >> 64)); }
BODY(clmulr) { RESULT((uint64_t)(carryless_product(RS1, RS2) >> 63)); }

// Zbs: single bits.
#define BIT(n) (UINT64_C(1) << ((n) & 63))
BODY(bclr) { RESULT(RS1 & ~BIT(RS2)); }
BODY(bext) { RESULT(RS1 >> (RS2 & 63) & 1); }
BODY(binv) { RESULT(RS1 ^ BIT(RS2)); }
BODY(bset) { RESULT(RS1 | BIT(RS2)); }
BODY(bclri) { RESULT(RS1 & ~BIT(IMM)); }
BODY(bexti) { RESULT(RS1 >> (IMM & 63) & 1); }
BODY(binvi) { RESULT(RS1 ^ BIT(IMM)); }
BODY(bseti) { RESULT(RS1 | BIT(IMM)); }
#undef BIT
