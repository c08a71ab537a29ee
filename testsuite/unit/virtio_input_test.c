// SPDX-License-Identifier: MIT
// Virtio input devices: what they say they are, how events get to the guest, and what happens when
// the guest takes none, or gives buffers that are none.
#include "devices/virtio_input.h"
#include "testsuite/unit/ring.h"

enum { CONFIG = 0x100, SIZE = CONFIG + 2, STRUCT = CONFIG + 8, KEY_A = 30 };
#define VERSION_1 (UINT64_C(1) << 32)

struct bench {
    struct ring r;
    struct virtio *v;
};

static void start(struct bench *b, enum virtio_input_kind kind) {
    ring_machine(&b->r);
    b->v = virtio_input_create(kind);
    cr_assert_not_null(b->v);
    ring_plug(&b->r, b->v, false);
    ring_start(&b->r, VERSION_1, 16);
}
static void end(struct bench *b) { ring_end(&b->r); }

static unsigned ask(struct bench *b, unsigned select, unsigned subselect) {
    put(b->r.slot, CONFIG, 1, select);
    put(b->r.slot, CONFIG + 1, 1, subselect);
    return (unsigned)get(b->r.slot, SIZE, 1);
}

static bool has_bit(struct bench *b, unsigned type, unsigned code) {
    if (ask(b, 0x11, type) <= code / 8) return false;
    return get(b->r.slot, STRUCT + code / 8, 1) >> code % 8 & 1;
}

// Offers buffer n of some bytes.
static void give(struct bench *b, unsigned n, uint32_t bytes) {
    desc(&b->r, n, DATA + n * 64, bytes, WRITE, 0);
    offer(&b->r, n);
}

static void press(struct bench *b, uint32_t value) {
    virtio_input_send(b->v, &(struct input_event){EV_KEY, KEY_A, value}, 1);
}

// The next used buffer holds this event.
static void expect(struct bench *b, uint16_t type, uint16_t code, uint32_t value) {
    uint32_t id, len;
    cr_assert(take_used(&b->r, &id, &len));
    cr_assert_eq(len, 8);
    cr_assert_eq(peek(&b->r, DATA + id * 64, 2), type);
    cr_assert_eq(peek(&b->r, DATA + id * 64 + 2, 2), code);
    cr_assert_eq(peek(&b->r, DATA + id * 64 + 4, 4), value);
}

Test(virtio_input, keyboard) {
    struct bench b;
    start(&b, INPUT_KEYBOARD);
    cr_assert_eq(reg_get(&b.r, 0x08), 18);
    cr_assert_eq(ask(&b, 1, 0), strlen("Tablewalk keyboard"));
    cr_assert_eq(get(b.r.slot, STRUCT, 1), 'T');
    cr_assert_eq(ask(&b, 3, 0), 8);
    cr_assert(has_bit(&b, EV_KEY, KEY_A) && has_bit(&b, EV_KEY, 1) && has_bit(&b, EV_REP, 0));
    cr_assert_not(has_bit(&b, EV_KEY, 0) || has_bit(&b, EV_KEY, BTN_LEFT));
    cr_assert_eq(ask(&b, 0x11, EV_ABS), 0, "no axes");
    cr_assert_eq(ask(&b, 0x12, ABS_X), 0);
    end(&b);
}

Test(virtio_input, tablet) {
    struct bench b;
    start(&b, INPUT_TABLET);
    cr_assert(has_bit(&b, EV_KEY, BTN_LEFT) && has_bit(&b, EV_KEY, BTN_MIDDLE));
    cr_assert(has_bit(&b, EV_ABS, ABS_X) && has_bit(&b, EV_ABS, ABS_Y));
    cr_assert(has_bit(&b, EV_REL, REL_WHEEL));
    for (unsigned axis = 0; axis < 2; axis++) {
        cr_assert_eq(ask(&b, 0x12, axis), 20);
        cr_assert_eq(get(b.r.slot, STRUCT, 4), 0);
        cr_assert_eq(get(b.r.slot, STRUCT + 4, 4), TABLET_MAX);
    }
    cr_assert_eq(ask(&b, 0x12, 2), 0);
    cr_assert_eq(ask(&b, 0x12, 255), 0);
    end(&b);
}

