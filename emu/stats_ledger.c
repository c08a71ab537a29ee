// SPDX-License-Identifier: MIT
// The part of --stats about modes and address spaces: a cycle stack each (see stats.h, ledger.h).
#include "emu/stats.h"

#include <inttypes.h>

enum { TEXT_ROWS = 24 };

// The stack's columns; those of the causes in cpu/stall.def stand for one or more of them.
enum column {
    ISSUE,
    LOAD_USE,
    MULDIV,
    FP,
    BRANCH,
    ICACHE,
    DCACHE,
    L2,
    ITLB,
    DTLB,
    WALK,
    TRAP,
    OTHER,
    COLUMNS
};
static const char *const column_names[COLUMNS] = {
    [ISSUE] = "issue",   [LOAD_USE] = "load_use", [MULDIV] = "mul_div", [FP] = "fp",
    [BRANCH] = "branch", [ICACHE] = "icache",     [DCACHE] = "dcache",  [L2] = "l2",
    [ITLB] = "itlb",     [DTLB] = "dtlb",         [WALK] = "walk",      [TRAP] = "trap",
    [OTHER] = "other"};

// icache, dcache: first-level misses that the second level serves; l2: its own misses.
static enum column column_of(enum stall stall) {
    static const uint8_t columns[STALLS] = {
        [STALL_load_use] = LOAD_USE, [STALL_muldiv] = MULDIV, [STALL_fp] = FP,
        [STALL_branch] = BRANCH,     [STALL_target] = BRANCH, [STALL_icache] = ICACHE,
        [STALL_icache_memory] = L2,  [STALL_dcache] = DCACHE, [STALL_dcache_memory] = L2,
        [STALL_itlb] = ITLB,         [STALL_dtlb] = DTLB,     [STALL_walk] = WALK,
        [STALL_trap] = TRAP};
    return columns[stall] == ISSUE ? OTHER : (enum column)columns[stall];
}

struct stack {
    uint64_t cycles[COLUMNS];
};

// Cycles that are no stall are the instructions' own. A wait that began in one mode and ended in
// another is booked in the second: the rest may be a few cycles short.
static struct stack stack_of(const struct ledger_sums *s) {
    struct stack stack = {0};
    uint64_t stalls = 0;
    for (unsigned i = 0; i < STALLS; i++) {
        stack.cycles[column_of((enum stall)i)] += s->stall[i];
        stalls += s->stall[i];
    }
    stack.cycles[ISSUE] = s->cycles > stalls ? s->cycles - stalls : 0;
    return stack;
}

static char mode_letter(enum privilege mode) { return "US?M"[mode & 3]; }

static void print_row(FILE *to, const struct ledger_page *page, bool timed) {
    const struct ledger_sums *s = &page->sums;
    const struct stack stack = stack_of(s);
    char root[24] = "-";
    if (page->root != LEDGER_NO_SPACE) snprintf(root, sizeof root, "0x%" PRIx64, page->root);
    fprintf(to,
            "%c  %-12s %-12.12s %13" PRIu64 " %13" PRIu64 " %7" PRIu64 " %8" PRIu64 " %8" PRIu64,
            mode_letter(page->mode), root, page->name, s->instructions, s->cycles, s->traps,
            s->tlb_misses, s->walks);
    for (unsigned i = 0; i < COLUMNS && timed; i++) {
        const double whole = s->cycles ? (double)s->cycles : 1;
        fprintf(to, " %7.1f%%", 100 * (double)stack.cycles[i] / whole);
    }
    fputc('\n', to);
}

static void print_text(FILE *to, const struct machine *m, const struct ledger_page *page,
                       unsigned pages) {
    const bool timed = m->config.core;
    fprintf(to, "%16" PRIu64 "  cycles in which all harts waited, for a disk\n", m->disk_waits);
    fprintf(to, "%16" PRIu64 "  cycles in which all harts waited, for something else\n",
            m->other_waits);
    fprintf(to, "\n%c  %-12s %-12s %13s %13s %7s %8s %8s", 'm', "space", "program", "instructions",
            "cycles", "traps", "TLBmiss", "walks");
    for (unsigned i = 0; i < COLUMNS && timed; i++) fprintf(to, " %8s", column_names[i]);
    fputc('\n', to);
    for (unsigned i = 0; i < pages && i < TEXT_ROWS; i++) print_row(to, &page[i], timed);
    if (pages > TEXT_ROWS) fprintf(to, "(%u more; --stats=json has them)\n", pages - TEXT_ROWS);
    fputc('\n', to);
}

// Names come from the guest.
static void print_name(FILE *to, const char *name) {
    for (; *name; name++) {
        const bool plain = *name >= ' ' && *name <= '~' && *name != '"' && *name != '\\';
        fputc(plain ? *name : '?', to);
    }
}

static void print_json(FILE *to, const struct machine *m, const struct ledger_page *page,
                       unsigned pages) {
    fprintf(to,
            "  \"disk_waits\": %" PRIu64 ",\n  \"other_waits\": %" PRIu64 ",\n  \"contexts\": [",
            m->disk_waits, m->other_waits);
    for (unsigned i = 0; i < pages; i++) {
        const struct ledger_sums *s = &page[i].sums;
        const struct stack stack = stack_of(s);
        fprintf(to, "%s\n    {\"mode\": \"%c\", ", i ? "," : "", mode_letter(page[i].mode));
        if (page[i].root != LEDGER_NO_SPACE) {
            fprintf(to, "\"root\": \"0x%" PRIx64 "\", \"program\": \"", page[i].root);
            print_name(to, page[i].name);
            fputs("\", ", to);
        }
        fprintf(to,
                "\"instructions\": %" PRIu64 ", \"cycles\": %" PRIu64 ", \"traps\": %" PRIu64
                ", \"tlb_misses\": %" PRIu64 ", \"walks\": %" PRIu64 ", \"pte_reads\": %" PRIu64,
                s->instructions, s->cycles, s->traps, s->tlb_misses, s->walks, s->pte_reads);
        for (unsigned k = 0; k < COLUMNS && m->config.core; k++) {
            fprintf(to, "%s\"%s\": %" PRIu64, k ? ", " : ", \"stack\": {", column_names[k],
                    stack.cycles[k]);
        }
        fputs(m->config.core ? "}}" : "}", to);
    }
    fputs("\n  ],\n", to);
}

void stats_print_ledger(FILE *to, const struct machine *m, struct ledger *ledger, bool json) {
    unsigned pages;
    const struct ledger_page *page = ledger_pages(ledger, &pages);
    if (json) {
        print_json(to, m, page, pages);
    } else {
        print_text(to, m, page, pages);
    }
}
