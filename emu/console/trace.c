// SPDX-License-Identifier: MIT
// The trace (see trace.h). An instruction's line is written when the next one comes, because only
// then its results are known.
#include "emu/console/trace.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "cpu/csr.h"
#include "emu/console/debugger.h"

#define HAS(t, what_) ((t)->what & 1u << TRACE_##what_)

void trace_before(struct watcher *w, uint64_t pc) {
    struct trace *t = &w->d->trace;
    const unsigned hart = w->d->hart;
    const struct view view = view_of_fetch(w->h);
    w->d->hart = w->h->id;
    t->open = view_insn(w->d, &view, pc, &t->insn);
    w->d->hart = hart;
    t->hart = w->h->id;
    t->pc = pc;
    t->privilege = w->h->privilege;
    t->mstatus = w->h->csr.mstatus;
    t->fflags = w->h->csr.fflags;
    t->accesses = 0;
}

void trace_accessed(struct watcher *w, enum access access, uint64_t va, unsigned size,
                    uint64_t value) {
    struct trace *t = &w->d->trace;
    if (t->open && t->accesses < TRACE_ACCESSES) {
        t->access[t->accesses++] = (struct traced_access){access, va, value, size};
    }
}

static bool is_csr_insn(const struct insn *i) {
    return i->op == OP_csrrw || i->op == OP_csrrs || i->op == OP_csrrc || i->op == OP_csrrwi ||
           i->op == OP_csrrsi || i->op == OP_csrrci;
}

// Does a CSR instruction write? csrrs and csrrc with x0 or 0 do not.
static bool writes_csr(const struct insn *i) {
    return is_csr_insn(i) && (i->op == OP_csrrw || i->op == OP_csrrwi || i->rs1 != 0);
}

// The register that an instruction writes: 'x', 'f' or 0 for none.
static char result_file(const struct insn *i) {
    const unsigned flags = isa_row_info((enum isa_row)i->row)->flags;
    if (flags & INSN_FD) return 'f';
    if (i->rd == 0 || (flags & (INSN_BRANCH | INSN_STORE)) == INSN_BRANCH) return 0;
    return 'x';
}

static void write_csr(const struct watcher *w, unsigned number) {
    uint64_t value;
    if (!csr_peek(w->h, number, &value)) return;
    fprintf(w->d->trace.to, " c%u_%s 0x%016" PRIx64, number, csr_name(number), value);
}

// A CSR that is a view of others stands there as what it is a view of.
static void write_written_csr(const struct watcher *w, unsigned number) {
    switch (number) {
    case CSR_sstatus: write_csr(w, CSR_mstatus); break;
    case CSR_sie: write_csr(w, CSR_sie), write_csr(w, CSR_mie); break;
    case CSR_sip: write_csr(w, CSR_mip); break;
    case CSR_fcsr: write_csr(w, CSR_fflags), write_csr(w, CSR_frm); break;
    default: write_csr(w, number);
    }
}

// What an instruction changed in CSRs beside its results: XRET the status, floating point flags and
// FS.
static void write_side_effects(const struct watcher *w) {
    const struct trace *t = &w->d->trace;
    const uint64_t fs = MSTATUS_FS | MSTATUS_SD;
    const bool is_csr = writes_csr(&t->insn);
    if (t->insn.op == OP_mret || t->insn.op == OP_sret) write_csr(w, CSR_mstatus);
    if (!is_csr && w->h->csr.fflags != t->fflags) write_csr(w, CSR_fflags);
    if (is_csr && (t->insn.imm == CSR_mstatus || t->insn.imm == CSR_sstatus)) return;
    if (!(t->mstatus & MSTATUS_SD) && (w->h->csr.mstatus & fs) == fs) {
        fprintf(t->to, " c%d_mstatus 0x%016" PRIx64, CSR_mstatus, t->mstatus | fs);
    }
}

// Spike's cbo.zero is so many stores of a byte.
static void write_commit_access(const struct trace *t, const struct traced_access *a, bool stores) {
    const unsigned size = t->insn.op == OP_cbo_zero ? 1 : a->size;
    for (unsigned at = 0; at < a->size; at += size) {
        fprintf(t->to, " mem 0x%016" PRIx64, a->va + at);
        if (stores) fprintf(t->to, " 0x%0*" PRIx64, 2 * (int)size, a->value);
    }
}

// core   0: 3 0x0000000080000000 (0x00000297) x5  0x0000000080000000 mem 0x... 0x...
static void write_commit(struct watcher *w) {
    struct trace *t = &w->d->trace;
    const struct insn *i = &t->insn;
    const char file = result_file(i);
    fprintf(t->to, "core%4u: %d 0x%016" PRIx64 " (0x%0*" PRIx32 ")", w->h->id, t->privilege, t->pc,
            2 * i->length, i->bits);
    if (file) {
        fprintf(t->to, " %c%-2u 0x%016" PRIx64, file, i->rd,
                file == 'f' ? w->h->f[i->rd] : w->h->x[i->rd]);
    }
    if (writes_csr(i)) write_written_csr(w, (unsigned)i->imm);
    write_side_effects(w);
    for (unsigned pass = 0; pass < 2; pass++) {
        for (unsigned n = 0; n < t->accesses; n++) {
            const struct traced_access *a = &t->access[n];
            if ((a->access == ACCESS_STORE) != (pass == 1)) continue;
            write_commit_access(t, a, pass == 1);
        }
    }
    fputc('\n', t->to);
}

