// SPDX-License-Identifier: MIT
//
// The driver of a virtio keyboard, see keyboard.h.
//
// A keyboard speaks when somebody types, so all its buffers lie with the device from the start: it
// fills one for each event and hands it back, and the driver gives it to the device again. An event
// says which key, by its place on the keyboard, went down or came up; what is printed on the key
// the driver has to know. This one knows a keyboard of the United States.
#include "kernel/keyboard.h"

#include "kernel/console.h"
#include "kernel/riscv.h"
#include "kernel/virtio.h"

#define QUEUE_SIZE 32

// What the configuration space is asked for: the keys there are, a bit each.
#define CONFIG_EVENT_BITS 0x11
#define CONFIG_DATA       8

enum event_type { EVENT_KEY = 1 };
enum event_value { KEY_UP, KEY_DOWN, KEY_REPEATED };
enum key_code {
    KEY_A = 30,
    KEY_LEFT_CONTROL = 29,
    KEY_LEFT_SHIFT = 42,
    KEY_RIGHT_SHIFT = 54,
    KEY_RIGHT_CONTROL = 97,
    KEY_ARROW_UP = 103,
    KEY_ARROW_LEFT = 105,
    KEY_ARROW_RIGHT = 106,
    KEY_ARROW_DOWN = 108,
};

struct event {
    uint16_t type, code;
    uint32_t value;
};

struct keyboard_rings {
    struct descriptor descriptor[QUEUE_SIZE];
    struct event event[QUEUE_SIZE]; // where descriptor n leads
    struct {
        uint16_t flags, index, ring[QUEUE_SIZE], event;
    } available;
    struct {
        uint16_t flags, index;
        struct used_entry ring[QUEUE_SIZE];
        uint16_t event;
    } used __attribute__((aligned(64)));
};

// The characters of the keys from code 1 on, row by row: without Shift and with it. 0: none.
static const char PRINTED[2][58] = {
    "\x1b"
    "1234567890-=\x7f\t"
    "qwertyuiop[]\r\0"
    "asdfghjkl;'`\0\\"
    "zxcvbnm,./\0*\0 ",
    "\x1b"
    "!@#$%^&*()_+\x7f\t"
    "QWERTYUIOP{}\r\0"
    "ASDFGHJKL:\"~\0|"
    "ZXCVBNM<>?\0*\0 ",
};

static bool has_key(volatile uint32_t *registers, enum key_code code) {
    volatile uint8_t *config = (volatile uint8_t *)&registers[VIRTIO_CONFIG];
    config[0] = CONFIG_EVENT_BITS;
    config[1] = EVENT_KEY;
    return config[2] > code / 8 && (config[CONFIG_DATA + code / 8] >> code % 8 & 1);
}

// Lends buffer `n` to the device.
static void lend(struct keyboard_rings *rings, uint16_t n) {
    rings->available.ring[rings->available.index % QUEUE_SIZE] = n;
    memory_fence();
    rings->available.index++;
}

bool keyboard_start(struct keyboard *keyboard, volatile void *base, uint32_t interrupt, void *rings,
                    const char **why) {
    *keyboard = (struct keyboard){.rings = rings, .interrupt = interrupt};
    volatile uint32_t *registers = base;
    struct keyboard_rings *r = rings;
    uint32_t features = 0;
    if (!virtio_is(registers, VIRTIO_INPUT, why)) return false;
    if (!has_key(registers, KEY_A)) return false; // a mouse, or a tablet
    *why = virtio_agree(registers, &features);
    if (!*why) *why = virtio_queue(registers, QUEUE_SIZE, r->descriptor, &r->available, &r->used);
    if (*why) return false;
    for (uint16_t n = 0; n < QUEUE_SIZE; n++) {
        r->descriptor[n] =
            (struct descriptor){(uintptr_t)&r->event[n], sizeof r->event[n], DESCRIPTOR_WRITE, 0};
        lend(r, n);
    }
    keyboard->registers = registers;
    virtio_start(registers);
    virtio_notify(registers);
    return true;
}

// The letter of an arrow's escape sequence, or 0.
static char arrow(uint16_t code) {
    switch (code) {
    case KEY_ARROW_UP: return 'A';
    case KEY_ARROW_DOWN: return 'B';
    case KEY_ARROW_RIGHT: return 'C';
    case KEY_ARROW_LEFT: return 'D';
    default: return 0;
    }
}

static void key_down(const struct keyboard *keyboard, struct console *console, uint16_t code) {
    if (arrow(code)) {
        console_typed(console, 0x1b);
        console_typed(console, '[');
        console_typed(console, (uint8_t)arrow(code));
    }
    if (code == 0 || code > sizeof PRINTED[0]) return;
    char c = PRINTED[keyboard->shift][code - 1];
    if (c) console_typed(console, (uint8_t)(keyboard->control ? c & 0x1f : c));
}

static void take(struct keyboard *keyboard, struct console *console, const struct event *event) {
    if (event->type != EVENT_KEY) return;
    bool down = event->value != KEY_UP;
    switch (event->code) {
    case KEY_LEFT_SHIFT:
    case KEY_RIGHT_SHIFT: keyboard->shift = down; break;
    case KEY_LEFT_CONTROL:
    case KEY_RIGHT_CONTROL: keyboard->control = down; break;
    default:
        if (down) key_down(keyboard, console, event->code);
    }
}

void keyboard_interrupt(struct keyboard *keyboard, struct console *console) {
    struct keyboard_rings *rings = keyboard->rings;
    virtio_acknowledge(keyboard->registers);
    while (*(volatile uint16_t *)&rings->used.index != keyboard->used_seen) {
        memory_fence();
        uint32_t n = rings->used.ring[keyboard->used_seen++ % QUEUE_SIZE].id % QUEUE_SIZE;
        take(keyboard, console, &rings->event[n]);
        lend(rings, (uint16_t)n);
    }
    virtio_notify(keyboard->registers);
}
