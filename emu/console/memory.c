// SPDX-License-Identifier: MIT
// Memory through a person's eyes: a view is a page table, or none; permissions do not matter, and
// nothing is changed by looking.
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "emu/console/debugger.h"

struct hart *debugger_hart(const struct debugger *d) { return d->m->hart[d->hart]; }

struct view view_of_hart(const struct hart *h) {
    struct walk_request request;
    const bool translated = mmu_request(&h->mmu, 0, ACCESS_LOAD, &request) ||
                            mmu_request(&h->mmu, 0, ACCESS_FETCH, &request);
    return translated ? (struct view){.root = request.root} : (struct view){.bare = true};
}

struct view view_of_fetch(const struct hart *h) {
    struct walk_request request;
    const bool translated = mmu_request(&h->mmu, 0, ACCESS_FETCH, &request);
    return translated ? (struct view){.root = request.root} : (struct view){.bare = true};
}

uint64_t view_space(const struct view *view) { return view->bare ? EVERY_SPACE : view->root; }

bool view_of_args(struct debugger *d, const struct args *a, struct view *view) {
    const char *space = args_option(a, "space");
    *view = view_of_hart(debugger_hart(d));
    if (args_option(a, "phys")) *view = (struct view){.bare = true};
    if (!space) return true;
    *view = (struct view){0};
    return spaces_root(d, space, &view->root);
}

bool view_translate(struct debugger *d, const struct view *view, uint64_t va, uint64_t *pa) {
    *pa = va;
    if (view->bare) return true;
    struct mmu *m = &debugger_hart(d)->mmu;
    struct walk_request request = {.va = va,
                                   .access = ACCESS_LOAD,
                                   .privilege = PRIV_S,
                                   .root = view->root,
                                   .sum = true,
                                   .mxr = true,
                                   .update_ad = true,
                                   .pbmt = m->context.pbmt,
                                   .napot = m->context.napot};
    const struct walk_result walk = mmu_probe(m, &request);
    *pa = walk.pa;
    return walk.reason == WALK_OK;
}

// How many of `bytes` at va lie in va's page.
static uint64_t in_page(uint64_t va, uint64_t bytes) {
    const uint64_t room = PAGE_SIZE - (va & PAGE_MASK);
    return room < bytes ? room : bytes;
}

bool view_read(struct debugger *d, const struct view *view, uint64_t va, void *to, uint64_t bytes) {
    for (uint8_t *at = to; bytes;) {
        const uint64_t piece = in_page(va, bytes);
        uint64_t pa;
        if (!view_translate(d, view, va, &pa)) return false;
        const uint8_t *host = phys_host(&d->m->phys, pa, piece);
        if (!host) return false;
        memcpy(at, host, piece);
        va += piece;
        at += piece;
        bytes -= piece;
    }
    return true;
}

bool view_write(struct debugger *d, const struct view *view, uint64_t va, const void *from,
                uint64_t bytes) {
    for (const uint8_t *at = from; bytes;) {
        const uint64_t piece = in_page(va, bytes);
        uint64_t pa;
        if (!view_translate(d, view, va, &pa)) return false;
        if (!phys_dma_write(&d->m->phys, pa, at, piece)) return false;
        va += piece;
        at += piece;
        bytes -= piece;
    }
    return true;
}

const char *symbol_suffix(const struct debugger *d, uint64_t va, uint64_t space,
                          char text[static SUFFIX_BYTES]) {
    char name[SUFFIX_BYTES - 4];
    symbols_text(&d->symbols, va, space, name, sizeof name);
    snprintf(text, SUFFIX_BYTES, *name ? " <%s>" : "%s", name);
    return text;
}

