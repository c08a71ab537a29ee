// SPDX-License-Identifier: MIT
// SDL2, opened when a window is: it brings some fifty libraries along, and to load them takes
// longer than all else that a run without a window does before its first instruction.
#ifndef TABLEWALK_EMU_WINDOW_SDL_LIBRARY_H
#define TABLEWALK_EMU_WINDOW_SDL_LIBRARY_H

#include <SDL.h>

#include "emu/message.h"
#include "mmu/phys.h"

struct sdl_library {
#define FUNCTION(name) __typeof__(&SDL_##name) name;
#include "emu/window/sdl.def"
#undef FUNCTION
};

// Opens it for the rest of the program's life. false: the message says what is missing.
bool sdl_library_open(struct sdl_library *sdl, struct message *message) MUST_CHECK;

#endif
