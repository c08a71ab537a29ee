// SPDX-License-Identifier: MIT
// Learns what happens to memory, and looks (see camera.h).
#include "emu/view/camera.h"

#include <stdlib.h>
#include <string.h>

#include "emu/console/tables.h"

enum { PAGE_SECTORS = PAGE_SIZE / SECTOR_BYTES, FILM_BYTES = 64 << 20, MAX_PAGES = 1 << 20 };

struct frame_past *camera_past(const struct camera *c, uint64_t pa) {
    if (!range_holds(c->m->ram_range, pa, 1)) return NULL;
    return &c->past[(pa - c->m->ram_range.base) >> PAGE_SHIFT];
}

static void used(const struct camera *c, uint64_t pa) {
    struct frame_past *p = camera_past(c, pa);
    if (p) p->used = c->looks + 1;
}

// --- Address spaces ------------------------------------------------------------------------------

const struct seen_space *camera_space(const struct camera *c, uint64_t root) {
    for (unsigned i = 0; i < c->spaces; i++) {
        if (c->space[i].root == root) return &c->space[i];
    }
    return NULL;
}

static struct seen_space *note_space(struct camera *c, uint64_t root) {
    if (c->last_space < c->spaces && c->space[c->last_space].root == root) {
        return &c->space[c->last_space];
    }
    for (unsigned i = 0; i < c->spaces; i++) {
        if (c->space[i].root != root) continue;
        c->last_space = i;
        return &c->space[i];
    }
    if (c->spaces == CAMERA_SPACES) return NULL;
    c->last_space = c->spaces++;
    c->space[c->last_space] = (struct seen_space){.root = root};
    return &c->space[c->last_space];
}

bool camera_leads_to_vector(const struct camera *c, const struct seen_space *s) {
    uint64_t pa;
    return tables_lead(&c->m->hart[0]->mmu, s->root, s->vector, &pa) && pa == s->vector_pa;
}

// --- What it is told -----------------------------------------------------------------------------

void camera_walked(struct camera *c, struct hart *h, const struct walk_request *request,
                   const struct walk_result *result) {
    struct seen_space *s = note_space(c, request->root);
    if (s) {
        const bool known = s->vector == h->csr.stvec;
        if (!known && !tables_lead(&h->mmu, s->root, h->csr.stvec, &s->vector_pa)) return;
        s->vector = h->csr.stvec;
        s->walked = ++c->walks;
        if (request->privilege == PRIV_U && !s->process) s->process = ++c->processes;
    }
    for (unsigned i = 0; i < result->steps; i++) used(c, result->step[i].pte_addr);
    if (result->reason == WALK_OK) used(c, result->pa);
}

static void move_frame(struct camera *c, uint64_t pa, bool from_disk, bool file) {
    struct frame_past *p = camera_past(c, pa);
    if (!p) return;
    p->used = p->moved = c->looks + 1;
    if (!from_disk) return;
    p->file = file;
    p->state = FRAME_FILLED;
    p->idle = file ? LOOK_FILE : LOOK_KERNEL;
}

static void move_page(struct camera *c, struct seen_disk *disk, uint64_t page, bool to_disk) {
    struct page_past *p = &disk->page[page];
    p->used = c->looks + 1;
    if (to_disk) {
        disk->written += p->look < SECTOR_OUT;
        p->look = SECTOR_OUT;
    } else {
        p->look = p->look == SECTOR_OUT || p->look == SECTOR_BACK ? SECTOR_BACK : SECTOR_FILE;
    }
}

void camera_moved(struct camera *c, unsigned slot, enum blk_op op, uint64_t sector, uint64_t pa,
                  uint64_t bytes) {
    struct seen_disk *disk = &c->disk[slot];
    if ((op != BLK_READ && op != BLK_WRITE) || !disk->page) return;
    bool file = false;
    for (uint64_t at = 0; at < bytes; at += PAGE_SIZE) {
        const uint64_t page = (sector + at / SECTOR_BYTES) / PAGE_SECTORS;
        if (page >= disk->pages) continue;
        move_page(c, disk, page, op == BLK_WRITE);
        file = disk->page[page].look == SECTOR_FILE;
    }
    for (uint64_t at = pa & ~PAGE_MASK; at < pa + bytes; at += PAGE_SIZE) {
        move_frame(c, at, op == BLK_READ, file);
    }
    c->moved[op == BLK_READ ? BEAT_PAGES_IN : BEAT_PAGES_OUT] +=
        (bytes + PAGE_SIZE - 1) >> PAGE_SHIFT;
}

