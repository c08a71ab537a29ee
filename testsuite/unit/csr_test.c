// SPDX-License-Identifier: MIT
// The CSRs: who may access what, what sticks of a write, and what it does (privileged manual,
// chapters "Machine-Level ISA" and "Supervisor-Level ISA").
#include "testsuite/unit/hart_suite.h"

TestSuite(csr, .init = setup, .fini = teardown);

// --- Numbers -------------------------------------------------------------------------------------

Test(csr, the_number_says_the_lowest_mode) {
    enter_mode(h, PRIV_U);
    cr_expect(illegal(h, CSR_READ, CSR_sstatus));
    cr_expect(illegal(h, CSR_READ, CSR_mstatus));
    enter_mode(h, PRIV_S);
    cr_expect_not(illegal(h, CSR_READ, CSR_sscratch));
    cr_expect(illegal(h, CSR_READ, CSR_mscratch));
    cr_expect(illegal(h, CSR_WRITE, CSR_mscratch));
    enter_mode(h, PRIV_M);
    cr_expect_not(illegal(h, CSR_WRITE, CSR_mscratch));
}

Test(csr, the_number_says_read_only) {
    cr_expect_not(illegal(h, CSR_READ, CSR_mhartid));
    cr_expect(illegal(h, CSR_WRITE, CSR_mhartid));
    cr_expect(illegal(h, CSR_SET, CSR_cycle));
    cr_expect(illegal(h, CSR_CLEAR, CSR_instret));
}

Test(csr, what_is_not_there_is_illegal) {
    const unsigned absent[] = {
        0x000,        // ustatus, of the N extension that is gone
        0x008, 0xc20, // vstart, vl
        0x200, 0x600, // vsstatus, hstatus
        0x30c, 0x10c, // mstateen0, sstateen0
        0x747,        // mseccfg
        0x3a1, 0x3a3, // odd pmpcfg registers exist on RV32 only
        0x310, 0xb80, // mstatush, mcycleh: RV32
        0x7a5,        // tcontrol
        0x7b0,        // dcsr
        0xfff, 0x1000,
    };
    for (unsigned i = 0; i < sizeof absent / sizeof absent[0]; i++) {
        uint64_t old;
        cr_expect(illegal(h, CSR_READ, absent[i]), "%#x", absent[i]);
        cr_expect(illegal(h, CSR_WRITE, absent[i]), "%#x", absent[i]);
        cr_expect_not(csr_peek(h, absent[i], &old));
        cr_expect_null(csr_name(absent[i]));
        cr_expect_null(csr_title(absent[i]));
    }
}

Test(csr, extensions_bring_their_csrs) {
    static const struct {
        extension_set extensions;
        unsigned number;
    } gone[] = {
        {WITHOUT(f), CSR_fcsr},
        {WITHOUT(s), CSR_sstatus},
        {WITHOUT(s), CSR_satp},
        {WITHOUT(s), CSR_medeleg},
        {WITHOUT(s), CSR_mideleg},
        {WITHOUT(s), CSR_stimecmp},
        {WITHOUT(sstc), CSR_stimecmp},
        {WITHOUT(zicntr), CSR_cycle},
        {WITHOUT(zicntr), CSR_time},
        {WITHOUT(zihpm), CSR_hpmcounter3},
        {EVERYTHING & ~(EXT_BIT(EXT_s) | EXT_BIT(EXT_u)), CSR_mcounteren},
        {EVERYTHING & ~(EXT_BIT(EXT_s) | EXT_BIT(EXT_u)), CSR_menvcfg},
    };
    for (unsigned i = 0; i < sizeof gone / sizeof gone[0]; i++) {
        restart(EVERYTHING);
        wr(h, CSR_mstatus, MSTATUS_FS);
        cr_expect_not(illegal(h, CSR_READ, gone[i].number), "%s", csr_name(gone[i].number));
        restart(gone[i].extensions);
        wr(h, CSR_mstatus, MSTATUS_FS);
        cr_expect(illegal(h, CSR_READ, gone[i].number), "%s", csr_name(gone[i].number));
    }
}

