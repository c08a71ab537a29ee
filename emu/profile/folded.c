// SPDX-License-Identifier: MIT
// The profile as folded stacks: a line a stack, "root;caller;callee CYCLES", as flamegraph.pl and
// speedscope read it.
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "emu/profile/report.h"

struct stack_line {
    char *text;
    uint64_t cycles;
};

static int by_text(const void *a, const void *b) {
    return strcmp(((const struct stack_line *)a)->text, ((const struct stack_line *)b)->text);
}

// ';' and blanks have a meaning there.
static void put_name(FILE *to, const char *name) {
    for (; *name; name++) fputc(*name == ';' || *name == ' ' ? '_' : *name, to);
}

// The names from the root to a context. NULL: out of host memory.
static char *path_of(const struct profile *p, uint32_t node) {
    uint32_t way[CONTEXT_DEPTH + 2];
    unsigned n = 0;
    for (; node != NO_NODE; node = p->contexts.node[node].parent) way[n++] = node;
    char name[PROFILE_NAME_BYTES], *text = NULL;
    size_t bytes;
    FILE *to = open_memstream(&text, &bytes);
    if (!to) return NULL;
    while (n-- > 0) {
        put_name(to, report_name(p, way[n], name));
        if (n) fputc(';', to);
    }
    return fclose(to) == 0 ? text : NULL;
}

// A line a context that took cycles. false: out of host memory.
static bool make_lines(const struct profile *p, const struct cost *sum, struct stack_line *line,
                       size_t *lines) {
    *lines = 0;
    for (uint32_t i = 1; i < p->contexts.nodes; i++) {
        if (!sum[i].cycles) continue;
        char *text = path_of(p, i);
        if (!text) return false;
        line[(*lines)++] = (struct stack_line){text, sum[i].cycles};
    }
    return true;
}

static void print_lines(FILE *to, const struct stack_line *line, size_t lines) {
    for (size_t i = 0; i < lines;) {
        uint64_t cycles = 0;
        const size_t first = i;
        for (; i < lines && strcmp(line[i].text, line[first].text) == 0; i++) {
            cycles += line[i].cycles;
        }
        fprintf(to, "%s %" PRIu64 "\n", line[first].text, cycles);
    }
}

bool report_folded(const struct profile *p, FILE *to) {
    struct cost *sum = report_sums(p, false);
    struct stack_line *line = calloc(p->contexts.nodes, sizeof *line);
    size_t lines = 0;
    const bool good = sum && line && make_lines(p, sum, line, &lines);
    if (good) {
        qsort(line, lines, sizeof *line, by_text);
        print_lines(to, line, lines);
    }
    for (size_t i = 0; i < lines; i++) free(line[i].text);
    free(line);
    free(sum);
    return good;
}
