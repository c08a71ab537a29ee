// SPDX-License-Identifier: MIT
//
// The small C library, see lib.h. User programs are linked with this very file.
#include "kernel/lib.h"

void *memset(void *to, int byte, size_t bytes) {
    uint8_t *p = to;
    uint64_t word = 0x0101010101010101ull * (uint8_t)byte;
    for (; bytes && (uintptr_t)p % 8; bytes--) *p++ = (uint8_t)byte;
    for (; bytes >= 8; bytes -= 8, p += 8) *(uint64_t *)(void *)p = word;
    while (bytes--) *p++ = (uint8_t)byte;
    return to;
}

void *memcpy(void *to, const void *from, size_t bytes) {
    uint8_t *p = to;
    const uint8_t *q = from;
    if (((uintptr_t)p | (uintptr_t)q) % 8 == 0)
        for (; bytes >= 8; bytes -= 8, p += 8, q += 8)
            *(uint64_t *)(void *)p = *(const uint64_t *)(const void *)q;
    while (bytes--) *p++ = *q++;
    return to;
}

int memcmp(const void *left, const void *right, size_t bytes) {
    const uint8_t *p = left, *q = right;
    for (; bytes; bytes--, p++, q++)
        if (*p != *q) return *p < *q ? -1 : 1;
    return 0;
}

size_t strlen(const char *text) {
    size_t length = 0;
    while (text[length]) length++;
    return length;
}

int strncmp(const char *left, const char *right, size_t most_bytes) {
    for (; most_bytes; most_bytes--, left++, right++) {
        if (*left != *right) return (uint8_t)*left < (uint8_t)*right ? -1 : 1;
        if (!*left) break;
    }
    return 0;
}

int strcmp(const char *left, const char *right) { return strncmp(left, right, SIZE_MAX); }

void text_copy(char *to, const char *from, size_t room) {
    size_t length = least(strlen(from), room - 1);
    memcpy(to, from, length);
    to[length] = 0;
}

const char *text_find(const char *text, const char *word) {
    size_t length = strlen(word);
    for (; *text; text++)
        if (!strncmp(text, word, length)) return text;
    return NULL;
}

static int digit_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return 99;
}

bool number_parse(const char *text, uint64_t *number) {
    unsigned base = 10;
    if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
        base = 16;
        text += 2;
    }
    uint64_t value = 0;
    const char *first = text;
    for (; (unsigned)digit_value(*text) < base; text++)
        if (__builtin_mul_overflow(value, base, &value) ||
            __builtin_add_overflow(value, (unsigned)digit_value(*text), &value))
            return false;
    if (text == first) return false;
    unsigned shift = *text == 'K' || *text == 'k' ? 10 : *text == 'M' || *text == 'm' ? 20 : 0;
    if (shift) text++;
    if (*text || value << shift >> shift != value) return false;
    *number = value << shift;
    return true;
}

int words_split(char *line, char **words, int most_words) {
    int count = 0;
    while (count < most_words) {
        while (*line == ' ' || *line == '\t') line++;
        if (!*line) break;
        words[count++] = line;
        while (*line && *line != ' ' && *line != '\t') line++;
        if (*line) *line++ = 0;
    }
    return count;
}

struct field {
    unsigned width;
    bool left;
    char pad;
};

static void put_padded(put_fn *put, void *context, const char *text, size_t length,
                       struct field field) {
    for (size_t n = length; !field.left && n < field.width; n++) put(context, field.pad);
    for (size_t n = 0; n < length; n++) put(context, text[n]);
    for (size_t n = length; field.left && n < field.width; n++) put(context, ' ');
}

static void put_number(put_fn *put, void *context, uint64_t value, unsigned base, bool negative,
                       struct field field) {
    char digits[24];
    size_t at = sizeof digits;
    do {
        digits[--at] = "0123456789abcdef"[value % base];
        value /= base;
    } while (value);
    if (negative) digits[--at] = '-';
    put_padded(put, context, digits + at, sizeof digits - at, field);
}

static const char *read_field(const char *text, struct field *field) {
    *field = (struct field){0, false, ' '};
    for (; *text == '-' || *text == '0'; text++) {
        if (*text == '-')
            field->left = true;
        else
            field->pad = '0';
    }
    for (; *text >= '0' && *text <= '9'; text++)
        field->width = field->width * 10 + (unsigned)(*text - '0');
    return text;
}

void format(put_fn *put, void *context, const char *text, va_list arguments) {
    for (; *text; text++) {
        if (*text != '%') {
            put(context, *text);
            continue;
        }
        struct field field;
        text = read_field(text + 1, &field);
        bool is_long = *text == 'l';
        if (is_long) text++;
        if (*text == 'd') {
            int64_t value = is_long ? va_arg(arguments, int64_t) : va_arg(arguments, int);
            uint64_t size = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
            put_number(put, context, size, 10, value < 0, field);
        } else if (*text == 'u' || *text == 'x') {
            uint64_t value = is_long ? va_arg(arguments, uint64_t) : va_arg(arguments, unsigned);
            put_number(put, context, value, *text == 'u' ? 10 : 16, false, field);
        } else if (*text == 's') {
            const char *word = va_arg(arguments, const char *);
            put_padded(put, context, word, strlen(word), field);
        } else if (*text == 'c') {
            char c = (char)va_arg(arguments, int);
            put_padded(put, context, &c, 1, field);
        } else {
            put(context, *text);
        }
    }
}

struct text_room {
    char *at;
    size_t left;
};

static void put_text(void *context, char c) {
    struct text_room *room = context;
    if (room->left < 2) return;
    *room->at++ = c;
    room->left--;
}

void text_format(char *to, size_t room_bytes, const char *text, ...) {
    struct text_room room = {to, room_bytes};
    va_list arguments;
    va_start(arguments, text);
    format(put_text, &room, text, arguments);
    va_end(arguments);
    *room.at = 0;
}

uint64_t random_next(uint64_t *state) {
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return *state * 0x2545f4914f6cdd1dull;
}

uint32_t checksum(const void *data, size_t bytes) {
    const uint64_t *word = data;
    uint64_t sum = 0xcbf29ce484222325ull;
    for (size_t n = 0; n < bytes / 8; n++) sum = (sum ^ word[n]) * 0x100000001b3ull ^ sum >> 29;
    return (uint32_t)(sum ^ sum >> 32);
}
