// SPDX-License-Identifier: MIT
//
// recurse DEPTH: calls itself so deep, with a page of local variables each time; stops before and
// at the deepest point with its stack pointer.
#include "user/user.h"

#define LOCAL_BYTES 2048

static uint64_t stack_pointer(void) {
    uint64_t sp;
    __asm__ volatile("mv %0, sp" : "=r"(sp));
    return sp;
}

static uint64_t deeper(uint64_t depth) { // NOLINT(misc-no-recursion): that is what it is for
    volatile uint8_t local[LOCAL_BYTES];
    local[0] = (uint8_t)depth;
    if (depth == 0)
        stop(stack_pointer());
    else
        deeper(depth - 1);
    return local[0];
}

int main(int count, char **word) {
    uint64_t depth = argument(count, word, 1, 4);
    stop(stack_pointer());
    return deeper(depth) != (depth & 0xff);
}
