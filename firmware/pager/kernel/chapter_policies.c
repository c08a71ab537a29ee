// SPDX-License-Identifier: MIT
//
// Chapter 7, replacement policies. A program touches pages in a given order, the kernel replaces
// them with each of its policies, and the faults that really happen are compared with those that
// the same policy makes on paper (simulate.c), with theory, and with the optimum.
#include "kernel/area.h"
#include "kernel/chapter.h"
#include "kernel/kernel.h"
#include "kernel/lab.h"
#include "kernel/simulate.h"

#define STRING_MOST 240

struct string {
    const char *name;
    uint32_t count, pages;
    uint32_t few, many; // frames to try
    uint8_t page[STRING_MOST];
};

// Runs the string in RAM of so many frames with the kernel's present policy; the faults.
static uint64_t run_string(struct kernel *kernel, const struct string *string, uint32_t frames) {
    struct process *process = lab_start(kernel, "refs");
    if (!process) return 0;
    uint64_t count = string->count, place = process->stop_value;
    bool good = user_write(kernel, process, place, &count, sizeof count) &&
                user_write(kernel, process, place + sizeof count, string->page, string->count);
    lab_pin(kernel, process);
    lab_limit(kernel, frames);
    kernel->scheduler.sample_every = SAMPLE_EACH_STEP; // aging sees each reference: it is LRU then
    struct counts before = process->counts;
    lab_go(kernel, process);
    uint64_t faults = process->counts.minor + process->counts.major - before.minor - before.major;
    if (!good || process->state != PROCESS_STOPPED) faults = 0;
    lab_clear(kernel);
    return faults;
}

static void make_loop(struct string *string, uint32_t pages, uint32_t rounds) {
    string->count = pages * rounds;
    for (uint32_t n = 0; n < string->count; n++) string->page[n] = (uint8_t)(n % pages);
}

// Four references in five go to a quarter of the pages, and that quarter moves on now and then.
static void make_local(struct string *string, uint32_t pages, uint32_t count, uint64_t seed) {
    string->count = count;
    for (uint32_t n = 0; n < count; n++) {
        uint32_t base = n / 60 * (pages / 4), r = (uint32_t)(random_next(&seed) >> 33);
        string->page[n] = (uint8_t)(r % 5 ? (base + r / 5 % (pages / 4)) % pages : r / 5 % pages);
    }
}

static void make_random(struct string *string, uint32_t pages, uint32_t count, uint64_t seed) {
    string->count = count;
    for (uint32_t n = 0; n < count; n++)
        string->page[n] = (uint8_t)((random_next(&seed) >> 33) % pages);
}

static void check_row(struct kernel *kernel, const struct string *string, uint32_t frames) {
    static simulate_fn *const paper[POLICY_COUNT] = {simulate_fifo, simulate_clock, simulate_lru,
                                                     NULL};
    uint32_t best = simulate_optimal(string->page, string->count, frames);
    bool as_paper = true, above = true;
    say(kernel, "  %-22s %5u %6u %6u", string->name, string->count, string->pages, frames);
    for (unsigned n = 0; n < POLICY_COUNT; n++) {
        kernel->policy = &POLICIES[n];
        uint64_t faults = run_string(kernel, string, frames);
        say(kernel, " %7lu", faults);
        above &= faults >= best && faults <= string->count;
        if (paper[n]) as_paper &= faults == paper[n](string->page, string->count, frames);
    }
    say(kernel, " %8u\n", best);
    expect(kernel, "FIFO, clock and aging fault as often as on paper (aging: as LRU)", as_paper);
    expect(kernel, "no policy is better than the optimum", above);
}

static void heading(struct kernel *kernel) {
    say(kernel, "  references              count  pages frames    fifo   clock   aging  random"
                "  optimum\n");
}

static void belady(struct kernel *kernel, const struct string *string) {
    static const struct {
        const char *what;
        const char *policy;
        uint32_t frames, faults;
    } known[] = {
        {"FIFO with 3 frames", "fifo", 3, 9},
        {"FIFO with 4 frames: more, not fewer", "fifo", 4, 10},
        {"LRU with 3 frames", "aging", 3, 10},
        {"LRU with 4 frames", "aging", 4, 8},
    };
    say(kernel, "\nBelady's anomaly, on 1 2 3 4 1 2 5 1 2 3 4 5:\n");
    for (size_t n = 0; n < sizeof known / sizeof *known; n++) {
        kernel->policy = policy_find(known[n].policy);
        expect_equal(kernel, known[n].what, run_string(kernel, string, known[n].frames),
                     known[n].faults);
    }
    expect_equal(kernel, "the optimum with 3", simulate_optimal(string->page, 12, 3), 7);
    expect_equal(kernel, "the optimum with 4", simulate_optimal(string->page, 12, 4), 6);
}

// With LRU the pages in n frames are always among those in n + 1, so more RAM can never hurt.
static void no_anomaly(struct kernel *kernel, const struct string *strings, size_t count) {
    bool lru = true, optimal = true;
    for (size_t n = 0; n < count; n++)
        for (uint32_t frames = 1; frames < SIMULATED_FRAMES; frames++) {
            const uint8_t *page = strings[n].page;
            uint32_t length = strings[n].count;
            lru &= simulate_lru(page, length, frames + 1) <= simulate_lru(page, length, frames);
            optimal &= simulate_optimal(page, length, frames) <= simulate_lru(page, length, frames);
        }
    expect(kernel, "LRU never faults more with one frame more (1..32 frames, all strings)", lru);
    expect(kernel, "the optimum is never above LRU (the same)", optimal);
}

void chapter_policies(struct kernel *kernel) {
    struct string strings[] = {
        {"Belady's", 12, 5, 3, 4, {1, 2, 3, 4, 1, 2, 5, 1, 2, 3, 4, 5}},
        {"loop", 0, 9, 8, 9, {0}},
        {"local", 0, 16, 5, 8, {0}},
        {"random", 0, 16, 5, 8, {0}},
    };
    const size_t count = sizeof strings / sizeof *strings;
    make_loop(&strings[1], 9, 10);
    make_local(&strings[2], 16, STRING_MOST, 3);
    make_random(&strings[3], 16, STRING_MOST, 5);
    say(kernel, "Page faults, counted while a program makes these references:\n\n");
    heading(kernel);
    for (size_t n = 0; n < count; n++) {
        check_row(kernel, &strings[n], strings[n].few);
        check_row(kernel, &strings[n], strings[n].many);
    }
    belady(kernel, &strings[0]);
    say(kernel, "\nA loop over 9 pages with 8 frames is the worst there is for LRU and FIFO:\n");
    kernel->policy = policy_find("aging");
    expect_equal(kernel, "LRU faults at each of the 90 references",
                 run_string(kernel, &strings[1], 8), 90);
    expect_equal(kernel, "with 9 frames once for each page", run_string(kernel, &strings[1], 9), 9);
    no_anomaly(kernel, strings, count);
}
