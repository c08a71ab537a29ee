// SPDX-License-Identifier: MIT
// tlb and lint: what the TLB holds, and where it or the page tables are wrong.
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "emu/console/debugger.h"

static const char *const page_sizes[SV39_LEVELS] = {"4K", "2M", "1G"};

// Why an entry is not what a walk would find now, or NULL. Only bits that a fence is needed for
// count: A and D may be set in memory any time.
static const char *staleness(struct debugger *d, const struct tlb_entry *e) {
    const struct hart *h = debugger_hart(d);
    const uint8_t *host = phys_host(&d->m->phys, e->pte_addr, 8);
    uint64_t now;
    if (!host) return "its PTE lies in no memory any more";
    memcpy(&now, host, sizeof now);
    if (!(now & PTE_V)) return "the PTE is not valid any more";
    const uint64_t rights = PTE_R | PTE_W | PTE_X | PTE_U | PTE_G | PTE_PBMT;
    if ((now ^ e->pte) & rights) return "the PTE's rights have changed";
    if (sv39_leaf_address(now, e->level, e->page) != sv39_leaf_address(e->pte, e->level, e->page)) {
        return "the PTE maps another page now";
    }
    // The tables above can only be asked for the space that is in use.
    const uint64_t satp = h->csr.satp;
    if (satp >> 60 != SATP_SV39 || (e->asid != (uint16_t)(satp >> 44) && !(e->pte & PTE_G))) {
        return NULL;
    }
    const struct view view = {.root = satp_root_address(satp)};
    uint64_t pa;
    if (!view_translate(d, &view, e->page, &pa))
        return "a table above does not lead there any more";
    if (pa != sv39_leaf_address(e->pte, e->level, e->page)) return "another table leads there now";
    return NULL;
}

static void show_entry(struct debugger *d, const struct tlb_entry *e, const char *stale) {
    const struct watcher *w = &d->watcher[d->hart];
    const uint64_t filled = w->filled_at[e - w->h->mmu.tlb.entry[0]];
    char flags[16];
    out_cell(&d->out, "asid", 5, "%u", e->asid);
    out_cell(&d->out, "page", 18, "0x%016" PRIx64, e->page);
    out_cell(&d->out, "pa", 14, "0x%012" PRIx64, sv39_leaf_address(e->pte, e->level, e->page));
    out_cell(&d->out, "size", 4, "%s", page_sizes[e->level]);
    out_cell(&d->out, "flags", -10, "%s", pte_flags(e->pte, flags));
    out_count(&d->out, "hits", 8, e->hits);
    if (filled) {
        out_cell(&d->out, "filled", 12, "%" PRIu64, filled - 1);
    } else {
        out_cell(&d->out, "filled", 12, "-");
    }
    if (e->used) {
        out_cell(&d->out, "last_use", 10, "%" PRIu64, w->h->mmu.stats.tlb_hits - e->used);
    } else {
        out_cell(&d->out, "last_use", 10, "-");
    }
    out_cell(&d->out, "stale", 0, "%s", stale ? stale : "");
    out_row(&d->out);
}

static void show_entries(struct debugger *d, bool only_stale) {
    const struct tlb *t = &debugger_hart(d)->mmu.tlb;
    const struct tlb_entry *e = t->entry[0];
    out_list(&d->out, "entries");
    for (unsigned i = 0; i < TLB_SETS * TLB_WAYS; i++, e++) {
        if (!t->tag[i / TLB_WAYS][i % TLB_WAYS]) continue;
        const char *stale = staleness(d, e);
        if (stale || !only_stale) show_entry(d, e, stale);
    }
    out_list_end_or(&d->out, only_stale ? "no entry is stale" : "the TLB is empty");
}

static void show_stats(struct debugger *d) {
    const struct mmu *m = &debugger_hart(d)->mmu;
    const struct {
        const char *name;
        uint64_t value;
        const char *text;
    } rows[] = {
        {"hits", m->stats.tlb_hits, "look-ups that the TLB served"},
        {"misses", m->stats.tlb_misses, "look-ups that it did not"},
        {"walks", m->stats.walks, "page walks"},
        {"pte_reads", m->stats.pte_reads, "PTEs that they read"},
        {"ad_updates", m->stats.ad_updates, "A and D bits that they set"},
        {"fences", m->stats.fences, "SFENCE.VMA and SINVAL.VMA"},
        {"table_misses", m->stats.table_misses,
         "accesses beyond the fast tables, which stand before the TLB"},
        {"pages_4k", m->tlb.population[0], "entries of 4 KiB"},
        {"pages_2m", m->tlb.population[1], "entries of 2 MiB"},
        {"pages_1g", m->tlb.population[2], "entries of 1 GiB"},
    };
    out_list(&d->out, "stats");
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        out_cell(&d->out, "name", -12, "%s", rows[i].name);
        out_count(&d->out, "count", 12, rows[i].value);
        out_cell(&d->out, "what", 0, "%s", rows[i].text);
        out_row(&d->out);
    }
    out_list_end(&d->out);
}

