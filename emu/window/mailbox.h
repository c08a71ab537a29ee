// SPDX-License-Identifier: MIT
// What the emulation and the window's thread hand each other: the picture and some numbers one way,
// events the other. Nobody holds the lock for longer than a copy, and the emulation only ever
// tries it.
#ifndef TABLEWALK_EMU_WINDOW_MAILBOX_H
#define TABLEWALK_EMU_WINDOW_MAILBOX_H

#include <pthread.h>

#include "emu/display.h"
#include "emu/view/picture.h"

enum {
    MAILBOX_EVENTS = 512,
    PASTE_MAX = 1 << 16,
    SERIAL_MAX = 1 << 14,
    FILE_BYTES = 64,
    TOLD_BYTES = 4096
};

struct mailbox {
    pthread_mutex_t lock;

    // To the window.
    uint32_t *pixels; // of the picture, cursor included
    uint32_t width, height;
    struct rect damage;      // of it, since the window looked; width 0: none
    struct rect cursor;      // the rows of the picture that it is in
    bool guest_cursor;       // the guest draws one
    uint64_t executed;       // instructions
    char serial[SERIAL_MAX]; // the last text from the serial line
    size_t serial_bytes;

    // The memory view, to the window: a picture, its number, and what the console says of a frame.
    struct picture picture;
    uint32_t pictures;
    char told[TOLD_BYTES];

    // To the emulation: it is shown; the next page table is wanted; the console should tell of a
    // frame, or open there.
    bool memory, look_next, ask, open;
    uint64_t asked; // physical address

    // To the emulation.
    struct display_event event[MAILBOX_EVENTS]; // a ring
    unsigned first, count;
    char paste[PASTE_MAX];
    size_t paste_bytes;
    bool screenshot; // wanted
    bool closed;
};

// Puts an event for the emulation into the box; one too many is lost. Takes the lock.
void mailbox_send(struct mailbox *box, const struct display_event *e);

// Copies what has changed of the screen into the picture. With the lock held. false: out of host
// memory.
bool mailbox_take_picture(struct mailbox *box, struct screen *s) MUST_CHECK;

#endif
