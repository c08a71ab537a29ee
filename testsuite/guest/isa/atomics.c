// SPDX-License-Identifier: MIT
// LR, SC and AMOs (corner case 10): reservations, results, misalignment.
// (QEMU 7.2 executes misaligned AMOs, and lets a misaligned SC fail without a trap.)
#include "guest.h"

#define AT ((uint64_t)pages[0])

SNIPPET(sc_alone, "sc.d a0, a1, (a0)");
SNIPPET(lr_sc, "lr.d t0, (a0)\n sc.d a0, a1, (a0)");
SNIPPET(lr_sc_sc, "mv t2, a0\n lr.d t0, (t2)\n sc.d a0, a1, (t2)\n sc.d a1, a1, (t2)");
SNIPPET(lr_sc_elsewhere, "lr.d t0, (a0)\n sc.d a0, a1, (a2)");
SNIPPET(failed_sc_drops, "mv t2, a0\n lr.d t0, (t2)\n sc.d a0, a1, (a2)\n sc.d a1, a1, (t2)");
SNIPPET(lr_w_value, "lr.w a0, (a0)");
SNIPPET(lr_sc_w, "lr.w t0, (a0)\n sc.w a0, a1, (a0)");

CASE(sc_without_lr_fails) {
    *(uint64_t *)AT = 5;
    struct outcome o = run(S, sc_alone, AT, 9);
    CHECK_TRAP("sc.d", o, NO_TRAP, 0);
    CHECK(o.a[0] != 0);
    CHECK_EQ(*(uint64_t *)AT, 5);
}

CASE(sc_after_lr_succeeds) {
    struct outcome o = run(S, lr_sc, AT, 9);
    CHECK_EQ(o.a[0], 0);
    CHECK_EQ(*(volatile uint64_t *)AT, 9);
}

CASE(second_sc_fails) {
    struct outcome o = run(S, lr_sc_sc, AT, 9);
    CHECK_EQ(o.a[0], 0);
    CHECK(o.a[1] != 0);
}

CASE(sc_elsewhere_fails) {
    struct outcome o = run(S, lr_sc_elsewhere, AT, 9, AT + PAGE);
    CHECK(o.a[0] != 0);
    CHECK_EQ(*(volatile uint64_t *)(AT + PAGE), 0);
}

CASE(failed_sc_drops_the_reservation) {
    struct outcome o = run(S, failed_sc_drops, AT, 9, AT + PAGE);
    CHECK(o.a[0] != 0);
    CHECK(o.a[1] != 0);
    CHECK_EQ(*(volatile uint64_t *)AT, 0);
}

// A failing SC writes 1 ("unspecified failure").
CASE(sc_failure_code_is_1) {
    struct outcome o = run(S, sc_alone, AT, 9);
    CHECK_EQ(o.a[0], 1);
}

CASE(lr_w_sign_extends) {
    *(volatile uint32_t *)AT = 0x80000000;
    struct outcome o = run(S, lr_w_value, AT);
    CHECK_EQ(o.a[0], 0xffffffff80000000);
}

CASE(sc_w_stores_a_word) {
    *(volatile uint64_t *)AT = ~UINT64_C(0);
    struct outcome o = run(S, lr_sc_w, AT, 0x1234567800000009);
    CHECK_EQ(o.a[0], 0);
    CHECK_EQ(*(volatile uint64_t *)AT, 0xffffffff00000009);
}

#define AMO(name, size) SNIPPET(op_##name##_##size, #name "." #size " a0, a1, (a0)");
#define BOTH(name)      AMO(name, w) AMO(name, d)
// clang-format off
BOTH(amoswap) BOTH(amoadd) BOTH(amoand) BOTH(amoor) BOTH(amoxor) BOTH(amomin) BOTH(amomax)
BOTH(amominu) BOTH(amomaxu)
// clang-format on

