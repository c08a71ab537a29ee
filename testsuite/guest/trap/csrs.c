// SPDX-License-Identifier: MIT
// WARL fields, masks and views of CSRs (corner cases 7, 9, 12): what is written, what is read back.
//
// QEMU 7.2: medeleg[11] sticks, instret counts nanoseconds, there are 16 hpmcounters only.
#include "guest.h"

CASE(misa_tells_the_isa) {
    uint64_t misa = csr_read("misa");
    CHECK_EQ(misa >> 62, 2);
    static const char letters[] = "ACDFIMSU";
    for (const char *l = letters; *l; l++) CHECK_NAMED("letter of misa", misa >> (*l - 'A') & 1, 1);
    csr_write("misa", misa & (BIT(26) - 1)); // MXL = 0 is no width of ours
    CHECK_EQ(csr_read("misa"), misa);
    csr_write("misa", misa | BIT('V' - 'A')); // what is not there cannot be switched on
    CHECK_EQ(csr_read("misa"), misa);
}

CASE(mtvec_is_aligned) {
    uint64_t old = csr_read("mtvec");
    csr_write("mtvec", 0x80001001);
    CHECK_EQ(csr_read("mtvec"), 0x80001001);
    csr_write("mtvec", 0x80001002); // mode 2 is reserved
    CHECK(csr_read("mtvec") == 0x80001001 || (csr_read("mtvec") & 2) == 0);
    csr_write("mtvec", old);
    csr_write("stvec", 0x80001003);
    CHECK((csr_read("stvec") & 2) == 0);
}

CASE(medeleg_never_has_ecall_from_m) {
    csr_write("medeleg", ~UINT64_C(0));
    uint64_t medeleg = csr_read("medeleg");
    CHECK_EQ(medeleg >> ECALL_M & 1, 0);
    uint64_t wanted =
        BIT(FETCH_PAGE) | BIT(LOAD_PAGE) | BIT(STORE_PAGE) | BIT(ECALL_U) | BIT(ILLEGAL);
    CHECK_EQ(medeleg & wanted, wanted);
}

CASE(mideleg_has_supervisor_bits_alone) {
    csr_write("mideleg", ~UINT64_C(0));
    uint64_t supervisor = BIT(SSI) | BIT(STI) | BIT(SEI), machine = supervisor << 2;
    CHECK_EQ(csr_read("mideleg") & (supervisor | machine), supervisor);
}

CASE(sie_is_masked_by_mideleg) {
    uint64_t all = BIT(SSI) | BIT(STI) | BIT(SEI);
    csr_write("mideleg", BIT(SSI));
    csr_write("mie", all);
    CHECK_EQ(csr_read("sie"), BIT(SSI));
    csr_write("sie", 0);
    CHECK_EQ(csr_read("mie"), BIT(STI) | BIT(SEI));
    csr_write("sie", all);
    CHECK_EQ(csr_read("mie"), all);
    csr_write("mideleg", all);
    CHECK_EQ(csr_read("sie"), all);
    csr_write("mideleg", 0);
    CHECK_EQ(csr_read("sie"), 0);
}

CASE(sip_is_masked_by_mideleg) {
    csr_write("mip", BIT(SSI) | BIT(STI));
    csr_write("mideleg", BIT(SSI));
    CHECK_EQ(csr_read("sip"), BIT(SSI));
    csr_write("sip", 0); // SSIP is writable through sip, when delegated
    CHECK_EQ(csr_read("mip") & (BIT(SSI) | BIT(STI)), BIT(STI));
    csr_write("mideleg", BIT(STI));
    csr_write("sip", 0); // STIP is not
    CHECK_EQ(csr_read("sip"), BIT(STI));
    csr_write("mideleg", BIT(SEI));
    csr_write("sip", BIT(SEI)); // nor is SEIP
    CHECK_EQ(csr_read("mip") & BIT(SEI), 0);
    csr_write("mideleg", 0);
    csr_write("sip", BIT(SSI)); // nothing is delegated: no effect
    CHECK_EQ(csr_read("mip") & BIT(SSI), 0);
    csr_write("mip", 0);
}

CASE(mip_machine_bits_are_read_only) {
    csr_write("mip", BIT(MSI) | BIT(MTI) | BIT(MEI));
    CHECK_EQ(csr_read("mip") & (BIT(MSI) | BIT(MEI)), 0);
}

CASE(sstatus_is_a_view) {
    csr_write("mstatus", MSTATUS_MPP(M) | MSTATUS_MPIE | MSTATUS_TVM | MSTATUS_TW | MSTATUS_TSR |
                             MSTATUS_SUM | MSTATUS_SPP);
    uint64_t s = csr_read("sstatus");
    CHECK_EQ(s & (MSTATUS_MPP(3) | MSTATUS_MPIE | MSTATUS_MIE), 0);
    CHECK_EQ(s & (MSTATUS_TVM | MSTATUS_TW | MSTATUS_TSR | MSTATUS_MPRV), 0);
    CHECK_EQ(s & (MSTATUS_SUM | MSTATUS_SPP), MSTATUS_SUM | MSTATUS_SPP);
    csr_write("sstatus", 0);
    CHECK_EQ(csr_read("mstatus") & (MSTATUS_SUM | MSTATUS_SPP), 0);
    CHECK_EQ(csr_read("mstatus") & (MSTATUS_MPP(3) | MSTATUS_TVM), MSTATUS_MPP(M) | MSTATUS_TVM);
}