Test(csr, names_are_the_manuals) {
    cr_expect_str_eq(csr_name(0x300), "mstatus");
    cr_expect_str_eq(csr_name(0xb1f), "mhpmcounter31");
    cr_expect_str_eq(csr_name(0x33f), "mhpmevent31");
    cr_expect_str_eq(csr_name(0xc03), "hpmcounter3");
    cr_expect_str_eq(csr_name(0x3ef), "pmpaddr63");
    cr_expect_str_eq(csr_name(0x3ae), "pmpcfg14");
    cr_expect_str_eq(csr_title(0x180), "address translation");
}

Test(csr, set_and_clear_change_the_bits_that_they_name) {
    wr(h, CSR_mscratch, 0xf0);
    cr_expect_eq(modify(h, CSR_SET, CSR_mscratch, 0x0f), 0xf0);
    cr_expect_eq(modify(h, CSR_CLEAR, CSR_mscratch, 0x3c), 0xff);
    cr_expect_eq(modify(h, CSR_WRITE, CSR_mscratch, 1), 0xc3);
    cr_expect_eq(rd(h, CSR_mscratch), 1);
}

// --- Identity ------------------------------------------------------------------------------------

Test(csr, misa_says_what_the_hart_is_and_cannot_be_written) {
    const uint64_t letters =
        BIT(0) | BIT(2) | BIT(3) | BIT(5) | BIT(8) | BIT(12) | BIT(18) | BIT(20);
    cr_expect_eq(rd(h, CSR_misa), BIT(63) | letters);
    cr_expect_eq(after(h, CSR_misa, 0), BIT(63) | letters);
    restart(WITHOUT(c));
    cr_expect_eq(rd(h, CSR_misa), BIT(63) | (letters & ~BIT(2)));
}

Test(csr, mhartid_is_the_number_and_the_rest_is_0) {
    cr_expect_eq(rd(h, CSR_mhartid), 3);
    cr_expect_eq(rd(h, CSR_mvendorid) | rd(h, CSR_marchid) | rd(h, CSR_mconfigptr), 0);
}

// --- mstatus -------------------------------------------------------------------------------------

Test(csr, mpp_2_does_not_stick) {
    for (unsigned mode = 0; mode <= 3; mode++) {
        uint64_t before = rd(h, CSR_mstatus) & MSTATUS_MPP;
        uint64_t stuck = after(h, CSR_mstatus, (uint64_t)mode << MPP_SHIFT) & MSTATUS_MPP;
        cr_expect_eq(stuck, mode == 2 ? before : (uint64_t)mode << MPP_SHIFT);
    }
}

Test(csr, mpp_holds_only_modes_that_exist) {
    restart(WITHOUT(s));
    wr(h, CSR_mstatus, 0);
    cr_expect_eq(after(h, CSR_mstatus, UINT64_C(1) << MPP_SHIFT) & MSTATUS_MPP, 0);
    restart(EVERYTHING & ~(EXT_BIT(EXT_s) | EXT_BIT(EXT_u)));
    cr_expect_eq(after(h, CSR_mstatus, 0) & MSTATUS_MPP, MSTATUS_MPP);
}

