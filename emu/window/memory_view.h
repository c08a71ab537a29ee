// SPDX-License-Identifier: MIT
// The window's other face: all of the machine's memory (emu/view/), drawn in the window's thread
// from pictures that the emulation takes when it has time.
#ifndef TABLEWALK_EMU_WINDOW_MEMORY_VIEW_H
#define TABLEWALK_EMU_WINDOW_MEMORY_VIEW_H

#include "emu/view/layout.h"
#include "emu/window/mailbox.h"
#include "emu/window/sdl_library.h"

enum { HOVER_BYTES = 256 };

struct memory_view {
    bool shown, help;
    struct picture picture;
    uint32_t number;   // of the mailbox's picture
    int width, height; // of the window, pixels
    uint32_t *pixels;
    SDL_Texture *texture;
    struct spot under; // the pointer
    char hover[HOVER_BYTES], told[TOLD_BYTES];
};

// Shows it, or the guest's display again.
void memory_view_toggle(struct memory_view *mv, struct mailbox *box);

// Takes a newer picture out of the mailbox. The result: is there something new to draw?
bool memory_view_take(struct memory_view *mv, struct mailbox *box);
void memory_view_draw(struct memory_view *mv, const struct sdl_library *sdl,
                      SDL_Renderer *renderer);
void memory_view_free(struct memory_view *mv, const struct sdl_library *sdl);

// The pointer is at a pixel; it was clicked there; a key was pressed. The result: draw anew.
bool memory_view_point(struct memory_view *mv, int x, int y);
bool memory_view_click(struct memory_view *mv, struct mailbox *box);
bool memory_view_key(struct memory_view *mv, struct mailbox *box, const SDL_Keysym *key);

#endif
