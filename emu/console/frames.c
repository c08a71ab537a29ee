// SPDX-License-Identifier: MIT
// frames: what each page of RAM is, from what the page tables of the spaces that were seen say.
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "emu/console/debugger.h"
#include "emu/console/frames.h"

struct surveyor {
    struct range ram;
    struct frame *frame;
    uint64_t root;
};

static struct frame *frame_at(const struct surveyor *s, uint64_t pa) {
    if (!range_holds(s->ram, pa, 1)) return NULL;
    return &s->frame[(pa - s->ram.base) >> PAGE_SHIFT];
}

static void note_table(const struct surveyor *s, uint64_t pa, uint64_t va, unsigned level) {
    struct frame *f = frame_at(s, pa);
    if (!f) return;
    f->kind = FRAME_TABLE;
    f->level = (uint8_t)level;
    f->va = va;
    f->root = s->root;
}

static void note_page(const struct surveyor *s, uint64_t pa, uint64_t va, uint64_t pte) {
    struct frame *f = frame_at(s, pa);
    const enum frame_kind kind = pte & PTE_U ? FRAME_USER : FRAME_KERNEL;
    if (!f || f->kind == FRAME_TABLE) return;
    f->flags |= pte & (PTE_R | PTE_W | PTE_X);
    if (kind == FRAME_USER && f->maps++ == UINT8_MAX) f->maps = UINT8_MAX;
    if (kind <= f->kind) return;
    f->kind = (uint8_t)kind;
    f->flags = pte & (PTE_R | PTE_W | PTE_X);
    f->va = va;
    f->root = s->root;
}

static bool survey_tables(void *context, const struct table_entry *e) {
    if (!e->leaf && e->level) note_table(context, pte_address(e->pte), e->va, e->level - 1);
    return true;
}

static bool survey_pages(void *context, const struct table_entry *e) {
    const struct surveyor *s = context;
    const struct range ram = s->ram;
    if (!e->leaf) return true;
    const uint64_t pa = sv39_leaf_address(e->pte, e->level, e->va);
    const uint64_t bytes = PAGE_SIZE << (SV39_INDEX_BITS * e->level);
    // A gigapage may be far larger than RAM.
    const uint64_t first = pa < ram.base ? ram.base - pa : 0;
    for (uint64_t at = first; at < bytes && pa + at < ram.base + ram.size; at += PAGE_SIZE) {
        note_page(s, pa + at, e->va + at, e->pte);
    }
    return true;
}

void frames_survey(struct phys *phys, struct range ram, const uint64_t *root, unsigned roots,
                   struct frame *frame) {
    struct surveyor s = {.ram = ram, .frame = frame};
    static const table_visitor visits[] = {survey_tables, survey_pages};
    for (unsigned pass = 0; pass < 2; pass++) {
        for (unsigned i = 0; i < roots; i++) {
            s.root = root[i];
            if (pass == 0) note_table(&s, s.root, 0, SV39_LEVELS - 1);
            tables_visit(phys, s.root, visits[pass], &s);
        }
    }
}

static void note_transfers(const struct spaces *spaces, const struct surveyor *s) {
    const uint64_t kept = spaces->transfers < MAX_TRANSFERS ? spaces->transfers : MAX_TRANSFERS;
    for (uint64_t i = 0; i < kept; i++) {
        const struct transfer *t = &spaces->transfer[i];
        for (uint64_t at = 0; at < t->bytes; at += PAGE_SIZE) {
            struct frame *f = frame_at(s, t->pa + at);
            if (f) f->moved = true;
        }
    }
}

static void survey(struct debugger *d, struct frame *frame) {
    const struct spaces *spaces = &d->spaces;
    uint64_t root[MAX_SPACES];
    unsigned roots = 0;
    for (unsigned i = 0; i < spaces->count; i++) {
        const struct space *s = &spaces->space[i];
        if (spaces_translates(d, s)) root[roots++] = satp_root_address(s->satp);
    }
    frames_survey(&d->m->phys, d->m->ram_range, root, roots, frame);
    note_transfers(spaces, &(struct surveyor){.ram = d->m->ram_range, .frame = frame});
}

static bool same_kind(const struct frame *a, const struct frame *b) {
    return a->kind == b->kind && a->level == b->level && a->flags == b->flags &&
           a->moved == b->moved && a->maps == b->maps &&
           (a->kind < FRAME_USER ||
            (a->root == b->root && a->kind != FRAME_TABLE && a->va == b->va));
}

