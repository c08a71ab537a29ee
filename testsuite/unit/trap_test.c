// SPDX-License-Identifier: MIT
// Traps: where they go, what they leave in the CSRs, which interrupt comes first, and the way back
// (privileged manual, "Privilege and Global Interrupt-Enable Stack", "Machine Trap Delegation",
// "Machine Interrupt Registers", "Trap-Return Instructions").
#include "testsuite/unit/hart_fixture.h"

static struct test_hart t;
static struct hart *h;

enum { M_VECTOR = 0x1000, S_VECTOR = 0x2000, AT = 0x5678 };

static void start_with(extension_set extensions) {
    start_hart(&t, extensions);
    h = t.h;
    h->pc = AT;
    wr(h, CSR_mtvec, M_VECTOR);
}

static void setup(void) {
    start_with(EVERYTHING);
    wr(h, CSR_stvec, S_VECTOR);
}

static void teardown(void) { stop_hart(&t); }

TestSuite(trap, .init = setup, .fini = teardown);

// As M-mode would, whatever the mode.
static void as_m(unsigned number, uint64_t value) {
    enum privilege mode = h->privilege;
    h->privilege = PRIV_M;
    wr(h, number, value);
    h->privilege = mode;
    hart_context_changed(h);
}

static uint64_t peek(unsigned number) {
    uint64_t value = 0;
    cr_expect(csr_peek(h, number, &value));
    return value;
}

// --- Exceptions ----------------------------------------------------------------------------------

Test(trap, an_exception_goes_to_m_mode) {
    enter_mode(h, PRIV_U);
    as_m(CSR_mstatus, MSTATUS_MIE | MSTATUS_MPP);
    uint64_t s_side = peek(CSR_sepc) | peek(CSR_scause) | peek(CSR_stval);
    trap_exception(h, CAUSE_LOAD_PAGE, 0xabcdef);
    cr_expect_eq(h->privilege, PRIV_M);
    cr_expect_eq(h->pc, M_VECTOR);
    cr_expect_eq(peek(CSR_mepc), AT);
    cr_expect_eq(peek(CSR_mcause), 13);
    cr_expect_eq(peek(CSR_mtval), 0xabcdef);
    cr_expect_eq(peek(CSR_mstatus) & (MSTATUS_MIE | MSTATUS_MPIE | MSTATUS_MPP), MSTATUS_MPIE,
                 "MPIE has the old MIE, MPP the old mode");
    cr_expect_eq(peek(CSR_sepc) | peek(CSR_scause) | peek(CSR_stval), s_side);
    cr_expect_eq(h->mmu.context.fetch_privilege, PRIV_M, "the MMU has heard of it");
    cr_expect_eq(h->stats.exceptions[13], 1);
}

Test(trap, a_delegated_exception_goes_to_s_mode) {
    const enum privilege modes[] = {PRIV_U, PRIV_S};
    for (unsigned i = 0; i < 2; i++) {
        as_m(CSR_medeleg, BIT(8) | BIT(13));
        as_m(CSR_mstatus, MSTATUS_SIE | MSTATUS_MIE);
        as_m(CSR_mepc, 0x42);
        enter_mode(h, modes[i]);
        h->pc = AT;
        trap_exception(h, CAUSE_LOAD_PAGE, 0xabcdef);
        cr_expect_eq(h->privilege, PRIV_S);
        cr_expect_eq(h->pc, S_VECTOR);
        cr_expect_eq(peek(CSR_sepc), AT);
        cr_expect_eq(peek(CSR_scause), 13);
        cr_expect_eq(peek(CSR_stval), 0xabcdef);
        cr_expect_eq(peek(CSR_sstatus) & (MSTATUS_SIE | MSTATUS_SPIE | MSTATUS_SPP),
                     MSTATUS_SPIE | (modes[i] == PRIV_S ? MSTATUS_SPP : 0));
        cr_expect_eq(peek(CSR_mepc), 0x42, "M-mode's side is not touched");
        cr_expect(peek(CSR_mstatus) & MSTATUS_MIE);
    }
}

