// SPDX-License-Identifier: MIT
// Checks the floating point against vectors of the Berkeley TestFloat generator, which anybody can
// build (with SoftFloat specialised for RISC-V) and pipe in:
//
//     testfloat_gen -rminMag -exact f64_to_i32 | vectors f64_to_i32 rtz
//
// A line is `operands result flags`, all in hexadecimal, with the flags as in fflags. Every line is
// computed three times: by the soft layer, and by the fast one with NX clear and with NX set.
// Prints the first mismatches and a count; exits 0 if there was a line and all agreed, 1 if not, 2
// on wrong usage.
#include "cpu/fp_host.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { MAX_OPERANDS = 3, MAX_SHOWN = 10 };

typedef uint64_t (*op_fn)(const uint64_t *x, enum fp_round rm, uint32_t *flags);

struct operation {
    const char *name; // TestFloat's
    int operands;
    bool gives_32_bit_integer; // written in 32 bits, which the register extends by sign
    op_fn soft, fast;
};

// The operands of the calls below. The upper half of a register is junk to a 32-bit conversion.
#define S(n)    (uint32_t)x[n]
#define D(n)    x[n]
#define WORD(n) (x[n] | UINT64_C(0xdeadbeef00000000))

#define FOR_EACH_OPERATION(OP)                                                                     \
    OP(f32_add, 2, false, fp32_add(S(0), S(1), rm, flags))                                         \
    OP(f32_sub, 2, false, fp32_sub(S(0), S(1), rm, flags))                                         \
    OP(f32_mul, 2, false, fp32_mul(S(0), S(1), rm, flags))                                         \
    OP(f32_div, 2, false, fp32_div(S(0), S(1), rm, flags))                                         \
    OP(f32_sqrt, 1, false, fp32_sqrt(S(0), rm, flags))                                             \
    OP(f32_mulAdd, 3, false, fp32_fma(S(0), S(1), S(2), rm, flags))                                \
    OP(f32_eq, 2, false, fp32_eq(S(0), S(1), flags))                                               \
    OP(f32_lt, 2, false, fp32_lt(S(0), S(1), flags))                                               \
    OP(f32_le, 2, false, fp32_le(S(0), S(1), flags))                                               \
    OP(f32_to_i32, 1, true, fp32_to_i32(S(0), rm, flags))                                          \
    OP(f32_to_ui32, 1, true, fp32_to_u32(S(0), rm, flags))                                         \
    OP(f32_to_i64, 1, false, fp32_to_i64(S(0), rm, flags))                                         \
    OP(f32_to_ui64, 1, false, fp32_to_u64(S(0), rm, flags))                                        \
    OP(f32_to_f64, 1, false, fp64_from_fp32(S(0), flags))                                          \
    OP(i32_to_f32, 1, false, fp32_from_i32(WORD(0), rm, flags))                                    \
    OP(ui32_to_f32, 1, false, fp32_from_u32(WORD(0), rm, flags))                                   \
    OP(i64_to_f32, 1, false, fp32_from_i64(x[0], rm, flags))                                       \
    OP(ui64_to_f32, 1, false, fp32_from_u64(x[0], rm, flags))                                      \
    OP(f64_add, 2, false, fp64_add(D(0), D(1), rm, flags))                                         \
    OP(f64_sub, 2, false, fp64_sub(D(0), D(1), rm, flags))                                         \
    OP(f64_mul, 2, false, fp64_mul(D(0), D(1), rm, flags))                                         \
    OP(f64_div, 2, false, fp64_div(D(0), D(1), rm, flags))                                         \
    OP(f64_sqrt, 1, false, fp64_sqrt(D(0), rm, flags))                                             \
    OP(f64_mulAdd, 3, false, fp64_fma(D(0), D(1), D(2), rm, flags))                                \
    OP(f64_eq, 2, false, fp64_eq(D(0), D(1), flags))                                               \
    OP(f64_lt, 2, false, fp64_lt(D(0), D(1), flags))                                               \
    OP(f64_le, 2, false, fp64_le(D(0), D(1), flags))                                               \
    OP(f64_to_i32, 1, true, fp64_to_i32(D(0), rm, flags))                                          \
    OP(f64_to_ui32, 1, true, fp64_to_u32(D(0), rm, flags))                                         \
    OP(f64_to_i64, 1, false, fp64_to_i64(D(0), rm, flags))                                         \
    OP(f64_to_ui64, 1, false, fp64_to_u64(D(0), rm, flags))                                        \
    OP(f64_to_f32, 1, false, fp32_from_fp64(D(0), rm, flags))                                      \
    OP(i32_to_f64, 1, false, fp64_from_i32(WORD(0), rm, flags))                                    \
    OP(ui32_to_f64, 1, false, fp64_from_u32(WORD(0), rm, flags))                                   \
    OP(i64_to_f64, 1, false, fp64_from_i64(x[0], rm, flags))                                       \
    OP(ui64_to_f64, 1, false, fp64_from_u64(x[0], rm, flags))

