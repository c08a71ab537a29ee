// SPDX-License-Identifier: MIT
// Between the stub's files: its state, how answers are put together, and the packets that look at
// registers, memory and breakpoints (gdb_data.c).
#ifndef TABLEWALK_EMU_GDB_STUB_H
#define TABLEWALK_EMU_GDB_STUB_H

#include "emu/console/debugger.h"
#include "emu/gdb_packet.h"

enum {
    FRAME_BYTES = 2 * PACKET_BYTES + 8,
    POLL_NANOSECONDS = 20000000, // how long the machine may sleep while a client could say ^C
    MAX_DATA = PACKET_BYTES / 2 - 8,
    SEND_PATIENCE = 5000, // milliseconds that a client may leave what it is sent unread
    SIGNAL_INT = 2,
    SIGNAL_TRAP = 5,
};

struct gdb {
    struct debugger *d;
    int listener, client; // -1: none
    const char *path;     // of a Unix socket
    struct packet_reader in;
    char reply[PACKET_BYTES + 1];
    size_t reply_length;
    bool running;     // the client waits for a stop
    bool interrupted; // by its ^C
    bool resume;      // a packet let the machine go on
    bool physical;    // memory is physical
    char frame[FRAME_BYTES];
    size_t frame_length;
};

// Adds to the answer; what does not fit is left out as a whole.
__attribute__((format(printf, 2, 3))) void gdb_say(struct gdb *g, const char *format, ...);
void gdb_say_bytes(struct gdb *g, const void *from, size_t bytes); // as hex digits
void gdb_say_error(struct gdb *g, unsigned number);

// Packets: each gets what stands behind its beginning.
void gdb_on_registers(struct gdb *g, const char *at);
void gdb_on_set_registers(struct gdb *g, const char *at);
void gdb_on_register(struct gdb *g, const char *at);
void gdb_on_set_register(struct gdb *g, const char *at);
void gdb_on_read(struct gdb *g, const char *at);
void gdb_on_write(struct gdb *g, const char *at);
void gdb_on_write_binary(struct gdb *g, const char *at);
void gdb_on_insert(struct gdb *g, const char *at);
void gdb_on_remove(struct gdb *g, const char *at);

#endif
