// SPDX-License-Identifier: MIT
// Any instructions with any state and any page tables, on two harts: as the machine runs them, with
// decoded blocks, a TLB and access tables, and in the plainest way (struct hart, forget). Code that
// changes itself, or what it translates by, without a fence may see either: so code and tables lie
// where no store reaches. What differs afterwards is an error.
#include <stdlib.h>

#include "cpu/csr.h"
#include "cpu/hart.h"
#include "testsuite/fuzz/fuzz.h"

#define RAM UINT64_C(0x80000000)
enum {
    RAM_BYTES = 0x20000,
    CODE = 0,        // a page, which PMP keeps from being written
    TABLES = 0x1000, // four pages: which stores do not reach either
    TABLE_PAGES = 4,
    DATA = 0x10000,
    ENTRIES_MAX = 64,
    RUN = 64, // instructions
};

struct side {
    struct hart *h;
    struct phys phys;
    uint8_t *ram;
};

static uint64_t no_time(void *side) { return (void)side, 0; }
static void no_deadline(void *side) { (void)side; }

static void side_start(struct side *s, bool forget) {
    phys_init(&s->phys);
    s->ram = calloc(1, RAM_BYTES);
    HOLDS(s->ram && phys_add_memory(&s->phys, (struct range){RAM, RAM_BYTES}, s->ram, true));
    const struct hart_config config = {.extensions = isa_default(),
                                       .adue = false,
                                       .forget = forget,
                                       .platform = {s, no_time, no_deadline}};
    HOLDS((s->h = hart_create(&config, &s->phys)));
}

static void side_end(struct side *s) {
    hart_destroy(s->h);
    phys_free(&s->phys);
    free(s->ram);
}

// Page tables whose entries mostly lead to tables, code or data.
static void take_tables(struct side *s, struct input *in) {
    const unsigned entries = take_below(in, ENTRIES_MAX);
    for (unsigned i = 0; i < entries; i++) {
        const unsigned page = take_below(in, TABLE_PAGES), index = take_below(in, 512);
        const uint64_t where = take(in, 1), flags = take(in, 1), rest = take(in, 1);
        uint64_t pte = (RAM >> PAGE_SHIFT) + where % 40;
        if (where >= 250) pte = take(in, 8);
        pte = pte << PTE_PPN_SHIFT | flags;
        if (rest & 1) pte |= rest << 56;
        memcpy(s->ram + TABLES + page * PAGE_SIZE + index * 8, &pte, sizeof pte);
    }
}

static void write_csr(struct hart *h, unsigned number, uint64_t value) {
    uint64_t old;
    (void)!csr_access(h, number, CSR_WRITE, false, value, &old);
}

static void take_state(struct hart *h, struct input *in) {
    static const uint16_t csrs[] = {CSR_medeleg, CSR_mideleg, CSR_mie,     CSR_menvcfg,
                                    CSR_senvcfg, CSR_stvec,   CSR_mstatus, CSR_fcsr};
    const unsigned how = (unsigned)take(in, 1);
    for (unsigned i = 0; i < sizeof csrs / sizeof *csrs; i++) {
        if (how >> i & 1) write_csr(h, csrs[i], take_edgy(in));
    }
    for (unsigned i = 1; i < 32; i++) {
        h->x[i] = RAM + DATA + i * 0x100;
        h->f[i] = i * UINT64_C(0x3ff0000010000001);
    }
    for (unsigned i = take_below(in, 16); i; i--) h->x[1 + take_below(in, 31)] = take_edgy(in);
    for (unsigned i = take_below(in, 8); i; i--) h->f[take_below(in, 32)] = take_edgy(in);
    write_csr(h, CSR_mstatus, h->csr.mstatus | MSTATUS_FS);
    write_csr(h, CSR_mtvec, RAM + CODE + PAGE_SIZE - 64);
    write_csr(h, CSR_satp, take(in, 1) & 1 ? UINT64_C(8) << 60 | (RAM + TABLES) >> PAGE_SHIFT : 0);
    static const uint8_t modes[] = {PRIV_U, PRIV_S, PRIV_M, PRIV_S};
    h->privilege = (enum privilege)modes[take(in, 1) & 3];
    h->pc = RAM + CODE + (take(in, 1) & ~UINT64_C(1));
}

// Code can be read and executed, tables be read, everything behind them written too: in M-mode as
// well.
static void protect(struct hart *h) {
    static const uint64_t tops[] = {TABLES, TABLES + TABLE_PAGES * PAGE_SIZE, RAM_BYTES};
    for (unsigned i = 0; i < 3; i++) pmp_write_addr(&h->mmu.pmp, i, (RAM + tops[i]) >> 2);
    pmp_write_cfg(&h->mmu.pmp, 0, 0x8b898d); // locked, top of range: R X; R; R W
}

// Does the code write a CSR behind which translation would need a fence? Either translation is
// right then.
static bool needs_fences(const uint8_t *code) {
    for (unsigned at = 0; at + 4 <= PAGE_SIZE; at += 2) {
        uint32_t bits;
        memcpy(&bits, code + at, sizeof bits);
        const bool is_csr = (bits & 0x7f) == 0x73 && bits >> 12 & 3;
        if (is_csr && (bits >> 20 == CSR_satp || bits >> 20 == CSR_menvcfg)) return true;
    }
    return false;
}

static void expect_same(const struct side *a, const struct side *b) {
    HOLDS(memcmp(a->h->x, b->h->x, 32 * sizeof *a->h->x) == 0);
    HOLDS(memcmp(a->h->f, b->h->f, sizeof a->h->f) == 0);
    HOLDS(a->h->pc == b->h->pc && a->h->privilege == b->h->privilege);
    HOLDS(hart_cycles(a->h) == hart_cycles(b->h) && hart_retired(a->h) == hart_retired(b->h));
    for (unsigned number = 0; number < 4096; number++) {
        uint64_t v = 0, w = 0;
        HOLDS(csr_peek(a->h, number, &v) == csr_peek(b->h, number, &w) && v == w);
    }
    HOLDS(memcmp(a->ram, b->ram, RAM_BYTES) == 0);
}

static void run(struct side *s, struct input in, bool forget) {
    uint64_t executed;
    side_start(s, forget);
    take_tables(s, &in);
    protect(s->h);
    take_state(s->h, &in);
    take_bytes(&in, s->ram + CODE, PAGE_SIZE);
    mmu_forget(&s->h->mmu);
    hart_context_changed(s->h);
    if (!needs_fences(s->ram + CODE)) (void)hart_run(s->h, RUN, &executed);
}

void fuzz_insn(struct input *in) {
    struct side fast = {0}, plain = {0};
    run(&fast, *in, false);
    run(&plain, *in, true);
    expect_same(&fast, &plain);
    side_end(&fast);
    side_end(&plain);
}
