// SPDX-License-Identifier: MIT
// The instructions of F and D on a hart, against the soft functions they stand for: results in the
// right file and boxed, flags, which rounding mode counts, mstatus.FS before and after, and what is
// illegal. Each runs often enough to be interpreted first and native code later; once more on a
// hart that only interprets.
#include "cpu/hart.h"
#include "testsuite/fp/draw.h"
#include "testsuite/fp/operations.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>

#include "testsuite/unit/bench.h"

enum { DRAWS = 1000 };

// Operands are registers 1, 2 and 3 of a file, the result is 4.
enum { RD = 4 };

// --- What the instructions stand for -------------------------------------------------------------

// Those that compute nothing. In formats, r is an f register as it is, whatever its boxing.
#define S32 (UINT64_C(1) << 31)
#define S64 (UINT64_C(1) << 63)
#define FOR_EACH_MOVE(OP)                                                                          \
    OP(fsgnj_s, "ss", (x[0] & ~S32) | (x[1] & S32))                                                \
    OP(fsgnjn_s, "ss", (x[0] & ~S32) | (~x[1] & S32))                                              \
    OP(fsgnjx_s, "ss", x[0] ^ (x[1] & S32))                                                        \
    OP(fsgnj_d, "dd", (x[0] & ~S64) | (x[1] & S64))                                                \
    OP(fsgnjn_d, "dd", (x[0] & ~S64) | (~x[1] & S64))                                              \
    OP(fsgnjx_d, "dd", x[0] ^ (x[1] & S64))                                                        \
    OP(fmv_x_w, "r", (uint64_t)(int64_t)(int32_t)(uint32_t)x[0])                                   \
    OP(fmv_x_d, "d", x[0])                                                                         \
    OP(fmv_w_x, "l", (uint32_t)x[0])                                                               \
    OP(fmv_d_x, "l", x[0])                                                                         \
    OP(fclass_s, "s", fp32_class((uint32_t)x[0]))                                                  \
    OP(fclass_d, "d", fp64_class(x[0]))

#define DEFINE_MOVE(name, formats, result)                                                         \
    static uint64_t move_##name(const uint64_t *x, enum fp_round rm, uint32_t *flags) {            \
        (void)rm, (void)flags;                                                                     \
        return result;                                                                             \
    }
FOR_EACH_MOVE(DEFINE_MOVE)

