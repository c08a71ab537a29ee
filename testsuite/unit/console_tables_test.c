// SPDX-License-Identifier: MIT
// What the debug console says of page tables: `walk` and `pt` beside the manual's text over drawn
// ones, stale TLB entries, spaces that have ended, tables that contain themselves.
#include "emu/console/tables.h"

#include "testsuite/unit/console_bench.h"
#include "testsuite/unit/manual_walk.h"
#include "testsuite/unit/random.h"

enum { TABLES = 12, ENTRIES = 512 };

// Tables that often lead somewhere, with everything that can be wrong with a PTE.
static uint64_t draw_pte(uint64_t *state) {
    const uint64_t page = UINT64_C(0x80000) + draw_below(state, one_in(state, 8) ? 600 : TABLES);
    uint64_t pte = page << PTE_PPN_SHIFT | PTE_V;
    if (one_in(state, 2)) return one_in(state, 8) ? pte | (draw(state) & 0xff) : pte; // a pointer
    pte |= draw(state) & 0xff;
    if (one_in(state, 16)) pte |= draw(state) & ~PTE_PPN;
    if (one_in(state, 8)) pte &= ~(UINT64_C(0x3ffff) << PTE_PPN_SHIFT);
    return pte;
}

static void draw_tables(struct bench *b, uint64_t *state) {
    for (unsigned t = 0; t < TABLES; t++) {
        for (unsigned i = 0; i < ENTRIES; i++) {
            const uint64_t pte = draw_pte(state);
            memcpy(b->m->ram + t * PAGE_SIZE + i * 8, &pte, sizeof pte);
        }
    }
}

static enum walk_reason read_ram(void *context, uint64_t pa, uint64_t *pte) {
    struct bench *b = context;
    const uint8_t *host = phys_host(&b->m->phys, pa, 8);
    if (!host) return WALK_TABLE_OUTSIDE_MEMORY;
    memcpy(pte, host, 8);
    return WALK_OK;
}

static void enter_space(struct bench *b, uint64_t *state) {
    struct hart *h = b->m->hart[0];
    h->csr.satp = (uint64_t)SATP_SV39 << 60 | 0x80000;
    h->csr.mstatus = (h->csr.mstatus & ~(MSTATUS_SUM | MSTATUS_MXR)) |
                     (draw(state) & (MSTATUS_SUM | MSTATUS_MXR));
    h->privilege = one_in(state, 2) ? PRIV_S : PRIV_U;
    h->mmu.pmp.addr[0] = UINT64_MAX >> 10;
    pmp_write_addr(&h->mmu.pmp, 0, UINT64_MAX >> 10);
    pmp_write_cfg(&h->mmu.pmp, 0, 0x1f);
    hart_context_changed(h);
}

// "walk --json" against the manual's process, letter by letter.
Test(console, walk_as_the_manual_has_it, .timeout = 600) {
    struct bench *b = set_up();
    uint64_t state = 9;
    unsigned seen[WALK_REASONS] = {0};
    static const char letters[] = "xrw";
    for (unsigned i = 0; i < 200000; i++) {
        if (i % 2000 == 0) draw_tables(b, &state);
        enter_space(b, &state);
        const enum access access = (enum access)draw_below(&state, 3);
        uint64_t va = draw(&state) & 0x7fffffffff;
        if (va >> 38) va |= UINT64_MAX << 39;
        if (one_in(&state, 50)) va ^= UINT64_C(1) << 45;
        char line[80], wanted[64];
        snprintf(line, sizeof line, "walk 0x%" PRIx64 " --access=%c --json", va, letters[access]);
        struct walk_request request;
        mmu_request(&b->m->hart[0]->mmu, va, access, &request);
        const struct manual_result manual = manual_walk(&request, read_ram, b);
        const char *answer = ask(b, line);
        snprintf(wanted, sizeof wanted, "\"reason\": \"%s\"", walk_reason_row(manual.reason)->name);
        cr_assert_not_null(strstr(answer, wanted), "%s: %s is not in %s", line, wanted, answer);
        seen[manual.reason]++;
        if (manual.reason != WALK_OK) continue;
        snprintf(wanted, sizeof wanted, "\"pa\": \"0x%" PRIx64 "\"", manual.pa);
        cr_assert_not_null(strstr(answer, wanted), "%s: %s is not in %s", line, wanted, answer);
    }
    cr_expect_gt(seen[WALK_OK], 1000);
    cr_expect_gt(seen[WALK_NON_CANONICAL], 100);
    cr_expect_gt(seen[WALK_NO_LEAF], 100);
    cr_expect_gt(seen[WALK_INVALID] + seen[WALK_NO_READ] + seen[WALK_SUPERVISOR_PAGE], 100);
    take_down(b);
}

