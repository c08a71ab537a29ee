// SPDX-License-Identifier: MIT
// A chain of pointers through PAGES pages, followed STEPS times. Each pointer lies at another place
// of its page, so that the host's cache sets share the load.
#include "bench.h"

static uint32_t order[PAGES];

static void **slot(uint32_t page) {
    return (void **)(ARENA + (uint64_t)page * PAGE + page * 136 % PAGE / 8 * 8);
}

static void make_chain(void) {
    uint64_t seed = 5;
    for (uint32_t i = 0; i < PAGES; i++) order[i] = i;
    for (uint32_t i = PAGES - 1; i > 0; i--) {
        uint32_t j = (uint32_t)(draw(&seed) % (i + 1)), x = order[i];
        order[i] = order[j];
        order[j] = x;
    }
    for (uint32_t i = 0; i < PAGES; i++) *slot(order[i]) = slot(order[(i + 1) % PAGES]);
}

static int run(void) {
    make_chain();
    void **at = slot(order[0]);
    for (uint32_t i = 0; i < STEPS; i += 4) {
        at = *at;
        at = *at;
        at = *at;
        at = *at;
    }
    return at == NULL;
}

int main(void) { return supervisor(run, (size_t)PAGES * PAGE, 0); }
