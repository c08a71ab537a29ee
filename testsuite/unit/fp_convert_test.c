// SPDX-License-Identifier: MIT
// The rules of conversion: the unprivileged manual's table "Domains of float-to-integer
// conversions and behavior for invalid inputs", and rounding from integers and between formats.
#include "testsuite/fp/check.h"

#define MINUS(n) (0 - UINT64_C(n))

// --- To integers ---------------------------------------------------------------------------------

Test(fp_convert, to_i32_saturates_with_nv_alone) {
    CHECK(fp64_to_i32, (d(2147483647), FP_RNE, &flags), INT32_MAX, 0);
    CHECK(fp64_to_i32, (d(2147483648), FP_RNE, &flags), INT32_MAX, FP_NV);
    CHECK(fp64_to_i32, (d(-2147483648.0), FP_RNE, &flags), MINUS(2147483648), 0);
    CHECK(fp64_to_i32, (d(-2147483649.0), FP_RNE, &flags), MINUS(2147483648), FP_NV);
    CHECK(fp64_to_i32, (D_INF, FP_RNE, &flags), INT32_MAX, FP_NV);
    CHECK(fp64_to_i32, (D_INF | D_SIGN, FP_RNE, &flags), MINUS(2147483648), FP_NV);
    CHECK(fp64_to_i32, (D_QUIET, FP_RNE, &flags), INT32_MAX, FP_NV);
    CHECK(fp32_to_i32, (S_SIGNAL, FP_RNE, &flags), INT32_MAX, FP_NV);
    CHECK(fp32_to_i32, (s(-0x1p31f), FP_RNE, &flags), MINUS(2147483648), 0);
}

Test(fp_convert, to_u32_saturates_and_extends_by_sign) {
    CHECK(fp64_to_u32, (d(2147483648), FP_RNE, &flags), UINT64_C(0xffffffff80000000), 0);
    CHECK(fp64_to_u32, (d(4294967295), FP_RNE, &flags), UINT64_MAX, 0);
    CHECK(fp64_to_u32, (d(4294967296), FP_RNE, &flags), UINT64_MAX, FP_NV);
    CHECK(fp64_to_u32, (d(-1), FP_RNE, &flags), 0, FP_NV);
    CHECK(fp64_to_u32, (D_INF | D_SIGN, FP_RNE, &flags), 0, FP_NV);
    CHECK(fp64_to_u32, (D_QUIET, FP_RNE, &flags), UINT64_MAX, FP_NV);
    CHECK(fp32_to_u32, (s(0x1p32f), FP_RNE, &flags), UINT64_MAX, FP_NV);
}

Test(fp_convert, to_i64_saturates_with_nv_alone) {
    CHECK(fp64_to_i64, (d(0x1.fffffffffffffp62), FP_RNE, &flags), UINT64_C(0x7ffffffffffffc00), 0);
    CHECK(fp64_to_i64, (d(0x1p63), FP_RNE, &flags), INT64_MAX, FP_NV);
    CHECK(fp64_to_i64, (d(-0x1p63), FP_RNE, &flags), UINT64_C(1) << 63, 0);
    CHECK(fp64_to_i64, (d(-0x1.0000000000001p63), FP_RNE, &flags), UINT64_C(1) << 63, FP_NV);
    CHECK(fp64_to_i64, (D_MAX | D_SIGN, FP_RNE, &flags), UINT64_C(1) << 63, FP_NV);
    CHECK(fp32_to_i64, (S_QUIET, FP_RNE, &flags), INT64_MAX, FP_NV);
}

