// SPDX-License-Identifier: MIT
// The operations of cpu/fp.h as a table, so that a test can run all of them, in both layers, with
// one loop.
#ifndef TABLEWALK_TESTSUITE_FP_OPERATIONS_H
#define TABLEWALK_TESTSUITE_FP_OPERATIONS_H

#include "testsuite/fp/layers.h"

enum { FP_MAX_OPERANDS = 3 };

typedef uint64_t (*fp_operation_fn)(const uint64_t *x, enum fp_round rm, uint32_t *flags);

struct fp_operation {
    const char *name;    // TestFloat's, where it has the operation
    const char *formats; // of the operands, a letter each: s, d, w (32-bit integer), l (64-bit)
    bool gives_word;     // a 32-bit integer, extended by sign to the register's 64
    fp_operation_fn soft, fast;
};

// The operands of the calls below. The upper half of a register is junk to a 32-bit conversion.
#define S(n)    (uint32_t)x[n]
#define D(n)    x[n]
#define WORD(n) (x[n] | UINT64_C(0xdeadbeef00000000))

#define FOR_EACH_FP_OPERATION(OP)                                                                  \
    OP(f32_add, "ss", false, fp32_add, (S(0), S(1), rm, flags))                                    \
    OP(f32_sub, "ss", false, fp32_sub, (S(0), S(1), rm, flags))                                    \
    OP(f32_mul, "ss", false, fp32_mul, (S(0), S(1), rm, flags))                                    \
    OP(f32_div, "ss", false, fp32_div, (S(0), S(1), rm, flags))                                    \
    OP(f32_sqrt, "s", false, fp32_sqrt, (S(0), rm, flags))                                         \
    OP(f32_mulAdd, "sss", false, fp32_fma, (S(0), S(1), S(2), rm, flags))                          \
    OP(f32_eq, "ss", false, fp32_eq, (S(0), S(1), flags))                                          \
    OP(f32_lt, "ss", false, fp32_lt, (S(0), S(1), flags))                                          \
    OP(f32_le, "ss", false, fp32_le, (S(0), S(1), flags))                                          \
    OP(f32_min, "ss", false, fp32_min, (S(0), S(1), flags))                                        \
    OP(f32_max, "ss", false, fp32_max, (S(0), S(1), flags))                                        \
    OP(f32_to_i32, "s", true, fp32_to_i32, (S(0), rm, flags))                                      \
    OP(f32_to_ui32, "s", true, fp32_to_u32, (S(0), rm, flags))                                     \
    OP(f32_to_i64, "s", false, fp32_to_i64, (S(0), rm, flags))                                     \
    OP(f32_to_ui64, "s", false, fp32_to_u64, (S(0), rm, flags))                                    \
    OP(f32_to_f64, "s", false, fp64_from_fp32, (S(0), flags))                                      \
    OP(i32_to_f32, "w", false, fp32_from_i32, (WORD(0), rm, flags))                                \
    OP(ui32_to_f32, "w", false, fp32_from_u32, (WORD(0), rm, flags))                               \
    OP(i64_to_f32, "l", false, fp32_from_i64, (x[0], rm, flags))                                   \
    OP(ui64_to_f32, "l", false, fp32_from_u64, (x[0], rm, flags))                                  \
    OP(f64_add, "dd", false, fp64_add, (D(0), D(1), rm, flags))                                    \
    OP(f64_sub, "dd", false, fp64_sub, (D(0), D(1), rm, flags))                                    \
    OP(f64_mul, "dd", false, fp64_mul, (D(0), D(1), rm, flags))                                    \
    OP(f64_div, "dd", false, fp64_div, (D(0), D(1), rm, flags))                                    \
    OP(f64_sqrt, "d", false, fp64_sqrt, (D(0), rm, flags))                                         \
    OP(f64_mulAdd, "ddd", false, fp64_fma, (D(0), D(1), D(2), rm, flags))                          \
    OP(f64_eq, "dd", false, fp64_eq, (D(0), D(1), flags))                                          \
    OP(f64_lt, "dd", false, fp64_lt, (D(0), D(1), flags))                                          \
    OP(f64_le, "dd", false, fp64_le, (D(0), D(1), flags))                                          \
    OP(f64_min, "dd", false, fp64_min, (D(0), D(1), flags))                                        \
    OP(f64_max, "dd", false, fp64_max, (D(0), D(1), flags))                                        \
    OP(f64_to_i32, "d", true, fp64_to_i32, (D(0), rm, flags))                                      \
    OP(f64_to_ui32, "d", true, fp64_to_u32, (D(0), rm, flags))                                     \
    OP(f64_to_i64, "d", false, fp64_to_i64, (D(0), rm, flags))                                     \
    OP(f64_to_ui64, "d", false, fp64_to_u64, (D(0), rm, flags))                                    \
    OP(f64_to_f32, "d", false, fp32_from_fp64, (D(0), rm, flags))                                  \
    OP(i32_to_f64, "w", false, fp64_from_i32, (WORD(0), rm, flags))                                \
    OP(ui32_to_f64, "w", false, fp64_from_u32, (WORD(0), rm, flags))                               \
    OP(i64_to_f64, "l", false, fp64_from_i64, (x[0], rm, flags))                                   \
    OP(ui64_to_f64, "l", false, fp64_from_u64, (x[0], rm, flags))

#define DEFINE_CALLS(name, formats, is_word, function, arguments)                                  \
    static uint64_t soft_##name(const uint64_t *x, enum fp_round rm, uint32_t *flags) {            \
        (void)rm;                                                                                  \
        return FP_SOFT(function, arguments);                                                       \
    }                                                                                              \
    static uint64_t fast_##name(const uint64_t *x, enum fp_round rm, uint32_t *flags) {            \
        (void)rm;                                                                                  \
        return FP_FAST(function, arguments);                                                       \
    }
FOR_EACH_FP_OPERATION(DEFINE_CALLS)

#define ROW(name, formats, is_word, function, arguments)                                           \
    {#name, formats, is_word, soft_##name, fast_##name},
static const struct fp_operation FP_OPERATIONS[] = {FOR_EACH_FP_OPERATION(ROW)};
enum { FP_OPERATION_COUNT = sizeof FP_OPERATIONS / sizeof *FP_OPERATIONS };

// NULL: there is none of that name.
static inline const struct fp_operation *find_fp_operation(const char *name) {
    for (size_t i = 0; i < FP_OPERATION_COUNT; i++)
        if (strcmp(FP_OPERATIONS[i].name, name) == 0) return &FP_OPERATIONS[i];
    return NULL;
}

#undef S
#undef D
#undef WORD
#undef DEFINE_CALLS
#undef ROW

#endif
