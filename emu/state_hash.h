// SPDX-License-Identifier: MIT
// A number for all that a program can see of a machine: two runs that did the same have the same.
#ifndef TABLEWALK_EMU_STATE_HASH_H
#define TABLEWALK_EMU_STATE_HASH_H

#include "emu/machine.h"

// Registers, CSRs, cycles and instructions of each hart, the virtual time, and RAM. Not while a
// hart runs.
uint64_t state_hash(const struct machine *m);

#endif
