// SPDX-License-Identifier: MIT
// Descriptor chains of a disk that loop, lie about length and direction, or lead where there is no
// memory. The device gives each back, with a status where it can know its place, and goes on.
#include "virtio.h"

enum { RETURNED = UNTOUCHED }; // the chain comes back, and no status byte was written

static void try_chain(uint32_t type, uint64_t sector, uint8_t status, const struct descriptor *d,
                      unsigned count) {
    struct queue q = device_start(DISK, F_INDIRECT);
    put_header(type, sector);
    put_chain(&q, d, count);
    offer(&q, 0);
    CHECK(all_used(&q));
    CHECK_EQ(MMIO8(STATUS_AT), status);
    CHECK(!needs_reset(DISK));
    check_disk_works(DISK);
}

// A chain, the type of the request and the status that it is to end with.
#define CHAIN(name, type, status, ...)                                                             \
    PROGRAM(chain_##name) {                                                                        \
        const struct descriptor d[] = {__VA_ARGS__};                                               \
        try_chain(type, 5, status, d, sizeof d / sizeof *d);                                       \
    }
#define HEAD                                                                                       \
    { HEADER, 16, NEXT, 1 }
#define TAIL                                                                                       \
    { STATUS_AT, 1, WRITE, 0 }

CHAIN(loops_to_itself, IN, RETURNED, {HEADER, 16, NEXT, 0})
CHAIN(loops_of_two, IN, RETURNED, HEAD, {DATA, 512, NEXT | WRITE, 0})
CHAIN(loops_with_empty, IN, RETURNED, {HEADER, 0, NEXT, 1}, {DATA, 0, NEXT | WRITE, 0})
CHAIN(next_outside, IN, RETURNED, {HEADER, 16, NEXT, 65535})
CHAIN(next_just_outside, IN, RETURNED, {HEADER, 16, NEXT, QUEUE_MAX})
CHAIN(header_writable, IN, IOERR, {HEADER, 16, NEXT | WRITE, 1}, TAIL)
CHAIN(header_short, IN, IOERR, {HEADER, 15, NEXT, 1}, TAIL)
CHAIN(header_alone, IN, RETURNED, {HEADER, 16, 0, 0})
CHAIN(status_alone, IN, IOERR, {STATUS_AT, 1, WRITE, 0})
CHAIN(status_readable, IN, RETURNED, HEAD, {DATA, 512, NEXT | WRITE, 2}, {STATUS_AT, 1, 0, 0})
CHAIN(all_empty, IN, RETURNED, {HEADER, 0, NEXT, 1}, {DATA, 0, NEXT | WRITE, 2},
      {STATUS_AT, 0, WRITE, 0})
CHAIN(nothing, IN, RETURNED, {0, 0, 0, 0})
CHAIN(readable_behind_writable, OUT, IOERR, HEAD, {STATUS_AT + 64, 1, NEXT | WRITE, 2},
      {DATA, 512, NEXT, 3}, TAIL)
CHAIN(read_without_room, IN, OK, HEAD, {DATA, 512, NEXT, 2}, TAIL)
CHAIN(write_from_writable, OUT, OK, HEAD, {DATA, 512, NEXT | WRITE, 2}, TAIL)
CHAIN(half_a_sector, IN, IOERR, HEAD, {DATA, 256, NEXT | WRITE, 2}, TAIL)
CHAIN(data_at_rams_last_byte, IN, IOERR, HEAD, {RAM_END - 1, 512, NEXT | WRITE, 2}, TAIL)
CHAIN(data_at_rams_end, IN, OK, HEAD, {RAM_END - 512, 512, NEXT | WRITE, 2}, TAIL)
CHAIN(data_behind_ram, IN, IOERR, HEAD, {RAM_END, 512, NEXT | WRITE, 2}, TAIL)
CHAIN(data_before_ram, IN, IOERR, HEAD, {RAM_BEGIN - 256, 512, NEXT | WRITE, 2}, TAIL)
CHAIN(data_wraps, IN, IOERR, HEAD, {~UINT64_C(255), 512, NEXT | WRITE, 2}, TAIL)
CHAIN(data_at_zero, IN, IOERR, HEAD, {0, 512, NEXT | WRITE, 2}, TAIL)
CHAIN(data_of_4_gib, IN, IOERR, HEAD, {DATA, UINT32_MAX, NEXT | WRITE, 2}, TAIL)
CHAIN(data_twice_4_gib, OUT, IOERR, HEAD, {DATA, UINT32_MAX, NEXT, 2}, {DATA, UINT32_MAX, NEXT, 3},
      TAIL)
