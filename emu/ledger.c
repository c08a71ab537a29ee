// SPDX-License-Identifier: MIT
// The ledger (see ledger.h).
#include "emu/ledger.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// A hart's, since it came into its present mode and space.
struct ledger_hart {
    struct ledger *l;
    struct hart *h;
    struct hart_ledger hook;
    unsigned page;
    unsigned program; // the page of the program that ran last
    uint64_t satp;
    enum privilege mode;
    struct ledger_sums since; // the hart's sums then
};

struct ledger {
    struct machine *m;
    struct run_names names;
    struct ledger_page page[LEDGER_PAGES];
    unsigned pages;
    struct ledger_hart hart[MACHINE_MAX_HARTS];
};

static struct ledger_sums sums_of(const struct hart *h) {
    const struct mmu_stats *mmu = &h->mmu.stats;
    struct ledger_sums s = {.cycles = hart_cycles(h),
                            .instructions = hart_executed(h),
                            .tlb_misses = mmu->tlb_misses,
                            .walks = mmu->walks,
                            .pte_reads = mmu->pte_reads};
    if (h->timing) memcpy(s.stall, h->timing->stall, sizeof s.stall);
    return s;
}

// The sums are nothing but counts, of which each is added on its own.
static void add_difference(struct ledger_sums *to, const struct ledger_sums *now,
                           const struct ledger_sums *before) {
    to->cycles += now->cycles - before->cycles;
    to->instructions += now->instructions - before->instructions;
    to->tlb_misses += now->tlb_misses - before->tlb_misses;
    to->walks += now->walks - before->walks;
    to->pte_reads += now->pte_reads - before->pte_reads;
    for (unsigned i = 0; i < STALLS; i++) to->stall[i] += now->stall[i] - before->stall[i];
}

static void book(struct ledger_hart *lh) {
    const struct ledger_sums now = sums_of(lh->h);
    add_difference(&lh->l->page[lh->page].sums, &now, &lh->since);
    lh->since = now;
}

static uint64_t root_of(const struct hart *h) {
    if (h->privilege == PRIV_M || h->csr.satp >> 60 != SATP_SV39) return LEDGER_NO_SPACE;
    return (h->csr.satp & ((UINT64_C(1) << 44) - 1)) << PAGE_SHIFT;
}

static unsigned page_of(struct ledger *l, const struct hart *h) {
    const uint64_t root = root_of(h);
    for (unsigned i = l->pages; i-- > 0;) { // the newest: tables are used again
        if (l->page[i].root == root && l->page[i].mode == h->privilege) return i;
    }
    if (l->pages == LEDGER_PAGES) return LEDGER_PAGES - 1;
    l->page[l->pages] = (struct ledger_page){.mode = h->privilege, .root = root};
    return l->pages++;
}

// A program is left, and another one than last time: who is it? A space may have been another
// program's before, whose page it leaves alone.
static void identify(struct ledger_hart *lh) {
    struct ledger *l = lh->l;
    struct ledger_page *page = &l->page[lh->page];
    if (page->root == LEDGER_NO_SPACE || (lh->page == lh->program && page->name[0])) return;
    const char *name = l->names.space(l->names.context, lh->h, page->root);
    if (page->name[0] && name[0] && strcmp(page->name, name) != 0 && l->pages < LEDGER_PAGES) {
        l->page[l->pages] = (struct ledger_page){.mode = PRIV_U, .root = page->root};
        lh->page = l->pages++;
    }
    if (name[0]) snprintf(l->page[lh->page].name, LEDGER_NAME_BYTES, "%s", name);
    lh->program = lh->page;
}

static void changed(void *context, const struct hart *h) {
    struct ledger_hart *lh = context;
    if (h->privilege == lh->mode && h->csr.satp == lh->satp) return;
    if (lh->mode == PRIV_U) identify(lh);
    book(lh);
    if (h->privilege > lh->mode) lh->l->page[lh->page].sums.traps++;
    lh->mode = h->privilege;
    lh->satp = h->csr.satp;
    lh->page = page_of(lh->l, h);
}

struct ledger *ledger_create(struct machine *m, const struct run_names *names) {
    struct ledger *l = calloc(1, sizeof *l);
    if (!l) return NULL;
    l->m = m;
    l->names = *names;
    for (unsigned i = 0; i < m->config.harts; i++) {
        struct ledger_hart *lh = &l->hart[i];
        struct hart *h = m->hart[i];
        *lh = (struct ledger_hart){.l = l, .h = h, .mode = h->privilege, .satp = h->csr.satp};
        lh->hook = (struct hart_ledger){lh, changed};
        lh->since = sums_of(h);
        lh->page = page_of(l, h);
        h->ledger = &lh->hook;
    }
    return l;
}

void ledger_destroy(struct ledger *l) {
    if (!l) return;
    for (unsigned i = 0; i < l->m->config.harts; i++) l->m->hart[i]->ledger = NULL;
    free(l);
}

// A kernel that works in a program's space works for it.
static void name_kernels(struct ledger *l) {
    for (unsigned i = 0; i < l->pages; i++) {
        struct ledger_page *page = &l->page[i];
        for (unsigned k = 0; k < l->pages && !page->name[0]; k++) {
            if (page->root == LEDGER_NO_SPACE || l->page[k].root != page->root) continue;
            memcpy(page->name, l->page[k].name, sizeof page->name);
        }
    }
}

static int most_cycles_first(const void *a, const void *b) {
    const struct ledger_page *x = a, *y = b;
    if (x->sums.cycles != y->sums.cycles) return x->sums.cycles > y->sums.cycles ? -1 : 1;
    if (x->mode != y->mode) return x->mode < y->mode ? -1 : 1;
    return x->root < y->root ? -1 : x->root > y->root;
}

const struct ledger_page *ledger_pages(struct ledger *l, unsigned *count) {
    for (unsigned i = 0; i < l->m->config.harts; i++) book(&l->hart[i]);
    name_kernels(l);
    qsort(l->page, l->pages, sizeof *l->page, most_cycles_first);
    // The harts' own pages have moved.
    for (unsigned i = 0; i < l->m->config.harts; i++) {
        l->hart[i].page = page_of(l, l->hart[i].h);
    }
    *count = l->pages;
    return l->page;
}
