// SPDX-License-Identifier: MIT
//
// fuzz SEED ROUNDS: starts a child that makes system calls with arguments that make no sense and
// touches addresses that are none of its business, as long as it lives; when it has died or hangs,
// another one, ROUNDS times. Nothing but the child must notice. Status 0 when our own memory is
// as it was.
#include "user/user.h"

#define CALLS_A_LIFE 300
#define OWN_BYTES    16384
#define GRACE        30 // milliseconds until a child counts as hanging

static uint8_t own[OWN_BYTES];

static uint64_t strange(uint64_t *state) {
    static const uint64_t special[] = {
        0,          1,          4095,       4096,        0x10000,    0x11000,    0x1ffff000,
        0x20000000, 0x3ffbf000, 0x3fffffff, 0x40000000,  0x7fffffff, 0x80000000, 0x80200000,
        0x80400000, 1ull << 38, 1ull << 63, 0ull - 4096, 0ull - 8,   ~0ull,      (uint64_t)own};
    uint64_t r = random_next(state);
    switch (r >> 61) {
    case 0: return r & 0xff;
    case 1: return r & 0xffffffff;
    case 2: return r;
    case 3: return 0x10000 + (r & 0xffff);
    case 4: return (uint64_t)own + (r & 0x3fff);
    default: return special[(r >> 8) % (sizeof special / sizeof *special)] + (r & 7);
    }
}

static void touch(uint64_t *state) {
    volatile uint8_t *at = (volatile uint8_t *)strange(state);
    uint64_t r = random_next(state) >> 60;
    if (r < 8)
        (void)*at;
    else if (r < 15)
        *at = (uint8_t)r;
    else {
        void (*function)(void) = (void (*)(void))(uint64_t)at;
        function();
    }
}

static void live(uint64_t seed) {
    uint64_t state = seed * 0x9e3779b97f4a7c15ull | 1;
    for (int n = 0; n < CALLS_A_LIFE; n++) {
        uint64_t number = random_next(&state) >> 40;
        // What it writes to the console would only be noise in the log.
        if (number % 32 == 0)
            touch(&state);
        else if (number % 24 != CALL_write)
            call4((enum system_call)(number % 24), strange(&state), strange(&state),
                  strange(&state), strange(&state));
        else
            call4(CALL_write, 3 + (number >> 8) % 4, strange(&state), strange(&state) & 0xfff, 0);
    }
    leave(0);
}

int main(int count, char **word) {
    uint64_t seed = argument(count, word, 1, 1), rounds = argument(count, word, 2, 20);
    for (unsigned n = 0; n < OWN_BYTES; n++) own[n] = (uint8_t)(n * 7 + seed);
    for (uint64_t round = 0; round < rounds; round++) {
        if (fork() == 0) live(seed * 1000 + round);
        call1(CALL_sleep, GRACE);
        call1(CALL_kill, 0);
        while (wait(NULL) > 0) continue;
    }
    for (unsigned n = 0; n < OWN_BYTES; n++)
        if (own[n] != (uint8_t)(n * 7 + seed)) return 1;
    print("fuzz: %lu lives of up to %d calls from seed %lu; our own memory is as it was\n", rounds,
          CALLS_A_LIFE, seed);
    return 0;
}
