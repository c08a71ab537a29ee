// SPDX-License-Identifier: MIT
// See text.h. Nothing here allocates, and nothing keeps state between calls.
#include "firmware/lib/text.h"

// One conversion of a format: what stands between '%' and its letter.
struct conversion {
    bool left, zero, wide;
    unsigned width;
};

static const char *read_conversion(const char *f, struct conversion *c) {
    *c = (struct conversion){0};
    for (; *f == '-' || *f == '0'; f++) *(*f == '-' ? &c->left : &c->zero) = true;
    for (; *f >= '0' && *f <= '9'; f++) c->width = c->width * 10 + (unsigned)(*f - '0');
    for (; *f == 'l'; f++) c->wide = true;
    return f;
}

static void put_padded(put_char_fn put, void *where, const char *text, size_t length,
                       struct conversion c) {
    size_t padding = c.width > length ? c.width - length : 0;
    if (!c.left)
        for (size_t i = 0; i < padding; i++) put(where, c.zero ? '0' : ' ');
    for (size_t i = 0; i < length; i++) put(where, text[i]);
    if (c.left)
        for (size_t i = 0; i < padding; i++) put(where, ' ');
}

static void put_number(put_char_fn put, void *where, uint64_t n, unsigned base, bool minus,
                       struct conversion c) {
    char digits[24];
    size_t at = sizeof digits;
    do digits[--at] = "0123456789abcdef"[n % base];
    while ((n /= base) != 0);
    if (minus) digits[--at] = '-';
    put_padded(put, where, digits + at, sizeof digits - at, c);
}

static void put_signed(put_char_fn put, void *where, int64_t n, struct conversion c) {
    put_number(put, where, n < 0 ? 0 - (uint64_t)n : (uint64_t)n, 10, n < 0, c);
}

void text_vformat(put_char_fn put, void *where, const char *format, va_list args) {
    struct conversion c;
    for (const char *f = format; *f; f++) {
        if (*f != '%') {
            put(where, *f);
            continue;
        }
        f = read_conversion(f + 1, &c);
        switch (*f) {
        case 'c': put(where, (char)va_arg(args, int)); break;
        case 's': {
            const char *text = va_arg(args, const char *);
            put_padded(put, where, text, text_length(text), c);
            break;
        }
        case 'd':
            put_signed(put, where, c.wide ? va_arg(args, int64_t) : va_arg(args, int), c);
            break;
        case 'u':
        case 'x':
            put_number(put, where, c.wide ? va_arg(args, uint64_t) : va_arg(args, unsigned),
                       *f == 'x' ? 16 : 10, false, c);
            break;
        case '\0': return;
        default: put(where, *f);
        }
    }
}

bool text_equal(const char *a, const char *b) {
    while (*a && *a == *b) a++, b++;
    return *a == *b;
}

bool text_starts(const char *text, const char *start) {
    while (*start && *text == *start) text++, start++;
    return *start == '\0';
}

size_t text_length(const char *text) {
    size_t n = 0;
    while (text[n]) n++;
    return n;
}
