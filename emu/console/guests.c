// SPDX-License-Identifier: MIT
// Names of a guest's processes (see guests.h); emu/console/guests.def has a row a kernel.
#include "emu/console/guests.h"

#include <string.h>

#include "emu/console/debugger.h"

enum guest_list { ARRAY, SCRATCH, TASKS };
enum { MAX_PROCESSES = 4096, NEIGHBOURS = 64, TASK_BYTES = 16384 };

struct guest_row {
    const char *kernel, *mark;
    enum guest_list list;
    const char *symbol, *type, *root, *name;
};

static const struct guest_row rows[] = {
#define GUEST(kernel, mark, list, symbol, type, root, name)                                        \
    {#kernel, mark, list, symbol, type, root, name},
#include "emu/console/guests.def"
#undef GUEST
};
enum { ROWS = sizeof rows / sizeof *rows };

// --- Which kernel, and how it is laid out --------------------------------------------------------

static bool member(struct debugger *d, const char *type, const char *name, uint64_t *offset) {
    for (unsigned i = 0; i < d->symbols.files; i++) {
        struct symbol_file *f = &d->symbols.file[i];
        symbols_read_lines(f);
        if (f->space == EVERY_SPACE && lines_member(f->lines, type, name, offset)) return true;
    }
    return false;
}

static bool size_of(struct debugger *d, const char *type, uint64_t *bytes) {
    for (unsigned i = 0; i < d->symbols.files; i++) {
        if (lines_sizeof(d->symbols.file[i].lines, type, bytes)) return true;
    }
    return false;
}

static void lay_out(struct debugger *d, struct guest *g) {
    const struct guest_row *row = g->row;
    g->laid_out = member(d, row->type, row->root, &g->root) &&
                  member(d, row->type, row->name, &g->name) && size_of(d, row->type, &g->bytes);
    if (row->list == TASKS) {
        g->laid_out = g->laid_out && member(d, row->type, "tasks.next", &g->next) &&
                      member(d, "mm_struct", "pgd", &g->directory);
    }
}

// Looked for again when there are more symbols.
static void find_guest(struct debugger *d) {
    struct guest *g = &d->guest;
    uint64_t mark;
    if (g->files == d->symbols.files) return;
    *g = (struct guest){.files = d->symbols.files};
    for (unsigned i = 0; i < ROWS && !g->row; i++) {
        if (symbols_find(&d->symbols, rows[i].mark, EVERY_SPACE, &mark)) g->row = &rows[i];
    }
    if (!g->row) return;
    if (!symbols_find(&d->symbols, g->row->symbol, EVERY_SPACE, &g->start)) g->start = 0;
    lay_out(d, g);
}

// --- Looking -------------------------------------------------------------------------------------

// A kernel's memory: it lies where its addresses say, or its own tables map it.
static bool look(struct debugger *d, const struct hart *h, uint64_t va, void *to, uint64_t bytes) {
    const struct view direct = {.bare = true};
    if (d->guest.row->list != TASKS) return view_read(d, &direct, va, to, bytes);
    if (h->csr.satp >> 60 != SATP_SV39) return false;
    const struct view mapped = {.root = satp_root_address(h->csr.satp)};
    return view_read(d, &mapped, va, to, bytes);
}

static bool look_word(struct debugger *d, const struct hart *h, uint64_t va, uint64_t *value) {
    return look(d, h, va, value, sizeof *value);
}

static bool take_name(struct debugger *d, const struct hart *h, uint64_t va) {
    struct guest *g = &d->guest;
    char name[16];
    if (!look(d, h, va, name, sizeof name)) return false;
    size_t n = 0;
    for (; n < sizeof name && name[n] > ' ' && name[n] <= '~'; n++) g->text[n] = name[n];
    g->text[n] = 0;
    return n > 0;
}

// Is it this process's space? Then its name is taken.
static bool try_process(struct debugger *d, const struct hart *h, uint64_t at, uint64_t root) {
    const struct guest *g = &d->guest;
    uint64_t its = 0;
    if (!look_word(d, h, at + g->root, &its)) return false;
    if (g->row->list == TASKS) { // mm, whose pgd is mapped somewhere
        const struct view view = {.root = root};
        if (!its || !look_word(d, h, its + g->directory, &its)) return false;
        if (!view_translate(d, &view, its, &its)) return false;
    }
    return its == root && take_name(d, h, at + g->name);
}

static bool search_tasks(struct debugger *d, const struct hart *h, uint64_t root) {
    const struct guest *g = &d->guest;
    uint64_t link = g->start + g->next;
    for (unsigned i = 0; i < MAX_PROCESSES && look_word(d, h, link, &link); i++) {
        const uint64_t task = link - g->next;
        if (task == g->start) return false;
        if (try_process(d, h, task, root)) return true;
    }
    return false;
}

// Linux keeps the running task in tp, or in sscratch while a program has tp for itself.
static uint64_t running_task(const struct hart *h) {
    enum { REG_TP = 4 };
    return h->csr.sscratch ? h->csr.sscratch : h->x[REG_TP];
}

// Without DWARF: the first task is called "swapper", so its name's place is known.
static bool find_comm(struct debugger *d, const struct hart *h) {
    struct guest *g = &d->guest;
    char task[TASK_BYTES];
    if (g->name) return true;
    for (uint64_t at = 0; at < sizeof task; at += 512) {
        if (!look(d, h, g->start + at, task + at, 512)) memset(task + at, 0, 512);
    }
    const char *found = memmem(task, sizeof task, "swapper", 7);
    g->name = found ? (uint64_t)(found - task) : 0;
    return found;
}

static bool search(struct debugger *d, const struct hart *h, uint64_t root) {
    const struct guest *g = &d->guest;
    const bool here = satp_root_address(h->csr.satp) == root;
    if (g->row->list == TASKS && !g->laid_out) {
        return here && find_comm(d, h) && take_name(d, h, running_task(h) + g->name);
    }
    if (!g->laid_out) return false;
    if (g->row->list == TASKS) return search_tasks(d, h, root);
    const bool array = g->row->list == ARRAY;
    const uint64_t first = array ? g->start : h->csr.sscratch - NEIGHBOURS * g->bytes;
    const unsigned most = array ? NEIGHBOURS : 2 * NEIGHBOURS;
    for (unsigned i = 0; i < most; i++) {
        if (try_process(d, h, first + i * g->bytes, root)) return true;
    }
    return false;
}

const char *guest_program(struct debugger *d, const struct hart *h, uint64_t root) {
    struct guest *g = &d->guest;
    find_guest(d);
    if (!g->row || !search(d, h, root)) return "";
    symbols_bind(&d->symbols, root, g->text);
    return g->text;
}