void command_tlb(struct debugger *d, struct args *a) {
    const char *word = args_word(a, 0);
    if (!word || strcmp(word, "stale") == 0) {
        show_entries(d, word != NULL);
    } else if (strcmp(word, "stats") == 0) {
        show_stats(d);
    } else {
        out_fail(&d->out, "tlb: 'stats' or 'stale', not '%s'", word);
    }
}

// --- lint ----------------------------------------------------------------------------------------

static void finding(struct debugger *d, const char *rule, uint64_t space, uint64_t va,
                    const char *text) {
    out_cell(&d->out, "rule", -16, "%s", rule);
    out_cell(&d->out, "space", 12, "0x%" PRIx64, space);
    out_cell(&d->out, "va", 18, "0x%016" PRIx64, va);
    out_cell(&d->out, "what", 0, "%s", text);
    out_row(&d->out);
}

struct linter {
    struct debugger *d;
    uint64_t root;
    uint64_t *writable; // a page of RAM: root + 1 of the space whose user pages write it
};

// What is wrong with an entry by itself.
static bool lint_entry(void *context, const struct table_entry *e) {
    const struct linter *l = context;
    const struct mmu_context *c = &debugger_hart(l->d)->mmu.context;
    const bool both = (e->pte & (PTE_W | PTE_X)) == (PTE_W | PTE_X);
    const struct {
        bool wrong;
        const char *rule, *text;
    } rules[] = {
        {e->pte & PTE_RESERVED, "reserved", "bits 60-54 are set"},
        {(e->pte & PTE_PBMT) && (!c->pbmt || !e->leaf), "reserved", "PBMT is set and must not be"},
        {(e->pte & PTE_N) && (!c->napot || e->level || !e->leaf), "reserved",
         "N is set and must not be"},
        {(e->pte & (PTE_R | PTE_W)) == PTE_W, "reserved", "W without R"},
        {!e->leaf && (e->pte & (PTE_D | PTE_A | PTE_U)), "reserved", "D, A or U in a pointer"},
        {!e->leaf && e->level == 0, "no leaf", "the last level points to a further table"},
        {e->leaf && both, "W+X", "a page that can be written and executed"},
        {e->leaf && e->level &&
             pte_address(e->pte) & ((PAGE_SIZE << SV39_INDEX_BITS * e->level) - 1),
         "misaligned", "a superpage that is not aligned"},
    };
    for (unsigned i = 0; i < sizeof rules / sizeof *rules; i++) {
        if (rules[i].wrong) finding(l->d, rules[i].rule, l->root, e->va, rules[i].text);
    }
    return true;
}

// User pages of RAM that can be written through two spaces.
static void lint_sharing(struct linter *l) {
    struct mappings m;
    mappings_of(&l->d->m->phys, l->root, true, &m);
    for (size_t i = 0; i < m.count && l->writable; i++) {
        const struct mapping *r = &m.list[i];
        if ((r->flags & (PTE_W | PTE_U)) != (PTE_W | PTE_U)) continue;
        for (uint64_t at = 0; at < r->bytes; at += PAGE_SIZE) {
            if (!range_holds(l->d->m->ram_range, r->pa + at, PAGE_SIZE)) continue;
            uint64_t *owner = &l->writable[(r->pa + at - RAM_BASE) >> PAGE_SHIFT];
            if (*owner && *owner != l->root + 1) {
                char text[96];
                snprintf(text, sizeof text,
                         "page 0x%" PRIx64 " is writable from space 0x%" PRIx64 " as well",
                         r->pa + at, *owner - 1);
                finding(l->d, "shared", l->root, r->va + at, text);
            }
            *owner = l->root + 1;
        }
    }
    mappings_free(&m);
}

static void lint_tlb(struct debugger *d) {
    const struct tlb *t = &debugger_hart(d)->mmu.tlb;
    const struct tlb_entry *e = t->entry[0];
    for (unsigned i = 0; i < TLB_SETS * TLB_WAYS; i++, e++) {
        const char *stale = t->tag[i / TLB_WAYS][i % TLB_WAYS] ? staleness(d, e) : NULL;
        char text[120];
        if (!stale) continue;
        snprintf(text, sizeof text, "no SFENCE.VMA since %s (ASID %u)", stale, e->asid);
        finding(d, "stale", satp_root_address(debugger_hart(d)->csr.satp), e->page, text);
    }
}

void command_lint(struct debugger *d, struct args *a) {
    struct linter l = {.d = d};
    if (a->words && strcmp(a->word[0], "mmu") != 0) {
        out_fail(&d->out, "lint: mmu is all that can be looked at");
        return;
    }
    l.writable = calloc(d->m->ram_range.size >> PAGE_SHIFT, sizeof *l.writable);
    (void)spaces_note(&d->spaces, debugger_hart(d)->csr.satp);
    out_list(&d->out, "mistakes");
    lint_tlb(d);
    for (unsigned i = 0; i < d->spaces.count; i++) {
        if (!spaces_translates(d, &d->spaces.space[i])) continue;
        l.root = satp_root_address(d->spaces.space[i].satp);
        tables_visit(&d->m->phys, l.root, lint_entry, &l);
        lint_sharing(&l);
    }
    const uint64_t found = d->out.rows;
    out_list_end(&d->out);
    out_say(&d->out, NULL, "%" PRIu64 " findings", found);
    out_number(&d->out, "findings", found);
    free(l.writable);
}
