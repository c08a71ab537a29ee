// SPDX-License-Identifier: MIT
// The GPU and the input devices, asked for what they do not have: pictures larger than the world,
// more of them than there is memory for, backings in devices, rectangles that wrap.
#include "virtio.h"

enum {
    GET_DISPLAY_INFO = 0x100,
    CREATE,
    UNREF,
    SET_SCANOUT,
    FLUSH_RECT,
    TRANSFER,
    ATTACH,
    DETACH,
    GET_EDID = 0x10a,
    UPDATE_CURSOR = 0x300,
    MOVE_CURSOR,
};
enum { OK_NODATA = 0x1100, ERROR = 0x1200 };
#define ANSWER    ((uint64_t)pages[5])
#define F_EDID    BIT(1)
#define FORMAT    1
#define BIG_COUNT 300

static struct queue start_gpu(void) { return device_start(GPU, F_EDID); }

// A command of `words` words behind its header; the type of the answer, 0: there was none.
static uint32_t command(struct queue *q, uint32_t type, const uint32_t *word, unsigned words) {
    for (unsigned i = 0; i < 6; i++) MMIO32(HEADER + 4 * i) = 0;
    MMIO32(HEADER) = type;
    for (unsigned i = 0; i < words; i++) MMIO32(HEADER + 24 + 4 * i) = word[i];
    MMIO32(ANSWER) = 0;
    put_chain(q, (const struct descriptor[]){{HEADER, 24 + 4 * words, NEXT, 1}, {ANSWER, 1200, WRITE, 0}}, 2);
    offer(q, 0);
    return all_used(q) ? MMIO32(ANSWER) : 0;
}
#define COMMAND(q, type, ...)                                                                      \
    command(q, type, (const uint32_t[]){__VA_ARGS__}, sizeof((const uint32_t[]){__VA_ARGS__}) / 4)

static void check_gpu_works(void) {
    for (unsigned i = 0; i < PAGE; i++) pages[0][i] = pages[1][i] = pages[2][i] = 0;
    struct queue q = start_gpu();
    CHECK_EQ(COMMAND(&q, CREATE, 1, FORMAT, 64, 64), OK_NODATA);
    CHECK_EQ(COMMAND(&q, ATTACH, 1, 1, (uint32_t)DATA, (uint32_t)(DATA >> 32), 64 * 64 * 4, 0), OK_NODATA);
    CHECK_EQ(COMMAND(&q, TRANSFER, 0, 0, 64, 64, 0, 0, 1, 0), OK_NODATA);
    CHECK_EQ(COMMAND(&q, SET_SCANOUT, 0, 0, 64, 64, 0, 1), OK_NODATA);
    SLOT_REG(GPU, STATUS) = 0;
}

static void ready_picture(struct queue *q) {
    CHECK_EQ(COMMAND(q, CREATE, 1, FORMAT, 64, 64), OK_NODATA);
}

// A command after a picture of 64 by 64, id 1, is refused.
#define REFUSED(name, type, ...)                                                                   \
    PROGRAM(gpu_##name) {                                                                          \
        struct queue q = start_gpu();                                                              \
        ready_picture(&q);                                                                         \
        CHECK(COMMAND(&q, type, __VA_ARGS__) >= ERROR);                                            \
        CHECK(!needs_reset(GPU));                                                                  \
        check_gpu_works();                                                                         \
    }
REFUSED(picture_of_2_to_64_pixels, CREATE, 2, FORMAT, UINT32_MAX, UINT32_MAX)
REFUSED(picture_of_2_to_31, CREATE, 2, FORMAT, 0x80000000, 0x80000000)
REFUSED(picture_of_nothing, CREATE, 2, FORMAT, 0, 64)
REFUSED(picture_twice, CREATE, 1, FORMAT, 64, 64)
REFUSED(picture_of_no_format, CREATE, 2, 9999, 64, 64)
REFUSED(picture_without_a_number, CREATE, 0, FORMAT, 64, 64)
REFUSED(backing_in_a_device, ATTACH, 1, 1, PLIC_AT, 0, 4096, 0)
REFUSED(backing_behind_ram, ATTACH, 1, 1, (uint32_t)RAM_END - 16, 0, 4096, 0)
REFUSED(backing_that_wraps, ATTACH, 1, 1, UINT32_MAX, UINT32_MAX, UINT32_MAX, 0)
REFUSED(backing_of_2_to_32_pieces, ATTACH, 1, UINT32_MAX, 0, 0, 0, 0)
REFUSED(backing_of_more_than_told, ATTACH, 1, 1000, 0, 0, 0, 0)
REFUSED(transfer_without_backing, TRANSFER, 0, 0, 64, 64, 0, 0, 1, 0)
REFUSED(transfer_that_wraps, TRANSFER, UINT32_MAX, UINT32_MAX, 2, 2, 0, 0, 1, 0)
REFUSED(flush_that_wraps, FLUSH_RECT, 1, 1, UINT32_MAX, UINT32_MAX, 1, 0)
REFUSED(scanout_outside, SET_SCANOUT, 0, 0, 65, 65, 0, 1)
REFUSED(scanout_that_wraps, SET_SCANOUT, UINT32_MAX, 0, 64, 64, 0, 1)
REFUSED(scanout_that_there_is_not, SET_SCANOUT, 0, 0, 64, 64, 16, 1)
REFUSED(unref_of_nothing, UNREF, 77, 0)
REFUSED(edid_of_nothing, GET_EDID, 16, 0)

