// SPDX-License-Identifier: MIT
// Branches and jumps on a hart: where they go, what they link, and the exception of a target that
// is misaligned where there is no C. Each runs often enough to be native code in the end; once more
// on a hart that only interprets.
#include "testsuite/unit/bench.h"
#include "testsuite/unit/manual_insn.h"
#include "testsuite/unit/random.h"

#include <inttypes.h>

enum { WORDS = 30, DRAWS = 60, REGISTERS = 32, MIDDLE = RAM_SIZE / 2 };

#define WITHOUT_C (isa_default() & ~EXT_BIT(EXT_c))

static const enum isa_row ROWS[] = {ROW_beq,  ROW_bne,  ROW_blt, ROW_bge,
                                    ROW_bltu, ROW_bgeu, ROW_jal, ROW_jalr};
enum { ROW_COUNT = sizeof ROWS / sizeof *ROWS };

static bool is_taken(enum isa_row row, uint64_t a, uint64_t b) {
    switch (row) {
    case ROW_beq: return a == b;
    case ROW_bne: return a != b;
    case ROW_blt: return (int64_t)a < (int64_t)b;
    case ROW_bge: return (int64_t)a >= (int64_t)b;
    case ROW_bltu: return a < b;
    case ROW_bgeu: return a >= b;
    default: return true;
    }
}

static uint64_t draw_value(uint64_t *random) {
    static const uint64_t values[] = {0,
                                      1,
                                      RAM_BASE,
                                      RAM_BASE + 0x100,
                                      0x7fffffffffffffff,
                                      0x8000000000000000,
                                      0xffffffffffffffff};
    return values[draw_below(random, sizeof values / sizeof *values)];
}

// What comes of an instruction.
struct outcome {
    uint64_t x[REGISTERS];
    uint64_t pc, mcause, mepc, mtval; // the CSRs are NONE where there was no exception
};
#define NONE (~UINT64_C(0))

static struct outcome predict(const struct insn *insn, uint64_t pc, const uint64_t *x, bool has_c) {
    const enum isa_row row = (enum isa_row)insn->row;
    struct outcome o = {.pc = pc + 4, .mcause = NONE, .mepc = NONE, .mtval = NONE};
    memcpy(o.x, x, sizeof o.x);
    if (!is_taken(row, x[insn->rs1], x[insn->rs2])) return o;
    const uint64_t from = row == ROW_jalr ? x[insn->rs1] : pc;
    uint64_t to = from + (uint64_t)(int64_t)insn->imm;
    if (row == ROW_jalr) to &= ~UINT64_C(1);
    if ((to & 2) != 0 && !has_c) {
        o.pc = RAM_BASE + HANDLER;
        o.mcause = CAUSE_FETCH_MISALIGNED;
        o.mepc = pc; // the jump itself
        o.mtval = to;
        return o;
    }
    o.pc = to;
    if ((row == ROW_jal || row == ROW_jalr) && insn->rd != 0) o.x[insn->rd] = pc + 4;
    return o;
}

// Runs the instruction at pc once, alone, from drawn registers.
static void check_once(struct hart *h, const struct insn *insn, uint64_t pc, uint64_t *random) {
    for (unsigned i = 1; i < REGISTERS; i++) h->x[i] = draw_value(random);
    const bool has_c = (h->extensions & EXT_BIT(EXT_c)) != 0;
    const struct outcome want = predict(insn, pc, h->x, has_c);
    const char *name = isa_row_info((enum isa_row)insn->row)->name;
    h->csr.mcause = h->csr.mepc = h->csr.mtval = NONE;
    h->pc = pc;
    uint64_t executed;
    cr_assert_eq(hart_run(h, 1, &executed), EXIT_BUDGET);
    cr_assert_eq(executed, 1);
    cr_assert_eq(h->pc, want.pc, "%s %#" PRIx32 " leads to %#" PRIx64 ", not %#" PRIx64, name,
                 insn->bits, h->pc, want.pc);
    cr_assert_eq(memcmp(h->x, want.x, sizeof want.x), 0, "%s %#" PRIx32, name, insn->bits);
    cr_assert_eq(h->csr.mcause, want.mcause, "%s %#" PRIx32, name, insn->bits);
    cr_assert_eq(h->csr.mepc, want.mepc, "%s %#" PRIx32, name, insn->bits);
    cr_assert_eq(h->csr.mtval, want.mtval, "%s %#" PRIx32, name, insn->bits);
}

// Behind each instruction stands a nop, so that both ways out of it are blocks. All are written
// before the first one runs: any may be another one's target.
static void check_all(bool interpret, extension_set extensions) {
    struct bench *b = bench_create_isa(interpret, extensions);
    struct insn insn[ROW_COUNT * WORDS];
    uint64_t random = 7;
    for (unsigned i = 0; i < ROW_COUNT * WORDS; i++) {
        const struct pattern pattern = pattern_parse(isa_row_info(ROWS[i / WORDS])->pattern);
        const uint32_t code[] = {pattern_draw(&pattern, &random), 0x00000013};
        memcpy(b->ram + MIDDLE + i * sizeof code, code, sizeof code);
        insn[i] = isa_decode(code[0], extensions);
        cr_assert_eq(insn[i].row, ROWS[i / WORDS]);
    }
    for (unsigned i = 0; i < ROW_COUNT * WORDS; i++)
        for (int n = 0; n < DRAWS; n++)
            check_once(b->h, &insn[i], RAM_BASE + MIDDLE + i * UINT64_C(8), &random);
    bench_destroy(b);
}

Test(flow_insn, jumps_lead_where_they_say) { check_all(false, isa_default()); }

Test(flow_insn, jumps_lead_where_they_say_when_interpreted) { check_all(true, isa_default()); }

Test(flow_insn, misaligned_targets_fault_without_c) { check_all(false, WITHOUT_C); }

Test(flow_insn, misaligned_targets_fault_without_c_when_interpreted) { check_all(true, WITHOUT_C); }

// A block that was entered from its own end: the link to a taken branch's target is found once and
// used ever after.
Test(flow_insn, a_loop_counts) {
    struct bench *b = bench_create(false);
    const uint32_t code[] = {0x00150513, 0xfeb51ee3}; // addi a0,a0,1; bne a0,a1,.-4
    memcpy(b->ram, code, sizeof code);
    b->h->x[11] = 100000;
    b->h->pc = RAM_BASE;
    uint64_t executed;
    cr_expect_eq(hart_run(b->h, 200000, &executed), EXIT_BUDGET);
    cr_expect_eq(executed, 200000);
    cr_expect_eq(b->h->x[10], 100000);
    cr_expect_eq(b->h->pc, RAM_BASE + sizeof code);
    bench_destroy(b);
}

// auipc, jal and branches count from their own address, wherever in a block they stand.
Test(flow_insn, offsets_count_from_the_instruction) {
    struct bench *b = bench_create(false);
    // nop; nop; auipc a0,0x1; nop; jal a1,.+8; nop; target
    const uint32_t code[] = {0x13, 0x13, 0x00001517, 0x13, 0x008005ef, 0x13, 0x13};
    memcpy(b->ram, code, sizeof code);
    b->h->pc = RAM_BASE;
    uint64_t executed;
    cr_expect_eq(hart_run(b->h, 5, &executed), EXIT_BUDGET);
    cr_expect_eq(b->h->x[10], RAM_BASE + 8 + 0x1000);
    cr_expect_eq(b->h->x[11], RAM_BASE + 20);
    cr_expect_eq(b->h->pc, RAM_BASE + 24);
    bench_destroy(b);
}