Test(trap, an_exception_in_m_mode_is_never_delegated) {
    wr(h, CSR_medeleg, UINT64_MAX);
    trap_exception(h, CAUSE_ILLEGAL, 0);
    cr_expect_eq(h->privilege, PRIV_M);
    cr_expect_eq(h->pc, M_VECTOR);
    cr_expect_eq(peek(CSR_mstatus) & MSTATUS_MPP, MSTATUS_MPP);
}

Test(trap, medeleg_decides_by_cause) {
    as_m(CSR_medeleg, BIT(CAUSE_ECALL_U));
    enter_mode(h, PRIV_U);
    trap_exception(h, CAUSE_ILLEGAL, 0);
    cr_expect_eq(h->privilege, PRIV_M);
    enter_mode(h, PRIV_U);
    trap_exception(h, CAUSE_ECALL_U, 0);
    cr_expect_eq(h->privilege, PRIV_S);
}

Test(trap, vectored_mode_is_for_interrupts_alone) {
    wr(h, CSR_mtvec, M_VECTOR | 1);
    wr(h, CSR_stvec, S_VECTOR | 1);
    trap_exception(h, CAUSE_BREAKPOINT, AT);
    cr_expect_eq(h->pc, M_VECTOR);
    trap_interrupt(h, IRQ_MTI);
    cr_expect_eq(h->pc, M_VECTOR + 4 * 7);
    wr(h, CSR_mideleg, BIT(IRQ_SEI));
    enter_mode(h, PRIV_U);
    trap_interrupt(h, IRQ_SEI);
    cr_expect_eq(h->pc, S_VECTOR + 4 * 9);
}

Test(trap, an_interrupt_says_so_in_the_cause) {
    trap_exception(h, CAUSE_LOAD_PAGE, 5);
    h->pc = AT;
    trap_interrupt(h, IRQ_MEI);
    cr_expect_eq(peek(CSR_mcause), BIT(63) | 11);
    cr_expect_eq(peek(CSR_mtval), 0);
    cr_expect_eq(peek(CSR_mepc), AT);
    cr_expect_eq(h->stats.interrupts[11], 1);
}

Test(trap, a_trap_ends_a_wait_and_keeps_the_reservation) {
    h->waiting = true;
    h->reservation = 0x80001000;
    trap_interrupt(h, IRQ_MTI);
    cr_expect_not(h->waiting);
    cr_expect_eq(h->reservation, 0x80001000);
}

// --- Which interrupt -----------------------------------------------------------------------------

// All seven pend.
static void all_pending(void) {
    const enum interrupt wires[] = {IRQ_MEI, IRQ_MSI, IRQ_MTI};
    for (unsigned i = 0; i < 3; i++) hart_set_interrupt(h, wires[i], true);
    as_m(CSR_mip, UINT64_MAX);
}

// Switches each interrupt off in mie as soon as it is the one to be taken.
static void expect_order(const int *order, unsigned count) {
    for (unsigned i = 0; i < count; i++) {
        int number = trap_pending(h);
        cr_expect_eq(number, order[i], "place %u: %d, should be %d", i, number, order[i]);
        if (number < 0) return;
        as_m(CSR_mie, peek(CSR_mie) & ~BIT(number));
    }
}

Test(trap, order_of_priority) {
    const int order[] = {IRQ_MEI, IRQ_MSI, IRQ_MTI, IRQ_SEI, IRQ_SSI, IRQ_STI, IRQ_LCOFI, -1};
    all_pending();
    as_m(CSR_mie, UINT64_MAX);
    enter_mode(h, PRIV_U);
    expect_order(order, 8);
}

Test(trap, those_for_m_mode_come_before_those_for_s_mode) {
    // SSI, STI and LCOFI stay with M-mode, so SEI, which is above them, has to wait.
    const int order[] = {IRQ_MEI, IRQ_MSI, IRQ_MTI, IRQ_SSI, IRQ_STI, IRQ_LCOFI, IRQ_SEI, -1};
    all_pending();
    as_m(CSR_mideleg, BIT(IRQ_SEI));
    as_m(CSR_mie, UINT64_MAX);
    enter_mode(h, PRIV_U);
    expect_order(order, 8);
}

