// SPDX-License-Identifier: MIT
// The virtio block device (VIRTIO 1.2, section 5.2) over a disk image.
#ifndef TABLEWALK_DEVICES_VIRTIO_BLK_H
#define TABLEWALK_DEVICES_VIRTIO_BLK_H

#include "devices/disk.h"
#include "devices/virtio_mmio.h"

enum { VIRTIO_BLK_ID_BYTES = 20 };

enum blk_op { BLK_READ, BLK_WRITE, BLK_FLUSH, BLK_ZERO, BLK_ID, BLK_OPS };

struct virtio_blk_counters {
    uint64_t requests[BLK_OPS]; // that were right and served, by what they do
    uint64_t failed;            // of all requests, those that did not end with status OK
};

struct virtio_blk_config {
    struct disk *disk; // owned by the device from now on
    const char *id;    // what GET_ID says, its first 20 bytes; NULL: none
    // How many cycles a request takes (a seek, a transfer), for a timed machine. sector is where a
    // read or a write starts, bytes how much is moved or zeroed. NULL: requests are done when they
    // are made.
    uint64_t (*cycles)(void *model, enum blk_op op, uint64_t sector, uint64_t bytes);
    void *model;
    // A transfer is about to be made, for observers: pages that go to a sector and come back. pa
    // and bytes are the piece of guest memory. NULL: nobody looks.
    void (*transfer)(void *observer, enum blk_op op, uint64_t sector, uint64_t pa, uint64_t bytes);
    void *observer;
};

// For virtio_mmio_create(). NULL: out of host memory, or no event slot is left (the disk then is
// not owned).
struct virtio *virtio_blk_create(struct schedule *schedule, const struct virtio_blk_config *config);

// Is it one? The functions below are for those that are.
bool virtio_is_blk(const struct virtio *v);

struct disk *virtio_blk_disk(struct virtio *v);
const struct virtio_blk_counters *virtio_blk_counters(const struct virtio *v);
// Is a request under way that takes its time?
bool virtio_blk_is_busy(const struct virtio *v);

#endif
