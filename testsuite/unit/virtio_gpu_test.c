// SPDX-License-Identifier: MIT
// The virtio GPU, command by command: what a driver does on its way to a picture.
#include "testsuite/unit/gpu_driver.h"

Test(virtio_gpu, says_what_it_is) {
    struct bench b;
    start(&b);
    cr_assert_eq(reg_get(&b.r, 0x08), 16, "the device id of a GPU");
    cr_assert(ring_features(&b.r) & F_EDID);
    cr_assert_eq(reg_get(&b.r, 0x100), 0, "no event");
    cr_assert_eq(reg_get(&b.r, 0x108), 1, "one scan-out");
    cr_assert_eq(reg_get(&b.r, 0x10c), 0, "no 3D");
    end(&b);
}

Test(virtio_gpu, display_info) {
    struct bench b;
    start(&b);
    cr_assert_eq(run(&b, GET_DISPLAY_INFO, NULL, 0), OK_DISPLAY_INFO);
    cr_assert_eq(b.len, HEADER_BYTES + 16 * 24);
    cr_assert_eq(peek(&b.r, ANSWER + 24 + 8, 4), WIDTH);
    cr_assert_eq(peek(&b.r, ANSWER + 24 + 12, 4), HEIGHT);
    cr_assert_eq(peek(&b.r, ANSWER + 24 + 16, 4), 1, "enabled");
    cr_assert_eq(peek(&b.r, ANSWER + 48 + 16, 4), 0, "the second one isn't there");
    end(&b);
}

Test(virtio_gpu, edid) {
    struct bench b;
    start(&b);
    cr_assert_eq(RUN(&b, GET_EDID, 0, 0), OK_EDID);
    cr_assert_eq(peek(&b.r, ANSWER + 24, 4), EDID_BYTES);
    uint8_t sum = 0, *block = b.r.ram + (ANSWER - RAM) + 32;
    for (unsigned i = 0; i < EDID_BYTES; i++) sum = (uint8_t)(sum + block[i]);
    cr_assert_eq(sum, 0);
    cr_assert_arr_eq(block, "\0\377\377\377\377\377\377\0", 8);
    cr_assert_eq(block[56] | (block[58] & 0xf0) << 4, WIDTH);
    cr_assert_eq(block[59] | (block[61] & 0xf0) << 4, HEIGHT);
    const unsigned clock = (block[54] | block[55] << 8) * 10000u;
    const unsigned across = WIDTH + block[57], down = HEIGHT + block[60];
    cr_assert_eq((clock + 20000) / (across * down), 60, "hertz");
    cr_assert_eq(RUN(&b, GET_EDID, 1, 0), BAD_SCANOUT);
    end(&b);
    start_with(&b, VERSION_1);
    cr_assert_eq(RUN(&b, GET_EDID, 0, 0), UNSPEC, "not negotiated");
    end(&b);
}

Test(virtio_gpu, shows_a_picture) {
    struct bench b;
    start(&b);
    const struct screen *s = virtio_gpu_screen(b.v);
    cr_assert_eq(s->width, 0);
    show(&b);
    cr_assert(s->width == 32 && s->height == 32);
    cr_assert(s->damage.width == 32 && s->damage.height == 32);
    for (unsigned i = 0; i < 32 * 32; i++) cr_assert_eq(s->pixels[i], colour_of(i));
    cr_assert_eq(set_scanout(&b, 0, 0, (struct rect){0}), OK);
    cr_assert_eq(s->width, 0, "switched off");
    end(&b);
}

Test(virtio_gpu, moves_rectangles) {
    struct bench b;
    start(&b);
    show(&b);
    struct screen *s = virtio_gpu_screen(b.v);
    const struct rect part = {3, 5, 7, 2};
    for (unsigned i = 0; i < 32 * 32; i++) poke(&b.r, PICTURE + i * 4, 0xaabbcc, 4);
    screen_clean(s);
    cr_assert_eq(transfer(&b, 1, part, (5 * 32 + 3) * 4), OK);
    cr_assert_eq(s->damage.width, 0, "nothing is shown before the flush");
    cr_assert_eq(flush(&b, 1, (struct rect){0, 0, 32, 16}), OK);
    cr_assert_eq(s->damage.height, 16);
    for (unsigned i = 0; i < 32 * 32; i++) {
        const bool inside = i % 32 >= 3 && i % 32 < 10 && i / 32 >= 5 && i / 32 < 7;
        cr_assert_eq(s->pixels[i], inside ? 0xaabbcc : colour_of(i), "pixel %u", i);
    }
    end(&b);
}

