// SPDX-License-Identifier: MIT
// walk, explain, faults: one translation at a time, in words.
#include "emu/console/translate.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cpu/text.h"
#include "cpu/timing.h"
#include "emu/console/debugger.h"

static const char *const access_names[] = {"fetch", "load", "store"};
static const char *const page_sizes[SV39_LEVELS] = {"4 KiB", "2 MiB", "1 GiB"};

// Which bits of the address are the index at a level: 38-30, 29-21, 20-12.
static unsigned low_bit(unsigned level) { return PAGE_SHIFT + SV39_INDEX_BITS * level; }

static void show_request(struct debugger *d, const struct walk_request *q, uint64_t satp) {
    out_say(&d->out, NULL,
            "0x%016" PRIx64 ": %s as %s-mode; satp 0x%016" PRIx64 " (ASID %u, root 0x%" PRIx64
            "), SUM %d, MXR %d, A and D are set by the %s",
            q->va, access_names[q->access], privilege_name(q->privilege), satp,
            (unsigned)(satp >> 44 & 0xffff), q->root, q->sum, q->mxr,
            q->update_ad ? "hart" : "kernel");
    out_hex(&d->out, "va", q->va);
    if (d->out.json) {
        out_say(&d->out, "access", "%s", access_names[q->access]);
        out_say(&d->out, "mode", "%s", privilege_name(q->privilege));
    }
    out_hex(&d->out, "satp", satp);
    out_flag(&d->out, "sum", q->sum);
    out_flag(&d->out, "mxr", q->mxr);
    out_flag(&d->out, "adue", q->update_ad);
}

static void show_steps(struct debugger *d, const struct walk_request *q,
                       const struct walk_result *w) {
    char flags[16];
    out_list(&d->out, "steps");
    for (unsigned i = 0; i < w->steps; i++) {
        const unsigned level = SV39_LEVELS - 1 - i, low = low_bit(level);
        const uint64_t pte = w->step[i].pte;
        out_count(&d->out, "level", 5, level);
        out_cell(&d->out, "index", -18, "%3u = VA[%u:%u]", (unsigned)(q->va >> low & 511), low + 8,
                 low);
        out_cell(&d->out, "pte_address", 12, "0x%" PRIx64, w->step[i].pte_addr);
        out_cell(&d->out, "pte", 18, "0x%016" PRIx64, pte);
        out_cell(&d->out, "flags", -11, "%s", pte_flags(pte, flags));
        out_cell(&d->out, "leads_to", 0, "0x%" PRIx64,
                 (pte & PTE_PPN) >> PTE_PPN_SHIFT << PAGE_SHIFT);
        out_row(&d->out);
    }
    out_list_end(&d->out);
}

static void show_result(struct debugger *d, const struct walk_request *q,
                        const struct walk_result *w) {
    const struct walk_reason_row *row = walk_reason_row(w->reason);
    if (d->out.json) out_say(&d->out, "reason", "%s", row->name);
    if (w->reason == WALK_OK) {
        const bool napot = w->level == 0 && (w->pte & PTE_N);
        out_say(&d->out, NULL, "-> 0x%" PRIx64 " (%s page)", w->pa,
                napot ? "64 KiB" : page_sizes[w->level]);
        out_hex(&d->out, "pa", w->pa);
        if (w->new_pte != w->pte) {
            out_say(&d->out, "update", "   the hart would set %s%s",
                    w->new_pte & ~w->pte & PTE_A ? "A" : "",
                    w->new_pte & ~w->pte & PTE_D ? "D" : "");
        }
        return;
    }
    const enum memory_cause cause = walk_cause(w->reason, q->access);
    if (w->steps) {
        out_say(&d->out, NULL, "stopped at level %u: %s (privileged manual, %s)", w->level,
                row->text, row->section);
    } else {
        out_say(&d->out, NULL, "stopped before the first PTE: %s (privileged manual, %s)",
                row->text, row->section);
    }
    out_say(&d->out, NULL, "-> %s (cause %d)", trap_row(cause)->text, cause);
    out_number(&d->out, "cause", cause);
    if (d->out.json) out_say(&d->out, "rule", "%s (%s)", row->text, row->section);
}

static void show_remedies(struct debugger *d, const struct walk_request *q,
                          const struct walk_result *then) {
    struct cure cure;
    cure_find(&debugger_hart(d)->mmu, *q, then, &cure);
    out_list(&d->out, "remedies");
    d->out.head_shown = true;
    for (unsigned i = 0; i < cure.remedies; i++) {
        const struct remedy *r = &cure.remedy[i];
        out_cell(&d->out, "how", 0, "%s", i ? "and then:" : "to let it pass:");
        out_cell(&d->out, "change", 0, "%s", r->text);
        if (r->old_pte != r->new_pte) {
            out_cell(&d->out, "pte", 0, "(PTE at 0x%" PRIx64 ": 0x%" PRIx64 " -> 0x%" PRIx64 ")",
                     r->pte_addr, r->old_pte, r->new_pte);
        }
        out_row(&d->out);
    }
    out_list_end(&d->out);
    if (cure.passes) out_say(&d->out, "then", "it would reach 0x%" PRIx64, cure.pa);
}