#define DEFINE_CALLS(name, operands, is_word, call)                                                \
    static uint64_t soft_##name(const uint64_t *x, enum fp_round rm, uint32_t *flags) {            \
        (void)rm;                                                                                  \
        return call;                                                                               \
    }                                                                                              \
    static uint64_t fast_##name(const uint64_t *x, enum fp_round rm, uint32_t *flags) {            \
        (void)rm;                                                                                  \
        return fast_##call;                                                                        \
    }
FOR_EACH_OPERATION(DEFINE_CALLS)

#define ROW(name, operands, is_word, call) {#name, operands, is_word, soft_##name, fast_##name},
static const struct operation OPERATIONS[] = {FOR_EACH_OPERATION(ROW)};

static const char *const ROUNDINGS[] = {"rne", "rtz", "rdn", "rup", "rmm"};

static const struct operation *find_operation(const char *name) {
    for (size_t i = 0; i < sizeof OPERATIONS / sizeof *OPERATIONS; i++)
        if (strcmp(OPERATIONS[i].name, name) == 0) return &OPERATIONS[i];
    return NULL;
}

static int find_rounding(const char *name) {
    for (int rm = FP_RNE; rm <= FP_RMM; rm++)
        if (strcmp(ROUNDINGS[rm], name) == 0) return rm;
    return -1;
}

// Reads count hexadecimal numbers, of which the last ends the line.
static bool parse_line(const char *line, uint64_t *numbers, int count) {
    for (int i = 0; i < count; i++) {
        char *end;
        numbers[i] = strtoull(line, &end, 16);
        if (end == line) return false;
        line = end;
    }
    return *line == '\n' || *line == '\0';
}

struct check {
    const char *layer;
    op_fn compute;
    uint32_t flags_before;
};

// Does one computation of a line give what the line says?
static bool agrees(struct check check, const uint64_t *x, enum fp_round rm, uint64_t result,
                   uint32_t flags, bool show, const char *line) {
    uint32_t got_flags = check.flags_before;
    const uint64_t got = check.compute(x, rm, &got_flags);
    if (got == result && got_flags == (flags | check.flags_before)) return true;
    if (show)
        printf("%s, fflags %02" PRIx32 ": got %016" PRIx64 " %02" PRIx32 " for %s", check.layer,
               check.flags_before, got, got_flags, line);
    return false;
}

// Checks all lines of stdin.
static bool run(const struct operation *op, enum fp_round rm, uint64_t *lines, uint64_t *wrong) {
    const struct check checks[] = {
        {"soft", op->soft, 0}, {"fast", op->fast, 0}, {"fast", op->fast, FP_NX}};
    char line[128];
    while (fgets(line, sizeof line, stdin) != NULL) {
        uint64_t numbers[MAX_OPERANDS + 2];
        if (!parse_line(line, numbers, op->operands + 2)) {
            fprintf(stderr, "vectors: expected %d hexadecimal numbers, got: %s\n", op->operands + 2,
                    line);
            return false;
        }
        uint64_t result = numbers[op->operands];
        if (op->gives_32_bit_integer) result = (uint64_t)(int64_t)(int32_t)(uint32_t)result;
        const uint32_t flags = (uint32_t)numbers[op->operands + 1];
        ++*lines;
        for (size_t i = 0; i < sizeof checks / sizeof *checks; i++)
            if (!agrees(checks[i], numbers, rm, result, flags, *wrong < MAX_SHOWN, line)) ++*wrong;
    }
    return true;
}

int main(int argc, char **argv) {
    const struct operation *op = argc == 3 ? find_operation(argv[1]) : NULL;
    const int rm = argc == 3 ? find_rounding(argv[2]) : -1;
    if (op == NULL || rm < 0) {
        fprintf(stderr, "usage: vectors OPERATION rne|rtz|rdn|rup|rmm < vectors; operations:\n");
        for (size_t i = 0; i < sizeof OPERATIONS / sizeof *OPERATIONS; i++)
            fprintf(stderr, " %s", OPERATIONS[i].name);
        fputc('\n', stderr);
        return 2;
    }
    uint64_t lines = 0, wrong = 0;
    if (!run(op, (enum fp_round)rm, &lines, &wrong)) return 2;
    printf("%s %s: %" PRIu64 " vectors, %" PRIu64 " mismatches\n", op->name, argv[2], lines, wrong);
    return lines != 0 && wrong == 0 ? 0 : 1;
}
