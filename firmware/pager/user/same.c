// SPDX-License-Identifier: MIT
//
// same VALUE: keeps a value in a variable, and stops to show where; then adds VALUE once more and
// stops to show the sum. Two of these have the variable at the same address. Status 0 when the
// value is what this program put there and nothing else.
#include "user/user.h"

#define HEAP_PAGES 6

static volatile uint64_t secret;

int main(int count, char **word) {
    uint64_t value = argument(count, word, 1, 1);
    volatile uint8_t *heap = more_memory(HEAP_PAGES * PAGE);
    for (uint64_t n = 0; n < HEAP_PAGES; n++) heap[n * PAGE] = (uint8_t)value;
    secret = value;
    stop((uint64_t)&secret);
    secret += value;
    stop(secret);
    for (uint64_t n = 0; n < HEAP_PAGES; n++)
        if (heap[n * PAGE] != (uint8_t)value) return 1;
    return secret != 2 * value;
}
