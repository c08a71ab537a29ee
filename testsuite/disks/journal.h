// SPDX-License-Identifier: MIT
// The journal of a disk that loses its power: all that was asked of the images of a run, in order.
// The writer (journal.c) stands in for the file store when the emulator is linked for the test; the
// reader (replay.c) makes the images that a power cut would have left.
#ifndef TABLEWALK_TESTSUITE_DISKS_JOURNAL_H
#define TABLEWALK_TESTSUITE_DISKS_JOURNAL_H

#include <stdint.h>

enum journal_op { JOURNAL_WRITE = 'w', JOURNAL_ZERO = 'z', JOURNAL_FLUSH = 'f' };

// A record; the data of a write follows it.
struct journal_record {
    uint32_t op;
    uint32_t disk;        // in the order in which the images were opened, from 0
    uint64_t offset, len; // bytes
};

#endif
