// SPDX-License-Identifier: MIT
// Draws a picture of memory (emu/view/picture.h) in pixels, by cairo; needs no display.
#ifndef TABLEWALK_EMU_VIEW_DRAW_H
#define TABLEWALK_EMU_VIEW_DRAW_H

#include "emu/view/picture.h"

// What stands above the drawing while somebody looks.
struct overlay {
    const char *hover; // a line, or NULL
    const char *text;  // lines, or NULL
};

// Fills width by height pixels of 0x00RRGGBB. false: cairo could not.
bool draw_picture(const struct picture *p, const struct overlay *overlay, uint32_t width,
                  uint32_t height, uint32_t *pixels);

#endif
