// SPDX-License-Identifier: MIT
// S-mode, Sv39: 4,096 pages are touched for the first time, each touch is a page fault that maps
// the page; then all are unmapped again, and once more from the start.
#include "bench.h"

enum { PAGES = 4096, ROUNDS = 250, LEAF = 0xcf };
static uint64_t faults;
extern void fault_entry(void);

void fault(uint64_t address) {
    *arena_pte(address) = address >> 12 << 10 | LEAF;
    __asm__ volatile("sfence.vma %0, zero" : : "r"(address) : "memory");
    faults++;
}

static int run(void) {
    __asm__ volatile("csrw stvec, %0" : : "r"(fault_entry));
    for (uint64_t round = 0; round < ROUNDS; round++) {
        for (uint64_t i = 0; i < PAGES; i++) *(volatile uint64_t *)(ARENA + i * PAGE) = i;
        for (uint64_t i = 0; i < PAGES; i++) *arena_pte(ARENA + i * PAGE) = 0;
        __asm__ volatile("sfence.vma" : : : "memory");
    }
    return faults != (uint64_t)PAGES * ROUNDS;
}

int main(void) { return supervisor(run, (size_t)PAGES * PAGE, 1); }