Test(csr, mstatus_has_the_fields_of_its_extensions) {
    const uint64_t xl = UINT64_C(0xa) << 32;
    const uint64_t m_only = MSTATUS_MIE | MSTATUS_MPIE | MSTATUS_MPP;
    const uint64_t u = MSTATUS_MPRV | MSTATUS_TW, fp = MSTATUS_FS | MSTATUS_SD;
    const uint64_t s = MSTATUS_SIE | MSTATUS_SPIE | MSTATUS_SPP | MSTATUS_SUM | MSTATUS_MXR |
                       MSTATUS_TVM | MSTATUS_TSR;
    cr_expect_eq(after(h, CSR_mstatus, UINT64_MAX), m_only | u | s | fp | xl);
    cr_expect_eq(after(h, CSR_mstatus, 0), xl, "UXL and SXL stay 64");
    restart(WITHOUT(s));
    cr_expect_eq(after(h, CSR_mstatus, UINT64_MAX), m_only | u | fp | MSTATUS_UXL / 3 * 2);
    restart(WITHOUT(f) & ~EXT_BIT(EXT_d));
    cr_expect_eq(after(h, CSR_mstatus, UINT64_MAX), m_only | u | s | xl);
    restart(EVERYTHING & ~(EXT_BIT(EXT_s) | EXT_BIT(EXT_u)));
    cr_expect_eq(after(h, CSR_mstatus, UINT64_MAX), m_only | fp);
}

Test(csr, sd_sums_up_fs_and_cannot_be_written) {
    cr_expect_eq(after(h, CSR_mstatus, MSTATUS_SD) & MSTATUS_SD, 0);
    for (uint64_t fs = 0; fs <= 3; fs++) {
        cr_expect_eq(!!(after(h, CSR_mstatus, fs << 13) & MSTATUS_SD), fs == 3);
        cr_expect_eq(!!(rd(h, CSR_sstatus) & MSTATUS_SD), fs == 3);
    }
}

Test(csr, sstatus_is_a_part_of_mstatus) {
    const uint64_t writable =
        MSTATUS_SIE | MSTATUS_SPIE | MSTATUS_SPP | MSTATUS_FS | MSTATUS_SUM | MSTATUS_MXR;
    const uint64_t fixed = UINT64_C(2) << 32;
    wr(h, CSR_mstatus, UINT64_MAX);
    cr_expect_eq(rd(h, CSR_sstatus), writable | MSTATUS_SD | fixed);
    uint64_t before = rd(h, CSR_mstatus);
    wr(h, CSR_sstatus, 0);
    cr_expect_eq(rd(h, CSR_mstatus), before & ~(writable | MSTATUS_SD));
    cr_expect_eq(after(h, CSR_sstatus, UINT64_MAX), writable | MSTATUS_SD | fixed);
    cr_expect_eq(rd(h, CSR_mstatus), before);
}

// --- Trap vectors, pcs, values -------------------------------------------------------------------

Test(csr, a_reserved_vector_mode_leaves_the_old_one) {
    const unsigned vectors[] = {CSR_mtvec, CSR_stvec};
    for (unsigned i = 0; i < 2; i++) {
        cr_expect_eq(after(h, vectors[i], 0x80000100), 0x80000100);
        cr_expect_eq(after(h, vectors[i], 0x80000202), 0x80000200);
        cr_expect_eq(after(h, vectors[i], 0x80000301), 0x80000301);
        cr_expect_eq(after(h, vectors[i], 0x80000403), 0x80000401);
    }
}

Test(csr, exception_pcs_are_aligned_to_instructions) {
    const unsigned pcs[] = {CSR_mepc, CSR_sepc};
    for (unsigned i = 0; i < 2; i++) cr_expect_eq(after(h, pcs[i], UINT64_MAX), UINT64_MAX - 1);
    restart(WITHOUT(c));
    for (unsigned i = 0; i < 2; i++) cr_expect_eq(after(h, pcs[i], UINT64_MAX), UINT64_MAX - 3);
}

Test(csr, plain_registers_hold_any_value) {
    const unsigned plain[] = {CSR_mscratch, CSR_mcause, CSR_mtval,
                              CSR_sscratch, CSR_scause, CSR_stval};
    for (unsigned i = 0; i < sizeof plain / sizeof plain[0]; i++) {
        cr_expect_eq(after(h, plain[i], UINT64_C(0x8123456789abcdef)), UINT64_C(0x8123456789abcdef),
                     "%s", csr_name(plain[i]));
        cr_expect_eq(after(h, plain[i], 0), 0);
    }
}

