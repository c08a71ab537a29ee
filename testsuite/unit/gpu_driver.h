// SPDX-License-Identifier: MIT
// Plays the driver of a virtio GPU: commands with their answers, and a first picture.
#ifndef TABLEWALK_TESTSUITE_UNIT_GPU_DRIVER_H
#define TABLEWALK_TESTSUITE_UNIT_GPU_DRIVER_H

#include "devices/edid.h"
#include "devices/virtio_gpu.h"
#include "testsuite/unit/ring.h"

enum {
    GET_DISPLAY_INFO = 0x100,
    CREATE_2D,
    UNREF,
    SET_SCANOUT,
    FLUSH,
    TRANSFER,
    ATTACH,
    DETACH,
    GET_CAPSET_INFO,
    GET_CAPSET,
    GET_EDID,
    UPDATE_CURSOR = 0x300,
    MOVE_CURSOR,
    OK = 0x1100,
    OK_DISPLAY_INFO,
    OK_EDID = 0x1104,
    UNSPEC = 0x1200,
    OUT_OF_MEMORY,
    BAD_SCANOUT,
    BAD_RESOURCE,
    BAD_PARAMETER = 0x1205,
};
enum { BGRX = 2, WIDTH = 640, HEIGHT = 480, HEADER_BYTES = 24 };

#define VERSION_1 (UINT64_C(1) << 32)
#define F_EDID    (UINT64_C(1) << 1)
#define COMMAND   (DATA)
#define ANSWER    (DATA + 0x8000)
#define LISTED    (COMMAND + HEADER_BYTES + 8)
#define PICTURE   (RAM + 0x100000)

struct bench {
    struct ring r;
    struct virtio *v;
    uint32_t len; // of the last used element
};

static inline void start_with(struct bench *b, uint64_t features) {
    ring_machine(&b->r);
    b->v = virtio_gpu_create(&b->r.clock.schedule, WIDTH, HEIGHT);
    cr_assert_not_null(b->v);
    ring_plug(&b->r, b->v, false);
    ring_start(&b->r, features, 16);
}
static inline void start(struct bench *b) { start_with(b, VERSION_1 | F_EDID); }
static inline void end(struct bench *b) { ring_end(&b->r); }

// Writes a command of a type, with 32-bit arguments.
static inline void command(struct bench *b, uint32_t type, const uint32_t *word, unsigned words) {
    memset(b->r.ram + (COMMAND - RAM), 0, 128);
    memset(b->r.ram + (ANSWER - RAM), 0xee, 2048);
    poke(&b->r, COMMAND, type, 4);
    for (unsigned i = 0; i < words; i++) poke(&b->r, COMMAND + HEADER_BYTES + i * 4, word[i], 4);
}

// Has `bytes` of command served, with `room` for the answer. The result is the answer's type.
static inline uint32_t serve(struct bench *b, uint32_t bytes, uint32_t room) {
    uint32_t id;
    desc(&b->r, 0, COMMAND, bytes, NEXT, 1);
    desc(&b->r, 1, ANSWER, room, WRITE, 0);
    offer(&b->r, 0);
    notify(&b->r);
    test_clock_go(&b->r.clock, b->r.clock.now + 1);
    cr_assert(take_used(&b->r, &id, &b->len), "every command comes back");
    cr_assert_eq(id, 0);
    return (uint32_t)peek(&b->r, ANSWER, 4);
}

#define RUN(b, type, ...)                                                                          \
    run(b, type, (const uint32_t[]){__VA_ARGS__}, sizeof((const uint32_t[]){__VA_ARGS__}) / 4)
static inline uint32_t run(struct bench *b, uint32_t type, const uint32_t *word, unsigned words) {
    command(b, type, word, words);
    return serve(b, HEADER_BYTES + words * 4, 2048);
}

static inline uint32_t create(struct bench *b, uint32_t id, uint32_t width, uint32_t height) {
    return RUN(b, CREATE_2D, id, BGRX, width, height);
}

// A backing in as many pieces as there are pairs of address and length.
static inline uint32_t attach(struct bench *b, uint32_t id, uint32_t entries,
                              const uint64_t (*piece)[2], unsigned listed) {
    command(b, ATTACH, (const uint32_t[]){id, entries}, 2);
    for (unsigned i = 0; i < listed; i++) {
        poke(&b->r, LISTED + i * 16, piece[i][0], 8);
        poke(&b->r, LISTED + i * 16 + 8, piece[i][1], 8);
    }
    return serve(b, HEADER_BYTES + 8 + listed * 16, 24);
}
static inline uint32_t attach_picture(struct bench *b, uint32_t id, uint64_t bytes) {
    const uint64_t piece[][2] = {{PICTURE, bytes}};
    return attach(b, id, 1, piece, 1);
}

static inline uint32_t transfer(struct bench *b, uint32_t id, struct rect r, uint64_t offset) {
    return RUN(b, TRANSFER, r.x, r.y, r.width, r.height, (uint32_t)offset, (uint32_t)(offset >> 32),
               id, 0);
}
static inline uint32_t flush(struct bench *b, uint32_t id, struct rect r) {
    return RUN(b, FLUSH, r.x, r.y, r.width, r.height, id, 0);
}
static inline uint32_t set_scanout(struct bench *b, uint32_t scanout, uint32_t id, struct rect r) {
    return RUN(b, SET_SCANOUT, r.x, r.y, r.width, r.height, scanout, id);
}

static inline uint32_t colour_of(unsigned pixel) { return pixel * 2654435761u & 0xffffff; }

// Resource 1 of 32 by 32 pixels with a backing of colours, shown.
static inline void show(struct bench *b) {
    const struct rect all = {0, 0, 32, 32};
    for (unsigned i = 0; i < 32 * 32; i++) poke(&b->r, PICTURE + i * 4, colour_of(i), 4);
    cr_assert_eq(create(b, 1, 32, 32), OK);
    cr_assert_eq(attach_picture(b, 1, 32 * 32 * 4), OK);
    cr_assert_eq(set_scanout(b, 0, 1, all), OK);
    cr_assert_eq(transfer(b, 1, all, 0), OK);
    screen_clean(virtio_gpu_screen(b->v));
    cr_assert_eq(flush(b, 1, all), OK);
}

static inline void expect_nothing_held(struct bench *b) { cr_assert_eq(virtio_gpu_held(b->v), 0); }

#endif
