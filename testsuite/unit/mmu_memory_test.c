// SPDX-License-Identifier: MIT
// What the MMU counts, and that it remembers nothing wrong: keys that are used up, pages that stand
// for many, entries of the TLB that come back to the access tables.
#include "mmu/translate.h"
#include "testsuite/unit/mmu_bench.h"

enum { ASID_SHIFT = SATP_ASID_SHIFT, NAPOT_PAGE = 32, NAPOT_PAGES = 16 };

static void enter(struct bench *b, unsigned root, uint64_t asid) {
    struct mmu_context c = context(root);
    c.satp |= asid << ASID_SHIFT;
    mmu_set_context(&b->m, &c);
}

static uint64_t fetched(struct bench *b, uint64_t va) {
    uint64_t pa = 0;
    bool whole;
    return mmu_fetch(&b->m, va, &pa, &whole) ? pa : 0;
}

static uint64_t pte_of(const struct bench *b, unsigned table, unsigned index) {
    uint64_t pte;
    memcpy(&pte, b->ram + table * PAGE_SIZE + index * 8, sizeof pte);
    return pte;
}

// --- Counters ------------------------------------------------------------------------------------

Test(mmu_memory, hits_and_misses_are_counted) {
    struct bench *b = start();
    const struct mmu_stats *s = &b->m.stats;
    cr_expect_eq(byte_of(b, 0x1000), 2);
    cr_expect(s->tlb_misses == 1 && s->tlb_hits == 0 && s->walks == 1);
    cr_expect_eq(s->pte_reads, 3);
    cr_expect_eq(fetched(b, 0x1000), page_at(DATA + 1));
    cr_expect(s->tlb_misses == 1 && s->tlb_hits == 1 && s->walks == 1);
    const struct tlb_entry *e = tlb_find(&b->m.tlb, 0x1000, 0);
    cr_assert_not_null(e);
    cr_expect(e->hits == 1 && e->used == 1);
    cr_assert(mmu_store(&b->m, 0x1000, 8, 5));
    cr_expect(e->hits == 2 && e->used == 2);
    end(b);
}

// A with the first access, D with the first store, although the TLB knows the page.
Test(mmu_memory, updates_of_a_and_d_are_counted) {
    struct bench *b = start();
    put(b, LAST, 1, DATA + 1, ALL & ~(uint64_t)(PTE_A | PTE_D));
    cr_expect_eq(byte_of(b, 0x1000), 2);
    cr_expect_eq(b->m.stats.ad_updates, 1);
    cr_expect_eq(pte_of(b, LAST, 1) & (PTE_A | PTE_D), PTE_A);
    cr_assert(mmu_store(&b->m, 0x1000, 8, 5));
    cr_expect_eq(b->m.stats.ad_updates, 2);
    cr_expect_eq(b->m.stats.walks, 2);
    cr_expect_eq(pte_of(b, LAST, 1) & (PTE_A | PTE_D), PTE_A | PTE_D);
    end(b);
}

// --- PMP and page tables -------------------------------------------------------------------------

// Entry 0 covers one page table and allows what cfg says; entry 1 all the rest.
static void guard_table(struct bench *b, unsigned table, uint8_t cfg) {
    pmp_write_addr(&b->m.pmp, 0, page_at(table) >> 2 | (PAGE_SIZE / 8 - 1));
    pmp_write_addr(&b->m.pmp, 1, UINT64_MAX >> 10);
    pmp_write_cfg(&b->m.pmp, 0, cfg | 0x18 | UINT64_C(0x1f) << 8);
    mmu_forget(&b->m);
}

Test(mmu_memory, a_table_that_pmp_closes_is_not_read) {
    struct bench *b = start();
    uint64_t value;
    guard_table(b, LAST, 0);
    cr_expect_not(mmu_load(&b->m, 0x1000, 8, &value));
    cr_expect_eq(b->m.fault.reason, WALK_TABLE_PMP);
    end(b);
}

Test(mmu_memory, a_table_that_is_read_only_is_not_updated) {
    struct bench *b = start();
    uint64_t value;
    put(b, LAST, 1, DATA + 1, ALL & ~(uint64_t)PTE_A);
    guard_table(b, LAST, 1);
    cr_expect_eq(byte_of(b, 0x2000), 3, "nothing to update there");
    cr_expect_not(mmu_load(&b->m, 0x1000, 8, &value));
    cr_expect_eq(b->m.fault.reason, WALK_TABLE_UPDATE_DENIED);
    cr_expect_eq(pte_of(b, LAST, 1) & PTE_A, 0);
    end(b);
}

