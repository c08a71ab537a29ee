// SPDX-License-Identifier: MIT
// Event counters: mhpmcounter3 and up, mhpmevent (privileged manual, "Hardware Performance
// Monitor"), and Sscofpmf: filters by mode, overflow and its interrupt, scountovf.
#include "cpu/event.h"
#include "cpu/timing.h"
#include "emu/core_file.h"
#include "testsuite/unit/hart_suite.h"

TestSuite(hpm, .init = setup, .fini = teardown);

enum { CYCLES = 0x01, INSTRUCTIONS = 0x02, EXCEPTIONS = 0x03, PAGE_FAULTS = 0x05, FENCES = 0x06 };
enum { WALKS = 0x1b, L1D_LOAD_MISS = 0x12, STALLS_FRONT = 0x23, STALLS_BACK = 0x24 };
enum { LAST = HPM_FIRST + HPM_COUNTERS - 1 };

static unsigned counter(unsigned n) { return CSR_mcycle + n; }
static unsigned event(unsigned n) { return CSR_mhpmevent3 + n - 3; }

// A CSR instruction has run: it counts.
static void wr_insn(unsigned number, uint64_t value) {
    wr(h, number, value);
    retire(h, 1);
}

// --- Counters and their events -------------------------------------------------------------------

Test(hpm, those_that_are_there_hold_64_bits) {
    for (unsigned n = HPM_FIRST; n <= LAST; n++) {
        cr_expect_eq(after(h, counter(n), UINT64_MAX - n), UINT64_MAX - n);
        cr_expect_eq(rd(h, CSR_cycle + n), UINT64_MAX - n, "hpmcounter%u", n);
    }
}

Test(hpm, the_others_are_read_only_zero) {
    for (unsigned n = LAST + 1; n < 32; n++) {
        cr_expect_eq(after(h, counter(n), UINT64_MAX), 0);
        cr_expect_eq(after(h, event(n), CYCLES), 0);
        cr_expect_eq(rd(h, CSR_cycle + n), 0);
    }
}

Test(hpm, an_event_that_the_hart_does_not_count_is_none) {
    for (unsigned selector = 0; selector <= 0x1ff; selector++) {
        const bool counted = event_find(h, selector) && selector <= 0xff;
        cr_expect_eq(after(h, event(3), selector), counted ? selector : 0, "selector %x", selector);
    }
    cr_expect_eq(after(h, event(3), BIT(59) | BIT(58) | CYCLES), CYCLES, "no hypervisor");
    cr_expect_eq(after(h, event(3), BIT(32) | CYCLES), 0);
}

Test(hpm, the_timing_models_events_need_a_core) {
    cr_expect_eq(after(h, event(3), L1D_LOAD_MISS), 0);
    cr_expect_eq(after(h, event(3), STALL_SELECTOR), 0);
    cr_expect_eq(after(h, event(3), STALLS_FRONT), 0);
    cr_expect_eq(after(h, event(3), WALKS), WALKS, "walks happen without one, too");
}

Test(hpm, selectors_are_given_once) {
    const struct event_row *a, *b;
    for (unsigned i = 0; (a = event_at(i)); i++) {
        for (unsigned k = 0; k < i && (b = event_at(k)); k++) {
            cr_expect_neq(a->selector, b->selector, "%s, %s", a->name, b->name);
            cr_expect(!a->sbi || a->sbi != b->sbi, "%s, %s", a->name, b->name);
            cr_expect(!a->cache || a->cache != b->cache, "%s, %s", a->name, b->name);
        }
        cr_expect(a->selector && a->selector <= EVENT_SELECTOR_MAX);
    }
}

Test(hpm, counts_from_the_value_that_was_written) {
    wr_insn(event(3), INSTRUCTIONS);
    wr_insn(counter(3), 100);
    cr_expect_eq(rd(h, counter(3)), 100, "the writing instruction is not counted");
    retire(h, 7);
    cr_expect_eq(rd(h, counter(3)), 107);
    cr_expect_eq(rd(h, CSR_hpmcounter3), 107);
}

Test(hpm, events_are_counted_from_the_selection_on) {
    h->mmu.stats.walks = 1000;
    wr_insn(event(4), WALKS);
    cr_expect_eq(rd(h, counter(4)), 0);
    h->mmu.stats.walks += 3;
    cr_expect_eq(rd(h, counter(4)), 3);
    wr_insn(event(4), 0);
    h->mmu.stats.walks += 5;
    cr_expect_eq(rd(h, counter(4)), 3, "without an event it keeps its value");
    wr_insn(event(4), FENCES);
    h->mmu.stats.fences += 2;
    cr_expect_eq(rd(h, counter(4)), 5, "and goes on from there with another");
}

