// SPDX-License-Identifier: MIT
// Formatted text for programs without a C library: a small printf over a function that takes one
// character, and the few string functions that are needed beside it.
#ifndef TABLEWALK_FIRMWARE_LIB_TEXT_H
#define TABLEWALK_FIRMWARE_LIB_TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef void (*put_char_fn)(void *where, char c);

// Understands %c %s %d %u %x, %ld %lu %lx for 64 bits, a width, '0' and '-' before it, and %%.
void text_vformat(put_char_fn put, void *where, const char *format, va_list args);

bool text_equal(const char *a, const char *b);
bool text_starts(const char *text, const char *start);
size_t text_length(const char *text);

#endif
