// SPDX-License-Identifier: MIT
// Physical memory protection (corner case 22): how entries match, which one decides, what M-mode
// and locks change. Entry 15 allows everything; the rows put others before it. (QEMU 7.2 keeps
// reserved bits and W without R.)
#include "guest.h"

#define BASE ((uint64_t)pages[8])
#define ALL  (PMP_R | PMP_W | PMP_X)

SNIPPET(load1, "lbu a0, 0(a0)");
SNIPPET(load4, "lw a0, 0(a0)");
SNIPPET(load8, "ld a0, 0(a0)");
SNIPPET(store8, "sd a1, 0(a0)");

// PARTIAL: denied because an entry covers only a part of the access, which binds M-mode too.
enum verdict { ALLOWED, DENIED, PARTIAL };

struct entry {
    uint64_t cfg, addr; // addr as in pmpaddr, relative to BASE >> 2 unless NAPOT is made by NAPOT()
};

// An entry's address is a word offset from BASE.
#define WORD(bytes)        ((bytes) / 4)
#define NAPOT(bytes, size) (WORD(bytes) | ((size) / 8 - 1))

struct row {
    const char *name;
    struct entry entry[3]; // entries 0..2
    const char *code;
    uint64_t offset; // of the access
    enum verdict verdict;
};

static const struct row rows[] = {
    {"nothing matches but the catch-all", {{0, 0}}, load8, 0, ALLOWED},
    {"NAPOT of 8 bytes denies them", {{PMP_NAPOT, NAPOT(16, 8)}}, load8, 16, DENIED},
    {"NAPOT of 8 bytes ends before the next", {{PMP_NAPOT, NAPOT(16, 8)}}, load8, 24, ALLOWED},
    {"NAPOT of 8 bytes starts after the last", {{PMP_NAPOT, NAPOT(16, 8)}}, load8, 8, ALLOWED},
    {"NAPOT of 32 bytes denies its last byte", {{PMP_NAPOT, NAPOT(32, 32)}}, load1, 63, DENIED},
    {"NAPOT of 32 bytes leaves the byte behind", {{PMP_NAPOT, NAPOT(32, 32)}}, load1, 64, ALLOWED},
    {"NAPOT of a page", {{PMP_NAPOT, NAPOT(4096, 4096)}}, load8, 4096 + 4088, DENIED},
    {"NA4 denies its word", {{PMP_NA4, WORD(20)}}, load4, 20, DENIED},
    {"NA4 leaves the word before", {{PMP_NA4, WORD(20)}}, load4, 16, ALLOWED},
    {"NA4 leaves the word behind", {{PMP_NA4, WORD(20)}}, load4, 24, ALLOWED},
    {"an access that an entry covers in part fails",
     {{PMP_NA4 | ALL, WORD(16)}},
     load8,
     16,
     PARTIAL},
    {"... with its second half too", {{PMP_NA4 | ALL, WORD(20)}}, load8, 16, PARTIAL},
    {"a misaligned access over an entry's end fails",
     {{PMP_NAPOT | ALL, NAPOT(16, 8)}},
     load8,
     20,
     PARTIAL},
    {"a misaligned access into an entry fails",
     {{PMP_NAPOT | ALL, NAPOT(16, 8)}},
     load8,
     12,
     PARTIAL},
    {"two entries do not add up",
     {{PMP_NA4 | ALL, WORD(16)}, {PMP_NA4 | ALL, WORD(20)}},
     load8,
     16,
     PARTIAL},
    {"TOR takes its base from the entry before",
     {{PMP_OFF, WORD(64)}, {PMP_TOR, WORD(128)}},
     load8,
     64,
     DENIED},
    {"TOR's base is inclusive", {{PMP_OFF, WORD(64)}, {PMP_TOR, WORD(128)}}, load1, 63, ALLOWED},
    {"TOR's top is exclusive", {{PMP_OFF, WORD(64)}, {PMP_TOR, WORD(128)}}, load8, 128, ALLOWED},
    {"TOR's last byte", {{PMP_OFF, WORD(64)}, {PMP_TOR, WORD(128)}}, load1, 127, DENIED},
    {"TOR with base = top is empty",
     {{PMP_OFF, WORD(64)}, {PMP_TOR, WORD(64)}},
     load8,
     64,
     ALLOWED},
    {"TOR with base above top is empty",
     {{PMP_OFF, WORD(128)}, {PMP_TOR, WORD(64)}},
     load8,
     96,
     ALLOWED},
    {"... and does not reach on from its base",
     {{PMP_OFF, WORD(128)}, {PMP_TOR, WORD(64)}},
     load8,
     192,
     ALLOWED},
    {"TOR's base may be another kind's address",
     {{PMP_NA4 | ALL, WORD(64)}, {PMP_TOR, WORD(128)}},
     load4,
     68,
     DENIED},
    {"the lowest entry decides: allow",
     {{PMP_NAPOT | ALL, NAPOT(0, 4096)}, {PMP_NAPOT, NAPOT(0, 4096)}},
     load8,
     0,
     ALLOWED},
    {"the lowest entry decides: deny",
     {{PMP_NAPOT, NAPOT(0, 4096)}, {PMP_NAPOT | ALL, NAPOT(0, 4096)}},
     load8,
     0,
     DENIED},
    {"a hole in a page",
     {{PMP_NAPOT, NAPOT(64, 8)}, {PMP_NAPOT | ALL, NAPOT(0, 4096)}},
     load8,
     72,
     ALLOWED},
    {"the hole itself",
     {{PMP_NAPOT, NAPOT(64, 8)}, {PMP_NAPOT | ALL, NAPOT(0, 4096)}},
     load8,
     64,
     DENIED},
    {"an OFF entry decides nothing", {{PMP_OFF, NAPOT(0, 4096)}}, load8, 0, ALLOWED},
    {"R alone loads", {{PMP_NAPOT | PMP_R, NAPOT(0, 4096)}}, load8, 0, ALLOWED},
    {"R alone does not store", {{PMP_NAPOT | PMP_R, NAPOT(0, 4096)}}, store8, 0, DENIED},
    {"RW stores", {{PMP_NAPOT | PMP_R | PMP_W, NAPOT(0, 4096)}}, store8, 0, ALLOWED},
    {"X alone does not load", {{PMP_NAPOT | PMP_X, NAPOT(0, 4096)}}, load8, 0, DENIED},
};

