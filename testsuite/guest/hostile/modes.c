// SPDX-License-Identifier: MIT
// What a mode may not do: sleep where TW is set, manage cache blocks that menvcfg and senvcfg keep
// to higher modes, compute where FS is off. Each is refused with the trap that the manual names,
// however often, and changes nothing.
#include "hostile.h"

#define CSR_SENVCFG "0x10a"
enum { ANYWHERE = 3 };
static const enum priv MODES[ANYWHERE] = {U, S, M};

SNIPPET(do_wfi, "wfi");
SNIPPET(wfi_then_back, ".option norvc\n wfi\n j wfi_then_back");

// --- WFI -----------------------------------------------------------------------------------------

static void expect_illegal(const char *what, const struct outcome *o, uint64_t bits) {
    check_trap(__FILE__, __LINE__, what, o, ILLEGAL, bits);
}

PROGRAM(wfi_with_tw) {
    enum { WFI = 0x10500073 };
    for (unsigned round = 0; round < 1000; round++) {
        struct outcome o = run_status(S, MSTATUS_TW, do_wfi);
        expect_illegal("S-mode with TW", &o, WFI);
        o = run_status(U, MSTATUS_TW, do_wfi);
        expect_illegal("U-mode with TW", &o, WFI);
        o = run(U, do_wfi);
        expect_illegal("U-mode", &o, WFI);
    }
    // With something to wake up for, M-mode does not mind TW, and S-mode may sleep without it.
    csr_write("mideleg", BIT(SSI));
    csr_write("mie", BIT(SSI));
    csr_write("mip", BIT(SSI));
    CHECK_EQ(run_status(M, MSTATUS_TW, do_wfi).cause, NO_TRAP);
    CHECK_EQ(run(S, do_wfi).cause, NO_TRAP);
}

// The handler comes back to what has trapped.
SNIPPET(handler_again, ".balign 64\n mret");
PROGRAM(wfi_with_tw_for_ever) {
    csr_write("mtvec", handler_again);
    csr_write("mepc", wfi_then_back);
    csr_write("mstatus", MSTATUS_TW | MSTATUS_MPP(S));
    __asm__ volatile("mret");
}

// --- Cache blocks --------------------------------------------------------------------------------

SNIPPET(do_inval, "cbo.inval (a0)");
SNIPPET(do_clean, "cbo.clean (a0)");
SNIPPET(do_flush, "cbo.flush (a0)");
SNIPPET(do_zero, "cbo.zero (a0)");

static const struct operation {
    const char *name, *code;
    uint32_t bits;
    uint64_t enabled; // in menvcfg and senvcfg
} OPERATIONS[] = {
    {"cbo.inval", do_inval, 0x0005200f, MENVCFG_CBIE(3)},
    {"cbo.clean", do_clean, 0x0015200f, MENVCFG_CBCFE},
    {"cbo.flush", do_flush, 0x0025200f, MENVCFG_CBCFE},
    {"cbo.zero", do_zero, 0x0045200f, MENVCFG_CBZE},
};
enum { OPERATION_COUNT = sizeof OPERATIONS / sizeof *OPERATIONS };

// Every setting of the fields: CBIE 0, 1 (inval does flush's work) and 3, CBCFE, CBZE.
enum { SETTINGS = 12 };
static uint64_t setting(unsigned n) {
    static const uint64_t inval[] = {0, 1, 3};
    return MENVCFG_CBIE(inval[n / 4]) | (n & 1 ? MENVCFG_CBCFE : 0) | (n & 2 ? MENVCFG_CBZE : 0);
}

static bool is_allowed(const struct operation *op, enum priv mode, uint64_t menvcfg,
                       uint64_t senvcfg) {
    return mode == M ||
           ((menvcfg & op->enabled) != 0 && (mode == S || (senvcfg & op->enabled) != 0));
}

static void try_operation(const struct operation *op, enum priv mode, bool allowed) {
    uint64_t *block = (uint64_t *)pages[1];
    block[7] = 1;
    const struct outcome o = run(mode, op->code, (uint64_t)block);
    if (allowed) {
        CHECK_NAMED(op->name, o.cause, NO_TRAP);
        CHECK_NAMED(op->name, block[7], op->code != do_zero);
    } else {
        expect_illegal(op->name, &o, op->bits);
        CHECK_NAMED(op->name, block[7], 1);
    }
}

PROGRAM(cbo_by_privilege) {
    for (unsigned m = 0; m < SETTINGS; m++)
        for (unsigned s = 0; s < SETTINGS; s++) {
            csr_write(CSR_MENVCFG, setting(m));
            csr_write(CSR_SENVCFG, setting(s));
            for (unsigned mode = 0; mode < ANYWHERE; mode++)
                for (unsigned i = 0; i < OPERATION_COUNT; i++)
                    try_operation(&OPERATIONS[i], MODES[mode],
                                  is_allowed(&OPERATIONS[i], MODES[mode], setting(m), setting(s)));
        }
}

