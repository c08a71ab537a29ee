// SPDX-License-Identifier: MIT
//
// sparse: a program most of which is never used. It touches a few pages at a time and stops in
// between, so that each page fault can be accounted for.
#include "user/user.h"

#define TABLE_PAGES 16
#define ROOM_PAGES  8
#define HEAP_PAGES  4

// Fills the constants' pages in the file: each begins with its number plus one.
#define ROW(n) [n] = {n + 1}
static const uint8_t table[TABLE_PAGES][PAGE] __attribute__((aligned(PAGE))) = {
    ROW(0), ROW(1), ROW(2),  ROW(3),  ROW(4),  ROW(5),  ROW(6),  ROW(7),
    ROW(8), ROW(9), ROW(10), ROW(11), ROW(12), ROW(13), ROW(14), ROW(15)};
static uint8_t room[ROOM_PAGES][PAGE] __attribute__((aligned(PAGE)));

int main(int count, char **word) {
    (void)count;
    (void)word;
    static const volatile uint8_t used[] = {0, 3, 5, 7, 11};
    volatile const uint8_t *constants = &table[0][0];
    volatile uint8_t *variables = &room[0][0];
    volatile uint8_t *heap = more_memory(HEAP_PAGES * PAGE);
    uint64_t sum =
        constants[used[0] * PAGE] + variables[0]; // these are here before counting begins
    stop((uint64_t)constants);
    for (unsigned n = 0; n < sizeof used; n++) sum += constants[used[n] * PAGE];
    stop(sum);
    for (unsigned n = 0; n < sizeof used; n++) sum += constants[used[n] * PAGE];
    stop(sum);
    for (unsigned n = 0; n < ROOM_PAGES; n++) variables[n * PAGE] = 1;
    stop(0);
    for (unsigned n = 0; n < HEAP_PAGES; n++) sum += heap[n * PAGE];
    stop(sum);
    for (unsigned n = 0; n < HEAP_PAGES; n++) heap[n * PAGE] = 1;
    stop(0);
    return 0;
}
