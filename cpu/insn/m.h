// SPDX-License-Identifier: MIT
// M: multiplication and division (unprivileged manual, `"M" Extension for Integer Multiplication
// and Division`). Division never traps: by zero it gives all ones and the dividend as remainder;
// the one signed overflow gives the dividend and 0. Included by each engine.

// The upper half of a product of which a and b are given as 128-bit integers.
#define UPPER(a, b) ((uint64_t)(((unsigned __int128)(a) * (unsigned __int128)(b)) >> 64))
#define WIDE(v)     ((unsigned __int128)(__int128)(int64_t)(v)) // sign-extended to 128 bits

BODY(mul) { RESULT(RS1 * RS2); }
BODY(mulh) { RESULT(UPPER(WIDE(RS1), WIDE(RS2))); }
BODY(mulhsu) { RESULT(UPPER(WIDE(RS1), RS2)); }
BODY(mulhu) { RESULT(UPPER(RS1, RS2)); }
BODY(mulw) { RESULT(sext32(RS1 * RS2)); }

// Negation by wrapping takes care of the overflow: INT64_MIN / -1 is INT64_MIN.
static inline uint64_t divide_signed(int64_t a, int64_t b) {
    if (b == 0) return UINT64_MAX;
    if (b == -1) return -(uint64_t)a;
    return (uint64_t)(a / b);
}
static inline uint64_t divide_unsigned(uint64_t a, uint64_t b) {
    return b == 0 ? UINT64_MAX : a / b;
}
static inline uint64_t remainder_signed(int64_t a, int64_t b) {
    if (b == 0) return (uint64_t)a;
    return b == -1 ? 0 : (uint64_t)(a % b);
}
static inline uint64_t remainder_unsigned(uint64_t a, uint64_t b) { return b == 0 ? a : a % b; }

BODY(div) { RESULT(divide_signed(SIGNED(RS1), SIGNED(RS2))); }
BODY(divu) { RESULT(divide_unsigned(RS1, RS2)); }
BODY(rem) { RESULT(remainder_signed(SIGNED(RS1), SIGNED(RS2))); }
BODY(remu) { RESULT(remainder_unsigned(RS1, RS2)); }

// On extended operands the 64-bit division is right for 32 bits too, all but its upper half.
BODY(divw) { RESULT(sext32(divide_signed((int32_t)RS1, (int32_t)RS2))); }
BODY(divuw) { RESULT(sext32(divide_unsigned(LOW(RS1), LOW(RS2)))); }
BODY(remw) { RESULT(sext32(remainder_signed((int32_t)RS1, (int32_t)RS2))); }
BODY(remuw) { RESULT(sext32(remainder_unsigned(LOW(RS1), LOW(RS2)))); }
