// SPDX-License-Identifier: MIT
// Faults of a disk on request, to see what a guest makes of them. Rules are separated by commas:
//   read=A-B   reads that touch the sectors A..B fail (EIO)
//   write=A-B  writes and zeroings that touch them fail and store nothing (EIO)
//   short=A-B  writes and zeroings store what lies before the sector A, then fail (EIO)
//   full=A-B   writes and zeroings fail because the host's disk is full (ENOSPC)
//   flush      flushes fail (EIO)
// "=A" is one sector, no "=" is every sector; ":N" at the end lets a rule strike N times only, as
// in "read=8-15:1,flush:3".
#ifndef TABLEWALK_DEVICES_DISK_FAULT_H
#define TABLEWALK_DEVICES_DISK_FAULT_H

#include "mmu/phys.h"

enum { DISK_FAULT_MAX_RULES = 16 };

enum disk_op { DISK_READ, DISK_WRITE, DISK_FLUSH };

struct disk_fault_rule {
    unsigned kind;        // row of the table of kinds
    uint64_t first, last; // sectors
    uint64_t times;       // strikes left; UINT64_MAX: for ever
};

struct disk_faults {
    struct disk_fault_rule rule[DISK_FAULT_MAX_RULES];
    unsigned rules;
};

// Reads rules into f, in place of those it has. NULL or "": none. false: not understood, f is
// unchanged and message says what is wrong and what would be right.
bool disk_faults_parse(struct disk_faults *f, const char *rules, char *message,
                       size_t message_bytes) MUST_CHECK;

// Does a rule strike an operation on len bytes at offset? 0, or the errno it fails with; *stored
// then is how many of its bytes still reach the disk.
int disk_faults_strike(struct disk_faults *f, enum disk_op op, uint64_t offset, uint64_t len,
                       uint64_t *stored);

#endif
