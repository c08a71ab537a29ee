// SPDX-License-Identifier: MIT
// A random program for the world of world.h: instructions of all kinds, drawn from the table of
// instructions itself, so that a new row is tested the day it is added. What a program does is
// defined by the manual to the last bit: it writes code only in slots and executes fence.i behind
// that, it changes satp only between address spaces with different ASIDs, and never a page table.
#ifndef TABLEWALK_TESTSUITE_DIFF_PROGRAM_H
#define TABLEWALK_TESTSUITE_DIFF_PROGRAM_H

#include <stdint.h>

#include "testsuite/diff/world.h"

enum { MAX_ITEMS = 4096 };

struct item {
    uint32_t bits;
    uint16_t at;     // bytes from the start of the program
    uint8_t length;  // 2 or 4 bytes
    bool goes_back;  // the branch at the end of a loop
    uint16_t format; // enum isa_format
};

struct program {
    unsigned items;
    struct item item[MAX_ITEMS];
    uint8_t pool[POOL_END];
    uint32_t slot[SLOT_COUNT];
};

void program_draw(struct program *p, uint64_t seed);
// Puts program, slots and pool where they belong.
void program_load(const struct program *p, uint8_t *ram);
// The address of an instruction, as a rule one that the mode can execute.
uint64_t draw_entry(const struct program *p, enum privilege mode, uint64_t *seed);

#endif
