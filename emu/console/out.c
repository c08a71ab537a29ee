// SPDX-License-Identifier: MIT
// Text and JSON from the same calls (see out.h).
#include "emu/console/out.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

void out_init(struct out *o, FILE *to) { *o = (struct out){.to = to, .limit = UINT64_MAX}; }

static void start_row(struct out *o) {
    o->head_text = (struct text){o->head, sizeof o->head, 0};
    o->line_text = (struct text){o->line, sizeof o->line, 0};
    o->head[0] = o->line[0] = 0;
    o->row_comma = false;
}

static void put_string(struct out *o, const char *text) {
    fputc('"', o->to);
    for (const unsigned char *c = (const unsigned char *)text; *c; c++) {
        if (*c == '"' || *c == '\\') {
            fprintf(o->to, "\\%c", *c);
        } else if (*c < ' ' || *c >= 0x7f) {
            fprintf(o->to, "\\u%04x", *c);
        } else {
            fputc(*c, o->to);
        }
    }
    fputc('"', o->to);
}

static void put_key(struct out *o, const char *key) {
    bool *comma = o->in_list ? &o->row_comma : &o->comma;
    if (o->in_list && !*comma) {
        fputs(o->rows > o->from ? ",\n  {" : "\n  {", o->to);
    } else if (*comma) {
        fputs(", ", o->to);
    }
    *comma = true;
    put_string(o, key);
    fputs(": ", o->to);
}

void out_begin(struct out *o, const char *command, bool json) {
    o->json = json;
    o->failed = o->comma = o->in_list = false;
    if (!json) return;
    fputc('{', o->to);
    put_key(o, "command");
    put_string(o, command);
}

void out_end(struct out *o) {
    if (o->json) fputs("}\n", o->to);
}

void out_say(struct out *o, const char *key, const char *format, ...) {
    char line[OUT_LINE];
    if (o->json && !key) return;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    if (!o->json) {
        fprintf(o->to, "%s\n", line);
        return;
    }
    put_key(o, key);
    put_string(o, line + strspn(line, " "));
}

void out_number(struct out *o, const char *key, uint64_t value) {
    if (!o->json) return;
    put_key(o, key);
    fprintf(o->to, "%" PRIu64, value);
}

void out_hex(struct out *o, const char *key, uint64_t value) {
    if (!o->json) return;
    put_key(o, key);
    fprintf(o->to, "\"0x%" PRIx64 "\"", value);
}

void out_flag(struct out *o, const char *key, bool value) {
    if (!o->json) return;
    put_key(o, key);
    fputs(value ? "true" : "false", o->to);
}

// --- Lists ---------------------------------------------------------------------------------------

void out_list(struct out *o, const char *key) {
    if (o->json) {
        put_key(o, key);
        fputc('[', o->to);
    }
    o->in_list = true;
    o->rows = 0;
    o->head_shown = false;
    start_row(o);
}

static bool shown(const struct out *o) {
    return o->rows >= o->from && o->rows - o->from < o->limit;
}

bool out_wants(const struct out *o) { return o->rows < o->from || shown(o); }

static void add_cell(struct out *o, const char *key, int width, const char *text) {
    const char *gap = o->line_text.length ? "  " : "";
    const int head = (int)strlen(key);
    if (abs(width) < head && width != 0) width = width < 0 ? -head : head;
    text_add(&o->head_text, "%s%*s", gap, width, key);
    text_add(&o->line_text, "%s%*s", gap, width, text);
}

void out_cell(struct out *o, const char *key, int width, const char *format, ...) {
    char text[OUT_LINE];
    if (!shown(o)) return;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (o->json) {
        put_key(o, key);
        put_string(o, text);
    } else {
        add_cell(o, key, width, text);
    }
}

void out_count(struct out *o, const char *key, int width, uint64_t value) {
    char text[24];
    if (!shown(o)) return;
    snprintf(text, sizeof text, "%" PRIu64, value);
    if (o->json) {
        put_key(o, key);
        fputs(text, o->to);
    } else {
        add_cell(o, key, width, text);
    }
}

static void print_line(struct out *o, char *line) {
    size_t length = strlen(line);
    while (length && line[length - 1] == ' ') line[--length] = 0;
    fprintf(o->to, "%s\n", line);
}

void out_row(struct out *o) {
    if (shown(o) && o->json) {
        fputc('}', o->to);
    } else if (shown(o)) {
        if (!o->head_shown) print_line(o, o->head);
        o->head_shown = true;
        print_line(o, o->line);
    }
    o->rows++;
    start_row(o);
}

void out_list_end(struct out *o) {
    o->in_list = false;
    const uint64_t behind = o->rows > o->from ? o->rows - o->from : 0;
    if (o->json) {
        fputc(']', o->to);
    } else if (behind > o->limit) {
        fprintf(o->to, "(%" PRIu64 " more; --limit shows more, --from other ones)\n",
                behind - o->limit);
    }
}

void out_list_end_or(struct out *o, const char *nothing) {
    out_list_end(o);
    if (!o->rows) out_say(o, NULL, "%s", nothing);
}

bool out_fail(struct out *o, const char *format, ...) {
    char line[OUT_LINE];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    for (char *c = line; *c; c++) {
        if ((unsigned char)*c < ' ' || *c == 0x7f) *c = '?';
    }
    o->failed = true;
    if (o->in_list) out_list_end(o);
    if (o->json) {
        put_key(o, "error");
        put_string(o, line);
    } else {
        fprintf(o->to, "error: %s\n", line);
    }
    return false;
}
