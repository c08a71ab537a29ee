// SPDX-License-Identifier: MIT
// What each frame and each page of the disk is, at one look (see camera.h).
#include <stdlib.h>
#include <string.h>

#include "emu/console/tables.h"
#include "emu/view/camera.h"

enum { CHECKED_A_LOOK = 1024 }; // frames whose bytes are looked at, so that a look stays short

// 0 for a page of zeros.
static uint64_t sum_of(const struct camera *c, uint64_t number) {
    const uint8_t *host = c->m->ram + (number << PAGE_SHIFT);
    uint64_t sum = 0;
    for (uint64_t i = 0; i < PAGE_SIZE; i += 8) {
        uint64_t word;
        memcpy(&word, host + i, sizeof word);
        sum += word * (2 * i + 1);
    }
    return sum;
}

// No table speaks of the frame: are its bytes what its last owner, or a disk, left there?
static void check_idle(const struct camera *c, uint64_t number) {
    struct frame_past *p = &c->past[number];
    const uint64_t sum = sum_of(c, number);
    if (p->state == FRAME_FILLED) {
        p->state = FRAME_LEFT;
        p->sum = sum;
    } else if (p->state != FRAME_LEFT || p->sum != sum) {
        p->state = FRAME_PLAIN;
        p->file = false;
        p->idle = sum ? LOOK_KERNEL : LOOK_FREE;
    }
}

static void give_up(const struct camera *c, uint64_t number) {
    struct frame_past *p = &c->past[number];
    p->state = FRAME_LEFT;
    p->sum = sum_of(c, number);
    p->idle = p->file ? LOOK_FILE : LOOK_FREE;
}

static void take_over(const struct camera *c, uint64_t number) {
    struct frame_past *p = &c->past[number];
    if (p->state == FRAME_LEFT && p->file) p->file = sum_of(c, number) == p->sum;
    p->state = FRAME_OWNED;
}

static uint8_t age_of(const struct camera *c, uint32_t used) {
    if (!used) return AGE_OLDEST;
    const uint32_t age = c->looks - used;
    return age > AGE_OLDEST ? AGE_OLDEST : (uint8_t)age;
}

static void see_frame(const struct camera *c, uint64_t number) {
    const struct frame *f = &c->survey[number];
    struct frame_past *p = &c->past[number];
    struct square *s = &c->picture.frame[number];
    const bool owned = f->kind == FRAME_USER || f->kind == FRAME_TABLE;
    if (owned && p->state != FRAME_OWNED) take_over(c, number);
    if (!owned && p->state == FRAME_OWNED) give_up(c, number);
    const struct seen_space *space = owned ? camera_space(c, f->root) : NULL;
    *s = (struct square){.age = age_of(c, p->used), .maps = f->maps};
    s->process = space ? (uint8_t)space->process : 0;
    if (p->moved && p->moved == c->looks) {
        s->look = LOOK_MOVING;
    } else if (f->kind == FRAME_TABLE) {
        s->look = LOOK_TABLE;
    } else if (f->kind == FRAME_USER) {
        s->look = p->file && !(f->flags & PTE_W) ? LOOK_FILE : LOOK_PROCESS;
    } else {
        s->look = p->idle;
    }
}

// The disk that was written to most: where pages are swapped to. Else the first.
static void see_disk(struct camera *c) {
    const struct seen_disk *best = NULL;
    for (unsigned i = 0; i < VIRTIO_MMIO_SLOTS; i++) {
        const struct seen_disk *disk = &c->disk[i];
        if (disk->page && (!best || disk->written > best->written)) best = disk;
    }
    struct picture *p = &c->picture;
    p->sectors = 0;
    if (!best) return;
    p->slot = (unsigned)(best - c->disk);
    p->sector_pages = (unsigned)((best->pages + CAMERA_SQUARES - 1) / CAMERA_SQUARES);
    for (uint64_t i = 0; i < best->pages; i++) {
        const struct page_past *page = &best->page[i];
        struct sector_square *s = &p->sector[i / p->sector_pages];
        const uint8_t age = age_of(c, page->used);
        if (i % p->sector_pages == 0) {
            p->sectors++;
            *s = (struct sector_square){page->look, age};
        }
        if (page->look > s->look) s->look = page->look;
        if (age < s->age) s->age = age;
    }
}

