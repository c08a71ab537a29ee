// SPDX-License-Identifier: MIT
// The profile in the format of Valgrind's callgrind (its manual, "Callgrind Format Specification"):
// cycles and instructions by function and source line, and who called whom, for KCachegrind and
// callgrind_annotate.
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "emu/grow.h"
#include "emu/profile/report.h"

// A line of the file: what a function's line took itself, or what a call on it did.
struct row {
    uint32_t function, file, line;
    uint32_t callee; // 0: none; else 1 + the function
    uint64_t calls;
    struct cost cost;
};

// Where a function stands. Functions are the same when names and objects are.
struct function {
    uint32_t object, name, file, line;
};

struct report {
    const struct profile *p;
    FILE *to;
    struct texts texts; // names of objects, files and functions
    struct texts keys;  // of functions: "object\nname"
    struct function *function;
    uint32_t functions;
    uint32_t *of_node; // by context: its function
    struct row *row;
    size_t rows, room;
    uint8_t *said; // by text: a bit a kind of name that it was written out as
};

// --- Gathering -----------------------------------------------------------------------------------

static bool add_row(struct report *r, struct row row) {
    struct row *rows = grow(r->row, r->rows, &r->room, sizeof *rows);
    if (!rows) return false;
    r->row = rows;
    r->row[r->rows++] = row;
    return true;
}

struct place {
    uint32_t file, line;
};

static struct place place_of(struct report *r, uint64_t pc, uint64_t space) {
    char path[2 * PROFILE_NAME_BYTES];
    struct source_line s;
    if (!symbols_line(r->p->symbols, pc, space, &s)) {
        return (struct place){texts_number(&r->texts, "???"), 0};
    }
    const bool relative = s.file[0] != '/' && s.folder;
    snprintf(path, sizeof path, "%s%s%s", relative ? s.folder : "", relative ? "/" : "", s.file);
    return (struct place){texts_number(&r->texts, path), s.line};
}

static uint32_t function_of(struct report *r, uint32_t node) {
    const struct context_node *n = &r->p->contexts.node[node];
    char object[PROFILE_NAME_BYTES], name[PROFILE_NAME_BYTES], key[2 * PROFILE_NAME_BYTES + 1];
    report_object(r->p, node, object);
    report_name(r->p, node, name);
    snprintf(key, sizeof key, "%s\n%s", object, name);
    const uint32_t number = texts_number(&r->keys, key);
    if (number < r->functions) return number;
    const struct place at = place_of(r, n->function, n->space);
    r->functions = number + 1;
    r->function[number] = (struct function){texts_number(&r->texts, object),
                                            texts_number(&r->texts, name), at.file, at.line};
    return number;
}

static bool gather_costs(struct report *r) {
    const struct profile *p = r->p;
    for (uint32_t i = 1; i < p->cells; i++) {
        const struct cell *c = &p->cell[i];
        const struct context_node *n = &p->contexts.node[c->node];
        struct cost cost[SHAPE_INSNS];
        cell_costs(c, cost);
        for (unsigned k = 0; k < c->insns; k++) {
            if (!cost[k].insns && !cost[k].cycles) continue;
            const struct place at = place_of(r, c->pc + c->start[k], n->space);
            const struct row row = {
                .function = r->of_node[c->node], .file = at.file, .line = at.line, .cost = cost[k]};
            if (!add_row(r, row)) return false;
        }
    }
    return true;
}

// Is one of those that called this context the same function? Then what it took is part of theirs.
static bool recurs(const struct report *r, uint32_t node) {
    const struct context_node *n = r->p->contexts.node;
    for (uint32_t i = n[node].parent; i != NO_NODE; i = n[i].parent) {
        if (n[i].parent != NO_NODE && r->of_node[i] == r->of_node[node]) return true;
    }
    return false;
}

static bool gather_calls(struct report *r) {
    const struct contexts *c = &r->p->contexts;
    struct cost *sum = report_sums(r->p, true);
    bool good = sum;
    for (uint32_t i = 1; i < c->nodes && good; i++) {
        const struct context_node *n = &c->node[i], *parent = &c->node[n->parent];
        if (n->parent == NO_NODE || parent->parent == NO_NODE) continue;
        const struct place at = place_of(r, n->site, parent->space);
        const struct row row = {.function = r->of_node[n->parent],
                                .file = at.file,
                                .line = at.line,
                                .callee = r->of_node[i] + 1,
                                .calls = n->calls,
                                .cost = recurs(r, i) ? (struct cost){0, 0} : sum[i]};
        good = add_row(r, row);
    }
    free(sum);
    return good;
}

