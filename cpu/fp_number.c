// SPDX-License-Identifier: MIT
// The two ends of every soft floating-point operation: bits to exact number, and exact number to
// rounded bits with flags. The rules are IEEE 754-2008 sections 3.4 (encodings), 4.3 (rounding
// directions) and 7.4 to 7.6 (overflow, underflow, inexact), with the choices of the RISC-V
// unprivileged manual, "F Standard Extension": canonical NaN, tininess detected after rounding.
#include "cpu/fp_number.h"

// The fields of a format, as encodings shifted into place.
static uint64_t hidden_bit(const struct fp_format *f) { return UINT64_C(1) << (f->precision - 1); }
static int exponent_ones(const struct fp_format *f) { return (1 << (f->width - f->precision)) - 1; }
static int bias(const struct fp_format *f) { return exponent_ones(f) >> 1; }

static uint64_t infinity(const struct fp_format *f) {
    return (uint64_t)exponent_ones(f) << (f->precision - 1);
}

struct fp_number fp_unpack(const struct fp_format *f, uint64_t bits) {
    const uint64_t hidden = hidden_bit(f);
    const uint64_t fraction = bits & (hidden - 1);
    const int field = (int)(bits >> (f->precision - 1)) & exponent_ones(f);
    struct fp_number n = {.kind = KIND_FINITE, .sign = (bits >> (f->width - 1) & 1) != 0};
    if (field == exponent_ones(f)) {
        n.kind = fraction == 0                   ? KIND_INFINITE
                 : (fraction & hidden >> 1) != 0 ? KIND_QUIET_NAN
                                                 : KIND_SIGNALLING_NAN;
        return n;
    }
    // A subnormal number has the exponent of field 1 and no hidden bit.
    n.sig = field == 0 ? fraction : hidden | fraction;
    n.exp = (field == 0 ? 1 : field) - bias(f) - (f->precision - 1);
    return n;
}

// Does the magnitude go up to the next unit? rest is the part below the unit, as a fraction with
// its point above bit 127.
static bool goes_up(enum fp_round rm, bool sign, bool odd, fp_uint128 rest) {
    const fp_uint128 half = (fp_uint128)1 << 127;
    switch (rm) {
    case FP_RNE: return rest > half || (rest == half && odd);
    case FP_RMM: return rest >= half;
    case FP_RDN: return sign && rest != 0;
    case FP_RUP: return !sign && rest != 0;
    default: return false;
    }
}

struct fp_units fp_round_to(struct fp_number n, int unit, enum fp_round rm) {
    const int drop = unit - n.exp;
    if (drop <= 0) return (struct fp_units){(uint64_t)(n.sig << -drop), false};

    // Beyond 128 bits all of sig is less than half a unit, and 1 stands for it as well as any.
    const uint64_t count = drop < 128 ? (uint64_t)(n.sig >> drop) : 0;
    const fp_uint128 rest = drop <= 128 ? n.sig << (128 - drop) : n.sig != 0;
    const bool up = goes_up(rm, n.sign, (count & 1) != 0, rest);
    return (struct fp_units){count + up, rest != 0};
}

// A finite result too large for the format: infinity, or the greatest finite number where the
// rounding mode points away from infinity (IEEE 754, 7.4).
static uint64_t overflow(const struct fp_format *f, bool sign, enum fp_round rm, uint32_t *flags) {
    *flags |= FP_OF | FP_NX;
    const bool to_infinity = rm == FP_RNE || rm == FP_RMM || (sign ? rm == FP_RDN : rm == FP_RUP);
    return to_infinity ? infinity(f) : infinity(f) - 1;
}

// Is n still below the least normal number when it is rounded as if exponents had no lower bound?
// Only a number in the binade just below can get out of it, by a carry.
static bool tiny(const struct fp_format *f, struct fp_number n, enum fp_round rm) {
    const int least = 1 - bias(f), magnitude = fp_magnitude(n);
    if (magnitude != least - 1) return magnitude < least;
    const uint64_t carried = hidden_bit(f) << 1;
    return fp_round_to(n, magnitude - (f->precision - 1), rm).count != carried;
}

static uint64_t pack_finite(const struct fp_format *f, struct fp_number n, enum fp_round rm,
                            uint32_t *flags) {
    if (n.sig == 0) return 0;
    const int least = 1 - bias(f);
    const int magnitude = fp_magnitude(n);
    if (magnitude > bias(f)) return overflow(f, n.sign, rm, flags);

    const int exp = magnitude < least ? least : magnitude;
    const struct fp_units r = fp_round_to(n, exp - (f->precision - 1), rm);
    // The hidden bit, where there is one, adds the 1 by which the field is larger than exp - least;
    // so does the carry out of a significand of all ones, subnormal to normal included.
    const uint64_t packed = ((uint64_t)(exp - least) << (f->precision - 1)) + r.count;
    if (packed >= infinity(f)) return overflow(f, n.sign, rm, flags);
    if (r.inexact) *flags |= tiny(f, n, rm) ? FP_UF | FP_NX : FP_NX;
    return packed;
}

uint64_t fp_pack(const struct fp_format *f, struct fp_number n, enum fp_round rm, uint32_t *flags) {
    const uint64_t sign = (uint64_t)n.sign << (f->width - 1);
    switch (n.kind) {
    case KIND_FINITE: return sign | pack_finite(f, n, rm, flags);
    case KIND_INFINITE: return sign | infinity(f);
    case KIND_SIGNALLING_NAN: *flags |= FP_NV; break;
    case KIND_QUIET_NAN: break;
    }
    return infinity(f) | hidden_bit(f) >> 1;
}