CHAIN(dma_to_finisher, IN, IOERR, HEAD, {FINISHER_AT, 512, NEXT | WRITE, 2}, TAIL)
CHAIN(dma_to_clint, IN, IOERR, HEAD, {MTIMECMP_AT, 512, NEXT | WRITE, 2}, TAIL)
CHAIN(dma_to_plic, IN, IOERR, HEAD, {PLIC_AT, 512, NEXT | WRITE, 2}, TAIL)
CHAIN(dma_to_uart, IN, IOERR, HEAD, {UART_AT, 512, NEXT | WRITE, 2}, TAIL)
CHAIN(dma_to_itself, IN, IOERR, HEAD, {SLOT_AT(DISK), 512, NEXT | WRITE, 2}, TAIL)
CHAIN(dma_from_uart, OUT, IOERR, HEAD, {UART_AT, 512, NEXT, 2}, TAIL)
CHAIN(dma_to_rom, IN, IOERR, HEAD, {ROM_AT, 512, NEXT | WRITE, 2}, TAIL)
CHAIN(dma_from_rom, OUT, IOERR, HEAD, {ROM_AT, 512, NEXT, 2}, TAIL)
CHAIN(status_in_device, IN, RETURNED, HEAD, {DATA, 512, NEXT | WRITE, 2}, {UART_AT, 1, WRITE, 0})
CHAIN(status_behind_ram, FLUSH, RETURNED, HEAD, {RAM_END, 1, WRITE, 0})
CHAIN(header_in_device, IN, IOERR, {CLINT_AT, 16, NEXT, 1}, TAIL)
CHAIN(unknown_flags, IN, OK, {HEADER, 16, NEXT | 0xfff8, 1}, {DATA, 512, 0xfff8 | NEXT | WRITE, 2},
      {STATUS_AT, 1, 0xfff8 | WRITE, 0})
CHAIN(indirect_nothing, IN, RETURNED, {TABLE, 0, INDIRECT, 0})
CHAIN(indirect_odd_length, IN, RETURNED, {TABLE, 17, INDIRECT, 0})
CHAIN(indirect_of_4_gib, IN, RETURNED, {TABLE, 0xfffffff0, INDIRECT, 0})
CHAIN(indirect_in_device, IN, RETURNED, {PLIC_AT, 64, INDIRECT, 0})
CHAIN(indirect_at_rams_end, IN, RETURNED, {RAM_END - 8, 16, INDIRECT, 0})
CHAIN(indirect_with_next, IN, RETURNED, {TABLE, 64, INDIRECT | NEXT, 1}, TAIL)
CHAIN(indirect_of_the_ring, IN, RETURNED, {RING_DESC, 4096, INDIRECT, 0})

static void try_table(uint16_t flags, uint16_t next, unsigned entries) {
    volatile struct descriptor *table = (volatile struct descriptor *)TABLE;
    for (unsigned i = 0; i < entries; i++) {
        table[i].addr = flags & INDIRECT ? TABLE : DATA;
        table[i].len = 16;
        table[i].flags = flags;
        table[i].next = next;
    }
    const struct descriptor d[] = {{TABLE, entries * 16, INDIRECT, 0}};
    try_chain(IN, 5, RETURNED, d, 1);
}

PROGRAM(chain_indirect_nested) { try_table(INDIRECT, 0, 4); }
PROGRAM(chain_indirect_loops) { try_table(NEXT, 0, 4); }
PROGRAM(chain_indirect_next_outside) { try_table(NEXT, 4, 4); }
PROGRAM(chain_indirect_loops_writing) { try_table(NEXT | WRITE, 2, 200); }