Test(hpm, two_counters_of_one_event_agree) {
    wr_insn(event(3), CYCLES);
    wr_insn(event(LAST), CYCLES);
    retire(h, 10);
    cr_expect_eq(rd(h, counter(3)), rd(h, counter(LAST)) + 1, "the second began one later");
}

Test(hpm, mcountinhibit_stops_them_one_by_one) {
    wr_insn(event(3), INSTRUCTIONS);
    wr_insn(event(4), INSTRUCTIONS);
    wr_insn(counter(3), 0);
    wr_insn(counter(4), 0);
    wr_insn(CSR_mcountinhibit, BIT(3)); // which counter 3 has counted
    cr_expect_eq(rd(h, counter(3)), 2);
    retire(h, 10);
    cr_expect_eq(rd(h, counter(3)), 2);
    cr_expect_eq(rd(h, counter(4)), 11);
    wr_insn(CSR_mcountinhibit, 0); // which it has not
    cr_expect_eq(rd(h, counter(3)), 2);
    retire(h, 1);
    cr_expect_eq(rd(h, counter(3)), 3);
}

Test(hpm, mcountinhibit_has_the_bits_of_the_counters_that_are_there) {
    cr_expect_eq(after(h, CSR_mcountinhibit, UINT64_MAX), HPM_MASK | 5);
}

// --- A hart with a timing core -------------------------------------------------------------------

// Each count of the model is a bit of its own: what an event adds up can be told from its count.
Test(hpm, with_a_core_each_event_has_its_counts) {
    struct core core;
    struct message why;
    struct phys phys;
    char name[] = "rocket";
    phys_init(&phys);
    cr_assert(core_load(&core, name, &why), "%s", why.text);
    const struct hart_config config = {
        .extensions = EVERYTHING, .core = &core, .platform = {&t, test_mtime, test_deadline}};
    struct hart *timed = hart_create(&config, &phys);
    cr_assert_not_null(timed);
    for (unsigned i = 0; i < EVENTS; i++) timed->timing->event[i] = BIT(i);
    for (unsigned i = 0; i < STALLS; i++) timed->timing->stall[i] = BIT(i);
    uint64_t single = 0;
    for (unsigned selector = 0x10; selector <= 0x20; selector++) {
        const uint64_t count = event_count(timed, selector);
        cr_expect(count && !(count & (count - 1)) && !(count & single), "selector %x", selector);
        single |= count;
    }
    const uint64_t misses = BIT(EVENT_itlb_miss) | BIT(EVENT_dtlb_load_miss);
    cr_expect_eq(event_count(timed, 0x08), misses | BIT(EVENT_dtlb_store_miss));
    cr_expect_eq(event_count(timed, 0x12), BIT(EVENT_l1d_load_miss));
    cr_expect_eq(event_count(timed, 0x1b), BIT(EVENT_walk));
    cr_expect_eq(event_count(timed, 0x21), BIT(EVENT_branch) | BIT(EVENT_jump));
    cr_expect_eq(event_count(timed, 0x22), BIT(EVENT_branch_miss) | BIT(EVENT_jump_miss));
    cr_expect_eq(event_count(timed, STALLS_FRONT) ^ event_count(timed, STALLS_BACK),
                 BIT(STALLS) - 1, "each stall has one side");
    for (unsigned i = 0; i < STALLS; i++) {
        cr_expect_eq(event_count(timed, STALL_SELECTOR + i), BIT(i));
    }
    cr_expect_eq(event_count(timed, STALL_SELECTOR + STALLS), 0);
    hart_destroy(timed);
    phys_free(&phys);
}

// --- Who may read them ---------------------------------------------------------------------------

Test(hpm, user_views_want_mcounteren_and_scounteren) {
    wr(h, CSR_mcounteren, BIT(3));
    wr(h, CSR_scounteren, BIT(3) | BIT(4));
    enter_mode(h, PRIV_S);
    cr_expect_not(illegal(h, CSR_READ, CSR_hpmcounter3));
    cr_expect(illegal(h, CSR_READ, CSR_hpmcounter4));
    cr_expect(illegal(h, CSR_READ, CSR_mhpmcounter3));
    enter_mode(h, PRIV_U);
    cr_expect_not(illegal(h, CSR_READ, CSR_hpmcounter3));
    cr_expect(illegal(h, CSR_READ, CSR_hpmcounter4));
    cr_expect(illegal(h, CSR_WRITE, CSR_hpmcounter3));
}

