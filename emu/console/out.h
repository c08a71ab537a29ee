// SPDX-License-Identifier: MIT
// What a command says, as text for people or as one JSON object for programs. A command writes
// each thing once: sentences, numbers, and lists whose rows consist of cells. As text, a list is a
// table with a head; as JSON, an array of objects. Lists take a range: rows before `from` and
// behind `limit` rows are counted, not shown.
#ifndef TABLEWALK_EMU_CONSOLE_OUT_H
#define TABLEWALK_EMU_CONSOLE_OUT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "cpu/text.h"

enum { OUT_LINE = 1024, OUT_NO_LIMIT = -1 };

struct out {
    FILE *to;
    bool json;
    bool failed;    // out_fail was called
    bool comma;     // JSON: something stands before in this object or array
    bool row_comma; // the same within a row
    bool in_list;   // in a list
    uint64_t from;  // first row shown, counted from 0
    uint64_t limit; // rows shown
    uint64_t rows;  // of this list so far
    bool head_shown;
    char head[OUT_LINE], line[OUT_LINE];
    struct text head_text, line_text;
};

void out_init(struct out *o, FILE *to);

// Around a command.
void out_begin(struct out *o, const char *command, bool json);
void out_end(struct out *o);

// A line of text; as JSON "key": "line". key NULL: for people only.
__attribute__((format(printf, 3, 4))) void out_say(struct out *o, const char *key,
                                                   const char *format, ...);
// For programs only, where the text says it in a sentence.
void out_number(struct out *o, const char *key, uint64_t value);
void out_hex(struct out *o, const char *key, uint64_t value);
void out_flag(struct out *o, const char *key, bool value);

// A list. width: columns as text, negative: to the left; the last cell of a row may have 0.
void out_list(struct out *o, const char *key);
__attribute__((format(printf, 4, 5))) void out_cell(struct out *o, const char *key, int width,
                                                    const char *format, ...);
void out_count(struct out *o, const char *key, int width, uint64_t value); // JSON: a number
void out_row(struct out *o);                                               // ends a row
void out_list_end(struct out *o);
// The same, with a line for people where there was no row.
void out_list_end_or(struct out *o, const char *nothing);
// Are rows still wanted? Not to be asked where rows are only counted.
bool out_wants(const struct out *o);

// The command can't be done: one line. Returns false.
__attribute__((format(printf, 2, 3))) bool out_fail(struct out *o, const char *format, ...);

#endif
