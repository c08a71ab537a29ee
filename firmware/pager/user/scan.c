// SPDX-License-Identifier: MIT
//
// scan PAGES: stops; writes all words of so many pages, one page after the other; stops; and from
// then on reads them all and compares every byte, each time it is let go. It stops with the number
// of words that were wrong. Each page is one step.
#include "user/user.h"

static uint64_t pattern(uint64_t index) {
    uint64_t x = (index + 1) * 0x9e3779b97f4a7c15ull;
    return x ^ x >> 31;
}

int main(int count, char **word) {
    uint64_t pages = argument(count, word, 1, 16);
    volatile uint64_t *memory = (volatile uint64_t *)more_memory(pages * PAGE);
    stop(0);
    for (uint64_t n = 0; n < pages * PAGE / 8; n++) {
        memory[n] = pattern(n);
        if ((n + 1) % (PAGE / 8) == 0) step();
    }
    stop(0);
    for (;;) {
        uint64_t wrong = 0;
        for (uint64_t n = 0; n < pages * PAGE / 8; n++) {
            wrong += memory[n] != pattern(n);
            if ((n + 1) % (PAGE / 8) == 0) step();
        }
        stop(wrong);
    }
}
