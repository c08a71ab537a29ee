// SPDX-License-Identifier: MIT
// The host-target interface of riscv-tests, pk and Spike: a program stores a command to the symbol
// `tohost` and finds the answer at `fromhost`. Served here: exit with a code, the write and exit
// calls of the proxy kernel's syscall device, and putting a character on the console.
#ifndef TABLEWALK_EMU_HTIF_H
#define TABLEWALK_EMU_HTIF_H

#include "mmu/phys.h"

struct htif {
    bool present;
    uint64_t tohost, fromhost; // physical addresses; fromhost 0: the program has none
};

struct machine;

// Has a store to the upper half of tohost end the slice, as one to decoded code drops that: stores
// of 8 bytes, or of 4 with the upper half last, are acted upon before the next instruction. To be
// called once a machine. false: no room for the listener.
bool htif_attach(struct machine *m) MUST_CHECK;

// Looks whether the program has said something, and does it. May end the run.
void htif_poll(struct machine *m);

// Instructions between two looks, for programs that store the lower half last or alone.
enum { HTIF_INTERVAL = 100000 };

#endif