// --- walk ----------------------------------------------------------------------------------------

static bool one_of(struct debugger *d, const char *word, const char *letters, const char *what,
                   unsigned *which) {
    const char *at = word[0] && !word[1] ? strchr(letters, word[0]) : NULL;
    if (!at) return out_fail(&d->out, "%s: must be one of %s", what, letters);
    *which = (unsigned)(at - letters);
    return true;
}

// The hart's own request, changed as the options say. *translated: false in M-mode and in Bare.
static bool make_request(struct debugger *d, const struct args *a, struct walk_request *q,
                         uint64_t *satp, bool *translated) {
    static const enum access accesses[] = {ACCESS_LOAD, ACCESS_STORE, ACCESS_FETCH};
    static const enum privilege modes[] = {PRIV_M, PRIV_S, PRIV_U};
    const char *as = args_option(a, "as"), *access = args_option(a, "access"),
               *space = args_option(a, "space");
    const struct hart *h = debugger_hart(d);
    unsigned n = 0, mode = 0;
    uint64_t va;
    if (!expr_word(d, args_word(a, 0), &va)) return false;
    if (access && !one_of(d, access, "rwx", "--access", &n)) return false;
    (void)mmu_request(&h->mmu, va, accesses[n], q);
    *satp = h->csr.satp;
    if (as && !one_of(d, as, "msu", "--as", &mode)) return false;
    if (as) q->privilege = modes[mode];
    if (space) {
        if (!spaces_root(d, space, &q->root)) return false;
        *satp = (uint64_t)SATP_SV39 << 60 | q->root >> PAGE_SHIFT;
        if (q->privilege == PRIV_M) q->privilege = PRIV_S;
    }
    *translated = q->privilege != PRIV_M && *satp >> 60 == SATP_SV39;
    return true;
}

// Does the TLB say something else than memory?
static void show_tlb(struct debugger *d, const struct walk_request *q, uint64_t satp,
                     const struct walk_result *w) {
    struct tlb *t = &debugger_hart(d)->mmu.tlb;
    const struct tlb_entry *e = tlb_find(t, q->va, (uint16_t)(satp >> 44));
    if (!e) {
        out_say(&d->out, "tlb", "TLB: no entry");
        return;
    }
    const uint64_t pa = sv39_leaf_address(e->pte, e->level, q->va);
    const bool stale = w->reason == WALK_OK && pa != w->pa;
    out_say(&d->out, "tlb", "TLB: 0x%" PRIx64 ", %s, %" PRIu64 " hits%s", pa, page_sizes[e->level],
            e->hits, stale ? ", STALE: memory says otherwise" : "");
}

// What the walk costs where there is a clock. (The column of the PTEs' reads stands by itself, so
// that the table is the same with and without one.)
static void show_cost(struct debugger *d, const struct walk_request *q, uint64_t satp,
                      const struct walk_result *w) {
    const struct hart *h = debugger_hart(d);
    struct walk_cost cost;
    char reads[64] = "";
    struct text text = {reads, sizeof reads, 0};
    if (!h->timing) return;
    const uint16_t asid = (uint16_t)(satp >> 44 & ((1u << h->asid_bits) - 1));
    timing_probe_walk(h, q->va, asid, q->access, w, &cost);
    for (unsigned i = 0; i < w->steps; i++) text_add(&text, " + %" PRIu64, cost.pte[i]);
    const char *served = cost.in_tlb     ? "the TLB has it"
                         : cost.in_l2tlb ? "the second-level TLB has it"
                                         : "no TLB has it";
    out_say(&d->out, NULL,
            "cost now: %" PRIu64 " cycles (%s); of the walk: %" PRIu64 "%s = %" PRIu64, cost.now,
            served, cost.start, reads, cost.walk);
    out_number(&d->out, "cycles_now", cost.now);
    out_number(&d->out, "cycles_of_walk", cost.walk);
}

void command_walk(struct debugger *d, struct args *a) {
    struct walk_request q;
    uint64_t satp;
    bool translated;
    if (!make_request(d, a, &q, &satp, &translated)) return;
    if (!translated) {
        out_hex(&d->out, "pa", q.va);
        out_say(&d->out, "why",
                "0x%016" PRIx64 ": %s, addresses are physical (satp 0x%016" PRIx64 "%s)", q.va,
                q.privilege == PRIV_M ? "M-mode" : "satp is Bare", satp,
                q.privilege == PRIV_M ? "; --as=s walks anyway" : "");
        return;
    }
    const struct walk_result w = mmu_probe(&debugger_hart(d)->mmu, &q);
    show_request(d, &q, satp);
    show_steps(d, &q, &w);
    show_result(d, &q, &w);
    show_tlb(d, &q, satp, &w);
    show_cost(d, &q, satp, &w);
    if (w.reason != WALK_OK) show_remedies(d, &q, NULL);
}

