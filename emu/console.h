// SPDX-License-Identifier: MIT
// The debug console, as the rest of the program sees it: made for a machine, asked in when somebody
// wants it (-S, Ctrl-A C, a script), and otherwise not there: a run in which nothing is armed runs
// the plain engine.
#ifndef TABLEWALK_EMU_CONSOLE_H
#define TABLEWALK_EMU_CONSOLE_H

#include <stdio.h>

#include "emu/machine.h"

enum { OPTION_SYMBOLS = 8 };

struct debugger_options {
    bool stopped;                        // -S: stop before the first instruction
    bool batch;                          // --batch: the machine ends with the script
    bool on_fault;                       // --console-on=fault
    bool json;                           // --json: all answers are JSON
    const char *script;                  // --console-script, or NULL
    const char *symbols[OPTION_SYMBOLS]; // --symbols
    unsigned symbol_files;
    const char *gdb;  // -gdb tcp:..., unix:..., or NULL
    const char *view; // --view, or NULL
};

struct debugger;
struct symbols;
struct picture;

// Is the memory view wanted in the window?
bool debugger_wants_window(const struct debugger_options *options);

// NULL: message (a script or symbols that can't be read, an address that can't be listened at).
struct debugger *debugger_create(struct machine *m, const struct debugger_options *options,
                                 struct message *message);
void debugger_destroy(struct debugger *d); // NULL does nothing

// Before the machine runs: the script or the user has the first word, where that is wanted.
void debugger_begin(struct debugger *d);

// The symbols that are known; those of what boots, too.
struct symbols *debugger_symbols(struct debugger *d);
// Opens what names and lines are read from, which otherwise waits until somebody asks.
void debugger_read_ahead(struct debugger *d);
// What runs in an address space now, as far as the guest's kernel is known; else "".
const char *debugger_space_name(void *debugger, const struct hart *h, uint64_t root);
// After the run: what was to be written at its end (--view). false: message.
bool debugger_finish(struct debugger *d, struct message *message) MUST_CHECK;

// The memory view for a window: how memory looks now, until it is asked again; the page table of
// the next process from then on. NULL: the host has not enough memory.
const struct picture *debugger_look(struct debugger *d);
void debugger_look_next(struct debugger *d);

// The console is entered, and runs a command first.
void debugger_call(struct debugger *d, const char *line);

// Executes one command and prints its answer to `to`: for the gdb stub's `monitor`, and for tests.
void debugger_execute(struct debugger *d, const char *line, FILE *to);

#endif