// Blocks where there is no memory, in every mode.
PROGRAM(cbo_of_nowhere) {
    static const uint64_t nowhere[] = {0,       CLINT_AT, PLIC_AT, UART_AT,         SLOT_AT(DISK),
                                       RAM_END, BIT(40),  BIT(63), ~UINT64_C(0xff), ~UINT64_C(0)};
    csr_write(CSR_MENVCFG, setting(SETTINGS - 1));
    csr_write(CSR_SENVCFG, setting(SETTINGS - 1));
    for (unsigned mode = 0; mode < ANYWHERE; mode++)
        for (unsigned i = 0; i < OPERATION_COUNT; i++)
            for (unsigned n = 0; n < sizeof nowhere / sizeof *nowhere; n++) {
                const struct outcome o = run(MODES[mode], OPERATIONS[i].code, nowhere[n]);
                CHECK_TRAP(OPERATIONS[i].name, o, STORE_ACCESS, nowhere[n]);
            }
    // The boot ROM can be managed, and not be zeroed.
    CHECK_EQ(run(M, do_clean, ROM_AT).cause, NO_TRAP);
    CHECK_EQ(run(M, do_zero, ROM_AT).cause, STORE_ACCESS);
}

// --- Floating point and vectors ------------------------------------------------------------------

SNIPPET(fp_load, ".option norvc\n fld fa0, 0(a0)");
SNIPPET(fp_store, ".option norvc\n fsd fa0, 0(a0)");
SNIPPET(fp_load_short, "c.fld fa0, 0(a0)");
SNIPPET(fp_add, "fadd.d fa0, fa0, fa0");
SNIPPET(fp_fused, "fmadd.s fa0, fa0, fa0, fa0");
SNIPPET(fp_divide, "fdiv.d fa0, fa0, fa0");
SNIPPET(fp_move, "fmv.x.d a0, fa0");
SNIPPET(fp_to_integer, "fcvt.l.d a0, fa0");
SNIPPET(fp_read, "csrr a0, fcsr");
SNIPPET(fp_flags, "csrw fflags, a0");
SNIPPET(fp_rounding, "csrwi frm, 1");
static const char *const FP[] = {fp_load,  fp_store,  fp_load_short, fp_add,
                                 fp_fused, fp_divide, fp_move,       fp_to_integer,
                                 fp_read,  fp_flags,  fp_rounding};

PROGRAM(fp_with_fs_off) {
    uint64_t *place = (uint64_t *)pages[1];
    for (unsigned mode = 0; mode < ANYWHERE; mode++)
        for (unsigned i = 0; i < sizeof FP / sizeof *FP; i++) {
            *place = 0x1234;
            // Twice: what was decoded before is refused as well.
            for (unsigned again = 0; again < 2; again++) {
                const struct outcome off =
                    run_status(MODES[mode], MSTATUS_FS(0), FP[i], (uint64_t)place);
                CHECK_EQ(off.cause, ILLEGAL);
                CHECK_EQ(off.mstatus & MSTATUS_FS(3), 0);
                CHECK_EQ(*place, 0x1234);
                CHECK_EQ(run(MODES[mode], FP[i], (uint64_t)place).cause, NO_TRAP);
                *place = 0x1234;
            }
        }
    // A load that faults makes nothing dirty.
    const struct outcome o = run_status(U, MSTATUS_FS(1), fp_load, BIT(40));
    CHECK_EQ(o.cause, LOAD_ACCESS);
    CHECK_EQ(o.mstatus & MSTATUS_FS(3), MSTATUS_FS(1));
}

SNIPPET(vector_length, ".word 0x0d007057"); // vsetvli x0, x0, e32
SNIPPET(vector_load, ".word 0x02056007");
SNIPPET(vector_store, ".word 0x02056027");
SNIPPET(vector_add, ".word 0x02008057");
SNIPPET(vector_csr, "csrr a0, 0xc20");

PROGRAM(vectors_that_there_are_not) {
    static const char *const vectors[] = {vector_length, vector_load, vector_store, vector_add,
                                          vector_csr};
    for (unsigned vs = 0; vs < 4; vs++)
        for (unsigned mode = 0; mode < ANYWHERE; mode++)
            for (unsigned i = 0; i < sizeof vectors / sizeof *vectors; i++) {
                const struct outcome o = run_status(MODES[mode], MSTATUS_FS(1) | vs << 9,
                                                    vectors[i], (uint64_t)pages[1]);
                CHECK_EQ(o.cause, ILLEGAL);
                CHECK_EQ(o.mstatus >> 9 & 3, 0);
            }
}
