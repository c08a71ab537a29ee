// SPDX-License-Identifier: MIT
// What could stand at the end of a line: commands, their options and words, registers, CSRs and
// their fields, symbols, files.
#ifndef TABLEWALK_EMU_CONSOLE_COMPLETE_H
#define TABLEWALK_EMU_CONSOLE_COMPLETE_H

#include <stddef.h>

struct debugger;

enum { COMPLETION_NAMES = 200, COMPLETION_BYTES = 128 };

struct completion {
    size_t length;                 // of what stands there of the word
    unsigned found, kept;          // names; the first COMPLETION_NAMES are kept
    char common[COMPLETION_BYTES]; // how all of them begin
    char name[COMPLETION_NAMES][COMPLETION_BYTES];
    char last; // what follows a name that is the only one: ' ', or 0
};

void complete(const struct debugger *d, const char *line, struct completion *c);

#endif