static int by_place(const void *a, const void *b) {
    const struct row *x = a, *y = b;
    const uint32_t pairs[][2] = {{x->function, y->function},
                                 {x->callee != 0, y->callee != 0},
                                 {x->file, y->file},
                                 {x->line, y->line},
                                 {x->callee, y->callee}};
    for (unsigned i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        if (pairs[i][0] != pairs[i][1]) return pairs[i][0] < pairs[i][1] ? -1 : 1;
    }
    return 0;
}

// Rows of the same place become one.
static void merge(struct report *r) {
    size_t n = 0;
    if (r->rows) qsort(r->row, r->rows, sizeof *r->row, by_place);
    for (size_t i = 0; i < r->rows; i++) {
        if (n && by_place(&r->row[n - 1], &r->row[i]) == 0) {
            r->row[n - 1].calls += r->row[i].calls;
            r->row[n - 1].cost.cycles += r->row[i].cost.cycles;
            r->row[n - 1].cost.insns += r->row[i].cost.insns;
        } else {
            r->row[n++] = r->row[i];
        }
    }
    r->rows = n;
}

// --- Writing -------------------------------------------------------------------------------------

// "fl=(3) name" the first time, then "fl=(3)". Files, functions and objects are numbered apart.
static void put_name(struct report *r, const char *what, unsigned kind, uint32_t text) {
    fprintf(r->to, "%s=(%" PRIu32 ")", what, text + 1);
    if (!(r->said[text] >> kind & 1)) fprintf(r->to, " %s", r->texts.text[text]);
    r->said[text] |= (uint8_t)(1 << kind);
    fputc('\n', r->to);
}

enum { KIND_OBJECT, KIND_FILE, KIND_FUNCTION };

static void put_row(struct report *r, const struct row *row, uint32_t *file) {
    if (row->file != *file) put_name(r, "fi", KIND_FILE, row->file);
    *file = row->file;
    if (row->callee) {
        const struct function *f = &r->function[row->callee - 1];
        put_name(r, "cob", KIND_OBJECT, f->object);
        put_name(r, "cfi", KIND_FILE, f->file);
        put_name(r, "cfn", KIND_FUNCTION, f->name);
        fprintf(r->to, "calls=%" PRIu64 " %" PRIu32 "\n", row->calls, f->line);
    }
    fprintf(r->to, "%" PRIu32 " %" PRIu64 " %" PRIu64 "\n", row->line, row->cost.cycles,
            row->cost.insns);
}

static void put_rows(struct report *r) {
    uint32_t function = UINT32_MAX, file = UINT32_MAX;
    for (size_t i = 0; i < r->rows; i++) {
        const struct row *row = &r->row[i];
        if (row->function != function) {
            const struct function *f = &r->function[row->function];
            fputc('\n', r->to);
            put_name(r, "ob", KIND_OBJECT, f->object);
            put_name(r, "fl", KIND_FILE, f->file);
            put_name(r, "fn", KIND_FUNCTION, f->name);
            function = row->function;
            file = f->file;
        }
        put_row(r, row, &file);
    }
}

static void put_head(struct report *r) {
    struct cost all = {0, 0};
    for (size_t i = 0; i < r->rows; i++) {
        if (r->row[i].callee) continue;
        all.cycles += r->row[i].cost.cycles;
        all.insns += r->row[i].cost.insns;
    }
    const char *kernel = r->p->m->config.kernel;
    fprintf(r->to,
            "# callgrind format\nversion: 1\ncreator: tablewalk " TABLEWALK_VERSION
            "\ncmd: %s\npositions: line\nevents: Cycles Instructions\n"
            "summary: %" PRIu64 " %" PRIu64 "\n",
            kernel ? kernel : "the built-in kernel", all.cycles, all.insns);
}

static bool write_report(struct report *r) {
    const uint32_t nodes = r->p->contexts.nodes;
    r->of_node = calloc(nodes, sizeof *r->of_node);
    r->function = calloc(nodes + 1, sizeof *r->function);
    if (!r->of_node || !r->function || !texts_create(&r->texts) || !texts_create(&r->keys)) {
        return false;
    }
    for (uint32_t i = 1; i < nodes; i++) {
        if (r->p->contexts.node[i].parent != NO_NODE) r->of_node[i] = function_of(r, i);
    }
    if (!gather_costs(r) || !gather_calls(r)) return false;
    merge(r);
    r->said = calloc(r->texts.count + 1, 1);
    if (!r->said) return false;
    put_head(r);
    put_rows(r);
    return true;
}

bool report_callgrind(const struct profile *p, FILE *to) {
    struct report r = {.p = p, .to = to};
    const bool good = write_report(&r);
    texts_free(&r.texts);
    texts_free(&r.keys);
    free(r.function);
    free(r.of_node);
    free(r.row);
    free(r.said);
    return good;
}
