// SPDX-License-Identifier: MIT
// S-mode, Sv39, 4 KiB pages: 32 MiB copied, 8 bytes at a time, four in a row.
#include "bench.h"

enum { BYTES = 32 << 20, ROUNDS = 60 };

static int run(void) {
    for (int round = 0; round < ROUNDS; round++) {
        const volatile uint64_t *from = (const volatile uint64_t *)ARENA;
        volatile uint64_t *to = (volatile uint64_t *)(ARENA + BYTES);
        for (uint64_t i = 0; i < BYTES / 8; i += 4, from += 4, to += 4) {
            uint64_t a = from[0], b = from[1], c = from[2], d = from[3];
            to[0] = a, to[1] = b, to[2] = c, to[3] = d;
        }
    }
    return 0;
}

int main(void) { return supervisor(run, 2 * BYTES, 0); }
