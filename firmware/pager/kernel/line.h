// SPDX-License-Identifier: MIT
//
// Editing a line at the prompt: cursor keys, history, completion.
#ifndef TABLEWALK_PAGER_LINE_H
#define TABLEWALK_PAGER_LINE_H

#include "kernel/lib.h"

#define LINE_BYTES    96
#define HISTORY_LINES 16

struct kernel;

struct line_editor {
    char text[LINE_BYTES];
    unsigned length, cursor;
    char history[HISTORY_LINES][LINE_BYTES];
    unsigned entered; // lines ever entered; the newest is history[(entered - 1) % HISTORY_LINES]
    unsigned back;    // how far back in history the line shown is; 0 is the new line
    int escape;       // bytes of an escape sequence seen so far
    char escape_digit;
};

// Reads one line with editing; programs in the background run meanwhile. The line stays valid until
// the next call.
const char *line_read(struct kernel *kernel, const char *prompt);

#endif