// Longer than any chain may be, in a table that would allow it.
PROGRAM(chain_indirect_too_long) {
    volatile struct descriptor *table = (volatile struct descriptor *)TABLE;
    enum { ENTRIES = 2048 };
    for (unsigned i = 0; i < ENTRIES; i++) {
        table[i].addr = DATA;
        table[i].len = 1;
        table[i].flags = NEXT;
        table[i].next = (uint16_t)(i + 1);
    }
    const struct descriptor d[] = {{TABLE, ENTRIES * 16, INDIRECT, 0}};
    try_chain(IN, 5, RETURNED, d, 1);
}

PROGRAM(chain_indirect_not_negotiated) {
    struct queue q = device_start(DISK, 0);
    put_header(IN, 5);
    put_chain(&q, (const struct descriptor[]){{TABLE, 64, INDIRECT, 0}}, 1);
    offer(&q, 0);
    CHECK(all_used(&q));
    check_disk_works(DISK);
}

PROGRAM(chain_fills_the_ring_with_a_loop) {
    struct queue q = device_start(DISK, 0);
    put_header(IN, 5);
    for (uint16_t i = 0; i < QUEUE_MAX; i++) {
        q.desc[i].addr = i ? DATA : HEADER;
        q.desc[i].len = 16;
        q.desc[i].flags = i ? NEXT | WRITE : NEXT;
        q.desc[i].next = (uint16_t)((i + 1) % QUEUE_MAX);
    }
    offer(&q, 0);
    CHECK(all_used(&q));
    CHECK_EQ(last_length(&q), 0);
    check_disk_works(DISK);
}

PROGRAM(chain_head_outside) {
    struct queue q = device_start(DISK, 0);
    for (unsigned i = 0; i < 4; i++) offer(&q, (uint16_t)(QUEUE_MAX << i));
    offer(&q, 65535);
    CHECK(all_used(&q));
    CHECK(!needs_reset(DISK));
    check_disk_works(DISK);
}

// One byte a descriptor: header, data and all.
static void make_crumbs(struct queue *q, uint32_t type) {
    volatile struct descriptor *table = (volatile struct descriptor *)TABLE;
    unsigned n = 0;
    put_header(type, 5);
    for (unsigned i = 0; i < 16 + 512 + 1; i++, n++) {
        table[n].addr = i < 16 ? HEADER + i : i < 16 + 512 ? DATA + i - 16 : STATUS_AT;
        table[n].len = 1;
        table[n].flags = (uint16_t)((i < 16 || (type == OUT && i < 528) ? 0 : WRITE) |
                                    (i == 528 ? 0 : NEXT));
        table[n].next = (uint16_t)(n + 1);
    }
    put_chain(q, (const struct descriptor[]){{TABLE, n * 16, INDIRECT, 0}}, 1);
}

PROGRAM(chain_of_crumbs) {
    struct queue q = device_start(DISK, F_INDIRECT);
    make_crumbs(&q, IN);
    offer(&q, 0);
    CHECK(all_used(&q));
    CHECK_EQ(MMIO8(STATUS_AT), OK);
    CHECK_EQ(MMIO8(DATA + 511), sector_byte(5));
    check_disk_works(DISK);
}

// The whole ring full of that, at once: the device must come up for air.
static void flood_with_crumbs(uint32_t type) {
    struct queue q = device_start(DISK, F_INDIRECT);
    make_crumbs(&q, type);
    for (unsigned i = 0; i < 512; i++) MMIO8(DATA + i) = sector_byte(5);
    for (unsigned i = 0; i < QUEUE_MAX; i++) q.avail[2 + i] = 0;
    q.avail[1] = q.sent = QUEUE_MAX;
    const uint64_t before = csr_read("minstret");
    notify(&q);
    while (q.used[1] != QUEUE_MAX) continue;
    CHECK(csr_read("minstret") - before > 20); // it did not do all of it in one instruction
    check_disk_works(DISK);
}
PROGRAM(chain_flood_of_crumbs) { flood_with_crumbs(IN); }
PROGRAM(chain_flood_of_crumbs_written) { flood_with_crumbs(OUT); }

// --- Requests that are wrong in what they ask for ------------------------------------------------