// --- Pages that stand for many -------------------------------------------------------------------

// Pages 16 to 31 are one page of 64 KiB.
static void map_napot(struct bench *b, unsigned page) {
    for (unsigned i = 0; i < NAPOT_PAGES; i++) {
        put(b, LAST, NAPOT_PAGES + i, page + 8, ALL | PTE_N);
    }
}

Test(mmu_memory, a_64_kib_page_goes_as_a_whole) {
    struct bench *b = start();
    enum { FIRST = NAPOT_PAGES, BEHIND = 2 * NAPOT_PAGES };
    map_napot(b, NAPOT_PAGE);
    put(b, LAST, FIRST - 1, DATA, ALL);
    put(b, LAST, BEHIND, DATA, ALL);
    for (unsigned i = FIRST - 1; i <= BEHIND; i++) {
        const unsigned to = i < FIRST || i == BEHIND ? DATA : NAPOT_PAGE + i - FIRST;
        b->ram[to * PAGE_SIZE] = (uint8_t)(to + 1);
        cr_expect_eq(byte_of(b, i * PAGE_SIZE), to + 1, "page %u", i);
        cr_expect_eq(fetched(b, i * PAGE_SIZE), page_at(to), "page %u, which the TLB knows", i);
    }
    // Another 64 KiB, and one fence somewhere in it.
    map_napot(b, NAPOT_PAGE + NAPOT_PAGES);
    put(b, LAST, FIRST - 1, DATA + 1, ALL);
    put(b, LAST, BEHIND, DATA + 1, ALL);
    mmu_fence(&b->m, false, (FIRST + 5) * PAGE_SIZE, true, 0);
    for (unsigned i = FIRST; i < BEHIND; i++) {
        cr_expect_eq(fetched(b, i * PAGE_SIZE), page_at(NAPOT_PAGE + i), "page %u", i);
    }
    cr_expect_eq(fetched(b, (FIRST - 1) * PAGE_SIZE), page_at(DATA), "its neighbour before");
    cr_expect_eq(fetched(b, BEHIND * PAGE_SIZE), page_at(DATA), "and behind");
    end(b);
}

// The tables are told of a superpage's pieces by the TLB, too.
Test(mmu_memory, pieces_of_a_superpage_that_the_tlb_knew) {
    struct bench *b = start();
    const uint64_t big = 0x200000;
    put(b, MIDDLE, 1, 0, ALL);
    b->ram[DATA * PAGE_SIZE] = 1;
    cr_expect_eq(byte_of(b, big + DATA * PAGE_SIZE), 1);
    mmu_forget(&b->m);
    cr_expect_eq(byte_of(b, big + DATA * PAGE_SIZE), 1);
    cr_expect_eq(b->m.stats.walks, 1);
    put(b, MIDDLE, 1, LAST, PTE_V);
    put(b, LAST, DATA, DATA + 7, ALL);
    mmu_fence(&b->m, false, big + 0x1ff000, true, 0);
    cr_expect_eq(byte_of(b, big + DATA * PAGE_SIZE), 8);
    end(b);
}

// What a translation says of its page, whoever knew it.
Test(mmu_memory, a_translation_names_level_and_space) {
    struct bench *b = start();
    struct translation t;
    put(b, MIDDLE, 1, 0, ALL | PTE_G);
    for (unsigned round = 0; round < 2; round++) {
        memset(&t, 0x5a, sizeof t);
        cr_assert(mmu_translate(&b->m, 0x200000, ACCESS_LOAD, &t));
        cr_expect(t.level == 1 && !t.local && t.pa == RAM);
        memset(&t, 0x5a, sizeof t);
        cr_assert(mmu_translate(&b->m, 0x3008, ACCESS_LOAD, &t));
        cr_expect(t.level == 0 && t.local && t.pa == page_at(DATA + 3) + 8);
    }
    mmu_reset(&b->m);
    memset(&t, 0x5a, sizeof t);
    cr_assert(mmu_translate(&b->m, RAM, ACCESS_LOAD, &t));
    cr_expect(t.level == 0 && !t.local && t.pa == RAM, "M-mode translates nothing");
    end(b);
}

