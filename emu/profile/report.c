// SPDX-License-Identifier: MIT
// Names and sums of a profile, and its way into a file (see report.h and profile.h).
#include "emu/profile/report.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

// --- Texts ---------------------------------------------------------------------------------------

bool texts_create(struct texts *t) {
    *t = (struct texts){.room = 256, .buckets = 1 << 16};
    t->text = calloc(t->room, sizeof *t->text);
    t->bucket = calloc(t->buckets, sizeof *t->bucket);
    return t->text && t->bucket;
}

void texts_free(struct texts *t) {
    for (uint32_t i = 0; i < t->count && t->text; i++) free(t->text[i]);
    free(t->text);
    free(t->bucket);
}

static uint32_t hash_of(const char *text) {
    uint32_t hash = 2166136261u; // FNV-1a
    for (; *text; text++) hash = (hash ^ (uint8_t)*text) * 16777619u;
    return hash;
}

// A full table gives its last text for all that are new.
uint32_t texts_number(struct texts *t, const char *text) {
    uint32_t at = hash_of(text) % t->buckets;
    for (; t->bucket[at]; at = (at + 1) % t->buckets) {
        if (strcmp(t->text[t->bucket[at] - 1], text) == 0) return t->bucket[at] - 1;
    }
    if (t->count == t->room && t->room < t->buckets / 2) {
        char **more = realloc(t->text, 2 * t->room * sizeof *more);
        if (!more) return t->count - 1;
        t->text = more;
        t->room *= 2;
    }
    char *copy = t->count < t->room ? strdup(text) : NULL;
    if (!copy) return t->count ? t->count - 1 : 0;
    t->text[t->count] = copy;
    t->bucket[at] = ++t->count;
    return t->count - 1;
}

// --- Names ---------------------------------------------------------------------------------------

static const char *root_name(const struct profile *p, const struct context_node *n,
                             char text[static PROFILE_NAME_BYTES]) {
    static const char *const modes[] = {
        [PRIV_U] = "[user]", [PRIV_S] = "[kernel]", [PRIV_M] = "[machine]"};
    if (n->name) {
        snprintf(text, PROFILE_NAME_BYTES, "%s", p->program[n->name]);
    } else if (n->space != EVERY_SPACE) {
        snprintf(text, PROFILE_NAME_BYTES, "[space 0x%" PRIx64 "]", n->space);
    } else {
        snprintf(text, PROFILE_NAME_BYTES, "%s", modes[n->mode]);
    }
    return text;
}

const char *report_name(const struct profile *p, uint32_t node,
                        char text[static PROFILE_NAME_BYTES]) {
    const struct context_node *n = &p->contexts.node[node];
    if (n->parent == NO_NODE) return root_name(p, n, text);
    const struct symbol *s = symbols_at(p->symbols, n->function, n->space);
    if (s) {
        snprintf(text, PROFILE_NAME_BYTES, "%s", s->name);
    } else {
        snprintf(text, PROFILE_NAME_BYTES, "0x%" PRIx64, n->function);
    }
    return text;
}

const char *report_object(const struct profile *p, uint32_t node,
                          char text[static PROFILE_NAME_BYTES]) {
    const struct context_node *own = &p->contexts.node[node], *n = own;
    while (n->parent != NO_NODE && n->mode == own->mode) n = &p->contexts.node[n->parent];
    // A kernel's and a firmware's functions are the same whoever called them.
    const struct context_node like = {.mode = own->mode, .space = EVERY_SPACE};
    return root_name(p, n->mode == PRIV_U && own->mode == PRIV_U ? n : &like, text);
}

// --- Sums ----------------------------------------------------------------------------------------

struct cost *report_sums(const struct profile *p, bool inclusive) {
    const struct contexts *c = &p->contexts;
    struct cost *sum = calloc(c->nodes, sizeof *sum);
    if (!sum) return NULL;
    for (uint32_t i = 1; i < p->cells; i++) {
        struct cost cost[SHAPE_INSNS];
        cell_costs(&p->cell[i], cost);
        for (unsigned k = 0; k < p->cell[i].insns; k++) {
            sum[p->cell[i].node].cycles += cost[k].cycles;
            sum[p->cell[i].node].insns += cost[k].insns;
        }
    }
    // A context was made after the one that called it.
    for (uint32_t i = c->nodes; inclusive && i-- > 1;) {
        sum[c->node[i].parent].cycles += sum[i].cycles;
        sum[c->node[i].parent].insns += sum[i].insns;
    }
    return sum;
}

// --- Files ---------------------------------------------------------------------------------------

static bool ends_in(const char *text, const char *end) {
    const size_t length = strlen(text), tail = strlen(end);
    return length > tail && strcmp(text + length - tail, end) == 0;
}

const char *profile_file(const char *text, enum profile_form *form) {
    static const struct {
        const char *prefix;
        enum profile_form form;
    } forms[] = {{"callgrind:", PROFILE_CALLGRIND}, {"folded:", PROFILE_FOLDED}};
    const bool folded = ends_in(text, ".folded") || ends_in(text, ".stacks");
    *form = folded ? PROFILE_FOLDED : PROFILE_CALLGRIND;
    for (unsigned i = 0; i < sizeof forms / sizeof *forms; i++) {
        const size_t length = strlen(forms[i].prefix);
        if (strncmp(text, forms[i].prefix, length) != 0) continue;
        *form = forms[i].form;
        return text + length;
    }
    return text;
}

bool profile_write(struct profile *p, FILE *to, enum profile_form form) {
    profile_settle(p);
    return form == PROFILE_FOLDED ? report_folded(p, to) : report_callgrind(p, to);
}
