// SPDX-License-Identifier: MIT
// Memory, page tables and protection of the random programs' world (see world.h).
#include "testsuite/diff/world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cpu/csr.h"
#include "testsuite/diff/program.h"
#include "testsuite/unit/random.h"

// Pages of TABLES. A space has a root, a table for its first GiB and one for REGION; the tables for
// RAM belong to all spaces.
enum { ROOTS = 0, FIRST_GIB = 3, REGIONS = 6, RAM_GIB = 9, RAM_PAGES = 10, USER_PAGES = 11 };
enum { TABLE_ENTRIES = 512, NAPOT_PAGES = 16, NAPOT_CODE = 8 };
enum { LEAF_ALL = PTE_V | PTE_R | PTE_W | PTE_X | PTE_A | PTE_D };

uint16_t space_asid(unsigned space) { return (uint16_t)(0x5a31 + 7 * space); }

uint64_t space_satp(unsigned space) {
    return (uint64_t)SATP_SV39 << 60 | (uint64_t)space_asid(space) << 44 |
           ((TABLES >> PAGE_SHIFT) + ROOTS + space);
}

static uint64_t pte(uint64_t pa, uint64_t flags) {
    return pa >> PAGE_SHIFT << PTE_PPN_SHIFT | flags;
}

static uint64_t table_at(unsigned page) { return TABLES + page * PAGE_SIZE; }

static void put(struct side *s, unsigned page, uint64_t index, uint64_t value) {
    memcpy(s->tables + page * PAGE_SIZE + index % TABLE_ENTRIES * 8, &value, sizeof value);
}

// --- Page tables

// Mostly a page of the data that allows something; sometimes one of all that may be wrong.
static uint64_t draw_pte(uint64_t *seed) {
    uint64_t flags = draw(seed) & (PTE_R | PTE_W | PTE_X | PTE_U | PTE_A | PTE_D);
    if (!one_in(seed, 4)) flags |= PTE_R | PTE_U;
    if (!one_in(seed, 3)) flags |= PTE_A | PTE_D | PTE_W;
    if (!one_in(seed, 16)) flags |= PTE_V;
    if (one_in(seed, 32)) flags |= UINT64_C(1) << (54 + draw_below(seed, 10));
    uint64_t page = RAM + DATA + draw_below(seed, DATA_PAGES) * PAGE_SIZE;
    if (one_in(seed, 32)) page = RAM + draw_below(seed, 2 * RAM_BYTES);
    return pte(page, flags & ~PTE_N);
}

void remap(struct side *s, uint64_t *seed, unsigned space, uint64_t *va) {
    unsigned page = draw_below(seed, DATA_PAGES), pages = 1;
    if (*va - REGION < DATA_PAGES * PAGE_SIZE) page = (unsigned)((*va - REGION) >> PAGE_SHIFT);
    uint64_t value = draw_pte(seed);
    // The second half of REGION is 64 KiB pages: their PTEs are equal.
    if (page >= NAPOT_PAGES) {
        page = NAPOT_PAGES, pages = NAPOT_PAGES;
        uint64_t mask = (uint64_t)(NAPOT_PAGES - 1) << PTE_PPN_SHIFT;
        value = (value & ~mask) | (uint64_t)NAPOT_CODE << PTE_PPN_SHIFT | PTE_N;
    }
    *va = REGION + page * PAGE_SIZE;
    for (unsigned i = 0; i < pages; i++) put(s, REGIONS + space, page + i, value);
    if (pages > 1) *va += draw_below(seed, NAPOT_PAGES) * PAGE_SIZE;
}

