// SPDX-License-Identifier: MIT
// Illegal instructions (corner case 8): cause 2, xtval the bits, zero-extended, 16 of them for a
// compressed one. One row an encoding. (QEMU 7.2 lets csrrs write 0 to a read-only CSR.)
#include "guest.h"

struct row {
    const char *name;
    uint32_t bits;
};

static const struct row rows[] = {
    {"0x0000", 0x0000},
    {"c.addi4spn with immediate 0", 0x0004},
    {"reserved quadrant 0, funct3 4", 0x8000},
    {"c.addiw x0", 0x2001},
    {"c.addi16sp 0", 0x6101},
    {"c.lui with immediate 0", 0x6081},
    {"c.subw's reserved neighbour 2", 0x9c41},
    {"c.subw's reserved neighbour 3", 0x9c61},
    {"c.lwsp to x0", 0x4002},
    {"c.ldsp to x0", 0x6002},
    {"c.jr x0", 0x8002},
    {"all ones, 32 bits read", 0x7fffffff},
    {"custom-0", 0x0000000b},
    {"load with funct3 7", 0x00007003},
    {"store with funct3 4", 0x00004023},
    {"branch with funct3 2", 0x00002063},
    {"branch with funct3 3", 0x00003063},
    {"jalr with funct3 1", 0x00001067},
    {"slli with a bad upper part", 0x06001013},
    {"srli with a bad upper part", 0x0a005013},
    {"slliw by 32 and more", 0x0200101b},
    {"add with funct7 2", 0x04000033},
    {"addw with funct3 2", 0x0000203b},
    {"lr.d with rs2 not x0", 0x1015302f},
    {"amo of bytes", 0x0005002f},
    {"amo with a reserved funct5", 0x2805302f},
    {"fadd.s with rm 5", 0x00005053},
    {"fadd.s with rm 6", 0x00006053},
    {"fadd.d with rm 5", 0x02005053},
    {"fcvt.w.s with rm 6", 0xc0006053},
    {"fsqrt.s with rs2 1", 0x58100053},
    {"fsgnj.s with funct3 3", 0x20003053},
    {"op-fp with format 2 (half)", 0x04000053},
    {"op-fp with format 3 (quad)", 0x06000053},
    {"system with funct3 4", 0x00004073},
    {"ecall with rd", 0x000000f3},
    {"ecall's reserved neighbour", 0x00300073},
    {"vector load", 0x02007007},
    {"vsetvli", 0x00007057},
};

// Each encoding at the start of a buffer, followed by a return.
static void check_row(const void *v) {
    const struct row *row = v;
    volatile uint16_t *code = (volatile uint16_t *)pages[0];
    static const enum priv modes[] = {M, S, U};
    code[0] = (uint16_t)row->bits;
    code[1] = (uint16_t)(row->bits >> 16);
    if ((row->bits & 3) != 3) code[1] = 0x8082;
    code[2] = 0x8082;
    __asm__ volatile("fence.i");
    for (unsigned i = 0; i < 3; i++) {
        struct outcome o = run(modes[i], code, (uint64_t)pages[2], (uint64_t)pages[2]);
        CHECK_TRAP(row->name, o, ILLEGAL, row->bits);
        CHECK_EQ(o.epc, code);
    }
}
CASE_ROWS(rows, check_row);

// Hints and reserved fields that must not trap.
static const struct row legal[] = {
    {"c.nop", 0x0001},
    {"c.nop with an immediate (hint)", 0x0005},
    {"c.li x0 (hint)", 0x4001},
    {"c.lui x0 (hint)", 0x6005},
    {"c.mv x0 (hint)", 0x802e},
    {"c.add x0 (hint)", 0x902e},
    {"c.slli by 0 (hint)", 0x0582},
    {"c.srli by 0 (hint)", 0x8181},
    {"c.addi by 0 (hint)", 0x0581},
    {"addi x0 (hint)", 0x00100013},
    {"lui x0 (hint)", 0x00001037},
    {"pause", 0x0100000f},
    {"fence with reserved fields", 0x0ff0808f},
    {"fence.tso", 0x8330000f},
    {"fence.i with reserved fields", 0x0010108f},
};

static void check_legal(const void *v) {
    const struct row *row = v;
    volatile uint16_t *code = (volatile uint16_t *)pages[0];
    code[0] = (uint16_t)row->bits;
    code[1] = (uint16_t)(row->bits >> 16);
    if ((row->bits & 3) != 3) code[1] = 0x8082;
    code[2] = 0x8082;
    __asm__ volatile("fence.i");
    struct outcome o = run(S, code, 1, 2);
    CHECK_TRAP(row->name, o, NO_TRAP, 0);
    CHECK_EQ(o.a[0], 1);
}
CASE_ROWS(legal, check_legal);

// CSRs: those that do not exist, that are read-only, that are too privileged.
static uint32_t csrrw(uint32_t csr) { return csr << 20 | 10u << 15 | 1u << 12 | 10u << 7 | 0x73; }
static uint32_t csrrs_x0(uint32_t csr) { return csr << 20 | 2u << 12 | 10u << 7 | 0x73; }

