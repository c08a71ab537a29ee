// SPDX-License-Identifier: MIT
// satp and who is translated: WARL modes, TVM, MPRV, and the instructions that fence.
// QEMU 7.2 does not guard Svinval in U-mode.
#include "vm.h"

#define LEAF (PTE_V | PTE_RW | PTE_AD)

// A write with an unsupported MODE has no effect on any field. (Spike and QEMU 7.2 have Sv48 and
// Sv57 too: modes 9 and 10 stick there.)
static const struct mode_row {
    const char *name;
    uint64_t mode;
} mode_rows[] = {
    {"satp mode 1 does not stick", 1},          {"satp mode 2 does not stick", 2},
    {"satp mode 7 does not stick", 7},          {"satp mode 9 (Sv48) does not stick", 9},
    {"satp mode 10 (Sv57) does not stick", 10}, {"satp mode 11 does not stick", 11},
    {"satp mode 15 does not stick", 15},
};

static void check_mode(const void *v) {
    const struct mode_row *row = v;
    uint64_t good = satp_of(vm_root(), 3);
    csr_write("satp", good);
    CHECK_EQ(csr_read("satp"), good);
    csr_write("satp", row->mode << 60 | SATP_ASID(9) | 0x12345);
    CHECK_EQ(csr_read("satp"), good);
    csr_write("satp", 0);
    CHECK_EQ(csr_read("satp"), 0);
    csr_write("satp", row->mode << 60 | SATP_ASID(9) | 0x12345);
    CHECK_EQ(csr_read("satp"), 0);
}
CASE_ROWS(mode_rows, check_mode);

// ASID bits are implemented from the lowest up, without a gap.
CASE(asid_width) {
    uint64_t root = satp_of(vm_root(), 0);
    csr_write("satp", root | SATP_ASID(0xffff));
    uint64_t asid = csr_read("satp") >> 44 & 0xffff;
    CHECK_EQ(asid & (asid + 1), 0);
}

CASE(satp_ppn_is_44_bits) {
    csr_write("satp", SATP_SV39 | (BIT(44) - 1));
    CHECK_EQ(csr_read("satp"), SATP_SV39 | (BIT(44) - 1));
}

SNIPPET(read_satp, "csrr a0, satp");
SNIPPET(write_satp, "csrw satp, a0");
SNIPPET(fence_all, "sfence.vma");
SNIPPET(fence_va, "sfence.vma a0, zero");
SNIPPET(fence_asid, "sfence.vma a0, a1");
SNIPPET(inval, "sinval.vma a0, a1");
SNIPPET(w_inval, "sfence.w.inval");
SNIPPET(inval_ir, "sfence.inval.ir");

// Illegal in: U always; S when TVM is set.
static const struct guard_row {
    const char *name;
    const char *code;
    bool tvm; // does TVM forbid it?
} guard_rows[] = {
    {"csrr satp", read_satp, true},
    {"csrw satp", write_satp, true},
    {"sfence.vma", fence_all, true},
    {"sfence.vma rs1", fence_va, true},
    {"sfence.vma rs1, rs2", fence_asid, true},
    {"sinval.vma", inval, true},
    {"sfence.w.inval", w_inval, false},
    {"sfence.inval.ir", inval_ir, false},
};

static void check_guard(const void *v) {
    const struct guard_row *row = v;
    uint32_t bits = *(const uint32_t *)(const void *)row->code;
    struct outcome o = run(S, row->code, 0, 0);
    CHECK_TRAP("in S", o, NO_TRAP, 0);
    o = run(U, row->code, 0, 0);
    CHECK_TRAP("in U", o, ILLEGAL, bits);
    o = run_status(S, MSTATUS_TVM, row->code, 0, 0);
    CHECK_TRAP("in S with TVM", o, row->tvm ? ILLEGAL : NO_TRAP, bits);
    o = run_status(M, MSTATUS_TVM, row->code, 0, 0);
    CHECK_TRAP("in M with TVM", o, NO_TRAP, 0);
}
CASE_ROWS(guard_rows, check_guard);

SNIPPET(load, "ld a0, 0(a0)");

// M-mode is never translated, whatever satp says.
CASE(machine_mode_is_bare) {
    struct mapping m = vm_simple(0, LEAF);
    *(volatile uint64_t *)m.pa = 4711;
    struct outcome o = run(M, load, m.pa);
    CHECK_TRAP("physical", o, NO_TRAP, 0);
    CHECK_EQ(o.a[0], 4711);
}

// MPRV with MPP = M changes nothing.
SNIPPET(mprv_load, "csrs mstatus, a1\n ld a0, 0(a0)\n csrc mstatus, a1");
CASE(mprv_with_mpp_machine) {
    struct mapping m = vm_simple(0, LEAF);
    *(volatile uint64_t *)m.pa = 4711;
    struct outcome o = run(M, mprv_load, m.pa, MSTATUS_MPRV | MSTATUS_MPP(M));
    CHECK_TRAP("physical", o, NO_TRAP, 0);
    CHECK_EQ(o.a[0], 4711);
}

// A fault under MPRV is taken from M: MPP says so, and the cause is the ordinary one.
CASE(mprv_fault_comes_from_machine) {
    struct mapping m = vm_simple(0, 0);
    struct outcome o = run(M, mprv_load, m.va, MSTATUS_MPRV | MSTATUS_MPP(S));
    CHECK_TRAP("page fault", o, LOAD_PAGE, m.va);
    CHECK_EQ(o.mstatus >> 11 & 3, M);
    CHECK_EQ(o.mstatus & MSTATUS_MPRV, MSTATUS_MPRV);
}

// ... and is not delegated, for M's traps never are.
CASE(mprv_fault_is_not_delegated) {
    struct mapping m = vm_simple(0, 0);
    csr_write("medeleg", BIT(LOAD_PAGE));
    struct outcome o = run(M, mprv_load, m.va, MSTATUS_MPRV | MSTATUS_MPP(S));
    CHECK_TRAP("page fault", o, LOAD_PAGE, m.va);
}

// With satp bare, MPRV still brings the lower mode's PMP.
CASE(mprv_uses_pmp_of_mpp) {
    pmp_set(0, PMP_NAPOT, pmp_napot((uint64_t)pages[3], PAGE));
    struct outcome o = run(M, load, (uint64_t)pages[3]);
    CHECK_TRAP("M itself", o, NO_TRAP, 0);
    o = run(M, mprv_load, (uint64_t)pages[3], MSTATUS_MPRV | MSTATUS_MPP(U));
    CHECK_TRAP("as U", o, LOAD_ACCESS, (uint64_t)pages[3]);
}

// Bare addresses: 56 bits are there, what lies above is nowhere.
CASE(bare_access_beyond_physical) {
    struct outcome o = run(S, load, NOWHERE);
    CHECK_TRAP("nothing there", o, LOAD_ACCESS, NOWHERE);
    o = run(S, load, BIT(63) | RAM_BASE);
    CHECK_TRAP("upper bits count", o, LOAD_ACCESS, BIT(63) | RAM_BASE);
    o = run(S, BIT(63) | RAM_BASE, 0);
    CHECK_TRAP("in a fetch too", o, FETCH_ACCESS, BIT(63) | RAM_BASE);
}
