// SPDX-License-Identifier: MIT
// Text that is put together piece by piece in a buffer that may be too small: what does not fit is
// left out, and there is always a final 0.
#ifndef TABLEWALK_CPU_TEXT_H
#define TABLEWALK_CPU_TEXT_H

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

struct text {
    char *start;
    size_t size, length; // bytes, size at least 1
};

__attribute__((format(printf, 2, 3))) static inline void text_add(struct text *t,
                                                                  const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    const int wanted = vsnprintf(t->start + t->length, t->size - t->length, format, arguments);
    va_end(arguments);
    if (wanted < 0) return;
    t->length += (size_t)wanted;
    if (t->length >= t->size) t->length = t->size - 1;
}

#endif