static void map_ram(struct side *s, uint64_t *seed) {
    uint64_t global = one_in(seed, 2) ? PTE_G : 0;
    for (uint64_t at = 0; at < RAM_BYTES; at += PAGE_SIZE) {
        uint64_t flags = LEAF_ALL;
        if (one_in(seed, 4)) flags &= ~(uint64_t)PTE_D;
        if (one_in(seed, 4)) flags &= ~(uint64_t)PTE_A;
        put(s, RAM_PAGES, at >> PAGE_SHIFT, pte(RAM + at, flags | global));
        put(s, USER_PAGES, at >> PAGE_SHIFT, pte(RAM + at, flags | PTE_U));
    }
    put(s, RAM_GIB, 0, pte(table_at(RAM_PAGES), PTE_V));
    put(s, RAM_GIB, USER >> 21, pte(table_at(USER_PAGES), PTE_V));
    put(s, RAM_GIB, USER_2MIB >> 21, pte(RAM, LEAF_ALL | PTE_U));
    put(s, RAM_GIB, 3, pte(RAM + PAGE_SIZE, LEAF_ALL)); // a misaligned superpage
}

static void map_spaces(struct side *s, uint64_t *seed) {
    for (unsigned space = 0; space < SPACES; space++) {
        put(s, ROOTS + space, REGION >> 30, pte(table_at(FIRST_GIB + space), PTE_V));
        put(s, ROOTS + space, RAM >> 30, pte(table_at(RAM_GIB), PTE_V));
        put(s, ROOTS + space, GIGAPAGE >> 30, pte(RAM, LEAF_ALL));
        put(s, FIRST_GIB + space, REGION >> 21, pte(table_at(REGIONS + space), PTE_V));
        for (uint64_t i = 0; i < DATA_PAGES; i++) {
            uint64_t va = REGION + i * PAGE_SIZE;
            remap(s, seed, space, &va);
        }
    }
}

// The views of RAM from which a mode can execute.
uint64_t draw_view(enum privilege mode, uint64_t *seed) {
    bool first = one_in(seed, 2);
    if (mode == PRIV_U) return first ? RAM + USER : RAM + USER_2MIB;
    return first || mode == PRIV_M ? RAM : GIGAPAGE;
}

// Near the ends of pages too, so that accesses cross them.
uint64_t draw_base(enum privilege mode, uint64_t *seed) {
    static const uint64_t bad[] = {0,          UINT64_C(0x4000000000),   UINT64_C(0x3ffffffff9),
                                   UINT64_MAX, RAM + UINT64_C(0x600000), RAM + RAM_BYTES - 12};
    if (one_in(seed, 30)) return bad[draw_below(seed, sizeof bad / sizeof *bad)];
    uint64_t offset = draw_below(seed, DATA_PAGES) * PAGE_SIZE;
    if (!one_in(seed, 3)) offset += draw_below(seed, PAGE_SIZE / 8) * 8;
    if (one_in(seed, 6)) offset += draw_below(seed, 8);
    if (mode != PRIV_M && one_in(seed, 3)) return REGION + offset;
    return draw_view(mode, seed) + DATA + offset;
}

// --- Protection

static uint64_t napot(uint64_t address, uint64_t bytes) { return (address | (bytes / 2 - 1)) >> 2; }

// Entries 0 and 1 are holes in the data and in the program, entry 7 is all the rest.
static void protect(struct pmp *p, uint64_t *seed) {
    enum { R = 1, W = 2, X = 4, NA4 = 2 << 3, NAPOT = 3 << 3, LOCKED = 0x80 };
    unsigned hole = one_in(seed, 3) ? NAPOT | (one_in(seed, 2) ? R : 0) : 0;
    unsigned text_hole = one_in(seed, 6) ? NA4 | R : 0;
    const struct {
        unsigned offset, bytes, cfg;
    } entry[] = {{DATA + 64 * draw_below(seed, 2048), 64, hole},
                 {TEXT + 4 * draw_below(seed, TEXT_BYTES / 4), 4, text_hole},
                 {0, 2 * PAGE_SIZE, NAPOT | LOCKED | R | X},
                 {TEXT, TEXT_BYTES, NAPOT | LOCKED | R | X},
                 {SLOTS, PAGE_SIZE, NAPOT | LOCKED | R | W | X},
                 {POOL, PAGE_SIZE, NAPOT | LOCKED | R},
                 {DATA, DATA_PAGES * PAGE_SIZE, NAPOT | LOCKED | R | W}};
    uint64_t cfg = (uint64_t)(NAPOT | R | W | X) << 56;
    for (unsigned i = 0; i < 7; i++) {
        pmp_write_addr(p, i, napot(RAM + entry[i].offset, entry[i].bytes));
        cfg |= (uint64_t)entry[i].cfg << (8 * i);
    }
    pmp_write_addr(p, 7, UINT64_MAX >> 10);
    pmp_write_cfg(p, 0, cfg);
}

