// SPDX-License-Identifier: MIT
// MRET and SRET, the mstatus stack, and who may use them (corner cases 1, 2, 12). QEMU 7.2 keeps
// MPRV over xRET and lets MPP = 2 stick, both against the manual.
#include "guest.h"

SNIPPET(nothing, "nop");
SNIPPET(do_mret, "mret");
SNIPPET(do_sret, "sret");
// a0: where to, a1: mstatus to set before.
SNIPPET(sret_to, "csrw mepc, a0\n csrw sepc, a0\n csrw mstatus, a1\n sret");
SNIPPET(mret_to, "csrw mepc, a0\n csrw mstatus, a1\n mret");

struct row {
    const char *name;
    const char *code;
    uint64_t before;      // mstatus bits before the xRET
    uint64_t mask, after; // mstatus bits seen after it, in the trap that `nothing`'s ecall takes
    uint64_t from;        // the mode it returned to
};

static const struct row rows[] = {
    {"mret to M keeps MPRV", mret_to, MSTATUS_MPRV | MSTATUS_MPP(M), MSTATUS_MPRV, MSTATUS_MPRV, M},
    {"mret to S clears MPRV", mret_to, MSTATUS_MPRV | MSTATUS_MPP(S), MSTATUS_MPRV, 0, S},
    {"mret to U clears MPRV", mret_to, MSTATUS_MPRV | MSTATUS_MPP(U), MSTATUS_MPRV, 0, U},
    {"sret to S clears MPRV", sret_to, MSTATUS_MPRV | MSTATUS_SPP, MSTATUS_MPRV, 0, S},
    {"sret to U clears MPRV", sret_to, MSTATUS_MPRV, MSTATUS_MPRV, 0, U},
    {"sret clears SPP", sret_to, MSTATUS_SPP, MSTATUS_SPP, 0, S},
    {"sret sets SPIE", sret_to, MSTATUS_SPP, MSTATUS_SPIE, MSTATUS_SPIE, S},
    {"sret takes SIE from SPIE 1", sret_to, MSTATUS_SPP | MSTATUS_SPIE, MSTATUS_SIE, MSTATUS_SIE,
     S},
    {"sret takes SIE from SPIE 0", sret_to, MSTATUS_SPP | MSTATUS_SIE, MSTATUS_SIE, 0, S},
    // The trap that follows moves MIE to MPIE, so what mret made of MIE is seen in MPIE.
    {"mret takes MIE from MPIE 1", mret_to, MSTATUS_MPP(M) | MSTATUS_MPIE, MSTATUS_MPIE,
     MSTATUS_MPIE, M},
    {"mret takes MIE from MPIE 0", mret_to, MSTATUS_MPP(M), MSTATUS_MPIE, 0, M},
    {"mret leaves the S side alone", mret_to, MSTATUS_MPP(S) | MSTATUS_SPP | MSTATUS_SPIE,
     MSTATUS_SPP | MSTATUS_SPIE | MSTATUS_SIE, MSTATUS_SPP | MSTATUS_SPIE, S},
};

static void check_row(const void *v) {
    const struct row *row = v;
    struct outcome o = run_status(M, 0, row->code, (uint64_t)nothing, row->before);
    CHECK_TRAP("the code returned to", o, NO_TRAP, 0);
    CHECK_EQ(o.mstatus & row->mask, row->after);
    CHECK_EQ(o.mstatus >> 11 & 3, row->from);
}
CASE_ROWS(rows, check_row);

CASE(mpp_reserved_does_not_stick) {
    uint64_t old = csr_read("mstatus") & ~MSTATUS_MPP(3);
    for (uint64_t was = 0; was <= 3; was++) {
        csr_write("mstatus", old | MSTATUS_MPP(was));
        csr_write("mstatus", old | MSTATUS_MPP(2));
        CHECK((csr_read("mstatus") >> 11 & 3) != 2);
    }
}

CASE(mret_leaves_mpp_user) {
    csr_write("mepc", 0);
    struct outcome o = run_status(M, 0, mret_to, (uint64_t)do_mret, MSTATUS_MPP(M));
    // do_mret ran in M after MPP had become U: it went to mepc (itself) in U-mode and was illegal.
    CHECK_TRAP("the second mret", o, ILLEGAL, 0x30200073);
    CHECK_EQ(o.mstatus >> 11 & 3, U);
}

