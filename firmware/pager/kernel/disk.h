// SPDX-License-Identifier: MIT
//
// Disks: virtio block devices on virtio-mmio, version 2 (Virtual I/O Device specification 1.2,
// sections 2.7, 4.2 and 5.2). One transfer at a time; the hart sleeps until its interrupt.
#ifndef TABLEWALK_PAGER_DISK_H
#define TABLEWALK_PAGER_DISK_H

#include "kernel/lib.h"

#define SECTOR_BYTES 512
#define MAX_DISKS    4

struct kernel;

enum disk_result {
    DISK_OK,
    DISK_ERROR,     // the device reports an I/O error
    DISK_READ_ONLY, // a write to a disk that cannot be written
    DISK_TOO_FAR,   // past the disk's end
    DISK_SILENT,    // no answer in time; the disk is not used again
};

struct disk {
    volatile uint32_t *registers;
    uint32_t interrupt;
    uint64_t sectors;
    bool read_only, silent;
    bool can_flush;           // it may keep writes in a cache until told to flush
    struct disk_rings *rings; // one frame shared with the device
    uint16_t used_seen;
    uint64_t reads, writes;    // transfers so far
    uint64_t bad_from, bad_to; // sectors that the prompt's `badsector` makes fail; empty by default
};

// Looks for a block device in the virtio-mmio slot at `base` and starts it. `rings` is an empty
// frame for the queue. False when there is none or it cannot be used; `*why` then says why, or is
// NULL when the slot is simply empty.
bool disk_start(struct disk *disk, volatile void *base, uint32_t interrupt, void *rings,
                const char **why);

// Reads or writes `sectors` sectors from sector number `first`; `data` is in RAM, at its physical
// address. A failed read leaves `data` undefined.
enum disk_result disk_transfer(struct kernel *kernel, struct disk *disk, uint64_t first, void *data,
                               uint32_t sectors, bool write);

// Waits until all that was written is on the medium itself. Swap never asks for it: after a power
// cut nobody wants its pages back.
enum disk_result disk_flush(struct kernel *kernel, struct disk *disk);

// Tells the device that its interrupt was seen.
void disk_interrupt(struct disk *disk);

// What a result means, in words.
const char *disk_result_text(enum disk_result result);

#endif