static void check_row(const void *v) {
    const struct row *row = v;
    for (unsigned i = 0; i < 3; i++) {
        pmp_set(i, row->entry[i].cfg, row->entry[i].addr ? (BASE >> 2) + row->entry[i].addr : 0);
    }
    uint64_t at = BASE + row->offset;
    uint64_t fault = row->code == store8 ? STORE_ACCESS : LOAD_ACCESS;
    uint64_t lower = row->verdict == ALLOWED ? NO_TRAP : fault;
    struct outcome o = run(S, row->code, at, 0);
    CHECK_NAMED("cause in S", o.cause, lower);
    // tval is the first byte that is denied at the earliest, and within the access.
    if (lower == fault) CHECK(o.tval >= at && o.tval < at + 8);
    o = run(U, row->code, at, 0);
    CHECK_NAMED("cause in U", o.cause, lower);
    o = run(M, row->code, at, 0);
    CHECK_NAMED("cause in M", o.cause, row->verdict == PARTIAL ? fault : NO_TRAP);
}
CASE_ROWS(rows, check_row);

// An access that is allowed does not open the rest of its page: loads, stores and fetches.
CASE(allowed_access_opens_no_page) {
    pmp_set(0, PMP_NAPOT, pmp_napot(BASE + 64, 8));
    for (int round = 0; round < 2; round++) {
        struct outcome o = run(S, load8, BASE);
        CHECK_TRAP("load before the hole", o, NO_TRAP, 0);
        o = run(S, load8, BASE + 64);
        CHECK_TRAP("load in the hole", o, LOAD_ACCESS, BASE + 64);
        o = run(S, store8, BASE + 128, 1);
        CHECK_TRAP("store behind the hole", o, NO_TRAP, 0);
        o = run(S, store8, BASE + 64, 1);
        CHECK_TRAP("store in the hole", o, STORE_ACCESS, BASE + 64);
    }
}

// Straight-line code that runs into a hole in its page, at a whole instruction and at half of one.
CASE(code_runs_into_a_hole) {
    volatile uint16_t *code = (volatile uint16_t *)BASE;
    for (int i = 0; i < 64; i++) code[i] = 0x0505; // c.addi a0, 1
    code[64] = 0x8082;
    __asm__ volatile("fence.i");
    struct outcome o = run(S, code, 0);
    CHECK_TRAP("without a hole", o, NO_TRAP, 0);
    CHECK_EQ(o.a[0], 64);
    pmp_set(0, PMP_NAPOT, pmp_napot(BASE + 64, 8));
    for (int round = 0; round < 2; round++) {
        o = run(S, code, 0);
        CHECK_TRAP("the hole", o, FETCH_ACCESS, BASE + 64);
        CHECK_EQ(o.epc, BASE + 64);
        CHECK_EQ(o.a[0], 32);
    }
    code[31] = 0x0513, code[32] = 0x0015; // addi a0, a0, 1, half of it in the hole
    __asm__ volatile("fence.i");
    o = run(S, code, 0);
    CHECK_TRAP("half in the hole", o, FETCH_ACCESS, BASE + 64);
    CHECK_EQ(o.epc, BASE + 62);
    CHECK_EQ(o.a[0], 31);
}

