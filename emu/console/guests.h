// SPDX-License-Identifier: MIT
// What runs in an address space, by looking into the memory of a guest's kernel that we know: the
// names of its processes. All of it is the guest's word: bounded, and never trusted.
#ifndef TABLEWALK_EMU_CONSOLE_GUESTS_H
#define TABLEWALK_EMU_CONSOLE_GUESTS_H

#include "cpu/hart.h"

enum { GUEST_NAME_BYTES = 32 };

struct guest_row;

// The kernel that runs, and where in its structures to look.
struct guest {
    const struct guest_row *row; // NULL: none that we know
    unsigned files;              // of symbols, when it was looked for
    uint64_t start, bytes;       // of the first process, and of each
    uint64_t root, name;         // offsets of members
    uint64_t next, directory;    // Linux: of tasks.next, and of pgd in mm_struct
    bool laid_out;               // DWARF has told all of them
    char text[GUEST_NAME_BYTES]; // the last answer
};

struct debugger;

// The name of what runs in the space with this root table, while h executes there or has just done
// so; "" where nobody knows. The text lives until the next call.
const char *guest_program(struct debugger *d, const struct hart *h, uint64_t root);

#endif