CASE(xlen_fields_are_64) {
    CHECK_EQ(csr_read("mstatus") >> 32 & 3, 2); // UXL
    CHECK_EQ(csr_read("mstatus") >> 34 & 3, 2); // SXL
    CHECK_EQ(csr_read("sstatus") >> 32 & 3, 2);
}

// FS (corner case 9): what makes it dirty, what it forbids.
SNIPPET(write_fflags, "csrwi fflags, 1");
SNIPPET(write_frm, "csrwi frm, 1");
SNIPPET(write_fcsr, "csrwi fcsr, 0");
SNIPPET(read_fcsr, "csrr a0, fcsr");
SNIPPET(load_fp, "fld fa0, 0(a0)");
SNIPPET(load_fp_single, "flw fa0, 0(a0)");
SNIPPET(store_fp, "fsd fa0, 0(a0)");
SNIPPET(add_fp, "fadd.d fa0, fa0, fa0");
SNIPPET(move_to_fp, "fmv.d.x fa0, a0");
SNIPPET(move_from_fp, "fmv.x.d a0, fa0");
SNIPPET(convert_to_fp, "fcvt.d.l fa0, a0");
SNIPPET(c_load_fp, "c.fld fa0, 0(a0)");

static const struct fs_row {
    const char *name;
    const char *code;
    bool writes; // FP state: FS becomes dirty for sure; otherwise it may stay
} fs_rows[] = {
    {"csrw fflags", write_fflags, true},
    {"csrw frm", write_frm, true},
    {"csrw fcsr", write_fcsr, true},
    {"csrr fcsr", read_fcsr, false},
    {"fld", load_fp, true},
    {"flw", load_fp_single, true},
    {"c.fld", c_load_fp, true},
    {"fsd", store_fp, false},
    {"fadd.d", add_fp, true},
    {"fmv.d.x", move_to_fp, true},
    {"fmv.x.d", move_from_fp, false},
    {"fcvt.d.l", convert_to_fp, true},
};

static void check_fs(const void *v) {
    const struct fs_row *row = v;
    uint64_t arg = (uint64_t)pages[0];
    uint64_t fs = MSTATUS_FS(3) | MSTATUS_SD;
    struct outcome o = run_status(S, MSTATUS_FS(0), row->code, arg);
    CHECK_EQ(o.cause, ILLEGAL);
    CHECK_EQ(o.mstatus & fs, 0);
    for (uint64_t before = 1; before <= 2; before++) {
        o = run_status(S, MSTATUS_FS(before), row->code, arg);
        CHECK_TRAP(row->name, o, NO_TRAP, 0);
        CHECK_NAMED("FS and SD", o.mstatus & fs, row->writes ? fs : MSTATUS_FS(before));
    }
    o = run_status(S, MSTATUS_FS(3), row->code, arg);
    CHECK_EQ(o.mstatus & fs, fs);
}
CASE_ROWS(fs_rows, check_fs);

CASE(sstatus_shows_fs_and_sd) {
    csr_write("mstatus", MSTATUS_FS(3));
    CHECK_EQ(csr_read("sstatus") & (MSTATUS_FS(3) | MSTATUS_SD), MSTATUS_FS(3) | MSTATUS_SD);
    csr_write("sstatus", MSTATUS_FS(2));
    CHECK_EQ(csr_read("mstatus") & (MSTATUS_FS(3) | MSTATUS_SD), MSTATUS_FS(2));
}

CASE(faulting_fp_load_does_not_dirty) {
    struct outcome o = run_status(S, MSTATUS_FS(1), load_fp, BIT(50));
    CHECK_EQ(o.cause, LOAD_ACCESS);
    CHECK_EQ(o.mstatus & (MSTATUS_FS(3) | MSTATUS_SD), MSTATUS_FS(1));
}

CASE(frm_and_fflags_are_parts_of_fcsr) {
    csr_write("mstatus", MSTATUS_FS(3));
    csr_write("fcsr", ~UINT64_C(0));
    CHECK_EQ(csr_read("fcsr"), 0xff);
    CHECK_EQ(csr_read("frm"), 7);
    CHECK_EQ(csr_read("fflags"), 0x1f);
    csr_write("frm", 2);
    CHECK_EQ(csr_read("fcsr"), 0x5f);
    csr_write("fflags", 0);
    CHECK_EQ(csr_read("fcsr"), 0x40);
}

// Counters' gates (corner case 11): mcounteren for S, both for U.
SNIPPET(read_cycle, "csrr a0, cycle");
SNIPPET(read_time, "csrr a0, time");
SNIPPET(read_instret, "csrr a0, instret");
SNIPPET(read_hpm3, "csrr a0, hpmcounter3");
SNIPPET(read_hpm31, "csrr a0, hpmcounter31");