static void write_insn(struct watcher *w) {
    struct trace *t = &w->d->trace;
    const struct insn *i = &t->insn;
    char text[96], suffix[SUFFIX_BYTES];
    const char file = result_file(i);
    isa_disassemble(i, t->pc, text, sizeof text);
    for (char *tab = text; (tab = strchr(tab, '\t'));) *tab = ' ';
    const struct view view = view_of_fetch(w->h);
    fprintf(t->to, "%12" PRIu64 " %u %s 0x%016" PRIx64 "%s  %s", w->cycle, w->h->id,
            privilege_name(t->privilege), t->pc,
            symbol_suffix(w->d, t->pc, view_space(&view), suffix), text);
    if (file) {
        fprintf(t->to, "  # %s=0x%" PRIx64, file == 'f' ? f_names[i->rd] : x_names[i->rd],
                file == 'f' ? w->h->f[i->rd] : w->h->x[i->rd]);
    }
    fputc('\n', t->to);
}

static void write_accesses(struct watcher *w) {
    struct trace *t = &w->d->trace;
    for (unsigned n = 0; n < t->accesses; n++) {
        const struct traced_access *a = &t->access[n];
        fprintf(t->to, "%12" PRIu64 " %u %s 0x%016" PRIx64 " %u bytes: 0x%0*" PRIx64 "\n", w->cycle,
                w->h->id, a->access == ACCESS_STORE ? "store" : "load", a->va, a->size,
                2 * (int)a->size, a->value);
    }
}

void trace_finish(struct debugger *d) {
    struct trace *t = &d->trace;
    struct watcher *w = &d->watcher[t->hart];
    uint64_t value;
    if (!t->open) return;
    t->open = false;
    if (HAS(t, commits)) write_commit(w);
    if (HAS(t, insn)) write_insn(w);
    if (HAS(t, mem)) write_accesses(w);
    if (HAS(t, csr) && is_csr_insn(&t->insn) && csr_peek(w->h, (unsigned)t->insn.imm, &value)) {
        const char *name = csr_name((unsigned)t->insn.imm);
        fprintf(t->to, "%12" PRIu64 " %u csr %s = 0x%" PRIx64 "\n", w->cycle, w->h->id, name,
                value);
    }
    t->lines++;
}

void trace_walk(struct watcher *w, const struct walk_request *request,
                const struct walk_result *result) {
    struct trace *t = &w->d->trace;
    static const char *const access[] = {"fetch", "load", "store"};
    if (!HAS(t, walk)) return;
    fprintf(t->to, "%12" PRIu64 " %u walk %s 0x%016" PRIx64 ":", w->cycle, w->h->id,
            access[request->access], request->va);
    for (unsigned i = 0; i < result->steps; i++) {
        fprintf(t->to, " [0x%" PRIx64 "]=0x%" PRIx64, result->step[i].pte_addr,
                result->step[i].pte);
    }
    if (result->reason == WALK_OK) {
        fprintf(t->to, " -> 0x%" PRIx64 "\n", result->pa);
    } else {
        fprintf(t->to, " %s\n", walk_reason_row(result->reason)->name);
    }
}

// An instruction that ends in an exception has committed nothing; the one before it, whose line is
// written before the trap changes what it left, has.
void trace_trapping(struct watcher *w, uint64_t cause, uint64_t pc) {
    struct trace *t = &w->d->trace;
    const bool its_own = !(cause & CAUSE_INTERRUPT) && t->hart == w->h->id && t->pc == pc;
    if (its_own) t->open = false;
    trace_finish(w->d);
}

void trace_trapped(struct watcher *w, uint64_t cause, uint64_t tval, uint64_t epc) {
    struct trace *t = &w->d->trace;
    if (!HAS(t, trap)) return;
    const struct trap_row *row = trap_row(cause);
    fprintf(t->to, "%12" PRIu64 " %u trap at 0x%016" PRIx64 ": %s, tval 0x%" PRIx64 ", to %s\n",
            w->cycle, w->h->id, epc, row ? row->text : "?", tval, privilege_name(w->h->privilege));
}

void trace_close(struct debugger *d) {
    if (d->trace.to) fclose(d->trace.to);
    d->trace = (struct trace){0};
}

// --- The command ---------------------------------------------------------------------------------

static const char *const names[TRACE_KINDS] = {
#define TRACE(name, text) [TRACE_##name] = #name,
#include "emu/console/traces.def"
#undef TRACE
};

static bool parse_what(struct debugger *d, const char *list, unsigned *what) {
    *what = 0;
    while (*list) {
        const size_t length = strcspn(list, ",");
        unsigned kind = 0;
        while (kind < TRACE_KINDS &&
               (strlen(names[kind]) != length || strncmp(names[kind], list, length) != 0)) {
            kind++;
        }
        if (kind == TRACE_KINDS) {
            return out_fail(&d->out,
                            "trace: '%.*s' is nothing to trace; insn, mem, csr, walk, trap "
                            "and commits are",
                            (int)length, list);
        }
        *what |= 1u << kind;
        list += length + (list[length] == ',');
    }
    return *what != 0 || out_fail(&d->out, "trace: --what names nothing");
}

void command_trace(struct debugger *d, struct args *a) {
    const char *word = args_word(a, 0), *path = args_word(a, 1), *list = args_option(a, "what");
    unsigned what;
    if (!word) {
        out_say(&d->out, "trace", "the trace is %s; %" PRIu64 " instructions so far",
                d->trace.to ? "on" : "off", d->trace.lines);
    } else if (strcmp(word, "off") == 0) {
        trace_close(d);
    } else if (strcmp(word, "on") != 0 || !path) {
        out_fail(&d->out, "trace: on FILE, or off");
    } else if (parse_what(d, list ? list : "insn,trap", &what)) {
        FILE *file = fopen(path, "w");
        if (!file) {
            out_fail(&d->out, "trace: %s can't be written: %s", path, strerror(errno));
            return;
        }
        trace_close(d);
        d->trace.to = file;
        d->trace.what = what;
    }
}