CASE(mret_is_for_m_alone) {
    struct outcome o = run(S, do_mret, 0);
    CHECK_TRAP("in S", o, ILLEGAL, 0x30200073);
    o = run(U, do_mret, 0);
    CHECK_TRAP("in U", o, ILLEGAL, 0x30200073);
}

CASE(sret_is_not_for_u) {
    struct outcome o = run(U, do_sret, 0);
    CHECK_TRAP("in U", o, ILLEGAL, 0x10200073);
}

CASE(sret_under_tsr) {
    struct outcome o = run_status(S, MSTATUS_TSR, do_sret, 0);
    CHECK_TRAP("in S with TSR", o, ILLEGAL, 0x10200073);
    o = run_status(M, 0, sret_to, (uint64_t)nothing, MSTATUS_TSR | MSTATUS_SPP);
    CHECK_TRAP("in M with TSR", o, NO_TRAP, 0);
}

// A trap into M stacks MIE and the mode.
CASE(trap_stacks_mode) {
    static const enum priv modes[] = {U, S, M};
    for (unsigned i = 0; i < 3; i++) {
        struct outcome o = run_status(modes[i], MSTATUS_MPIE, nothing, 0);
        CHECK_EQ(o.mstatus >> 11 & 3, modes[i]);
        CHECK_EQ(o.mstatus & MSTATUS_MIE, 0);
        CHECK_EQ(o.mstatus & MSTATUS_MPIE, MSTATUS_MPIE);
    }
}

// A trap into S clears SIE, keeps it in SPIE, and says in SPP where it came from.
SNIPPET(break_here, "ebreak");
CASE(trap_into_s_stacks_mode) {
    csr_write("medeleg", BIT(BREAKPOINT));
    struct outcome o = run_status(S, MSTATUS_SIE, break_here, 0);
    struct s_trap s = s_trap_of(&o);
    CHECK(s.taken);
    CHECK_EQ(s.cause, BREAKPOINT);
    CHECK_EQ(s.epc, break_here);
    CHECK_EQ(s.sstatus & (MSTATUS_SPP | MSTATUS_SPIE | MSTATUS_SIE), MSTATUS_SPP | MSTATUS_SPIE);
    o = run_status(U, 0, break_here, 0);
    s = s_trap_of(&o);
    CHECK(s.taken);
    CHECK_EQ(s.sstatus & (MSTATUS_SPP | MSTATUS_SPIE | MSTATUS_SIE), 0);
}

// Traps taken in M stay in M, delegated or not.
CASE(m_traps_are_not_delegated) {
    csr_write("medeleg", BIT(BREAKPOINT) | BIT(ILLEGAL));
    struct outcome o = run(M, break_here, 0);
    CHECK_EQ(o.cause, BREAKPOINT);
    CHECK_EQ(o.epc, break_here);
}

SNIPPET(call, "ecall");
CASE(ecall_causes) {
    struct outcome o = run(U, call, 0);
    CHECK_TRAP("U", o, ECALL_U, 0);
    CHECK_EQ(o.epc, call);
    o = run(S, call, 0);
    CHECK_TRAP("S", o, ECALL_S, 0);
    o = run(M, call, 0);
    CHECK_TRAP("M", o, ECALL_M, 0);
}

// epc is always even, and its low two bits can hold a 16-bit boundary (IALIGN = 16).
CASE(epc_is_even) {
    csr_write("mepc", 0x80000003);
    CHECK_EQ(csr_read("mepc"), 0x80000002);
    csr_write("sepc", ~UINT64_C(0));
    CHECK_EQ(csr_read("sepc"), ~UINT64_C(1));
}

SNIPPET(c_break, "c.ebreak");
CASE(ebreak_tval) {
    struct outcome o = run(S, break_here, 0);
    // The manual allows 0 or the address of the instruction.
    CHECK(o.cause == BREAKPOINT && (o.tval == 0 || o.tval == (uint64_t)break_here));
    o = run(S, c_break, 0);
    CHECK(o.cause == BREAKPOINT && (o.tval == 0 || o.tval == (uint64_t)c_break));
    CHECK_EQ(o.epc, c_break);
}

// A vectored mtvec sends interrupts to base + 4 * cause, exceptions to base.
CASE(vectored_exceptions_go_to_the_base) {
    csr_write("mtvec", (uint64_t)trap_entry | 1);
    struct outcome o = run(S, break_here, 0);
    CHECK_EQ(o.cause, BREAKPOINT);
}