Test(trap, in_a_mode_its_own_enable_bit_counts) {
    wr(h, CSR_mie, UINT64_MAX);
    hart_set_interrupt(h, IRQ_MTI, true);
    cr_expect_eq(trap_pending(h), -1, "M-mode, MIE clear");
    wr(h, CSR_mstatus, MSTATUS_SIE);
    cr_expect_eq(trap_pending(h), -1);
    wr(h, CSR_mstatus, MSTATUS_MIE);
    cr_expect_eq(trap_pending(h), IRQ_MTI);
    wr(h, CSR_mstatus, 0);
    enter_mode(h, PRIV_S);
    cr_expect_eq(trap_pending(h), IRQ_MTI, "below M-mode, always");
    hart_set_interrupt(h, IRQ_MTI, false);
    as_m(CSR_mideleg, BIT(IRQ_SSI));
    as_m(CSR_mip, BIT(IRQ_SSI));
    cr_expect_eq(trap_pending(h), -1, "S-mode, SIE clear");
    as_m(CSR_mstatus, MSTATUS_SIE);
    cr_expect_eq(trap_pending(h), IRQ_SSI);
    as_m(CSR_mstatus, 0);
    enter_mode(h, PRIV_U);
    cr_expect_eq(trap_pending(h), IRQ_SSI);
}

Test(trap, a_delegated_interrupt_is_never_taken_in_m_mode) {
    wr(h, CSR_mie, UINT64_MAX);
    wr(h, CSR_mip, UINT64_MAX);
    wr(h, CSR_mideleg, UINT64_MAX);
    wr(h, CSR_mstatus, MSTATUS_MIE | MSTATUS_SIE);
    cr_expect_eq(trap_pending(h), -1);
    wr(h, CSR_mideleg, BIT(IRQ_SSI) | BIT(IRQ_SEI));
    cr_expect_eq(trap_pending(h), IRQ_STI);
}

Test(trap, an_interrupt_that_mie_masks_does_not_pend) {
    enter_mode(h, PRIV_U);
    hart_set_interrupt(h, IRQ_MTI, true);
    cr_expect_eq(trap_pending(h), -1);
    as_m(CSR_mie, BIT(IRQ_MTI));
    cr_expect_eq(trap_pending(h), IRQ_MTI);
}

// --- Noticed at once -----------------------------------------------------------------------------

Test(trap, a_write_that_enables_an_interrupt_is_noticed) {
    wr(h, CSR_mip, BIT(IRQ_SSI));
    cr_expect_not(noticed(h));
    wr(h, CSR_mie, BIT(IRQ_SSI));
    cr_expect_not(noticed(h));
    wr(h, CSR_mstatus, MSTATUS_MIE);
    cr_expect(noticed(h), "mstatus");
    wr(h, CSR_mie, 0);
    cr_expect_not(noticed(h));
    modify(h, CSR_SET, CSR_mie, BIT(IRQ_SSI));
    cr_expect(noticed(h), "mie");
    wr(h, CSR_mip, 0);
    cr_expect_not(noticed(h));
    wr(h, CSR_mip, BIT(IRQ_SSI));
    cr_expect(noticed(h), "mip");
    wr(h, CSR_mideleg, BIT(IRQ_SSI));
    cr_expect_not(noticed(h));
    wr(h, CSR_mideleg, 0);
    cr_expect(noticed(h), "mideleg");
}

Test(trap, a_write_from_s_mode_is_noticed_too) {
    wr(h, CSR_mideleg, UINT64_MAX);
    enter_mode(h, PRIV_S);
    wr(h, CSR_sie, BIT(IRQ_SSI));
    wr(h, CSR_sip, BIT(IRQ_SSI));
    cr_expect_not(noticed(h));
    modify(h, CSR_SET, CSR_sstatus, MSTATUS_SIE);
    cr_expect(noticed(h), "sstatus");
    wr(h, CSR_sie, 0);
    wr(h, CSR_sie, BIT(IRQ_SSI));
    cr_expect(noticed(h), "sie");
    wr(h, CSR_sip, 0);
    noticed(h);
    wr(h, CSR_sip, BIT(IRQ_SSI));
    cr_expect(noticed(h), "sip");
}

