// SPDX-License-Identifier: MIT
// spaces, phys2virt and swap: address spaces as they were seen, and the disk's part in paging.
#include "emu/console/spaces.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "emu/console/debugger.h"
#include "emu/words.h"

struct space *spaces_note(struct spaces *s, uint64_t satp) {
    if (s->last < s->count && s->space[s->last].satp == satp) return &s->space[s->last];
    for (unsigned i = 0; i < s->count; i++) {
        if (s->space[i].satp != satp) continue;
        s->last = i;
        return &s->space[i];
    }
    if (s->count == MAX_SPACES) return NULL;
    s->last = s->count;
    s->space[s->count] = (struct space){.satp = satp};
    return &s->space[s->count++];
}

void spaces_walk(struct watcher *w, const struct walk_request *request,
                 const struct walk_result *result) {
    (void)request;
    struct space *space = spaces_note(&w->d->spaces, w->h->csr.satp);
    if (!space) return;
    space->walks++;
    space->failed_walks += result->reason != WALK_OK;
    const uint64_t vector = w->h->csr.stvec & ~UINT64_C(3); // without the mode
    if (vector == space->vector || space->satp >> 60 != SATP_SV39) return;
    const uint64_t root = satp_root_address(space->satp);
    uint64_t pa;
    if (!tables_lead(&w->h->mmu, root, vector, &pa)) return;
    space->vector = vector;
    space->vector_pa = pa;
}

// A kernel maps its trap handler in every space, and a page that was freed leads there no more.
static bool leads_to_vector(const struct debugger *d, const struct space *s) {
    const uint64_t root = satp_root_address(s->satp);
    uint64_t pa;
    if (!s->vector_pa) return true;
    return tables_lead(&debugger_hart(d)->mmu, root, s->vector, &pa) && pa == s->vector_pa;
}

bool spaces_translates(const struct debugger *d, const struct space *s) {
    if (s->satp >> 60 != SATP_SV39) return false;
    for (unsigned i = 0; i < d->m->config.harts; i++) {
        if (d->m->hart[i]->csr.satp == s->satp) return true;
    }
    for (const struct space *later = s + 1; later < d->spaces.space + d->spaces.count; later++) {
        const bool same = satp_root_address(later->satp) == satp_root_address(s->satp);
        if (same && later->satp >> 60 == SATP_SV39) return false;
    }
    return leads_to_vector(d, s);
}

void spaces_transfer(struct debugger *d, unsigned disk, enum blk_op op, uint64_t sector,
                     uint64_t pa, uint64_t bytes) {
    struct spaces *s = &d->spaces;
    s->transfer[s->transfers++ % MAX_TRANSFERS] =
        (struct transfer){op, disk, sector, pa, bytes, machine_now(d->m)};
}

bool spaces_root(struct debugger *d, const char *word, uint64_t *root) {
    uint64_t value;
    if (!expr_word(d, word, &value)) return false;
    if (value < d->spaces.count) value = satp_root_address(d->spaces.space[value].satp);
    *root = value;
    if (!(value & PAGE_MASK) && phys_host(&d->m->phys, value, PAGE_SIZE)) return true;
    return out_fail(&d->out,
                    "%s: neither the number of a space nor a page of memory; spaces lists "
                    "them",
                    word);
}

// --- spaces --------------------------------------------------------------------------------------

// Pages that are valid leaves, in pages of 4 KiB.
static bool count_page(void *context, const struct table_entry *e) {
    uint64_t *pages = context;
    if (e->leaf && (e->pte & PTE_U)) *pages += UINT64_C(1) << (SV39_INDEX_BITS * e->level);
    return true;
}

static void name_space(struct debugger *d, const struct args *a) {
    uint64_t number;
    const char *word = args_word(a, 1), *name = args_word(a, 2);
    if (!word || !name || !word_number(word, MAX_SPACES, &number) || number >= d->spaces.count) {
        out_fail(&d->out, "spaces name: needs the number of a space and a name");
        return;
    }
    snprintf(d->spaces.space[number].name, NAME_BYTES, "%s", name);
    d->spaces.space[number].named = true;
}

// What its kernel calls it now; else what it was called last.
static void name_by_guest(struct debugger *d, struct space *s, uint64_t root) {
    const char *name = guest_program(d, debugger_hart(d), root);
    if (name[0]) snprintf(s->name, NAME_BYTES, "%s", name);
}

