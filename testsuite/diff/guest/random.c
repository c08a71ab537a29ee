// SPDX-License-Identifier: MIT
// Random programs that a guest draws for itself, so that the same image runs on any emulator: each
// ends in a line `SEED MODE CAUSE HASH INSTRUCTION`, and the lines are compared
// (testsuite/diff/others). The hash is of the registers, the floating-point registers and fcsr, the
// data, CSRs, the page table's entry, and the trap. Some write over their own code. Instructions
// are drawn from the emulator's own table of patterns.
//
// FIRST and COUNT: the seeds; LENGTH: instructions of a program, to cut a difference down;
// FOR_QEMU: without what is known to be wrong there (docs/trust.md).
#include "vm.h"

#ifndef FIRST
#define FIRST 1
#endif
#ifndef COUNT
#define COUNT 1000
#endif
#ifndef LENGTH
#define LENGTH 48
#endif

enum { MOST = 48, AHEAD = 8, A0 = 10, T0 = 5, S0 = 8 };
enum { INSN_BRANCH = 1, INSN_JUMP = 2, INSN_INDIRECT = 4, INSN_SYSTEM = 8 };
enum { INSN_LOAD = 16, INSN_STORE = 32, INSN_FP = 64, INSN_FD = 128 };

static const struct row {
    const char *name, *pattern, *format, *extension;
    unsigned flags;
} rows[] = {
#define INSN(name, pattern, format, extension, timing, flags)                                      \
    {#name, pattern, #format, #extension, flags},
#define CINSN(name, pattern, format, extension, base) {#name, pattern, #format, #extension, 0},
#include "cpu/isa.def"
#undef INSN
#undef CINSN
};
enum { ROWS = sizeof rows / sizeof *rows };

static uint64_t state;

static uint64_t draw(void) {
    uint64_t z = state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}
static unsigned below(unsigned limit) { return (unsigned)(draw() % limit); }

static bool same(const char *a, const char *b) {
    while (*a && *a == *b) a++, b++;
    return *a == *b;
}
static bool begins(const char *a, const char *b) {
    while (*b && *a == *b) a++, b++;
    return !*b;
}

// --- Drawing an instruction ----------------------------------------------------------------------

static uint32_t field(uint32_t bits, unsigned at, unsigned width, uint32_t value) {
    uint32_t mask = ((UINT32_C(1) << width) - 1) << at;
    return (bits & ~mask) | (value << at & mask);
}

static uint32_t fill(const char *pattern) {
    uint64_t random = draw();
    uint32_t bits = 0;
    for (; *pattern; pattern++) {
        if (*pattern == ' ') continue;
        bits = bits << 1 | (*pattern == '1' || (*pattern > '1' && random & 1));
        if (*pattern == '.' && random & 1) bits |= 1;
        random >>= 1;
    }
    return bits;
}

// Sources are zero, the pointers, and the results; nothing that an emulator starts with.
static uint32_t source(void) {
    static const uint8_t from[] = {0, 5, 6, 7, 10, 11, 12, 13, 14, 15, 16, 17};
    return from[below(sizeof from)];
}

// QEMU 7.2 has no Zicboz; what an SC does is the implementation's own business.
static bool usable(const struct row *r) {
    if (r->flags & (INSN_INDIRECT | INSN_SYSTEM))
        return same(r->name, "ebreak") || begins(r->name, "csrr");
    if (begins(r->extension, "zicbo") || begins(r->name, "sc_") || begins(r->name, "c_jalr"))
        return false;
    if (begins(r->name, "fence_i")) return false;
#ifdef FOR_QEMU
    if (same(r->name, "ctzw")) return false; // wrong in QEMU 7.2 where the lower half is zero
#endif
    return true;
}

// The short ones whose registers and targets are easily kept in bounds.
static bool short_usable(const struct row *r) {
    static const char *const names[] = {"c_addi", "c_addiw", "c_li",   "c_srli", "c_srai",
                                        "c_andi", "c_sub",   "c_xor",  "c_or",   "c_and",
                                        "c_subw", "c_addw",  "c_slli", "c_lw",   "c_ld",
                                        "c_sw",   "c_sd",    "c_fld",  "c_fsd"};
    for (unsigned i = 0; i < sizeof names / sizeof *names; i++)
        if (same(r->name, names[i])) return true;
    return false;
}

static uint32_t draw_short(const struct row *r, uint32_t bits) {
    bool memory = begins(r->name, "c_l") || begins(r->name, "c_s") || begins(r->name, "c_f");
    if (same(r->name, "c_li") || same(r->name, "c_sub") || begins(r->name, "c_srli") ||
        begins(r->name, "c_srai") || begins(r->name, "c_slli") || begins(r->name, "c_subw"))
        memory = false;
    if ((bits & 3) == 0 && memory) {
        bits = field(bits, 7, 3, below(2)); // s0 or s1
        return field(bits, 2, 3, 2 + below(6));
    }
    if ((bits & 0xe003) >= 0x8001 && (bits & 3) == 1) {
        bits = field(bits, 7, 3, 2 + below(6));
        return begins(r->name, "c_srli") || begins(r->name, "c_srai") || begins(r->name, "c_andi")
                   ? bits
                   : field(bits, 2, 3, 2 + below(6));
    }
    return field(bits, 7, 5, A0 + below(6));
}

// Has it a rounding mode?
static bool rounds(const struct row *r) {
    const char *end = r->format;
    while (*end) end++;
    return begins(r->format, "FP_R4") || begins(r->format, "FP_WIDEN") ||
           (begins(r->format, "FP_") && same(end - 3, "_RM"));
}

static uint32_t draw_long(const struct row *r, uint32_t bits) {
    // fflags, frm and fcsr; sscratch, stval, mtval and sepc, where the mode may.
    static const uint16_t csrs[] = {1,    2, 3, 1, 2, 3, 0x140, 0x143, 0x343,
#ifndef FOR_QEMU // whose sepc has a bit 0
                                    0x141
#endif
    };
    if (same(r->format, "NONE")) return bits;
    bool is_fp = r->flags & INSN_FP;
    if (!is_fp || r->flags & (INSN_LOAD | INSN_STORE) || begins(r->format, "FP_FROM"))
        bits = field(bits, 15, 5, source());
    if (begins(r->name, "csrr")) {
        bits = field(bits, 20, 12, csrs[below(sizeof csrs / sizeof *csrs)]);
        return field(bits, 7, 5, A0 + below(8));
    }
    if (r->flags & INSN_BRANCH) {
        bits = field(bits, 20, 5, source());
        return field(field(field(bits, 25, 7, 0), 7, 1, 0), 8, 4, 2 + 2 * below(7));
    }
    if (r->flags & INSN_JUMP) return 0x6f | (A0 + below(8)) << 7 | (4 + 4 * below(AHEAD)) << 20;
    if (r->flags & (INSN_LOAD | INSN_STORE)) {
        bits = field(bits, 15, 5, T0 + below(3));
        bool atomic = same(r->extension, "a");
        if (r->flags & INSN_STORE && !is_fp)
            bits = field(bits, 20, 5, same(r->format, "LR") ? 0 : source());
        if (!atomic && r->flags & INSN_STORE) return field(bits, 7, 3, 0); // 8-byte aligned
        if (!atomic) bits = field(bits, 20, 3, 0);
    } else if (same(r->format, "R") || same(r->format, "AMO")) {
        bits = field(bits, 20, 5, source());
    }
    if (rounds(r) && (bits >> 12 & 7) > 4 && below(16)) bits |= 7 << 12;
    return r->flags & INSN_FD || same(r->format, "NONE") || same(r->format, "FENCE")
               ? bits
               : field(bits, 7, 5, A0 + below(8));
}

// A slot of 4 bytes: one instruction, or a short one and a c.nop.
static uint32_t draw_slot(void) {
    for (;;) {
        const struct row *r = &rows[below(ROWS)];
        bool is_short = begins(r->name, "c_");
        if (is_short ? !short_usable(r) : !usable(r)) continue;
        if ((same(r->name, "ebreak") || begins(r->name, "csrr")) && below(8)) continue;
        uint32_t bits = fill(r->pattern);
        return is_short ? 0x00010000 | draw_short(r, bits) : draw_long(r, bits);
    }
}

// --- A program -----------------------------------------------------------------------------------

#define EACH_F(op)                                                                                 \
    op "f0,0(a0)\n" op "f1,8(a0)\n" op "f2,16(a0)\n" op "f3,24(a0)\n" op "f4,32(a0)\n" op          \
       "f5,40(a0)\n" op "f6,48(a0)\n" op "f7,56(a0)\n" op "f8,64(a0)\n" op "f9,72(a0)\n" op        \
       "f10,80(a0)\n" op "f11,88(a0)\n" op "f12,96(a0)\n" op "f13,104(a0)\n" op "f14,112(a0)\n" op \
       "f15,120(a0)\n" op "f16,128(a0)\n" op "f17,136(a0)\n" op "f18,144(a0)\n" op                 \
       "f19,152(a0)\n" op "f20,160(a0)\n" op "f21,168(a0)\n" op "f22,176(a0)\n" op                 \
       "f23,184(a0)\n" op "f24,192(a0)\n" op "f25,200(a0)\n" op "f26,208(a0)\n" op                 \
       "f27,216(a0)\n" op "f28,224(a0)\n" op "f29,232(a0)\n" op "f30,240(a0)\n" op "f31,248(a0)\n"
SNIPPET(load_f, EACH_F("fld ") "csrw fcsr, a1");
SNIPPET(store_f, EACH_F("fsd ") "csrr a0, fcsr");

enum { CODE_PAGE = 0, DATA_PAGE = 16, FLOATS_PAGE = 32 };

static uint64_t draw_number(void) {
    static const uint64_t edges[] = {0,
                                     1,
                                     -1,
                                     0x7fffffff,
                                     0x80000000,
                                     0x7fffffffffffffff,
                                     UINT64_C(1) << 63,
                                     0x7ff0000000000000,
                                     0x7ff8000000000000,
                                     0x3ff0000000000000,
                                     0xffffffff7f800000,
                                     0xffffffff3f800000,
                                     0xffffffff00000001,
                                     0x000fffffffffffff,
                                     0x7ff4000000000000};
    return below(2) ? edges[below(sizeof edges / sizeof *edges)] : draw() >> below(64);
}

// Code that writes over code: x29 is put into a slot ahead, and the fence makes it be seen.
enum { PATCH = 5, PATCH_AHEAD = 4 };
static void draw_patch(uint32_t *at) {
    const uint32_t word = draw_slot(), slots = PATCH + below(PATCH_AHEAD);
    *at++ = 0x00000e17;                            // auipc x28, 0
    *at++ = 0xeb7 | ((word + 0x800) & 0xfffff000); // lui x29, word's upper part
    *at++ = 0x000e8e9b | word << 20;               // addiw x29, x29, its lower part
    *at++ = field(0x01de2023, 7, 5, 4 * slots & 31) | (4 * slots >> 5)
                                                          << 25; // sw x29, 4 * slots(x28)
    *at++ = 0x0000100f;                                          // fence.i
}

// What may be written over is no patch itself, whose fence might be lost.
static void draw_program(uint32_t program[MOST]) {
    unsigned free = 0; // the first slot that no patch writes over
    for (unsigned i = 0; i < MOST;) {
        if (i >= free && i + PATCH + PATCH_AHEAD < MOST && !below(32)) {
            draw_patch(&program[i]);
            i += PATCH;
            free = i + PATCH_AHEAD;
        } else {
            program[i++] = draw_slot();
        }
    }
}

static void write_program(void) {
    uint32_t program[MOST];
    uint32_t *code = (uint32_t *)pages[CODE_PAGE];
    *code++ = 0x00050293; // mv t0, a0
    *code++ = 0x40028313; // addi t1, t0, 1024
    *code++ = 0x80028393; // addi t2, t0, -2048
    *code++ = 0x00028413; // mv s0, t0
    *code++ = 0x00030493; // mv s1, t1
    *code++ = 0x00000e13; // li x28, 0
    *code++ = 0x00000e93; // li x29, 0
    draw_program(program);
    for (unsigned i = 0; i < MOST; i++) {
        bool fence = program[i] == 0x0000100f;
        *code++ = i < LENGTH || fence ? program[i] : 0x13;
    }
    for (unsigned i = 0; i < AHEAD + 1; i++) *code++ = 0x13;
    *code = 0x8067; // ret
    __asm__ volatile("fence.i" ::: "memory");
}

static uint64_t hash;
static void add(uint64_t value) { hash = (hash ^ value) * UINT64_C(0x100000001b3) ^ hash >> 29; }

static void print_decimal(uint64_t n) {
    char text[24], *at = text + 23;
    *at = 0;
    do *--at = (char)('0' + n % 10);
    while (n /= 10);
    print(at);
}

static void run_program(uint64_t seed) {
    static const enum priv modes[] = {U, S, M, S, U};
    state = seed * 1000003;
    write_program();
    uint64_t *data = (uint64_t *)pages[DATA_PAGE - 1], *floats = (uint64_t *)pages[FLOATS_PAGE];
    for (unsigned i = 0; i < 3 * 512; i++) data[i] = draw_number();
    for (unsigned i = 0; i < 32; i++) floats[i] = draw_number();
    uint64_t args[8] = {(uint64_t)pages[DATA_PAGE]}, *slot = NULL;
    enum priv mode = modes[below(5)];
    uint64_t status = MSTATUS_FS(3) | (draw() & (MSTATUS_SUM | MSTATUS_MXR));
    for (unsigned i = 1; i < 8; i++) args[i] = draw_number();
    uint64_t fcsr = below(5) << 5;
    vm_reset();
    if (mode != M && below(3)) {
        // The middle page of the data, through a leaf that allows what it will.
        uint64_t *root = vm_root();
        int level = (int)below(3);
        uint64_t va = vm_va(level, (uint64_t)pages[DATA_PAGE]), flags = draw() & 0xff;
        if (below(4)) flags |= PTE_V | PTE_R | PTE_AD;
        slot = vm_slot(root, va, level);
        *slot = vm_leaf(level, (uint64_t)pages[DATA_PAGE]) | (mode == U ? flags | PTE_U : flags);
        vm_use(root, 0);
        vm_let_run(mode);
        args[0] = va;
    }
    struct outcome o;
    run_status(M, MSTATUS_FS(3), load_f, (uint64_t)floats, fcsr);
    csr_write("sscratch", 0);
    csr_write("sepc", 0);
    csr_write("stval", 0);
    csr_write("mtval", 0);
    o = run_with(mode, status, pages[CODE_PAGE], args);
    uint64_t flags = run_status(M, MSTATUS_FS(3), store_f, (uint64_t)floats).a[0];
    hash = 0;
    bool is_fault = o.cause != ILLEGAL && o.cause != BREAKPOINT && o.cause != NO_TRAP;
    for (unsigned i = 0; i < 8; i++) add(o.a[i]);
    for (unsigned i = 0; i < 32; i++) add(floats[i]);
    for (unsigned i = 0; i < 3 * 512; i++) add(data[i]);
    add(flags);
    add(csr_read("sscratch"));
    add(csr_read("sepc"));
    add(csr_read("stval"));
#ifdef FOR_QEMU // it takes an AMO's fault for a load's, and sets A although the access faults
    uint64_t place = o.epc - (uint64_t)pages[CODE_PAGE];
    if (is_fault && place < PAGE && (pages[CODE_PAGE][place] & 0x7f) == 0x2f) {
        if (o.cause == LOAD_PAGE) o.cause = STORE_PAGE;
        if (slot) *slot &= ~(uint64_t)PTE_A;
    }
#endif
    add(slot ? *slot : 0);
    if (is_fault) add(o.tval);
    if (o.cause != NO_TRAP) add(o.epc - (uint64_t)pages[CODE_PAGE]);
    print_decimal(seed);
    print(mode == M ? " M " : mode == S ? " S " : " U ");
    print_hex(o.cause);
    print(" ");
    print_hex(hash);
    uint64_t at = o.epc - (uint64_t)pages[CODE_PAGE];
    print(" ");
    print_hex(o.cause == NO_TRAP || at >= PAGE ? 0 : *(uint32_t *)&pages[CODE_PAGE][at]);
    print("\n");
}

CASE(random_programs) {
    csr_write(CSR_MENVCFG, MENVCFG_ADUE); // where it is not there, A and D are set all the same
    for (uint64_t seed = FIRST; seed < (uint64_t)FIRST + COUNT; seed++) run_program(seed);
}