// --- Memory

static void write_word(struct side *s, unsigned at, uint32_t word) {
    memcpy(s->ram + at, &word, sizeof word);
}

static void write_handlers(struct side *s) {
    const uint32_t wfi = 0x10500073, mret = 0x30200073, sret = 0x10200073, fence_i = 0x0000100f;
    const uint32_t sfence = 0x12000073, csrw_sepc = 0x14101073;
    for (unsigned at = 0; at < TAILS; at += 4) write_word(s, at, wfi);
    for (unsigned i = 0; i < TAIL_COUNT; i++) {
        uint32_t operands = (i & 1 ? X_FENCE_ADDRESS << 15 : 0) | (i & 2 ? X_FENCE_ASID << 20 : 0);
        write_word(s, TAILS + TAIL_BYTES * i, sfence | operands);
        write_word(s, TAILS + TAIL_BYTES * i + 4, fence_i);
        write_word(s, TAILS + TAIL_BYTES * i + 8, mret);
    }
    // A vectored interrupt slides down to the end of the table.
    for (unsigned at = 0; at < 128; at += 4) write_word(s, S_HANDLER + at, 0x00000013);
    write_word(s, S_HANDLER + 128, csrw_sepc | X_ENTRY << 15);
    write_word(s, S_HANDLER + 132, sret);
}

static uint64_t test_mtime(void *side) {
    const struct side *s = side;
    return s->h ? hart_cycles(s->h) / 8 : 0;
}
static void test_deadline(void *side) { (void)side; }

static uint8_t *allocate(struct side *s, uint64_t base, uint64_t bytes) {
    uint8_t *memory = aligned_alloc(PAGE_SIZE, bytes);
    if (!memory || !phys_add_memory(&s->phys, (struct range){base, bytes}, memory, true)) {
        fputs("diff: out of memory\n", stderr);
        exit(2);
    }
    memset(memory, 0, bytes);
    return memory;
}

void side_create(struct side *s, enum way way, const struct program *p, uint64_t seed) {
    *s = (struct side){0};
    phys_init(&s->phys);
    s->ram = allocate(s, RAM, RAM_BYTES);
    s->tables = allocate(s, TABLES, TABLE_PAGES * PAGE_SIZE);
    write_handlers(s);
    program_load(p, s->ram);
    for (unsigned i = 0; i < DATA_PAGES * PAGE_SIZE; i += 8) {
        uint64_t value = draw(&seed);
        memcpy(s->ram + DATA + i, &value, sizeof value);
    }
    map_ram(s, &seed);
    map_spaces(s, &seed);
    struct hart_config config = {.extensions = isa_default(),
                                 .adue = one_in(&seed, 2),
                                 .interpret = way != NATIVE,
                                 .eager = one_in(&seed, 2),
                                 .forget = way == PLAIN,
                                 .platform = {s, test_mtime, test_deadline}};
    s->h = hart_create(&config, &s->phys);
    if (!s->h) {
        fputs("diff: out of memory\n", stderr);
        exit(2);
    }
    s->h->mmu.misaligned_trap = one_in(&seed, 8);
    protect(&s->h->mmu.pmp, &seed);
    mmu_forget(&s->h->mmu);
    s->h->csr.mtvec = RAM | one_in(&seed, 2);
    s->h->csr.stvec = (RAM + S_HANDLER) | one_in(&seed, 2);
    s->h->pc = RAM;
}

void side_destroy(struct side *s) {
    hart_destroy(s->h);
    phys_free(&s->phys);
    free(s->ram);
    free(s->tables);
}