Test(fp_convert, to_u64_saturates_with_nv_alone) {
    CHECK(fp64_to_u64, (d(0x1p63), FP_RNE, &flags), UINT64_C(1) << 63, 0);
    CHECK(fp64_to_u64, (d(0x1.fffffffffffffp63), FP_RNE, &flags), UINT64_C(0xfffffffffffff800), 0);
    CHECK(fp64_to_u64, (d(0x1p64), FP_RNE, &flags), UINT64_MAX, FP_NV);
    CHECK(fp64_to_u64, (d(-1), FP_RNE, &flags), 0, FP_NV);
    CHECK(fp32_to_u64, (S_INF | S_SIGN, FP_RNE, &flags), 0, FP_NV);
    CHECK(fp32_to_u64, (S_SIGNAL, FP_RNE, &flags), UINT64_MAX, FP_NV);
}

Test(fp_convert, fractions_round_as_the_mode_says) {
    // 1.5 and 2.5 by mode, and their negatives.
    const uint64_t one_half[] = {2, 1, 1, 2, 2}, two_half[] = {2, 2, 2, 3, 3};
    const uint64_t minus_two_half[] = {2, 2, 3, 2, 3};
    FOR_EACH_MODE(rm) {
        CHECK(fp64_to_i64, (d(1.5), rm, &flags), one_half[rm], FP_NX);
        CHECK(fp32_to_u32, (s(2.5f), rm, &flags), two_half[rm], FP_NX);
        CHECK(fp64_to_i32, (d(-2.5), rm, &flags), 0 - minus_two_half[rm], FP_NX);
    }
}

// Negative numbers that round to zero are inexact for unsigned types; the others do not fit.
Test(fp_convert, range_is_checked_after_rounding) {
    CHECK(fp64_to_u32, (d(-0.5), FP_RNE, &flags), 0, FP_NX);
    CHECK(fp64_to_u64, (d(-0.75), FP_RTZ, &flags), 0, FP_NX);
    CHECK(fp64_to_u64, (d(-0.75), FP_RNE, &flags), 0, FP_NV);
    CHECK(fp64_to_u32, (d(-0.25), FP_RDN, &flags), 0, FP_NV);
    CHECK(fp64_to_i32, (d(2147483647.5), FP_RTZ, &flags), INT32_MAX, FP_NX);
    CHECK(fp64_to_i32, (d(2147483647.5), FP_RNE, &flags), INT32_MAX, FP_NV);
    CHECK(fp64_to_i32, (d(-2147483648.5), FP_RNE, &flags), MINUS(2147483648), FP_NX);
    CHECK(fp64_to_i32, (d(-2147483648.5), FP_RDN, &flags), MINUS(2147483648), FP_NV);
    CHECK(fp64_to_u32, (d(4294967295.25), FP_RUP, &flags), UINT64_MAX, FP_NV);
}

Test(fp_convert, zeros_and_the_smallest_numbers) {
    CHECK(fp64_to_u64, (D_SIGN, FP_RDN, &flags), 0, 0);
    CHECK(fp64_to_i64, (D_SUBNORMAL, FP_RUP, &flags), 1, FP_NX);
    CHECK(fp64_to_i64, (D_SUBNORMAL | D_SIGN, FP_RNE, &flags), 0, FP_NX);
}

// --- From integers -------------------------------------------------------------------------------

Test(fp_convert, words_are_the_low_half_of_the_register) {
    const uint64_t x = UINT64_C(0x12345678fffffffe);
    CHECK(fp64_from_i32, (x, FP_RNE, &flags), d(-2), 0);
    CHECK(fp64_from_u32, (x, FP_RNE, &flags), d(4294967294), 0);
    CHECK(fp32_from_i32, (x, FP_RNE, &flags), s(-2), 0);
    CHECK(fp32_from_u32, (x, FP_RNE, &flags), s(0x1p32f), FP_NX);
}

Test(fp_convert, zero_becomes_plus_zero) {
    FOR_EACH_MODE(rm) {
        CHECK(fp64_from_i64, (0, rm, &flags), 0, 0);
        CHECK(fp32_from_u32, (0, rm, &flags), 0, 0);
    }
}

