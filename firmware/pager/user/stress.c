// SPDX-License-Identifier: MIT
//
// stress PROGRAMS PAGES ROUNDS: so many programs at once, each of which writes all bytes of PAGES
// pages with a pattern of its own, ROUNDS times another one, and verifies every byte each time.
// Status 0 when every byte of every program was right.
#include "user/user.h"

static uint64_t pattern(uint64_t seed, uint64_t index) {
    uint64_t x = (seed << 40 ^ index) * 0x9e3779b97f4a7c15ull;
    return x ^ x >> 32;
}

static int work(uint64_t number, uint64_t pages, uint64_t rounds) {
    uint64_t words = pages * PAGE / 8, wrong = 0;
    volatile uint64_t *memory = (volatile uint64_t *)more_memory(pages * PAGE);
    if ((int64_t)memory < 0) return 2;
    for (uint64_t round = 0; round < rounds; round++) {
        uint64_t seed = number * 64 + round;
        for (uint64_t n = 0; n < words; n++) memory[n] = pattern(seed, n);
        for (uint64_t n = 0; n < words; n++) wrong += memory[n] != pattern(seed, n);
    }
    return wrong != 0;
}

int main(int count, char **word) {
    uint64_t programs = argument(count, word, 1, 8), pages = argument(count, word, 2, 64);
    uint64_t rounds = argument(count, word, 3, 1), started = 0, right = 0;
    for (uint64_t n = 0; n < programs; n++) {
        int pid = fork();
        if (pid == 0) return work(n, pages, rounds);
        if (pid > 0) started++;
    }
    for (uint64_t n = 0; n < started; n++) {
        int status;
        if (wait(&status) > 0 && status == 0) right++;
    }
    print("stress: %lu programs of %lu pages, %lu KiB touched, %lu times; %lu programs right\n",
          programs, pages, programs * pages * (PAGE / 1024), rounds, right);
    return right != programs;
}
