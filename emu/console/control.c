// SPDX-License-Identifier: MIT
// The commands that let the machine go on, and that say where it stops.
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "emu/console/debugger.h"
#include "emu/words.h"

static void go(struct debugger *d, enum step_kind kind) {
    const struct hart *h = debugger_hart(d);
    struct stepping *step = &d->stops.step;
    step->kind = kind;
    step->hart = h->id;
    step->sp = h->x[2];
    step->satp = h->csr.satp;
    step->privilege = h->privilege;
    step->depth = 0;
    d->resume = true;
}

void command_step(struct debugger *d, struct args *a) {
    uint64_t count = 1;
    if (a->words && !expr_word(d, a->word[0], &count)) return;
    if (count == 0) {
        out_fail(&d->out, "step: at least 1");
        return;
    }
    go(d, STEP_INSTRUCTIONS);
    d->stops.step.left = count;
}

// A call, or a call of the environment: on to the instruction behind it.
static bool is_call(const struct insn *insn) {
    const bool links = insn->rd == 1 || insn->rd == 5;
    return ((insn->op == OP_jal || insn->op == OP_jalr) && links) || insn->op == OP_ecall;
}

void command_next(struct debugger *d, struct args *a) {
    (void)a;
    const struct hart *h = debugger_hart(d);
    const struct view view = view_of_fetch(h);
    struct insn insn;
    if (view_insn(d, &view, h->pc, &insn) && is_call(&insn)) {
        go(d, STEP_OVER);
        d->stops.step.pc = h->pc + insn.length;
    } else {
        go(d, STEP_INSTRUCTIONS);
        d->stops.step.left = 1;
    }
}

void command_finish(struct debugger *d, struct args *a) {
    (void)a;
    go(d, STEP_OUT);
}

static struct stop_point *new_point(struct debugger *d, enum point_kind kind) {
    struct stop_point *p = stops_new(&d->stops);
    if (p) {
        p->kind = kind;
    } else {
        out_fail(&d->out, "more than %d breakpoints", MAX_POINTS);
    }
    return p;
}

void command_until(struct debugger *d, struct args *a) {
    uint64_t address;
    if (!expr_word(d, args_word(a, 0), &address)) return;
    struct stop_point *p = new_point(d, POINT_PC);
    if (!p) return;
    p->range.base = address;
    p->temporary = true;
    go(d, STEP_NONE);
}

void command_continue(struct debugger *d, struct args *a) {
    (void)a;
    go(d, STEP_NONE);
}

// --- Breakpoints ---------------------------------------------------------------------------------

static const struct event_row {
    const char *name, *argument, *text;
} events[EVENT_KINDS] = {
#define EVENT(name, argument, text, ...) [EVENT_##name] = {#name, argument, text},
#include "emu/console/events.def"
#undef EVENT
};

static int event_of(const char *word) {
    for (int i = 0; i < EVENT_KINDS; i++) {
        if (strcmp(events[i].name, word) == 0) return i;
    }
    return -1;
}

// What follows an event's word.
static bool event_detail(struct debugger *d, struct stop_point *p, const char *word) {
    static const struct {
        enum event_kind event;
        const char *word;
        int64_t detail;
    } details[] = {
        {EVENT_fault, "load", ACCESS_LOAD},   {EVENT_fault, "store", ACCESS_STORE},
        {EVENT_fault, "fetch", ACCESS_FETCH}, {EVENT_disk, "read", BLK_READ},
        {EVENT_disk, "write", BLK_WRITE},
    };
    uint64_t number;
    for (unsigned i = 0; i < sizeof details / sizeof *details; i++) {
        if (details[i].event != p->event || strcmp(details[i].word, word) != 0) continue;
        p->detail = details[i].detail;
        return true;
    }
    if (p->event == EVENT_irq && word_number(word, 63, &number)) {
        p->detail = (int64_t)number;
        return true;
    }
    return out_fail(&d->out, "break: '%s' can't follow %s, but %s can", word, events[p->event].name,
                    events[p->event].argument);
}

// Condition, count and commands; p is dropped when they are wrong.
static bool finish_point(struct debugger *d, struct stop_point *p, const struct args *a) {
    const char *condition = strstr(a->rest, " if "), *count = args_option(a, "count");
    const char *commands_text = args_option(a, "do");
    if (condition) {
        snprintf(p->condition, sizeof p->condition, "%s", condition + 4);
        char *option = strstr(p->condition, " --");
        if (option) *option = 0;
    }
    if (commands_text) snprintf(p->commands, sizeof p->commands, "%s", commands_text);
    if (count && (!word_number(count, UINT64_MAX, &p->ignore) || p->ignore == 0)) {
        p->number = 0;
        return out_fail(&d->out, "--count=%s: how many hits it takes, at least 1", count);
    }
    if (count) p->ignore--;
    return true;
}

