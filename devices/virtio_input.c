// SPDX-License-Identifier: MIT
// Virtio input devices (see virtio_input.h). What a device is can be read in one row of the table
// of kinds; the configuration space answers from it.
#include "devices/virtio_input.h"

#include <stdlib.h>
#include <string.h>

enum { EVENT_QUEUE, STATUS_QUEUE, QUEUES };
enum {
    QUEUE_SIZE = 64,
    CONFIG_BYTES = 136,
    CONFIG_DATA = 8,
    DATA_BYTES = CONFIG_BYTES - CONFIG_DATA
};

// What the configuration space can be asked for (section 5.8.4).
enum { ID_NAME = 1, ID_DEVIDS = 3, EV_BITS = 0x11, ABS_INFO = 0x12 };

// Codes first..last of an event type.
struct code_range {
    uint16_t type, first, last;
};

enum { KIND_RANGES = 4, BUS_VIRTUAL = 6, VENDOR = 0x627 };

static const struct kind {
    const char *text; // that the guest reads
    uint16_t product;
    struct code_range codes[KIND_RANGES]; // last = 0 ends them
} kinds[] = {
    [INPUT_KEYBOARD] = {"Tablewalk keyboard",
                        1,
                        {{EV_KEY, 1, EV_KEY_LAST}, {EV_LED, 0, 2}, {EV_REP, 0, 1}}},
    [INPUT_TABLET] = {"Tablewalk tablet",
                      3,
                      {{EV_KEY, BTN_LEFT, BTN_MIDDLE},
                       {EV_REL, REL_WHEEL, REL_WHEEL},
                       {EV_ABS, ABS_X, ABS_Y}}},
};

struct virtio_input {
    struct virtio v;
    const struct kind *kind;
    uint8_t select, subselect;
    struct input_event waiting[INPUT_WAITING_MAX]; // a ring
    unsigned first, count;
    struct virtio_input_counters counters;
    struct chain chain;
};

static struct virtio_input *input_of(struct virtio *v) { return (struct virtio_input *)v; }

const struct virtio_input_counters *virtio_input_counters(const struct virtio *v) {
    return &((const struct virtio_input *)v)->counters;
}

// --- Events --------------------------------------------------------------------------------------

// Hands out events as far as the guest has given buffers. One that holds no event is given back
// empty, and the event waits for the next.
static void deliver(struct virtio_input *d) {
    while (d->count && virtio_pop(&d->v, EVENT_QUEUE, &d->chain)) {
        const struct input_event *e = &d->waiting[d->first];
        const bool fits = d->chain.fault == CHAIN_OK && d->chain.writable_bytes >= sizeof *e &&
                          chain_write(&d->chain, virtio_phys(&d->v), 0, e, sizeof *e) == sizeof *e;
        virtio_push(&d->v, EVENT_QUEUE, &d->chain, fits ? sizeof *e : 0);
        if (!fits) continue;
        d->first = (d->first + 1) % INPUT_WAITING_MAX;
        d->count--;
        d->counters.delivered++;
    }
    virtio_signal(&d->v, EVENT_QUEUE);
}

static void put_event(struct virtio_input *d, struct input_event e) {
    d->waiting[(d->first + d->count++) % INPUT_WAITING_MAX] = e;
}

void virtio_input_send(struct virtio *v, const struct input_event *event, unsigned count) {
    struct virtio_input *d = input_of(v);
    if (count >= INPUT_WAITING_MAX - d->count) {
        d->counters.dropped += count;
        return;
    }
    for (unsigned i = 0; i < count; i++) put_event(d, event[i]);
    put_event(d, (struct input_event){EV_SYN, 0, 0});
    deliver(d);
}

// The status queue says which lamps of the keyboard to light: we have none.
static void take_status(struct virtio_input *d) {
    while (virtio_pop(&d->v, STATUS_QUEUE, &d->chain)) {
        virtio_push(&d->v, STATUS_QUEUE, &d->chain, 0);
    }
    virtio_signal(&d->v, STATUS_QUEUE);
}

