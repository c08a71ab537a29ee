// SPDX-License-Identifier: MIT
// Runs random programs in three ways side by side, with native code, in the interpreter, and in the
// plainest way (struct hart, forget), and compares the whole state after each stretch of
// instructions.
//   diff [--insns=N] [--seed=N] [--plant=N]
//     --insns   how many instructions to compare (10,000,000)
//     --seed    the first program's (1); each next one has the next seed
//     --plant   flips a bit of a register of the first hart after N stretches, in each program:
//               that has to be found
// The first difference ends it: the stretch that shows it is cut down to the fewest instructions
// that do, whose last ones are listed. Ends in 'N passed, M failed', programs.
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "testsuite/diff/nudge.h"
#include "testsuite/diff/state.h"
#include "testsuite/unit/random.h"

static const char *const way_name[WAYS] = {"native", "interpreted", "plain"};

enum { PROGRAM_INSNS = 40000, NEVER = -1, LISTED = 24 };

// A stretch of a program, counted from 0, and how many of its instructions to run. stretch NEVER:
// all of the program.
struct replay {
    int64_t stretch;
    uint64_t length;
    bool thorough; // compare memory after each stretch
    bool list;     // the instructions of the stretch
};

struct outcome {
    bool differs;
    enum way with;    // the hart that the plain one differs from
    int64_t stretch;  // where it shows
    uint64_t length;  // instructions of that stretch
    uint64_t retired; // instructions executed
};

struct trio {
    struct side side[WAYS];
    struct program program;
    uint64_t executed[WAYS];
    enum hart_exit exit[WAYS];
};

// --- Listing

// The instruction that the hart is going to execute.
static void list_next(struct side *s, unsigned index) {
    static const char mode[] = "US?M";
    struct hart *h = s->h;
    uint64_t pa;
    bool whole;
    char text[80] = "(no fetch)";
    if (mmu_fetch(&h->mmu, h->pc, &pa, &whole)) {
        uint32_t bits = 0;
        memcpy(&bits, phys_host(&s->phys, pa, 4), 4);
        struct insn in = isa_decode(bits, h->extensions);
        isa_disassemble(&in, h->pc, text, sizeof text);
    }
    printf("  %6u %c 0x%016" PRIx64 "  %s\n", index, mode[h->privilege], h->pc, text);
}

// One instruction after the other; the last LISTED of them are shown before they are executed.
static void run_listed(struct trio *t, enum way way, uint64_t length) {
    struct side *s = &t->side[way];
    uint64_t done;
    t->executed[way] = 0;
    t->exit[way] = EXIT_BUDGET;
    for (uint64_t i = 0; i < length && t->exit[way] == EXIT_BUDGET; i++) {
        if (i + LISTED >= length) list_next(s, (unsigned)i);
        t->exit[way] = hart_run(s->h, 1, &done);
        t->executed[way] += done;
    }
}

// --- One program

static uint64_t draw_length(uint64_t *seed) {
    static const uint16_t lengths[] = {4, 40, 100, 400, 400, 2000};
    return 1 + draw_below(seed, lengths[draw_below(seed, 6)]);
}

static void run_stretch(struct trio *t, uint64_t length, bool list) {
    for (enum way way = 0; way < WAYS; way++) {
        if (list && way == PLAIN) {
            run_listed(t, way, length);
        } else {
            t->exit[way] = hart_run(t->side[way].h, length, &t->executed[way]);
        }
    }
}

static bool compare(const struct trio *t, bool memory, struct outcome *o) {
    for (enum way way = 0; way < PLAIN; way++) {
        o->with = way;
        o->differs = t->executed[way] != t->executed[PLAIN] || t->exit[way] != t->exit[PLAIN] ||
                     !state_equal(&t->side[way], &t->side[PLAIN], memory);
        if (o->differs) return false;
    }
    return true;
}

static void nudge(struct trio *t, uint64_t *seed) {
    uint64_t interrupts = draw(seed), elsewhere = draw(seed);
    bool waits = t->exit[PLAIN] == EXIT_WFI, leave = one_in(seed, 3), onward = !one_in(seed, 8);
    for (enum way way = 0; way < WAYS; way++) {
        struct side *s = &t->side[way];
        nudge_interrupts(s, interrupts);
        if (waits && onward && nudge_onward(s, &t->program, elsewhere)) continue;
        if (waits || leave) nudge_elsewhere(s, &t->program, elsewhere);
    }
}

