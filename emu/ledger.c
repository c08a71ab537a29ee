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
    for (unsigned i = 0; i < l->pages; i++) {
        if (l->page[i].root == root && l->page[i].mode == h->privilege) return i;
    }
    if (l->pages == LEDGER_PAGES) return LEDGER_PAGES - 1;
    l->page[l->pages] = (struct ledger_page){.mode = h->privilege, .root = root};
    return l->pages++;
}

// Who runs in the space may be known only later: it is asked for until there is a name.
static void name_page(struct ledger *l, struct ledger_page *page, const struct hart *h) {
    if (page->root == LEDGER_NO_SPACE || page->name[0]) return;
    snprintf(page->name, sizeof page->name, "%s", l->names.space(l->names.context, h, page->root));
}

static void changed(void *context, const struct hart *h) {
    struct ledger_hart *lh = context;
    if (h->privilege == lh->mode && h->csr.satp == lh->satp) return;
    book(lh);
    if (h->privilege > lh->mode) {
        lh->l->page[lh->page].sums.traps++;
        if (lh->mode == PRIV_U) name_page(lh->l, &lh->l->page[lh->page], h);
    }
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

static int most_cycles_first(const void *a, const void *b) {
    const struct ledger_page *x = a, *y = b;
    if (x->sums.cycles != y->sums.cycles) return x->sums.cycles > y->sums.cycles ? -1 : 1;
    if (x->mode != y->mode) return x->mode < y->mode ? -1 : 1;
    return x->root < y->root ? -1 : x->root > y->root;
}

const struct ledger_page *ledger_pages(struct ledger *l, unsigned *count) {
    for (unsigned i = 0; i < l->m->config.harts; i++) book(&l->hart[i]);
    qsort(l->page, l->pages, sizeof *l->page, most_cycles_first);
    // The harts' own pages have moved.
    for (unsigned i = 0; i < l->m->config.harts; i++) {
        l->hart[i].page = page_of(l, l->hart[i].h);
    }
    *count = l->pages;
    return l->page;
}
