// SPDX-License-Identifier: MIT
// Confinement. Once all files are open and before the first instruction of the guest runs, the
// program gives up what it does not need any more: system calls (those of emu/sandbox.def are
// left), core dumps, more file descriptors than a few, more memory than a bound. A guest that found
// a mistake in the emulator and could run code of its own in it would find nothing there to use.
#ifndef TABLEWALK_EMU_SANDBOX_H
#define TABLEWALK_EMU_SANDBOX_H

#include <stdint.h>

#include "emu/message.h"

// What a run still needs.
struct sandbox_needs {
    bool console; // somebody can reach the debug console: its commands open files
    bool gdb;     // a client may come to the socket that listens
    bool window;  // threads and libraries of a window
    uint64_t ram_bytes;
};

enum sandbox_wish { SANDBOX_AUTO, SANDBOX_OFF, SANDBOX_ON };

// Was the program built with it?
bool sandbox_available(void);

// Bytes that the program may grow by, beyond what it has when it is confined.
uint64_t sandbox_growth(const struct sandbox_needs *needs);

// Confines this process, all its threads, for good. SANDBOX_AUTO: as far as the build and the host
// can. A call that is not allowed then ends the program by abort(), with a line that names the
// call. false: message.
bool sandbox_enter(enum sandbox_wish wish, const struct sandbox_needs *needs,
                   struct message *message);

#endif
