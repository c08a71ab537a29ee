// SPDX-License-Identifier: MIT
// Interrupts inside one hart (corner cases 3, 4, 5, 7): order, delegation, when they are noticed.
// The sources are the bits of mip that software can set, and the CLINT's two. (QEMU 7.2 takes the
// lowest number first.)
#include "guest.h"

#define CLINT_MSIP     ((volatile uint32_t *)0x2000000)
#define CLINT_MTIMECMP ((volatile uint64_t *)0x2004000)
#define CLINT_MTIME    ((volatile uint64_t *)0x200bff8)

#define SUPERVISOR (BIT(SSI) | BIT(STI) | BIT(SEI))
#define MACHINE    (BIT(MSI) | BIT(MTI))

SNIPPET(spin_a_little, "li t0, 1000\n 1: addi t0, t0, -1\n bnez t0, 1b");

static void quiet(void) {
    csr_write("mie", 0);
    *CLINT_MSIP = 0;
    *CLINT_MTIMECMP = ~UINT64_C(0);
    csr_write("mip", 0);
}

// Makes the given bits of mip pending, and waits until they are.
static void raise(uint64_t bits) {
    *CLINT_MTIMECMP = bits & BIT(MTI) ? 0 : ~UINT64_C(0);
    *CLINT_MSIP = bits & BIT(MSI) ? 1 : 0;
    csr_write("mip", bits & SUPERVISOR);
    CHECK(wait_pending(bits));
}

// Which interrupt of many is taken first. `mode` runs with its interrupts on.
static const struct order_row {
    const char *name;
    uint64_t pending, mideleg;
    enum priv mode;
    uint64_t machine, supervisor; // the interrupt taken in M; or in S; 0 for none
} order_rows[] = {
    {"MSI before MTI", MACHINE, 0, M, MSI, 0},
    {"MTI before SEI", BIT(MTI) | SUPERVISOR, 0, M, MTI, 0},
    {"MSI before all of S's", BIT(MSI) | SUPERVISOR, 0, M, MSI, 0},
    {"SEI before SSI and STI, in M", SUPERVISOR, 0, M, SEI, 0},
    {"SSI before STI, in M", BIT(SSI) | BIT(STI), 0, M, SSI, 0},
    {"STI alone, in M", BIT(STI), 0, M, STI, 0},
    {"SEI before SSI and STI, in S", SUPERVISOR, SUPERVISOR, S, 0, SEI},
    {"SSI before STI, in S", BIT(SSI) | BIT(STI), SUPERVISOR, S, 0, SSI},
    {"STI alone, in S", BIT(STI), SUPERVISOR, S, 0, STI},
    {"M's before S's", BIT(MTI) | SUPERVISOR, SUPERVISOR, S, MTI, 0},
    {"a lower one of M's before a higher of S's", BIT(STI) | BIT(SEI), BIT(SEI), S, STI, 0},
    {"delegated ones are never taken in M", SUPERVISOR, SUPERVISOR, M, 0, 0},
    {"M's ones are taken in S with MIE clear", BIT(MSI), 0, S, MSI, 0},
    {"M's ones are taken in U", BIT(MSI), 0, U, MSI, 0},
    {"S's ones are taken in U with SIE clear", BIT(SSI), SUPERVISOR, U, 0, SSI},
};

static void check_order(const void *v) {
    const struct order_row *row = v;
    quiet();
    raise(row->pending);
    csr_write("mideleg", row->mideleg);
    csr_write("mie", SUPERVISOR | MACHINE);
    // mret sets MIE from MPIE and leaves SIE. Below M, MIE does not matter, so it is clear there.
    uint64_t status = row->mode == M ? MSTATUS_MPIE : row->mode == S ? MSTATUS_SIE : 0;
    struct outcome o = run_status(row->mode, status, spin_a_little, 0);
    quiet();
    struct s_trap s = s_trap_of(&o);
    CHECK_NAMED("taken in S", s.taken, row->supervisor != 0);
    if (s.taken) {
        CHECK_EQ(s.cause, INTERRUPT(row->supervisor));
        CHECK_EQ(s.tval, 0);
    } else if (row->machine) {
        CHECK_TRAP(row->name, o, INTERRUPT(row->machine), 0);
        // Not by a detour through S's handler.
        CHECK(o.epc >= (uint64_t)spin_a_little && o.epc < (uint64_t)spin_a_little + 12);
    } else {
        CHECK_TRAP(row->name, o, NO_TRAP, 0);
    }
}
CASE_ROWS(order_rows, check_order);

