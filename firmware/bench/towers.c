// SPDX-License-Identifier: MIT
// Towers of Hanoi with discs on linked lists: deep recursion, pointers, calls.
#include "bench.h"

enum { DISCS = 18, ROUNDS = 100 };
struct disc {
    struct disc *below;
    int size;
};
static struct disc discs[DISCS], *peg[3];
static uint64_t moves;

static __attribute__((noinline)) void move(int from, int to) {
    struct disc *d = peg[from];
    peg[from] = d->below;
    d->below = peg[to];
    peg[to] = d;
    moves++;
}

static __attribute__((noinline)) void carry(int n, int from, int to, int by) {
    if (n == 0) return;
    carry(n - 1, from, by, to);
    move(from, to);
    carry(n - 1, by, to, from);
}

int main(void) {
    for (int i = DISCS - 1; i >= 0; i--) {
        discs[i] = (struct disc){peg[0], i};
        peg[0] = &discs[i];
    }
    for (int round = 0; round < ROUNDS; round++)
        carry(DISCS, round % 3, (round + 1) % 3, (round + 2) % 3);
    return moves != ROUNDS * ((UINT64_C(1) << DISCS) - 1);
}