CASE(fetch_needs_x) {
    volatile uint16_t *code = (volatile uint16_t *)BASE;
    code[0] = 0x8082; // c.jr ra
    __asm__ volatile("fence.i");
    pmp_set(0, PMP_NAPOT | PMP_R | PMP_W, pmp_napot(BASE, PAGE));
    struct outcome o = run(S, code, 0);
    CHECK_TRAP("without X", o, FETCH_ACCESS, BASE);
    CHECK_EQ(o.epc, BASE);
    pmp_set(0, PMP_NAPOT | PMP_X, pmp_napot(BASE, PAGE));
    o = run(S, code, 0);
    CHECK_TRAP("with X", o, NO_TRAP, 0);
    o = run(M, code, 0);
    CHECK_TRAP("in M", o, NO_TRAP, 0);
}

// Code that was executed before is denied at once when its permission goes.
CASE(executed_code_loses_permission) {
    volatile uint16_t *code = (volatile uint16_t *)BASE;
    code[0] = 0x8082;
    __asm__ volatile("fence.i");
    for (int i = 0; i < 3; i++) {
        struct outcome o = run(U, code, 0);
        CHECK_TRAP("before", o, NO_TRAP, 0);
    }
    pmp_set(0, PMP_NAPOT | PMP_R, pmp_napot(BASE, PAGE));
    struct outcome o = run(U, code, 0);
    CHECK_TRAP("after", o, FETCH_ACCESS, BASE);
}

// Without any entry that matches, S and U have nothing, and M everything.
CASE(no_match_denies_below_m) {
    // Entry 14 lets code and stack be used, entry 15 is switched off: pages 32.. match nothing.
    pmp_set(13, PMP_OFF, (uint64_t)0x80000000 >> 2);
    pmp_set(14, PMP_TOR | ALL, (uint64_t)pages[32] >> 2);
    pmp_set(15, 0, 0);
    struct outcome o = run(U, load8, (uint64_t)pages[0]);
    CHECK_TRAP("matched", o, NO_TRAP, 0);
    o = run(U, load8, (uint64_t)pages[40]);
    CHECK_TRAP("not matched", o, LOAD_ACCESS, (uint64_t)pages[40]);
    o = run(M, load8, (uint64_t)pages[40]);
    CHECK_TRAP("M", o, NO_TRAP, 0);
}

CASE(cfg_reserved_fields) {
    pmp_set(0, 0x60, 0);
    CHECK_EQ(pmp_cfg(0) & 0x60, 0);
}

// R = 0, W = 1 is reserved: it must not come to allow stores without loads.
CASE(write_only_is_reserved) {
    pmp_set(0, PMP_NAPOT | PMP_W, pmp_napot(BASE, PAGE));
    struct outcome load = run(U, load8, BASE), store = run(U, store8, BASE, 0);
    CHECK(!(store.cause == NO_TRAP && load.cause != NO_TRAP));
}

CASE(addr_has_54_bits) {
    csr_write("pmpaddr1", ~UINT64_C(0));
    CHECK_EQ(csr_read("pmpaddr1") >> 54, 0);
    CHECK_EQ(csr_read("pmpaddr1"), ~UINT64_C(0) >> 10);
}

CASE(grain_is_four_bytes) {
    pmp_set(1, 0, 0);
    csr_write("pmpaddr1", ~UINT64_C(0));
    CHECK_EQ(csr_read("pmpaddr1") & 1, 1);
}

CASE(sixteen_entries) {
    for (unsigned i = 0; i < PMP_ENTRIES - 1; i++) {
        pmp_set(i, PMP_NA4, (BASE >> 2) + i);
        CHECK_EQ(pmp_cfg(i), PMP_NA4);
    }
    for (unsigned i = 0; i < PMP_ENTRIES - 1; i++) {
        struct outcome o = run(U, load4, BASE + 4 * i);
        CHECK_NAMED("a word of an entry", o.cause, LOAD_ACCESS);
    }
    struct outcome o = run(U, load4, BASE + 4 * (PMP_ENTRIES - 1));
    CHECK_NAMED("the word behind the last", o.cause, NO_TRAP);
}
