// SPDX-License-Identifier: MIT
// When a run stops (see stops.h): what the observers call before each instruction and at each
// access and event.
#include "emu/console/stops.h"

#include <inttypes.h>
#include <string.h>

#include "cpu/text.h"
#include "emu/console/debugger.h"

struct stop_point *stops_new(struct stops *s) {
    for (unsigned i = 0; i < MAX_POINTS; i++) {
        if (s->point[i].number) continue;
        s->point[i] =
            (struct stop_point){.number = ++s->last_number, .enabled = true, .detail = -1};
        if (i >= s->places) s->places = i + 1;
        return &s->point[i];
    }
    return NULL;
}

bool stops_armed(const struct debugger *d) {
    const struct stops *s = &d->stops;
    if (s->step.kind != STEP_NONE) return true;
    for (unsigned i = 0; i < s->places; i++) {
        if (s->point[i].number && s->point[i].enabled) return true;
    }
    return false;
}

// --- Hits ----------------------------------------------------------------------------------------

// A condition that can't be worked out stops: somebody should look at it.
static bool condition_holds(struct debugger *d, struct stop_point *p) {
    struct message message;
    uint64_t value;
    if (!p->condition[0]) return true;
    if (expr_value(d, p->condition, &value, &message)) return value != 0;
    out_say(&d->out, NULL, "breakpoint %u: %s", p->number, message.text);
    return true;
}

// The point's place is right. Does it stop the run? The condition sees the hart and `happening`.
static bool counts(struct watcher *w, struct stop_point *p, struct happening happening) {
    struct debugger *d = w->d;
    const unsigned hart = d->hart;
    d->hart = w->h->id;
    d->stops.happening = happening;
    const bool stops = condition_holds(d, p) && ++p->hits > p->ignore;
    d->stops.happening.there = stops; // can still be asked for in the console
    d->hart = hart;
    return stops;
}

static void hit(struct watcher *w, struct stop_point *p) {
    struct stops *s = &w->d->stops;
    s->hit = *p;
    if (p->temporary) p->number = 0;
}

// Found in the middle of an instruction: the hart stops behind it. The first reason stays.
static void pend(struct watcher *w, struct stop_point *p) {
    struct stops *s = &w->d->stops;
    s->pending = true;
    s->pending_hart = w->h->id;
    hit(w, p);
}

__attribute__((format(printf, 2, 3))) static void say_reason(struct stops *s, const char *format,
                                                             ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(s->reason, sizeof s->reason, format, arguments);
    va_end(arguments);
}

// --- Memory --------------------------------------------------------------------------------------

static bool watches(struct watcher *w, const struct stop_point *p, enum access access, uint64_t va,
                    unsigned size) {
    static const unsigned bit[] = {
        [ACCESS_FETCH] = WATCH_EXECUTE, [ACCESS_LOAD] = WATCH_READ, [ACCESS_STORE] = WATCH_WRITE};
    if (!p->number || !p->enabled || p->kind != POINT_WATCH || !(p->watched & bit[access])) {
        return false;
    }
    if (!p->physical) return range_meets(p->range, va, size);
    uint64_t pa;
    return mmu_peek(&w->h->mmu, va, access, &pa) && range_meets(p->range, pa, size);
}

static bool find_watch(struct watcher *w, enum access access, uint64_t va, unsigned size,
                       uint64_t value) {
    static const char *const did[] = {
        [ACCESS_FETCH] = "executes", [ACCESS_LOAD] = "read", [ACCESS_STORE] = "wrote"};
    struct stops *s = &w->d->stops;
    for (unsigned i = 0; i < s->places; i++) {
        struct stop_point *p = &s->point[i];
        if (!watches(w, p, access, va, size)) continue;
        if (!counts(w, p, (struct happening){true, va, value, 0})) continue;
        if (access == ACCESS_FETCH) {
            say_reason(s, "watchpoint %u: executes 0x%" PRIx64, p->number, va);
            hit(w, p);
        } else {
            say_reason(s,
                       "watchpoint %u: the instruction at 0x%" PRIx64 " %s %u bytes at 0x%" PRIx64
                       ": 0x%" PRIx64,
                       p->number, w->pc, did[access], size, va, value);
            pend(w, p);
        }
        return true;
    }
    return false;
}

void stops_accessed(struct watcher *w, enum access access, uint64_t va, unsigned size,
                    uint64_t value) {
    if (!w->d->stops.pending) find_watch(w, access, va, size, value);
}

