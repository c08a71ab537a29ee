// SPDX-License-Identifier: MIT
// Core files (see core.h).
#include "cpu/core.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cpu/plru.h"

static const struct value_row {
    const char *name;
    size_t field; // offset in struct core
    uint32_t lowest, highest;
} rows[] = {
#define VALUE(name, lowest, highest, what) {#name, offsetof(struct core, name), lowest, highest},
#include "cpu/core.def"
#undef VALUE
};

enum { ROWS = sizeof rows / sizeof *rows, MAX_NAME = 32 };

// A file that is being read.
struct reading {
    struct core *core;
    const char *file;
    unsigned line;
    bool given[ROWS];
    core_find_fn find;
    char *error;
    size_t error_size;
};

__attribute__((format(printf, 2, 3))) static bool wrong(struct reading *in, const char *format,
                                                        ...) {
    int used =
        snprintf(in->error, in->error_size, in->line ? "%s:%u: " : "%s: ", in->file, in->line);
    va_list list;
    va_start(list, format);
    if (used >= 0 && (size_t)used < in->error_size) {
        vsnprintf(in->error + used, in->error_size - (size_t)used, format, list);
    }
    va_end(list);
    return false;
}

// The value whose name begins most like `name`; NULL: none does.
static const char *nearest(const char *name) {
    size_t most = 0, best = 0;
    for (size_t i = 0; i < ROWS; i++) {
        size_t same = 0;
        while (name[same] && name[same] == rows[i].name[same]) same++;
        if (same > most) most = same, best = i;
    }
    return most > 1 ? rows[best].name : NULL;
}

static bool set_value(struct reading *in, const char *name, const char *number) {
    for (unsigned i = 0; i < ROWS; i++) {
        if (strcmp(rows[i].name, name) != 0) continue;
        char *end;
        const unsigned long value = isdigit((unsigned char)*number) ? strtoul(number, &end, 0) : 0;
        if (!isdigit((unsigned char)*number) || *end || value < rows[i].lowest ||
            value > rows[i].highest) {
            return wrong(in, "%s: '%s' is no number from %u to %u", name, number, rows[i].lowest,
                         rows[i].highest);
        }
        *(uint32_t *)(void *)((char *)in->core + rows[i].field) = (uint32_t)value;
        in->given[i] = true;
        return true;
    }
    const char *near = nearest(name);
    return wrong(in, "'%s' is no value of a core; %s%s%scpu/core.def has them all", name,
                 near ? "the nearest is " : "", near ? near : "", near ? ", and " : "");
}

static bool is_power_of_two(uint32_t n) { return (n & (n - 1)) == 0; }

// Sets of a cache of `size` KiB: a power of two, at least one.
static bool has_sets(uint32_t size, uint32_t ways, uint32_t line) {
    const uint32_t sets = size * 1024 / line / ways;
    return is_power_of_two(ways) && sets > 0 && is_power_of_two(sets);
}

static bool check(struct reading *in) {
    const struct core *c = in->core;
    in->line = 0;
    for (unsigned i = 0; i < ROWS; i++) {
        if (!in->given[i]) return wrong(in, "says nothing of '%s'", rows[i].name);
    }
    const struct {
        const char *name;
        uint32_t size, ways;
    } caches[] = {{"l1i", c->l1i_size, c->l1i_ways},
                  {"l1d", c->l1d_size, c->l1d_ways},
                  {"l2", c->l2_size ? c->l2_size : c->l2_ways, c->l2_ways}};
    for (unsigned i = 0; i < sizeof caches / sizeof *caches; i++) {
        if (has_sets(caches[i].size, caches[i].ways, c->line)) continue;
        return wrong(in, "%s_size and %s_ways: ways and sets must be powers of two", caches[i].name,
                     caches[i].name);
    }
    if (!is_power_of_two(c->tlb_sectors)) return wrong(in, "tlb_sectors must be a power of two");
    if (c->itlb > PLRU_MAX * c->tlb_sectors || c->dtlb > PLRU_MAX * c->tlb_sectors) {
        return wrong(in, "itlb and dtlb may have %u times tlb_sectors", PLRU_MAX);
    }
    if (!is_power_of_two(c->bht) || !is_power_of_two(c->l2tlb)) {
        return wrong(in, "%s must be a power of two", is_power_of_two(c->bht) ? "l2tlb" : "bht");
    }
    return true;
}

// Cuts the next word off *text, which ends at the end of its line.
static bool next_word(const char **text, const char *end, char word[static MAX_NAME]) {
    size_t length = 0;
    while (*text < end && isspace((unsigned char)**text)) (*text)++;
    while (*text < end && !isspace((unsigned char)**text) && length + 1 < MAX_NAME) {
        word[length++] = *(*text)++;
    }
    word[length] = 0;
    return length > 0;
}

static bool read_text(struct reading *in, const char *text, size_t size);

// `like NAME`
static bool read_base(struct reading *in, const char *name) {
    size_t size;
    const char *text = in->find(name, &size);
    if (!text) return wrong(in, "there is no built-in core '%s'", name);
    struct reading base = *in;
    base.file = name;
    base.find = NULL; // built-in cores of which others are like stand for themselves
    if (!read_text(&base, text, size)) return false;
    memcpy(in->given, base.given, sizeof in->given);
    return true;
}

static bool read_line(struct reading *in, const char *line, const char *end) {
    char name[MAX_NAME], value[MAX_NAME], more[MAX_NAME];
    const char *comment = memchr(line, '#', (size_t)(end - line));
    if (comment) end = comment;
    if (!next_word(&line, end, name)) return true;
    if (!next_word(&line, end, value) || next_word(&line, end, more)) {
        return wrong(in, "'name number' was expected");
    }
    if (strcmp(name, "like") == 0 && in->find) return read_base(in, value);
    return set_value(in, name, value);
}

static bool read_text(struct reading *in, const char *text, size_t size) {
    const char *const limit = text + size;
    for (in->line = 1; text < limit; in->line++) {
        const char *newline = memchr(text, '\n', (size_t)(limit - text));
        const char *end = newline ? newline : limit;
        if (!read_line(in, text, end)) return false;
        text = newline ? newline + 1 : limit;
    }
    return true;
}

bool core_parse(struct core *core, const char *file, const char *text, size_t size,
                core_find_fn find, char *error, size_t error_size) {
    struct reading in = {
        .core = core, .file = file, .find = find, .error = error, .error_size = error_size};
    return read_text(&in, text, size) && check(&in);
}

bool core_override(struct core *core, const char *list, char *error, size_t error_size) {
    struct reading in = {.core = core, .file = "--core", .error = error, .error_size = error_size};
    memset(in.given, true, sizeof in.given);
    while (*list) {
        char name[MAX_NAME], value[MAX_NAME];
        const size_t length = strcspn(list, ","), name_length = strcspn(list, "=,");
        const size_t rest = length - name_length;
        if (rest < 2 || name_length >= MAX_NAME || rest > MAX_NAME) {
            return wrong(&in, "'%.*s' should be name=number", (int)length, list);
        }
        snprintf(name, sizeof name, "%.*s", (int)name_length, list);
        snprintf(value, sizeof value, "%.*s", (int)rest - 1, list + name_length + 1);
        if (!set_value(&in, name, value)) return false;
        list += length + (list[length] == ',');
    }
    return check(&in);
}
