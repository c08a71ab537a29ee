// SPDX-License-Identifier: MIT
// Where in a picture's drawing things are, so that it can be drawn and pointed at by the same rule.
#ifndef TABLEWALK_EMU_VIEW_LAYOUT_H
#define TABLEWALK_EMU_VIEW_LAYOUT_H

#include "emu/view/picture.h"

enum { DRAWING_WIDTH = 1100, DRAWING_HEIGHT = 800, DRAWING_LEAST = 400 }; // pixels

// Pixels from x, y on.
struct box {
    double x, y, width, height;
};

// Squares in rows: `columns` in a row, each `side` pixels.
struct grid {
    struct box box;
    uint32_t count, columns;
    double side;
};

struct layout {
    struct grid frames, disk;
    struct box tables, legend, beats;
    double table_row; // pixels from one table's row to the next
};
struct layout layout_of(const struct picture *p, uint32_t width, uint32_t height);

// What is at a place.
enum spot_kind { SPOT_NOTHING, SPOT_FRAME, SPOT_ENTRY, SPOT_SECTOR };
struct spot {
    enum spot_kind kind;
    uint32_t number; // of the frame, of the entry in its table, of the disk's square
    unsigned table;
};
struct spot layout_find(const struct layout *l, const struct picture *p, double x, double y);

// One line that says what it is; "" for nothing.
void spot_text(const struct picture *p, const struct spot *spot, char *text, size_t bytes);
// The physical address that the console should tell more of. false: there is none.
bool spot_address(const struct picture *p, const struct spot *spot, uint64_t *pa);

#endif