CASE(disabled_globally) {
    quiet();
    raise(BIT(SSI));
    csr_write("mie", BIT(SSI));
    struct outcome o = run_status(M, 0, spin_a_little, 0);
    CHECK_TRAP("M without MIE", o, NO_TRAP, 0);
    csr_write("mideleg", BIT(SSI));
    o = run_status(S, 0, spin_a_little, 0);
    CHECK_TRAP("S without SIE", o, NO_TRAP, 0);
    quiet();
}

CASE(disabled_in_mie) {
    quiet();
    raise(BIT(SSI) | BIT(MSI));
    csr_write("mie", 0);
    struct outcome o = run_status(M, MSTATUS_MPIE, spin_a_little, 0);
    CHECK_TRAP("nothing enabled", o, NO_TRAP, 0);
    quiet();
}

// Noticed at once: the instruction after the write is never executed. a0 is the value, a1 stays 0.
SNIPPET(set_mie, "csrw mie, a0\n li a1, 1");
SNIPPET(set_mip, "csrw mip, a0\n li a1, 1");
SNIPPET(set_mstatus, "csrs mstatus, a0\n li a1, 1");
SNIPPET(set_mideleg, "csrw mideleg, a0\n li a1, 1");
SNIPPET(set_sstatus, "csrs sstatus, a0\n li a1, 1");
SNIPPET(set_sie, "csrw sie, a0\n li a1, 1");
SNIPPET(set_sip, "csrs sip, a0\n li a1, 1");
SNIPPET(return_to_enable,
        "1: auipc t0, 0\n addi t0, t0, 20\n csrw mepc, t0\n csrs mstatus, a0\n mret\n"
        "li a1, 1");

static const struct notice_row {
    const char *name;
    const char *code;
    enum priv mode;
    uint64_t value, status, mie, mip, mideleg;
    bool in_s;    // where it is taken
    unsigned epc; // offset of the interrupted instruction in the snippet
} notice_rows[] = {
    {"after a write to mie", set_mie, M, BIT(SSI), MSTATUS_MPIE, 0, BIT(SSI), 0, false, 4},
    {"after a write to mip", set_mip, M, BIT(SSI), MSTATUS_MPIE, BIT(SSI), 0, 0, false, 4},
    {"after a write to mstatus", set_mstatus, M, MSTATUS_MIE, 0, BIT(SSI), BIT(SSI), 0, false, 4},
    {"after a write to mideleg", set_mideleg, M, 0, MSTATUS_MPIE, BIT(SSI), BIT(SSI), BIT(SSI),
     false, 4},
    {"after mret", return_to_enable, M, MSTATUS_MPIE | MSTATUS_MPP(M), 0, BIT(SSI), BIT(SSI), 0,
     false, 20},
    {"after a write to sstatus", set_sstatus, S, MSTATUS_SIE, 0, BIT(SSI), BIT(SSI), BIT(SSI), true,
     4},
    {"after a write to sie", set_sie, S, BIT(SSI), MSTATUS_SIE, 0, BIT(SSI), BIT(SSI), true, 4},
    {"after a write to sip", set_sip, S, BIT(SSI), MSTATUS_SIE, BIT(SSI), 0, BIT(SSI), true, 4},
};

