// SPDX-License-Identifier: MIT
// The console as people see it: standard input and output of the program. A terminal is put into
// raw mode, so that the guest gets every key, and is put back on every way out. Ctrl-A is ours:
// Ctrl-A X ends, Ctrl-A C calls the debug console, Ctrl-A H helps, Ctrl-A Ctrl-A is a Ctrl-A for
// the guest. A pipe or a file is passed through as it is.
#ifndef TABLEWALK_EMU_TERMINAL_H
#define TABLEWALK_EMU_TERMINAL_H

#include "emu/machine.h"

enum { TERMINAL_BUFFER = 4096 };

struct terminal {
    uint8_t in[TERMINAL_BUFFER], out[TERMINAL_BUFFER];
    size_t in_begin, in_end, out_end;
    bool is_terminal; // standard input is one
    bool is_file;     // a regular file: reading never waits
    bool at_end;      // no more input will come
    bool escaped;     // Ctrl-A was the last key
    bool quit;        // Ctrl-A X
    bool called;      // Ctrl-A C
};

// Takes standard input and output. There can be one terminal in a process.
void terminal_open(struct terminal *t);

// Shows what was not shown yet, and puts the terminal back as it was.
void terminal_close(struct terminal *t);

// What the machine needs of it.
struct console terminal_console(struct terminal *t);

#endif
