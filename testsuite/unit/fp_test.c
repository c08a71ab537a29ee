// SPDX-License-Identifier: MIT
// The rules of floating point, one or a few lines each: what IEEE 754-2008 and the F and D chapters
// of the unprivileged manual say, worked out by hand. Soft and fast layer must both obey.
#include "testsuite/fp/check.h"

// --- Registers and NaNs --------------------------------------------------------------------------

Test(fp, single_in_a_register_is_boxed_in_ones) {
    cr_expect_eq(fp_box(s(1)), UINT64_C(0xffffffff3f800000));
    cr_expect_eq(fp_unbox(UINT64_C(0xffffffff3f800000)), s(1));
}

Test(fp, wrongly_boxed_single_reads_as_canonical_nan) {
    cr_expect_eq(fp_unbox(UINT64_C(0xfffffffe3f800000)), FP32_NAN);
    cr_expect_eq(fp_unbox(d(1)), FP32_NAN);
    cr_expect_eq(fp_unbox(0), FP32_NAN);
}

Test(fp, quiet_nan_comes_out_canonical_and_raises_nothing) {
    CHECK(fp64_add, (D_QUIET, d(1), FP_RNE, &flags), FP64_NAN, 0);
    CHECK(fp64_sub, (d(1), D_QUIET, FP_RNE, &flags), FP64_NAN, 0);
    CHECK(fp64_mul, (D_QUIET, D_INF, FP_RNE, &flags), FP64_NAN, 0);
    CHECK(fp64_div, (D_QUIET, 0, FP_RNE, &flags), FP64_NAN, 0);
    CHECK(fp64_sqrt, (D_QUIET, FP_RNE, &flags), FP64_NAN, 0);
    CHECK(fp64_fma, (d(1), d(1), D_QUIET, FP_RNE, &flags), FP64_NAN, 0);
    CHECK(fp32_add, (S_QUIET, s(1), FP_RNE, &flags), FP32_NAN, 0);
    CHECK(fp32_from_fp64, (D_QUIET, FP_RNE, &flags), FP32_NAN, 0);
    CHECK(fp64_from_fp32, (S_QUIET, &flags), FP64_NAN, 0);
}

Test(fp, signalling_nan_comes_out_canonical_and_invalid) {
    CHECK(fp64_add, (D_SIGNAL, d(1), FP_RNE, &flags), FP64_NAN, FP_NV);
    CHECK(fp64_mul, (D_QUIET, D_SIGNAL, FP_RNE, &flags), FP64_NAN, FP_NV);
    CHECK(fp64_div, (D_SIGNAL, D_QUIET, FP_RNE, &flags), FP64_NAN, FP_NV);
    CHECK(fp64_sqrt, (D_SIGNAL, FP_RNE, &flags), FP64_NAN, FP_NV);
    CHECK(fp64_fma, (d(1), d(1), D_SIGNAL, FP_RNE, &flags), FP64_NAN, FP_NV);
    CHECK(fp32_sub, (s(1), S_SIGNAL, FP_RNE, &flags), FP32_NAN, FP_NV);
    CHECK(fp32_from_fp64, (D_SIGNAL, FP_RNE, &flags), FP32_NAN, FP_NV);
    CHECK(fp64_from_fp32, (S_SIGNAL, &flags), FP64_NAN, FP_NV);
}

// --- Invalid operations and division by zero -----------------------------------------------------

Test(fp, infinities_do_not_cancel) {
    CHECK(fp64_sub, (D_INF, D_INF, FP_RNE, &flags), FP64_NAN, FP_NV);
    CHECK(fp64_add, (D_INF | D_SIGN, D_INF, FP_RNE, &flags), FP64_NAN, FP_NV);
    CHECK(fp64_add, (D_INF, D_INF, FP_RNE, &flags), D_INF, 0);
    CHECK(fp64_fma, (D_INF, d(-1), D_INF, FP_RNE, &flags), FP64_NAN, FP_NV);
}

Test(fp, zero_times_infinity_is_invalid) {
    CHECK(fp64_mul, (0, D_INF, FP_RNE, &flags), FP64_NAN, FP_NV);
    CHECK(fp32_mul, (S_INF, S_SIGN, FP_RNE, &flags), FP32_NAN, FP_NV);
}

