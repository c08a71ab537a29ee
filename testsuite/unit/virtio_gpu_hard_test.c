// SPDX-License-Identifier: MIT
// The virtio GPU, command by command: what a hostile driver tries.
#include "testsuite/unit/gpu_driver.h"

Test(virtio_gpu_hard, bad_resource_ids) {
    struct bench b;
    start(&b);
    show(&b);
    static const uint32_t ids[] = {0, 2, 0x80000001, UINT32_MAX};
    const struct rect r = {0, 0, 16, 16};
    for (unsigned i = 0; i < sizeof ids / sizeof *ids; i++) {
        cr_assert_eq(RUN(&b, UNREF, ids[i], 0), BAD_RESOURCE);
        cr_assert_eq(RUN(&b, DETACH, ids[i], 0), BAD_RESOURCE);
        cr_assert_eq(attach_picture(&b, ids[i], 16), BAD_RESOURCE);
        cr_assert_eq(transfer(&b, ids[i], r, 0), BAD_RESOURCE);
        cr_assert_eq(flush(&b, ids[i], r), BAD_RESOURCE);
        if (ids[i]) cr_assert_eq(set_scanout(&b, 0, ids[i], r), BAD_RESOURCE);
    }
    cr_assert_eq(create(&b, 0, 16, 16), BAD_RESOURCE);
    cr_assert_eq(create(&b, 1, 16, 16), BAD_RESOURCE, "taken");
    cr_assert_eq(virtio_gpu_counters(b.v)->failed, 4 * 6 - 1 + 2);
    end(&b);
}

Test(virtio_gpu_hard, bad_sizes) {
    struct bench b;
    start(&b);
    static const uint32_t sides[] = {0, SCREEN_MAX_SIDE + 1, 0x10000, 0x40000000, UINT32_MAX};
    for (unsigned i = 0; i < sizeof sides / sizeof *sides; i++) {
        cr_assert_eq(create(&b, 1, sides[i], 16), BAD_PARAMETER);
        cr_assert_eq(create(&b, 1, 16, sides[i]), BAD_PARAMETER);
        cr_assert_eq(create(&b, 1, sides[i], sides[i]), BAD_PARAMETER);
    }
    static const uint32_t formats[] = {0, 5, 66, 133, UINT32_MAX};
    for (unsigned i = 0; i < sizeof formats / sizeof *formats; i++) {
        cr_assert_eq(RUN(&b, CREATE_2D, 1, formats[i], 16, 16), BAD_PARAMETER);
    }
    expect_nothing_held(&b);
    end(&b);
}

Test(virtio_gpu_hard, bad_rectangles) {
    struct bench b;
    start(&b);
    show(&b);
    static const struct rect rects[] = {
        {0, 0, 33, 1},         {0, 0, 1, 33},         {32, 0, 1, 1},
        {0, 32, 1, 1},         {31, 0, 2, 1},         {UINT32_MAX, 0, 2, 2},
        {0, UINT32_MAX, 2, 2}, {1, 1, UINT32_MAX, 1}, {1, 1, 1, UINT32_MAX},
        {0, 0, 0, 1},          {0, 0, 1, 0},          {0x80000000, 0, 0x80000000, 1},
    };
    for (unsigned i = 0; i < sizeof rects / sizeof *rects; i++) {
        cr_assert_eq(transfer(&b, 1, rects[i], 0), BAD_PARAMETER, "%u", i);
        cr_assert_eq(flush(&b, 1, rects[i]), BAD_PARAMETER, "%u", i);
        cr_assert_eq(set_scanout(&b, 0, 1, rects[i]), BAD_PARAMETER, "%u", i);
    }
    cr_assert_eq(set_scanout(&b, 0, 1, (struct rect){0, 0, 15, 16}), BAD_PARAMETER);
    cr_assert_eq(set_scanout(&b, 1, 1, (struct rect){0, 0, 16, 16}), BAD_SCANOUT);
    cr_assert_eq(set_scanout(&b, UINT32_MAX, 0, (struct rect){0}), BAD_SCANOUT);
    end(&b);
}