// --- Filters (Sscofpmf) --------------------------------------------------------------------------

// In M-mode: counter 3 counts instructions in the modes that are not inhibited.
static void count_in(uint64_t inhibit) {
    wr_insn(CSR_mtvec, 0x1000);
    wr_insn(CSR_medeleg, 0);
    wr_insn(event(3), INSTRUCTIONS | inhibit);
    wr_insn(counter(3), 0);
}

// MRET to a mode, whose own instruction counts in M-mode.
static void mret_to(enum privilege mode) {
    wr_insn(CSR_mstatus, (uint64_t)mode << MPP_SHIFT);
    cr_assert(trap_mret(h));
    retire(h, 1);
}

// An instruction that does not retire.
static void trap(void) {
    retire(h, 1);
    h->unretired++;
    trap_exception(h, CAUSE_ILLEGAL, 0);
}

static const struct {
    const char *name;
    uint64_t inhibit, in_m, in_s, in_u;
} filters[] = {
    {"none", 0, 1, 1, 1},
    {"M", HPM_MINH, 0, 1, 1},
    {"S", HPM_SINH, 1, 0, 1},
    {"U", HPM_UINH, 1, 1, 0},
    {"M and S", HPM_MINH | HPM_SINH, 0, 0, 1},
    {"all", HPM_INHIBIT, 0, 0, 0},
};

Test(hpm, filters_by_mode) {
    for (unsigned i = 0; i < sizeof filters / sizeof *filters; i++) {
        count_in(filters[i].inhibit);
        retire(h, 10);   // M
        mret_to(PRIV_S); // two more of M
        retire(h, 100);  // S
        trap();
        mret_to(PRIV_U);
        retire(h, 1000); // U
        trap();
        const uint64_t want = 14 * filters[i].in_m + 100 * filters[i].in_s + 1000 * filters[i].in_u;
        cr_expect_eq(rd(h, counter(3)), want, "without %s: %lu instead of %lu", filters[i].name,
                     rd(h, counter(3)), want);
    }
}

Test(hpm, sret_counts_in_the_mode_that_executed_it) {
    count_in(HPM_UINH | HPM_MINH);
    mret_to(PRIV_S);
    h->csr.mstatus &= ~MSTATUS_SPP;
    cr_assert(trap_sret(h));
    retire(h, 1);
    retire(h, 50);
    trap();
    cr_expect_eq(rd(h, counter(3)), 1);
}

Test(hpm, a_trap_is_an_event_of_the_mode_that_was_left) {
    wr_insn(CSR_mtvec, 0x1000);
    wr_insn(event(3), EXCEPTIONS | HPM_MINH);
    mret_to(PRIV_U);
    trap();
    trap(); // from M
    cr_expect_eq(rd(h, counter(3)), 1);
}

Test(hpm, without_sscofpmf_there_are_no_filters) {
    restart(WITHOUT(sscofpmf));
    cr_expect_eq(after(h, event(3), UINT64_MAX << 58 | CYCLES), CYCLES);
    cr_expect(illegal(h, CSR_READ, CSR_scountovf));
    cr_expect_eq(after(h, CSR_mie, BIT(IRQ_LCOFI)), 0);
    cr_expect_eq(after(h, CSR_mip, BIT(IRQ_LCOFI)), 0);
    cr_expect_eq(after(h, CSR_mideleg, BIT(IRQ_LCOFI)), 0);
}

// --- Overflow ------------------------------------------------------------------------------------

// Lets n instructions go by as hart_run does: in pieces that end where counters want to be seen.
static void run_for(uint64_t n) {
    while (n) {
        const uint64_t piece = counters_patience(h, n);
        retire(h, (unsigned)piece);
        counters_look(h);
        n -= piece;
    }
}

static void near_overflow(unsigned n, uint64_t selector, uint64_t distance) {
    wr_insn(CSR_mcountinhibit, HPM_MASK);
    wr_insn(event(n), selector);
    wr_insn(counter(n), 0 - distance);
    wr_insn(CSR_mcountinhibit, 0);
}

static bool overflowed(unsigned n) { return h->csr.hpm[n - HPM_FIRST].event & HPM_OF; }

