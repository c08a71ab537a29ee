// SPDX-License-Identifier: MIT
// Not hostile itself: what testsuite/disks/run does hostile things to while it writes to its disk.
#include "virtio.h"

enum { FIRST = 100, COUNT = 16, ON = 200 };
#define F_FLUSH BIT(9)

static uint8_t flush(struct queue *q) {
    put_header(FLUSH, 0);
    put_chain(q, (const struct descriptor[]){{HEADER, 16, NEXT, 1}, {STATUS_AT, 1, WRITE, 0}}, 2);
    offer(q, 0);
    return all_used(q) ? MMIO8(STATUS_AT) : UNTOUCHED;
}

static uint8_t write_sector(struct queue *q, uint64_t sector, uint8_t byte) {
    for (unsigned i = 0; i < 512; i++) MMIO8(DATA + i) = byte;
    return transfer(q, OUT, sector);
}

// Sixteen sectors are flushed, and it says so; then it writes on for ever and flushes no more.
PROGRAM(writer_writes_for_ever) {
    struct queue q = device_start(DISK, F_FLUSH);
    uint8_t worst = OK;
    for (unsigned i = 0; i < COUNT; i++) worst |= write_sector(&q, FIRST + i, 'F');
    worst |= flush(&q);
    print(worst == OK ? "flushed\n" : "failed\n");
    for (unsigned n = 0;; n++) write_sector(&q, ON + n % COUNT, (uint8_t)n);
}

// What the disk answers to a write, a flush and a read of its last sector.
PROGRAM(writer_reports) {
    struct queue q = device_start(DISK, F_FLUSH);
    print("write ");
    print_hex(write_sector(&q, FIRST, 'W'));
    print(" flush ");
    print_hex(flush(&q));
    print(" read ");
    print_hex(transfer(&q, IN, DISK_SECTORS - 1));
    print("\n");
}

// Waits for a key between two reads of the last sector.
PROGRAM(writer_reads_twice) {
    struct queue q = device_start(DISK, F_FLUSH);
    print("first ");
    print_hex(transfer(&q, IN, DISK_SECTORS - 1));
    print("\n");
    while (!(MMIO8(UART_AT + 5) & 1)) continue;
    print("second ");
    print_hex(transfer(&q, IN, DISK_SECTORS - 1));
    print("\n");
}