// The scan-out shows a part of a resource; the rest of it can be drawn without being seen.
Test(virtio_gpu, shows_a_part) {
    struct bench b;
    start(&b);
    show(&b);
    struct screen *s = virtio_gpu_screen(b.v);
    cr_assert_eq(set_scanout(&b, 0, 1, (struct rect){8, 4, 16, 20}), OK);
    cr_assert(s->width == 16 && s->height == 20);
    for (unsigned i = 0; i < 16 * 20; i++) {
        cr_assert_eq(s->pixels[i], colour_of((i / 16 + 4) * 32 + i % 16 + 8));
    }
    screen_clean(s);
    cr_assert_eq(flush(&b, 1, (struct rect){0, 0, 32, 4}), OK);
    cr_assert_eq(s->damage.width, 0);
    cr_assert_eq(flush(&b, 1, (struct rect){20, 20, 12, 12}), OK);
    cr_assert(s->damage.x == 12 && s->damage.y == 16 && s->damage.width == 4 &&
              s->damage.height == 4);
    end(&b);
}

Test(virtio_gpu, backing_in_pieces) {
    struct bench b;
    start(&b);
    const struct rect all = {0, 0, 32, 32};
    // Pixel i lies at a place of its own choosing: four pieces in reverse order, one of them odd.
    const uint64_t piece[][2] = {
        {PICTURE + 0x3001, 1023}, {PICTURE + 0x2000, 1}, {PICTURE + 0x1000, 2048}, {PICTURE, 1024}};
    uint8_t bytes[32 * 32 * 4];
    for (unsigned i = 0; i < 32 * 32; i++) {
        const uint32_t c = colour_of(i);
        memcpy(bytes + i * 4, &c, 4);
    }
    for (unsigned i = 0, at = 0; i < 4; at += (unsigned)piece[i++][1]) {
        memcpy(b.r.ram + (piece[i][0] - RAM), bytes + at, piece[i][1]);
    }
    cr_assert_eq(create(&b, 7, 32, 32), OK);
    cr_assert_eq(attach(&b, 7, 4, piece, 4), OK);
    cr_assert_eq(transfer(&b, 7, all, 0), OK);
    cr_assert_eq(set_scanout(&b, 0, 7, all), OK);
    for (unsigned i = 0; i < 32 * 32; i++) {
        cr_assert_eq(virtio_gpu_screen(b.v)->pixels[i], colour_of(i), "pixel %u", i);
    }
    end(&b);
}

Test(virtio_gpu, formats) {
    static const struct {
        uint32_t format, argb;
    } rows[] = {
        {1, 0x44332211},  {2, 0xff332211},  {3, 0x11223344},   {4, 0xff223344},
        {67, 0x44112233}, {68, 0xff443322}, {121, 0x11443322}, {134, 0xff112233},
    };
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct bench b;
        start(&b);
        for (unsigned p = 0; p < 64 * 64; p++) poke(&b.r, PICTURE + p * 4, 0x44332211, 4);
        cr_assert_eq(RUN(&b, CREATE_2D, 1, rows[i].format, 64, 64), OK);
        cr_assert_eq(attach_picture(&b, 1, 64 * 64 * 4), OK);
        const struct rect all = {0, 0, 64, 64};
        cr_assert_eq(transfer(&b, 1, all, 0), OK);
        cr_assert_eq(set_scanout(&b, 0, 1, all), OK);
        // Alpha counts in the cursor only.
        const uint32_t got = virtio_gpu_screen(b.v)->pixels[64 * 64 - 1];
        cr_assert_eq(got, rows[i].argb & 0xffffff, "format %u: %x", rows[i].format, got);
        end(&b);
    }
}

