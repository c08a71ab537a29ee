// SPDX-License-Identifier: MIT
// Sstc (corner case 6): stimecmp, STIP, and who may touch them.
#include "guest.h"

#define MTIMECMP ((volatile uint64_t *)0x2004000)
#define NEVER    (~UINT64_C(0))

SNIPPET(read_stimecmp, "csrr a0, " CSR_STIMECMP);
SNIPPET(write_stimecmp, "csrw " CSR_STIMECMP ", a0");
SNIPPET(spin, "li t0, 10000\n 1: addi t0, t0, -1\n bnez t0, 1b");
SNIPPET(wait, "wfi");

static void sstc_on(void) {
    csr_set(CSR_MENVCFG, MENVCFG_STCE);
    csr_write(CSR_STIMECMP, NEVER);
}

CASE(stip_follows_stimecmp_at_once) {
    sstc_on();
    CHECK_EQ(csr_read("mip") & BIT(STI), 0);
    csr_write(CSR_STIMECMP, 0);
    CHECK_EQ(csr_read("mip") & BIT(STI), BIT(STI));
    csr_write(CSR_STIMECMP, NEVER);
    CHECK_EQ(csr_read("mip") & BIT(STI), 0);
}

CASE(stip_comes_in_time) {
    sstc_on();
    uint64_t when = csr_read("time") + 1000;
    csr_write(CSR_STIMECMP, when);
    CHECK(wait_pending(BIT(STI)));
    CHECK(csr_read("time") >= when);
    csr_write(CSR_STIMECMP, NEVER);
}

CASE(stip_is_read_only_with_stce) {
    sstc_on();
    csr_write("mip", BIT(STI));
    CHECK_EQ(csr_read("mip") & BIT(STI), 0);
    csr_write(CSR_STIMECMP, 0);
    csr_write("mip", 0);
    CHECK_EQ(csr_read("mip") & BIT(STI), BIT(STI));
    csr_write(CSR_STIMECMP, NEVER);
}

CASE(stip_is_writable_without_stce) {
    csr_clear(CSR_MENVCFG, MENVCFG_STCE);
    csr_write("mip", BIT(STI));
    CHECK_EQ(csr_read("mip") & BIT(STI), BIT(STI));
    csr_write("mip", 0);
    CHECK_EQ(csr_read("mip") & BIT(STI), 0);
}

CASE(stimecmp_never_sets_mtip) {
    sstc_on();
    *MTIMECMP = NEVER;
    csr_write(CSR_STIMECMP, 0);
    CHECK_EQ(csr_read("mip") & BIT(MTI), 0);
    csr_write(CSR_STIMECMP, NEVER);
}

CASE(mtimecmp_does_not_set_stip) {
    sstc_on();
    *MTIMECMP = 0;
    CHECK(wait_pending(BIT(MTI)));
    CHECK_EQ(csr_read("mip") & BIT(STI), 0);
    *MTIMECMP = NEVER;
}

// From S: needs STCE and mcounteren.TM. From U: never.
CASE(stimecmp_access_from_s) {
    for (unsigned gates = 0; gates < 4; gates++) {
        bool stce = gates & 1, tm = gates & 2;
        csr_write(CSR_MENVCFG, stce ? MENVCFG_STCE : 0);
        csr_write("mcounteren", tm ? 7 : 5);
        uint64_t cause = stce && tm ? NO_TRAP : ILLEGAL;
        struct outcome o = run(S, read_stimecmp, 0);
        CHECK_NAMED("read in S", o.cause, cause);
        o = run(S, write_stimecmp, NEVER);
        CHECK_NAMED("write in S", o.cause, cause);
        o = run(U, read_stimecmp, 0);
        CHECK_NAMED("read in U", o.cause, ILLEGAL);
        o = run(M, read_stimecmp, 0);
        CHECK_NAMED("read in M", o.cause, NO_TRAP);
    }
}

CASE(timer_interrupt_in_s) {
    sstc_on();
    csr_write("mideleg", BIT(STI));
    csr_write("mie", BIT(STI));
    csr_write(CSR_STIMECMP, csr_read("time"));
    struct outcome o = run_status(S, MSTATUS_SIE, spin, 0);
    csr_write(CSR_STIMECMP, NEVER);
    struct s_trap s = s_trap_of(&o);
    CHECK(s.taken);
    CHECK_EQ(s.cause, INTERRUPT(STI));
}

CASE(wfi_until_stimecmp) {
    sstc_on();
    csr_write("mideleg", BIT(STI));
    csr_write("mie", BIT(STI));
    uint64_t when = csr_read("time") + 20000;
    csr_write(CSR_STIMECMP, when);
    struct outcome o = run_status(S, MSTATUS_SIE, wait, 0);
    struct s_trap s = s_trap_of(&o);
    CHECK(s.taken);
    CHECK_EQ(s.cause, INTERRUPT(STI));
    CHECK(csr_read("time") >= when);
    csr_write(CSR_STIMECMP, NEVER);
}

// Switching STCE on makes a stimecmp that has passed an interrupt before the next instruction.
// (The manual asks for no more than "eventually", and Spike takes its time; QEMU 7.2 sets STIP
// without STCE.)
SNIPPET(set_stce, "csrs " CSR_MENVCFG ", a0\n li a1, 1");
CASE(stce_on_starts_the_comparison) {
    sstc_on();
    csr_clear(CSR_MENVCFG, MENVCFG_STCE);
    csr_write(CSR_STIMECMP, 0);
    CHECK_EQ(csr_read("mip") & BIT(STI), 0);
    csr_write("mie", BIT(STI));
    struct outcome o = run_status(M, MSTATUS_MPIE, set_stce, MENVCFG_STCE, 0);
    CHECK_TRAP("interrupt", o, INTERRUPT(STI), 0);
    CHECK_EQ(o.epc, set_stce + 4);
    csr_write(CSR_STIMECMP, NEVER);
}

// Switching STCE off gives STIP back to software.
CASE(stce_off_drops_the_comparison) {
    sstc_on();
    csr_write(CSR_STIMECMP, 0);
    CHECK_EQ(csr_read("mip") & BIT(STI), BIT(STI));
    csr_clear(CSR_MENVCFG, MENVCFG_STCE);
    csr_write("mip", 0);
    CHECK_EQ(csr_read("mip") & BIT(STI), 0);
    csr_write(CSR_STIMECMP, NEVER);
}