// --- Delegation and interrupts -------------------------------------------------------------------

Test(csr, what_cannot_happen_below_m_mode_is_not_delegated) {
    cr_expect_eq(after(h, CSR_medeleg, UINT64_MAX), 0xb3ff, "all but 10, 11, 14");
    cr_expect_eq(after(h, CSR_mideleg, UINT64_MAX), 0x2222);
}

Test(csr, sie_and_sip_show_what_is_delegated) {
    wr(h, CSR_mie, UINT64_MAX);
    cr_expect_eq(rd(h, CSR_mie), 0x2aaa);
    wr(h, CSR_mip, UINT64_MAX);
    cr_expect_eq(rd(h, CSR_mip), 0x2222);
    cr_expect_eq(rd(h, CSR_sie), 0);
    cr_expect_eq(rd(h, CSR_sip), 0);
    wr(h, CSR_mideleg, BIT(IRQ_SSI) | BIT(IRQ_SEI));
    cr_expect_eq(rd(h, CSR_sie), BIT(IRQ_SSI) | BIT(IRQ_SEI));
    cr_expect_eq(rd(h, CSR_sip), BIT(IRQ_SSI) | BIT(IRQ_SEI));
    wr(h, CSR_sie, 0);
    cr_expect_eq(rd(h, CSR_mie), 0x2aaa & ~(BIT(IRQ_SSI) | BIT(IRQ_SEI)));
    wr(h, CSR_sip, 0);
    cr_expect_eq(rd(h, CSR_mip), BIT(IRQ_STI) | BIT(IRQ_SEI) | BIT(IRQ_LCOFI),
                 "of these SSIP alone is writable in sip");
    wr(h, CSR_mideleg, 0);
    wr(h, CSR_sip, BIT(IRQ_SSI));
    wr(h, CSR_sie, UINT64_MAX);
    cr_expect_eq(rd(h, CSR_mip) & BIT(IRQ_SSI), 0);
    cr_expect_eq(rd(h, CSR_mie) & BIT(IRQ_SSI), 0);
}

Test(csr, without_s_mode_its_interrupts_are_not_there) {
    restart(WITHOUT(s));
    cr_expect_eq(after(h, CSR_mie, UINT64_MAX), 0x888);
    cr_expect_eq(after(h, CSR_mip, UINT64_MAX), 0);
}

Test(csr, wires_show_in_mip_and_cannot_be_written_away) {
    const enum interrupt wires[] = {IRQ_MSI, IRQ_MTI, IRQ_MEI, IRQ_SEI};
    for (unsigned i = 0; i < 4; i++) {
        hart_set_interrupt(h, wires[i], true);
        cr_expect_eq(rd(h, CSR_mip), BIT(wires[i]));
        wr(h, CSR_mip, 0);
        cr_expect_eq(rd(h, CSR_mip), BIT(wires[i]));
        hart_set_interrupt(h, wires[i], false);
        cr_expect_eq(rd(h, CSR_mip), 0);
    }
}

Test(csr, seips_wire_is_not_caught_by_set_and_clear) {
    hart_set_interrupt(h, IRQ_SEI, true);
    cr_expect_eq(modify(h, CSR_SET, CSR_mip, BIT(IRQ_SSI)), BIT(IRQ_SEI), "reads the wire");
    cr_expect_eq(modify(h, CSR_CLEAR, CSR_mip, BIT(IRQ_SSI)), BIT(IRQ_SEI) | BIT(IRQ_SSI));
    hart_set_interrupt(h, IRQ_SEI, false);
    cr_expect_eq(rd(h, CSR_mip), 0, "and does not write it");
    modify(h, CSR_SET, CSR_mip, BIT(IRQ_SEI));
    hart_set_interrupt(h, IRQ_SEI, true);
    hart_set_interrupt(h, IRQ_SEI, false);
    cr_expect_eq(rd(h, CSR_mip), BIT(IRQ_SEI), "software's own bit outlives the wire");
}

