// SPDX-License-Identifier: MIT
// The memory view at one moment, as numbers: what each frame of RAM is and when it was last used,
// one address space's page table, a disk's sectors, and what happened in the last beats of time.
// Three painters make something to look at of it: emu/view/draw.h pixels, emu/view/blocks.h text,
// emu/view/animation.h a film. A picture knows nothing of the machine.
#ifndef TABLEWALK_EMU_VIEW_PICTURE_H
#define TABLEWALK_EMU_VIEW_PICTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum look {
#define LOOK(name, letter, colour, text) LOOK_##name,
#define PROCESS(colour)
#include "emu/view/looks.def"
#undef LOOK
#undef PROCESS
    LOOKS
};

// One row of looks.def.
struct look_row {
    char letter;
    uint32_t colour;
    const char *text;
};
extern const struct look_row look_rows[LOOKS];

enum { AGE_OLDEST = 15 }; // in beats; older ones look the same

struct square {
    uint8_t look; // enum look
    uint8_t age;  // 0: used since the picture before; AGE_OLDEST: long ago
    uint8_t process, maps;
};

// What a page of a disk, eight sectors, was used for.
enum sector_look { SECTOR_UNUSED, SECTOR_FILE, SECTOR_OUT, SECTOR_BACK, SECTOR_LOOKS };
struct sector_row {
    char letter;
    uint32_t colour;
    const char *text;
};
extern const struct sector_row sector_rows[SECTOR_LOOKS];
struct sector_square {
    uint8_t look; // enum sector_look
    uint8_t age;
};

// One page table: its 512 entries.
enum { PICTURE_TABLES = 8, TABLE_CELLS = 512 };
struct table_map {
    uint64_t va, pa; // of the first byte that it maps; of the table
    unsigned level;
    uint64_t pte[TABLE_CELLS];
};

// What happened between two pictures.
enum beat_kind { BEAT_FAULTS, BEAT_TLB_MISSES, BEAT_PAGES_IN, BEAT_PAGES_OUT, BEAT_KINDS };
struct beat_row {
    uint32_t colour;
    const char *text;
};
extern const struct beat_row beat_rows[BEAT_KINDS];
enum { BEATS = 256 };
struct beat {
    uint64_t count[BEAT_KINDS];
};

struct picture {
    uint64_t cycle, every; // the beats' length in cycles
    uint64_t ram_base;     // physical address of the first frame
    uint32_t frames;
    struct square *frame;
    struct table_map table[PICTURE_TABLES];
    unsigned tables, more_tables; // more: that the space has, and are not shown
    uint64_t root;                // of the space whose tables these are; 0: none
    unsigned process;             // its number
    unsigned slot;                // of the disk
    uint32_t sectors;             // squares of the disk
    unsigned sector_pages;        // pages in a square
    struct sector_square *sector;
    unsigned beats;
    struct beat beat[BEATS]; // the newest last
};

// The memory for a picture of so many frames and disk pages. false: the host has none.
bool picture_make(struct picture *p, uint32_t frames, uint32_t sectors);
void picture_free(struct picture *p);
// The same picture in other memory. false: the host has none, and *to is empty.
bool picture_copy(struct picture *to, const struct picture *from);

// 0xRRGGBB of a square: what it is, darker the longer ago it was used.
uint32_t square_colour(const struct square *s);
uint32_t sector_colour(const struct sector_square *s);
uint32_t process_colour(unsigned process);

// What a PTE leads to.
enum cell { CELL_EMPTY, CELL_TABLE, CELL_KERNEL, CELL_USER, CELL_ABSENT, CELLS };
struct cell_row {
    char letter;
    uint32_t colour;
    const char *text;
};
extern const struct cell_row cell_rows[CELLS];
enum cell cell_of(uint64_t pte, unsigned level);

#endif
