// SPDX-License-Identifier: MIT
// pt: page tables as ranges, as a tree, in xv6's words and in QEMU's; and what two have different.
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "emu/console/debugger.h"

static const char cut_off[] = "(cut off: a table that leads to itself again and again?)";

// Which table a word means, or, without one, the hart's.
static bool choose_root(struct debugger *d, const char *word, uint64_t *root) {
    const struct hart *h = debugger_hart(d);
    if (word) return spaces_root(d, word, root);
    *root = satp_root_address(h->csr.satp);
    if (h->csr.satp >> 60 == SATP_SV39) return true;
    return out_fail(&d->out, "satp is Bare: there is no page table; pt ROOT shows any other one");
}

// --- Ranges --------------------------------------------------------------------------------------

static void show_range(struct debugger *d, const char *mark, const struct mapping *m) {
    char flags[16];
    if (mark) out_cell(&d->out, "d", -1, "%s", mark);
    out_cell(&d->out, "va", 18, "0x%016" PRIx64, m->va);
    out_cell(&d->out, "pa", 14, "0x%012" PRIx64, m->pa);
    out_cell(&d->out, "bytes", 12, "0x%" PRIx64, m->bytes);
    out_count(&d->out, "level", 5, m->level);
    out_cell(&d->out, "flags", 0, "%s", pte_flags(m->flags, flags));
    out_row(&d->out);
}

static void show_ranges(struct debugger *d, uint64_t root) {
    struct mappings m;
    mappings_of(&d->m->phys, root, false, &m);
    out_list(&d->out, "mappings");
    for (size_t i = 0; i < m.count; i++) show_range(d, NULL, &m.list[i]);
    out_list_end_or(&d->out, "nothing is mapped");
    if (m.failed) out_say(&d->out, "incomplete", "%s", cut_off);
    mappings_free(&m);
}

// As QEMU's `info mem` prints them, to the letter.
static void show_qemu(struct debugger *d, uint64_t root) {
    static const struct {
        char letter;
        uint64_t bit;
    } order[] = {{'r', PTE_R}, {'w', PTE_W}, {'x', PTE_X}, {'u', PTE_U},
                 {'g', PTE_G}, {'a', PTE_A}, {'d', PTE_D}};
    struct mappings m;
    mappings_of(&d->m->phys, root, false, &m);
    out_say(&d->out, NULL, "vaddr            paddr            size             attr");
    out_say(&d->out, NULL, "---------------- ---------------- ---------------- -------");
    for (size_t i = 0; i < m.count; i++) {
        char attributes[8] = "-------";
        for (unsigned k = 0; k < 7; k++) {
            if (m.list[i].flags & order[k].bit) attributes[k] = order[k].letter;
        }
        out_say(&d->out, NULL, "%016" PRIx64 " %016" PRIx64 " %016" PRIx64 " %s", m.list[i].va,
                m.list[i].pa, m.list[i].bytes, attributes);
    }
    mappings_free(&m);
}

// --- Entry by entry ------------------------------------------------------------------------------

struct printer {
    struct debugger *d;
    uint64_t lines;
};

// As xv6's vmprint (in the labs of MIT's 6.1810).
static bool print_xv6(void *context, const struct table_entry *e) {
    struct printer *p = context;
    static const char *const indent[] = {" .. .. ..", " .. ..", " .."};
    const unsigned index = (unsigned)(e->pte_addr & PAGE_MASK) / 8;
    out_say(&p->d->out, NULL, "%s%u: pte 0x%016" PRIx64 " pa 0x%016" PRIx64, indent[e->level],
            index, e->pte, pte_address(e->pte));
    return ++p->lines < p->d->out.limit;
}