static void describe(const struct debugger *d, const struct stop_point *p, char *text,
                     size_t bytes) {
    char suffix[SUFFIX_BYTES];
    static const char *const accesses[] = {"", "r", "w", "rw", "x", "rx", "wx", "rwx"};
    static const char *const detail[] = {" fetch", " load", " store"};
    const struct view view = view_of_hart(debugger_hart(d));
    if (p->kind == POINT_PC) {
        snprintf(text, bytes, "0x%" PRIx64 "%s", p->range.base,
                 symbol_suffix(d, p->range.base, view_space(&view), suffix));
    } else if (p->kind == POINT_WATCH) {
        snprintf(text, bytes, "%s %" PRIu64 " bytes at 0x%" PRIx64 "%s", accesses[p->watched & 7],
                 p->range.size, p->range.base, p->physical ? " (physical)" : "");
    } else if (p->event == EVENT_fault && p->detail >= 0) {
        snprintf(text, bytes, "fault%s", detail[p->detail]);
    } else if (p->event == EVENT_disk && p->detail >= 0) {
        snprintf(text, bytes, "disk %s", p->detail == BLK_READ ? "read" : "write");
    } else if (p->detail >= 0) {
        snprintf(text, bytes, "%s %" PRId64, events[p->event].name, p->detail);
    } else {
        snprintf(text, bytes, "%s", events[p->event].name);
    }
}

static void list_points(struct debugger *d) {
    char text[256];
    out_list(&d->out, "breakpoints");
    for (unsigned n = 1; n <= d->stops.last_number; n++) {
        for (unsigned i = 0; i < MAX_POINTS; i++) {
            const struct stop_point *p = &d->stops.point[i];
            if (p->number != n || p->gdb) continue;
            describe(d, p, text, sizeof text);
            out_count(&d->out, "number", 6, p->number);
            out_cell(&d->out, "on", -3, "%s", p->enabled ? "yes" : "no");
            out_count(&d->out, "hits", 6, p->hits);
            out_cell(&d->out, "where", -40, "%s", text);
            out_cell(&d->out, "condition", 0, "%s", p->condition);
            out_row(&d->out);
        }
    }
    out_list_end_or(&d->out, "no breakpoints");
}

static void say_point(struct debugger *d, const struct stop_point *p) {
    char text[256];
    describe(d, p, text, sizeof text);
    char hits[48] = "";
    if (p->ignore) snprintf(hits, sizeof hits, ", from hit %" PRIu64 " on", p->ignore + 1);
    out_say(&d->out, "set", "breakpoint %u: %s%s%s%s", p->number, text,
            p->condition[0] ? " if " : "", p->condition, hits);
}

void command_break(struct debugger *d, struct args *a) {
    if (!a->words) {
        list_points(d);
        return;
    }
    const int event = event_of(a->word[0]);
    uint64_t address = 0;
    if (event < 0 && !expr_word(d, a->word[0], &address)) return;
    struct stop_point *p = new_point(d, event < 0 ? POINT_PC : POINT_EVENT);
    if (!p) return;
    p->range.base = address;
    if (event >= 0) p->event = (enum event_kind)event;
    const char *second = args_word(a, 1);
    const bool has_detail = second && strcmp(second, "if") != 0;
    if (has_detail && event < 0) {
        p->number = 0;
        out_fail(&d->out, "break: 'if EXPRESSION' may follow an address, not '%s'", second);
        return;
    }
    if (has_detail && !event_detail(d, p, second)) {
        p->number = 0;
        return;
    }
    if (finish_point(d, p, a)) say_point(d, p);
}

void command_watch(struct debugger *d, struct args *a) {
    const char *access = args_option(a, "access"), *second = args_word(a, 1);
    uint64_t address, bytes = 8;
    unsigned watched = access ? 0 : WATCH_WRITE;
    if (!expr_word(d, args_word(a, 0), &address)) return;
    if (second && strcmp(second, "if") != 0 && !expr_word(d, second, &bytes)) return;
    if (bytes == 0 || address + (bytes - 1) < address) {
        out_fail(&d->out, "watch: the range is empty or wraps");
        return;
    }
    for (; access && *access; access++) {
        static const char letters[] = "rwx"; // in the order of enum watched
        const char *letter = strchr(letters, *access);
        if (!letter) {
            out_fail(&d->out, "watch: --access takes letters of rwx");
            return;
        }
        watched |= 1u << (letter - letters);
    }
    struct stop_point *p = new_point(d, POINT_WATCH);
    if (!p) return;
    p->range = (struct range){address, bytes};
    p->watched = watched;
    p->physical = args_option(a, "phys");
    if (finish_point(d, p, a)) say_point(d, p);
}

static struct stop_point *point_of(struct debugger *d, const struct args *a) {
    uint64_t number;
    const char *word = args_word(a, 0);
    if (word && word_number(word, UINT32_MAX, &number)) {
        for (unsigned i = 0; i < MAX_POINTS; i++) {
            struct stop_point *p = &d->stops.point[i];
            if (number && p->number == number && !p->gdb) return p;
        }
    }
    out_fail(&d->out, "%s: no breakpoint %s; break lists them", a->command->name, word ? word : "");
    return NULL;
}

void command_delete(struct debugger *d, struct args *a) {
    if (a->words && strcmp(a->word[0], "all") == 0) {
        for (unsigned i = 0; i < MAX_POINTS; i++) {
            if (!d->stops.point[i].gdb) d->stops.point[i].number = 0;
        }
        return;
    }
    struct stop_point *p = point_of(d, a);
    if (p) p->number = 0;
}

void command_enable(struct debugger *d, struct args *a) {
    struct stop_point *p = point_of(d, a);
    if (p) p->enabled = true;
}

void command_disable(struct debugger *d, struct args *a) {
    struct stop_point *p = point_of(d, a);
    if (p) p->enabled = false;
}
