// SPDX-License-Identifier: MIT
// What would have let an access pass. A remedy is not only said but tried: the walk is made again
// over memory as it would be, and goes on to the next rule, or to the end.
#include <string.h>

#include "emu/console/translate.h"

enum remedy_what { NONE, PTE, CLEAR, MODE };

static const struct {
    enum remedy_what what;
    uint64_t bits;
    const char *text;
} rows[WALK_REASONS] = {
#define REMEDY(reason, what, bits, text) [WALK_##reason] = {what, bits, text},
#include "emu/console/remedies.def"
#undef REMEDY
};

// Each rule has its row, OK apart.
enum {
    REMEDIES = 1
#define REMEDY(...) +1
#include "emu/console/remedies.def"
#undef REMEDY
};
_Static_assert((int)REMEDIES == (int)WALK_REASONS, "remedies.def lacks a rule of walk.def");

// Memory with some PTEs as they were, or would be.
struct changed {
    struct mmu *m;
    const struct walk_result *then;
    const struct cure *cure;
};

static enum walk_reason read_changed(void *context, uint64_t pa, uint64_t *pte) {
    const struct changed *c = context;
    if (!pmp_allows(&c->m->pmp, pa, sizeof *pte, ACCESS_LOAD, PRIV_S)) return WALK_TABLE_PMP;
    const uint8_t *host = phys_host(c->m->phys, pa, sizeof *pte);
    if (!host) return WALK_TABLE_OUTSIDE_MEMORY;
    memcpy(pte, host, sizeof *pte);
    for (unsigned i = 0; c->then && i < c->then->steps; i++) {
        if (c->then->step[i].pte_addr == pa) *pte = c->then->step[i].pte;
    }
    for (unsigned i = 0; i < c->cure->remedies; i++) {
        if (c->cure->remedy[i].pte_addr == pa) *pte = c->cure->remedy[i].new_pte;
    }
    return WALK_OK;
}

static struct remedy remedy_of(const struct walk_result *walk) {
    struct remedy r = {.reason = walk->reason,
                       .text = rows[walk->reason].text,
                       .pte_addr = walk->pte_addr,
                       .old_pte = walk->pte,
                       .new_pte = walk->pte};
    if (rows[walk->reason].what == PTE) r.new_pte |= rows[walk->reason].bits;
    if (rows[walk->reason].what == CLEAR) r.new_pte &= ~rows[walk->reason].bits;
    return r;
}

void cure_find(struct mmu *m, struct walk_request request, const struct walk_result *then,
               struct cure *cure) {
    struct changed memory = {m, then, cure};
    cure->remedies = 0;
    for (;;) {
        const struct walk_result walk = sv39_walk(&request, read_changed, &memory);
        cure->pa = walk.pa;
        cure->passes = walk.reason == WALK_OK;
        if (cure->passes || cure->remedies == MAX_REMEDIES) return;
        cure->remedy[cure->remedies++] = remedy_of(&walk);
        const enum remedy_what what = rows[walk.reason].what;
        if (what == NONE) return;
        if (what == MODE) request.sum = true;
    }
}
