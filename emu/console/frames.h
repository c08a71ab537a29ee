// SPDX-License-Identifier: MIT
// What each page of RAM is, from what page tables say: the console's `frames`, and the memory view.
#ifndef TABLEWALK_EMU_CONSOLE_FRAMES_H
#define TABLEWALK_EMU_CONSOLE_FRAMES_H

#include "mmu/phys.h"

enum frame_kind { FRAME_UNMAPPED, FRAME_KERNEL, FRAME_USER, FRAME_TABLE };

struct frame {
    uint8_t kind, level; // level: of a table
    uint8_t flags;       // R, W, X of all mappings together
    uint8_t maps;        // user mappings, 255 and more are 255
    bool moved;          // a disk wrote to it, or read it
    uint64_t va, root;   // of the first user mapping, or of the table
};

// Goes through the tables of `roots` root tables and adds what they say to what the struct frames,
// one a page of RAM, say already; zeroed ones say nothing.
void frames_survey(struct phys *phys, struct range ram, const uint64_t *root, unsigned roots,
                   struct frame *frame);

#endif
