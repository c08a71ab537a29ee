// SPDX-License-Identifier: MIT
//
// The keyboard of a window: a virtio input device (Virtual I/O Device specification 1.2, section
// 5.8). What is typed there arrives like what is typed at the terminal, arrows as their escape
// sequences.
#ifndef TABLEWALK_PAGER_KEYBOARD_H
#define TABLEWALK_PAGER_KEYBOARD_H

#include "kernel/lib.h"

struct console;

struct keyboard {
    volatile uint32_t *registers; // NULL: there is none
    uint32_t interrupt;
    struct keyboard_rings *rings; // one frame shared with the device
    uint16_t used_seen;
    bool shift, control; // held down
};

// Looks for a keyboard in the virtio-mmio slot at `base` and starts it. `rings` is an empty frame
// for the queue. False when there is none or it cannot be used; `*why` then says why, or is NULL
// when there simply is none.
bool keyboard_start(struct keyboard *keyboard, volatile void *base, uint32_t interrupt, void *rings,
                    const char **why);

// Takes what was typed to the console, and tells the device that its interrupt was seen.
void keyboard_interrupt(struct keyboard *keyboard, struct console *console);

#endif