Test(virtio_gpu, unref_and_reset_free) {
    struct bench b;
    start(&b);
    show(&b);
    cr_assert_gt(virtio_gpu_held(b.v), 32 * 32 * 4);
    cr_assert_eq(RUN(&b, UNREF, 1, 0), OK);
    expect_nothing_held(&b);
    cr_assert_eq(virtio_gpu_screen(b.v)->width, 0, "what was shown is gone");
    cr_assert_eq(RUN(&b, UNREF, 1, 0), BAD_RESOURCE);
    show(&b);
    reg_set(&b.r, 0x70, 0);
    expect_nothing_held(&b);
    cr_assert_eq(virtio_gpu_screen(b.v)->width, 0);
    end(&b);
}

Test(virtio_gpu, detach) {
    struct bench b;
    start(&b);
    show(&b);
    cr_assert_eq(attach_picture(&b, 1, 4096), UNSPEC, "it has one");
    cr_assert_eq(RUN(&b, DETACH, 1, 0), OK);
    cr_assert_eq(RUN(&b, DETACH, 1, 0), UNSPEC, "it has none");
    cr_assert_eq(transfer(&b, 1, (struct rect){0, 0, 1, 1}, 0), UNSPEC);
    cr_assert_eq(flush(&b, 1, (struct rect){0, 0, 1, 1}), OK, "pixels need no backing");
    end(&b);
}

Test(virtio_gpu, fences) {
    struct bench b;
    start(&b);
    command(&b, UNREF, (const uint32_t[]){99, 0}, 2);
    poke(&b.r, COMMAND + 4, 1, 4);
    poke(&b.r, COMMAND + 8, 0x1122334455667788, 8);
    cr_assert_eq(serve(&b, 32, 24), BAD_RESOURCE);
    cr_assert_eq(peek(&b.r, ANSWER + 4, 4), 1);
    cr_assert_eq(peek(&b.r, ANSWER + 8, 8), 0x1122334455667788, "errors pass fences, too");
    cr_assert_eq(RUN(&b, UNREF, 99, 0), BAD_RESOURCE);
    cr_assert_eq(peek(&b.r, ANSWER + 4, 4), 0, "no fence was asked for");
    end(&b);
}

// --- The cursor, and the monitor -----------------------------------------------------------------

// Moves what follows to queue 1, which lies behind queue 0.
static void use_cursor_queue(struct bench *b) {
    reg_set(&b->r, 0x30, 1);
    reg_set(&b->r, 0x38, 16);
    const uint64_t part[] = {RING_DESC + 0x200000, RING_AVAIL + 0x200000, RING_USED + 0x200000};
    for (unsigned i = 0; i < 3; i++) {
        reg_set(&b->r, 0x80 + i * 0x10, (uint32_t)part[i]);
        reg_set(&b->r, 0x84 + i * 0x10, part[i] >> 32);
    }
    reg_set(&b->r, 0x44, 1);
    b->r.desc = part[0], b->r.avail = part[1], b->r.used = part[2];
    b->r.offered = b->r.seen = 0;
}

static uint32_t cursor(struct bench *b, const uint32_t word[8], uint32_t type) {
    uint32_t id;
    command(b, type, word, 8);
    desc(&b->r, 0, COMMAND, 56, NEXT, 1);
    desc(&b->r, 1, ANSWER, 24, WRITE, 0);
    offer(&b->r, 0);
    reg_set(&b->r, 0x50, 1);
    cr_assert(take_used(&b->r, &id, &b->len));
    return (uint32_t)peek(&b->r, ANSWER, 4);
}
#define CURSOR(b, type, scanout, x, y, id, hot_x, hot_y)                                           \
    cursor(b, (const uint32_t[8]){scanout, x, y, 0, id, hot_x, hot_y, 0}, type)