// --- Translation and environment -----------------------------------------------------------------

Test(csr, satp_takes_bare_and_sv39_and_ignores_other_modes) {
    const uint64_t rest = UINT64_C(0x0fff8000000fffff);
    for (uint64_t mode = 1; mode < 16; mode++) {
        wr(h, CSR_satp, UINT64_C(8) << 60 | 5);
        uint64_t value = mode << 60 | rest;
        cr_expect_eq(after(h, CSR_satp, value), mode == 8 ? value : UINT64_C(8) << 60 | 5);
    }
    cr_expect_eq(after(h, CSR_satp, 0), 0);
    cr_expect_eq(after(h, CSR_satp, UINT64_C(0x8ffffffffffff000)), UINT64_C(0x8ffffffffffff000),
                 "16 bits of ASID, 44 of PPN");
}

Test(csr, tvm_keeps_s_mode_from_satp) {
    wr(h, CSR_mstatus, MSTATUS_TVM);
    cr_expect_not(illegal(h, CSR_WRITE, CSR_satp));
    enter_mode(h, PRIV_S);
    cr_expect(illegal(h, CSR_READ, CSR_satp));
    cr_expect(illegal(h, CSR_WRITE, CSR_satp));
    cr_expect_not(illegal(h, CSR_READ, CSR_sstatus));
    enter_mode(h, PRIV_M);
    wr(h, CSR_mstatus, 0);
    enter_mode(h, PRIV_S);
    cr_expect_not(illegal(h, CSR_READ, CSR_satp));
}

Test(csr, menvcfg_has_the_bits_of_its_extensions) {
    const uint64_t all = MENVCFG_FIOM | MENVCFG_CBIE | MENVCFG_CBCFE | MENVCFG_CBZE | MENVCFG_ADUE |
                         MENVCFG_PBMTE | MENVCFG_STCE;
    cr_expect_eq(rd(h, CSR_menvcfg), MENVCFG_ADUE, "after reset, as the hart was made");
    cr_expect_eq(after(h, CSR_menvcfg, UINT64_MAX), all);
    cr_expect_eq(after(h, CSR_menvcfg, 0), 0);
    restart(WITHOUT(zicbom));
    cr_expect_eq(after(h, CSR_menvcfg, UINT64_MAX), all & ~(MENVCFG_CBIE | MENVCFG_CBCFE));
    restart(WITHOUT(zicboz));
    cr_expect_eq(after(h, CSR_menvcfg, UINT64_MAX), all & ~MENVCFG_CBZE);
    restart(WITHOUT(svpbmt));
    cr_expect_eq(after(h, CSR_menvcfg, UINT64_MAX), all & ~MENVCFG_PBMTE);
    restart(WITHOUT(svadu));
    cr_expect_eq(rd(h, CSR_menvcfg), 0);
    cr_expect_eq(after(h, CSR_menvcfg, UINT64_MAX), all & ~MENVCFG_ADUE);
}

Test(csr, senvcfg_has_the_bits_for_u_mode) {
    const uint64_t all = MENVCFG_FIOM | MENVCFG_CBIE | MENVCFG_CBCFE | MENVCFG_CBZE;
    cr_expect_eq(rd(h, CSR_senvcfg), 0);
    cr_expect_eq(after(h, CSR_senvcfg, UINT64_MAX), all);
}

Test(csr, cbie_2_does_not_stick) {
    const unsigned registers[] = {CSR_menvcfg, CSR_senvcfg};
    for (unsigned i = 0; i < 2; i++) {
        for (uint64_t old = 0; old <= 3; old += old ? 2 : 1) {
            wr(h, registers[i], old << 4);
            cr_expect_eq(after(h, registers[i], MENVCFG_FIOM | UINT64_C(2) << 4),
                         MENVCFG_FIOM | old << 4);
        }
    }
}