// Whatever is asked for, the answer is a size within the space, and nothing behind it.
Test(virtio_input, every_question) {
    for (enum virtio_input_kind kind = INPUT_KEYBOARD; kind <= INPUT_TABLET; kind++) {
        struct bench b;
        start(&b, kind);
        for (unsigned select = 0; select < 256; select++) {
            for (unsigned subselect = 0; subselect < 256; subselect++) {
                const unsigned size = ask(&b, select, subselect);
                cr_assert_leq(size, 128);
                if (size < 128) cr_assert_eq(get(b.r.slot, STRUCT + size, 1), 0);
            }
        }
        end(&b);
    }
}

Test(virtio_input, events_arrive) {
    struct bench b;
    start(&b, INPUT_KEYBOARD);
    for (unsigned i = 0; i < 4; i++) give(&b, i, 8);
    notify(&b.r);
    cr_assert_not(b.r.irq.level, "nothing was typed");
    press(&b, 1);
    cr_assert(b.r.irq.level);
    expect(&b, EV_KEY, KEY_A, 1);
    expect(&b, EV_SYN, 0, 0);
    press(&b, 0);
    expect(&b, EV_KEY, KEY_A, 0);
    expect(&b, EV_SYN, 0, 0);
    cr_assert_eq(virtio_input_counters(b.v)->delivered, 4);
    end(&b);
}

Test(virtio_input, events_wait_for_buffers) {
    struct bench b;
    uint32_t id, len;
    start(&b, INPUT_KEYBOARD);
    press(&b, 1);
    cr_assert_not(take_used(&b.r, &id, &len));
    give(&b, 0, 8);
    notify(&b.r);
    expect(&b, EV_KEY, KEY_A, 1);
    give(&b, 1, 8);
    notify(&b.r);
    expect(&b, EV_SYN, 0, 0);
    end(&b);
}

Test(virtio_input, too_many_events) {
    struct bench b;
    start(&b, INPUT_KEYBOARD);
    for (unsigned i = 0; i < INPUT_WAITING_MAX; i++) press(&b, i);
    const unsigned kept = INPUT_WAITING_MAX / 2;
    cr_assert_eq(virtio_input_counters(b.v)->dropped, INPUT_WAITING_MAX - kept);
    for (unsigned i = 0; i < kept; i++) {
        give(&b, 0, 8);
        give(&b, 1, 8);
        notify(&b.r);
        expect(&b, EV_KEY, KEY_A, i);
        expect(&b, EV_SYN, 0, 0);
    }
    uint32_t id, len;
    give(&b, 0, 8);
    notify(&b.r);
    cr_assert_not(take_used(&b.r, &id, &len), "events are whole or not at all");
    end(&b);
}

Test(virtio_input, bad_buffers) {
    struct bench b;
    uint32_t id, len;
    start(&b, INPUT_KEYBOARD);
    press(&b, 1);
    give(&b, 0, 7);                   // too short
    desc(&b.r, 1, TRAP, 8, WRITE, 0); // not RAM
    desc(&b.r, 2, DATA, 8, 0, 0);     // not writable
    desc(&b.r, 3, DATA, 8, WRITE | NEXT, 3);
    for (unsigned i = 1; i < 4; i++) offer(&b.r, i);
    notify(&b.r);
    for (unsigned i = 0; i < 4; i++) {
        cr_assert(take_used(&b.r, &id, &len));
        cr_assert(id == i && len == 0);
    }
    give(&b, 4, 8);
    notify(&b.r);
    expect(&b, EV_KEY, KEY_A, 1);
    end(&b);
}

Test(virtio_input, reset_forgets) {
    struct bench b;
    uint32_t id, len;
    start(&b, INPUT_KEYBOARD);
    press(&b, 1);
    ring_start(&b.r, VERSION_1, 16);
    give(&b, 0, 8);
    notify(&b.r);
    cr_assert_not(take_used(&b.r, &id, &len));
    end(&b);
}