// --- Looking -------------------------------------------------------------------------------------

// Translations that the TLB served say that their pages are in use. The access tables serve without
// counting, so they start anew; with a timing core they belong to its model and are left alone.
static void see_tlb(struct camera *c, unsigned hart) {
    struct hart *h = c->m->hart[hart];
    const struct tlb_entry *entry = h->mmu.tlb.entry[0];
    for (unsigned i = 0; i < TLB_SETS * TLB_WAYS; i++) {
        const bool same = entry[i].hits == c->tlb_hits[hart][i];
        c->tlb_hits[hart][i] = entry[i].hits;
        if (same || !(entry[i].pte & PTE_V) || entry[i].level) continue;
        used(c, sv39_leaf_address(entry[i].pte, 0, entry[i].page));
    }
    if (!c->m->config.core) mmu_forget(&h->mmu);
}

// A beat of time has passed: what happened in it? Somebody who looks in the host's time would see
// nothing but the rest between two events, so most of that is left out.
static void count_beat(struct camera *c) {
    struct beat now = {.count = {[BEAT_PAGES_IN] = c->moved[BEAT_PAGES_IN],
                                 [BEAT_PAGES_OUT] = c->moved[BEAT_PAGES_OUT]}};
    for (unsigned i = 0; i < c->m->config.harts; i++) {
        now.count[BEAT_FAULTS] += c->m->hart[i]->faults;
        now.count[BEAT_TLB_MISSES] += c->m->hart[i]->mmu.stats.tlb_misses;
    }
    struct beat passed;
    uint64_t events = 0;
    for (unsigned i = 0; i < BEAT_KINDS; i++) {
        // A reset of the machine starts the counts anew.
        const uint64_t seen = now.count[i] >= c->seen[i] ? c->seen[i] : 0;
        passed.count[i] = now.count[i] - seen;
        c->seen[i] = now.count[i];
        events += passed.count[i];
    }
    c->quiet = events ? 0 : c->quiet + 1;
    if (!c->every && c->quiet > CAMERA_QUIET) return;
    struct picture *p = &c->picture;
    if (p->beats == BEATS) memmove(p->beat, p->beat + 1, (BEATS - 1) * sizeof *p->beat);
    if (p->beats < BEATS) p->beats++;
    p->beat[p->beats - 1] = passed;
}

static void add_table(struct picture *p, struct phys *phys, uint64_t pa, uint64_t va,
                      unsigned level) {
    const uint8_t *host = phys_host(phys, pa, PAGE_SIZE);
    if (!host) return;
    if (p->tables == PICTURE_TABLES) {
        p->more_tables++;
        return;
    }
    struct table_map *t = &p->table[p->tables++];
    t->pa = pa;
    t->va = va;
    t->level = level;
    memcpy(t->pte, host, sizeof t->pte);
}

struct collector {
    struct picture *picture;
    struct phys *phys;
};

static bool collect_table(void *context, const struct table_entry *e) {
    const struct collector *to = context;
    if (e->leaf || !e->level) return true;
    add_table(to->picture, to->phys, pte_address(e->pte), e->va, e->level - 1);
    return true;
}

// The tables of the space that was chosen or, where none was, of the process on hart 0, or of any.
static void see_tables(struct camera *c) {
    struct picture *p = &c->picture;
    const uint64_t satp = c->m->hart[0]->csr.satp;
    uint64_t root = c->chosen;
    if (!root && satp >> 60 == SATP_SV39) root = (satp & (PTE_PPN >> PTE_PPN_SHIFT)) << PAGE_SHIFT;
    const struct seen_space *space = camera_space(c, root);
    for (unsigned i = 0; !c->chosen && i < c->spaces && !(space && space->process); i++) {
        if (c->space[i].process) space = &c->space[i];
    }
    p->tables = p->more_tables = p->process = 0;
    p->root = space ? space->root : root;
    if (!p->root) return;
    if (space) p->process = space->process;
    add_table(p, &c->m->phys, p->root, 0, SV39_LEVELS - 1);
    tables_visit(&c->m->phys, p->root, collect_table,
                 &(struct collector){.picture = p, .phys = &c->m->phys});
}