Test(csr, translation_hears_of_what_it_depends_on) {
    const struct mmu_context *c = &h->mmu.context;
    wr(h, CSR_satp, UINT64_C(8) << 60 | 5);
    cr_expect_eq(c->satp, UINT64_C(8) << 60 | 5);
    wr(h, CSR_mstatus, MSTATUS_SUM | MSTATUS_MPRV | UINT64_C(1) << MPP_SHIFT);
    cr_expect(c->sum && !c->mxr);
    cr_expect_eq(c->fetch_privilege, PRIV_M);
    cr_expect_eq(c->data_privilege, PRIV_S, "MPRV moves loads and stores alone");
    wr(h, CSR_mstatus, UINT64_C(1) << MPP_SHIFT);
    cr_expect_eq(c->data_privilege, PRIV_M);
    modify(h, CSR_SET, CSR_sstatus, MSTATUS_MXR);
    cr_expect(!c->sum && c->mxr);
    wr(h, CSR_menvcfg, MENVCFG_PBMTE);
    cr_expect(c->pbmt && !c->update_ad);
    wr(h, CSR_menvcfg, MENVCFG_ADUE);
    cr_expect(!c->pbmt && c->update_ad);
    cr_expect(c->napot);
    restart(WITHOUT(svnapot));
    cr_expect_not(h->mmu.context.napot);
}

// --- Floating point ------------------------------------------------------------------------------

Test(csr, fs_off_makes_fcsr_illegal) {
    const unsigned registers[] = {CSR_fflags, CSR_frm, CSR_fcsr};
    for (unsigned i = 0; i < 3; i++) {
        wr(h, CSR_mstatus, 0);
        cr_expect(illegal(h, CSR_READ, registers[i]));
        cr_expect(illegal(h, CSR_WRITE, registers[i]));
        wr(h, CSR_mstatus, UINT64_C(1) << 13);
        cr_expect_not(illegal(h, CSR_READ, registers[i]));
    }
}

Test(csr, fcsr_is_fflags_and_frm) {
    wr(h, CSR_mstatus, MSTATUS_FS);
    cr_expect_eq(after(h, CSR_fcsr, UINT64_MAX), 0xff);
    cr_expect_eq(rd(h, CSR_fflags), 0x1f);
    cr_expect_eq(rd(h, CSR_frm), 7);
    cr_expect_eq(after(h, CSR_fflags, 0xe2), 2);
    cr_expect_eq(rd(h, CSR_fcsr), 0xe2);
    cr_expect_eq(after(h, CSR_frm, 0xf9), 1);
    cr_expect_eq(rd(h, CSR_fcsr), 0x22);
}

Test(csr, writing_fcsr_dirties_fs_and_sd_reading_does_not) {
    const unsigned registers[] = {CSR_fflags, CSR_frm, CSR_fcsr};
    for (unsigned i = 0; i < 3; i++) {
        wr(h, CSR_mstatus, UINT64_C(1) << 13);
        rd(h, registers[i]);
        cr_expect_eq(rd(h, CSR_sstatus) & (MSTATUS_FS | MSTATUS_SD), UINT64_C(1) << 13);
        modify(h, CSR_SET, registers[i], 0);
        cr_expect_eq(rd(h, CSR_sstatus) & (MSTATUS_FS | MSTATUS_SD), MSTATUS_FS | MSTATUS_SD);
        cr_expect_eq(rd(h, CSR_mstatus) & (MSTATUS_FS | MSTATUS_SD), MSTATUS_FS | MSTATUS_SD);
    }
}

// --- Memory protection, triggers -----------------------------------------------------------------

