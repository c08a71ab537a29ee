// SPDX-License-Identifier: MIT
// Corners of I and M: division by zero and overflow, high products, shift amounts, word results.
#include "guest.h"

#define TWO(name) SNIPPET(op_##name, #name " a0, a0, a1");
// clang-format off
TWO(div) TWO(divu) TWO(rem) TWO(remu) TWO(divw) TWO(divuw) TWO(remw) TWO(remuw) TWO(mul)
TWO(mulh) TWO(mulhu) TWO(mulhsu) TWO(mulw) TWO(sll) TWO(srl) TWO(sra) TWO(sllw) TWO(srlw)
TWO(sraw) TWO(addw) TWO(subw) TWO(slt) TWO(sltu)
    // clang-format on
    SNIPPET(op_sraiw_31, "sraiw a0, a0, 31");
SNIPPET(op_srliw_0, "srliw a0, a0, 0");
SNIPPET(op_addiw, "addiw a0, a0, 0");
SNIPPET(op_lui, "lui a0, 0x80000");
SNIPPET(op_sltiu, "sltiu a0, a0, -1");

#define MIN64 BIT(63)
#define MIN32 UINT64_C(0xffffffff80000000)
#define ONES  (~UINT64_C(0))

static const struct row {
    const char *name;
    const char *code;
    uint64_t a, b, result;
} rows[] = {
    {"div by zero", op_div, 7, 0, ONES},
    {"div overflow", op_div, MIN64, ONES, MIN64},
    {"div rounds to zero", op_div, (uint64_t)-7, 2, (uint64_t)-3},
    {"divu by zero", op_divu, 7, 0, ONES},
    {"rem by zero", op_rem, 7, 0, 7},
    {"rem overflow", op_rem, MIN64, ONES, 0},
    {"rem has the dividend's sign", op_rem, (uint64_t)-7, 2, ONES},
    {"remu by zero", op_remu, MIN64, 0, MIN64},
    {"divw by zero", op_divw, 7, 0, ONES},
    {"divw overflow", op_divw, MIN32, ONES, MIN32},
    {"divw ignores upper bits", op_divw, 0x700000006, 0x900000003, 2},
    {"divuw sign-extends", op_divuw, 0xffffffff, 1, ONES},
    {"divuw by zero", op_divuw, 7, 0xf00000000, ONES},
    {"remw by zero", op_remw, 0x80000000, 0, MIN32},
    {"remw overflow", op_remw, MIN32, ONES, 0},
    {"remuw by zero sign-extends", op_remuw, 0x80000000, 0, MIN32},
    {"mul wraps", op_mul, MIN64, 2, 0},
    {"mulh of the smallest", op_mulh, MIN64, MIN64, 0x4000000000000000},
    {"mulh of minus one", op_mulh, ONES, 1, ONES},
    {"mulhu of the largest", op_mulhu, ONES, ONES, ONES - 1},
    {"mulhsu", op_mulhsu, ONES, ONES, ONES},
    {"mulhsu of the smallest", op_mulhsu, MIN64, ONES, MIN64},
    {"mulw", op_mulw, 0x80000000, 1, MIN32},
    {"sll takes six bits", op_sll, 1, 65, 2},
    {"srl", op_srl, MIN64, 63, 1},
    {"sra", op_sra, MIN64, 63, ONES},
    {"sllw takes five bits", op_sllw, 1, 33, 2},
    {"sllw sign-extends", op_sllw, 1, 31, MIN32},
    {"srlw looks at the word alone", op_srlw, ONES << 32 | 2, 1, 1},
    {"srlw by 0 sign-extends", op_srlw, 0x80000000, 32, MIN32},
    {"sraw looks at the word alone", op_sraw, 0x180000000, 31, ONES},
    {"addw wraps", op_addw, 0x7fffffff, 1, MIN32},
    {"subw wraps", op_subw, MIN32, 1, 0x7fffffff},
    {"slt", op_slt, ONES, 0, 1},
    {"sltu", op_sltu, ONES, 0, 0},
    {"sltiu with -1", op_sltiu, ONES - 1, 0, 1},
    {"sraiw", op_sraiw_31, 0x80000000, 0, ONES},
    {"srliw by 0 sign-extends", op_srliw_0, 0x80000000, 0, MIN32},
    {"addiw sign-extends", op_addiw, 0x80000000, 0, MIN32},
    {"lui sign-extends", op_lui, 0, 0, MIN32},
};

static void check_row(const void *v) {
    const struct row *row = v;
    struct outcome o = run(U, row->code, row->a, row->b);
    CHECK_TRAP(row->name, o, NO_TRAP, 0);
    CHECK_EQ(o.a[0], row->result);
}
CASE_ROWS(rows, check_row);

// x0 stays zero whatever writes it, a load with a side effect of its own too.
SNIPPET(write_x0, "lui x0, 1\n auipc x0, 0\n addi x0, a0, 1\n ld x0, 0(a1)\n mul x0, a0, a0\n"
                  "csrr x0, time\n jal x0, 1f\n 1: mv a0, x0");
CASE(x0_stays_zero) {
    struct outcome o = run(M, write_x0, 5, (uint64_t)pages[0]);
    CHECK_TRAP("writes to x0", o, NO_TRAP, 0);
    CHECK_EQ(o.a[0], 0);
}

// A load to x0 still faults.
SNIPPET(load_x0, "ld x0, 0(a0)");
CASE(load_to_x0_faults) {
    struct outcome o = run(S, load_x0, BIT(50));
    CHECK_TRAP("ld x0", o, LOAD_ACCESS, BIT(50));
}

// jalr reads rs1 before it writes rd.
SNIPPET(jalr_same, "mv t0, ra\n la a0, 1f\n jalr a0, a0, 0\n 1: nop\n mv ra, t0");
CASE(jalr_with_rd_equal_rs1) {
    struct outcome o = run(S, jalr_same, 0);
    CHECK_TRAP("jalr", o, NO_TRAP, 0);
}
