// SPDX-License-Identifier: MIT
// The physical address map: what answers where, at the edges above all; DMA; decoded code that
// goes away when its bytes are written.
#include "mmu/phys.h"

#include <criterion/criterion.h>
#include <string.h>

#define RAM UINT64_C(0x80000000)
#define ROM UINT64_C(0x1000)
enum { RAM_BYTES = 4 * 4096, DEVICES = 3, DEVICE_BYTES = 0x100 };

struct bench {
    struct phys phys;
    uint8_t ram[RAM_BYTES], rom[4096];
    struct device {
        uint64_t offset, value;
        unsigned size, reads, writes;
    } device[DEVICES];
    uint64_t decoded; // an address that code was decoded from; 0: none
    unsigned asked, written, marked;
    uint64_t page;
};

static bool device_read(void *device, uint64_t offset, unsigned size, uint64_t *value) {
    struct device *d = device;
    d->offset = offset, d->size = size, d->reads++;
    *value = 0x5a;
    return offset != 0x80;
}
static bool device_write(void *device, uint64_t offset, unsigned size, uint64_t value) {
    struct device *d = device;
    d->offset = offset, d->size = size, d->value = value, d->writes++;
    return offset != 0x80;
}

static uint64_t device_at(unsigned n) { return UINT64_C(0x10000000) + n * 0x1000; }

static bool decoded(void *context, uint64_t pa, uint64_t len) {
    struct bench *b = context;
    b->asked++;
    return b->decoded && b->decoded - pa < len;
}
static void written(void *context, uint64_t page) {
    struct bench *b = context;
    b->written++;
    b->page = page;
}
static void marked(void *context, uint64_t page) {
    struct bench *b = context;
    b->marked++;
    b->page = page;
}

static void start(struct bench *b) {
    *b = (struct bench){0};
    phys_init(&b->phys);
    cr_assert(phys_add_memory(&b->phys, (struct range){RAM, RAM_BYTES}, b->ram, true));
    cr_assert(phys_add_memory(&b->phys, (struct range){ROM, 4096}, b->rom, false));
    for (unsigned i = 0; i < DEVICES; i++) {
        cr_assert(
            phys_add_device(&b->phys, (struct phys_device){.range = {device_at(i), DEVICE_BYTES},
                                                           .read = device_read,
                                                           .write = device_write,
                                                           .device = &b->device[i]}));
    }
    cr_assert(
        phys_add_listener(&b->phys, (struct phys_code_listener){decoded, written, marked, b}));
}

Test(phys, ranges) {
    const struct range r = {100, 50};
    cr_expect(range_holds(r, 100, 50) && range_holds(r, 149, 1) && range_holds(r, 150, 0));
    cr_expect_not(range_holds(r, 100, 51) || range_holds(r, 99, 1) || range_holds(r, 149, 2));
    cr_expect_not(range_holds(r, 151, 0) || range_holds(r, UINT64_MAX, 1));
    cr_expect_not(range_holds(r, 100, UINT64_MAX) || range_holds(r, UINT64_MAX, UINT64_MAX));
    cr_expect(range_meets(r, 99, 2) && range_meets(r, 149, 100) && range_meets(r, 0, 1000));
    cr_expect_not(range_meets(r, 99, 1) || range_meets(r, 150, 1) || range_meets(r, 120, 0));
    cr_expect_not(range_meets((struct range){100, 0}, 0, 1000));
}

Test(phys, memory_at_its_edges) {
    struct bench b;
    uint64_t value;
    start(&b);
    for (unsigned size = 1; size <= 8; size *= 2) {
        const uint64_t last = RAM + RAM_BYTES - size, all = UINT64_C(0x8877665544332211);
        cr_assert(phys_write(&b.phys, last, size, all));
        cr_assert(phys_read(&b.phys, last, size, &value));
        cr_expect_eq(value, size == 8 ? all : all & ((UINT64_C(1) << 8 * size) - 1));
        cr_expect_not(phys_write(&b.phys, last + 1, size, 0) && size > 1);
        cr_expect_not(phys_read(&b.phys, RAM - 1, size, &value));
        cr_expect_eq(value, 0);
    }
    cr_assert(phys_read(&b.phys, RAM + 3, 8, &value), "misaligned, but memory");
    cr_expect_not(phys_write(&b.phys, ROM, 8, 1));
    cr_expect_eq(b.rom[0], 0);
    cr_assert(phys_read(&b.phys, ROM + 4088, 8, &value));
    cr_expect_eq(phys_host(&b.phys, RAM + 5, 3), b.ram + 5);
    cr_expect_null(phys_host(&b.phys, RAM, RAM_BYTES + 1));
    cr_expect_null(phys_host(&b.phys, UINT64_MAX, 2));
    phys_free(&b.phys);
    cr_expect_null(phys_host(&b.phys, RAM, 1), "what was freed is not there any more");
}