Test(csr, sixteen_pmp_entries_are_there_and_the_rest_read_0) {
    wr(h, CSR_pmpcfg0, UINT64_C(0x0102030405060708) & 0x0101010101010101);
    cr_expect_eq(h->mmu.pmp.cfg[0], 0);
    cr_expect_eq(h->mmu.pmp.cfg[7], 1);
    wr(h, CSR_pmpcfg2, 0x18);
    cr_expect_eq(h->mmu.pmp.cfg[8], 0x18);
    for (unsigned n = 0; n < 64; n++) {
        cr_expect_eq(after(h, CSR_pmpaddr0 + n, n + 1), n < 16 ? n + 1 : 0, "pmpaddr%u", n);
    }
    for (unsigned n = 4; n < 16; n += 2) cr_expect_eq(after(h, CSR_pmpcfg0 + n, UINT64_MAX), 0);
    enter_mode(h, PRIV_S);
    cr_expect(illegal(h, CSR_READ, CSR_pmpcfg0));
}

Test(csr, a_write_to_pmp_binds_the_next_access) {
    static uint8_t page[PAGE_SIZE];
    struct range range = {0x80000000, PAGE_SIZE};
    cr_assert(phys_add_memory(&t.phys, range, page, true));
    uint64_t value;
    wr(h, CSR_pmpaddr0, range.base >> 2);
    cr_expect(mmu_load(&h->mmu, range.base, 8, &value));
    wr(h, CSR_pmpcfg0, 0x90); // NA4, locked, no rights
    cr_expect_not(mmu_load(&h->mmu, range.base, 8, &value));
    cr_expect_eq(h->mmu.fault.cause, CAUSE_LOAD_ACCESS);
    wr(h, CSR_pmpaddr1, (range.base + 8) >> 2);
    cr_expect(mmu_load(&h->mmu, range.base + 8, 8, &value));
    wr(h, CSR_pmpcfg0, 0x9000);
    cr_expect_not(mmu_load(&h->mmu, range.base + 8, 8, &value));
}

Test(csr, a_pmp_address_binds_the_next_access) {
    static uint8_t page[PAGE_SIZE];
    struct range range = {0x80000000, PAGE_SIZE};
    cr_assert(phys_add_memory(&t.phys, range, page, true));
    wr(h, CSR_pmpaddr0, UINT64_MAX);
    wr(h, CSR_pmpcfg0, 0x18 | 1); // NAPOT, R
    enter_mode(h, PRIV_S);
    uint64_t value;
    cr_expect(mmu_load(&h->mmu, range.base, 8, &value));
    enter_mode(h, PRIV_M);
    wr(h, CSR_pmpaddr0, 0);
    enter_mode(h, PRIV_S);
    cr_expect_not(mmu_load(&h->mmu, range.base, 8, &value));
}

Test(csr, there_are_no_triggers) {
    cr_expect_eq(after(h, CSR_tselect, UINT64_MAX), 0);
    cr_expect_eq(after(h, CSR_tdata1, UINT64_C(2) << 60), 0, "type 0: none");
    cr_expect_eq(after(h, CSR_tdata2, UINT64_MAX), 0);
}

// --- Reset ---------------------------------------------------------------------------------------

Test(csr, reset_clears_what_the_manual_says_and_leaves_wires) {
    wr(h, CSR_mstatus, UINT64_MAX);
    wr(h, CSR_satp, UINT64_C(8) << 60);
    wr(h, CSR_menvcfg, 0);
    wr(h, CSR_pmpcfg0, 0x9f);
    modify(h, CSR_SET, CSR_menvcfg, MENVCFG_STCE);
    cr_expect_eq(rd(h, CSR_mip), BIT(IRQ_STI));
    hart_set_interrupt(h, IRQ_MTI, true);
    retire(h, 9);
    hart_reset(h, 0x1000);
    cr_expect_eq(rd(h, CSR_mstatus), UINT64_C(0xa) << 32);
    cr_expect_eq(rd(h, CSR_satp) | rd(h, CSR_mcause) | rd(h, CSR_pmpcfg0) | rd(h, CSR_mie), 0);
    cr_expect_eq(rd(h, CSR_menvcfg), MENVCFG_ADUE);
    cr_expect_eq(rd(h, CSR_mip), BIT(IRQ_MTI));
    cr_expect_eq(rd(h, CSR_minstret) | rd(h, CSR_mcycle), 0);
}
