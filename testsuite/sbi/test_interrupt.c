// SPDX-License-Identifier: MIT
// TIME and IPI, with their predecessors of SBI 0.1.
#include "testsuite/sbi/harness.h"

void ecall_legacy_ipi(void *mask); // start.S
extern char legacy_ipi_ecall[];

enum { LEGACY_SET_TIMER = 0, LEGACY_CLEAR_IPI = 3, LEGACY_SEND_IPI = 4, NO_SUCH_HART = 60 };

static bool pending(unsigned irq) { return (csr_read(sip) & bit(irq)) != 0; }

static struct sbiret set_timer(uint64_t when) { return sbi_call(EXT_TIME, 0, when, 0, 0); }

// Waits a millisecond at most.
static bool becomes_pending(struct test *t, unsigned irq) {
    uint64_t end = csr_read(time) + t->ticks_per_second / 1000;
    while (!pending(irq) && csr_read(time) < end) {
    }
    return pending(irq);
}

void test_timer_pending(struct test *t) {
    csr_write(sie, 0);
    EXPECT_ERROR(set_timer(0), SBI_SUCCESS);
    EXPECT(becomes_pending(t, IRQ_S_TIMER));
    EXPECT_ERROR(set_timer(csr_read(time) + 100 * t->ticks_per_second), SBI_SUCCESS);
    EXPECT(!pending(IRQ_S_TIMER));
    EXPECT_ERROR(set_timer(0), SBI_SUCCESS);
    EXPECT(becomes_pending(t, IRQ_S_TIMER));
    EXPECT_ERROR(set_timer(~UINT64_C(0)), SBI_SUCCESS);
    EXPECT(!pending(IRQ_S_TIMER));
}

void test_timer_interrupt(struct test *t) {
    uint64_t when = csr_read(time) + t->ticks_per_second / 500;
    unsigned before = atomic_load(&t->hart.interrupts[IRQ_S_TIMER]);
    EXPECT_ERROR(set_timer(when), SBI_SUCCESS);
    csr_set(sie, bit(IRQ_S_TIMER));
    csr_set(sstatus, SSTATUS_SIE);
    EXPECT(wait_until(t, &t->hart.interrupts[IRQ_S_TIMER], before + 1));
    csr_clear(sstatus, SSTATUS_SIE);
    EXPECT(csr_read(time) >= when);
    EXPECT(atomic_load(&t->hart.interrupts[IRQ_S_TIMER]) == before + 1);
    set_timer(~UINT64_C(0));
}

void test_legacy_timer(struct test *t) {
    csr_write(sie, 0);
    EXPECT_ERROR(sbi_call(LEGACY_SET_TIMER, 0, 0, 0, 0), 0);
    EXPECT(becomes_pending(t, IRQ_S_TIMER));
    EXPECT_ERROR(sbi_call(LEGACY_SET_TIMER, 0, ~UINT64_C(0), 0, 0), 0);
    EXPECT(!pending(IRQ_S_TIMER));
}

// ---- IPI ----

static struct sbiret send_ipi(uint64_t mask, uint64_t base) {
    return sbi_call(EXT_IPI, 0, mask, base, 0);
}

static void clear_soft(void) { csr_clear(sip, bit(IRQ_S_SOFT)); }

void test_ipi_self(struct test *t) {
    csr_write(sie, 0);
    clear_soft();
    EXPECT_ERROR(send_ipi(bit(t->boot_hart), 0), SBI_SUCCESS);
    EXPECT(becomes_pending(t, IRQ_S_SOFT));
    clear_soft();
    EXPECT_ERROR(send_ipi(1, t->boot_hart), SBI_SUCCESS);
    EXPECT(becomes_pending(t, IRQ_S_SOFT));
    clear_soft();
    EXPECT_ERROR(send_ipi(0, 0), SBI_SUCCESS);
    EXPECT(!becomes_pending(t, IRQ_S_SOFT));
    EXPECT_ERROR(send_ipi(0, ~UINT64_C(0)), SBI_SUCCESS);
    EXPECT(becomes_pending(t, IRQ_S_SOFT));
    clear_soft();
}

