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
#include "testsuite/fp/operations.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { MAX_SHOWN = 10 };

static const char *const ROUNDINGS[] = {"rne", "rtz", "rdn", "rup", "rmm"};

static int find_rounding(const char *name) {
    for (int rm = FP_RNE; rm <= FP_RMM; rm++)
        if (strcmp(ROUNDINGS[rm], name) == 0) return rm;
    return -1;
}

// Reads count hexadecimal numbers, of which the last ends the line.
static bool parse_line(const char *line, uint64_t *numbers, size_t count) {
    for (size_t i = 0; i < count; i++) {
        char *end;
        numbers[i] = strtoull(line, &end, 16);
        if (end == line) return false;
        line = end;
    }
    return *line == '\n' || *line == '\0';
}

struct check {
    const char *layer;
    fp_operation_fn compute;
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
static bool run(const struct fp_operation *op, enum fp_round rm, uint64_t *lines, uint64_t *wrong) {
    const struct check checks[] = {
        {"soft", op->soft, 0}, {"fast", op->fast, 0}, {"fast", op->fast, FP_NX}};
    const size_t operands = strlen(op->formats);
    char line[128];
    while (fgets(line, sizeof line, stdin) != NULL) {
        uint64_t numbers[FP_MAX_OPERANDS + 2];
        if (!parse_line(line, numbers, operands + 2)) {
            fprintf(stderr, "vectors: expected %zu hexadecimal numbers, got: %s\n", operands + 2,
                    line);
            return false;
        }
        uint64_t result = numbers[operands];
        if (op->gives_word) result = (uint64_t)(int64_t)(int32_t)(uint32_t)result;
        const uint32_t flags = (uint32_t)numbers[operands + 1];
        ++*lines;
        for (size_t i = 0; i < sizeof checks / sizeof *checks; i++)
            if (!agrees(checks[i], numbers, rm, result, flags, *wrong < MAX_SHOWN, line)) ++*wrong;
    }
    return true;
}

int main(int argc, char **argv) {
    const struct fp_operation *op = argc == 3 ? find_fp_operation(argv[1]) : NULL;
    const int rm = argc == 3 ? find_rounding(argv[2]) : -1;
    if (op == NULL || rm < 0) {
        fprintf(stderr, "usage: vectors OPERATION rne|rtz|rdn|rup|rmm < vectors; operations:\n");
        for (size_t i = 0; i < FP_OPERATION_COUNT; i++)
            fprintf(stderr, " %s", FP_OPERATIONS[i].name);
        fputc('\n', stderr);
        return 2;
    }
    uint64_t lines = 0, wrong = 0;
    if (!run(op, (enum fp_round)rm, &lines, &wrong)) return 2;
    printf("%s %s: %" PRIu64 " vectors, %" PRIu64 " mismatches\n", op->name, argv[2], lines, wrong);
    return lines != 0 && wrong == 0 ? 0 : 1;
}