Test(fp_convert, long_integers_round_as_the_mode_says) {
    // 2^53 + 1 lies in the middle, and so does 2^24 + 1 for singles.
    const uint64_t up = d(0x1.0000000000001p53), down = d(0x1p53);
    const uint64_t positive[] = {down, down, down, up, up}, negative[] = {down, down, up, down, up};
    const uint64_t x = (UINT64_C(1) << 53) + 1;
    FOR_EACH_MODE(rm) {
        CHECK(fp64_from_u64, (x, rm, &flags), positive[rm], FP_NX);
        CHECK(fp64_from_i64, (0 - x, rm, &flags), negative[rm] | D_SIGN, FP_NX);
        CHECK(fp32_from_i32, ((1 << 24) + 1, rm, &flags),
              rm == FP_RUP || rm == FP_RMM ? s(0x1.000002p24f) : s(0x1p24f), FP_NX);
    }
}

Test(fp_convert, greatest_integers) {
    CHECK(fp64_from_u64, (UINT64_MAX, FP_RNE, &flags), d(0x1p64), FP_NX);
    CHECK(fp64_from_u64, (UINT64_MAX, FP_RTZ, &flags), d(0x1.fffffffffffffp63), FP_NX);
    CHECK(fp64_from_i64, (UINT64_C(1) << 63, FP_RNE, &flags), d(-0x1p63), 0);
    CHECK(fp32_from_i64, (INT64_MAX, FP_RDN, &flags), s(0x1.fffffep62f), FP_NX);
}

// 2^53 + 2^29 + 1: rounded to double first, it becomes a tie between two singles, which goes down.
Test(fp_convert, long_to_single_does_not_round_twice) {
    const uint64_t x = (UINT64_C(1) << 53) + (UINT64_C(1) << 29) + 1;
    CHECK(fp32_from_u64, (x, FP_RNE, &flags), s(0x1.000002p53f), FP_NX);
    CHECK(fp32_from_i64, (0 - x, FP_RNE, &flags), s(-0x1.000002p53f), FP_NX);
}

// --- Between formats -----------------------------------------------------------------------------

Test(fp_convert, widening_is_exact) {
    CHECK(fp64_from_fp32, (1, &flags), d(0x1p-149), 0);
    CHECK(fp64_from_fp32, (S_MAX | S_SIGN, &flags), d(-0x1.fffffep127), 0);
    CHECK(fp64_from_fp32, (S_INF, &flags), D_INF, 0);
    CHECK(fp64_from_fp32, (S_SIGN, &flags), D_SIGN, 0);
}

Test(fp_convert, narrowing_keeps_what_fits) {
    FOR_EACH_MODE(rm) {
        CHECK(fp32_from_fp64, (d(-1.5), rm, &flags), s(-1.5f), 0);
        CHECK(fp32_from_fp64, (d(0x1p-149), rm, &flags), 1, 0); // subnormal and exact: no underflow
        CHECK(fp32_from_fp64, (D_INF | D_SIGN, rm, &flags), S_INF | S_SIGN, 0);
        CHECK(fp32_from_fp64, (D_SIGN, rm, &flags), S_SIGN, 0);
    }
}

Test(fp_convert, narrowing_rounds_overflows_and_underflows) {
    CHECK(fp32_from_fp64, (d(0x1.000001p0), FP_RNE, &flags), s(1), FP_NX);
    CHECK(fp32_from_fp64, (d(0x1.000001p0), FP_RMM, &flags), s(0x1.000002p0f), FP_NX);
    CHECK(fp32_from_fp64, (d(0x1p128), FP_RTZ, &flags), S_MAX, FP_OF | FP_NX);
    CHECK(fp32_from_fp64, (D_SUBNORMAL, FP_RNE, &flags), 0, FP_UF | FP_NX);
    CHECK(fp32_from_fp64, (D_SUBNORMAL, FP_RUP, &flags), 1, FP_UF | FP_NX);
}
