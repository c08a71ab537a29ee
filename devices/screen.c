// SPDX-License-Identifier: MIT
// The picture of a display device (see screen.h).
#include "devices/screen.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static uint32_t least(uint32_t a, uint32_t b) { return a < b ? a : b; }
static uint32_t most(uint32_t a, uint32_t b) { return a > b ? a : b; }

bool rect_fits(const struct rect *r, uint32_t width, uint32_t height) {
    return r->width != 0 && r->height != 0 && r->width <= width && r->x <= width - r->width &&
           r->height <= height && r->y <= height - r->height;
}

struct rect rect_common(const struct rect *a, const struct rect *b) {
    const uint32_t x = most(a->x, b->x), y = most(a->y, b->y);
    const uint32_t right = least(a->x + a->width, b->x + b->width);
    const uint32_t bottom = least(a->y + a->height, b->y + b->height);
    if (right <= x || bottom <= y) return (struct rect){.width = 0};
    return (struct rect){x, y, right - x, bottom - y};
}

struct rect rect_around(const struct rect *a, const struct rect *b) {
    if (a->width == 0 || a->height == 0) return *b;
    if (b->width == 0 || b->height == 0) return *a;
    const uint32_t x = least(a->x, b->x), y = least(a->y, b->y);
    const uint32_t right = most(a->x + a->width, b->x + b->width);
    const uint32_t bottom = most(a->y + a->height, b->y + b->height);
    return (struct rect){x, y, right - x, bottom - y};
}

bool screen_resize(struct screen *s, uint32_t width, uint32_t height) {
    free(s->pixels);
    const size_t count = (size_t)width * height;
    s->pixels = count ? calloc(count, sizeof *s->pixels) : NULL;
    s->width = s->pixels ? width : 0;
    s->height = s->pixels ? height : 0;
    s->damage = (struct rect){0, 0, s->width, s->height};
    s->updates++;
    return count == 0 || s->pixels;
}

void screen_free(struct screen *s) {
    free(s->pixels);
    *s = (struct screen){.width = 0};
}

void screen_damaged(struct screen *s, const struct rect *r) {
    s->damage = rect_around(&s->damage, r);
    s->updates++;
}

void screen_clean(struct screen *s) {
    s->damage = (struct rect){.width = 0};
    s->cursor_changed = false;
}

// A pixel of the cursor above one of the picture, channel by channel.
static uint32_t blend(uint32_t below, uint32_t above) {
    const uint32_t alpha = above >> 24;
    uint32_t mixed = 0;
    for (unsigned shift = 0; shift < 24; shift += 8) {
        const uint32_t a = above >> shift & 0xff, b = below >> shift & 0xff;
        mixed |= (a * alpha + b * (255 - alpha)) / 255 << shift;
    }
    return mixed;
}

static void draw_cursor(const struct screen *s, const struct rect *r, uint32_t *to) {
    const struct screen_cursor *c = &s->cursor;
    const int64_t left = (int64_t)c->x - c->hot_x - r->x, top = (int64_t)c->y - c->hot_y - r->y;
    for (unsigned row = 0; row < CURSOR_SIDE; row++) {
        const int64_t y = top + row;
        if (y < 0 || y >= r->height) continue;
        for (unsigned column = 0; column < CURSOR_SIDE; column++) {
            const int64_t x = left + column;
            if (x < 0 || x >= r->width) continue;
            uint32_t *pixel = &to[y * r->width + x];
            *pixel = blend(*pixel, c->argb[row * CURSOR_SIDE + column]);
        }
    }
}

void screen_copy(const struct screen *s, const struct rect *r, bool with_cursor, uint32_t *to) {
    assert(rect_fits(r, s->width, s->height));
    for (uint32_t row = 0; row < r->height; row++) {
        memcpy(to + (size_t)row * r->width, s->pixels + (size_t)(r->y + row) * s->width + r->x,
               r->width * sizeof *to);
    }
    if (with_cursor && s->cursor.visible) draw_cursor(s, r, to);
}
