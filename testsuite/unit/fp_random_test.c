// SPDX-License-Identifier: MIT
// Floating point on millions of drawn operands: the fast layer against the soft one, and the soft
// one against the host's FPU and its flags in the host's four rounding modes, which is another
// implementation of the same standard. The draws are the same on every run.
#include "testsuite/fp/draw.h"
#include "testsuite/fp/operations.h"

#include <criterion/criterion.h>
#include <fenv.h>
#include <inttypes.h>
#include <stdio.h>

enum { DRAWS = 100000 }; // for each operation

// --- Fast against soft ---------------------------------------------------------------------------

struct outcome {
    uint64_t result;
    uint32_t flags;
};

// Fails unless both outcomes are the same in the result and in the flags of the mask.
static void expect_same(const struct fp_operation *op, const uint64_t *x, enum fp_round rm,
                        struct outcome soft, struct outcome other, uint32_t mask) {
    if (soft.result == other.result && ((soft.flags ^ other.flags) & mask) == 0) return;
    char text[200];
    snprintf(text, sizeof text,
             "%s mode %d of %#" PRIx64 " %#" PRIx64 " %#" PRIx64 ": soft %#" PRIx64 " %#" PRIx32
             ", other %#" PRIx64 " %#" PRIx32,
             op->name, (int)rm, x[0], x[1], x[2], soft.result, soft.flags, other.result,
             other.flags);
    cr_assert(false, "%s", text);
}

static void expect_fast_is_soft(const struct fp_operation *op, const uint64_t *x, enum fp_round rm,
                                uint32_t flags) {
    struct outcome soft = {0, flags}, fast = {0, flags};
    soft.result = op->soft(x, rm, &soft.flags);
    fast.result = op->fast(x, rm, &fast.flags);
    expect_same(op, x, rm, soft, fast, UINT32_MAX);
}

Test(fp_random, fast_layer_is_the_soft_one) {
    uint64_t state = 1;
    for (int i = 0; i < FP_OPERATION_COUNT; i++) {
        const struct fp_operation *op = &FP_OPERATIONS[i];
        for (int n = 0; n < DRAWS; n++) {
            uint64_t x[FP_MAX_OPERANDS] = {0};
            draw_fp_operands(&state, op->formats, x);
            // Every other time the mode in which the fast layer is fast.
            const enum fp_round rm = n % 2 == 0 ? FP_RNE : (enum fp_round)(draw(&state) % 5);
            expect_fast_is_soft(op, x, rm, 0);
            expect_fast_is_soft(op, x, rm, FP_NX);
        }
    }
}

// --- Soft against the host's FPU -----------------------------------------------------------------

// Operands are read from and results written to volatile variables, which keeps the computation
// between the calls that clear and read the host's flags.
struct host_operands {
    volatile float s[FP_MAX_OPERANDS];
    volatile double d[FP_MAX_OPERANDS];
    volatile int64_t l;
};

#define FOR_EACH_HOST_OPERATION(OP)                                                                \
    OP(f32_add, 32, float, v->s[0] + v->s[1])                                                      \
    OP(f32_sub, 32, float, v->s[0] - v->s[1])                                                      \
    OP(f32_mul, 32, float, v->s[0] * v->s[1])                                                      \
    OP(f32_div, 32, float, v->s[0] / v->s[1])                                                      \
    OP(f32_sqrt, 32, float, sqrtf(v->s[0]))                                                        \
    OP(f32_mulAdd, 32, float, fmaf(v->s[0], v->s[1], v->s[2]))                                     \
    OP(f32_to_f64, 64, double, (double)v->s[0])                                                    \
    OP(i64_to_f32, 32, float, (float)v->l)                                                         \
    OP(f64_add, 64, double, v->d[0] + v->d[1])                                                     \
    OP(f64_sub, 64, double, v->d[0] - v->d[1])                                                     \
    OP(f64_mul, 64, double, v->d[0] * v->d[1])                                                     \
    OP(f64_div, 64, double, v->d[0] / v->d[1])                                                     \
    OP(f64_sqrt, 64, double, sqrt(v->d[0]))                                                        \
    OP(f64_mulAdd, 64, double, fma(v->d[0], v->d[1], v->d[2]))                                     \
    OP(f64_to_f32, 32, float, (float)v->d[0])                                                      \
    OP(i64_to_f64, 64, double, (double)v->l)

