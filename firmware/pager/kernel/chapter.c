// SPDX-License-Identifier: MIT
//
// The table of chapters and the checks, see chapter.h.
#include "kernel/chapter.h"

#include "kernel/audit.h"
#include "kernel/kernel.h"
#include "kernel/lab.h"

// X(name, swap slots it needs, title)
#define CHAPTERS(X)                                                                                \
    X(before, 0, "paging off: relocation, fragmentation, one program overwriting another")         \
    X(spaces, 0, "address spaces: the same addresses, different memory")                           \
    X(tables, 0, "page tables and TLB: the walk, what a TLB saves, superpages")                    \
    X(demand, 0, "demand loading: pages that are never loaded, minor and major faults")            \
    X(paging, 128, "a working set larger than RAM")                                                \
    X(thrash, 128, "thrashing, found by itself, drawn, and mended")                                \
    X(policies, 128, "replacement policies side by side, Belady's anomaly, the optimum")           \
    X(protect, 0, "protection: eleven ways to be ended")                                           \
    X(files, 0, "memory-mapped files, shared and private")                                         \
    X(usage, 128, "who uses what: ps, free, maps")                                                 \
    X(cow, 0, "copy-on-write: fork copies nothing until somebody writes")                          \
    X(stack, 0, "the stack grows by itself, up to its guard page")

#define X(name, slots, title) void chapter_##name(struct kernel *kernel);
CHAPTERS(X)
#undef X

static const struct chapter TABLE[] = {
#define X(name, slots, title) {#name, title, slots, chapter_##name},
    CHAPTERS(X)
#undef X
};

unsigned chapter_count(void) { return sizeof TABLE / sizeof *TABLE; }
const struct chapter *chapter_at(unsigned n) { return &TABLE[n]; }

const struct chapter *chapter_find(const char *name) {
    for (unsigned n = 0; n < chapter_count(); n++)
        if (!strcmp(TABLE[n].name, name)) return &TABLE[n];
    return NULL;
}

void chapter_run(struct kernel *kernel, const struct chapter *chapter) {
    unsigned checks = kernel->checks, failures = kernel->failures;
    struct lab lab;
    say(kernel, "\n== Chapter %ld, %s: %s\n\n", chapter - TABLE + 1, chapter->name, chapter->title);
    lab_begin(kernel, &lab);
    bool enough = kernel->swap.free >= chapter->slots;
    if (enough)
        chapter->run(kernel);
    else
        expect(kernel, "there is a swap disk of 1 MiB, which this chapter needs", false);
    bool interrupted = kernel->console.interrupted;
    kernel->console.interrupted = false;
    if (interrupted) expect(kernel, "the chapter was not interrupted", false);
    uint64_t wrong = audit(kernel);
    lab_end(kernel, &lab);
    expect_equal(kernel, "counts in the frame table and the swap map that do not balance",
                 wrong + audit(kernel), 0);
    say(kernel, "\nchapter %s: %u checks, %u failed\n", chapter->name, kernel->checks - checks,
        kernel->failures - failures);
}

void chapter_run_all(struct kernel *kernel) {
    unsigned checks = kernel->checks, failures = kernel->failures;
    for (unsigned n = 0; n < chapter_count(); n++) chapter_run(kernel, &TABLE[n]);
    say(kernel, "\n%u chapters: %u checks, %u failed\n", chapter_count(), kernel->checks - checks,
        kernel->failures - failures);
}

void expect(struct kernel *kernel, const char *what, bool holds) {
    if (kernel->console.interrupted)
        return; // Ctrl-C: nothing runs any more, nothing is as expected
    kernel->checks++;
    kernel->failures += !holds;
    say(kernel, "  [%s] %s\n", holds ? " ok " : "FAIL", what);
}

static void expect_relation(struct kernel *kernel, const char *what, uint64_t got,
                            const char *relation, uint64_t wanted, bool holds) {
    if (kernel->console.interrupted) return;
    kernel->checks++;
    kernel->failures += !holds;
    say(kernel, "  [%s] %s: %lu (expected: %s%lu)\n", holds ? " ok " : "FAIL", what, got, relation,
        wanted);
}

void expect_equal(struct kernel *kernel, const char *what, uint64_t got, uint64_t wanted) {
    expect_relation(kernel, what, got, "", wanted, got == wanted);
}

void expect_at_most(struct kernel *kernel, const char *what, uint64_t got, uint64_t limit) {
    expect_relation(kernel, what, got, "at most ", limit, got <= limit);
}

void expect_at_least(struct kernel *kernel, const char *what, uint64_t got, uint64_t limit) {
    expect_relation(kernel, what, got, "at least ", limit, got >= limit);
}
