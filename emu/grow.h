// SPDX-License-Identifier: MIT
// Lists that grow by one element at a time.
#ifndef TABLEWALK_EMU_GROW_H
#define TABLEWALK_EMU_GROW_H

#include <stdlib.h>

#include "mmu/phys.h"

enum { GROW_FIRST = 64 }; // elements that a list begins with

// `list` of `count` elements of `size` bytes, with room for one more: itself, or where it is now,
// with *room doubled. NULL: the host has not enough memory, and all is as it was.
MUST_CHECK static inline void *grow(void *list, size_t count, size_t *room, size_t size) {
    if (count < *room) return list;
    const size_t wanted = *room ? 2 * *room : GROW_FIRST;
    void *more = realloc(list, wanted * size);
    if (more) *room = wanted;
    return more;
}

#endif