#define REQUEST(name, type, sector, status, bytes)                                                 \
    PROGRAM(request_##name) {                                                                      \
        const uint16_t direction = (type) == IN || (type) == GET_ID ? WRITE : 0;                   \
        const struct descriptor d[] = {                                                            \
            HEAD, {DATA, bytes, (uint16_t)(NEXT | direction), 2}, TAIL};                           \
        try_chain(type, sector, status, d, 3);                                                     \
    }

REQUEST(read_behind_the_end, IN, DISK_SECTORS, IOERR, 512)
REQUEST(read_across_the_end, IN, DISK_SECTORS - 1, IOERR, 1024)
REQUEST(read_at_the_last_number, IN, UINT64_MAX, IOERR, 512)
REQUEST(read_where_bytes_wrap, IN, UINT64_C(1) << 55, IOERR, 512)
REQUEST(write_behind_the_end, OUT, DISK_SECTORS, IOERR, 512)
REQUEST(write_across_the_end, OUT, DISK_SECTORS - 1, IOERR, 1024)
REQUEST(write_where_bytes_wrap, OUT, UINT64_C(1) << 55, IOERR, 512)
REQUEST(write_at_the_last_number, OUT, UINT64_MAX, IOERR, 512)
REQUEST(id_longer_than_an_id, GET_ID, 0, OK, 4096)
REQUEST(unknown_type, 99, 0, UNSUPP, 512)
REQUEST(last_type, UINT32_MAX, 0, UNSUPP, 512)
REQUEST(discard_not_negotiated, DISCARD, 0, UNSUPP, 16)

#define F_DISCARD BIT(13)
#define F_ZEROES  BIT(14)

static void zero_request(uint32_t type, uint64_t sector, uint32_t sectors, uint32_t flags,
                         uint32_t bytes, uint8_t status) {
    struct queue q = device_start(DISK, F_DISCARD | F_ZEROES);
    put_header(type, 0);
    for (unsigned i = 0; i < 64; i++) {
        MMIO64(DATA + 16 * i) = sector;
        MMIO32(DATA + 16 * i + 8) = sectors;
        MMIO32(DATA + 16 * i + 12) = flags;
    }
    put_chain(&q, (const struct descriptor[]){HEAD, {DATA, bytes, NEXT, 2}, TAIL}, 3);
    offer(&q, 0);
    CHECK(all_used(&q));
    CHECK_EQ(MMIO8(STATUS_AT), status);
    check_disk_works(DISK);
}

PROGRAM(zeroes_behind_the_end) { zero_request(WRITE_ZEROES, DISK_SECTORS, 1, 0, 16, IOERR); }
PROGRAM(zeroes_of_everything) { zero_request(WRITE_ZEROES, 0, UINT32_MAX, 0, 16, IOERR); }
PROGRAM(zeroes_that_wrap) { zero_request(WRITE_ZEROES, UINT64_MAX, 2, 0, 16, IOERR); }
PROGRAM(zeroes_with_unknown_flags) { zero_request(WRITE_ZEROES, 100, 1, 0xfffffffe, 16, UNSUPP); }
PROGRAM(zeroes_of_half_a_segment) { zero_request(WRITE_ZEROES, 100, 1, 0, 8, IOERR); }
PROGRAM(zeroes_of_no_segment) { zero_request(WRITE_ZEROES, 100, 1, 0, 0, IOERR); }
PROGRAM(discard_of_too_many_segments) { zero_request(DISCARD, 100, 1, 0, 1024, IOERR); }
PROGRAM(discard_that_wraps) { zero_request(DISCARD, UINT64_C(1) << 55, 1, 0, 16, IOERR); }

PROGRAM(write_to_a_readonly_disk) {
    struct queue q = device_start(READONLY_DISK, F_DISCARD | F_ZEROES);
    CHECK_EQ(transfer(&q, OUT, 5), IOERR);
    put_header(WRITE_ZEROES, 0);
    MMIO64(DATA) = 5;
    MMIO64(DATA + 8) = 1;
    put_chain(&q, (const struct descriptor[]){HEAD, {DATA, 16, NEXT, 2}, TAIL}, 3);
    offer(&q, 0);
    CHECK(all_used(&q));
    CHECK(MMIO8(STATUS_AT) != OK);
    check_disk_works(READONLY_DISK);
}