#define MIN64 BIT(63)
#define FILL  UINT64_C(0xdddddddd00000000) // above a word: stays

    static const struct row {
    const char *name;
    const char *code;
    bool word;
    uint64_t memory, operand, old, now;
} rows[] = {
    {"amoswap.d", op_amoswap_d, false, 1, 2, 1, 2},
    {"amoadd.d wraps", op_amoadd_d, false, ~UINT64_C(0), 1, ~UINT64_C(0), 0},
    {"amoand.d", op_amoand_d, false, 12, 10, 12, 8},
    {"amoor.d", op_amoor_d, false, 12, 10, 12, 14},
    {"amoxor.d", op_amoxor_d, false, 12, 10, 12, 6},
    {"amomin.d is signed", op_amomin_d, false, 1, MIN64, 1, MIN64},
    {"amomax.d is signed", op_amomax_d, false, MIN64, 1, MIN64, 1},
    {"amominu.d is not", op_amominu_d, false, MIN64, 1, MIN64, 1},
    {"amomaxu.d is not", op_amomaxu_d, false, 1, MIN64, 1, MIN64},
    {"amoswap.w sign-extends the old", op_amoswap_w, true, 0x80000000, 7, 0xffffffff80000000, 7},
    {"amoadd.w wraps", op_amoadd_w, true, 0x7fffffff, 1, 0x7fffffff, 0x80000000},
    {"amoadd.w leaves what is above", op_amoadd_w, true, 0xffffffff, 1, ~UINT64_C(0), 0},
    {"amoand.w", op_amoand_w, true, 12, 10, 12, 8},
    {"amoor.w", op_amoor_w, true, 12, 10, 12, 14},
    {"amoxor.w", op_amoxor_w, true, 12, 10, 12, 6},
    {"amomin.w takes the operand's word", op_amomin_w, true, 5, 0xffffffff, 5, 0xffffffff},
    {"amomax.w is signed", op_amomax_w, true, 0x80000000, 1, 0xffffffff80000000, 1},
    {"amominu.w is not", op_amominu_w, true, 5, 0xffffffff, 5, 5},
    {"amomaxu.w is not", op_amomaxu_w, true, 0x80000000, 0x17fffffff, 0xffffffff80000000,
     0x80000000},
};

static void check_row(const void *v) {
    const struct row *row = v;
    uint64_t above = row->word ? FILL : 0;
    *(volatile uint64_t *)AT = row->memory | above;
    struct outcome o = run(U, row->code, AT, row->operand);
    CHECK_TRAP(row->name, o, NO_TRAP, 0);
    CHECK_EQ(o.a[0], row->old);
    CHECK_EQ(*(volatile uint64_t *)AT, row->now | above);
}
CASE_ROWS(rows, check_row);

// Misaligned AMO, LR and SC always trap: with the misaligned or the access fault code, the manual
// allows both; LR as a load, the others as stores. Nothing is written.
SNIPPET(op_lr_w, "lr.w a0, (a0)");
SNIPPET(op_lr_d, "lr.d a0, (a0)");
SNIPPET(op_sc_w, "sc.w a0, a1, (a0)");
SNIPPET(op_sc_d, "sc.d a0, a1, (a0)");

static const struct misaligned_row {
    const char *name;
    const char *code;
    uint64_t offset;
    bool load;
} misaligned_rows[] = {
    {"misaligned lr.w", op_lr_w, 2, true},
    {"misaligned lr.d", op_lr_d, 4, true},
    {"misaligned sc.w", op_sc_w, 1, false},
    {"misaligned sc.d", op_sc_d, 4, false},
    {"misaligned amoadd.w", op_amoadd_w, 2, false},
    {"misaligned amoswap.d", op_amoswap_d, 4, false},
    {"misaligned amomax.d over a page", op_amomax_d, PAGE - 4, false},
};

static void check_misaligned(const void *v) {
    const struct misaligned_row *row = v;
    uint64_t at = AT + row->offset;
    struct outcome o = run(S, row->code, at, 1);
    CHECK(o.cause == (row->load ? LOAD_MISALIGNED : STORE_MISALIGNED) ||
          o.cause == (row->load ? LOAD_ACCESS : STORE_ACCESS));
    CHECK_EQ(o.tval, at);
    CHECK_EQ(o.epc, row->code);
    CHECK_EQ(*(volatile uint64_t *)(at & ~UINT64_C(7)), 0);
}
CASE_ROWS(misaligned_rows, check_misaligned);

// rd = rs2 and rd = rs1.
SNIPPET(amo_rd_rs2, "amoadd.d a1, a1, (a0)\n mv a0, a1");
CASE(amo_with_rd_equal_rs2) {
    *(volatile uint64_t *)AT = 40;
    struct outcome o = run(S, amo_rd_rs2, AT, 2);
    CHECK_EQ(o.a[0], 40);
    CHECK_EQ(*(volatile uint64_t *)AT, 42);
}
