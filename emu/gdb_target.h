// SPDX-License-Identifier: MIT
// What gdb calls a hart's registers: its numbers, and the target description that names them.
#ifndef TABLEWALK_EMU_GDB_TARGET_H
#define TABLEWALK_EMU_GDB_TARGET_H

#include <stdio.h>

#include "cpu/hart.h"

// gdb's numbers: x0 to x31, pc, f0 to f31, 4096 CSRs, the privilege mode.
enum { GDB_PC = 32, GDB_F0 = 33, GDB_CSR0 = 65, GDB_PRIV = GDB_CSR0 + 4096, GDB_REGISTERS };

// The name that the console knows the register by. NULL: this hart has none with the number.
const char *gdb_register_name(const struct hart *h, uint64_t number, char text[static 24]);

// Writes target.xml.
void gdb_describe(const struct hart *h, FILE *to);

#endif
