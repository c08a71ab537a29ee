// SPDX-License-Identifier: MIT
// In place of Criterion, for the headers of testsuite/unit/ that a fuzz target uses: what a test
// asserts there a target asserts too, by a crash that libFuzzer sees.
#ifndef TABLEWALK_TESTSUITE_FUZZ_SHIM_CRITERION_H
#define TABLEWALK_TESTSUITE_FUZZ_SHIM_CRITERION_H

#define cr_assert(condition, ...)                                                                  \
    do {                                                                                           \
        if (!(condition)) __builtin_trap();                                                        \
    } while (0)
#define cr_assert_not(condition, ...)  cr_assert(!(condition))
#define cr_assert_not_null(value, ...) cr_assert((value) != NULL)
#define cr_assert_eq(a, b, ...)        cr_assert((a) == (b))
#define cr_assert_lt(a, b, ...)        cr_assert((a) < (b))
#define cr_assert_leq(a, b, ...)       cr_assert((a) <= (b))

#endif