// --- explain, faults -----------------------------------------------------------------------------

// The newest fault that is kept at an address.
static const struct fault_record *fault_at(const struct hart *h, uint64_t va) {
    for (uint64_t n = h->faults; n && hart_fault(h, n); n--) {
        if (hart_fault(h, n)->tval == va) return hart_fault(h, n);
    }
    return NULL;
}

static const struct fault_record *choose_fault(struct debugger *d, const struct args *a) {
    const struct hart *h = debugger_hart(d);
    uint64_t value;
    if (!a->words || strcmp(a->word[0], "last") == 0) {
        const struct fault_record *last = hart_fault(h, h->faults);
        if (!last) out_fail(&d->out, "explain: this hart has had no fault of a memory access");
        return last;
    }
    if (!expr_word(d, a->word[0], &value)) return NULL;
    const struct fault_record *r = fault_at(h, value);
    if (!r) r = hart_fault(h, value);
    if (!r) {
        out_fail(&d->out,
                 "explain: no fault with the number or address 0x%" PRIx64
                 " is kept; faults lists them",
                 value);
    }
    return r;
}

static void show_instruction(struct debugger *d, const struct fault_record *r) {
    char text[96] = "(not readable)", suffix[SUFFIX_BYTES];
    const bool bare = r->from == PRIV_M || r->satp >> 60 != SATP_SV39;
    const struct view view = {bare, satp_root_address(r->satp)};
    struct insn insn;
    if (view_insn(d, &view, r->pc, &insn)) isa_disassemble(&insn, r->pc, text, sizeof text);
    for (char *tab = text; (tab = strchr(tab, '\t'));) *tab = ' ';
    out_say(&d->out, "instruction", "by 0x%" PRIx64 "%s in %s-mode: %s", r->pc,
            symbol_suffix(d, r->pc, view_space(&view), suffix), privilege_name(r->from), text);
    out_hex(&d->out, "pc", r->pc);
    char source[SOURCE_BYTES];
    if (source_text(d, r->pc, view_space(&view), source)) {
        out_say(&d->out, NULL, "at %s", source);
        if (d->out.json) out_say(&d->out, "source", "%s", source);
    }
}

void command_explain(struct debugger *d, struct args *a) {
    const struct fault_record *r = choose_fault(d, a);
    if (!r) return;
    const struct walk_reason_row *row = walk_reason_row(r->fault.reason);
    out_say(&d->out, NULL, "fault %" PRIu64 " of hart %u, at cycle %" PRIu64 ": %s at 0x%" PRIx64,
            r->number, d->hart, r->cycle, trap_row(r->cause)->text, r->tval);
    out_number(&d->out, "number", r->number);
    out_number(&d->out, "cycle", r->cycle);
    out_hex(&d->out, "tval", r->tval);
    show_instruction(d, r);
    out_say(&d->out, "went_to", "the trap went to %s-mode%s", privilege_name(r->to),
            r->to == PRIV_S ? ", as medeleg says" : "");
    if (r->fault.walked) {
        show_request(d, &r->walk.request, r->satp);
        show_steps(d, &r->walk.request, &r->walk.result);
        show_result(d, &r->walk.request, &r->walk.result);
        show_remedies(d, &r->walk.request, &r->walk.result);
    } else {
        out_say(&d->out, "rule", "the translation was fine, but: %s (%s)", row->text, row->section);
        if (d->out.json) out_say(&d->out, "reason", "%s", row->name);
    }
}

void command_faults(struct debugger *d, struct args *a) {
    const struct hart *h = debugger_hart(d);
    char suffix[SUFFIX_BYTES];
    (void)a;
    out_list(&d->out, "faults");
    const uint64_t first = h->faults > FAULT_RING ? h->faults - FAULT_RING + 1 : 1;
    for (uint64_t n = first; n <= h->faults; n++) {
        const struct fault_record *r = hart_fault(h, n);
        out_count(&d->out, "number", 6, n);
        out_count(&d->out, "cycle", 12, r->cycle);
        out_cell(&d->out, "from", -4, "%s", privilege_name(r->from));
        out_cell(&d->out, "access", -6, "%s", access_names[r->fault.access]);
        out_cell(&d->out, "address", 18, "0x%016" PRIx64, r->tval);
        out_cell(&d->out, "rule", -26, "%s", walk_reason_row(r->fault.reason)->name);
        out_cell(&d->out, "pc", 0, "0x%" PRIx64 "%s", r->pc,
                 symbol_suffix(d, r->pc, satp_root_address(r->satp), suffix));
        out_row(&d->out);
    }
    out_list_end_or(&d->out, "this hart has had no fault of a memory access");
}
