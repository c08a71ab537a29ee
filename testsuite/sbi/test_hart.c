// SPDX-License-Identifier: MIT
// HSM and SRST.
#include "testsuite/sbi/harness.h"

enum { START = 0, STOP = 1, GET_STATUS = 2, SUSPEND = 3 };
enum { NO_SUCH_HART = 60, ROUNDS = 20 };
#define RETENTIVE     UINT64_C(0)
#define NON_RETENTIVE UINT64_C(0x80000000)
#define FIRMWARE      UINT64_C(0x80000000)

static struct sbiret hsm(uint64_t function, uint64_t a, uint64_t b, uint64_t c) {
    return sbi_call(EXT_HSM, function, a, b, c);
}

void test_hart_status(struct test *t) {
    struct sbiret own = hsm(GET_STATUS, t->boot_hart, 0, 0);
    EXPECT_ERROR(own, SBI_SUCCESS);
    EXPECT(own.value == STATE_STARTED);
    EXPECT_ERROR(hsm(GET_STATUS, NO_SUCH_HART, 0, 0), SBI_ERR_INVALID_PARAM);
    EXPECT_ERROR(hsm(GET_STATUS, ~UINT64_C(0), 0, 0), SBI_ERR_INVALID_PARAM);
    for (unsigned i = 0; i + 1 < t->hart_count; i++) {
        struct sbiret other = hsm(GET_STATUS, other_hart(t, i), 0, 0);
        EXPECT_ERROR(other, SBI_SUCCESS);
        EXPECT(other.value == STATE_STOPPED);
    }
}

void test_hart_start_errors(struct test *t) {
    uint64_t entry = (uint64_t)job_entry;
    EXPECT_ERROR(hsm(START, NO_SUCH_HART, entry, 0), SBI_ERR_INVALID_PARAM);
    EXPECT_ERROR(hsm(START, ~UINT64_C(0), entry, 0), SBI_ERR_INVALID_PARAM);
    EXPECT_ERROR(hsm(START, t->boot_hart, entry, 0), SBI_ERR_ALREADY_AVAILABLE);
    if (t->hart_count < 2) return;
    EXPECT_ERROR(hsm(START, other_hart(t, 0), FIRMWARE, 0), SBI_ERR_INVALID_ADDRESS);
    EXPECT(hsm(GET_STATUS, other_hart(t, 0), 0, 0).value == STATE_STOPPED);
}

void test_hart_start_odd(struct test *t) {
    uint64_t hart = other_hart(t, 0);
    uint64_t nowhere[] = {(uint64_t)job_entry + 1, t->ram_end, ~UINT64_C(0) - 1, 0};
    for (unsigned i = 0; i < 4; i++) {
        struct sbiret start = hsm(START, hart, nowhere[i], 0);
        EXPECT_ERROR(start, SBI_ERR_INVALID_ADDRESS);
        if (start.error == SBI_SUCCESS) return; // the hart is lost
    }
}

static void nothing(struct job *job) { (void)job; }

static void wait_for_step(struct job *job) { wait_until(job->test, &job->step, 1); }

void test_hart_start_state(struct test *t) {
    uint64_t hart = other_hart(t, 0);
    struct job *job = job_start(t, 0, wait_for_step, 0);
    if (job == NULL) return;
    EXPECT_ERROR(hsm(START, hart, (uint64_t)job_entry, (uint64_t)job), SBI_ERR_ALREADY_AVAILABLE);
    atomic_store(&job->step, 1); // that the hart sees it shows that a1 was the job
    job_finish(job);
    EXPECT(job->a0 == hart);
    EXPECT(job->satp == 0);
    EXPECT((job->sstatus & SSTATUS_SIE) == 0);
}

void test_hart_stop_start(struct test *t) {
    for (unsigned n = 0; n < ROUNDS; n++) {
        struct job *job = job_start(t, n % (t->hart_count - 1), nothing, 0);
        if (job == NULL) return;
        job_finish(job);
        EXPECT(job->a0 == other_hart(t, n % (t->hart_count - 1)));
    }
}

// ---- Suspend ----

void test_suspend_errors(struct test *t) {
    static const uint64_t reserved[] = {1,          0x0fffffff, 0x10000000, 0x7fffffff,
                                        0x80000001, 0x8fffffff, 0x90000000, 0xffffffff};
    for (unsigned i = 0; i < sizeof reserved / sizeof reserved[0]; i++)
        EXPECT_ERROR(hsm(SUSPEND, reserved[i], (uint64_t)job_entry, 0), SBI_ERR_INVALID_PARAM);
}