Test(phys, devices) {
    struct bench b;
    uint64_t value;
    start(&b);
    for (unsigned i = 0; i < DEVICES; i++) {
        cr_assert(phys_read(&b.phys, device_at(i) + 0x10, 4, &value));
        cr_expect_eq(value, 0x5a);
        cr_expect(b.device[i].offset == 0x10 && b.device[i].size == 4 && b.device[i].reads == 1);
        cr_assert(phys_write(&b.phys, device_at(i) + 0xf8, 8, 7));
        cr_expect(b.device[i].offset == 0xf8 && b.device[i].value == 7 && b.device[i].writes == 1);
        cr_expect_not(phys_read(&b.phys, device_at(i) + 0x80, 1, &value), "it refuses");
        cr_expect_not(phys_write(&b.phys, device_at(i) + 0x80, 1, 0), "it refuses");
        cr_expect_not(phys_read(&b.phys, device_at(i) + 2, 4, &value), "misaligned");
        cr_expect_not(phys_write(&b.phys, device_at(i) + 1, 2, 0), "misaligned");
        cr_expect_not(phys_read(&b.phys, device_at(i) + DEVICE_BYTES, 1, &value), "behind it");
        cr_expect(b.device[i].reads == 2 && b.device[i].writes == 2);
    }
    phys_free(&b.phys);
}

Test(phys, dma_is_memory_alone) {
    struct bench b;
    uint8_t data[16] = {1, 2, 3};
    start(&b);
    cr_assert(phys_dma_write(&b.phys, RAM + RAM_BYTES - 16, data, 16));
    memset(data, 0, sizeof data);
    cr_assert(phys_dma_read(&b.phys, RAM + RAM_BYTES - 16, data, 16));
    cr_expect_eq(data[2], 3);
    cr_expect_not(phys_dma_write(&b.phys, RAM + RAM_BYTES - 15, data, 16));
    cr_expect_not(phys_dma_read(&b.phys, RAM + RAM_BYTES - 15, data, 16));
    cr_expect_not(phys_dma_write(&b.phys, ROM, data, 1));
    cr_expect(phys_dma_read(&b.phys, ROM, data, 1));
    cr_expect_not(phys_dma_read(&b.phys, device_at(0), data, 4));
    cr_expect_not(phys_dma_write(&b.phys, device_at(0), data, 4));
    cr_expect_null(phys_dma_map(&b.phys, ROM, 1));
    cr_expect_null(phys_dma_map(&b.phys, device_at(0), 1));
    cr_expect_eq(phys_dma_map(&b.phys, RAM + 7, 9), b.ram + 7);
    cr_expect_eq(b.device[0].reads + b.device[0].writes, 0);
    phys_free(&b.phys);
}

Test(phys, written_code_goes_away) {
    struct bench b;
    start(&b);
    const uint64_t code = RAM + PAGE_SIZE + 0x100;
    cr_expect_not(phys_has_code(&b.phys, code));
    phys_mark_code(&b.phys, code, 4);
    b.decoded = code;
    cr_expect(b.marked == 1 && b.page == RAM + PAGE_SIZE);
    cr_expect(phys_has_code(&b.phys, code) && phys_has_code(&b.phys, RAM + PAGE_SIZE));
    cr_expect_not(phys_has_code(&b.phys, RAM) || phys_has_code(&b.phys, RAM + 2 * PAGE_SIZE));
    cr_assert(phys_write(&b.phys, code + 64, 4, 0));
    cr_expect_eq(b.written, 0, "other bytes of the page");
    cr_assert(phys_write(&b.phys, code - 64, 4, 0));
    cr_assert(phys_write(&b.phys, RAM, 4, 0));
    cr_expect_eq(b.written, 0);
    cr_assert(phys_write(&b.phys, code, 4, 0));
    cr_expect(b.written == 1 && b.page == RAM + PAGE_SIZE);
    cr_expect_not(phys_has_code(&b.phys, code));
    // DMA over several pages.
    phys_mark_code(&b.phys, code, 4);
    phys_wrote(&b.phys, RAM, 3 * PAGE_SIZE);
    cr_expect_eq(b.written, 2);
    cr_expect_not(phys_has_code(&b.phys, code));
    phys_free(&b.phys);
}

