// SPDX-License-Identifier: MIT
//
// Sv39 page tables: entries, the walk, and the kernel's own mapping. The explanation is at the top
// of pagetable.c.
#ifndef TABLEWALK_PAGER_PAGETABLE_H
#define TABLEWALK_PAGER_PAGETABLE_H

#include "kernel/lib.h"

struct kernel;

#define PTE_VALID    (1ul << 0)
#define PTE_READ     (1ul << 1)
#define PTE_WRITE    (1ul << 2)
#define PTE_EXECUTE  (1ul << 3)
#define PTE_USER     (1ul << 4)
#define PTE_GLOBAL   (1ul << 5)
#define PTE_ACCESSED (1ul << 6)
#define PTE_DIRTY    (1ul << 7)
#define PTE_SWAPPED  (1ul << 8) // ours, in an entry without VALID: the page is in swap
#define PTE_WAS_HERE                                                                               \
    (1ul << 9) // ours, with SWAPPED: it was resident when its program was swapped out
#define PTE_RIGHTS (PTE_READ | PTE_WRITE | PTE_EXECUTE)

#define PTE_NUMBER_SHIFT 10 // frame number of a valid entry, slot number of a swapped one
#define TABLE_ENTRIES    512
#define LEVELS           3
#define SUPERPAGE_BYTES  (1ul << 21)
#define GIGAPAGE_BYTES   (1ul << 30)

#define DEVICE_WINDOW 0xffffffc000000000ull // devices: the first gigabyte of physical addresses
#define USER_END      0x40000000ull         // programs live below the first gigabyte

// What a walk saw, level by level; level 2 is the root.
struct walk {
    int steps; // entries read, 1..3
    struct {
        uint64_t address; // where the entry lies in physical memory
        uint64_t entry;
    } step[LEVELS];
    bool leaf;         // the last entry is valid and leads to memory
    int level;         // of the last entry: 0 for a 4 KiB page, 1 for 2 MiB, 2 for 1 GiB
    uint64_t physical; // of the address asked for, when leaf
};

// Walks the table whose root lies at `root`. Does not change anything.
struct walk pagetable_walk(uint64_t root, uint64_t address);

// The lowest-level entry for `address`, or NULL when a table on the way to it is missing.
uint64_t *pagetable_find(uint64_t root, uint64_t address);

// The same, but takes frames for missing tables. NULL when there is no memory.
uint64_t *pagetable_make(struct kernel *kernel, uint64_t root, uint64_t address);

// A new table that has the kernel in it and nothing else; its root's address, or 0.
uint64_t pagetable_new(struct kernel *kernel);

// Gives the user half's tables back; no user page may be mapped any more.
void pagetable_free(struct kernel *kernel, uint64_t root);

// Builds the kernel's own mapping of RAM from `base` to `end` and turns paging on.
void pagetable_start(struct kernel *kernel, uint64_t base, uint64_t end);

// The frame address in a valid leaf or table entry.
static inline uint64_t pte_address(uint64_t entry) { return entry << 10 >> 20 << 12; }
static inline uint64_t pte_make(uint64_t address, uint64_t bits) { return address >> 2 | bits; }

#endif