bool source_text(struct debugger *d, uint64_t va, uint64_t space, char text[static SOURCE_BYTES]) {
    struct source_line line;
    if (!symbols_line(&d->symbols, va, space, &line)) return false;
    const size_t length = line.folder ? strlen(line.folder) : 0;
    const bool inside = length && strncmp(line.file, line.folder, length) == 0;
    const char *file = inside && line.file[length] == '/' ? line.file + length + 1 : line.file;
    if (strncmp(file, "./", 2) == 0) file += 2;
    snprintf(text, SOURCE_BYTES, "%s:%u", file, line.line);
    return true;
}

bool view_insn(struct debugger *d, const struct view *view, uint64_t va, struct insn *insn) {
    uint16_t low, high = 0;
    if (!view_read(d, view, va, &low, 2)) return false;
    if (isa_is_long(low) && !view_read(d, view, va + 2, &high, 2)) return false;
    *insn = isa_decode(low | (uint32_t)high << 16, debugger_hart(d)->extensions);
    return true;
}

const char *pte_flags(uint64_t pte, char text[static 16]) {
    static const char letters[] = "DAGUXWRV";
    for (unsigned i = 0; i < 8; i++) text[i] = pte >> (7 - i) & 1 ? letters[i] : '-';
    snprintf(text + 8, 8, "%s%s", pte & PTE_N ? "N" : "",
             pte & PTE_PBMT ? (pte >> PTE_PBMT_SHIFT & 3) == 1 ? "nc" : "io" : "");
    return text;
}

// --- x -------------------------------------------------------------------------------------------

struct format {
    uint64_t count;
    char form;     // x d u c s i
    unsigned size; // bytes
};

// "/16xg": a number, a form, a size, the latter two in any order.
static bool parse_format(struct debugger *d, const char *text, struct format *f) {
    char *end;
    *f = (struct format){.count = 1, .form = 'x', .size = 8};
    if (!text) return true;
    text++;
    if (*text >= '0' && *text <= '9') {
        f->count = strtoull(text, &end, 10);
        text = end;
    }
    for (; *text; text++) {
        static const char sizes[] = "bhwg";
        const char *size = strchr(sizes, *text);
        if (size) {
            f->size = 1u << (size - sizes);
        } else if (strchr("xducsi", *text)) {
            f->form = *text;
        } else {
            return out_fail(&d->out, "x/%s: a number, one of x d u c s i, one of b h w g", text);
        }
    }
    if (f->form == 'c') f->size = 1;
    const uint64_t most = 65536;
    return f->count <= most || out_fail(&d->out, "x: at most %" PRIu64 " items", most);
}

static void item_text(const struct format *f, uint64_t value, char text[static 32]) {
    const unsigned shift = 64 - 8 * f->size;
    const int64_t number = (int64_t)(value << shift) >> shift;
    switch (f->form) {
    case 'd': snprintf(text, 32, "%" PRId64, number); break;
    case 'u': snprintf(text, 32, "%" PRIu64, value); break;
    case 'c': snprintf(text, 32, value >= ' ' && value < 0x7f ? "'%c'" : "%d", (int)value); break;
    default: snprintf(text, 32, "0x%0*" PRIx64, (int)(2 * f->size), value);
    }
}

// What stands between an address and what is there, for people.
static const char *colon(const struct debugger *d) { return d->out.json ? "" : ":"; }

static bool no_memory(struct debugger *d, uint64_t va) {
    return out_fail(&d->out, "no memory at 0x%" PRIx64 "; walk says why", va);
}

// Rows of 16 bytes, or of 8 characters.
static bool show_items(struct debugger *d, const struct view *view, uint64_t va,
                       const struct format *f) {
    const unsigned a_row = f->form == 'c' ? 8 : 16 / f->size;
    for (uint64_t n = 0; n < f->count;) {
        char line[OUT_LINE], item[32], suffix[SUFFIX_BYTES];
        struct text text = {line, sizeof line, 0};
        const uint64_t row = va + n * f->size;
        for (unsigned i = 0; i < a_row && n < f->count; i++, n++) {
            uint64_t value = 0;
            if (!view_read(d, view, va + n * f->size, &value, f->size)) {
                return no_memory(d, va + n * f->size);
            }
            item_text(f, value, item);
            text_add(&text, "%s%s", i ? " " : "", item);
        }
        symbol_suffix(d, row, view_space(view), suffix);
        out_cell(&d->out, "address", 0, "0x%016" PRIx64 "%s%s", row, suffix, colon(d));
        out_cell(&d->out, "content", 0, "%s", line);
        out_row(&d->out);
    }
    return true;
}

