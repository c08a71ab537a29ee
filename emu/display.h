// SPDX-License-Identifier: MIT
// The machine as somebody at a screen sees it: what it shows, and what is typed and pointed at. All
// of this happens between two slices of the run, and costs the guest no virtual time.
#ifndef TABLEWALK_EMU_DISPLAY_H
#define TABLEWALK_EMU_DISPLAY_H

#include "devices/screen.h"
#include "emu/machine.h"

// What is shown, brought up to date: the GPU's picture or, where its driver shows none, the
// framebuffer's. NULL: nothing is.
struct screen *display_screen(struct machine *m);

// What somebody does. Without the device that it is for, it is ignored.
enum display_action {
    DISPLAY_KEY,    // code: of evdev; value: 1 down, 0 up
    DISPLAY_BUTTON, // likewise
    DISPLAY_POINT,  // x, y: 0..TABLET_MAX, of the picture's width and height
    DISPLAY_WHEEL,  // value: notches, up is positive
    DISPLAY_RESIZE, // x, y: pixels of the monitor
};
struct display_event {
    enum display_action action;
    uint16_t code;
    int32_t value;
    uint32_t x, y;
};
void display_send(struct machine *m, const struct display_event *e);

// Writes width by height pixels of 0x00RRGGBB as PNG to a file, which stays open; path is its name.
// false: message.
bool display_write_png(FILE *to, const char *path, const uint32_t *pixels, uint32_t width,
                       uint32_t height, struct message *message) MUST_CHECK;

// Writes what is shown, with its cursor, likewise. false: message.
bool display_screenshot(struct machine *m, FILE *to, const char *path,
                        struct message *message) MUST_CHECK;

#endif
