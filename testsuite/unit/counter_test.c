// SPDX-License-Identifier: MIT
// Time and counters: stimecmp (privileged manual, "Sstc" and "Supervisor Timer Register"), and the
// hardware performance monitor with its enables.
#include "testsuite/unit/hart_suite.h"

TestSuite(counter, .init = setup, .fini = teardown);

// --- Timer (Sstc) --------------------------------------------------------------------------------

static void enable_stimecmp(void) {
    wr(h, CSR_stimecmp, UINT64_MAX);
    modify(h, CSR_SET, CSR_menvcfg, MENVCFG_STCE);
    wr(h, CSR_mcounteren, BIT(1));
}

Test(counter, stip_follows_stimecmp_at_once) {
    enable_stimecmp();
    t.now = 1000;
    wr(h, CSR_stimecmp, 1001);
    cr_expect_eq(rd(h, CSR_mip), 0);
    cr_expect_eq(csr_next_timer(h), 1001);
    t.now = 1001; // "greater than or equal"
    cr_expect_eq(rd(h, CSR_mip), BIT(IRQ_STI), "nobody has called csr_update_timer");
    cr_expect_eq(csr_next_timer(h), UINT64_MAX, "nothing is left to wait for");
    wr(h, CSR_stimecmp, 2000);
    cr_expect_eq(csr_mip(h), 0);
    wr(h, CSR_stimecmp, 0);
    cr_expect_eq(csr_mip(h), BIT(IRQ_STI));
    wr(h, CSR_stimecmp, UINT64_MAX);
    cr_expect_eq(csr_mip(h), 0);
}

Test(counter, the_machine_hears_of_a_new_deadline) {
    wr(h, CSR_stimecmp, 5);
    cr_expect_eq(t.deadlines, 0, "nothing happens at it");
    cr_expect_eq(csr_next_timer(h), UINT64_MAX);
    enable_stimecmp();
    unsigned before = t.deadlines;
    wr(h, CSR_stimecmp, 70);
    cr_expect_eq(t.deadlines, before + 1);
    modify(h, CSR_CLEAR, CSR_menvcfg, MENVCFG_STCE);
    cr_expect_eq(t.deadlines, before + 2);
}

Test(counter, time_that_has_come_makes_the_hart_look) {
    enable_stimecmp();
    wr(h, CSR_mie, BIT(IRQ_STI));
    wr(h, CSR_stimecmp, 50);
    noticed(h);
    t.now = 49;
    csr_update_timer(h);
    cr_expect_not(noticed(h));
    t.now = 50;
    csr_update_timer(h);
    cr_expect(noticed(h));
    cr_expect_eq(csr_mip(h), BIT(IRQ_STI));
}

Test(counter, stip_is_read_only_while_stimecmp_drives_it) {
    enable_stimecmp();
    wr(h, CSR_mip, BIT(IRQ_STI));
    cr_expect_eq(rd(h, CSR_mip), 0);
    wr(h, CSR_stimecmp, 0);
    wr(h, CSR_mip, 0);
    cr_expect_eq(rd(h, CSR_mip), BIT(IRQ_STI), "and it never sets MTIP");
}

Test(counter, softwares_stip_and_stimecmps_do_not_mix) {
    wr(h, CSR_mip, BIT(IRQ_STI));
    enable_stimecmp();
    cr_expect_eq(rd(h, CSR_mip), 0, "hidden while STCE is set");
    modify(h, CSR_CLEAR, CSR_menvcfg, MENVCFG_STCE);
    wr(h, CSR_mip, 0);
    modify(h, CSR_SET, CSR_menvcfg, MENVCFG_STCE);
    wr(h, CSR_mip, BIT(IRQ_STI));
    modify(h, CSR_CLEAR, CSR_menvcfg, MENVCFG_STCE);
    cr_expect_eq(rd(h, CSR_mip), 0, "what was written while it was read-only is lost");
}

Test(counter, with_stce_clear_stip_is_softwares) {
    enable_stimecmp();
    wr(h, CSR_stimecmp, 0);
    modify(h, CSR_CLEAR, CSR_menvcfg, MENVCFG_STCE);
    cr_expect_eq(rd(h, CSR_mip), 0);
    cr_expect_eq(after(h, CSR_mip, BIT(IRQ_STI)), BIT(IRQ_STI));
    cr_expect_eq(after(h, CSR_mip, 0), 0);
}