static const struct counter_row {
    const char *name;
    const char *code;
    unsigned bit;
} counter_rows[] = {
    {"cycle", read_cycle, 0},      {"time", read_time, 1},           {"instret", read_instret, 2},
    {"hpmcounter3", read_hpm3, 3}, {"hpmcounter31", read_hpm31, 31},
};

static void check_counter(const void *v) {
    const struct counter_row *row = v;
    for (unsigned gates = 0; gates < 4; gates++) {
        bool m = gates & 1, s = gates & 2;
        csr_write("mcounteren", m ? BIT(row->bit) : ~BIT(row->bit));
        csr_write("scounteren", s ? BIT(row->bit) : ~BIT(row->bit));
        struct outcome o = run(M, row->code, 0);
        CHECK_NAMED("in M", o.cause, NO_TRAP);
        o = run(S, row->code, 0);
        CHECK_NAMED("in S", o.cause, m ? NO_TRAP : ILLEGAL);
        o = run(U, row->code, 0);
        CHECK_NAMED("in U", o.cause, m && s ? NO_TRAP : ILLEGAL);
    }
}
CASE_ROWS(counter_rows, check_counter);

// Each pair of instructions is counted exactly.
CASE(instret_counts_instructions) {
    uint64_t a, b, c;
    __asm__ volatile("csrr %0, minstret\n nop\n nop\n nop\n csrr %1, minstret\n csrr %2, minstret"
                     : "=r"(a), "=r"(b), "=r"(c));
    CHECK_EQ(b - a, 4);
    CHECK_EQ(c - b, 1);
}

// The write counts instead of the increment of the writing instruction.
CASE(write_to_minstret_takes_effect_after_it) {
    uint64_t got, later;
    __asm__ volatile("csrw minstret, %2\n csrr %0, minstret\n csrr %1, minstret"
                     : "=&r"(got), "=&r"(later)
                     : "r"(UINT64_C(1000)));
    CHECK_EQ(got, 1000);
    CHECK_EQ(later, 1001);
}

CASE(mcountinhibit_stops_counters) {
    csr_write("mcountinhibit", BIT(0) | BIT(2));
    CHECK_EQ(csr_read("mcountinhibit") & 7, 5);
    uint64_t cycle = csr_read("mcycle"), instret = csr_read("minstret");
    for (volatile int i = 0; i < 100; i++) continue;
    CHECK_EQ(csr_read("mcycle"), cycle);
    CHECK_EQ(csr_read("minstret"), instret);
    csr_write("mcountinhibit", 0);
    for (volatile int i = 0; i < 100; i++) continue;
    CHECK(csr_read("minstret") > instret);
    CHECK(csr_read("mcycle") > cycle);
}

CASE(mcountinhibit_has_no_time_bit) {
    csr_write("mcountinhibit", ~UINT64_C(0));
    CHECK_EQ(csr_read("mcountinhibit") & 2, 0);
    csr_write("mcountinhibit", 0);
}

CASE(cycle_and_instret_are_shadows) {
    csr_write("mcountinhibit", BIT(0) | BIT(2));
    csr_write("mcycle", 0x123456789abcdef0);
    csr_write("minstret", 0xfedcba9876543210);
    CHECK_EQ(csr_read("cycle"), 0x123456789abcdef0);
    CHECK_EQ(csr_read("instret"), 0xfedcba9876543210);
}

CASE(envcfg_fields) {
    csr_write(CSR_MENVCFG, ~UINT64_C(0));
    uint64_t known = MENVCFG_STCE | MENVCFG_PBMTE | MENVCFG_ADUE | MENVCFG_CBZE | MENVCFG_CBCFE;
    CHECK_EQ(csr_read(CSR_MENVCFG) & known, known);
    csr_write(CSR_MENVCFG, 0);
    CHECK_EQ(csr_read(CSR_MENVCFG), 0);
    csr_write("0x10a", ~UINT64_C(0));
    CHECK_EQ(csr_read("0x10a") & (MENVCFG_STCE | MENVCFG_PBMTE | MENVCFG_ADUE), 0);
    csr_write("0x10a", 0);
}

// TW and WFI (corner case 5).
SNIPPET(wait, "wfi");
CASE(wfi_under_tw) {
    // Enabled in mie but not globally: WFI falls through.
    csr_write("mideleg", BIT(SSI));
    csr_write("mie", BIT(SSI));
    csr_write("mip", BIT(SSI));
    struct outcome o = run_status(S, 0, wait, 0);
    CHECK_TRAP("S without TW", o, NO_TRAP, 0);
    o = run_status(M, MSTATUS_TW, wait, 0);
    CHECK_TRAP("M with TW", o, NO_TRAP, 0);
    csr_write("mip", 0);
    csr_write("mie", 0);
    o = run_status(S, MSTATUS_TW, wait, 0);
    CHECK_TRAP("S with TW", o, ILLEGAL, 0x10500073);
    o = run_status(U, MSTATUS_TW, wait, 0);
    CHECK_TRAP("U with TW", o, ILLEGAL, 0x10500073);
}
