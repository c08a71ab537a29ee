// SPDX-License-Identifier: MIT
// Virtio input devices (VIRTIO 1.2, section 5.8): a keyboard and a tablet, whose events are those
// of Linux's evdev. What is typed waits in the device until the guest has room for it, in bounded
// memory.
#ifndef TABLEWALK_DEVICES_VIRTIO_INPUT_H
#define TABLEWALK_DEVICES_VIRTIO_INPUT_H

#include "devices/virtio_mmio.h"

enum virtio_input_kind { INPUT_KEYBOARD, INPUT_TABLET };

// Event types and codes of evdev, as far as our devices send them.
enum {
    EV_SYN = 0,
    EV_KEY = 1,
    EV_REL = 2,
    EV_ABS = 3,
    EV_LED = 17,
    EV_REP = 20,
    REL_WHEEL = 8,
    ABS_X = 0,
    ABS_Y = 1,
    EV_KEY_LAST = 0xf7, // of a keyboard
    BTN_LEFT = 0x110,
    BTN_RIGHT = 0x111,
    BTN_MIDDLE = 0x112,
    TABLET_MAX = 0x7fff, // of both axes
};

enum { INPUT_WAITING_MAX = 1024 }; // events

struct input_event {
    uint16_t type, code;
    uint32_t value;
};

struct virtio_input_counters {
    uint64_t delivered; // events, end marks included
    uint64_t dropped;   // for which there was no room
};

// NULL: out of host memory.
struct virtio *virtio_input_create(enum virtio_input_kind kind);

// Sends events that happened at once, and their end mark (EV_SYN). Where there is no room for all
// of them none is sent.
void virtio_input_send(struct virtio *v, const struct input_event *event, unsigned count);

const struct virtio_input_counters *virtio_input_counters(const struct virtio *v);

#endif