Test(virtio_gpu, cursor) {
    struct bench b;
    start(&b);
    show(&b);
    const struct screen *s = virtio_gpu_screen(b.v);
    for (unsigned i = 0; i < 64 * 64; i++) poke(&b.r, PICTURE + i * 4, 0x80ff0000, 4);
    cr_assert_eq(RUN(&b, CREATE_2D, 2, 1, 64, 64), OK);
    cr_assert_eq(attach_picture(&b, 2, 64 * 64 * 4), OK);
    cr_assert_eq(transfer(&b, 2, (struct rect){0, 0, 64, 64}, 0), OK);
    use_cursor_queue(&b);
    cr_assert_eq(CURSOR(&b, UPDATE_CURSOR, 0, 9, 8, 2, 1, 2), OK);
    cr_assert(s->cursor.visible && s->cursor.x == 9 && s->cursor.hot_y == 2);
    cr_assert_eq(s->cursor.argb[0], 0x80ff0000);
    uint32_t seen[32 * 32];
    screen_copy(s, &(struct rect){0, 0, 32, 32}, true, seen);
    cr_assert_eq(seen[5 * 32 + 31], colour_of(5 * 32 + 31), "above it");
    cr_assert_eq(seen[6 * 32 + 7], colour_of(6 * 32 + 7), "left of it");
    const uint32_t below = colour_of(6 * 32 + 8);
    cr_assert_eq(seen[6 * 32 + 8] & 0xff, (below & 0xff) * 127 / 255, "half of its blue");
    cr_assert_eq(CURSOR(&b, MOVE_CURSOR, 0, UINT32_MAX, 0x80000000, 0, 0, 0), OK);
    screen_copy(s, &(struct rect){0, 0, 32, 32}, true, seen);
    for (unsigned i = 0; i < 32 * 32; i++) cr_assert_eq(seen[i], colour_of(i), "far away");
    cr_assert_eq(CURSOR(&b, UPDATE_CURSOR, 0, 9, 8, 0, 0, 0), OK);
    cr_assert_not(s->cursor.visible);
    end(&b);
}

Test(virtio_gpu, bad_cursors) {
    struct bench b;
    start(&b);
    show(&b);
    cr_assert_eq(create(&b, 2, 64, 64), OK);
    use_cursor_queue(&b);
    cr_assert_eq(CURSOR(&b, UPDATE_CURSOR, 0, 0, 0, 99, 0, 0), BAD_RESOURCE);
    cr_assert_eq(CURSOR(&b, UPDATE_CURSOR, 0, 0, 0, 1, 0, 0), BAD_PARAMETER, "not 64 by 64");
    cr_assert_eq(CURSOR(&b, UPDATE_CURSOR, 0, 0, 0, 2, 64, 0), BAD_PARAMETER);
    cr_assert_eq(CURSOR(&b, UPDATE_CURSOR, 0, 0, 0, 2, 0, UINT32_MAX), BAD_PARAMETER);
    cr_assert_eq(CURSOR(&b, UPDATE_CURSOR, 1, 0, 0, 2, 0, 0), BAD_SCANOUT);
    cr_assert_eq(CURSOR(&b, MOVE_CURSOR, 1, 0, 0, 0, 0, 0), BAD_SCANOUT);
    cr_assert_eq(CURSOR(&b, CREATE_2D, 5, 2, 16, 16, 0, 0), UNSPEC, "wrong queue");
    cr_assert_not(virtio_gpu_screen(b.v)->cursor.visible);
    end(&b);
}

Test(virtio_gpu, monitor_of_another_size) {
    struct bench b;
    start(&b);
    const uint64_t generation = reg_get(&b.r, 0xfc);
    virtio_gpu_resize(b.v, WIDTH, HEIGHT);
    cr_assert_eq(reg_get(&b.r, 0xfc), generation, "the same size is no change");
    virtio_gpu_resize(b.v, 800, 100000);
    cr_assert_neq(reg_get(&b.r, 0xfc), generation);
    cr_assert_eq(reg_get(&b.r, 0x60), 2, "a configuration interrupt");
    cr_assert_eq(reg_get(&b.r, 0x100), 1);
    reg_set(&b.r, 0x104, 1);
    cr_assert_eq(reg_get(&b.r, 0x100), 0);
    cr_assert_eq(run(&b, GET_DISPLAY_INFO, NULL, 0), OK_DISPLAY_INFO);
    cr_assert_eq(peek(&b.r, ANSWER + 24 + 8, 4), 800);
    cr_assert_eq(peek(&b.r, ANSWER + 24 + 12, 4), SCREEN_MAX_SIDE - 1);
    end(&b);
}