static bool print_tree(void *context, const struct table_entry *e) {
    struct printer *p = context;
    char flags[16];
    const int indent = (int)(2 * (SV39_LEVELS - 1 - e->level));
    const bool table = !e->leaf && e->level;
    out_cell(&p->d->out, "index", -9, "%*s[%3u]", indent, "",
             (unsigned)(e->pte_addr & PAGE_MASK) / 8);
    out_cell(&p->d->out, "va", 18, "0x%016" PRIx64, e->va);
    out_cell(&p->d->out, "pte_address", 12, "0x%" PRIx64, e->pte_addr);
    out_cell(&p->d->out, "pte", 18, "0x%016" PRIx64, e->pte);
    out_cell(&p->d->out, "flags", -11, "%s", pte_flags(e->pte, flags));
    out_cell(&p->d->out, "leads_to", 0, "%s 0x%" PRIx64, table ? "table" : "page",
             pte_address(e->pte));
    out_row(&p->d->out);
    return true;
}

static void show_tree(struct debugger *d, uint64_t root) {
    struct printer p = {d, 0};
    out_list(&d->out, "entries");
    const bool whole = tables_visit(&d->m->phys, root, print_tree, &p);
    out_list_end_or(&d->out, "no entry is valid");
    if (!whole) out_say(&d->out, "incomplete", "%s", cut_off);
}

static void show_xv6(struct debugger *d, uint64_t root) {
    struct printer p = {d, 0};
    out_say(&d->out, NULL, "page table 0x%016" PRIx64, root);
    if (!tables_visit(&d->m->phys, root, print_xv6, &p)) out_say(&d->out, NULL, "...");
}

// --- Aliases -------------------------------------------------------------------------------------

static int by_pa(const void *left, const void *right) {
    const struct mapping *a = left, *b = right;
    if (a->pa != b->pa) return a->pa < b->pa ? -1 : 1;
    return a->va < b->va ? -1 : a->va > b->va;
}

// Ranges that meet another one in physical memory, in the order of that.
static void show_aliases(struct debugger *d, uint64_t root) {
    struct mappings m;
    char flags[16];
    mappings_of(&d->m->phys, root, false, &m);
    if (m.count) qsort(m.list, m.count, sizeof *m.list, by_pa);
    out_list(&d->out, "aliases");
    uint64_t reached = 0; // the end of all that lies before
    for (size_t i = 0; i < m.count; i++) {
        const struct mapping *r = &m.list[i];
        const bool meets =
            r->pa < reached || (i + 1 < m.count && m.list[i + 1].pa < r->pa + r->bytes);
        if (r->pa + r->bytes > reached) reached = r->pa + r->bytes;
        if (!meets) continue;
        out_cell(&d->out, "pa", 14, "0x%012" PRIx64, r->pa);
        out_cell(&d->out, "bytes", 12, "0x%" PRIx64, r->bytes);
        out_cell(&d->out, "flags", -10, "%s", pte_flags(r->flags, flags));
        out_cell(&d->out, "va", 0, "0x%016" PRIx64, r->va);
        out_row(&d->out);
    }
    out_list_end_or(&d->out, "nothing is mapped twice");
    mappings_free(&m);
}

// --- Differences ---------------------------------------------------------------------------------

static struct saved_table *saved_named(struct debugger *d, const char *name) {
    for (unsigned i = 0; i < d->saved.count; i++) {
        if (strcmp(d->saved.table[i].name, name) == 0) return &d->saved.table[i];
    }
    return NULL;
}

static void save(struct debugger *d, const struct args *a) {
    uint64_t root;
    const char *name = args_word(a, 1);
    if (!name) {
        out_fail(&d->out, "pt save: needs a name");
        return;
    }
    if (!choose_root(d, args_option(a, "space"), &root)) return;
    struct saved_table *t = saved_named(d, name);
    if (!t && d->saved.count == SAVED_TABLES) {
        out_fail(&d->out, "pt save: %d tables are kept at most", SAVED_TABLES);
        return;
    }
    if (!t) t = &d->saved.table[d->saved.count++];
    mappings_free(&t->mappings);
    snprintf(t->name, sizeof t->name, "%s", name);
    mappings_of(&d->m->phys, root, false, &t->mappings);
}