PROGRAM(gpu_transfer_offset_wraps) {
    struct queue q = start_gpu();
    ready_picture(&q);
    CHECK_EQ(COMMAND(&q, ATTACH, 1, 1, (uint32_t)DATA, (uint32_t)(DATA >> 32), 64, 0), OK_NODATA);
    CHECK(COMMAND(&q, TRANSFER, 0, 0, 64, 64, UINT32_MAX, UINT32_MAX, 1, 0) >= ERROR);
    CHECK(COMMAND(&q, TRANSFER, 0, 0, 64, 64, 1, 0, 1, 0) >= ERROR);
    check_gpu_works();
}
PROGRAM(gpu_picture_goes_while_it_is_shown) {
    struct queue q = start_gpu();
    ready_picture(&q);
    CHECK_EQ(COMMAND(&q, SET_SCANOUT, 0, 0, 64, 64, 0, 1), OK_NODATA);
    CHECK_EQ(COMMAND(&q, UNREF, 1, 0), OK_NODATA);
    CHECK(COMMAND(&q, FLUSH_RECT, 0, 0, 64, 64, 1, 0) >= ERROR);
    check_gpu_works();
}
// As much memory as it gives, then one more; it has a bound.
static void hoard(uint32_t side) {
    struct queue q = start_gpu();
    unsigned got = 0;
    for (uint32_t id = 1; id < BIG_COUNT; id++) got += COMMAND(&q, CREATE, id, FORMAT, side, side) == OK_NODATA;
    CHECK(got > 0 && got < BIG_COUNT - 1);
    check_gpu_works();
}
PROGRAM(gpu_hoards_large_pictures) { hoard(4096); }
PROGRAM(gpu_hoards_small_pictures) { hoard(16); }
PROGRAM(gpu_every_command) {
    struct queue q = start_gpu();
    for (uint32_t type = 0; type < 0x400; type++) CHECK(COMMAND(&q, type, 0, 0, 0, 0) != 0);
    check_gpu_works();
}
PROGRAM(gpu_backing_over_its_own_ring) {
    struct queue q = start_gpu();
    ready_picture(&q);
    CHECK_EQ(COMMAND(&q, ATTACH, 1, 1, (uint32_t)RING_DESC, 0, 64 * 64 * 4, 0), OK_NODATA);
    CHECK_EQ(COMMAND(&q, TRANSFER, 0, 0, 64, 64, 0, 0, 1, 0), OK_NODATA);
    check_gpu_works();
}
PROGRAM(gpu_answers_nowhere) {
    struct queue q = start_gpu();
    MMIO32(HEADER) = GET_DISPLAY_INFO;
    put_chain(&q, (const struct descriptor[]){{HEADER, 24, 0, 0}}, 1);
    offer(&q, 0);
    put_chain(&q, (const struct descriptor[]){{HEADER, 24, NEXT, 1}, {UART_AT, 408, WRITE, 0}}, 2);
    offer(&q, 0);
    put_chain(&q, (const struct descriptor[]){{HEADER, 24, NEXT, 1}, {RAM_END - 4, 408, WRITE, 0}}, 2);
    offer(&q, 0);
    CHECK(all_used(&q));
    check_gpu_works();
}
PROGRAM(gpu_cursor_of_nothing) {
    device_begin(GPU, 0);
    struct queue q = queue_at(GPU, 1, 8, RING_DESC, RING_AVAIL, RING_USED);
    device_go(GPU);
    CHECK(COMMAND(&q, UPDATE_CURSOR, 0, UINT32_MAX, UINT32_MAX, 0, 99, 0, 0, 0) >= ERROR);
    CHECK(COMMAND(&q, MOVE_CURSOR, 16, 0, 0, 0, 0, 0, 0, 0) >= ERROR);
    CHECK_EQ(COMMAND(&q, MOVE_CURSOR, 0, UINT32_MAX, UINT32_MAX, 0, 0, 0, 0, 0), OK_NODATA);
    check_gpu_works();
}

// --- Input ---------------------------------------------------------------------------------------

PROGRAM(input_buffers_that_are_none) {
    for (unsigned slot = KEYBOARD; slot <= TABLET; slot++) {
        struct queue q = device_start(slot, 0);
        put_chain(&q, (const struct descriptor[]){{DATA, 8, 0, 0}, {UART_AT, 8, WRITE, 0}, {DATA, 1, WRITE, 0}}, 3);
        for (uint16_t i = 0; i < 3; i++) offer(&q, i);
        offer(&q, 77);
        q.avail[1] = 40000;
        notify(&q);
        SLOT_REG(slot, STATUS) = 0;
    }
    check_disk_works(DISK);
}
PROGRAM(input_status_of_noise) {
    for (unsigned slot = KEYBOARD; slot <= TABLET; slot++) {
        device_begin(slot, 0);
        struct queue q = queue_at(slot, 1, 8, RING_DESC, RING_AVAIL, RING_USED);
        q.avail[1] = q.used[1] = 0;
        device_go(slot);
        put_chain(&q, (const struct descriptor[]){{DATA, 4095, NEXT, 1}, {DATA, 3, NEXT, 2}, {DATA, 8, WRITE, 0}}, 3);
        for (unsigned i = 0; i < 100; i++) offer(&q, (uint16_t)(i % 3));
        CHECK(all_used(&q));
    }
    check_disk_works(DISK);
}
PROGRAM(input_configuration_of_everything) {
    for (unsigned slot = KEYBOARD; slot <= TABLET; slot++) {
        for (unsigned select = 0; select < 256; select++) {
            for (unsigned sub = 0; sub < 256; sub += 5) {
                MMIO8(SLOT_AT(slot) + CONFIG) = (uint8_t)select;
                MMIO8(SLOT_AT(slot) + CONFIG + 1) = (uint8_t)sub;
                CHECK(MMIO8(SLOT_AT(slot) + CONFIG + 2) <= 128);
                (void)MMIO64(SLOT_AT(slot) + CONFIG + 8);
            }
        }
    }
}