Test(trap, a_timer_that_is_set_to_the_past_is_noticed) {
    wr(h, CSR_mideleg, UINT64_MAX);
    wr(h, CSR_stimecmp, UINT64_MAX);
    modify(h, CSR_SET, CSR_menvcfg, MENVCFG_STCE);
    wr(h, CSR_mcounteren, 2);
    wr(h, CSR_mie, BIT(IRQ_STI));
    enter_mode(h, PRIV_S);
    modify(h, CSR_SET, CSR_sstatus, MSTATUS_SIE);
    noticed(h);
    t.now = 100;
    wr(h, CSR_stimecmp, 100);
    cr_expect(noticed(h));
    cr_expect_eq(trap_pending(h), IRQ_STI);
}

Test(trap, a_return_that_enables_an_interrupt_is_noticed) {
    hart_set_interrupt(h, IRQ_MTI, true);
    wr(h, CSR_mie, BIT(IRQ_MTI) | BIT(IRQ_SSI));
    wr(h, CSR_mstatus, MSTATUS_MPIE | MSTATUS_MPP);
    noticed(h);
    cr_assert(trap_mret(h));
    cr_expect(noticed(h), "mret sets MIE");
    hart_set_interrupt(h, IRQ_MTI, false);
    wr(h, CSR_mideleg, BIT(IRQ_SSI));
    wr(h, CSR_mip, BIT(IRQ_SSI));
    enter_mode(h, PRIV_S);
    noticed(h);
    modify(h, CSR_CLEAR, CSR_sstatus, MSTATUS_SPP);
    cr_assert(trap_sret(h));
    cr_expect(noticed(h), "sret to U-mode");
}

// --- Returning -----------------------------------------------------------------------------------

Test(trap, mret_goes_back_to_mpp_and_pops_the_stack) {
    const enum privilege modes[] = {PRIV_U, PRIV_S, PRIV_M};
    for (unsigned i = 0; i < 3; i++) {
        enter_mode(h, PRIV_M);
        wr(h, CSR_mstatus, MSTATUS_MPIE | (uint64_t)modes[i] << MPP_SHIFT);
        wr(h, CSR_mepc, 0x4321);
        cr_assert(trap_mret(h));
        cr_expect_eq(h->privilege, modes[i]);
        cr_expect_eq(h->pc, 0x4320);
        cr_expect_eq(peek(CSR_mstatus) & (MSTATUS_MIE | MSTATUS_MPIE | MSTATUS_MPP),
                     MSTATUS_MIE | MSTATUS_MPIE, "MPP is U");
        cr_expect_eq(h->mmu.context.fetch_privilege, modes[i]);
    }
    enter_mode(h, PRIV_M);
    wr(h, CSR_mstatus, MSTATUS_MIE);
    cr_assert(trap_mret(h));
    cr_expect_eq(peek(CSR_mstatus) & (MSTATUS_MIE | MSTATUS_MPIE), MSTATUS_MPIE);
}

Test(trap, sret_goes_back_to_spp_and_pops_the_stack) {
    for (unsigned from = PRIV_S; from <= PRIV_M; from += 2) {
        for (unsigned spp = 0; spp <= 1; spp++) {
            enter_mode(h, PRIV_M);
            wr(h, CSR_mstatus, MSTATUS_SPIE | (spp ? MSTATUS_SPP : 0) | MSTATUS_MPP);
            wr(h, CSR_sepc, 0x1235);
            enter_mode(h, (enum privilege)from);
            cr_assert(trap_sret(h));
            cr_expect_eq(h->privilege, spp);
            cr_expect_eq(h->pc, 0x1234);
            cr_expect_eq(peek(CSR_sstatus) & (MSTATUS_SIE | MSTATUS_SPIE | MSTATUS_SPP),
                         MSTATUS_SIE | MSTATUS_SPIE);
            cr_expect_eq(peek(CSR_mstatus) & MSTATUS_MPP, MSTATUS_MPP, "not its stack");
        }
    }
}

