// SPDX-License-Identifier: MIT
// Page tables for the Sv39 benchmarks: identity, with V, R, W, X, A and D set, so that no emulator
// has to set them.
#include "bench.h"

enum { ENTRIES = 512, LEAF = 0xcf, POINTER = 1, ARENA_TABLES = 64 };

static uint64_t root[ENTRIES] __attribute__((aligned(PAGE)));
static uint64_t middle[ENTRIES] __attribute__((aligned(PAGE)));
static uint64_t leaves[ARENA_TABLES][ENTRIES] __attribute__((aligned(PAGE)));

extern void enter_supervisor(uint64_t satp, int (*function)(void));

static uint64_t pte(uint64_t address, uint64_t flags) { return address >> 12 << 10 | flags; }

uint64_t *arena_pte(uint64_t address) {
    return &leaves[(address - ARENA) >> 21][address >> 12 & (ENTRIES - 1)];
}

int supervisor(int (*function)(void), size_t bytes, int lazy) {
    root[2] = pte((uint64_t)middle, POINTER);
    for (uint64_t i = 0; i < 32; i++) middle[i] = pte(UINT64_C(0x80000000) + (i << 21), LEAF);
    for (uint64_t i = 0; i < ARENA_TABLES; i++) {
        middle[32 + i] = pte((uint64_t)leaves[i], POINTER);
    }
    for (uint64_t at = ARENA; at < ARENA + bytes; at += PAGE) {
        *arena_pte(at) = lazy ? 0 : pte(at, LEAF);
    }
    enter_supervisor(UINT64_C(8) << 60 | (uint64_t)root >> 12, function);
    return 1; // not reached: S-mode ends with an ecall
}
