// SPDX-License-Identifier: MIT
// Runs the tests of tests.def and ends the machine: with success, or as a failed system. A command
// line of end=poweroff, end=failure, end=reboot or end=legacy ends it at once in that way.
#include "testsuite/sbi/harness.h"
#include "firmware/lib/dt.h"
#include "firmware/lib/memory.h"
#include "firmware/lib/text.h"
#include "testsuite/sbi/offsets.h"
#include <stdarg.h>

enum { IMPLEMENTATION_OPENSBI = 1, STACK_SIZE = 4096, STOP = 1, GET_STATUS = 2 };
enum { SHUTDOWN = 0, COLD_REBOOT = 1, NO_REASON = 0, SYSTEM_FAILURE = 1, LEGACY_SHUTDOWN = 8 };

_Static_assert(offsetof(struct test_hart, recover_sp) == HART_RECOVER_SP, "start.S");
_Static_assert(offsetof(struct job, stack_top) == JOB_STACK, "start.S");
_Static_assert(offsetof(struct job, a0) == JOB_A0, "start.S");
_Static_assert(offsetof(struct job, satp) == JOB_SATP, "start.S");
_Static_assert(offsetof(struct job, sstatus) == JOB_SSTATUS, "start.S");

// Called by start.S.
void test_trap_entry(void);
void guarded_recover(void);
void on_trap(void);
_Noreturn void job_main(struct job *job);
_Noreturn void test_main(uint64_t hart, const void *device_tree);

// ---- Text and verdicts ----

static void put(void *unused, char c) {
    (void)unused;
    sbi_call(EXT_LEGACY_PUTCHAR, 0, (uint8_t)c, 0, 0);
}

void say(const char *format, ...) {
    va_list args;
    va_start(args, format);
    text_vformat(put, NULL, format, args);
    va_end(args);
}

void expect(struct test *t, bool holds, const char *what, int line) {
    if (holds) return;
    t->failures++;
    say("  %s, line %d: does not hold: %s\n", t->name, line, what);
}

void expect_error(struct test *t, struct sbiret got, int64_t wanted, const char *what, int line) {
    if (got.error == wanted) return;
    t->failures++;
    say("  %s, line %d: error %ld instead of %ld from %s\n", t->name, line, got.error, wanted,
        what);
}

// ---- Traps ----

void on_trap(void) {
    struct test_hart *hart = (struct test_hart *)csr_read(sscratch);
    uint64_t cause = csr_read(scause);
    if (cause & CAUSE_IS_IRQ) {
        atomic_fetch_add(&hart->interrupts[cause & 15], 1);
        csr_clear(sie, bit(cause & 63));
        return;
    }
    if (hart->recover_sp == 0) {
        say("unexpected exception: scause %lu stval %lx sepc %lx\n", cause, csr_read(stval),
            csr_read(sepc));
        sbi_call(EXT_SRST, 0, SHUTDOWN, SYSTEM_FAILURE, 0);
    }
    hart->cause = cause;
    hart->tval = csr_read(stval);
    hart->epc = csr_read(sepc);
    csr_write(sepc, guarded_recover);
    csr_set(sstatus, MSTATUS_SPP);
}

bool trapped_with(struct test *t, void (*f)(void *), void *argument, uint64_t cause) {
    return guarded_call(f, argument) && t->hart.cause == cause;
}

static void take_traps(struct test_hart *hart) {
    csr_write(sscratch, hart);
    csr_write(stvec, test_trap_entry);
}

// ---- Other harts ----

uint64_t other_hart(const struct test *t, unsigned which) {
    unsigned seen = 0;
    for (unsigned i = 0; i < t->hart_count; i++)
        if (t->harts[i] != t->boot_hart && seen++ == which) return t->harts[i];
    return t->boot_hart;
}

bool wait_until(struct test *t, _Atomic unsigned *word, unsigned value) {
    uint64_t end = csr_read(time) + t->ticks_per_second;
    while (atomic_load(word) < value) {
        if (csr_read(time) > end) {
            expect(t, false, "the other hart answers within a second", __LINE__);
            return false;
        }
        pause_hint();
    }
    return true;
}

bool wait_for_state(struct test *t, uint64_t hart, uint64_t state) {
    uint64_t end = csr_read(time) + t->ticks_per_second;
    struct sbiret status;
    do status = sbi_call(EXT_HSM, GET_STATUS, hart, 0, 0);
    while (status.value != state && csr_read(time) < end);
    expect(t, status.error == SBI_SUCCESS && status.value == state,
           "the hart reaches the state within a second", __LINE__);
    return status.value == state;
}

struct job *job_start(struct test *t, unsigned which, void (*work)(struct job *),
                      uint64_t argument) {
    static uint8_t stacks[MAX_JOBS][STACK_SIZE] __attribute__((aligned(16)));
    struct job *job = &t->jobs[which];
    *job = (struct job){.stack_top = (uint64_t)stacks[which] + STACK_SIZE,
                        .work = work,
                        .test = t,
                        .argument = argument};
    fence_all();
    uint64_t hart = other_hart(t, which);
    EXPECT_ERROR(sbi_call(EXT_HSM, 0, hart, (uint64_t)job_entry, (uint64_t)job), SBI_SUCCESS);
    return wait_until(t, &job->entered, 1) ? job : NULL;
}