Test(virtio_gpu_hard, bad_offsets) {
    struct bench b;
    start(&b);
    show(&b);
    static const uint64_t offsets[] = {1, 32 * 32 * 4, UINT64_MAX, UINT64_MAX - 4095,
                                       UINT64_C(1) << 63};
    for (unsigned i = 0; i < sizeof offsets / sizeof *offsets; i++) {
        cr_assert_eq(transfer(&b, 1, (struct rect){0, 0, 32, 32}, offsets[i]), BAD_PARAMETER);
    }
    cr_assert_eq(transfer(&b, 1, (struct rect){0, 0, 32, 31}, 128), OK);
    cr_assert_eq(transfer(&b, 1, (struct rect){31, 31, 1, 1}, 4095), BAD_PARAMETER);
    cr_assert_eq(transfer(&b, 1, (struct rect){31, 31, 1, 1}, 4092), OK);
    end(&b);
}

Test(virtio_gpu_hard, bad_backing_lists) {
    struct bench b;
    start(&b);
    static const struct {
        uint32_t entries, listed;
        uint64_t piece[2][2];
    } rows[] = {
        {0, 1, {{PICTURE, 16}}},
        {2, 1, {{PICTURE, 16}}},
        {UINT32_MAX, 2, {{PICTURE, 16}, {PICTURE, 16}}},
        {GPU_MAX_PIECES + 1, 2, {{PICTURE, 16}, {PICTURE, 16}}},
        {0x10000001, 1, {{PICTURE, 16}}},
        {1, 1, {{TRAP, 16}}},
        {1, 1, {{ROM, 16}}},
        {1, 1, {{0, 16}}},
        {1, 1, {{UINT64_MAX, 16}}},
        {1, 1, {{RAM + RAM_BYTES - 8, 16}}},
        {1, 1, {{RAM, UINT32_MAX}}},
        {2, 2, {{PICTURE, 16}, {RAM - 1, 16}}},
        {1, 0, {{0}}},
    };
    cr_assert_eq(create(&b, 1, 32, 32), OK);
    const uint64_t held = virtio_gpu_held(b.v);
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        cr_assert_eq(attach(&b, 1, rows[i].entries, rows[i].piece, rows[i].listed), BAD_PARAMETER,
                     "row %u", i);
        cr_assert_eq(virtio_gpu_held(b.v), held);
        cr_assert_eq(transfer(&b, 1, (struct rect){0, 0, 1, 1}, 0), UNSPEC, "and none is there");
    }
    cr_assert_eq(attach_picture(&b, 1, 4), OK);
    end(&b);
}

Test(virtio_gpu_hard, bounded_memory) {
    struct bench b;
    start(&b);
    // The largest picture takes 64 MiB: two of them, and not a pixel more.
    cr_assert_eq(create(&b, 1, 4096, 4096), OK);
    cr_assert_eq(create(&b, 2, 4096, 4096), OK);
    cr_assert_eq(create(&b, 3, 1, 1), OUT_OF_MEMORY);
    cr_assert_eq(attach_picture(&b, 1, 16), OUT_OF_MEMORY);
    cr_assert_eq(RUN(&b, UNREF, 2, 0), OK);
    uint32_t id = 2;
    while (create(&b, id, 1, 1) == OK) id++;
    cr_assert_eq(id, GPU_MAX_RESOURCES + 1);
    cr_assert_eq(create(&b, 1000, 1, 1), OUT_OF_MEMORY);
    cr_assert_leq(virtio_gpu_held(b.v), GPU_MAX_BYTES);
    end(&b);
}