Test(fp, zero_times_infinity_plus_quiet_nan_is_invalid_too) {
    CHECK(fp64_fma, (0, D_INF, D_QUIET, FP_RNE, &flags), FP64_NAN, FP_NV);
    CHECK(fp32_fma, (S_INF, 0, S_QUIET, FP_RNE, &flags), FP32_NAN, FP_NV);
}

Test(fp, quotients_of_two_zeros_or_infinities_are_invalid) {
    CHECK(fp64_div, (0, D_SIGN, FP_RNE, &flags), FP64_NAN, FP_NV);
    CHECK(fp64_div, (D_INF, D_INF, FP_RNE, &flags), FP64_NAN, FP_NV);
}

Test(fp, division_by_zero_gives_infinity_and_dz) {
    CHECK(fp64_div, (d(1), 0, FP_RNE, &flags), D_INF, FP_DZ);
    CHECK(fp64_div, (d(1), D_SIGN, FP_RTZ, &flags), D_INF | D_SIGN, FP_DZ);
    CHECK(fp32_div, (s(-1), 0, FP_RNE, &flags), S_INF | S_SIGN, FP_DZ);
}

Test(fp, infinity_divided_by_zero_is_exact) {
    CHECK(fp64_div, (D_INF, D_SIGN, FP_RNE, &flags), D_INF | D_SIGN, 0);
}

Test(fp, division_by_infinity_gives_an_exact_zero) {
    CHECK(fp64_div, (d(-1), D_INF, FP_RNE, &flags), D_SIGN, 0);
}

Test(fp, root_of_negative_numbers_is_invalid_but_that_of_minus_zero_is_itself) {
    CHECK(fp64_sqrt, (d(-1), FP_RNE, &flags), FP64_NAN, FP_NV);
    CHECK(fp64_sqrt, (D_INF | D_SIGN, FP_RNE, &flags), FP64_NAN, FP_NV);
    CHECK(fp64_sqrt, (D_SIGN, FP_RNE, &flags), D_SIGN, 0);
    CHECK(fp64_sqrt, (D_INF, FP_RNE, &flags), D_INF, 0);
    CHECK(fp32_sqrt, (s(9), FP_RNE, &flags), s(3), 0);
}

// --- Rounding ------------------------------------------------------------------------------------

// 1 + 2^-53 lies in the middle between 1, which is even, and the next double, which is odd; 1 + 3 *
// 2^-53 between that one and an even one.
Test(fp, ties_go_where_the_mode_says) {
    const uint64_t one = d(1), next = d(0x1.0000000000001p0), next2 = d(0x1.0000000000002p0);
    const uint64_t up[] = {one, one, one, next, next};        // of 1 + 2^-53, by mode
    const uint64_t up2[] = {next2, next, next, next2, next2}; // of 1 + 3 * 2^-53
    const uint64_t down[] = {one, one, next, one, next};      // of the first's negative
    FOR_EACH_MODE(rm) {
        CHECK(fp64_add, (one, d(0x1p-53), rm, &flags), up[rm], FP_NX);
        CHECK(fp64_add, (next, d(0x1p-53), rm, &flags), up2[rm], FP_NX);
        CHECK(fp64_sub, (d(-1), d(0x1p-53), rm, &flags), down[rm] | D_SIGN, FP_NX);
    }
}

// However far below the last bit the rest is, directed modes see it, and it breaks ties.
Test(fp, a_tiny_rest_still_counts) {
    CHECK(fp64_add, (d(1), D_SUBNORMAL, FP_RUP, &flags), d(0x1.0000000000001p0), FP_NX);
    CHECK(fp64_sub, (d(1), D_SUBNORMAL, FP_RTZ, &flags), d(0x1.fffffffffffffp-1), FP_NX);
    CHECK(fp64_fma, (d(0x1p-500), d(0x1p-500), d(1), FP_RUP, &flags), d(0x1.0000000000001p0),
          FP_NX);
    CHECK(fp64_fma, (d(0x1.0000000000001p0), d(0x1.8p-53), d(1), FP_RNE, &flags),
          d(0x1.0000000000001p0), FP_NX);
}

Test(fp, fma_rounds_once) {
    // (1 + 2^-52) (1 - 2^-52) - 1 = -2^-104, exactly.
    CHECK(fp64_fma, (d(0x1.0000000000001p0), d(0x1.ffffffffffffep-1), d(-1), FP_RNE, &flags),
          d(-0x1p-104), 0);
    // (1 + 2^-23) (1 + 2^-23) - 1 - 2^-22 = 2^-46.
    CHECK(fp32_fma, (s(0x1.000002p0f), s(0x1.000002p0f), s(-0x1.000004p0f), FP_RNE, &flags),
          s(0x1p-46f), 0);
}

