// SPDX-License-Identifier: MIT
// The window of a program that was built without SDL2: there is none (see window.h).
#ifndef HAVE_SDL
#include "emu/window/window.h"

bool window_available(void) { return false; }

struct window *window_create(const struct console *inner, struct message *message) {
    (void)inner;
    complain(
        message,
        "-display sdl, --view=window: built without SDL2; install libsdl2-dev and build again");
    return NULL;
}

struct console window_console(struct window *w) {
    (void)w;
    return (struct console){.context = NULL};
}

bool window_open(struct window *w, struct machine *m, bool full_screen, bool memory,
                 struct message *message) {
    (void)w, (void)m, (void)full_screen, (void)memory, (void)message;
    return false;
}

void window_attach(struct window *w, struct debugger *d) { (void)w, (void)d; }

void window_destroy(struct window *w) { (void)w; }
#else
// A file has at least one declaration.
struct window;
#endif
