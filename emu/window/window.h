// SPDX-License-Identifier: MIT
// A window on the host's desktop that shows the guest's display and takes its keys and pointer. It
// lives in a thread of its own, so that the emulation never waits for it: pictures and input are
// handed over when the run loop looks at its console, at most 60 times a second, and where the
// other side is just busy, at the next look.
//
// The window stands between the machine and its console, and adds to it: text that is pasted comes
// in as if it were typed at the serial line, and closing the window ends the run.
#ifndef TABLEWALK_EMU_WINDOW_WINDOW_H
#define TABLEWALK_EMU_WINDOW_WINDOW_H

#include "emu/console.h"

struct window;

// Was the program built with SDL2?
bool window_available(void);

// A window that is not open yet, over a console. NULL: message.
struct window *window_create(const struct console *inner, struct message *message);

// The console for the machine; it is the inner one as long as the window is not open.
struct console window_console(struct window *w);

// Opens it on a machine that was made with window_console(); memory: with the memory view. false:
// message.
bool window_open(struct window *w, struct machine *m, bool full_screen, bool memory,
                 struct message *message) MUST_CHECK;

// Who the memory view comes from; NULL, before the debugger is destroyed: from nobody any more.
// NULL for w does nothing.
void window_attach(struct window *w, struct debugger *d);

// Closes it, if it is open. Before the machine is destroyed. NULL does nothing.
void window_destroy(struct window *w);

#endif