// A page of every range, and none beside, is what the manual's process reaches with all rights.

static bool mapped(const struct mappings *m, uint64_t va, uint64_t *pa) {
    for (size_t i = 0; i < m->count; i++) {
        const struct mapping *r = &m->list[i];
        if (va < r->va || va - r->va >= r->bytes) continue;
        *pa = r->pa + (va - r->va);
        return true;
    }
    return false;
}

Test(console, ranges_as_the_manual_has_them) {
    struct bench *b = set_up();
    uint64_t state = 11;
    // A tidy table: no reserved bits, all leaves with every right, sparse.
    memset(b->m->ram, 0, (size_t)TABLES * PAGE_SIZE);
    for (unsigned t = 0; t < TABLES; t++) {
        for (unsigned i = 0; i < 6; i++) {
            const bool leaf = t >= 5 || (t > 0 && one_in(&state, 4));
            const uint64_t child = t == 0 ? 1 + draw_below(&state, 4) : 5 + draw_below(&state, 7);
            const uint64_t align = t < 5 ? 512 : 1;
            const uint64_t ppn = leaf ? (0x80000 + draw_below(&state, 4) * align) : 0x80000 + child;
            const uint64_t pte = ppn << PTE_PPN_SHIFT | (leaf ? 0xcf : PTE_V);
            const unsigned slot = one_in(&state, 2) ? i : draw_below(&state, ENTRIES);
            memcpy(b->m->ram + t * PAGE_SIZE + slot * 8, &pte, sizeof pte);
        }
    }
    struct mappings m;
    mappings_of(&b->m->phys, RAM_BASE, false, &m);
    cr_assert_gt(m.count, 10);
    unsigned hits = 0;
    for (unsigned i = 0; i < 200000; i++) {
        // Near an end of a range, or anywhere.
        const struct mapping *r = &m.list[draw_below(&state, (unsigned)m.count)];
        uint64_t va = one_in(&state, 2) ? r->va - 1 : r->va + r->bytes - 1;
        va += draw_below(&state, 3);
        const struct walk_request request = {
            .va = va, .access = ACCESS_LOAD, .privilege = PRIV_S, .root = RAM_BASE, .sum = true};
        const struct manual_result manual = manual_walk(&request, read_ram, b);
        uint64_t pa = 0;
        const bool there = mapped(&m, va, &pa);
        cr_assert_eq(there, manual.reason == WALK_OK, "0x%" PRIx64 ": %s", va,
                     walk_reason_row(manual.reason)->name);
        if (there) cr_assert_eq(pa, manual.pa, "0x%" PRIx64, va);
        hits += there;
    }
    cr_expect_gt(hits, 1000);
    mappings_free(&m);
    take_down(b);
}

// What `pt` prints, row by row, beside the pages that the manual's process finds: each page lies in
// the row that it should, and a row goes on as long as it can.

struct comparison {
    struct bench *b;
    char *rest; // of what pt said
    struct manual_leaf last;
    uint64_t left; // bytes of the last row
    uint64_t leaves, rows;
};

static enum walk_reason read_comparison(void *context, uint64_t pa, uint64_t *pte) {
    const struct comparison *c = context;
    return read_ram(c->b, pa, pte);
}

static uint64_t row_flags(uint64_t pte) {
    return (pte & 0xff) + (pte >> 61) * 256; // PBMT and N too
}