static bool show_string(struct debugger *d, const struct view *view, uint64_t va) {
    char text[512], suffix[SUFFIX_BYTES];
    const uint64_t start = va;
    size_t n = 0;
    for (char c = 1; c && n + 5 < sizeof text; va++) {
        if (!view_read(d, view, va, &c, 1)) return no_memory(d, va);
        const bool plain = c >= ' ' && c < 0x7f;
        if (c) n += (size_t)snprintf(text + n, 5, plain ? "%c" : "\\x%02x", c & 0xff);
    }
    text[n] = 0;
    out_cell(&d->out, "address", 0, "0x%016" PRIx64 "%s%s", start,
             symbol_suffix(d, start, view_space(view), suffix), colon(d));
    out_cell(&d->out, "string", 0, "\"%s\"", text);
    out_row(&d->out);
    return true;
}

static bool show_insns(struct debugger *d, const struct view *view, uint64_t va, uint64_t count) {
    char text[96], suffix[SUFFIX_BYTES];
    while (count-- > 0) {
        struct insn insn;
        if (!view_insn(d, view, va, &insn)) return no_memory(d, va);
        isa_disassemble(&insn, va, text, sizeof text);
        for (char *tab = text; (tab = strchr(tab, '\t'));) *tab = ' ';
        const bool here = va == debugger_hart(d)->pc;
        const unsigned flags = isa_row_info((enum isa_row)insn.row)->flags;
        const bool goes = flags & (INSN_BRANCH | INSN_JUMP);
        const char *mark = d->out.json ? "" : here ? "> " : "  ";
        out_cell(&d->out, "address", -34, "%s0x%016" PRIx64 "%s", mark, va,
                 symbol_suffix(d, va, view_space(view), suffix));
        out_cell(&d->out, "bits", 8, "%0*" PRIx32, 2 * insn.length, insn.bits);
        out_cell(&d->out, "instruction", 0, "%s%s", text,
                 goes ? symbol_suffix(d, va + (uint64_t)(int64_t)insn.imm, view_space(view), suffix)
                      : "");
        out_row(&d->out);
        va += insn.length;
    }
    return true;
}

void command_x(struct debugger *d, struct args *a) {
    const bool has_format = a->words && a->word[0][0] == '/';
    struct format f;
    struct view view;
    uint64_t va;
    if (!parse_format(d, has_format ? a->word[0] : NULL, &f)) return;
    if (!view_of_args(d, a, &view) || !expr_word(d, args_word(a, has_format), &va)) return;
    out_list(&d->out, "memory");
    d->out.head_shown = true;
    if (f.form == 'i'   ? !show_insns(d, &view, va, f.count)
        : f.form == 's' ? !show_string(d, &view, va)
                        : !show_items(d, &view, va, &f)) {
        return;
    }
    out_list_end(&d->out);
}

void command_disassemble(struct debugger *d, struct args *a) {
    struct view view;
    uint64_t va = debugger_hart(d)->pc, count = 10;
    if (!view_of_args(d, a, &view)) return;
    const bool other = args_option(a, "space") || args_option(a, "phys");
    if (!other) view = view_of_fetch(debugger_hart(d));
    if (a->words > 0 && !expr_word(d, a->word[0], &va)) return;
    if (a->words > 1 && !expr_word(d, a->word[1], &count)) return;
    if (count > 10000) {
        out_fail(&d->out, "disassemble: at most 10000 instructions");
        return;
    }
    out_list(&d->out, "instructions");
    d->out.head_shown = true;
    if (show_insns(d, &view, va, count)) out_list_end(&d->out);
}
