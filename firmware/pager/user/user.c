// SPDX-License-Identifier: MIT
//
// The start of every user program, and printing.
#include "user/user.h"

void user_start(int count, char **word);
void user_start(int count, char **word) { leave(main(count, word)); }

struct line {
    char text[128];
    size_t used;
};

static void flush(struct line *line) {
    call4(CALL_write, 1, (uint64_t)line->text, line->used, 0);
    line->used = 0;
}

static void put_line(void *context, char c) {
    struct line *line = context;
    line->text[line->used++] = c;
    if (line->used == sizeof line->text) flush(line);
}

void print(const char *text, ...) {
    struct line line;
    line.used = 0;
    va_list arguments;
    va_start(arguments, text);
    format(put_line, &line, text, arguments);
    va_end(arguments);
    flush(&line);
}

uint64_t argument(int count, char **word, int n, uint64_t otherwise) {
    uint64_t number;
    return n < count && number_parse(word[n], &number) ? number : otherwise;
}