Test(mmu_memory, ram_ends_with_its_last_byte) {
    struct bench *b = start();
    cr_expect(mmu_is_ram(&b->m, RAM + RAM_BYTES - 1));
    cr_expect_not(mmu_is_ram(&b->m, RAM + RAM_BYTES));
    end(b);
}

// --- Keys ----------------------------------------------------------------------------------------

// Bits 3 to 11 of an address are free for them, or 3 to 5 where an entry is a line.
Test(mmu_memory, keys_stay_in_their_bits) {
    struct bench *b = start();
    for (unsigned asid = 1; asid < 1300; asid++) {
        enter(b, ROOT, asid);
        cr_expect(b->m.data_key != 0 && b->m.data_key < PAGE_SIZE, "ASID %u", asid);
    }
    mmu_set_granule(&b->m, LINE_GRANULE_SHIFT);
    for (unsigned asid = 1; asid < 100; asid++) {
        cr_expect(b->m.data_key != 0 && b->m.data_key < 1 << LINE_GRANULE_SHIFT, "ASID %u", asid);
        enter(b, ROOT, asid);
    }
    end(b);
}

// There are seven keys for lines, and the spaces take turns: none finds what another has left.
Test(mmu_memory, used_up_keys_leave_nothing) {
    struct bench *b = start();
    mmu_set_granule(&b->m, LINE_GRANULE_SHIFT);
    for (unsigned asid = 1; asid < 60; asid++) {
        for (unsigned back = 0; back < 9 && back < asid; back += 8) {
            const unsigned now = asid - back;
            enter(b, now % 2 ? ROOT : OTHER, now);
            cr_expect_eq(byte_of(b, 0x1000), now % 2 ? 2 : 10, "ASID %u", now);
            cr_expect_eq(byte_of(b, 0x1040), 0);
        }
        enter(b, asid % 2 ? OTHER : ROOT, 60 + asid % 8);
        cr_expect_eq(byte_of(b, 0x1000), asid % 2 ? 10 : 2, "beside ASID %u", asid);
        mmu_fence(&b->m, true, 0, false, (uint16_t)(60 + asid % 8));
    }
    end(b);
}

Test(mmu_memory, the_first_context_is_known_again) {
    struct bench *b = start();
    mmu_init(&b->m, &b->phys);
    const struct mmu_context first = b->m.context;
    const uint64_t data = b->m.data_key, fetch = b->m.fetch_key;
    enter(b, ROOT, 1);
    mmu_set_context(&b->m, &first);
    cr_expect(b->m.data_key == data && b->m.fetch_key == fetch);
    end(b);
}

// Code is found by its key without asking again, data by theirs.
Test(mmu_memory, forgetting_gives_new_keys) {
    struct bench *b = start();
    const uint64_t data = b->m.data_key, fetch = b->m.fetch_key;
    mmu_forget(&b->m);
    cr_expect(b->m.data_key != data && b->m.fetch_key != fetch);
    end(b);
}

static unsigned entries_of(const struct access_entry *table, unsigned entries, uint64_t va) {
    unsigned found = 0;
    for (unsigned i = 0; i < entries; i++) {
        found += table[i].tag >> 3 && (table[i].tag ^ va) >> LINE_GRANULE_SHIFT == 0;
    }
    return found;
}

Test(mmu_memory, a_line_is_forgotten) {
    struct bench *b = start();
    mmu_set_granule(&b->m, LINE_GRANULE_SHIFT);
    for (uint64_t va = 0x1000; va < 0x1100; va += 64) {
        cr_expect_eq(byte_of(b, va), va == 0x1000 ? 2 : 0);
        cr_assert(mmu_store(&b->m, va, 8, 7));
    }
    mmu_forget_granule(&b->m, 0x1048);
    for (uint64_t va = 0x1000; va < 0x1100; va += 64) {
        cr_expect_eq(entries_of(b->m.load, LOAD_ENTRIES, va), va != 0x1040, "load %#lx", va);
        cr_expect_eq(entries_of(b->m.store, STORE_ENTRIES, va), va != 0x1040, "store %#lx", va);
    }
    end(b);
}