void camera_next_space(struct camera *c) {
    const struct seen_space *now = camera_space(c, c->picture.root);
    const unsigned from = now ? (unsigned)(now - c->space) + 1 : 0;
    if (c->spaces) c->chosen = c->space[from % c->spaces].root;
    see_tables(c);
}

// Keeps a picture for the film. A full film forgets every other one, and keeps fewer from then on.
static void expose(struct camera *c) {
    if (c->film_skip++ % c->film_step) return;
    if (c->filmed == c->film_room) {
        unsigned kept = 0;
        for (unsigned i = 0; i < c->filmed; i++) {
            if (i % 2) {
                picture_free(&c->film[i]);
            } else {
                c->film[kept++] = c->film[i];
            }
        }
        c->filmed = kept;
        c->film_step *= 2;
        c->film_skip = 1;
    }
    if (picture_copy(&c->film[c->filmed], &c->picture)) c->filmed++;
}

void camera_look(struct camera *c) {
    for (unsigned i = 0; i < c->m->config.harts; i++) see_tlb(c, i);
    c->looks++;
    c->picture.cycle = machine_now(c->m);
    camera_see_frames(c);
    see_tables(c);
    // Who looks in between does not end the beat: it would be a short one, with little in it.
    if (c->every && c->picture.cycle >= c->next) count_beat(c);
    expose(c);
}

void camera_poll(struct camera *c) {
    const uint64_t now = machine_now(c->m);
    if (now < c->next) return;
    if (c->every) {
        camera_look(c);
    } else {
        count_beat(c);
    }
    c->next = now + (c->every ? c->every : CAMERA_EVERY);
}

// --- Life ----------------------------------------------------------------------------------------

static bool make_disks(struct camera *c) {
    for (unsigned i = 0; i < VIRTIO_MMIO_SLOTS; i++) {
        struct virtio *device = virtio_mmio_device(c->m->slot[i]);
        if (!device || !virtio_is_blk(device)) continue;
        struct seen_disk *disk = &c->disk[i];
        disk->pages = disk_capacity(virtio_blk_disk(device)) / PAGE_SECTORS;
        if (disk->pages > MAX_PAGES) disk->pages = MAX_PAGES;
        disk->page = calloc(disk->pages + 1, sizeof *disk->page);
        if (!disk->page) return false;
    }
    return true;
}

struct camera *camera_create(struct machine *m, uint64_t every) {
    struct camera *c = calloc(1, sizeof *c);
    if (!c) return NULL;
    const uint64_t frames = m->ram_range.size >> PAGE_SHIFT;
    c->m = m;
    c->every = c->picture.every = every;
    c->film_step = 1;
    c->past = calloc(frames, sizeof *c->past);
    c->survey = calloc(frames, sizeof *c->survey);
    c->tlb_hits = calloc(m->config.harts, sizeof *c->tlb_hits);
    const bool good = c->past && c->survey && c->tlb_hits && make_disks(c) &&
                      picture_make(&c->picture, (uint32_t)frames, CAMERA_SQUARES);
    if (!good) {
        camera_destroy(c);
        return NULL;
    }
    c->picture.every = every;
    c->picture.ram_base = m->ram_range.base;
    const uint64_t bytes = sizeof c->picture + frames * sizeof *c->picture.frame;
    const uint64_t room = FILM_BYTES / bytes;
    c->film_room = room > CAMERA_FILM ? CAMERA_FILM : room < 2 ? 2 : (unsigned)room;
    return c;
}

void camera_destroy(struct camera *c) {
    if (!c) return;
    for (unsigned i = 0; i < c->filmed; i++) picture_free(&c->film[i]);
    for (unsigned i = 0; i < VIRTIO_MMIO_SLOTS; i++) free(c->disk[i].page);
    picture_free(&c->picture);
    free(c->tlb_hits);
    free(c->survey);
    free(c->past);
    free(c);
}
