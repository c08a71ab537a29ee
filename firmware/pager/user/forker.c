// SPDX-License-Identifier: MIT
//
// forker PAGES WRITES: writes PAGES pages and forks. The child writes WRITES of them; then both
// check that they see what they wrote themselves and nothing else. Both stop between all of this.
#include "user/user.h"

static uint64_t wrong_pages(volatile uint8_t *memory, uint64_t from, uint64_t to, uint8_t value) {
    uint64_t wrong = 0;
    for (uint64_t n = from; n < to; n++) wrong += memory[n * PAGE] != value;
    return wrong;
}

static int child(volatile uint8_t *memory, uint64_t pages, uint64_t writes) {
    stop(1);
    for (uint64_t n = 0; n < writes; n++) memory[n * PAGE] = 2;
    stop(2);
    return wrong_pages(memory, 0, writes, 2) || wrong_pages(memory, writes, pages, 1);
}

int main(int count, char **word) {
    uint64_t pages = argument(count, word, 1, 32), writes = argument(count, word, 2, 8);
    volatile uint8_t *memory = more_memory(pages * PAGE);
    for (uint64_t n = 0; n < pages; n++) memory[n * PAGE] = 1;
    stop(0);
    if (fork() == 0) return child(memory, pages, writes);
    stop(1);
    uint64_t wrong = wrong_pages(memory, 0, pages, 1);
    int status;
    wait(&status);
    stop(2);
    for (uint64_t n = 0; n < pages; n++) memory[n * PAGE] = 3;
    stop(3);
    return wrong || status || wrong_pages(memory, 0, pages, 3);
}
