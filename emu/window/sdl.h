// SPDX-License-Identifier: MIT
// The window's own thread: everything that talks to SDL.
#ifndef TABLEWALK_EMU_WINDOW_SDL_H
#define TABLEWALK_EMU_WINDOW_SDL_H

#include "emu/window/mailbox.h"
#include "emu/window/sdl_library.h"

// What the thread is started with, and how it says that it is there.
struct sdl_thread {
    struct mailbox *box;
    struct sdl_library sdl;
    bool full_screen, memory; // memory: the memory view comes first
    pthread_t thread;
    pthread_mutex_t lock; // of what follows
    pthread_cond_t changed;
    bool started, failed, stop;
    struct message message; // when it has failed
};

// Opens the window. false: t->message says why not.
bool sdl_start(struct sdl_thread *t) MUST_CHECK;

// Closes it and waits for the thread's end.
void sdl_stop(struct sdl_thread *t);

#endif