void job_finish(struct job *job) {
    struct test *t = job->test;
    wait_for_state(t, other_hart(t, (unsigned)(job - t->jobs)), STATE_STOPPED);
}

_Noreturn void job_main(struct job *job) {
    take_traps(&job->hart);
    atomic_store(&job->entered, 1);
    job->work(job);
    csr_clear(sstatus, SSTATUS_SIE);
    translation_off();
    sbi_call(EXT_HSM, STOP, 0, 0, 0);
    say("a hart did not stop\n");
    for (;;) wait_for_interrupt();
}

// ---- What the device tree says ----

static void note_node(void *context, const struct dt_node *node) {
    struct test *t = context;
    uint64_t base, size;
    bool has_reg = dt_reg(node, 0, &base, &size);
    const struct dt_property *type = &node->property[DT_DEVICE_TYPE];
    const struct dt_property *line = &node->property[DT_BOOTARGS];
    t->ticks_per_second = dt_word_or(&node->property[DT_TIMEBASE], (uint32_t)t->ticks_per_second);
    if (has_reg && dt_has_string(type, "memory")) t->ram_end = base + size;
    if (has_reg && dt_has_string(type, "cpu") && t->hart_count <= MAX_JOBS)
        t->harts[t->hart_count++] = base;
    // OpenSBI reserves two regions, one behind the other.
    if (has_reg && text_starts(node->name, "mmode_resv")) {
        if (t->reserved_end == 0 || base < t->reserved_base) t->reserved_base = base;
        if (base + size > t->reserved_end) t->reserved_end = base + size;
    }
    if (line->size > 0 && line->size <= sizeof t->command_line && line->data[line->size - 1] == 0)
        memcpy(t->command_line, line->data, line->size);
}

// ---- The table ----

// OpenSBI passes a test, or is known to fail it, or to lose a hart over it.
enum opensbi { SAME, DIFFERS, HANGS };

struct row {
    const char *name, *rule;
    void (*test)(struct test *t);
    uint64_t extension;
    unsigned harts;
    enum opensbi opensbi;
};

static const struct row rows[] = {
#define SBI_TEST(name, extension, harts, opensbi, rule)                                            \
    {#name, rule, test_##name, extension, harts, opensbi},
#include "testsuite/sbi/tests.def"
#undef SBI_TEST
};

struct counts {
    unsigned passed, failed, skipped, differ;
};

static void run(struct test *t, const struct row *row, bool on_opensbi, struct counts *counts) {
    if (t->hart_count < row->harts) {
        say("skipped %s: wants %u harts\n", row->name, row->harts);
        counts->skipped++;
    } else if (row->extension && sbi_call(EXT_BASE, 3, row->extension, 0, 0).value == 0) {
        // Whether it must be there is what the test probe_offered looks at.
        say("skipped %s: no extension %lx\n", row->name, row->extension);
        counts->skipped++;
    } else if (on_opensbi && row->opensbi == HANGS) {
        say("skipped %s: OpenSBI does not survive it\n", row->name);
        counts->skipped++;
    } else {
        unsigned before = t->failures;
        t->name = row->name;
        row->test(t);
        bool passed = t->failures == before, excused = on_opensbi && row->opensbi == DIFFERS;
        say("%s %s: %s\n", passed ? "ok  " : excused ? "note" : "FAIL", row->name, row->rule);
        passed ? counts->passed++ : excused ? counts->differ++ : counts->failed++;
    }
}

static void end_as_told(const struct test *t) {
    const char *line = t->command_line;
    if (!text_starts(line, "end=")) return;
    say("sbi test: ending by %s\n", line);
    if (text_equal(line, "end=poweroff")) sbi_call(EXT_SRST, 0, SHUTDOWN, NO_REASON, 0);
    if (text_equal(line, "end=failure")) sbi_call(EXT_SRST, 0, SHUTDOWN, SYSTEM_FAILURE, 0);
    if (text_equal(line, "end=reboot")) sbi_call(EXT_SRST, 0, COLD_REBOOT, NO_REASON, 0);
    if (text_equal(line, "end=legacy")) sbi_call(LEGACY_SHUTDOWN, 0, 0, 0, 0);
    say("sbi test: FAIL, the machine did not end\n");
    for (;;) wait_for_interrupt();
}

_Noreturn void test_main(uint64_t hart, const void *device_tree) {
    static struct test test;
    struct test *t = &test;
    struct counts counts = {0};
    struct dt dt;
    t->boot_hart = hart;
    take_traps(&t->hart);
    if (!dt_open(&dt, device_tree) || !dt_walk(&dt, note_node, t))
        say("sbi test: FAIL, the device tree is broken\n");
    end_as_told(t);
    bool on_opensbi = sbi_call(EXT_BASE, 1, 0, 0, 0).value == IMPLEMENTATION_OPENSBI;
    say("sbi test: %u harts, %s\n", t->hart_count, on_opensbi ? "OpenSBI" : "not OpenSBI");
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++)
        run(t, &rows[i], on_opensbi, &counts);
    if (counts.differ) say("OpenSBI is known to differ in %u\n", counts.differ);
    say("%u passed, %u failed, %u skipped\n", counts.passed, counts.failed, counts.skipped);
    sbi_call(EXT_SRST, 0, SHUTDOWN, counts.failed ? SYSTEM_FAILURE : NO_REASON, 0);
    for (;;) wait_for_interrupt();
}