Test(trap, mret_clears_mprv_when_it_leaves_m_mode) {
    wr(h, CSR_mstatus, MSTATUS_MPRV | MSTATUS_MPP);
    cr_assert(trap_mret(h));
    cr_expect(peek(CSR_mstatus) & MSTATUS_MPRV, "M to M keeps it");
    for (uint64_t mode = 0; mode <= 1; mode++) {
        enter_mode(h, PRIV_M);
        wr(h, CSR_mstatus, MSTATUS_MPRV | mode << MPP_SHIFT);
        cr_assert(trap_mret(h));
        cr_expect_not(peek(CSR_mstatus) & MSTATUS_MPRV);
        cr_expect_eq(h->mmu.context.data_privilege, mode);
    }
}

Test(trap, sret_always_clears_mprv) {
    for (unsigned spp = 0; spp <= 1; spp++) {
        enter_mode(h, PRIV_M);
        wr(h, CSR_mstatus, MSTATUS_MPRV | MSTATUS_MPP | (spp ? MSTATUS_SPP : 0));
        cr_assert(trap_sret(h));
        cr_expect_not(peek(CSR_mstatus) & MSTATUS_MPRV);
    }
}

Test(trap, returns_are_illegal_below_their_mode) {
    enter_mode(h, PRIV_S);
    cr_expect_not(trap_mret(h));
    enter_mode(h, PRIV_U);
    cr_expect_not(trap_mret(h));
    cr_expect_not(trap_sret(h));
    cr_expect_eq(h->privilege, PRIV_U);
    cr_expect_eq(h->pc, AT);
}

Test(trap, tsr_keeps_s_mode_from_sret) {
    wr(h, CSR_mstatus, MSTATUS_TSR);
    enter_mode(h, PRIV_S);
    uint64_t status = peek(CSR_mstatus);
    cr_expect_not(trap_sret(h));
    cr_expect_eq(peek(CSR_mstatus), status);
    cr_expect_eq(h->pc, AT);
    enter_mode(h, PRIV_M);
    cr_expect(trap_sret(h));
}

Test(trap, without_s_mode_there_is_no_sret_and_no_delegation) {
    stop_hart(&t);
    start_with(WITHOUT(s));
    cr_expect_not(trap_sret(h));
    enter_mode(h, PRIV_U);
    trap_exception(h, CAUSE_ECALL_U, 0);
    cr_expect_eq(h->privilege, PRIV_M);
}

Test(trap, without_u_mode_mpp_stays_m) {
    stop_hart(&t);
    start_with(EVERYTHING & ~(EXT_BIT(EXT_s) | EXT_BIT(EXT_u)));
    trap_exception(h, CAUSE_ECALL_M, 0);
    cr_assert(trap_mret(h));
    cr_expect_eq(h->privilege, PRIV_M);
    cr_expect_eq(peek(CSR_mstatus) & MSTATUS_MPP, MSTATUS_MPP);
}

// --- The table -----------------------------------------------------------------------------------

Test(trap, every_cause_of_an_access_has_a_row) {
    for (unsigned reason = WALK_OK + 1; reason < WALK_REASONS; reason++) {
        for (unsigned access = ACCESS_FETCH; access <= ACCESS_STORE; access++) {
            uint64_t cause = walk_cause((enum walk_reason)reason, (enum access)access);
            cr_expect_not_null(trap_row(cause), "cause %lu", cause);
        }
    }
    cr_expect_str_eq(trap_row(13)->text, "load page fault");
    cr_expect_str_eq(trap_row(BIT(63) | 9)->name, "SEI");
    cr_expect_null(trap_row(10));
    cr_expect_null(trap_row(BIT(63) | 2));
}