// A sum rounded to double first loses 2^-80 and becomes a tie, which then goes to even.
Test(fp, single_fma_does_not_round_twice) {
    // (2^12 + 1)^2 = 2^24 + 2^13 + 1 has 25 bits.
    CHECK(fp32_fma, (s(4097), s(4097), s(0x1p-80f), FP_RNE, &flags), s(0x1.002002p24f), FP_NX);
    CHECK(fp32_fma, (s(4097), s(4097), 0, FP_RNE, &flags), s(0x1.002p24f), FP_NX);
}

Test(fp, exact_results_raise_nothing_in_any_mode) {
    FOR_EACH_MODE(rm) {
        CHECK(fp64_add, (d(0.5), d(0.25), rm, &flags), d(0.75), 0);
        CHECK(fp64_mul, (d(3), d(-7), rm, &flags), d(-21), 0);
        CHECK(fp64_div, (d(-21), d(7), rm, &flags), d(-3), 0);
        CHECK(fp64_sqrt, (d(1e10), rm, &flags), d(1e5), 0);
        CHECK(fp32_fma, (s(3), s(5), s(-14), rm, &flags), s(1), 0);
    }
}

Test(fp, inexact_results_raise_nx) {
    CHECK(fp64_div, (d(1), d(3), FP_RNE, &flags), d(1.0 / 3.0), FP_NX);
    CHECK(fp64_div, (d(1), d(3), FP_RUP, &flags), d(1.0 / 3.0) + 1, FP_NX);
    CHECK(fp32_sqrt, (s(2), FP_RNE, &flags), s(0x1.6a09e6p0f), FP_NX);
    CHECK(fp64_mul, (d(0.1), d(0.1), FP_RNE, &flags), d(0x1.47ae147ae147cp-7), FP_NX);
}

Test(fp, flags_are_added_to_those_that_are_set) {
    uint32_t flags = FP_DZ;
    fp64_div(d(1), d(3), FP_RNE, &flags);
    cr_expect_eq(flags, FP_DZ | FP_NX);
    (void)FP_FAST(fp64_add, (d(1), d(1), FP_RNE, &flags));
    cr_expect_eq(flags, FP_DZ | FP_NX);
}

// --- Zeros ---------------------------------------------------------------------------------------

Test(fp, exact_cancellation_gives_minus_zero_only_when_rounding_down) {
    FOR_EACH_MODE(rm) {
        const uint64_t zero = rm == FP_RDN ? D_SIGN : 0;
        CHECK(fp64_sub, (d(1), d(1), rm, &flags), zero, 0);
        CHECK(fp64_add, (0, D_SIGN, rm, &flags), zero, 0);
        CHECK(fp64_fma, (d(2), d(3), d(-6), rm, &flags), zero, 0);
        CHECK(fp64_fma, (d(-2), 0, 0, rm, &flags), zero, 0);
    }
}

Test(fp, zeros_of_one_sign_keep_it) {
    FOR_EACH_MODE(rm) {
        CHECK(fp64_add, (D_SIGN, D_SIGN, rm, &flags), D_SIGN, 0);
        CHECK(fp64_sub, (0, D_SIGN, rm, &flags), 0, 0);
        CHECK(fp64_fma, (d(-2), 0, D_SIGN, rm, &flags), D_SIGN, 0);
    }
}

// --- Overflow and underflow ----------------------------------------------------------------------

Test(fp, overflow_gives_infinity_or_the_greatest_number) {
    const uint64_t positive[] = {D_INF, D_MAX, D_MAX, D_INF, D_INF}; // by mode
    const uint64_t negative[] = {D_INF, D_MAX, D_INF, D_MAX, D_INF};
    FOR_EACH_MODE(rm) {
        CHECK(fp64_mul, (D_MAX, d(2), rm, &flags), positive[rm], FP_OF | FP_NX);
        CHECK(fp64_sub, (D_MAX | D_SIGN, D_MAX, rm, &flags), negative[rm] | D_SIGN, FP_OF | FP_NX);
    }
}