static void check_notice(const void *v) {
    const struct notice_row *row = v;
    quiet();
    csr_write("mideleg", row->mideleg);
    csr_write("mip", row->mip);
    csr_write("mie", row->mie);
    struct outcome o = run_status(row->mode, row->status, row->code, row->value, 0);
    quiet();
    struct s_trap s = s_trap_of(&o);
    CHECK_EQ(s.taken, row->in_s);
    CHECK_EQ(row->in_s ? s.cause : o.cause, INTERRUPT(SSI));
    CHECK_EQ(row->in_s ? s.epc : o.epc, row->code + row->epc);
}
CASE_ROWS(notice_rows, check_notice);

// After sret: interrupts of S become enabled by it. a0: sepc.
SNIPPET(sret_enables, "csrw sepc, a0\n li t0, 0x120\n csrs sstatus, t0\n sret");
CASE(noticed_after_sret) {
    quiet();
    csr_write("mideleg", BIT(SSI));
    csr_write("mie", BIT(SSI));
    csr_write("mip", BIT(SSI));
    struct outcome o = run_status(S, 0, sret_enables, (uint64_t)spin_a_little);
    quiet();
    struct s_trap s = s_trap_of(&o);
    CHECK(s.taken);
    CHECK_EQ(s.cause, INTERRUPT(SSI));
    CHECK_EQ(s.epc, spin_a_little);
}

// WFI: wakes on mip & mie whatever the global enables and delegation say; an interrupt that is
// taken has epc behind the WFI.
SNIPPET(wait, "wfi\n li a1, 1");
CASE(wfi_wakes_without_global_enable) {
    quiet();
    csr_write("mie", BIT(MTI));
    *CLINT_MTIMECMP = *CLINT_MTIME + 2000;
    struct outcome o = run_status(M, 0, wait, 0, 0);
    CHECK_TRAP("wfi", o, NO_TRAP, 0);
    CHECK_EQ(o.a[1], 1);
    CHECK_EQ(csr_read("mip") & BIT(MTI), BIT(MTI));
    quiet();
}

CASE(wfi_wakes_for_a_delegated_interrupt_in_m) {
    quiet();
    csr_write("mideleg", SUPERVISOR);
    csr_write("mip", BIT(SSI));
    csr_write("mie", BIT(SSI));
    struct outcome o = run_status(M, MSTATUS_MPIE, wait, 0, 0);
    CHECK_TRAP("wfi", o, NO_TRAP, 0);
    quiet();
}

CASE(wfi_epc_is_the_next_instruction) {
    quiet();
    csr_write("mie", BIT(MTI));
    *CLINT_MTIMECMP = *CLINT_MTIME + 2000;
    struct outcome o = run_status(M, MSTATUS_MPIE, wait, 0, 0);
    CHECK_TRAP("interrupt", o, INTERRUPT(MTI), 0);
    CHECK_EQ(o.epc, wait + 4);
    quiet();
}

// Vectored mode: interrupts go to base + 4 * cause, exceptions to the base itself.
CASE(stvec_vectored) {
    volatile uint32_t *base = (volatile uint32_t *)pages[0];
    for (int i = 0; i < 16; i++) base[i] = 0x00000073; // ecall
    __asm__ volatile("fence.i");
    quiet();
    csr_write("mideleg", SUPERVISOR);
    csr_write("stvec", (uint64_t)base | 1);
    static const unsigned causes[] = {SSI, STI, SEI};
    for (int i = 0; i < 3; i++) {
        csr_write("mip", BIT(causes[i]));
        csr_write("mie", SUPERVISOR);
        struct outcome o = run_status(S, MSTATUS_SIE, spin_a_little, 0);
        CHECK_EQ(o.cause, ECALL_S);
        CHECK_EQ(o.epc, base + causes[i]);
    }
    quiet();
    csr_write("medeleg", BIT(ILLEGAL));
    struct outcome o = run_status(S, 0, pages[1], 0);
    CHECK_EQ(o.cause, ECALL_S);
    CHECK_EQ(o.epc, base);
}