static uint64_t cause_of(enum priv p, uint32_t bits) {
    volatile uint32_t *code = (volatile uint32_t *)pages[0];
    code[0] = bits;
    code[1] = 0x8082;
    __asm__ volatile("fence.i");
    struct outcome o = run(p, code, 0);
    if (o.cause == ILLEGAL) CHECK_EQ(o.tval, bits);
    return o.cause;
}

static const struct csr_row {
    const char *name;
    uint32_t csr;
    enum priv lowest; // that may read it
    bool writable;
} csr_rows[] = {
    {"mvendorid", 0xf11, M, false},  {"marchid", 0xf12, M, false},
    {"mimpid", 0xf13, M, false},     {"mhartid", 0xf14, M, false},
    {"mconfigptr", 0xf15, M, false}, {"mscratch", 0x340, M, true},
    {"mcause", 0x342, M, true},      {"mtval", 0x343, M, true},
    {"medeleg", 0x302, M, true},     {"mcounteren", 0x306, M, true},
    {"pmpaddr0", 0x3b0, M, true},    {"pmpcfg0", 0x3a0, M, true},
    {"sscratch", 0x140, S, true},    {"sepc", 0x141, S, true},
    {"scause", 0x142, S, true},      {"stval", 0x143, S, true},
    {"scounteren", 0x106, S, true},  {"senvcfg", 0x10a, S, true},
    {"fflags", 0x001, U, true},      {"frm", 0x002, U, true},
    {"fcsr", 0x003, U, true},        {"cycle", 0xc00, U, false},
    {"instret", 0xc02, U, false},    {"hpmcounter3", 0xc03, U, false},
};

static void check_csr(const void *v) {
    const struct csr_row *row = v;
    uint64_t keep = csr_read("mscratch");
    static const enum priv modes[] = {U, S, M};
    for (unsigned i = 0; i < 3; i++) {
        bool allowed = modes[i] >= row->lowest;
        CHECK_NAMED("csrr", cause_of(modes[i], csrrs_x0(row->csr)), allowed ? NO_TRAP : ILLEGAL);
        if (row->csr == 0x340 && modes[i] == M) continue; // run() lives in mscratch
        bool may_write = allowed && row->writable;
        CHECK_NAMED("csrw", cause_of(modes[i], csrrw(row->csr)), may_write ? NO_TRAP : ILLEGAL);
    }
    csr_write("mscratch", keep);
}
CASE_ROWS(csr_rows, check_csr);

static const struct missing_row {
    const char *name;
    uint32_t csr;
} missing_rows[] = {
    {"csr 0x000 (ustatus)", 0x000}, {"csr 0x5c0 (custom)", 0x5c0}, {"pmpcfg1 (RV32)", 0x3a1},
    {"pmpcfg3 (RV32)", 0x3a3},      {"mstatush (RV32)", 0x310},    {"cycleh (RV32)", 0xc80},
    {"menvcfgh (RV32)", 0x31a},     {"stimecmph (RV32)", 0x15d},   {"csr 0x7ff", 0x7ff},
    {"vstart without V", 0x008},    {"vsatp without H", 0x280},
};

static void check_missing(const void *v) {
    const struct missing_row *row = v;
    CHECK_NAMED("csrr", cause_of(M, csrrs_x0(row->csr)), ILLEGAL);
    CHECK_NAMED("csrrw", cause_of(M, csrrw(row->csr)), ILLEGAL);
}
CASE_ROWS(missing_rows, check_missing);

// csrrs and csrrc with x0 do not write: allowed on read-only CSRs; with another register that holds
// 0 they do.
CASE(csrrs_of_x0_does_not_write) {
    CHECK_EQ(cause_of(M, 0xf14u << 20 | 2u << 12 | 0x73), NO_TRAP);
    CHECK_EQ(cause_of(M, 0xf14u << 20 | 3u << 12 | 0x73), NO_TRAP);
    CHECK_EQ(cause_of(M, 0xf14u << 20 | 6u << 12 | 0x73), NO_TRAP);
    CHECK_EQ(cause_of(M, 0xf14u << 20 | 10u << 15 | 2u << 12 | 0x73), ILLEGAL);
    CHECK_EQ(cause_of(M, 0xf14u << 20 | 1u << 12 | 0x73), ILLEGAL);
    CHECK_EQ(cause_of(M, 0xf14u << 20 | 5u << 12 | 0x73), ILLEGAL);
}

// A jump target always is 16-bit aligned with C; jalr clears bit 0.
SNIPPET(jump_odd, "addi a0, a0, 1\n jr a0");
SNIPPET(land, "li a0, 33");
CASE(jalr_clears_bit_0) {
    struct outcome o = run(S, jump_odd, (uint64_t)land);
    CHECK_TRAP("jr", o, NO_TRAP, 0);
    CHECK_EQ(o.a[0], 33);
}
