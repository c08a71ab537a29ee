// SPDX-License-Identifier: MIT
// A machine of fewer extensions (see narrow.args): what is not there is illegal, its CSR fields are
// zero, and misa says so.
#include "vm.h"

CASE(misa_has_no_float) {
    uint64_t misa = csr_read("misa");
    CHECK_EQ(misa >> ('F' - 'A') & 1, 0);
    CHECK_EQ(misa >> ('D' - 'A') & 1, 0);
    CHECK_EQ(misa >> ('M' - 'A') & 1, 1);
    CHECK_EQ(misa >> ('S' - 'A') & 1, 1);
}

SNIPPET(op_flw, "flw fa0, 0(a0)");
SNIPPET(op_fadd, "fadd.d fa0, fa0, fa0");
SNIPPET(op_c_fld, "c.fld fa0, 0(a0)");
SNIPPET(op_fcsr, "csrr a0, fcsr");
SNIPPET(op_sh1add, "sh1add a0, a0, a0");
SNIPPET(op_clz, "clz a0, a0");
SNIPPET(op_clmul, "clmul a0, a0, a0");
SNIPPET(op_bset, "bset a0, a0, a0");
SNIPPET(op_cbo_zero, "cbo.zero (a0)");
SNIPPET(op_sinval, "sinval.vma a0, a0");
SNIPPET(op_stimecmp, "csrr a0, " CSR_STIMECMP);

static const struct row {
    const char *name;
    const char *code;
} rows[] = {
    {"flw without F", op_flw},
    {"fadd.d without D", op_fadd},
    {"c.fld without D", op_c_fld},
    {"fcsr without F", op_fcsr},
    {"sh1add without Zba", op_sh1add},
    {"clz without Zbb", op_clz},
    {"clmul without Zbc", op_clmul},
    {"bset without Zbs", op_bset},
    {"cbo.zero without Zicboz", op_cbo_zero},
    {"sinval.vma without Svinval", op_sinval},
    {"stimecmp without Sstc", op_stimecmp},
};

static void check_row(const void *v) {
    const struct row *row = v;
    static const enum priv modes[] = {U, S, M};
    for (int i = 0; i < 3; i++) {
        struct outcome o = run_status(modes[i], MSTATUS_FS(3), row->code, (uint64_t)pages[0]);
        CHECK_NAMED("cause", o.cause, ILLEGAL);
    }
}
CASE_ROWS(rows, check_row);

CASE(menvcfg_without_extensions) {
    csr_write(CSR_MENVCFG, ~UINT64_C(0));
    uint64_t gone = MENVCFG_STCE | MENVCFG_PBMTE | MENVCFG_CBZE | MENVCFG_CBCFE | MENVCFG_CBIE(3);
    CHECK_EQ(csr_read(CSR_MENVCFG) & gone, 0);
}

// The manual lets FS stay writable for an S-mode that emulates; Spike's does.
CASE(fs_is_zero_without_float) {
    csr_write("mstatus", MSTATUS_FS(3));
    CHECK_EQ(csr_read("mstatus") & (MSTATUS_FS(3) | MSTATUS_SD), 0);
}

CASE(pte_bits_without_svnapot_and_svpbmt) {
    struct mapping m = vm_simple(0, PTE_V | PTE_RWX | PTE_AD);
    vm_expect_kinds("plain", &m, BY_S, 0, KINDS);
    m.pte |= PTE_PBMT(1);
    vm_expect_kinds("PBMT", &m, BY_S, 0, "");
    m.pte = (m.pte & ~PTE_PBMT(3)) | PTE_N | pte_ppn(0x8000);
    vm_expect_kinds("N", &m, BY_S, 0, "");
}
