// SPDX-License-Identifier: MIT
// A kernel that tests the firmware below it. Runs on any SBI implementation: on Tablewalk's own all
// tests must pass; on OpenSBI, those that tests.def does not excuse, which shows that it is the
// tests that are right. harness.c runs the table; the other files hold the tests.
#ifndef TABLEWALK_TESTSUITE_SBI_HARNESS_H
#define TABLEWALK_TESTSUITE_SBI_HARNESS_H

#include "firmware/lib/riscv.h"
#include "firmware/lib/sbi_call.h"
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MAX_JOBS = 3, PAGE_SIZE = 4096, STATE_STARTED = 0, STATE_STOPPED = 1, STATE_SUSPENDED = 4 };

// What the trap handler knows of a hart; sscratch points at it.
struct test_hart {
    uint64_t recover_sp;             // not 0: in guarded_call()
    uint64_t cause, tval, epc;       // of the exception that ended it
    _Atomic unsigned interrupts[16]; // taken, by cause; each masks itself in sie
};

// Work for another hart: it runs work(), then stops itself.
struct job {
    uint64_t stack_top;
    uint64_t a0, satp, sstatus; // as the hart was entered
    void (*work)(struct job *job);
    struct test_hart hart;
    struct test *test;
    _Atomic unsigned entered; // work() has begun
    _Atomic unsigned step;    // of the conversation between work() and the test
    _Atomic uint64_t seen;    // what work() has to tell
    uint64_t argument;
};

struct test {
    struct test_hart hart; // of the boot hart
    uint64_t boot_hart;
    uint64_t harts[MAX_JOBS + 1]; // numbers of all harts
    unsigned hart_count;
    uint64_t ticks_per_second;
    uint64_t ram_end;
    uint64_t reserved_base, reserved_end; // the firmware's memory, as the device tree has it
    char command_line[64];
    struct job jobs[MAX_JOBS];
    const char *name; // of the test that runs
    unsigned failures;
};

// One line of a test: the condition must hold. The test goes on either way.
#define EXPECT(condition) expect(t, (condition), #condition, __LINE__)
void expect(struct test *t, bool holds, const char *what, int line);
// The call must return this error.
#define EXPECT_ERROR(call, wanted) expect_error(t, (call), (wanted), #call, __LINE__)
void expect_error(struct test *t, struct sbiret got, int64_t wanted, const char *what, int line);

void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

// true when f ended in an exception; t->hart tells which.
bool guarded_call(void (*f)(void *), void *argument);
bool trapped_with(struct test *t, void (*f)(void *), void *argument, uint64_t cause);

// Another hart's number; which = 0 is the first of them.
uint64_t other_hart(const struct test *t, unsigned which);
// Starts work() on it. NULL, and a failure noted: it does not start.
struct job *job_start(struct test *t, unsigned which, void (*work)(struct job *),
                      uint64_t argument);
// Waits until the job's hart has stopped.
void job_finish(struct job *job);
void job_entry(void); // start.S
// Waits until *word >= value. false, and a failure noted: not within a second.
bool wait_until(struct test *t, _Atomic unsigned *word, unsigned value);
bool wait_for_state(struct test *t, uint64_t hart, uint64_t state);

// Page tables for all harts: RAM as it is, and one page at MAPPED that can be pointed at either of
// two frames, which hold the numbers 0 and 1.
#define MAPPED   UINT64_C(0x40000000)
#define UNMAPPED UINT64_C(0x40001000)
void map_frame(unsigned which);
void translation_on(uint64_t asid);
void translation_off(void);

static inline uint64_t bit(uint64_t n) { return UINT64_C(1) << n; }

#define SBI_TEST(name, extension, harts, opensbi, rule) void test_##name(struct test *t);
#include "testsuite/sbi/tests.def"
#undef SBI_TEST

#endif
