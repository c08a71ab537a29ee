// SPDX-License-Identifier: MIT
// The memory view's numbers, and the colours that stand for them (see picture.h).
#include "emu/view/picture.h"

#include <stdlib.h>
#include <string.h>

#include "mmu/walk.h"

const struct look_row look_rows[LOOKS] = {
#define LOOK(name, letter, colour, text) {letter, colour, text},
#define PROCESS(colour)
#include "emu/view/looks.def"
#undef LOOK
#undef PROCESS
};

static const uint32_t process_colours[] = {
#define LOOK(name, letter, colour, text)
#define PROCESS(colour) colour,
#include "emu/view/looks.def"
#undef LOOK
#undef PROCESS
};
enum { PROCESS_COLOURS = sizeof process_colours / sizeof *process_colours };

const struct sector_row sector_rows[SECTOR_LOOKS] = {
    [SECTOR_UNUSED] = {'.', 0x3a3a3a, "never touched"},
    [SECTOR_FILE] = {'f', 0xf0e442, "read"},
    [SECTOR_OUT] = {'o', 0xe69f00, "went out"},
    [SECTOR_BACK] = {'b', 0x56b4e9, "came back"},
};

const struct beat_row beat_rows[BEAT_KINDS] = {
    [BEAT_FAULTS] = {0xcc79a7, "page faults"},
    [BEAT_TLB_MISSES] = {0x56b4e9, "TLB misses"},
    [BEAT_PAGES_IN] = {0x009e73, "pages read"},
    [BEAT_PAGES_OUT] = {0xe69f00, "pages written"},
};

const struct cell_row cell_rows[CELLS] = {
    [CELL_EMPTY] = {'.', 0x2a2a2a, "nothing"},
    [CELL_TABLE] = {'T', 0xffffff, "a table"},
    [CELL_KERNEL] = {'k', 0xb0b0b0, "kernel's page"},
    [CELL_USER] = {'u', 0x56b4e9, "user's page"},
    [CELL_ABSENT] = {'s', 0xd55e00, "not in RAM (V=0, noted)"},
};

enum cell cell_of(uint64_t pte, unsigned level) {
    if (!(pte & PTE_V)) return pte ? CELL_ABSENT : CELL_EMPTY;
    if (!(pte & (PTE_R | PTE_W | PTE_X))) return level ? CELL_TABLE : CELL_ABSENT;
    return pte & PTE_U ? CELL_USER : CELL_KERNEL;
}

// --- Memory --------------------------------------------------------------------------------------

bool picture_make(struct picture *p, uint32_t frames, uint32_t sectors) {
    *p = (struct picture){.frames = frames, .sectors = sectors};
    p->frame = calloc(frames + 1, sizeof *p->frame);
    p->sector = calloc(sectors + 1, sizeof *p->sector);
    if (p->frame && p->sector) return true;
    picture_free(p);
    return false;
}

void picture_free(struct picture *p) {
    free(p->frame);
    free(p->sector);
    *p = (struct picture){0};
}

bool picture_copy(struct picture *to, const struct picture *from) {
    struct picture copy;
    if (!picture_make(&copy, from->frames, from->sectors)) {
        *to = (struct picture){0};
        return false;
    }
    *to = *from;
    to->frame = copy.frame;
    to->sector = copy.sector;
    memcpy(to->frame, from->frame, from->frames * sizeof *to->frame);
    memcpy(to->sector, from->sector, from->sectors * sizeof *to->sector);
    return true;
}

// --- Colours -------------------------------------------------------------------------------------

uint32_t process_colour(unsigned process) {
    return process_colours[(process + PROCESS_COLOURS - 1) % PROCESS_COLOURS];
}

// Full brightness for age 0, 45 % for the oldest.
static uint32_t aged(uint32_t colour, unsigned age) {
    const uint32_t percent = 100 - 55 * age / AGE_OLDEST;
    const uint32_t red = (colour >> 16) * percent / 100;
    const uint32_t green = (colour >> 8 & 0xff) * percent / 100;
    return red << 16 | green << 8 | (colour & 0xff) * percent / 100;
}

uint32_t square_colour(const struct square *s) {
    if (s->look == LOOK_FREE) return look_rows[LOOK_FREE].colour;
    if (s->look == LOOK_PROCESS) return aged(process_colour(s->process), s->age);
    return aged(look_rows[s->look].colour, s->age);
}

uint32_t sector_colour(const struct sector_square *s) {
    if (s->look == SECTOR_UNUSED) return sector_rows[SECTOR_UNUSED].colour;
    return aged(sector_rows[s->look].colour, s->age);
}