static void compare_leaf(void *context, const struct manual_leaf *leaf) {
    struct comparison *c = context;
    struct manual_leaf *last = &c->last;
    const bool goes_on = c->leaves && last->va + last->bytes == leaf->va &&
                         last->pa + last->bytes == leaf->pa &&
                         row_flags(last->pte) == row_flags(leaf->pte);
    cr_assert_eq(c->left > 0, goes_on, "0x%" PRIx64 " should %s the row before", leaf->va,
                 goes_on ? "belong to" : "not belong to");
    if (!goes_on) {
        uint64_t va, pa;
        unsigned level;
        char flags[16], wanted[16];
        const char *line = strsep(&c->rest, "\n");
        cr_assert_eq(sscanf(line, " 0x%" SCNx64 " 0x%" SCNx64 " 0x%" SCNx64 " %u %15s", &va, &pa,
                            &c->left, &level, flags),
                     5, "0x%" PRIx64 ": no row but '%s'", leaf->va, line);
        cr_assert_eq(va, leaf->va, "0x%" PRIx64, leaf->va);
        cr_assert_eq(pa, leaf->pa, "0x%" PRIx64 ": 0x%" PRIx64, va, pa);
        cr_assert_eq((int)level, leaf->i, "0x%" PRIx64, va);
        for (unsigned i = 0; i < 8; i++) wanted[i] = leaf->pte >> (7 - i) & 1 ? "DAGUXWRV"[i] : '-';
        const unsigned pbmt = leaf->pte >> 61 & 3;
        snprintf(wanted + 8, 8, "%s%s", leaf->pte >> 63 ? "N" : "",
                 pbmt == 0   ? ""
                 : pbmt == 1 ? "nc"
                             : "io");
        cr_assert_str_eq(flags, wanted, "0x%" PRIx64, va);
        c->rows++;
    }
    cr_assert_geq(c->left, leaf->bytes, "0x%" PRIx64, leaf->va);
    c->left -= leaf->bytes;
    c->leaves++;
    *last = *leaf;
}

// A root of pointers and leaves, two tables of level 1 with more of them, and nine of level 0.
static void draw_tree(struct bench *b, uint64_t *state) {
    memset(b->m->ram, 0, (size_t)TABLES * PAGE_SIZE);
    uint64_t ppn = 0x80000;
    for (unsigned t = 0; t < TABLES; t++) {
        const unsigned level = t == 0 ? 2 : t < 3 ? 1 : 0;
        for (unsigned n = 0; n < (level ? 14 : 512); n++) {
            const unsigned slot = level ? draw_below(state, 512) : n;
            const unsigned below = level == 2 ? 1 + draw_below(state, 2) : 3 + draw_below(state, 9);
            // Half of the pages lie behind the one before, so that there is something to merge.
            ppn = one_in(state, 2) ? ppn + 1 : (draw(state) & (PTE_PPN >> PTE_PPN_SHIFT));
            uint64_t pte = ppn << PTE_PPN_SHIFT & PTE_PPN;
            pte |= one_in(state, 3) ? draw(state) & 0x3ff : 0xdf;
            if (one_in(state, 50)) pte |= draw(state) << 54;
            pte &= ~PTE_N; // but for those that are none of its reserved encodings
            if (!level && one_in(state, 40)) {
                pte =
                    (pte & ~(UINT64_C(15) << PTE_PPN_SHIFT)) | UINT64_C(8) << PTE_PPN_SHIFT | PTE_N;
            }
            if (level && !one_in(state, 4)) pte = (0x80000 + below) << PTE_PPN_SHIFT | PTE_V;
            memcpy(b->m->ram + t * PAGE_SIZE + slot * 8, &pte, sizeof pte);
        }
    }
}

Test(console, pt_as_the_manual_has_it, .timeout = 600) {
    enum { CASES = 1000000 };
    struct bench *b = set_up();
    struct comparison c = {.b = b};
    uint64_t state = 12, leaves = 0, rows = 0;
    while (leaves < CASES) {
        char *answer = NULL;
        size_t size = 0;
        draw_tree(b, &state);
        FILE *to = open_memstream(&answer, &size);
        cr_assert_not_null(to);
        debugger_execute(b->d, "pt 0x80000000 --limit=10000000", to);
        fclose(to);
        c = (struct comparison){.b = b, .rest = answer};
        cr_assert_not_null(strstr(strsep(&c.rest, "\n"), "flags"), "no heading");
        manual_leaves(RAM_BASE, read_comparison, &c, compare_leaf);
        cr_assert_eq(c.left, 0, "the last row is too long");
        cr_assert_str_eq(c.rest, "", "pt has more rows");
        leaves += c.leaves;
        rows += c.rows;
        free(answer);
    }
    cr_expect_lt(rows, leaves, "nothing was merged");
    take_down(b);
}