Test(virtio_gpu_hard, short_commands_and_answers) {
    struct bench b;
    start(&b);
    static const struct {
        uint32_t type, bytes;
    } rows[] = {{CREATE_2D, 40}, {UNREF, 32},  {SET_SCANOUT, 48}, {FLUSH, 48},
                {TRANSFER, 56},  {ATTACH, 32}, {DETACH, 32},      {GET_EDID, 32}};
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        command(&b, rows[i].type, (const uint32_t[]){1, 2, 32, 32}, 4);
        cr_assert_eq(serve(&b, rows[i].bytes - 1, 24), BAD_PARAMETER, "%x", rows[i].type);
    }
    for (uint32_t bytes = 1; bytes < HEADER_BYTES; bytes++) {
        command(&b, GET_DISPLAY_INFO, NULL, 0);
        cr_assert_eq(serve(&b, bytes, 24), BAD_PARAMETER);
    }
    expect_nothing_held(&b);
    // A short answer is cut off, and says how much there is of it.
    command(&b, GET_DISPLAY_INFO, NULL, 0);
    cr_assert_eq(serve(&b, 24, 30), OK_DISPLAY_INFO);
    cr_assert_eq(b.len, 30);
    command(&b, GET_DISPLAY_INFO, NULL, 0);
    serve(&b, 24, 3);
    cr_assert_eq(b.len, 3);
    end(&b);
}

Test(virtio_gpu_hard, unknown_commands) {
    struct bench b;
    start(&b);
    static const uint32_t types[] = {0,     0xff,  GET_CAPSET_INFO, GET_CAPSET, 0x10b,     0x10f,
                                     0x200, 0x207, UPDATE_CURSOR,   0x1100,     UINT32_MAX};
    for (unsigned i = 0; i < sizeof types / sizeof *types; i++) {
        cr_assert_eq(RUN(&b, types[i], 0, 0, 0, 0, 0, 0, 0, 0), UNSPEC, "%x", types[i]);
    }
    end(&b);
}

Test(virtio_gpu_hard, bad_chains) {
    struct bench b;
    uint32_t id, len;
    start(&b);
    command(&b, GET_DISPLAY_INFO, NULL, 0);
    desc(&b.r, 0, TRAP, 24, NEXT, 1); // a command that is not in RAM
    desc(&b.r, 1, ANSWER, 24, WRITE, 0);
    offer(&b.r, 0);
    notify(&b.r);
    cr_assert(take_used(&b.r, &id, &len));
    cr_assert_eq(peek(&b.r, ANSWER, 4), BAD_PARAMETER);
    desc(&b.r, 0, COMMAND, 24, NEXT, 0); // a loop
    offer(&b.r, 0);
    notify(&b.r);
    cr_assert(take_used(&b.r, &id, &len));
    cr_assert_eq(len, 0);
    desc(&b.r, 0, COMMAND, 24, NEXT, 1); // an answer that is not in RAM
    desc(&b.r, 1, TRAP, 24, WRITE, 0);
    offer(&b.r, 0);
    notify(&b.r);
    cr_assert(take_used(&b.r, &id, &len));
    cr_assert_eq(len, 0);
    cr_assert_eq(virtio_gpu_counters(b.v)->failed, 3);
    end(&b);
}

// The guest runs on between commands that copy much, and they all are served in the end.
Test(virtio_gpu_hard, long_batches) {
    struct bench b;
    uint32_t id, len;
    start(&b);
    enum { SIDE = 4096, ENTRIES = 17 };
    uint64_t piece[ENTRIES][2];
    for (unsigned i = 0; i < ENTRIES; i++) piece[i][0] = RAM, piece[i][1] = RAM_BYTES;
    cr_assert_eq(create(&b, 1, SIDE, SIDE), OK);
    cr_assert_eq(attach(&b, 1, ENTRIES, piece, ENTRIES), OK);
    command(&b, TRANSFER, (const uint32_t[]){0, 0, SIDE, SIDE, 0, 0, 1, 0}, 8);
    for (unsigned i = 0; i < 3; i++) {
        desc(&b.r, 2 * i, COMMAND, 56, NEXT, 2 * i + 1);
        desc(&b.r, 2 * i + 1, ANSWER + i * 64, 24, WRITE, 0);
        offer(&b.r, 2 * i);
    }
    notify(&b.r);
    cr_assert(take_used(&b.r, &id, &len));
    cr_assert_not(take_used(&b.r, &id, &len), "the guest's turn");
    test_clock_go(&b.r.clock, b.r.clock.now);
    cr_assert(take_used(&b.r, &id, &len));
    cr_assert(take_used(&b.r, &id, &len));
    for (unsigned i = 0; i < 3; i++) cr_assert_eq(peek(&b.r, ANSWER + i * 64, 4), OK);
    end(&b);
}