void command_spaces(struct debugger *d, struct args *a) {
    if (a->words && strcmp(a->word[0], "name") == 0) {
        name_space(d, a);
        return;
    }
    const uint64_t now = debugger_hart(d)->csr.satp;
    bool named = false;
    (void)spaces_note(&d->spaces, now);
    out_list(&d->out, "spaces");
    for (unsigned i = 0; i < d->spaces.count; i++) {
        const struct space *s = &d->spaces.space[i];
        const bool sv39 = s->satp >> 60 == SATP_SV39, translates = spaces_translates(d, s);
        uint64_t pages = 0;
        const uint64_t root = satp_root_address(s->satp);
        if (translates && !s->named) name_by_guest(d, &d->spaces.space[i], root);
        if (translates) tables_visit(&d->m->phys, root, count_page, &pages);
        const char *state = s->satp == now ? "*" : sv39 && !translates ? "ended" : "";
        out_cell(&d->out, "now", -5, "%s", state);
        out_count(&d->out, "number", 6, i);
        out_cell(&d->out, "mode", -4, "%s", sv39 ? "Sv39" : "Bare");
        out_cell(&d->out, "asid", 5, "%u", (unsigned)(s->satp >> 44 & 0xffff));
        out_cell(&d->out, "root", 12, "0x%" PRIx64, root);
        out_count(&d->out, "user_pages", 10, pages);
        out_count(&d->out, "faults", 8, s->faults);
        out_count(&d->out, "walks", 8, s->walks);
        out_count(&d->out, "failed", 8, s->failed_walks);
        out_count(&d->out, "switches", 8, s->switches);
        out_count(&d->out, "cycles", 12, s->cycles);
        out_cell(&d->out, "name", 0, "%s", s->name);
        out_row(&d->out);
        named |= s->name[0];
    }
    out_list_end(&d->out);
    if (d->spaces.count == MAX_SPACES) {
        out_say(&d->out, NULL, "(%d spaces are kept; later ones are not)", MAX_SPACES);
    }
    if (!named && !d->guest.row) {
        out_say(&d->out, NULL,
                "(names come from the symbols of a kernel that the console knows: symbols FILE, or "
                "spaces name N NAME)");
    }
}

// --- phys2virt -----------------------------------------------------------------------------------

struct seeker {
    struct debugger *d;
    uint64_t pa, root;
};

static bool seek(void *context, const struct table_entry *e) {
    const struct seeker *s = context;
    const uint64_t bytes = PAGE_SIZE << (SV39_INDEX_BITS * e->level);
    const struct range page = {e->leaf ? sv39_leaf_address(e->pte, e->level, e->va) : 0, bytes};
    char flags[16], suffix[SUFFIX_BYTES];
    if (!e->leaf || !range_meets(page, s->pa, 1)) return true;
    const uint64_t va = e->va + (s->pa - page.base);
    out_cell(&s->d->out, "space", 12, "0x%" PRIx64, s->root);
    out_cell(&s->d->out, "flags", -10, "%s", pte_flags(e->pte, flags));
    out_cell(&s->d->out, "va", 0, "0x%016" PRIx64 "%s", va,
             symbol_suffix(s->d, va, s->root, suffix));
    out_row(&s->d->out);
    return true;
}

void spaces_list_owners(struct debugger *d, uint64_t pa) {
    struct seeker s = {.d = d, .pa = pa};
    (void)spaces_note(&d->spaces, debugger_hart(d)->csr.satp);
    out_list(&d->out, "mappings");
    for (unsigned i = 0; i < d->spaces.count; i++) {
        if (!spaces_translates(d, &d->spaces.space[i])) continue;
        s.root = satp_root_address(d->spaces.space[i].satp);
        tables_visit(&d->m->phys, s.root, seek, &s);
    }
    out_list_end_or(&d->out, "no space that was seen maps it; spaces lists them");
}

void command_phys2virt(struct debugger *d, struct args *a) {
    uint64_t pa;
    if (expr_word(d, args_word(a, 0), &pa)) spaces_list_owners(d, pa);
}

// --- swap ----------------------------------------------------------------------------------------

static const char *const op_names[BLK_OPS] = {[BLK_READ] = "read",
                                              [BLK_WRITE] = "write",
                                              [BLK_FLUSH] = "flush",
                                              [BLK_ZERO] = "zero",
                                              [BLK_ID] = "id"};

// The last write to where this read comes from, before it: the page went out and came back.
static const struct transfer *went_out(const struct spaces *s, uint64_t first, uint64_t n) {
    const struct transfer *in = &s->transfer[n % MAX_TRANSFERS];
    if (in->op != BLK_READ) return NULL;
    for (uint64_t k = n; k-- > first;) {
        const struct transfer *out = &s->transfer[k % MAX_TRANSFERS];
        if (out->op == BLK_WRITE && out->disk == in->disk && out->sector == in->sector) return out;
    }
    return NULL;
}

void command_swap(struct debugger *d, struct args *a) {
    const struct spaces *s = &d->spaces;
    const uint64_t first = s->transfers > MAX_TRANSFERS ? s->transfers - MAX_TRANSFERS : 0;
    (void)a;
    out_list(&d->out, "transfers");
    for (uint64_t n = s->transfers; n-- > first;) {
        const struct transfer *t = &s->transfer[n % MAX_TRANSFERS];
        const struct transfer *out = went_out(s, first, n);
        out_count(&d->out, "cycle", 12, t->cycle);
        out_count(&d->out, "slot", 4, t->disk);
        out_cell(&d->out, "does", -5, "%s", op_names[t->op]);
        out_count(&d->out, "sector", 8, t->sector);
        out_count(&d->out, "bytes", 6, t->bytes);
        out_cell(&d->out, "pa", 14, "0x%012" PRIx64, t->pa);
        if (out) {
            out_cell(&d->out, "came_back", 0, "went out at cycle %" PRIu64 " from 0x%" PRIx64,
                     out->cycle, out->pa);
        } else {
            out_cell(&d->out, "came_back", 0, "%s", "");
        }
        out_row(&d->out);
    }
    out_list_end_or(&d->out, "no disk has moved anything since the console was there");
}

const char *debugger_space_name(void *debugger, const struct hart *h, uint64_t root) {
    return guest_program(debugger, h, root);
}