// Those that compute, in either format F, with TestFloat's name for what they do and the operands
// that they negate.
#define FOR_EACH_IN_FORMAT(OP, f, F)                                                               \
    OP(fadd_##f, F "_add", "")                                                                     \
    OP(fsub_##f, F "_sub", "")                                                                     \
    OP(fmul_##f, F "_mul", "")                                                                     \
    OP(fdiv_##f, F "_div", "")                                                                     \
    OP(fsqrt_##f, F "_sqrt", "")                                                                   \
    OP(fmadd_##f, F "_mulAdd", "")                                                                 \
    OP(fmsub_##f, F "_mulAdd", "..-")                                                              \
    OP(fnmsub_##f, F "_mulAdd", "-..")                                                             \
    OP(fnmadd_##f, F "_mulAdd", "-.-")                                                             \
    OP(fmin_##f, F "_min", "")                                                                     \
    OP(fmax_##f, F "_max", "")                                                                     \
    OP(feq_##f, F "_eq", "")                                                                       \
    OP(flt_##f, F "_lt", "")                                                                       \
    OP(fle_##f, F "_le", "")                                                                       \
    OP(fcvt_w_##f, F "_to_i32", "")                                                                \
    OP(fcvt_wu_##f, F "_to_ui32", "")                                                              \
    OP(fcvt_l_##f, F "_to_i64", "")                                                                \
    OP(fcvt_lu_##f, F "_to_ui64", "")                                                              \
    OP(fcvt_##f##_w, "i32_to_" F, "")                                                              \
    OP(fcvt_##f##_wu, "ui32_to_" F, "")                                                            \
    OP(fcvt_##f##_l, "i64_to_" F, "")                                                              \
    OP(fcvt_##f##_lu, "ui64_to_" F, "")

struct instruction {
    enum isa_row row;
    const char *operation; // in FP_OPERATIONS, or NULL
    const char *negated;   // a - for each operand whose sign is flipped
    struct fp_operation move;
};

static const struct instruction INSTRUCTIONS[] = {
#define COMPUTING(row, operation, negated) {ROW_##row, operation, negated, {0}},
#define MOVING(row, formats, result)                                                               \
    {ROW_##row, NULL, "", {#row, formats, false, move_##row, NULL}},
    FOR_EACH_IN_FORMAT(COMPUTING, s, "f32") FOR_EACH_IN_FORMAT(COMPUTING, d, "f64")
        COMPUTING(fcvt_s_d, "f64_to_f32", "") COMPUTING(fcvt_d_s, "f32_to_f64", "")
            FOR_EACH_MOVE(MOVING)};
enum { INSTRUCTION_COUNT = sizeof INSTRUCTIONS / sizeof *INSTRUCTIONS };

// --- One instruction, once -----------------------------------------------------------------------

// The row's pattern, with the registers and the rounding mode in the places it leaves open.
static uint32_t encode(enum isa_row row, unsigned rm) {
    const uint32_t fields = 3u << 27 | 2u << 20 | 1u << 15 | rm << 12 | RD << 7;
    uint32_t bits = 0;
    int place = 32;
    for (const char *p = isa_row_info(row)->pattern; *p != '\0'; p++) {
        if (*p == ' ') continue;
        place--;
        bits |= (*p == '.' ? fields >> place & 1 : (uint32_t)(*p - '0')) << place;
    }
    cr_assert_eq(place, 0);
    return bits;
}

enum { FS_OFF, FS_INITIAL, FS_CLEAN, FS_DIRTY };

static void set_fs(struct hart *h, uint64_t fs) {
    h->csr.mstatus &= ~(MSTATUS_FS | MSTATUS_SD);
    h->csr.mstatus |= fs << 13 | (fs == FS_DIRTY ? MSTATUS_SD : 0);
}

// What an instruction leaves behind that a test can see.
struct outcome {
    bool illegal;
    uint64_t result; // in rd
    uint32_t flags;
    uint64_t status; // FS and SD
};

// Draws operands into the registers, and gives them as the operation takes them.
static void draw_registers(struct hart *h, uint64_t *state, const struct instruction *in,
                           const struct fp_operation *op, uint64_t *x) {
    draw_fp_operands(state, op->formats, x);
    for (int i = 0; op->formats[i] != '\0'; i++) {
        const char format = op->formats[i];
        uint64_t reg = x[i];
        if (format == 's') reg = one_in(state, 8) ? draw(state) : fp_box((uint32_t)reg);
        if (format == 'w') reg |= draw(state) << 32;
        (format == 'w' || format == 'l' ? h->x : h->f)[i + 1] = reg;

        if (format == 's')
            x[i] = fp_unbox(reg);
        else if (format != 'w')
            x[i] = reg;
        if (i < (int)strlen(in->negated) && in->negated[i] == '-')
            x[i] ^= format == 's' ? S32 : S64;
    }
}

// What the manual says must come of it. before: what rd, fflags and FS are.
static struct outcome predict(const struct instruction *in, const struct fp_operation *op,
                              const uint64_t *x, bool has_rm, unsigned rm, struct outcome before) {
    const uint64_t fs = before.status & MSTATUS_FS;
    struct outcome after = before;
    if (fs == 0 || (has_rm && rm > FP_RMM)) {
        after.illegal = true;
        return after;
    }
    after.result = op->soft(x, (enum fp_round)rm, &after.flags);
    const struct isa_row_info *row = isa_row_info(in->row);
    const bool to_f = (row->flags & INSN_FD) != 0;
    const bool single = strstr(row->name, ".s") != NULL && strncmp(row->name, "fcvt.d", 6) != 0;
    if (to_f && (single || in->row == ROW_fmv_w_x)) after.result = fp_box((uint32_t)after.result);
    if (to_f || after.flags != before.flags) after.status = MSTATUS_FS | MSTATUS_SD;
    return after;
}

static struct outcome run_once(struct hart *h, uint64_t pc, bool to_f, struct outcome before) {
    (to_f ? h->f : h->x)[RD] = before.result;
    h->csr.fflags = before.flags;
    h->csr.mcause = 0;
    h->pc = pc;
    uint64_t executed;
    cr_assert_eq(hart_run(h, 2, &executed), EXIT_BUDGET);
    return (struct outcome){.illegal = h->csr.mcause == CAUSE_ILLEGAL && h->csr.mepc == pc,
                            .result = (to_f ? h->f : h->x)[RD],
                            .flags = h->csr.fflags,
                            .status = h->csr.mstatus & (MSTATUS_FS | MSTATUS_SD)};
}

static void expect_outcome(const struct instruction *in, const uint64_t *x, unsigned rm,
                           struct outcome want, struct outcome got) {
    if (want.illegal == got.illegal && want.result == got.result && want.flags == got.flags &&
        want.status == got.status)
        return;
    char text[300];
    snprintf(text, sizeof text,
             "%s rm %u of %#" PRIx64 " %#" PRIx64 " %#" PRIx64 ": got%s %#" PRIx64 " %#" PRIx32
             " %#" PRIx64 ", want%s %#" PRIx64 " %#" PRIx32 " %#" PRIx64,
             isa_row_info(in->row)->name, rm, x[0], x[1], x[2], got.illegal ? " illegal" : "",
             got.result, got.flags, got.status, want.illegal ? " illegal" : "", want.result,
             want.flags, want.status);
    cr_assert(false, "%s", text);
}

// --- All of them, often --------------------------------------------------------------------------

// Draws for one instruction with one rm field.
static void check_loop(struct bench *b, const struct instruction *in, uint64_t pc, unsigned field,
                       bool has_rm, uint64_t *state) {
    struct hart *h = b->h;
    const struct fp_operation *op = in->operation ? find_fp_operation(in->operation) : &in->move;
    cr_assert_not_null(op);
    const bool to_f = (isa_row_info(in->row)->flags & INSN_FD) != 0;
    for (int n = 0; n < DRAWS; n++) {
        uint64_t x[FP_MAX_OPERANDS] = {0};
        draw_registers(h, state, in, op, x);
        // The usual more often than the unusual: FS Dirty, NX set, round to nearest.
        set_fs(h, one_in(state, 4) ? draw_below(state, 4) : FS_DIRTY);
        h->csr.rounding[FP_DYN] = one_in(state, 3) ? (uint8_t)draw_below(state, 8) : FP_RNE;
        const struct outcome before = {.result = draw(state),
                                       .flags = one_in(state, 2) ? FP_NX : draw_below(state, 32),
                                       .status = h->csr.mstatus & (MSTATUS_FS | MSTATUS_SD)};
        const unsigned rm = h->csr.rounding[field];
        const struct outcome want = predict(in, op, x, has_rm, rm, before);
        expect_outcome(in, x, rm, want, run_once(h, pc, to_f, before));
    }
}

static void check_all(bool interpret) {
    struct bench *b = bench_create(interpret);
    uint64_t state = 3, pc[INSTRUCTION_COUNT][FP_DYN + 1];
    for (int i = 0; i < INSTRUCTION_COUNT; i++)
        for (unsigned rm = 0; rm <= FP_DYN; rm++)
            pc[i][rm] = write_loop(b, encode(INSTRUCTIONS[i].row, rm));
    for (int i = 0; i < INSTRUCTION_COUNT; i++) {
        const enum isa_row row = INSTRUCTIONS[i].row;
        const bool has_rm = encode(row, 0) != encode(row, FP_DYN);
        for (unsigned rm = 0; rm <= FP_DYN; rm++)
            if (has_rm || rm == 0) check_loop(b, &INSTRUCTIONS[i], pc[i][rm], rm, has_rm, &state);
    }
    bench_destroy(b);
}

Test(fp_insn, instructions_do_what_they_stand_for) { check_all(false); }

Test(fp_insn, instructions_do_what_they_stand_for_when_interpreted) { check_all(true); }

// --- Loads and stores ----------------------------------------------------------------------------

// I-type and S-type with rs1 = x1, immediate 0 and register 4 of the f file.
static const uint32_t FLW = 0x0000a207, FLD = 0x0000b207, FSW = 0x0040a027, FSD = 0x0040b027;

enum { DATA = RAM_SIZE / 2 };

// Runs it and says whether it was illegal; FS comes out as expected.
static bool run_access(struct bench *b, uint32_t bits, uint64_t address, uint64_t fs,
                       uint64_t fs_after) {
    struct hart *h = b->h;
    h->x[1] = address;
    h->csr.mcause = 0;
    h->pc = write_loop(b, bits);
    set_fs(h, fs);
    uint64_t executed;
    hart_run(h, 2, &executed);
    cr_expect_eq((h->csr.mstatus & MSTATUS_FS) >> 13, fs_after, "%#" PRIx32, bits);
    cr_expect_eq((h->csr.mstatus & MSTATUS_SD) != 0, fs_after == FS_DIRTY, "%#" PRIx32, bits);
    return h->csr.mcause == CAUSE_ILLEGAL;
}

Test(fp_insn, loads_make_fs_dirty) {
    struct bench *b = bench_create(false);
    const uint64_t data = UINT64_C(0x8123456789abcdef), at = RAM_BASE + DATA;
    memcpy(b->ram + DATA, &data, sizeof data);
    cr_expect_not(run_access(b, FLW, at, FS_INITIAL, FS_DIRTY));
    cr_expect_eq(b->h->f[RD], fp_box(0x89abcdef));
    cr_expect_not(run_access(b, FLD, at, FS_CLEAN, FS_DIRTY));
    cr_expect_eq(b->h->f[RD], data);
    bench_destroy(b);
}

Test(fp_insn, loads_that_fault_do_not_make_fs_dirty) {
    struct bench *b = bench_create(false);
    b->h->f[RD] = 7;
    cr_expect_not(run_access(b, FLW, 0, FS_CLEAN, FS_CLEAN));
    cr_expect_not(run_access(b, FLD, 0, FS_INITIAL, FS_INITIAL));
    cr_expect_eq(b->h->csr.mcause, 5);
    cr_expect_eq(b->h->f[RD], 7);
    bench_destroy(b);
}

Test(fp_insn, stores_write_the_bits_and_leave_fs) {
    struct bench *b = bench_create(false);
    const uint64_t reg = UINT64_C(0x0123456789abcdef); // not a boxed single
    uint64_t data;
    b->h->f[RD] = reg;
    cr_expect_not(run_access(b, FSD, RAM_BASE + DATA, FS_CLEAN, FS_CLEAN));
    memcpy(&data, b->ram + DATA, sizeof data);
    cr_expect_eq(data, reg);
    memset(b->ram + DATA, 0xff, sizeof data);
    cr_expect_not(run_access(b, FSW, RAM_BASE + DATA, FS_INITIAL, FS_INITIAL));
    memcpy(&data, b->ram + DATA, sizeof data);
    cr_expect_eq(data, UINT64_C(0xffffffff89abcdef));
    bench_destroy(b);
}

Test(fp_insn, loads_and_stores_are_illegal_with_fs_off) {
    struct bench *b = bench_create(false);
    const uint32_t all[] = {FLW, FLD, FSW, FSD};
    for (int i = 0; i < 4; i++)
        cr_expect(run_access(b, all[i], RAM_BASE + DATA, FS_OFF, FS_OFF), "%#" PRIx32, all[i]);
    bench_destroy(b);
}
