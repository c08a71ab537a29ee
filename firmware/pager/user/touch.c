// SPDX-License-Identifier: MIT
//
// touch PAGES [ROUNDS]: writes a pattern to every word of so many pages of memory, then reads all
// of it back, ROUNDS times, and compares every byte. Status 1 when one differs.
#include "user/user.h"

static uint64_t pattern(uint64_t seed, uint64_t index) {
    uint64_t x = (seed << 40 ^ index) * 0x9e3779b97f4a7c15ull;
    return x ^ x >> 29;
}

int main(int count, char **word) {
    uint64_t pages = argument(count, word, 1, 16), rounds = argument(count, word, 2, 1);
    uint64_t words = pages * PAGE / 8, seed = (uint64_t)getpid();
    volatile uint64_t *memory = (volatile uint64_t *)more_memory(pages * PAGE);
    if ((int64_t)memory < 0) return 2;
    for (uint64_t n = 0; n < words; n++) memory[n] = pattern(seed, n);
    uint64_t wrong = 0;
    for (uint64_t round = 0; round < rounds; round++)
        for (uint64_t n = 0; n < words; n++) wrong += memory[n] != pattern(seed, n);
    print("touch: %lu pages, %lu bytes verified %lu times, %lu words wrong\n", pages, pages * PAGE,
          rounds, wrong);
    return wrong != 0;
}