Test(counter, stimecmp_below_m_mode_needs_stce_and_tm) {
    for (unsigned i = 0; i < 4; i++) {
        enter_mode(h, PRIV_M);
        modify(h, i & 1 ? CSR_SET : CSR_CLEAR, CSR_menvcfg, MENVCFG_STCE);
        wr(h, CSR_mcounteren, i & 2 ? BIT(1) : ~BIT(1));
        cr_expect_not(illegal(h, CSR_WRITE, CSR_stimecmp));
        enter_mode(h, PRIV_S);
        cr_expect_eq(illegal(h, CSR_WRITE, CSR_stimecmp), i != 3);
        cr_expect_eq(illegal(h, CSR_READ, CSR_stimecmp), i != 3);
        enter_mode(h, PRIV_U);
        cr_expect(illegal(h, CSR_READ, CSR_stimecmp));
    }
}

Test(counter, without_sstc_stce_does_not_stick) {
    restart(WITHOUT(sstc));
    cr_expect_eq(after(h, CSR_menvcfg, UINT64_MAX) & MENVCFG_STCE, 0);
}

// --- Counters ------------------------------------------------------------------------------------

Test(counter, counters_count_instructions) {
    const unsigned counters[] = {CSR_mcycle, CSR_minstret, CSR_cycle, CSR_instret};
    for (unsigned i = 0; i < 4; i++) {
        uint64_t before = rd(h, counters[i]);
        retire(h, 7);
        cr_expect_eq(rd(h, counters[i]), before + 7);
    }
}

Test(counter, the_next_instruction_reads_what_was_written_to_a_counter) {
    const unsigned counters[] = {CSR_mcycle, CSR_minstret};
    for (unsigned i = 0; i < 2; i++) {
        retire(h, 100);
        wr(h, counters[i], 5);
        retire(h, 1); // the writing instruction itself
        cr_expect_eq(rd(h, counters[i]), 5);
        retire(h, 1);
        cr_expect_eq(rd(h, counters[i]), 6);
        wr(h, counters[i], UINT64_MAX);
        retire(h, 2);
        cr_expect_eq(rd(h, counters[i]), 0, "it wraps");
    }
}

Test(counter, mcountinhibit_stops_one_counter_and_not_the_other) {
    wr(h, CSR_mcycle, 10);
    wr(h, CSR_minstret, 20);
    retire(h, 1);
    wr(h, CSR_mcountinhibit, BIT(2)); // this instruction still counts: 21
    retire(h, 50);
    cr_expect_eq(rd(h, CSR_mcycle), 60);
    cr_expect_eq(rd(h, CSR_minstret), 21);
    wr(h, CSR_minstret, 30);
    retire(h, 5);
    cr_expect_eq(rd(h, CSR_minstret), 30, "it can be written while it stands");
    wr(h, CSR_mcountinhibit, BIT(0)); // this one does not: 30; cycles stop behind it: 66
    retire(h, 1);
    cr_expect_eq(rd(h, CSR_minstret), 30);
    cr_expect_eq(rd(h, CSR_mcycle), 66);
    retire(h, 3);
    cr_expect_eq(rd(h, CSR_instret), 33);
    cr_expect_eq(rd(h, CSR_cycle), 66);
    cr_expect_eq(rd(h, CSR_mcountinhibit), BIT(0));
}

Test(counter, time_is_mtime) {
    t.now = UINT64_C(0x123456789);
    cr_expect_eq(rd(h, CSR_time), UINT64_C(0x123456789));
}

Test(counter, below_m_mode_counters_are_read_by_permission) {
    for (unsigned n = 0; n < 32; n++) {
        unsigned number = CSR_cycle + n;
        for (unsigned i = 0; i < 4; i++) {
            enter_mode(h, PRIV_M);
            wr(h, CSR_mcounteren, i & 1 ? BIT(n) : ~BIT(n));
            wr(h, CSR_scounteren, i & 2 ? BIT(n) : ~BIT(n));
            cr_expect_not(illegal(h, CSR_READ, number));
            enter_mode(h, PRIV_S);
            cr_expect_eq(illegal(h, CSR_READ, number), !(i & 1), "counter %u", n);
            enter_mode(h, PRIV_U);
            cr_expect_eq(illegal(h, CSR_READ, number), i != 3, "counter %u", n);
        }
    }
}

Test(counter, without_s_mode_mcounteren_alone_counts) {
    restart(WITHOUT(s));
    wr(h, CSR_mcounteren, BIT(0));
    enter_mode(h, PRIV_U);
    cr_expect_not(illegal(h, CSR_READ, CSR_cycle));
    cr_expect(illegal(h, CSR_READ, CSR_instret));
}

Test(counter, counter_enables_are_32_bits) {
    cr_expect_eq(after(h, CSR_mcounteren, UINT64_MAX), UINT32_MAX);
    cr_expect_eq(after(h, CSR_scounteren, UINT64_MAX), UINT32_MAX);
}