// The timer is due in 2 ms; sstatus.SIE is off, so the interrupt is never taken.
void test_suspend_retentive(struct test *t) {
    uint64_t when = csr_read(time) + t->ticks_per_second / 500;
    csr_clear(sstatus, SSTATUS_SIE);
    csr_write(sie, bit(IRQ_S_TIMER));
    sbi_call(EXT_TIME, 0, when, 0, 0);
    EXPECT_ERROR(hsm(SUSPEND, RETENTIVE, 0, 0), SBI_SUCCESS);
    EXPECT(csr_read(time) >= when);
    EXPECT(csr_read(sip) & bit(IRQ_S_TIMER));
    EXPECT(csr_read(sie) == bit(IRQ_S_TIMER));
    EXPECT(hsm(GET_STATUS, t->boot_hart, 0, 0).value == STATE_STARTED);
    csr_write(sie, 0);
    sbi_call(EXT_TIME, 0, ~UINT64_C(0), 0, 0);
}

void test_suspend_bad_resume(struct test *t) {
    EXPECT_ERROR(hsm(SUSPEND, NON_RETENTIVE, FIRMWARE, 0), SBI_ERR_INVALID_ADDRESS);
    EXPECT_ERROR(hsm(SUSPEND, NON_RETENTIVE, t->ram_end, 0), SBI_ERR_INVALID_ADDRESS);
}

// The first time it suspends and does not return; the hart comes back as a new job.
static void suspend_for_good(struct job *job) {
    if (atomic_fetch_add(&job->step, 1) != 0) return;
    csr_write(sie, bit(IRQ_S_SOFT));
    translation_on(0);
    struct sbiret result = hsm(SUSPEND, NON_RETENTIVE, (uint64_t)job_entry, (uint64_t)job);
    struct test *t = job->test;
    EXPECT_ERROR(result, SBI_SUCCESS);
    EXPECT(!"a non-retentive suspend does not return");
}

void test_suspend_non_retentive(struct test *t) {
    uint64_t hart = other_hart(t, 0);
    struct job *job = job_start(t, 0, suspend_for_good, 0);
    if (job == NULL) return;
    if (wait_for_state(t, hart, STATE_SUSPENDED)) {
        job->a0 = job->satp = job->sstatus = ~UINT64_C(0);
        EXPECT_ERROR(sbi_call(EXT_IPI, 0, bit(hart), 0, 0), SBI_SUCCESS);
    }
    job_finish(job);
    EXPECT(atomic_load(&job->step) == 2);
    EXPECT(job->a0 == hart && job->satp == 0 && (job->sstatus & SSTATUS_SIE) == 0);
}

static void suspend_once(struct job *job) {
    csr_write(sie, bit(IRQ_S_SOFT));
    atomic_store(&job->seen, (uint64_t)hsm(SUSPEND, RETENTIVE, 0, 0).error);
    atomic_store(&job->step, (csr_read(sip) & bit(IRQ_S_SOFT)) ? 1 : 2);
}

void test_suspend_seen(struct test *t) {
    uint64_t hart = other_hart(t, 0);
    struct job *job = &t->jobs[0];
    job = job_start(t, 0, suspend_once, 0);
    if (job == NULL || !wait_for_state(t, hart, STATE_SUSPENDED)) return;
    // A fence reaches it and does not end its sleep.
    EXPECT_ERROR(sbi_call(EXT_RFENCE, 0, bit(hart), 0, 0), SBI_SUCCESS);
    EXPECT(hsm(GET_STATUS, hart, 0, 0).value == STATE_SUSPENDED);
    EXPECT_ERROR(sbi_call(EXT_IPI, 0, bit(hart), 0, 0), SBI_SUCCESS);
    job_finish(job);
    EXPECT(atomic_load(&job->seen) == SBI_SUCCESS);
    EXPECT(atomic_load(&job->step) == 1);
}

// ---- Reset: what ends the machine is tried by end=... on the command line. ----

void test_reset_errors(struct test *t) {
    static const uint64_t types[] = {3, 0x80000000, 0xefffffff, 0xf0000000, 0xffffffff};
    static const uint64_t reasons[] = {2, 0xdfffffff, 0xe0000000, 0xf0000000, 0xffffffff};
    for (unsigned i = 0; i < 5; i++) {
        EXPECT_ERROR(sbi_call(EXT_SRST, 0, types[i], 0, 0), SBI_ERR_INVALID_PARAM);
        EXPECT_ERROR(sbi_call(EXT_SRST, 0, 0, reasons[i], 0), SBI_ERR_INVALID_PARAM);
    }
}
