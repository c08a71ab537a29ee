// SPDX-License-Identifier: MIT
// The gdb stub: GDB's remote serial protocol over a loopback port or a Unix socket. It stands on
// the debug console's breakpoints and memory access, and serves one client at a time.
#ifndef TABLEWALK_EMU_GDB_H
#define TABLEWALK_EMU_GDB_H

#include "emu/machine.h"

struct debugger;
struct gdb;

// where: "tcp:127.0.0.1:PORT", "tcp::PORT" (the loopback) or "unix:PATH". NULL: message.
struct gdb *gdb_create(struct debugger *d, const char *where, struct message *message);
void gdb_destroy(struct gdb *g); // NULL does nothing

bool gdb_is_connected(const struct gdb *g);
// Waits until a client is there, or a signal.
void gdb_wait(struct gdb *g);
// From the run loop: takes a client, sees its ^C. *wait: what the machine may sleep at most.
void gdb_poll(struct gdb *g, uint64_t *wait);
// The machine stands still: tells the client, and serves it until it lets the machine go on.
void gdb_stopped(struct gdb *g);

#endif
