// SPDX-License-Identifier: MIT
//
// refs: stops to be given a reference string; then writes to the pages that it names, one after
// the other, each one step.
#include "user/user.h"

#define MOST_PAGES 32

static volatile struct {
    uint64_t count;
    uint8_t page[1024];
} string = {1, {0}};

int main(int count, char **word) {
    (void)count;
    (void)word;
    volatile uint8_t *memory = more_memory(MOST_PAGES * PAGE);
    stop((uint64_t)&string);
    for (uint64_t n = 0; n < string.count; n++) {
        memory[string.page[n] % MOST_PAGES * PAGE] = (uint8_t)n;
        step();
    }
    stop(0);
    return 0;
}
