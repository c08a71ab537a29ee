// SPDX-License-Identifier: MIT
// Where things are in the drawing, and what they are called (see layout.h).
#include "emu/view/layout.h"

#include <inttypes.h>
#include <stdio.h>

#include "emu/console/tables.h"

// Pixels.
#define MARGIN 14.0
#define TITLE  20.0
#define HEADER 34.0

// The number of columns, a multiple of 16, that makes the squares largest.
static struct grid grid_in(struct box box, uint32_t count) {
    struct grid g = {.box = box, .count = count, .columns = 16};
    for (uint32_t columns = 16; columns <= 2048; columns += 16) {
        const uint32_t rows = (count + columns - 1) / columns;
        double side = box.width / columns;
        if (rows && box.height / rows < side) side = box.height / rows;
        if (side > 1) side = (int)side;
        if (side > g.side) {
            g.side = side;
            g.columns = columns;
        }
    }
    return g;
}

struct layout layout_of(const struct picture *p, uint32_t width, uint32_t height) {
    const double w = width, h = height;
    const double left = 0.68 * w, right = w - left - MARGIN, body = h - HEADER;
    const double top = HEADER + TITLE, middle = HEADER + 0.50 * body, low = HEADER + 0.79 * body;
    struct layout l = {
        .tables = {MARGIN, middle + TITLE, left - 2 * MARGIN, low - middle - TITLE - MARGIN},
        .legend = {left, top, right, middle - top - MARGIN},
        .beats = {MARGIN, low, w - 2 * MARGIN, h - low - MARGIN},
    };
    const struct box frames = {MARGIN, top, left - 2 * MARGIN, middle - top - MARGIN};
    const struct box disk = {left, middle + TITLE, right, low - middle - TITLE - MARGIN};
    l.frames = grid_in(frames, p->frames);
    l.disk = grid_in(disk, p->sectors);
    l.table_row = l.tables.height / (double)PICTURE_TABLES;
    return l;
}

// --- What is where -------------------------------------------------------------------------------

static bool in_grid(const struct grid *g, double x, double y, uint32_t *number) {
    if (x < g->box.x || y < g->box.y || g->side <= 0) return false;
    const uint32_t column = (uint32_t)((x - g->box.x) / g->side);
    const uint32_t row = (uint32_t)((y - g->box.y) / g->side);
    *number = row * g->columns + column;
    return column < g->columns && row <= g->count / g->columns && *number < g->count;
}

struct spot layout_find(const struct layout *l, const struct picture *p, double x, double y) {
    struct spot spot = {.kind = SPOT_NOTHING};
    const struct box *t = &l->tables;
    if (in_grid(&l->frames, x, y, &spot.number)) {
        spot.kind = SPOT_FRAME;
    } else if (in_grid(&l->disk, x, y, &spot.number)) {
        spot.kind = SPOT_SECTOR;
    } else if (x >= t->x && x < t->x + t->width && y >= t->y && y < t->y + t->height) {
        spot.table = (unsigned)((y - t->y) / l->table_row);
        spot.number = (uint32_t)((x - t->x) / t->width * (double)TABLE_CELLS);
        if (spot.table < p->tables && spot.number < TABLE_CELLS) spot.kind = SPOT_ENTRY;
    }
    return spot;
}

// --- Names ---------------------------------------------------------------------------------------

static void frame_text(const struct picture *p, uint32_t number, char *text, size_t bytes) {
    const struct square *s = &p->frame[number];
    const uint64_t pa = p->ram_base + ((uint64_t)number << PAGE_SHIFT);
    char process[32] = "", mapped[32] = "";
    if (s->process) snprintf(process, sizeof process, " of process %u", s->process);
    if (s->maps) snprintf(mapped, sizeof mapped, ", mapped %u times", s->maps);
    snprintf(text, bytes, "frame 0x%" PRIx64 ": %s%s%s%s", pa,
             s->look == LOOK_PROCESS ? "page" : look_rows[s->look].text, process, mapped,
             s->age == 0           ? ", in use"
             : s->age < AGE_OLDEST ? ", used lately"
                                   : "");
}

static void entry_text(const struct picture *p, const struct spot *spot, char *text, size_t bytes) {
    const struct table_map *t = &p->table[spot->table];
    const uint64_t pte = t->pte[spot->number];
    const uint64_t va =
        t->va + ((uint64_t)spot->number << (PAGE_SHIFT + SV39_INDEX_BITS * t->level));
    snprintf(text, bytes,
             "PTE %u of the table at 0x%" PRIx64 ", level %u, for 0x%" PRIx64 ": 0x%" PRIx64 ", %s",
             spot->number, t->pa, t->level, va, pte, cell_rows[cell_of(pte, t->level)].text);
}

void spot_text(const struct picture *p, const struct spot *spot, char *text, size_t bytes) {
    text[0] = 0;
    if (spot->kind == SPOT_FRAME && spot->number < p->frames) {
        frame_text(p, spot->number, text, bytes);
    } else if (spot->kind == SPOT_ENTRY && spot->table < p->tables) {
        entry_text(p, spot, text, bytes);
    } else if (spot->kind == SPOT_SECTOR && spot->number < p->sectors) {
        const uint64_t sector = (uint64_t)spot->number * p->sector_pages * 8;
        snprintf(text, bytes, "disk in slot %u, sectors %" PRIu64 " to %" PRIu64 ": %s", p->slot,
                 sector, sector + 8 * p->sector_pages - 1,
                 sector_rows[p->sector[spot->number].look].text);
    }
}

bool spot_address(const struct picture *p, const struct spot *spot, uint64_t *pa) {
    if (spot->kind == SPOT_FRAME) {
        *pa = p->ram_base + ((uint64_t)spot->number << PAGE_SHIFT);
        return true;
    }
    if (spot->kind != SPOT_ENTRY || spot->table >= p->tables) return false;
    const struct table_map *t = &p->table[spot->table];
    const uint64_t pte = t->pte[spot->number];
    *pa = pte_address(pte);
    return pte & PTE_V;
}