static void kind_text(const struct frame *f, char text[static 40]) {
    static const char *const names[] = {"unmapped", "kernel", "user", "page table"};
    const char *detail = "";
    if (f->kind == FRAME_KERNEL || f->kind == FRAME_USER) {
        detail = f->flags & PTE_X ? f->flags & PTE_W ? " code+data" : " code" : " data";
    }
    if (f->kind == FRAME_TABLE) {
        snprintf(text, 40, "page table, level %u", f->level);
    } else {
        snprintf(text, 40, "%s%s", names[f->kind], detail);
    }
}

static void show_frames(struct debugger *d, const struct frame *f, uint64_t pa, uint64_t pages) {
    char text[40];
    kind_text(f, text);
    out_cell(&d->out, "pa", 14, "0x%012" PRIx64, pa);
    out_count(&d->out, "pages", 7, pages);
    out_cell(&d->out, "what", -20, "%s", text);
    out_cell(&d->out, "disk", -4, "%s", f->moved ? "yes" : "");
    out_count(&d->out, "maps", 4, f->maps);
    if (f->kind >= FRAME_USER) {
        out_cell(&d->out, "where", 0, "space 0x%" PRIx64 ", va 0x%" PRIx64, f->root, f->va);
    } else {
        out_cell(&d->out, "where", 0, "%s", "");
    }
    out_row(&d->out);
}

// --- frames PA -----------------------------------------------------------------------------------

// The transfers and the recorded writes of one frame.
static void show_history(struct debugger *d, uint64_t pa) {
    const struct spaces *s = &d->spaces;
    const struct range page = {pa & ~PAGE_MASK, PAGE_SIZE};
    const uint64_t first = s->transfers > MAX_TRANSFERS ? s->transfers - MAX_TRANSFERS : 0;
    out_list(&d->out, "transfers");
    for (uint64_t n = s->transfers; n-- > first;) {
        const struct transfer *t = &s->transfer[n % MAX_TRANSFERS];
        if (!range_meets(page, t->pa, t->bytes)) continue;
        out_count(&d->out, "cycle", 12, t->cycle);
        out_count(&d->out, "slot", 4, t->disk);
        out_cell(&d->out, "disk", -8, "%s", t->op == BLK_READ ? "read in" : "written");
        out_count(&d->out, "sector", 0, t->sector);
        out_row(&d->out);
    }
    out_list_end(&d->out);
    if (!d->log.heat) return;
    const struct page_heat *h = &d->log.heat[(page.base - d->m->ram_range.base) >> PAGE_SHIFT];
    out_say(&d->out, "heat",
            "recorded: %" PRIu64 " reads, %" PRIu64 " writes, %" PRIu64 " executions, %" PRIu64
            " faults",
            h->reads, h->writes, h->executions, h->faults);
}

// What it is, who maps it, and what happened to it.
static void show_frame(struct debugger *d, const struct frame *f, uint64_t pa) {
    char text[40];
    kind_text(f, text);
    out_say(&d->out, "what", "frame 0x%" PRIx64 ": %s%s", pa & ~PAGE_MASK, text,
            f->moved ? ", moved by a disk" : "");
    spaces_list_owners(d, pa & ~PAGE_MASK);
    show_history(d, pa);
}

// --- The command ---------------------------------------------------------------------------------

static void show_all(struct debugger *d, const struct frame *frame, uint64_t pages) {
    out_list(&d->out, "frames");
    for (uint64_t i = 0, n; i < pages; i += n) {
        for (n = 1; i + n < pages && same_kind(&frame[i], &frame[i + n]); n++) {
        }
        show_frames(d, &frame[i], d->m->ram_range.base + (i << PAGE_SHIFT), n);
    }
    out_list_end(&d->out);
}

void command_frames(struct debugger *d, struct args *a) {
    const struct range ram = d->m->ram_range;
    const uint64_t pages = ram.size >> PAGE_SHIFT;
    uint64_t pa = 0;
    if (a->words && !expr_word(d, a->word[0], &pa)) return;
    if (a->words && !range_holds(ram, pa, 1)) {
        out_fail(&d->out, "frames: 0x%" PRIx64 " is not in RAM", pa);
        return;
    }
    struct frame *frame = calloc(pages, sizeof *frame);
    if (!frame) {
        out_fail(&d->out, "the host has not enough memory");
        return;
    }
    (void)spaces_note(&d->spaces, debugger_hart(d)->csr.satp);
    survey(d, frame);
    if (a->words) {
        show_frame(d, &frame[(pa - ram.base) >> PAGE_SHIFT], pa);
    } else {
        show_all(d, frame, pages);
    }
    free(frame);
}
