// SPDX-License-Identifier: MIT
// What happened to memory since `record on` (see record.h).
#include "emu/console/record.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "emu/console/debugger.h"

void record_free(struct record_log *r) {
    free(r->write);
    free(r->heat);
    *r = (struct record_log){0};
}

static struct page_heat *heat_of(struct debugger *d, uint64_t pa) {
    if (!range_holds(d->m->ram_range, pa, 1)) return NULL;
    return &d->log.heat[(pa - d->m->ram_range.base) >> PAGE_SHIFT];
}

static void add(struct debugger *d, struct written w) {
    d->log.write[d->log.writes++ % RECORD_WRITES] = w;
}

void record_accessed(struct watcher *w, enum access access, uint64_t va, unsigned size,
                     uint64_t value) {
    uint64_t pa;
    if (!mmu_peek(&w->h->mmu, va, access, &pa)) return;
    struct page_heat *heat = heat_of(w->d, pa);
    if (!heat) return;
    if (access == ACCESS_LOAD) {
        heat->reads++;
        return;
    }
    heat->writes++;
    add(w->d, (struct written){.pa = pa,
                               .value = value,
                               .pc = w->pc,
                               .cycle = w->cycle,
                               .satp = w->h->csr.satp,
                               .size = (uint8_t)size,
                               .hart = (uint8_t)w->h->id,
                               .by = WRITER_STORE});
}

void record_executed(struct watcher *w, uint64_t pc) {
    uint64_t pa;
    struct page_heat *heat = mmu_peek(&w->h->mmu, pc, ACCESS_FETCH, &pa) ? heat_of(w->d, pa) : NULL;
    if (heat) heat->executions++;
}

void record_walk(struct watcher *w, const struct walk_result *result) {
    if (result->reason != WALK_OK || result->new_pte == result->pte) return;
    add(w->d, (struct written){.pa = result->pte_addr,
                               .value = result->new_pte,
                               .pc = w->pc,
                               .cycle = w->cycle,
                               .satp = w->h->csr.satp,
                               .size = 8,
                               .hart = (uint8_t)w->h->id,
                               .by = WRITER_WALK});
}

// The page that a fault was about: known when something is mapped there that refused.
void record_fault(struct watcher *w, uint64_t va) {
    const struct view view = view_of_hart(w->h);
    uint64_t pa;
    struct page_heat *heat = view_translate(w->d, &view, va, &pa) ? heat_of(w->d, pa) : NULL;
    if (heat) heat->faults++;
}

void record_disk_write(struct debugger *d, uint64_t pa, uint64_t bytes) {
    const struct hart *h = d->m->running ? d->m->running : d->m->hart[0];
    const struct watcher *w = &d->watcher[h->id];
    for (uint64_t at = 0; at < bytes; at += PAGE_SIZE - ((pa + at) & PAGE_MASK)) {
        const uint64_t room = PAGE_SIZE - ((pa + at) & PAGE_MASK);
        const uint64_t piece = bytes - at < room ? bytes - at : room;
        struct page_heat *heat = heat_of(d, pa + at);
        if (heat) heat->writes++;
        add(d, (struct written){.pa = pa + at,
                                .value = piece,
                                .pc = w->pc,
                                .cycle = w->cycle,
                                .satp = h->csr.satp,
                                .hart = (uint8_t)h->id,
                                .by = WRITER_DISK});
    }
}

// --- The commands --------------------------------------------------------------------------------

static bool start(struct debugger *d) {
    struct record_log *r = &d->log;
    record_free(r);
    r->pages = d->m->ram_range.size >> PAGE_SHIFT;
    r->write = calloc(RECORD_WRITES, sizeof *r->write);
    r->heat = calloc(r->pages, sizeof *r->heat);
    r->on = r->write && r->heat;
    if (!r->on) record_free(r);
    return r->on || out_fail(&d->out, "the host has not enough memory");
}

