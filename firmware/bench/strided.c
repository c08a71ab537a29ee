// SPDX-License-Identifier: MIT
// S-mode, Sv39, 4 KiB pages: loads from 64 MiB, 64 bytes apart.
#include "bench.h"

enum { BYTES = 64 << 20, STRIDE = 64, ROUNDS = 150 };

static int run(void) {
    uint64_t sum = 0;
    for (int round = 0; round < ROUNDS; round++) {
        for (uint64_t at = ARENA; at < ARENA + BYTES; at += STRIDE) sum += *(volatile uint64_t *)at;
    }
    return sum != 0;
}

int main(void) { return supervisor(run, BYTES, 0); }
