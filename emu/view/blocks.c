// SPDX-License-Identifier: MIT
// The memory view as blocks of text (see blocks.h).
#include "emu/view/blocks.h"

#include <inttypes.h>

static void put_cell(FILE *to, bool colour, uint32_t rgb, char letter) {
    if (!colour) {
        fputc(letter, to);
        return;
    }
    // Dark letters on light colours, light ones on dark colours.
    const unsigned light = (rgb >> 16 & 0xff) * 2 + (rgb >> 8 & 0xff) * 5 + (rgb & 0xff);
    fprintf(to, "\033[48;2;%u;%u;%u;38;5;%um%c", rgb >> 16 & 0xff, rgb >> 8 & 0xff, rgb & 0xff,
            light > 8 * 96 ? 16U : 250U, letter);
}

static void end_cells(FILE *to, bool colour, const char *end) {
    fprintf(to, "%s%s", colour ? "\033[0m" : "", end);
}

static char letter_of(const struct square *s) {
    if (s->look == LOOK_PROCESS) return (char)('0' + s->process % 10);
    return look_rows[s->look].letter;
}

// Of the frames that share a cell, the one that says most: rows of looks.def stand in that order,
// and of two of a kind the one that was used last.
static const struct square *of_cell(const struct picture *p, uint32_t first, uint32_t count) {
    const struct square *best = &p->frame[first];
    for (uint32_t i = first + 1; i < first + count && i < p->frames; i++) {
        const struct square *s = &p->frame[i];
        if (s->look > best->look || (s->look == best->look && s->age < best->age)) best = s;
    }
    return best;
}

static void print_frames(const struct picture *p, bool colour, const char *end, FILE *to) {
    const uint32_t cells = BLOCK_COLUMNS * BLOCK_ROWS;
    const uint32_t each = (p->frames + cells - 1) / cells;
    fprintf(to, "cycle %" PRIu64 ", %u frames, %u in a cell%s", p->cycle, p->frames, each, end);
    for (unsigned i = 0; i < LOOKS; i++) {
        if (i) fputc(' ', to);
        put_cell(to, colour, look_rows[i].colour, look_rows[i].letter);
        fprintf(to, "%s %s", colour ? "\033[0m" : "", look_rows[i].text);
    }
    fputs(end, to);
    for (uint32_t row = 0; row * BLOCK_COLUMNS * each < p->frames; row++) {
        fprintf(to, "0x%010" PRIx64 " ", p->ram_base + (uint64_t)row * BLOCK_COLUMNS * each * 4096);
        for (uint32_t i = 0; i < BLOCK_COLUMNS; i++) {
            const uint32_t first = (row * BLOCK_COLUMNS + i) * each;
            if (first >= p->frames) break;
            const struct square *s = of_cell(p, first, each);
            put_cell(to, colour, square_colour(s), letter_of(s));
        }
        end_cells(to, colour, end);
    }
}

// Eight PTEs a cell: the one that says most.
static void print_table(const struct picture *p, const struct table_map *t, bool colour,
                        const char *end, FILE *to) {
    fprintf(to, "%u 0x%010" PRIx64 " ", t->level, t->va & 0xffffffffff);
    for (unsigned i = 0; i < TABLE_CELLS; i += TABLE_CELLS / BLOCK_COLUMNS) {
        enum cell best = CELL_EMPTY;
        for (unsigned k = i; k < i + TABLE_CELLS / BLOCK_COLUMNS; k++) {
            const enum cell cell = cell_of(t->pte[k], t->level);
            if (cell > best) best = cell;
        }
        put_cell(to, colour,
                 best == CELL_USER ? process_colour(p->process) : cell_rows[best].colour,
                 cell_rows[best].letter);
    }
    end_cells(to, colour, end);
}

static void print_disk(const struct picture *p, bool colour, const char *end, FILE *to) {
    const uint32_t each = (p->sectors + BLOCK_COLUMNS - 1) / BLOCK_COLUMNS;
    fprintf(to, "disk %u       ", p->slot);
    for (uint32_t i = 0; i < p->sectors; i += each) {
        struct sector_square best = p->sector[i];
        for (uint32_t k = i; k < i + each && k < p->sectors; k++) {
            if (p->sector[k].look > best.look) best = p->sector[k];
        }
        put_cell(to, colour, sector_colour(&best), sector_rows[best.look].letter);
    }
    end_cells(to, colour, end);
}

// The last BLOCK_COLUMNS beats, as high as they are of the highest.
static void print_beats(const struct picture *p, bool colour, unsigned kind, FILE *to) {
    static const char *const heights[] = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    enum { SHOWN = 25 }; // twice and their names: 80 columns
    const unsigned first = p->beats > SHOWN ? p->beats - SHOWN : 0;
    uint64_t most = 1;
    for (unsigned i = first; i < p->beats; i++) {
        if (p->beat[i].count[kind] > most) most = p->beat[i].count[kind];
    }
    const uint32_t rgb = beat_rows[kind].colour;
    fprintf(to, "%-14s", beat_rows[kind].text);
    if (colour) fprintf(to, "\033[38;2;%u;%u;%um", rgb >> 16, rgb >> 8 & 0xff, rgb & 0xff);
    for (unsigned i = first; i < p->beats; i++) {
        fputs(heights[(p->beat[i].count[kind] * 8 + most - 1) / most], to);
    }
    fprintf(to, "%s%*s", colour ? "\033[0m" : "", (int)(SHOWN - (p->beats - first) + 2), "");
}

void blocks_print(const struct picture *p, bool colour, const char *end, FILE *to) {
    print_frames(p, colour, end, to);
    if (p->process) fprintf(to, "page table of process %u:%s", p->process, end);
    for (unsigned i = 0; i < p->tables; i++) print_table(p, &p->table[i], colour, end, to);
    if (p->sectors) print_disk(p, colour, end, to);
    for (unsigned i = 0; i < BEAT_KINDS; i++) {
        print_beats(p, colour, i, to);
        if (i % 2) fputs(end, to);
    }
}