// What is at va, as far as it is the same up to *end.
static bool piece_at(const struct mappings *m, size_t *at, uint64_t va, struct mapping *piece,
                     uint64_t *end) {
    while (*at < m->count && m->list[*at].va + m->list[*at].bytes - 1 < va) ++*at;
    if (*at == m->count) {
        *end = UINT64_MAX;
        return false;
    }
    const struct mapping *r = &m->list[*at];
    if (r->va > va) {
        *end = r->va - 1;
        return false;
    }
    *piece = *r;
    piece->va = va;
    piece->pa = r->pa + (va - r->va);
    *end = r->va + (r->bytes - 1);
    piece->bytes = *end - va + 1;
    return true;
}

// A table's ranges over all addresses, beside another's: pieces that both have whole.
static void show_differences(struct debugger *d, const struct mappings *a,
                             const struct mappings *b) {
    size_t i = 0, k = 0;
    out_list(&d->out, "differences");
    for (uint64_t va = 0, end;; va = end + 1) {
        struct mapping left, right;
        uint64_t left_end, right_end;
        const bool has_left = piece_at(a, &i, va, &left, &left_end);
        const bool has_right = piece_at(b, &k, va, &right, &right_end);
        end = left_end < right_end ? left_end : right_end;
        const bool same = has_left && has_right && left.pa == right.pa && left.flags == right.flags;
        left.bytes = right.bytes = end - va + 1;
        if (has_left && !same) show_range(d, "-", &left);
        if (has_right && !same) show_range(d, "+", &right);
        if (end == UINT64_MAX) break;
    }
    out_list_end_or(&d->out, "no differences");
}

// Mappings that a word means: a saved table, `now` (the hart's), or a space. *own: to be freed.
static const struct mappings *side(struct debugger *d, const char *word, struct mappings *own) {
    struct saved_table *saved = saved_named(d, word);
    uint64_t root;
    if (saved) return &saved->mappings;
    if (!choose_root(d, strcmp(word, "now") == 0 ? NULL : word, &root)) return NULL;
    mappings_of(&d->m->phys, root, false, own);
    return own;
}

static void diff(struct debugger *d, const struct args *a) {
    struct mappings own[2] = {{0}};
    if (a->words < 3) {
        out_fail(&d->out, "pt diff: needs two of: a name of pt save, a space, now");
        return;
    }
    const struct mappings *left = side(d, a->word[1], &own[0]);
    const struct mappings *right = left ? side(d, a->word[2], &own[1]) : NULL;
    if (right) show_differences(d, left, right);
    mappings_free(&own[0]);
    mappings_free(&own[1]);
}

// --- The command ---------------------------------------------------------------------------------

static void show_by_format(struct debugger *d, uint64_t root, const char *format) {
    static const struct {
        const char *name;
        void (*text)(struct debugger *d, uint64_t root);
        void (*json)(struct debugger *d, uint64_t root);
    } formats[] = {
        {"ranges", show_ranges, show_ranges}, {"tree", show_tree, show_tree},
        {"xv6", show_xv6, show_tree},         {"qemu", show_qemu, show_ranges},
        {"json", show_tree, show_tree},       {"aliases", show_aliases, show_aliases},
    };
    for (unsigned i = 0; i < sizeof formats / sizeof *formats; i++) {
        if (strcmp(formats[i].name, format ? format : "ranges") != 0) continue;
        (d->out.json ? formats[i].json : formats[i].text)(d, root);
        return;
    }
    out_fail(&d->out, "--format=%s: must be ranges, tree, aliases, xv6, qemu or json", format);
}

void command_pt(struct debugger *d, struct args *a) {
    const char *word = args_word(a, 0), *space = args_option(a, "space");
    uint64_t root;
    if (word && strcmp(word, "save") == 0) {
        save(d, a);
    } else if (word && strcmp(word, "diff") == 0) {
        diff(d, a);
    } else if (word && strcmp(word, "history") == 0) {
        record_pte_history(d, a);
    } else if (choose_root(d, space ? space : word, &root)) {
        out_hex(&d->out, "root", root);
        show_by_format(d, root, args_option(a, "format"));
    }
}
