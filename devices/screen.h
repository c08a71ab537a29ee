// SPDX-License-Identifier: MIT
// What a display device shows: one picture in host memory and a cursor above it. The device draws
// here when its guest asks for it, and whoever shows the picture (a window, a screenshot) takes
// what has changed. A screen knows neither its device nor who looks at it.
#ifndef TABLEWALK_DEVICES_SCREEN_H
#define TABLEWALK_DEVICES_SCREEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    SCREEN_MIN_SIDE = 16,   // pixels
    SCREEN_MAX_SIDE = 4096, // pixels
    CURSOR_SIDE = 64,       // pixels
};

// Pixels x .. x + width - 1, y .. y + height - 1.
struct rect {
    uint32_t x, y, width, height;
};

// Does the rectangle lie in a picture of width by height pixels as a whole, and is it not empty?
bool rect_fits(const struct rect *r, uint32_t width, uint32_t height);

// The pixels that both have; width 0: none. Neither reaches past 2^32 - 1.
struct rect rect_common(const struct rect *a, const struct rect *b);

// The smallest rectangle around both. An empty one counts for nothing.
struct rect rect_around(const struct rect *a, const struct rect *b);

struct screen_cursor {
    bool visible;
    uint32_t x, y;         // where its hot spot is
    uint32_t hot_x, hot_y; // the hot spot, in its own pixels
    uint32_t argb[CURSOR_SIDE * CURSOR_SIDE];
};

struct screen {
    uint32_t width, height; // pixels of the picture; 0: the guest shows nothing
    uint32_t *pixels;       // 0x00RRGGBB, row by row without gaps
    struct rect damage;     // what has changed since screen_clean()
    struct screen_cursor cursor;
    bool cursor_changed;
    uint64_t updates; // times that something was drawn
};

// Makes a picture of the size, black. 0 by 0 shows nothing. false: out of host memory; the screen
// then shows nothing.
bool screen_resize(struct screen *s, uint32_t width, uint32_t height);
void screen_free(struct screen *s);

// The rectangle, which fits, was drawn.
void screen_damaged(struct screen *s, const struct rect *r);

// What has changed was taken.
void screen_clean(struct screen *s);

// Copies the rectangle, which fits, to `to` of its size, with the cursor above it when that is
// asked for.
void screen_copy(const struct screen *s, const struct rect *r, bool with_cursor, uint32_t *to);

#endif
