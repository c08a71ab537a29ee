// SPDX-License-Identifier: MIT
//
// The table of chapters and the checks, see chapter.h.
#include "kernel/chapter.h"

#include "kernel/audit.h"
#include "kernel/kernel.h"
#include "kernel/lab.h"

#define CHAPTERS(X)                                                                                \
    X(before, "paging off: relocation, fragmentation, one program overwriting another")            \
    X(spaces, "address spaces: the same addresses, different memory")                              \
    X(tables, "page tables and TLB: the walk, what a TLB saves, superpages")                       \
    X(demand, "demand loading: pages that are never loaded, minor and major faults")               \
    X(paging, "a working set larger than RAM")                                                     \
    X(thrash, "thrashing, found by itself, drawn, and mended")                                     \
    X(policies, "replacement policies side by side, Belady's anomaly, the optimum")                \
    X(protect, "protection: six ways to be ended")                                                 \
    X(files, "memory-mapped files, shared and private")                                            \
    X(usage, "who uses what: ps, free, maps")                                                      \
    X(cow, "copy-on-write: fork copies nothing until somebody writes")                             \
    X(stack, "the stack grows by itself, up to its guard page")

#define X(name, title) void chapter_##name(struct kernel *kernel);
CHAPTERS(X)
#undef X

static const struct chapter TABLE[] = {
#define X(name, title) {#name, title, chapter_##name},
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
    chapter->run(kernel);
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