// A NaN's payload is the host's own affair.
#define DEFINE_HOST_OPERATION(name, N, real, result)                                               \
    static uint64_t host_##name(const struct host_operands *v) {                                   \
        volatile real stored = result;                                                             \
        const real r = stored;                                                                     \
        return isnan(r) ? FP##N##_NAN : fp##N##_bits(r);                                           \
    }
FOR_EACH_HOST_OPERATION(DEFINE_HOST_OPERATION)

static const struct host_operation {
    const char *name;
    uint64_t (*compute)(const struct host_operands *v);
} HOST_OPERATIONS[] = {
#define HOST_ROW(name, N, real, result) {#name, host_##name},
    FOR_EACH_HOST_OPERATION(HOST_ROW)};

// In the order of enum fp_round; the host has no RMM.
static const int HOST_MODES[] = {FE_TONEAREST, FE_TOWARDZERO, FE_DOWNWARD, FE_UPWARD};

static uint32_t host_flags(void) {
    const int raised = fetestexcept(FE_ALL_EXCEPT);
    return (uint32_t)(((raised & FE_INEXACT) != 0 ? FP_NX : 0) |
                      ((raised & FE_UNDERFLOW) != 0 ? FP_UF : 0) |
                      ((raised & FE_OVERFLOW) != 0 ? FP_OF : 0) |
                      ((raised & FE_DIVBYZERO) != 0 ? FP_DZ : 0) |
                      ((raised & FE_INVALID) != 0 ? FP_NV : 0));
}

// Hosts may detect tininess before rounding, and zero times infinity plus a quiet NaN may be valid.
static uint32_t comparable_flags(const struct fp_operation *op, uint64_t result) {
#if defined(__x86_64__) || defined(__riscv)
    const uint32_t underflow = FP_UF;
#else
    const uint32_t underflow = 0;
#endif
    const bool fma_nan = strlen(op->formats) == 3 && (result == FP64_NAN || result == FP32_NAN);
    return FP_NX | FP_OF | FP_DZ | underflow | (fma_nan ? 0 : FP_NV);
}

static void expect_host_agrees(const struct host_operation *host, const struct fp_operation *op,
                               const uint64_t *x, enum fp_round rm) {
    struct host_operands v;
    for (int i = 0; i < FP_MAX_OPERANDS; i++) {
        v.s[i] = fp32_value((uint32_t)x[i]);
        v.d[i] = fp64_value(x[i]);
    }
    v.l = (int64_t)x[0];
    fesetround(HOST_MODES[rm]);
    feclearexcept(FE_ALL_EXCEPT);
    struct outcome want = {.result = host->compute(&v)};
    want.flags = host_flags();
    fesetround(FE_TONEAREST);

    struct outcome soft = {0, 0};
    soft.result = op->soft(x, rm, &soft.flags);
    expect_same(op, x, rm, soft, want, comparable_flags(op, want.result));
}

Test(fp_random, soft_layer_agrees_with_the_host) {
    uint64_t state = 2;
    for (size_t i = 0; i < sizeof HOST_OPERATIONS / sizeof *HOST_OPERATIONS; i++) {
        const struct fp_operation *op = find_fp_operation(HOST_OPERATIONS[i].name);
        cr_assert_not_null(op);
        for (int n = 0; n < DRAWS; n++) {
            uint64_t x[FP_MAX_OPERANDS] = {0};
            draw_fp_operands(&state, op->formats, x);
            expect_host_agrees(&HOST_OPERATIONS[i], op, x, (enum fp_round)(n % 4));
        }
    }
}
