// SPDX-License-Identifier: MIT
// The four memory functions of <string.h>, which a freestanding compiler does not bring, and may
// call on its own. Names and meanings are the standard's.
#ifndef TABLEWALK_FIRMWARE_LIB_MEMORY_H
#define TABLEWALK_FIRMWARE_LIB_MEMORY_H

#include <stddef.h>

void *memcpy(void *to, const void *from, size_t size);
void *memmove(void *to, const void *from, size_t size);
void *memset(void *to, int byte, size_t size);
int memcmp(const void *a, const void *b, size_t size);

#endif