// Half a unit above the greatest number is where the next one would begin.
Test(fp, overflow_is_decided_after_rounding) {
    const uint64_t half = d(0x1p970), less = d(0x1.fffffffffffffp969);
    CHECK(fp64_add, (D_MAX, half, FP_RNE, &flags), D_INF, FP_OF | FP_NX);
    CHECK(fp64_add, (D_MAX, less, FP_RNE, &flags), D_MAX, FP_NX);
    CHECK(fp64_add, (D_MAX, half, FP_RTZ, &flags), D_MAX, FP_NX);
    CHECK(fp32_from_fp64, (d(0x1.ffffffp127), FP_RMM, &flags), S_INF, FP_OF | FP_NX);
    CHECK(fp32_from_fp64, (d(0x1.ffffffp127), FP_RDN, &flags), S_MAX, FP_NX);
}

Test(fp, exact_subnormal_results_are_no_underflow) {
    CHECK(fp64_mul, (D_NORMAL, d(0.5), FP_RNE, &flags), D_NORMAL / 2, 0);
    CHECK(fp64_sub, (D_NORMAL, D_SUBNORMAL, FP_RNE, &flags), D_NORMAL - 1, 0);
}

Test(fp, inexact_subnormal_results_underflow) {
    CHECK(fp64_mul, (D_SUBNORMAL, d(0.5), FP_RNE, &flags), 0, FP_UF | FP_NX);
    CHECK(fp64_mul, (D_SUBNORMAL, d(0.5), FP_RUP, &flags), D_SUBNORMAL, FP_UF | FP_NX);
    CHECK(fp64_mul, (D_SUBNORMAL, d(0.5), FP_RMM, &flags), D_SUBNORMAL, FP_UF | FP_NX);
    CHECK(fp64_div, (D_NORMAL, d(3), FP_RNE, &flags), UINT64_C(0x0005555555555555), FP_UF | FP_NX);
    CHECK(fp32_from_fp64, (d(-0x1p-200), FP_RDN, &flags), S_SIGN | 1, FP_UF | FP_NX);
    CHECK(fp32_fma, (S_NORMAL, s(0x1p-30f), 1, FP_RTZ, &flags), 1, FP_UF | FP_NX);
}

// (1 - 2^-53) times the least normal number has 53 bits: rounded with an endless exponent range it
// stays below, so it is tiny, though the subnormal that does not exist makes it round to normal.
Test(fp, tiny_number_that_rounds_to_normal_underflows) {
    CHECK(fp64_mul, (D_NORMAL, d(0x1.fffffffffffffp-1), FP_RNE, &flags), D_NORMAL, FP_UF | FP_NX);
    CHECK(fp32_mul, (S_NORMAL, s(0x1.fffffep-1f), FP_RNE, &flags), S_NORMAL, FP_UF | FP_NX);
    CHECK(fp32_mul, (S_NORMAL, s(0x1.fffffep-1f), FP_RUP, &flags), S_NORMAL, FP_UF | FP_NX);
    CHECK(fp32_from_fp64, (d(0x1.fffffep-127), FP_RNE, &flags), S_NORMAL, FP_UF | FP_NX);
    CHECK(fp32_fma, (S_NORMAL, s(0x1.fffffep-1f), 0, FP_RNE, &flags), S_NORMAL, FP_UF | FP_NX);
}

// (1 - 2^-54) times it has 54 bits, rounds to 1 times it, and is not tiny; unless it rounds down.
// 2^54 - 1 = (2^27 - 1) (2^27 + 1), and 2^25 - 1 = 31 * 1082401.
Test(fp, tininess_is_detected_after_rounding) {
    const uint64_t x = d((0x1p27 - 1) * 0x1p-500), y = d((0x1p27 + 1) * 0x1p-576);
    CHECK(fp64_mul, (x, y, FP_RNE, &flags), D_NORMAL, FP_NX);
    CHECK(fp64_mul, (x, y, FP_RUP, &flags), D_NORMAL, FP_NX);
    CHECK(fp64_mul, (x, y, FP_RMM, &flags), D_NORMAL, FP_NX);
    CHECK(fp64_mul, (x, y, FP_RTZ, &flags), D_NORMAL - 1, FP_UF | FP_NX);
    const uint32_t u = s(31 * 0x1p-60f), v = s(1082401 * 0x1p-91f);
    CHECK(fp32_mul, (u, v, FP_RNE, &flags), S_NORMAL, FP_NX);
    CHECK(fp32_mul, (u, v, FP_RDN, &flags), S_NORMAL - 1, FP_UF | FP_NX);
    CHECK(fp32_from_fp64, (d(0x1.ffffffp-127), FP_RNE, &flags), S_NORMAL, FP_NX);
}

