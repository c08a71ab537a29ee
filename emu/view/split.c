// SPDX-License-Identifier: MIT
// The memory view on a terminal (see split.h). The guest's lines are the terminal's scrolling
// region, and its cursor is put back after each picture, so the guest need not know.
#include "emu/view/split.h"

#include <stdlib.h>
#include <string.h>

#include "emu/view/blocks.h"

// Lines above the guest's, an empty one among them.
static unsigned upper_lines(unsigned rows) {
    return rows < BLOCK_LINES + 1 + SPLIT_BELOW ? rows - SPLIT_BELOW : BLOCK_LINES + 1;
}

static void split(struct split *s, unsigned rows, unsigned columns, FILE *to) {
    const unsigned first = upper_lines(rows) + 1;
    s->rows = rows;
    s->columns = columns;
    fprintf(to, "\033[2J\033[%u;%ur\033[%u;1H", first, rows, first);
}

// The text's first lines, and empty ones where there are not so many. They end at the terminal's
// right edge: wrapping is off.
static void put_lines(const char *text, unsigned lines, FILE *to) {
    fputs("\0337\033[?7l\033[H", to);
    for (unsigned i = 0; i < lines; i++) {
        const size_t length = strcspn(text, "\n");
        fprintf(to, "%.*s\033[K%s", (int)length, text, i + 1 < lines ? "\r\n" : "");
        text += length + (text[length] != 0);
    }
    fputs("\033[?7h\0338", to);
}

void split_draw(struct split *s, const struct picture *p, unsigned rows, unsigned columns,
                FILE *to) {
    char *text = NULL;
    size_t bytes;
    if (rows < 2 * SPLIT_BELOW) return;
    FILE *lines = open_memstream(&text, &bytes);
    if (!lines) return;
    blocks_print(p, true, "\n", lines);
    fclose(lines);
    if (rows != s->rows || columns != s->columns) split(s, rows, columns, to);
    put_lines(text, upper_lines(rows) - 1, to);
    free(text);
    fflush(to);
}

void split_end(struct split *s, FILE *to) {
    if (s->rows) fprintf(to, "\033[r\033[%u;1H\n", s->rows);
    s->rows = 0;
}