// The root of a space is freed, and something else is kept there: it isn't taken for a page table.
Test(console, spaces_that_have_ended) {
    struct bench *b = set_up();
    struct hart *h = b->m->hart[0];
    uint64_t state = 3, value;
    // Two spaces: RAM, where the trap handler is, as a gigapage, and some user pages.
    for (unsigned t = 0; t < 2; t++) {
        const uint64_t kernel = UINT64_C(0x80000) << PTE_PPN_SHIFT | 0xcf;
        const uint64_t user = (UINT64_C(0x80000) << PTE_PPN_SHIFT) | 0xdf;
        memcpy(b->m->ram + t * PAGE_SIZE + 2 * 8, &kernel, sizeof kernel);
        memcpy(b->m->ram + t * PAGE_SIZE + 5 * 8, &user, sizeof user);
    }
    debugger_observe(b->d);
    h->csr.stvec = RAM_BASE + 0x4000;
    for (unsigned t = 0; t < 2; t++) {
        enter_space(b, &state);
        h->csr.satp += t;
        h->privilege = PRIV_S;
        hart_context_changed(h);
        tlb_flush(&h->mmu.tlb, true, 0, true, 0);
        cr_assert(mmu_load(&h->mmu, RAM_BASE + 64, 8, &value));
    }
    const char *answer = ask(b, "spaces --json");
    cr_expect_null(strstr(answer, "ended"), "%s", answer);
    cr_expect_not_null(strstr(answer, "\"user_pages\": 262144, "), "%s", answer);
    memset(b->m->ram, 0x5b, PAGE_SIZE); // the first root: full of leaves
    answer = ask(b, "spaces --json");
    cr_expect_not_null(strstr(answer, "\"now\": \"ended\", \"number\": 0"), "%s", answer);
    cr_expect_not_null(strstr(answer, "\"user_pages\": 0, "), "%s", answer);
    cr_expect_not_null(strstr(answer, "\"user_pages\": 262144, "), "%s", answer);
    answer = ask(b, "phys2virt 0x80000000");
    cr_expect_null(strstr(answer, "0x80000000  "), "%s", answer);
    cr_expect_not_null(strstr(answer, "0x80001000  "), "%s", answer);
    // Another space has the same root: it is that one's.
    enter_space(b, &state);
    h->csr.satp += (UINT64_C(9) << 44) + 1;
    answer = ask(b, "spaces --json");
    cr_expect_not_null(strstr(answer, "\"now\": \"ended\", \"number\": 1"), "%s", answer);
    cr_expect_not_null(strstr(answer, "\"now\": \"*\", \"number\": 2"), "%s", answer);
    take_down(b);
}

// An entry stands in the TLB; then memory changes, and no fence is made.
Test(console, stale_entries) {
    struct bench *b = set_up();
    uint64_t state = 1, value;
    const uint64_t leaf = UINT64_C(0x80000) << PTE_PPN_SHIFT | 0xcf; // a gigapage of itself
    const uint64_t other = leaf & ~PTE_W;
    memcpy(b->m->ram + 8 * 2, &leaf, sizeof leaf);
    enter_space(b, &state);
    b->m->hart[0]->privilege = PRIV_S;
    hart_context_changed(b->m->hart[0]);
    cr_assert(mmu_load(&b->m->hart[0]->mmu, RAM_BASE + 64, 8, &value));
    cr_expect_not_null(strstr(ask(b, "tlb"), "0x0000000080000000  0x000080000000    1G"));
    cr_expect_null(strstr(ask(b, "tlb stale"), "1G"));
    cr_expect_not_null(strstr(ask(b, "lint"), "W+X"));
    memcpy(b->m->ram + 8 * 2, &other, sizeof other);
    cr_expect_not_null(strstr(ask(b, "tlb stale"), "the PTE's rights have changed"));
    cr_expect_not_null(strstr(ask(b, "lint"), "no SFENCE.VMA since the PTE's rights have changed"));
    const uint64_t nothing = 0;
    memcpy(b->m->ram + 8 * 2, &nothing, sizeof nothing);
    cr_expect_not_null(strstr(ask(b, "tlb stale"), "the PTE is not valid any more"));
    cr_expect_not_null(strstr(ask(b, "tlb stats"), "walks"));
    take_down(b);
}

// A table that contains itself everywhere ends, and says that it was cut off.
Test(console, a_table_of_itself, .timeout = 60) {
    struct bench *b = set_up();
    const uint64_t pte = UINT64_C(0x80000) << PTE_PPN_SHIFT | PTE_V;
    for (unsigned i = 0; i < ENTRIES; i++) memcpy(b->m->ram + 8 * i, &pte, sizeof pte);
    cr_expect_not_null(strstr(ask(b, "pt 0x80000000 --format=tree --limit=3"), "cut off"));
    cr_expect_not_null(strstr(ask(b, "pt 0x80000000"), "cut off"));
    take_down(b);
}
