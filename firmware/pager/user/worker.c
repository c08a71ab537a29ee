// SPDX-License-Identifier: MIT
//
// worker PAGES: works for ten steps, each on another one of its pages, round and round; then waits
// for ten ticks, as for a person at a terminal; for ever. Alone it keeps the hart busy half the
// time.
#include "user/user.h"

#define BURST 10

int main(int count, char **word) {
    uint64_t pages = argument(count, word, 1, 12), at = 0;
    volatile uint8_t *memory = more_memory(pages * PAGE);
    stop(0);
    for (;;) {
        for (int n = 0; n < BURST; n++) {
            memory[at * PAGE]++;
            at = (at + 1) % pages;
            step();
        }
        call1(CALL_pause, BURST);
    }
}
