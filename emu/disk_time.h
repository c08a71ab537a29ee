// SPDX-License-Identifier: MIT
// How long a disk takes, by the values of a core (cpu/core.def): the way to a sector that does not
// follow the last one, a time for each request, and the transfer.
#ifndef TABLEWALK_EMU_DISK_TIME_H
#define TABLEWALK_EMU_DISK_TIME_H

#include "cpu/core.h"
#include "devices/virtio_blk.h"

// A disk's, which virtio_blk_config.model points to.
struct disk_time {
    const struct core *core;
    uint64_t sectors; // of the disk
    uint64_t next;    // the sector behind the last one that was read or written
};

// Cycles of a request, for virtio_blk_config.cycles. sector is where it starts, bytes how much it
// moves.
uint64_t disk_time_cycles(void *disk_time, enum blk_op op, uint64_t sector, uint64_t bytes);

#endif
