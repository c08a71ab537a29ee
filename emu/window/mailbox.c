// SPDX-License-Identifier: MIT
// Between the emulation and the window's thread (see mailbox.h).
#include "emu/window/mailbox.h"

#include <stdlib.h>
#include <string.h>

void mailbox_send(struct mailbox *box, const struct display_event *e) {
    pthread_mutex_lock(&box->lock);
    if (box->count < MAILBOX_EVENTS) {
        box->event[(box->first + box->count++) % MAILBOX_EVENTS] = *e;
    }
    pthread_mutex_unlock(&box->lock);
}

static bool make_room(struct mailbox *box, uint32_t width, uint32_t height) {
    if (width == box->width && height == box->height) return true;
    free(box->pixels);
    box->pixels = calloc((size_t)width * height + 1, sizeof *box->pixels);
    box->width = box->pixels ? width : 0;
    box->height = box->pixels ? height : 0;
    return box->pixels;
}

// The rows of the picture that the cursor may reach into.
static struct rect cursor_rows(const struct screen *s) {
    const struct screen_cursor *c = &s->cursor;
    const int64_t top = (int64_t)c->y - c->hot_y, bottom = top + CURSOR_SIDE;
    if (!c->visible || bottom <= 0 || top >= s->height) return (struct rect){.width = 0};
    const uint32_t first = top < 0 ? 0 : (uint32_t)top;
    const uint32_t end = bottom > s->height ? s->height : (uint32_t)bottom;
    return (struct rect){0, first, s->width, end - first};
}

bool mailbox_take_picture(struct mailbox *box, struct screen *s) {
    const uint32_t width = s ? s->width : 0, height = s ? s->height : 0;
    const bool resized = width != box->width || height != box->height;
    if (!make_room(box, width, height)) return false;
    if (!s) return true;
    struct rect changed = resized ? (struct rect){0, 0, width, height} : s->damage;
    if (s->cursor_changed && !resized) {
        const struct rect now = cursor_rows(s);
        changed = rect_around(&changed, &box->cursor);
        changed = rect_around(&changed, &now);
    }
    if (changed.width) {
        // Whole rows, which lie together.
        const struct rect rows = {0, changed.y, width, changed.height};
        screen_copy(s, &rows, true, box->pixels + (size_t)rows.y * width);
        box->damage = resized ? rows : rect_around(&box->damage, &rows);
    }
    box->cursor = cursor_rows(s);
    box->guest_cursor = s->cursor.visible;
    screen_clean(s);
    return true;
}