// The marks say which lines of 64 bytes hold code: writes to others ask nobody.
Test(phys, marks_are_of_lines) {
    struct bench b;
    start(&b);
    for (unsigned line = 0; line < 64; line++) {
        const uint64_t code = RAM + line * 64;
        phys_mark_code(&b.phys, code + 60, 4);
        b.decoded = code;
        b.asked = b.written = 0;
        phys_wrote(&b.phys, code - 1, line > 0);
        phys_wrote(&b.phys, code + 64, line < 63);
        cr_expect_eq(b.asked, 0, "line %u", line);
        phys_wrote(&b.phys, code, 1);
        cr_expect_eq(b.written, 1, "line %u", line);
        cr_expect_not(phys_has_code(&b.phys, code));
    }
    // A write that begins in one page and ends in the next; code in the second.
    phys_mark_code(&b.phys, RAM + PAGE_SIZE + 8, 4);
    b.decoded = RAM + PAGE_SIZE + 8, b.written = 0;
    phys_wrote(&b.phys, RAM + PAGE_SIZE - 64, 128);
    cr_expect(b.written == 1 && b.page == RAM + PAGE_SIZE);
    // The last byte of memory, and none at all.
    phys_mark_code(&b.phys, RAM + RAM_BYTES - 2, 2);
    cr_expect(phys_has_code(&b.phys, RAM + RAM_BYTES - 1));
    phys_mark_code(&b.phys, RAM + RAM_BYTES, 2);
    phys_wrote(&b.phys, RAM + RAM_BYTES, 2);
    phys_free(&b.phys);
}

// Every hart is asked, and is told.
Test(phys, all_listeners_hear) {
    struct bench b, second = {0};
    start(&b);
    cr_assert(
        phys_add_listener(&b.phys, (struct phys_code_listener){decoded, written, marked, &second}));
    phys_mark_code(&b.phys, RAM, 4);
    cr_expect(b.marked == 1 && second.marked == 1);
    second.decoded = RAM;
    phys_wrote(&b.phys, RAM, 4);
    cr_expect(b.written == 1 && second.written == 1 && b.asked == 1 && second.asked == 1);
    phys_free(&b.phys);
}

Test(phys, there_is_room_for_so_many) {
    struct bench b;
    static uint8_t page[4096];
    start(&b);
    for (unsigned i = 2; i < PHYS_MAX_MEMORIES; i++)
        cr_assert(phys_add_memory(&b.phys, (struct range){i << 20, 4096}, page, true));
    cr_expect_not(phys_add_memory(&b.phys, (struct range){UINT64_C(1) << 40, 4096}, page, true));
    const struct phys_device d = {.range = {UINT64_C(1) << 41, 1}};
    for (unsigned i = DEVICES; i < PHYS_MAX_DEVICES; i++) cr_assert(phys_add_device(&b.phys, d));
    cr_expect_not(phys_add_device(&b.phys, d));
    cr_expect_null(phys_host(&b.phys, UINT64_C(1) << 42, 1));
    uint64_t value;
    cr_expect_not(phys_read(&b.phys, UINT64_C(1) << 42, 1, &value));
    for (unsigned i = 1; i < PHYS_MAX_LISTENERS; i++)
        cr_assert(phys_add_listener(&b.phys, (struct phys_code_listener){0}));
    cr_expect_not(phys_add_listener(&b.phys, (struct phys_code_listener){0}));
    b.phys.listeners = 1;
    phys_free(&b.phys);
}
