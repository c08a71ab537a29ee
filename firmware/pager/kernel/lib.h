// SPDX-License-Identifier: MIT
//
// The C library this kernel has: copying, comparing, numbers, formatted text, a pseudo-random
// sequence and a checksum. Nothing here knows about the kernel.
#ifndef TABLEWALK_PAGER_LIB_H
#define TABLEWALK_PAGER_LIB_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

void *memset(void *to, int byte, size_t bytes);
void *memcpy(void *to, const void *from, size_t bytes);
int memcmp(const void *left, const void *right, size_t bytes);
size_t strlen(const char *text);
int strcmp(const char *left, const char *right);
int strncmp(const char *left, const char *right, size_t most);

// Copies with a closing zero, cutting what does not fit into `room` bytes.
void text_copy(char *to, const char *from, size_t room);

// Where `word` begins in `text`, or NULL.
const char *text_find(const char *text, const char *word);

// Reads a number: decimal, 0x hexadecimal, with K or M behind it times 1024 or 1024². False when
// the text is anything else or does not fit into 64 bits.
bool number_parse(const char *text, uint64_t *number);

// Cuts `line` in place into at most `most` words at blanks; returns how many.
int words_split(char *line, char **words, int most);

typedef void put_fn(void *context, char c);

// printf for %d %u %x %s %c %% with l, width, '-' and '0'; characters go to `put`.
void format(put_fn *put, void *context, const char *text, va_list arguments);

// Formats into `room` bytes with a closing zero; cuts what does not fit.
void text_format(char *to, size_t room, const char *text, ...)
    __attribute__((format(printf, 3, 4)));

// The next number of a repeatable sequence (xorshift64*); *state must not be 0.
uint64_t random_next(uint64_t *state);

// A checksum of whole 8-byte words, to notice that a page came back changed.
uint32_t checksum(const void *data, size_t bytes);

static inline uint64_t round_down(uint64_t value, uint64_t unit) { return value / unit * unit; }
static inline uint64_t round_up(uint64_t value, uint64_t unit) {
    return (value + unit - 1) / unit * unit;
}
static inline uint64_t least(uint64_t left, uint64_t right) { return left < right ? left : right; }
static inline uint64_t most(uint64_t left, uint64_t right) { return left > right ? left : right; }

#endif