// --- Events --------------------------------------------------------------------------------------

static const struct {
    const char *name, *va, *value, *cause; // what they are called
} events[EVENT_KINDS] = {
#define EVENT(name, argument, text, va, value, cause) [EVENT_##name] = {#name, va, value, cause},
#include "emu/console/events.def"
#undef EVENT
};

// "breakpoint 1: fault (va 0x13000, pc 0x10096, cause 0xd, load page fault)"
static void say_event(struct stops *s, const struct stop_point *p, struct happening happening) {
    const struct {
        const char *name;
        uint64_t value;
    } told[] = {{events[p->event].va, happening.va},
                {events[p->event].value, happening.value},
                {events[p->event].cause, happening.cause}};
    const struct trap_row *row = *events[p->event].cause ? trap_row(happening.cause) : NULL;
    struct text text = {s->reason, sizeof s->reason, 0};
    text_add(&text, "breakpoint %u: %s (", p->number, events[p->event].name);
    const char *gap = "";
    for (unsigned i = 0; i < sizeof told / sizeof *told; i++) {
        if (!*told[i].name) continue;
        text_add(&text, "%s%s 0x%" PRIx64, gap, told[i].name, told[i].value);
        gap = ", ";
    }
    text_add(&text, row ? ", %s)" : ")", row ? row->text : "");
}

void stops_event(struct watcher *w, enum event_kind event, int64_t detail,
                 struct happening happening) {
    struct stops *s = &w->d->stops;
    for (unsigned i = 0; i < s->places && !s->pending; i++) {
        struct stop_point *p = &s->point[i];
        if (!p->number || !p->enabled || p->kind != POINT_EVENT || p->event != event) continue;
        if (p->detail >= 0 && p->detail != detail) continue;
        if (!counts(w, p, happening)) continue;
        say_event(s, p, happening);
        pend(w, p);
    }
}

// --- Before an instruction -----------------------------------------------------------------------

static bool find_breakpoint(struct watcher *w, uint64_t pc) {
    struct stops *s = &w->d->stops;
    for (unsigned i = 0; i < s->places; i++) {
        struct stop_point *p = &s->point[i];
        if (!p->number || !p->enabled || p->kind != POINT_PC || p->range.base != pc) continue;
        if (!counts(w, p, (struct happening){true, pc, 0, 0})) continue;
        say_reason(s, p->temporary ? "reached" : "breakpoint %u", p->number);
        hit(w, p);
        return true;
    }
    return false;
}

// finish: calls and returns are counted in the mode and space where it began; a return at depth 0
// leads out. Asked before the instruction behind the one that was just executed.
static bool left_function(struct watcher *w, struct stepping *step, uint64_t pc) {
    if (step->depth < 0) return true;
    const struct view view = view_of_fetch(w->h);
    struct insn insn;
    if (w->h->privilege != step->privilege || w->h->csr.satp != step->satp) return false;
    if (!view_insn(w->d, &view, pc, &insn)) return false;
    const bool links = insn.rd == 1 || insn.rd == 5;
    if ((insn.op == OP_jal || insn.op == OP_jalr) && links) {
        step->depth++;
    } else if (insn.op == OP_jalr && insn.rd == 0 && (insn.rs1 == 1 || insn.rs1 == 5)) {
        step->depth--;
    }
    return false;
}

static bool step_is_done(struct watcher *w, uint64_t pc) {
    struct stepping *step = &w->d->stops.step;
    if (step->kind == STEP_NONE || step->hart != w->h->id) return false;
    switch (step->kind) {
    case STEP_INSTRUCTIONS: return step->left-- == 0;
    case STEP_OVER:
        return pc == step->pc && w->h->x[2] >= step->sp && w->h->privilege == step->privilege &&
               w->h->csr.satp == step->satp;
    case STEP_OUT: return left_function(w, step, pc);
    case STEP_NONE: break;
    }
    return false;
}

bool stops_before(struct watcher *w, uint64_t pc) {
    struct stops *s = &w->d->stops;
    if (s->pending) return true;
    if (step_is_done(w, pc)) {
        say_reason(s, "%s", "");
        s->hit.number = 0;
        return true;
    }
    if (w->resumed && w->pc == pc) {
        w->resumed = false;
        return false;
    }
    w->resumed = false;
    return find_breakpoint(w, pc) || find_watch(w, ACCESS_FETCH, pc, 2, 0);
}