// --- Comparisons ---------------------------------------------------------------------------------

Test(fp, equality_is_quiet) {
    CHECK(fp64_eq, (D_QUIET, D_QUIET, &flags), 0, 0);
    CHECK(fp64_eq, (D_SIGNAL, d(1), &flags), 0, FP_NV);
    CHECK(fp32_eq, (s(1), S_QUIET, &flags), 0, 0);
}

Test(fp, orderings_signal) {
    CHECK(fp64_lt, (D_QUIET, d(1), &flags), 0, FP_NV);
    CHECK(fp64_le, (d(1), D_QUIET, &flags), 0, FP_NV);
    CHECK(fp32_lt, (S_SIGNAL, s(1), &flags), 0, FP_NV);
}

Test(fp, zeros_are_equal) {
    CHECK(fp64_eq, (0, D_SIGN, &flags), 1, 0);
    CHECK(fp64_lt, (D_SIGN, 0, &flags), 0, 0);
    CHECK(fp64_le, (0, D_SIGN, &flags), 1, 0);
}

Test(fp, numbers_compare_by_value) {
    const float ascending[] = {-INFINITY, -2, -1, -0x1p-149f, 0, 0x1p-149f, 1, 2, INFINITY};
    for (int i = 0; i < 9; i++)
        for (int j = 0; j < 9; j++) {
            const uint32_t a = s(ascending[i]), b = s(ascending[j]);
            CHECK(fp32_eq, (a, b, &flags), i == j, 0);
            CHECK(fp32_lt, (a, b, &flags), i < j, 0);
            CHECK(fp32_le, (a, b, &flags), i <= j, 0);
        }
}

Test(fp, minimum_and_maximum_order_zeros) {
    CHECK(fp64_min, (0, D_SIGN, &flags), D_SIGN, 0);
    CHECK(fp64_min, (D_SIGN, 0, &flags), D_SIGN, 0);
    CHECK(fp64_max, (0, D_SIGN, &flags), 0, 0);
    CHECK(fp32_max, (S_SIGN, 0, &flags), 0, 0);
    CHECK(fp64_max, (D_SIGN, D_SIGN, &flags), D_SIGN, 0);
}

Test(fp, minimum_and_maximum_pass_nans_over) {
    CHECK(fp64_min, (D_QUIET, d(1), &flags), d(1), 0);
    CHECK(fp64_max, (d(-1), D_QUIET, &flags), d(-1), 0);
    CHECK(fp64_min, (D_SIGNAL, d(1), &flags), d(1), FP_NV);
    CHECK(fp32_max, (s(1), S_SIGNAL, &flags), s(1), FP_NV);
    CHECK(fp64_min, (D_QUIET, D_QUIET, &flags), FP64_NAN, 0);
    CHECK(fp32_max, (S_QUIET, S_SIGNAL, &flags), FP32_NAN, FP_NV);
}

Test(fp, minimum_and_maximum_keep_the_operand) {
    CHECK(fp64_min, (d(-3), d(2), &flags), d(-3), 0);
    CHECK(fp64_max, (d(-3), D_INF | D_SIGN, &flags), d(-3), 0);
    CHECK(fp32_max, (1, 2, &flags), 2, 0); // subnormals
}

Test(fp, classes_are_ten_bits) {
    const uint64_t of[] = {
        D_INF | D_SIGN, d(-1),  D_SUBNORMAL | D_SIGN, D_SIGN, 0, D_NORMAL - 1, D_NORMAL, D_INF,
        D_SIGNAL,       D_QUIET};
    const uint32_t of_single[] = {S_INF | S_SIGN, s(-1), S_SIGN | 1, S_SIGN, 0, 1,
                                  S_MAX,          S_INF, S_SIGNAL,   S_QUIET};
    for (unsigned i = 0; i < 10; i++) {
        cr_expect_eq(fp64_class(of[i]), UINT64_C(1) << i);
        cr_expect_eq(fp32_class(of_single[i]), UINT64_C(1) << i);
    }
}