void command_record(struct debugger *d, struct args *a) {
    const char *word = args_word(a, 0);
    if (!word) {
        out_say(&d->out, "record", "recording is %s; %" PRIu64 " writes", d->log.on ? "on" : "off",
                d->log.writes);
    } else if (strcmp(word, "on") == 0) {
        start(d);
    } else if (strcmp(word, "off") == 0) {
        d->log.on = false; // what was recorded can still be asked for
    } else {
        out_fail(&d->out, "record: on or off, not '%s'", word);
    }
}

static uint64_t bytes_of(const struct written *w) {
    return w->by == WRITER_DISK ? w->value : w->size;
}

static void show_write(struct debugger *d, const struct written *w) {
    static const char *const by[] = {"store", "walk", "disk"};
    char suffix[SUFFIX_BYTES];
    out_count(&d->out, "cycle", 12, w->cycle);
    out_count(&d->out, "hart", 4, w->hart);
    out_cell(&d->out, "by", -5, "%s", by[w->by]);
    out_cell(&d->out, "pa", 14, "0x%012" PRIx64, w->pa);
    out_count(&d->out, "bytes", 5, bytes_of(w));
    if (w->by == WRITER_DISK) {
        out_cell(&d->out, "value", 18, "%s", "(a sector)");
    } else {
        out_cell(&d->out, "value", 18, "0x%0*" PRIx64, 2 * w->size, w->value);
    }
    out_cell(&d->out, "pc", 0, "0x%" PRIx64 "%s", w->pc,
             symbol_suffix(d, w->pc, satp_root_address(w->satp), suffix));
    out_row(&d->out);
}

static void show_writes(struct debugger *d, struct range what) {
    const struct record_log *r = &d->log;
    if (!r->write) {
        out_fail(&d->out, "nothing was recorded; record on does that from then on");
        return;
    }
    out_list(&d->out, "writes");
    const uint64_t first = r->writes > RECORD_WRITES ? r->writes - RECORD_WRITES : 0;
    for (uint64_t n = first; n < r->writes; n++) {
        const struct written *w = &r->write[n % RECORD_WRITES];
        if (range_meets(what, w->pa, bytes_of(w))) show_write(d, w);
    }
    out_list_end_or(&d->out, "nobody has written there since recording began");
    if (first) out_say(&d->out, NULL, "(only the last %d writes are kept)", RECORD_WRITES);
}

void command_whowrote(struct debugger *d, struct args *a) {
    struct view view;
    uint64_t address, bytes = 8, pa;
    if (!view_of_args(d, a, &view) || !expr_word(d, args_word(a, 0), &address)) return;
    if (a->words > 1 && !expr_word(d, a->word[1], &bytes)) return;
    if (!view_translate(d, &view, address, &pa)) {
        out_fail(&d->out, "0x%" PRIx64 " is not mapped; --phys takes a physical address", address);
        return;
    }
    if (bytes == 0 || bytes > UINT64_MAX - pa) bytes = 1;
    show_writes(d, (struct range){pa, bytes});
}

void record_pte_history(struct debugger *d, struct args *a) {
    uint64_t va;
    if (!expr_word(d, args_word(a, 1), &va)) return;
    struct walk_request request;
    const struct hart *h = debugger_hart(d);
    const char *space = args_option(a, "space");
    (void)mmu_request(&h->mmu, va, ACCESS_LOAD, &request);
    if (space && !spaces_root(d, space, &request.root)) return;
    request.privilege = PRIV_S;
    request.sum = request.mxr = true;
    const struct walk_result walk = mmu_probe(&debugger_hart(d)->mmu, &request);
    if (!walk.steps) {
        out_fail(&d->out, "0x%" PRIx64 ": %s", va, walk_reason_row(walk.reason)->text);
        return;
    }
    out_say(&d->out, "pte", "the PTE of level %u at 0x%" PRIx64 " is 0x%" PRIx64, walk.level,
            walk.pte_addr, walk.pte);
    show_writes(d, (struct range){walk.pte_addr, 8});
}