Test(hpm, overflow_sets_of_and_pends) {
    near_overflow(5, INSTRUCTIONS, 10);
    run_for(9);
    cr_expect_not(overflowed(5));
    cr_expect_eq(rd(h, CSR_mip), 0);
    noticed(h);
    run_for(1);
    cr_expect(overflowed(5));
    cr_expect_eq(rd(h, counter(5)), 0);
    cr_expect_eq(rd(h, CSR_mip), BIT(IRQ_LCOFI));
    cr_expect_eq(rd(h, CSR_scountovf), BIT(5));
    cr_expect(noticed(h));
}

Test(hpm, the_run_is_cut_where_cycles_overflow) {
    near_overflow(3, CYCLES, 300);
    cr_expect_eq(counters_patience(h, 1000), 300);
    cr_expect_eq(counters_patience(h, 200), 200);
    wr_insn(CSR_mcountinhibit, BIT(3));
    cr_expect_eq(counters_patience(h, 1000), 1000, "one that stands still cuts nothing");
}

Test(hpm, events_that_nobody_notices_are_looked_at_now_and_then) {
    near_overflow(3, FENCES, 1);
    h->mmu.stats.fences++;
    const uint64_t left = LOOK_INTERVAL - hart_cycles(h) % LOOK_INTERVAL;
    cr_expect_eq(counters_patience(h, 5000), left);
    retire(h, (unsigned)left - 1);
    counters_look(h);
    cr_expect_not(overflowed(3), "not before the interval's end, whoever looks");
    retire(h, 1);
    counters_look(h);
    cr_expect(overflowed(3));
}

Test(hpm, a_second_overflow_pends_nothing_while_of_is_set) {
    near_overflow(3, INSTRUCTIONS, 1);
    run_for(1);
    wr_insn(CSR_mip, 0);
    wr_insn(counter(3), UINT64_MAX);
    run_for(5);
    cr_expect(overflowed(3));
    cr_expect_eq(rd(h, CSR_mip), 0);
    wr_insn(event(3), INSTRUCTIONS); // OF is cleared
    wr_insn(counter(3), UINT64_MAX);
    run_for(1);
    cr_expect_eq(rd(h, CSR_mip), BIT(IRQ_LCOFI));
}

Test(hpm, writing_zero_is_no_overflow) {
    wr_insn(event(3), INSTRUCTIONS);
    wr_insn(counter(3), UINT64_MAX - 100);
    wr_insn(counter(3), 0);
    run_for(50);
    cr_expect_not(overflowed(3));
}

Test(hpm, a_counter_that_filters_overflows_in_its_modes_only) {
    count_in(HPM_MINH);
    wr_insn(counter(3), UINT64_MAX - 4);
    run_for(100);
    cr_expect_not(overflowed(3));
    mret_to(PRIV_U);
    run_for(4);
    cr_expect_not(overflowed(3));
    run_for(1);
    cr_expect(overflowed(3));
}

Test(hpm, the_interrupt_is_delegated_and_comes_after_the_timers) {
    wr(h, CSR_mideleg, BIT(IRQ_LCOFI) | BIT(IRQ_STI));
    wr(h, CSR_mie, BIT(IRQ_LCOFI) | BIT(IRQ_STI));
    near_overflow(3, INSTRUCTIONS, 1);
    run_for(1);
    cr_expect_eq(trap_pending(h), -1, "not in M-mode");
    enter_mode(h, PRIV_U);
    cr_expect_eq(trap_pending(h), IRQ_LCOFI);
    h->csr.mip |= BIT(IRQ_STI);
    cr_expect_eq(trap_pending(h), IRQ_STI);
}

Test(hpm, s_mode_sees_and_clears_the_interrupt) {
    near_overflow(3, INSTRUCTIONS, 1);
    run_for(1);
    cr_expect_eq(rd(h, CSR_sip), 0, "not delegated");
    wr(h, CSR_mideleg, BIT(IRQ_LCOFI));
    wr(h, CSR_mcounteren, BIT(4));
    enter_mode(h, PRIV_S);
    cr_expect_eq(rd(h, CSR_sip), BIT(IRQ_LCOFI));
    cr_expect_eq(rd(h, CSR_scountovf), 0, "mcounteren hides counter 3");
    h->csr.mcounteren = BIT(3);
    cr_expect_eq(rd(h, CSR_scountovf), BIT(3));
    modify(h, CSR_CLEAR, CSR_sip, BIT(IRQ_LCOFI));
    cr_expect_eq(rd(h, CSR_sip), 0);
    cr_expect(illegal(h, CSR_WRITE, CSR_scountovf));
}
