// SPDX-License-Identifier: MIT
// All 4,096 CSR numbers from every mode: those of the manual that the machine has can be read where
// bits 9 and 8 of the number say so (privileged manual, "CSR Address Mapping Conventions"), all
// others are illegal instructions, and no number above 0xbff can be written.
//
// QEMU 7.2 and Spike have more CSRs, and QEMU fewer hpmcounters.
#include "guest.h"

static const struct row {
    const char *name;
    uint16_t first, last, step;
} rows[] = {
    {"floating point", 0x001, 0x003, 1},
    {"counters", 0xc00, 0xc1f, 1},
    {"scountovf", 0xda0, 0xda0, 1},
    {"sstatus", 0x100, 0x100, 1},
    {"sie, stvec, scounteren", 0x104, 0x106, 1},
    {"senvcfg", 0x10a, 0x10a, 1},
    {"supervisor traps", 0x140, 0x144, 1},
    {"stimecmp", 0x14d, 0x14d, 1},
    {"satp", 0x180, 0x180, 1},
    {"machine information", 0xf11, 0xf15, 1},
    {"machine set-up", 0x300, 0x306, 1},
    {"menvcfg", 0x30a, 0x30a, 1},
    {"machine traps", 0x340, 0x344, 1},
    {"mcountinhibit", 0x320, 0x320, 1},
    {"event selectors", 0x323, 0x33f, 1},
    {"mcycle", 0xb00, 0xb00, 1},
    {"machine counters", 0xb02, 0xb1f, 1},
    {"pmpcfg of RV64", 0x3a0, 0x3ae, 2},
    {"pmpaddr", 0x3b0, 0x3ef, 1},
    {"triggers", 0x7a0, 0x7a2, 1},
};

static bool exists(unsigned number) {
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct row *r = &rows[i];
        if (number >= r->first && number <= r->last && (number - r->first) % r->step == 0)
            return true;
    }
    return false;
}

enum { CSRRS_A0 = 0x2573, CSRRW_A0 = 0x51073, RET = 0x8067 };

// Executes one CSR instruction with the number in a mode. Its cause.
static uint64_t try_number(enum priv mode, uint32_t insn, unsigned number) {
    uint32_t code[2] = {insn | number << 20, RET};
    __builtin_memcpy(pages[0], code, sizeof code);
    __asm__ volatile("fence.i" ::: "memory");
    return run(mode, pages[0], 0).cause;
}

static void read_from(enum priv mode) {
    csr_write("mcounteren", 0xffffffff);
    csr_write("scounteren", 0xffffffff);
    csr_write(CSR_MENVCFG, MENVCFG_STCE);
    for (unsigned number = 0; number < 4096; number++) {
        bool allowed = exists(number) && (number >> 8 & 3) <= mode;
        uint64_t cause = try_number(mode, CSRRS_A0, number);
        if (cause != (allowed ? NO_TRAP : ILLEGAL)) {
            print("number ");
            print_hex(number);
            print("\n");
        }
        CHECK_NAMED("cause", cause, allowed ? NO_TRAP : ILLEGAL);
    }
}

CASE(read_from_m) { read_from(M); }
CASE(read_from_s) { read_from(S); }
CASE(read_from_u) { read_from(U); }

CASE(read_only_numbers) {
    for (unsigned number = 0xc00; number < 4096; number++)
        CHECK_NAMED("cause", try_number(M, CSRRW_A0, number), ILLEGAL);
}
