// SPDX-License-Identifier: MIT
// Going through a page table (see tables.h).
#include "emu/console/tables.h"

#include <stdlib.h>
#include <string.h>

#include "emu/grow.h"

struct visit {
    struct phys *phys;
    table_visitor visit;
    void *context;
    unsigned tables;
};

static uint64_t sign_extended(uint64_t va) { return (uint64_t)((int64_t)(va << 25) >> 25); }

static bool is_table(const struct table_entry *e) { return !e->leaf && e->level > 0; }

static bool visit_table(struct visit *v, uint64_t table, uint64_t va, unsigned level) {
    if (++v->tables > TABLES_MAX) return false;
    const uint8_t *host = phys_host(v->phys, table, PAGE_SIZE);
    if (!host) return true;
    for (uint64_t i = 0; i < TABLE_ENTRIES; i++) {
        struct table_entry e = {.va =
                                    sign_extended(va | i << (PAGE_SHIFT + SV39_INDEX_BITS * level)),
                                .pte_addr = table + 8 * i,
                                .level = level};
        memcpy(&e.pte, host + 8 * i, sizeof e.pte);
        if (!(e.pte & PTE_V)) continue;
        e.leaf = e.pte & (PTE_R | PTE_W | PTE_X);
        if (!v->visit(v->context, &e)) return false;
        // NOLINTNEXTLINE(misc-no-recursion): three levels deep
        if (is_table(&e) && !visit_table(v, pte_address(e.pte), e.va, level - 1)) return false;
    }
    return true;
}

bool tables_visit(struct phys *phys, uint64_t root, table_visitor visit, void *context) {
    struct visit v = {phys, visit, context, 0};
    return visit_table(&v, root, 0, SV39_LEVELS - 1);
}

bool tables_lead(struct mmu *mmu, uint64_t root, uint64_t va, uint64_t *pa) {
    const struct walk_request request = {.va = va,
                                         .access = ACCESS_FETCH,
                                         .privilege = PRIV_S,
                                         .root = root,
                                         .update_ad = true,
                                         .pbmt = true,
                                         .napot = true};
    const struct walk_result result = mmu_probe(mmu, &request);
    *pa = result.pa;
    return result.reason == WALK_OK;
}

// --- Ranges --------------------------------------------------------------------------------------

struct collector {
    struct mappings *m;
    uint64_t ignored;
};

#define RANGE_FLAGS (UINT64_C(0xff) | PTE_PBMT | PTE_N)

static bool goes_on(const struct mapping *last, const struct mapping *next) {
    return last->va + last->bytes == next->va && last->pa + last->bytes == next->pa &&
           last->flags == next->flags;
}

static bool collect(void *context, const struct table_entry *e) {
    const struct collector *c = context;
    struct mappings *m = c->m;
    if (!e->leaf) return true;
    const struct mapping next = {.va = e->va,
                                 .pa = sv39_leaf_address(e->pte, e->level, e->va),
                                 .bytes = PAGE_SIZE << (SV39_INDEX_BITS * e->level),
                                 .flags = e->pte & RANGE_FLAGS & ~c->ignored,
                                 .level = e->level};
    if (m->count && goes_on(&m->list[m->count - 1], &next)) {
        m->list[m->count - 1].bytes += next.bytes;
        return true;
    }
    struct mapping *list = grow(m->list, m->count, &m->room, sizeof *list);
    if (!list) return false;
    m->list = list;
    m->list[m->count++] = next;
    return true;
}

void mappings_of(struct phys *phys, uint64_t root, bool ignore_ad, struct mappings *m) {
    struct collector c = {m, ignore_ad ? PTE_A | PTE_D : 0};
    *m = (struct mappings){0};
    m->failed = !tables_visit(phys, root, collect, &c);
}

void mappings_free(struct mappings *m) {
    free(m->list);
    *m = (struct mappings){0};
}
