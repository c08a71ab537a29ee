// SPDX-License-Identifier: MIT
// A terminal that is split: the memory view in its upper lines, the guest's text scrolls below.
#ifndef TABLEWALK_EMU_VIEW_SPLIT_H
#define TABLEWALK_EMU_VIEW_SPLIT_H

#include <stdio.h>

#include "emu/view/picture.h"

// All 0 before the first picture.
struct split {
    unsigned rows, columns; // of the terminal, as it is split now
};

enum { SPLIT_BELOW = 6 }; // lines that the guest has at least

// Draws the picture in a terminal of so many rows and columns, and splits it first where it is not
// split yet or has another size now. What does not fit is cut off; in fewer than 2 * SPLIT_BELOW
// rows nothing is drawn.
void split_draw(struct split *s, const struct picture *p, unsigned rows, unsigned columns,
                FILE *to);

// The guest, or whoever comes after it, has the whole terminal again.
void split_end(struct split *s, FILE *to);

#endif