// --- Which spaces live ---------------------------------------------------------------------------

// Frames that a table claims, against those that are claimed already.
struct claim {
    const struct camera *c;
    bool contradicts;
    bool owns; // a user's page, or a note of one that is not in RAM
};

// Does a table of the lowest level have an entry for a user?
static bool has_user_entries(const struct camera *c, uint64_t table) {
    const uint8_t *host = phys_host(&c->m->phys, table, PAGE_SIZE);
    for (unsigned i = 0; host && i < PAGE_SIZE; i += 8) {
        uint64_t pte;
        memcpy(&pte, host + i, sizeof pte);
        if (pte && (!(pte & PTE_V) || (pte & PTE_U))) return true;
    }
    return false;
}

static bool is_garbage(const struct table_entry *e) {
    return (e->pte & PTE_RESERVED) ||
           (!e->leaf && (!e->level || (e->pte & (PTE_U | PTE_A | PTE_D))));
}

static bool check_claim(void *context, const struct table_entry *e) {
    struct claim *claim = context;
    const struct camera *c = claim->c;
    const struct range ram = c->m->ram_range;
    const uint64_t pa = pte_address(e->pte);
    claim->contradicts |= is_garbage(e);
    claim->owns = claim->owns || (e->leaf && (e->pte & PTE_U)) ||
                  (!e->leaf && e->level == 1 && has_user_entries(c, pa));
    if (range_holds(ram, pa, 1)) {
        const struct frame *f = &c->survey[(pa - ram.base) >> PAGE_SHIFT];
        const bool table = f->kind == FRAME_TABLE;
        if (e->leaf) {
            claim->contradicts |= table && (e->pte & PTE_U);
        } else {
            claim->contradicts |= f->kind == FRAME_USER || (table && f->level + 1u != e->level);
        }
    }
    return !claim->contradicts;
}

static bool lives(const struct camera *c, const struct seen_space *s) {
    const struct range ram = c->m->ram_range;
    struct claim claim = {.c = c};
    if (!camera_leads_to_vector(c, s)) return false;
    if (range_holds(ram, s->root, 1)) {
        const struct frame *f = &c->survey[(s->root - ram.base) >> PAGE_SHIFT];
        if (f->kind == FRAME_USER || f->kind == FRAME_TABLE) return false;
    }
    tables_visit(&c->m->phys, s->root, check_claim, &claim);
    // A process that has nothing any more and did not run lately has ended.
    return !claim.contradicts && (claim.owns || !s->process || s->walked == c->walks);
}

static int later_first(const void *a, const void *b) {
    const struct seen_space *x = a, *y = b;
    return (x->walked < y->walked) - (x->walked > y->walked);
}

// The space that was walked last is right; another that contradicts it, or makes no sense, has died
// and its tables hold something else now.
static void see_spaces(struct camera *c) {
    unsigned kept = 0;
    qsort(c->space, c->spaces, sizeof *c->space, later_first);
    memset(c->survey, 0, c->picture.frames * sizeof *c->survey);
    for (unsigned i = 0; i < c->spaces; i++) {
        if (!lives(c, &c->space[i])) continue;
        frames_survey(&c->m->phys, c->m->ram_range, &c->space[i].root, 1, c->survey);
        c->space[kept++] = c->space[i];
    }
    c->spaces = kept;
    c->last_space = 0;
    if (!camera_space(c, c->chosen)) c->chosen = 0;
}

void camera_see_frames(struct camera *c) {
    const uint64_t frames = c->picture.frames;
    see_spaces(c);
    const uint64_t checks = frames < CHECKED_A_LOOK || c->looks == 1 ? frames : CHECKED_A_LOOK;
    for (uint64_t i = 0; i < checks; i++) {
        const uint64_t number = c->checked++ % frames;
        if (c->past[number].state != FRAME_OWNED) check_idle(c, number);
    }
    c->checked %= (uint32_t)frames;
    for (uint64_t i = 0; i < frames; i++) see_frame(c, i);
    see_disk(c);
}
