// SPDX-License-Identifier: MIT
// Host tool of the build: reads cpu/isa.def, as a table of strings, and writes what cpu/decode.c
// includes to stdout:
//
//   row_info[]              struct isa_row_info, by row
//   row_match[]             how a row is recognised, by row
//   candidates[]            lists of rows, each ended by ROW_illegal
//   long_list[], short_list[]  where in candidates[] a key's list starts
//
// Rows that contradict each other stop the build: exit code 1, and a line each on stderr.
#include "cpu/gen/decode_key.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct source {
    const char *name, *pattern, *format, *extension, *timing, *flags;
    const char *base; // NULL: not a compressed row
};

#define INSN(name, pattern, format, extension, timing, flags)                                      \
    {#name, pattern, #format, #extension, #timing, #flags, NULL},
#define CINSN(name, pattern, format, extension, base)                                              \
    {#name, pattern, #format, #extension, NULL, NULL, #base},
static const struct source sources[] = {
#include "cpu/isa.def"
};
#undef INSN
#undef CINSN

enum { ROWS = sizeof sources / sizeof *sources, MAX_CANDIDATES = 1 << 15 };

// A row as understood. Bits that match: (bits & mask) == value, and not all `nonzero` bits clear.
struct row {
    const struct source *source;
    const struct source *base; // the row itself, unless compressed
    uint32_t mask, value, nonzero;
    bool is_long;
};

struct table {
    struct row row[ROWS];
    unsigned by_speciality[ROWS]; // row numbers, those with the most fixed bits first
    unsigned errors;
    unsigned candidate[MAX_CANDIDATES]; // row number + 1, or 0 at the end of a list
    unsigned candidates;
    unsigned long_list[LONG_KEYS], short_list[SHORT_KEYS];
};

static void complain(struct table *t, const char *name, const char *what, const char *other) {
    fprintf(stderr, "cpu/isa.def: row %s %s%s\n", name, what, other);
    t->errors++;
}

static const struct source *find(const char *name) {
    for (unsigned i = 0; i < ROWS; i++)
        if (strcmp(sources[i].name, name) == 0) return &sources[i];
    return NULL;
}

static void parse_pattern(struct table *t, struct row *row) {
    unsigned length = 0;
    for (const char *p = row->source->pattern; *p != '\0'; p++) {
        if (*p == ' ') continue;
        row->mask = row->mask << 1 | (*p == '0' || *p == '1');
        row->value = row->value << 1 | (*p == '1');
        row->nonzero = row->nonzero << 1 | (*p == 'n');
        length++;
        if (strchr("01.n", *p) == NULL)
            complain(t, row->source->name, "has a pattern with characters other than 01.n", "");
    }
    row->is_long = row->source->base == NULL;
    if (length != (row->is_long ? 32 : 16))
        complain(t, row->source->name, "has a pattern of the wrong length", "");
    if ((row->mask & 3) != 3 || ((row->value & 3) == 3) != row->is_long)
        complain(t, row->source->name, "has a pattern whose lowest bits say another length", "");
}

static void parse_rows(struct table *t) {
    for (unsigned i = 0; i < ROWS; i++) {
        struct row *row = &t->row[i];
        row->source = &sources[i];
        row->base = row->source->base == NULL ? row->source : find(row->source->base);
        if (find(row->source->name) != row->source)
            complain(t, row->source->name, "is there twice", "");
        if (row->base == NULL || row->base->base != NULL) {
            complain(t, row->source->name, "expands to what is no INSN row: ", row->source->base);
            row->base = row->source;
        }
        parse_pattern(t, row);
    }
}

// Is there an instruction that both rows match?
static bool meet(const struct row *a, const struct row *b) {
    if (a->is_long != b->is_long) return false;
    if (((a->value ^ b->value) & a->mask & b->mask) != 0) return false;
    // If all bits that nobody fixes are 1, only fixed bits can make an `n` field zero.
    const uint32_t most = ~((a->mask & ~a->value) | (b->mask & ~b->value));
    return (a->nonzero == 0 || (a->nonzero & most) != 0) &&
           (b->nonzero == 0 || (b->nonzero & most) != 0);
}

// Does a fix all that b fixes, and more?
static bool more_special(const struct row *a, const struct row *b) {
    return (a->mask & b->mask) == b->mask && a->mask != b->mask;
}

static void check_overlaps(struct table *t) {
    for (unsigned i = 0; i < ROWS; i++)
        for (unsigned j = 0; j < i; j++) {
            const struct row *a = &t->row[i], *b = &t->row[j];
            if (meet(a, b) && !more_special(a, b) && !more_special(b, a))
                complain(t, a->source->name, "overlaps row ", b->source->name);
        }
}

static void sort_rows(struct table *t) {
    for (unsigned i = 0; i < ROWS; i++) {
        unsigned at = i;
        const int fixed = __builtin_popcount(t->row[i].mask);
        for (; at > 0 && __builtin_popcount(t->row[t->by_speciality[at - 1]].mask) < fixed; at--)
            t->by_speciality[at] = t->by_speciality[at - 1];
        t->by_speciality[at] = i;
    }
}

// Finds or adds the list of the rows that instructions with these key bits may match. Returns where
// it starts.
static unsigned list_of(struct table *t, bool is_long, uint32_t key_mask, uint32_t key_bits) {
    unsigned *list = &t->candidate[t->candidates], length = 0;
    for (unsigned i = 0; i < ROWS; i++) {
        const struct row *row = &t->row[t->by_speciality[i]];
        if (row->is_long == is_long && ((row->value ^ key_bits) & row->mask & key_mask) == 0)
            list[length++] = t->by_speciality[i] + 1;
    }
    list[length++] = 0;
    for (unsigned at = 0; at + length <= t->candidates; at++)
        if (memcmp(&t->candidate[at], list, length * sizeof *list) == 0) return at;
    const unsigned start = t->candidates;
    t->candidates += length;
    if (t->candidates + ROWS >= MAX_CANDIDATES) {
        fprintf(stderr, "isagen: more candidates than MAX_CANDIDATES allows\n");
        exit(1);
    }
    return start;
}

static void make_lists(struct table *t) {
    for (uint32_t key = 0; key < LONG_KEYS; key++)
        t->long_list[key] = list_of(t, true, long_key_bits(LONG_KEYS - 1), long_key_bits(key));
    for (uint32_t key = 0; key < SHORT_KEYS; key++)
        t->short_list[key] = list_of(t, false, short_key_bits(SHORT_KEYS - 1), short_key_bits(key));
}

static void print_info(const struct row *row) {
    printf("    [ROW_%s] = {\"", row->source->name);
    for (const char *p = row->source->name; *p != '\0'; p++) putchar(*p == '_' ? '.' : *p);
    printf("\", \"%s\", EXT_%s, TIMING_%s, FORMAT_%s, OP_%s, %s, EXT_BIT(EXT_%s) | "
           "EXT_BIT(EXT_%s)},\n",
           row->source->pattern, row->source->extension, row->base->timing, row->source->format,
           row->base->name, row->base->flags, row->source->extension, row->base->extension);
}

static void print_numbers(const char *name, const unsigned *number, unsigned count) {
    printf("static const uint16_t %s[%u] = {", name, count);
    for (unsigned i = 0; i < count; i++) printf("%s%u,", i % 16 == 0 ? "\n    " : " ", number[i]);
    printf("\n};\n");
}

static void print(const struct table *t) {
    printf("// Made from cpu/isa.def by cpu/gen/isagen.c.\n"
           "static const struct isa_row_info row_info[ISA_ROWS] = {\n"
           "    [ROW_illegal] = {.name = \"illegal\", .pattern = \"\"},\n");
    for (unsigned i = 0; i < ROWS; i++) print_info(&t->row[i]);
    printf("};\nstatic const struct row_match row_match[ISA_ROWS] = {\n");
    for (unsigned i = 0; i < ROWS; i++)
        printf("    [ROW_%s] = {0x%08x, 0x%08x, 0x%08x},\n", t->row[i].source->name, t->row[i].mask,
               t->row[i].value, t->row[i].nonzero);
    printf("};\n");
    print_numbers("candidates", t->candidate, t->candidates);
    print_numbers("long_list", t->long_list, LONG_KEYS);
    print_numbers("short_list", t->short_list, SHORT_KEYS);
}

int main(void) {
    struct table *t = calloc(1, sizeof *t);
    if (t == NULL) {
        fprintf(stderr, "isagen: out of memory\n");
        return 1;
    }
    parse_rows(t);
    check_overlaps(t);
    if (t->errors == 0) {
        sort_rows(t);
        make_lists(t);
        print(t);
    }
    const int status = t->errors != 0 || fflush(stdout) != 0;
    free(t);
    return status;
}
