// SPDX-License-Identifier: MIT
// The memory view in the window (see memory_view.h).
#ifdef HAVE_SDL
#include "emu/window/memory_view.h"

#include <stdlib.h>
#include <string.h>

#include "emu/view/draw.h"

static const char help_text[] =
    "A square is a frame of RAM, 4 KiB. Its colour says what it holds, its brightness how lately "
    "it\n"
    "was used, its number which process owns it. Below: the page tables of one address space, PTE "
    "by\n"
    "PTE; the disk that is swapped to; and what happened beat by beat: many pages read and "
    "written\n"
    "all the time, and few TLB misses besides, is thrashing.\n"
    "\n"
    "pointer      names the frame, the PTE or the sectors under it\n"
    "click        what the debug console says of the frame: mappings, PTEs, history\n"
    "Return       opens the debug console there, on the terminal\n"
    "Escape       closes what it said\n"
    "n            the page table of the next process\n"
    "F12          this picture in tablewalk-N.png\n"
    "Ctrl-Alt-M   the guest's display, and back\n"
    "?            this\n";

void memory_view_toggle(struct memory_view *mv, struct mailbox *box) {
    mv->shown = !mv->shown;
    pthread_mutex_lock(&box->lock);
    box->memory = mv->shown;
    pthread_mutex_unlock(&box->lock);
}

bool memory_view_take(struct memory_view *mv, struct mailbox *box) {
    if (!mv->shown) return false;
    pthread_mutex_lock(&box->lock);
    const bool newer = box->pictures != mv->number;
    if (newer) {
        picture_free(&mv->picture);
        if (!picture_copy(&mv->picture, &box->picture)) mv->picture.frames = 0;
        mv->number = box->pictures;
        memcpy(mv->told, box->told, sizeof mv->told);
    }
    pthread_mutex_unlock(&box->lock);
    if (newer) spot_text(&mv->picture, &mv->under, mv->hover, sizeof mv->hover);
    return newer;
}

static bool make_pixels(struct memory_view *mv, const struct sdl_library *sdl,
                        SDL_Renderer *renderer) {
    int width, height;
    sdl->GetRendererOutputSize(renderer, &width, &height);
    if (width < DRAWING_LEAST) width = DRAWING_LEAST;
    if (height < DRAWING_LEAST) height = DRAWING_LEAST;
    if (mv->texture && width == mv->width && height == mv->height) return true;
    if (mv->texture) sdl->DestroyTexture(mv->texture);
    free(mv->pixels);
    mv->width = width;
    mv->height = height;
    mv->pixels = calloc((size_t)width * (size_t)height, sizeof *mv->pixels);
    mv->texture = sdl->CreateTexture(renderer, SDL_PIXELFORMAT_XRGB8888,
                                     SDL_TEXTUREACCESS_STREAMING, width, height);
    return mv->pixels && mv->texture;
}

void memory_view_draw(struct memory_view *mv, const struct sdl_library *sdl,
                      SDL_Renderer *renderer) {
    if (!make_pixels(mv, sdl, renderer)) return;
    const char *text = mv->help ? help_text : mv->told[0] ? mv->told : NULL;
    const struct overlay overlay = {.hover = mv->hover, .text = text};
    if (!draw_picture(&mv->picture, &overlay, (uint32_t)mv->width, (uint32_t)mv->height,
                      mv->pixels)) {
        return;
    }
    sdl->UpdateTexture(mv->texture, NULL, mv->pixels, mv->width * (int)sizeof *mv->pixels);
    sdl->RenderCopy(renderer, mv->texture, NULL, NULL);
}

void memory_view_free(struct memory_view *mv, const struct sdl_library *sdl) {
    if (mv->texture) sdl->DestroyTexture(mv->texture);
    free(mv->pixels);
    picture_free(&mv->picture);
}

// --- Keys and the pointer ------------------------------------------------------------------------

bool memory_view_point(struct memory_view *mv, int x, int y) {
    const struct layout layout = layout_of(&mv->picture, (uint32_t)mv->width, (uint32_t)mv->height);
    const struct spot spot = layout_find(&layout, &mv->picture, x, y);
    if (spot.kind == mv->under.kind && spot.number == mv->under.number &&
        spot.table == mv->under.table) {
        return false;
    }
    mv->under = spot;
    spot_text(&mv->picture, &spot, mv->hover, sizeof mv->hover);
    return true;
}

static void close_answer(struct memory_view *mv, struct mailbox *box) {
    pthread_mutex_lock(&box->lock);
    box->told[0] = 0;
    pthread_mutex_unlock(&box->lock);
    mv->told[0] = 0;
}

static void ask(struct memory_view *mv, struct mailbox *box, bool open) {
    uint64_t pa;
    close_answer(mv, box);
    if (!spot_address(&mv->picture, &mv->under, &pa)) return;
    pthread_mutex_lock(&box->lock);
    box->asked = pa;
    box->open |= open;
    box->ask |= !open;
    pthread_mutex_unlock(&box->lock);
}

bool memory_view_click(struct memory_view *mv, struct mailbox *box) {
    mv->help = false;
    ask(mv, box, false);
    return true;
}

bool memory_view_key(struct memory_view *mv, struct mailbox *box, const SDL_Keysym *key) {
    const bool shift = key->mod & KMOD_SHIFT;
    if (key->sym == SDLK_QUESTION || (key->sym == SDLK_SLASH && shift) || key->sym == SDLK_F1) {
        mv->help = !mv->help;
    } else if (key->sym == SDLK_RETURN) {
        ask(mv, box, true);
    } else if (key->sym == SDLK_ESCAPE) {
        mv->help = false;
        close_answer(mv, box);
    } else if (key->sym == SDLK_n) {
        pthread_mutex_lock(&box->lock);
        box->look_next = true;
        pthread_mutex_unlock(&box->lock);
    }
    return true;
}
#else
// A file has at least one declaration.
struct memory_view;
#endif
