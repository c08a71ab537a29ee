// SPDX-License-Identifier: MIT
// Address spaces as they were seen: each satp with its counts; and disk transfers by page: what was
// swapped out, and came back.
#ifndef TABLEWALK_EMU_CONSOLE_SPACES_H
#define TABLEWALK_EMU_CONSOLE_SPACES_H

#include "cpu/hart.h"
#include "devices/virtio_blk.h"

enum { MAX_SPACES = 1024, MAX_TRANSFERS = 4096, NAME_BYTES = 32 };

struct space {
    uint64_t satp;
    char name[NAME_BYTES];
    bool named; // by the user
    uint64_t walks, failed_walks, faults, switches, fences;
    uint64_t cycles;
    uint64_t vector, vector_pa; // the trap handler and where it led to; 0: unknown
};

struct transfer {
    enum blk_op op;
    unsigned disk;
    uint64_t sector, pa, bytes, cycle;
};

struct spaces {
    struct space space[MAX_SPACES];
    unsigned count, last;                    // last: the one that was asked for last
    struct transfer transfer[MAX_TRANSFERS]; // a ring
    uint64_t transfers;
};

struct debugger;
struct watcher;

// The space of a satp, noted when it is new. NULL: no room.
struct space *spaces_note(struct spaces *s, uint64_t satp);
void spaces_walk(struct watcher *w, const struct walk_request *request,
                 const struct walk_result *result);
void spaces_transfer(struct debugger *d, unsigned disk, enum blk_op op, uint64_t sector,
                     uint64_t pa, uint64_t bytes);
// The root table that "--space WORD" means: the number of a space, or an address. false: none.
bool spaces_root(struct debugger *d, const char *word, uint64_t *root) MUST_CHECK;
// Is there a page table? Else the space is Bare, or it has ended: what was its root is something
// else by now, or another satp has it.
bool spaces_translates(const struct debugger *d, const struct space *s);
// The virtual addresses that lead to a physical one, as a list of the answer.
void spaces_list_owners(struct debugger *d, uint64_t pa);
static inline uint64_t satp_root_address(uint64_t satp) {
    return (satp & ((UINT64_C(1) << 44) - 1)) << PAGE_SHIFT;
}

#endif
