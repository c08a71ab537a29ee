// SPDX-License-Identifier: MIT
// What the benchmarks share. Each is one file with a main that does a fixed amount of work and
// returns 0 if the result is right: the same instructions on every emulator, so their time is all
// there is to measure.
#ifndef TABLEWALK_FIRMWARE_BENCH_H
#define TABLEWALK_FIRMWARE_BENCH_H

#include <stddef.h>
#include <stdint.h>

// xorshift64*: the same numbers everywhere.
static inline uint64_t draw(uint64_t *state) {
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return *state * UINT64_C(2685821657736338717);
}

// Memory that the Sv39 programs use, behind program and stack.
#define ARENA UINT64_C(0x84000000)
enum { PAGE = 4096 };

// Maps the program's first 64 MiB with 2 MiB pages, `bytes` of ARENA with 4 KiB pages (left invalid
// if `lazy`), and runs `function` in S-mode. Its result is the program's.
int supervisor(int (*function)(void), size_t bytes, int lazy);

// The PTE that maps a page of ARENA.
uint64_t *arena_pte(uint64_t address);

#endif