static void report(const struct trio *t, const struct outcome *o) {
    for (enum way way = 0; way < WAYS; way++) {
        printf("  %s: %" PRIu64 " instructions, exit %d\n", way_name[way], t->executed[way],
               (int)t->exit[way]);
    }
    const char *const names[2] = {way_name[o->with], way_name[PLAIN]};
    state_print(&t->side[o->with], &t->side[PLAIN], names);
}

static void run_stretches(struct trio *t, uint64_t seed, const struct replay *r, int64_t plant,
                          struct outcome *o) {
    for (o->stretch = 0; o->retired < PROGRAM_INSNS; o->stretch++) {
        bool last = o->stretch == r->stretch;
        o->length = draw_length(&seed);
        if (last && r->length < o->length) o->length = r->length;
        run_stretch(t, o->length, last && r->list);
        if (o->stretch == plant) t->side[NATIVE].h->x[10] ^= 1;
        bool memory = last || r->thorough || o->stretch % 16 == 15;
        if (!compare(t, memory, o) || last) break;
        o->retired += t->executed[PLAIN];
        nudge(t, &seed);
    }
    if (!o->differs) (void)compare(t, true, o);
    if (r->list) report(t, o);
}

static struct outcome run_program(uint64_t seed, const struct replay *r, int64_t plant) {
    struct outcome o = {0};
    struct trio *t = calloc(1, sizeof *t);
    if (!t) exit(2);
    seed = mix(seed);
    program_draw(&t->program, seed);
    for (enum way way = 0; way < WAYS; way++) side_create(&t->side[way], way, &t->program, seed);
    run_stretches(t, seed, r, plant, &o);
    for (enum way way = 0; way < WAYS; way++) side_destroy(&t->side[way]);
    free(t);
    return o;
}

// --- A difference

// Cuts the stretch that shows the difference down to the fewest instructions that do.
static void shrink(uint64_t seed, int64_t plant) {
    struct replay r = {.stretch = NEVER, .thorough = true};
    struct outcome found = run_program(seed, &r, plant);
    if (!found.differs) {
        printf("  the difference does not show again\n");
        return;
    }
    uint64_t equal = 0, differs = found.length;
    r.stretch = found.stretch;
    while (differs - equal > 1) {
        r.length = equal + (differs - equal) / 2;
        if (run_program(seed, &r, plant).differs) {
            differs = r.length;
        } else {
            equal = r.length;
        }
    }
    r.length = differs;
    r.list = true;
    printf("  in stretch %" PRId64 ", which differs from %" PRIu64 " instructions on:\n",
           found.stretch, differs);
    (void)run_program(seed, &r, plant);
}

static uint64_t number(const char *text) { return strtoull(text, NULL, 0); }

int main(int count, char **words) {
    uint64_t insns = 10000000, seed = 1, programs = 0, compared = 0;
    int64_t plant = NEVER;
    for (int i = 1; i < count; i++) {
        if (strncmp(words[i], "--insns=", 8) == 0) {
            insns = number(words[i] + 8);
        } else if (strncmp(words[i], "--seed=", 7) == 0) {
            seed = number(words[i] + 7);
        } else if (strncmp(words[i], "--plant=", 8) == 0) {
            plant = (int64_t)number(words[i] + 8);
        } else {
            fprintf(stderr, "diff: unknown option %s\n", words[i]);
            return 2;
        }
    }
    const struct replay all = {.stretch = NEVER};
    for (; compared < insns; programs++, seed++) {
        struct outcome o = run_program(seed, &all, plant);
        compared += o.retired;
        if (!o.differs) continue;
        printf("seed %" PRIu64 ": %s and plain differ\n", seed, way_name[o.with]);
        shrink(seed, plant);
        printf("%" PRIu64 " passed, 1 failed\n", programs);
        return 1;
    }
    printf("%" PRIu64 " instructions of random programs, three ways, the same state\n", compared);
    printf("%" PRIu64 " passed, 0 failed\n", programs);
    return 0;
}
