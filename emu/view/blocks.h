// SPDX-License-Identifier: MIT
// The same picture of memory as text: for a terminal, with or without colours.
#ifndef TABLEWALK_EMU_VIEW_BLOCKS_H
#define TABLEWALK_EMU_VIEW_BLOCKS_H

#include <stdio.h>

#include "emu/view/picture.h"

enum { BLOCK_COLUMNS = 64, BLOCK_ROWS = 16, BLOCK_LINES = BLOCK_ROWS + 4 + PICTURE_TABLES + 3 };

// Prints at most BLOCK_LINES lines. colour: by ANSI's escape sequences. end: of a line.
void blocks_print(const struct picture *p, bool colour, const char *end, FILE *to);

#endif