void test_ipi_bad_mask(struct test *t) {
    EXPECT_ERROR(send_ipi(bit(NO_SUCH_HART), 0), SBI_ERR_INVALID_PARAM);
    EXPECT_ERROR(send_ipi(1, NO_SUCH_HART), SBI_ERR_INVALID_PARAM);
    EXPECT_ERROR(send_ipi(bit(NO_SUCH_HART) | 1, 0), SBI_ERR_INVALID_PARAM);
    EXPECT_ERROR(send_ipi(bit(63), t->boot_hart + 1), SBI_ERR_INVALID_PARAM);
    EXPECT_ERROR(send_ipi(1, bit(63)), SBI_ERR_INVALID_PARAM);
    clear_soft();
}

// Takes `argument` software interrupts, one after the other.
static void take_soft_interrupts(struct job *job) {
    csr_set(sstatus, SSTATUS_SIE);
    for (unsigned n = 1; n <= job->argument; n++) {
        csr_set(sie, bit(IRQ_S_SOFT));
        atomic_store(&job->step, n); // ready for number n
        wait_until(job->test, &job->hart.interrupts[IRQ_S_SOFT], n);
        clear_soft();
    }
}

void test_ipi_others(struct test *t) {
    csr_write(sie, 0);
    uint64_t hart = other_hart(t, 0);
    struct job *job = job_start(t, 0, take_soft_interrupts, 3);
    if (job == NULL) return;
    wait_until(t, &job->step, 1);
    EXPECT_ERROR(send_ipi(bit(hart), 0), SBI_SUCCESS);
    wait_until(t, &job->step, 2);
    EXPECT_ERROR(send_ipi(1, hart), SBI_SUCCESS);
    wait_until(t, &job->step, 3);
    EXPECT(!pending(IRQ_S_SOFT)); // only the harts of the mask
    EXPECT_ERROR(send_ipi(0, ~UINT64_C(0)), SBI_SUCCESS);
    EXPECT(becomes_pending(t, IRQ_S_SOFT));
    clear_soft();
    job_finish(job);
    EXPECT(atomic_load(&job->hart.interrupts[IRQ_S_SOFT]) == 3);
}

static void look_for_soft(struct job *job) { atomic_store(&job->seen, pending(IRQ_S_SOFT)); }

void test_ipi_stopped(struct test *t) {
    EXPECT_ERROR(send_ipi(bit(other_hart(t, 0)), 0), SBI_SUCCESS);
    struct job *job = job_start(t, 0, look_for_soft, 0);
    if (job == NULL) return;
    job_finish(job);
    EXPECT(atomic_load(&job->seen) == 0);
}

void test_legacy_ipi(struct test *t) {
    csr_write(sie, 0);
    uint64_t mask = bit(t->boot_hart);
    clear_soft();
    EXPECT_ERROR(sbi_call(LEGACY_CLEAR_IPI, 0, 0, 0, 0), 0);
    EXPECT_ERROR(sbi_call(LEGACY_SEND_IPI, 0, (uint64_t)&mask, 0, 0), 0);
    EXPECT(becomes_pending(t, IRQ_S_SOFT));
    EXPECT(sbi_call(LEGACY_CLEAR_IPI, 0, 0, 0, 0).error > 0);
    EXPECT(!pending(IRQ_S_SOFT));
    EXPECT_ERROR(sbi_call(LEGACY_CLEAR_IPI, 0, 0, 0, 0), 0);
}

// The page at MAPPED holds 1: hart 0.
void test_legacy_mask_virtual(struct test *t) {
    csr_write(sie, 0);
    clear_soft();
    map_frame(1);
    translation_on(0);
    EXPECT_ERROR(sbi_call(LEGACY_SEND_IPI, 0, MAPPED, 0, 0), 0);
    translation_off();
    EXPECT(becomes_pending(t, IRQ_S_SOFT) == (t->boot_hart == 0));
    clear_soft();
}

void test_legacy_mask_fault(struct test *t) {
    map_frame(0);
    translation_on(0);
    bool trapped = trapped_with(t, ecall_legacy_ipi, (void *)UNMAPPED, CAUSE_LOAD_PAGE);
    translation_off();
    EXPECT(trapped);
    EXPECT(t->hart.tval == UNMAPPED);
    EXPECT(t->hart.epc == (uint64_t)legacy_ipi_ecall);
}
