// SPDX-License-Identifier: MIT
// See memory.h. Byte by byte: nothing here is in a hurry. Compiled so that gcc does not turn a loop
// into a call of the function it is in (-fno-tree-loop-distribute-patterns).
#include "firmware/lib/memory.h"
#include <stdint.h>

void *memcpy(void *to, const void *from, size_t size) {
    for (size_t i = 0; i < size; i++) ((char *)to)[i] = ((const char *)from)[i];
    return to;
}

void *memset(void *to, int byte, size_t size) {
    for (size_t i = 0; i < size; i++) ((char *)to)[i] = (char)byte;
    return to;
}

void *memmove(void *to, const void *from, size_t size) {
    if ((uintptr_t)to <= (uintptr_t)from) return memcpy(to, from, size); // copies upwards
    for (size_t i = size; i-- > 0;) ((char *)to)[i] = ((const char *)from)[i];
    return to;
}

int memcmp(const void *a, const void *b, size_t size) {
    const unsigned char *x = a, *y = b;
    for (size_t i = 0; i < size; i++)
        if (x[i] != y[i]) return x[i] < y[i] ? -1 : 1;
    return 0;
}
