// SPDX-License-Identifier: MIT
// Where gdb connects: a listening socket on the loopback or in the file system.
#ifndef TABLEWALK_EMU_GDB_SOCKET_H
#define TABLEWALK_EMU_GDB_SOCKET_H

#include "emu/message.h"

// A listening socket for "tcp:HOST:PORT", HOST being 127.0.0.1, localhost or nothing, or for
// "unix:PATH"; *path is PATH then, to be removed at the end. -1: message.
int gdb_listen(const char *where, const char **path, struct message *message);

#endif