static void input_notify(struct virtio *v, unsigned queue) {
    if (queue == EVENT_QUEUE) deliver(input_of(v));
    if (queue == STATUS_QUEUE) take_status(input_of(v));
}

// --- Configuration -------------------------------------------------------------------------------

// A bit a code of the type. The result is how many bytes that takes, 0 where there is none.
static uint8_t fill_bits(const struct kind *kind, unsigned type, uint8_t *data) {
    for (unsigned i = 0; i < KIND_RANGES && kind->codes[i].last; i++) {
        const struct code_range *r = &kind->codes[i];
        if (r->type != type) continue;
        for (unsigned code = r->first; code <= r->last; code++) {
            data[code / 8] = (uint8_t)(data[code / 8] | 1 << code % 8);
        }
        return (uint8_t)(r->last / 8 + 1);
    }
    return 0;
}

// Fills in what was selected. The result is its size in bytes.
static uint8_t fill_data(const struct virtio_input *d, uint8_t *data) {
    const struct kind *kind = d->kind;
    const uint16_t ids[] = {BUS_VIRTUAL, VENDOR, kind->product, 1};
    const uint32_t axis[] = {0, TABLET_MAX, 0, 0, 0}; // least, most, fuzz, flat, resolution
    switch (d->select) {
    case ID_NAME:
        if (d->subselect) return 0;
        memcpy(data, kind->text, strlen(kind->text));
        return (uint8_t)strlen(kind->text);
    case ID_DEVIDS:
        if (d->subselect) return 0;
        memcpy(data, ids, sizeof ids);
        return sizeof ids;
    case EV_BITS: return fill_bits(kind, d->subselect, data);
    case ABS_INFO:
        if (!fill_bits(kind, EV_ABS, data)) return 0;
        if (!(data[d->subselect / 8] >> d->subselect % 8 & 1)) return 0;
        memcpy(data, axis, sizeof axis);
        return sizeof axis;
    default: return 0;
    }
}

static uint64_t input_read_config(struct virtio *v, uint64_t offset, unsigned size) {
    const struct virtio_input *d = input_of(v);
    uint8_t config[CONFIG_BYTES] = {d->select, d->subselect};
    uint64_t value = 0;
    config[2] = fill_data(d, config + CONFIG_DATA);
    if (config[2] == 0) memset(config + CONFIG_DATA, 0, DATA_BYTES);
    memcpy(&value, config + offset, size);
    return value;
}

static void input_write_config(struct virtio *v, uint64_t offset, unsigned size, uint64_t value) {
    if (size != 1) return;
    if (offset == 0) input_of(v)->select = (uint8_t)value;
    if (offset == 1) input_of(v)->subselect = (uint8_t)value;
}

// --- Life ----------------------------------------------------------------------------------------

// What was typed before the guest's driver was there is not for it.
static void input_reset(struct virtio *v) {
    struct virtio_input *d = input_of(v);
    d->select = d->subselect = 0;
    d->first = d->count = 0;
}

static void input_destroy(struct virtio *v) { free(v); }

#define TYPE(kind_name)                                                                            \
    {.name = kind_name,                                                                            \
     .id = 18,                                                                                     \
     .queues = QUEUES,                                                                             \
     .queue_size = QUEUE_SIZE,                                                                     \
     .config_bytes = CONFIG_BYTES,                                                                 \
     .read_config = input_read_config,                                                             \
     .write_config = input_write_config,                                                           \
     .notify = input_notify,                                                                       \
     .reset = input_reset,                                                                         \
     .destroy = input_destroy}
static const struct virtio_type types[] = {
    [INPUT_KEYBOARD] = TYPE("virtio-keyboard-device"),
    [INPUT_TABLET] = TYPE("virtio-tablet-device"),
};

struct virtio *virtio_input_create(enum virtio_input_kind kind) {
    struct virtio_input *d = calloc(1, sizeof *d);
    if (!d) return NULL;
    d->v.type = &types[kind];
    d->kind = &kinds[kind];
    return &d->v;
}
