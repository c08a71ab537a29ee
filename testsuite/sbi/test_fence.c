// SPDX-License-Identifier: MIT
// RFENCE, with its predecessors of SBI 0.1: arguments, and whether the fences are done when the
// call returns.
#include "testsuite/sbi/harness.h"

int patched(void); // start.S

enum { FENCE_I = 0, SFENCE_VMA = 1, SFENCE_VMA_ASID = 2, HFENCE_FIRST = 3, HFENCE_LAST = 6 };
enum { LEGACY_FENCE_I = 5, LEGACY_SFENCE_VMA = 6, LEGACY_SFENCE_VMA_ASID = 7 };
enum { NO_SUCH_HART = 60, ASID = 1, STORM_ROUNDS = 300 };

#define ALL_HARTS ~UINT64_C(0)        // as hart_mask_base
#define WHOLE     ~UINT64_C(0)        // as size
#define HALF      (UINT64_C(1) << 38) // bytes: all that Sv39 has for user addresses

static struct sbiret rfence(uint64_t function, uint64_t mask, uint64_t base, uint64_t start,
                            uint64_t size) {
    return sbi_call5(EXT_RFENCE, function, mask, base, start, size, ASID);
}

void test_rfence_arguments(struct test *t) {
    uint64_t self = bit(t->boot_hart);
    for (uint64_t function = FENCE_I; function <= SFENCE_VMA_ASID; function++) {
        EXPECT_ERROR(rfence(function, self, 0, 0, 0), SBI_SUCCESS);
        EXPECT_ERROR(rfence(function, self, 0, 0, WHOLE), SBI_SUCCESS);
        EXPECT_ERROR(rfence(function, self, 0, MAPPED, WHOLE), SBI_SUCCESS);
        EXPECT_ERROR(rfence(function, self, 0, MAPPED + 1, 1), SBI_SUCCESS);
        EXPECT_ERROR(rfence(function, self, 0, MAPPED, HALF), SBI_SUCCESS);
        EXPECT_ERROR(rfence(function, self, 0, 0 - UINT64_C(4096), 4096), SBI_SUCCESS);
        EXPECT_ERROR(rfence(function, 0, 0, MAPPED, 4096), SBI_SUCCESS);
        EXPECT_ERROR(rfence(function, 0, ALL_HARTS, MAPPED, 4096), SBI_SUCCESS);
    }
}

void test_rfence_bad_mask(struct test *t) {
    for (uint64_t function = FENCE_I; function <= SFENCE_VMA_ASID; function++) {
        EXPECT_ERROR(rfence(function, bit(NO_SUCH_HART), 0, 0, 0), SBI_ERR_INVALID_PARAM);
        EXPECT_ERROR(rfence(function, 1, NO_SUCH_HART, 0, 0), SBI_ERR_INVALID_PARAM);
        EXPECT_ERROR(rfence(function, 1, bit(40), 0, 0), SBI_ERR_INVALID_PARAM);
    }
}

void test_rfence_bad_range(struct test *t) {
    uint64_t self = bit(t->boot_hart);
    for (uint64_t function = SFENCE_VMA; function <= SFENCE_VMA_ASID; function++)
        EXPECT_ERROR(rfence(function, self, 0, 0 - UINT64_C(4096), 8192), SBI_ERR_INVALID_ADDRESS);
}

void test_rfence_hypervisor(struct test *t) {
    for (uint64_t function = HFENCE_FIRST; function <= HFENCE_LAST; function++)
        EXPECT_ERROR(rfence(function, bit(t->boot_hart), 0, 0, 0), SBI_ERR_NOT_SUPPORTED);
}

// ---- Does another hart see what was changed? ----

// Tells once at each step what it finds, starting at step 0.
static void tell_code(struct job *job) {
    for (unsigned n = 0; n < job->argument; n++) {
        wait_until(job->test, &job->step, 2 * n);
        atomic_store(&job->seen, (uint64_t)patched());
        atomic_store(&job->step, 2 * n + 1);
    }
}

// Rewrites the immediate of the li in patched().
static void patch(uint32_t number) {
    *(volatile uint32_t *)(uintptr_t)patched = 0x00000513 | number << 20;
    fence_all();
    fence_i();
}

void test_rfence_code(struct test *t) {
    patch(1);
    struct job *job = job_start(t, 0, tell_code, 2);
    if (job == NULL) return;
    wait_until(t, &job->step, 1);
    EXPECT(atomic_load(&job->seen) == 1);
    patch(2);
    EXPECT_ERROR(rfence(FENCE_I, bit(other_hart(t, 0)), 0, 0, 0), SBI_SUCCESS);
    atomic_store(&job->step, 2);
    wait_until(t, &job->step, 3);
    EXPECT(atomic_load(&job->seen) == 2);
    job_finish(job);
}

// Reads the page at MAPPED at each step; between two steps it stays in S-mode with its TLB as it
// is.
static void tell_memory(struct job *job) {
    translation_on(ASID);
    for (unsigned n = 0; n < job->argument; n++) {
        wait_until(job->test, &job->step, 2 * n);
        atomic_store(&job->seen, *(volatile uint64_t *)MAPPED);
        atomic_store(&job->step, 2 * n + 1);
    }
}

// One kind of fence that must make another hart see the new PTE of MAPPED.
struct fence_case {
    uint64_t extension, function;
    uint64_t start, size;
};

static struct sbiret fence_by(const struct fence_case *f, uint64_t hart) {
    uint64_t mask = bit(hart);
    if (f->extension == EXT_RFENCE)
        return sbi_call5(EXT_RFENCE, f->function, mask, 0, f->start, f->size, ASID);
    return sbi_call5(f->extension, 0, (uint64_t)&mask, f->start, f->size, ASID, 0);
}

static void check_memory(struct test *t, const struct fence_case *cases, unsigned count) {
    map_frame(0);
    struct job *job = job_start(t, 0, tell_memory, count + 1);
    if (job == NULL) return;
    for (unsigned n = 0; n <= count; n++) {
        wait_until(t, &job->step, 2 * n + 1);
        EXPECT(atomic_load(&job->seen) == n % 2);
        if (n == count) break;
        map_frame((n + 1) % 2);
        EXPECT_ERROR(fence_by(&cases[n], other_hart(t, 0)), SBI_SUCCESS);
        atomic_store(&job->step, 2 * n + 2);
    }
    job_finish(job);
}

void test_rfence_memory(struct test *t) {
    static const struct fence_case cases[] = {
        {EXT_RFENCE, SFENCE_VMA, 0, 0},
        {EXT_RFENCE, SFENCE_VMA, 0, WHOLE},
        {EXT_RFENCE, SFENCE_VMA, MAPPED, 4096},
        {EXT_RFENCE, SFENCE_VMA, MAPPED - 63 * 4096, 64 * 4096},
        {EXT_RFENCE, SFENCE_VMA, 0, HALF},
        {EXT_RFENCE, SFENCE_VMA_ASID, 0, 0},
        {EXT_RFENCE, SFENCE_VMA_ASID, 0, WHOLE},
        {EXT_RFENCE, SFENCE_VMA_ASID, MAPPED, 1},
        {EXT_RFENCE, SFENCE_VMA_ASID, 0, HALF},
    };
    check_memory(t, cases, sizeof cases / sizeof cases[0]);
}

// Ranges that begin in the page before and end inside the mapped one.
void test_rfence_unaligned(struct test *t) {
    static const struct fence_case cases[] = {
        {EXT_RFENCE, SFENCE_VMA, MAPPED - 4096 + 8, 4096},
        {EXT_RFENCE, SFENCE_VMA, MAPPED - 8, 16},
        {EXT_RFENCE, SFENCE_VMA_ASID, MAPPED - 4096 + 8, 4096},
        {EXT_RFENCE, SFENCE_VMA_ASID, MAPPED - 8, 16},
    };
    check_memory(t, cases, sizeof cases / sizeof cases[0]);
}

void test_legacy_fence_remote(struct test *t) {
    static const struct fence_case cases[] = {
        {LEGACY_SFENCE_VMA, 0, 0, 0},
        {LEGACY_SFENCE_VMA, 0, MAPPED, 4096},
        {LEGACY_SFENCE_VMA_ASID, 0, 0, WHOLE},
        {LEGACY_SFENCE_VMA_ASID, 0, MAPPED, 4096},
    };
    check_memory(t, cases, sizeof cases / sizeof cases[0]);
}

void test_legacy_fences(struct test *t) {
    uint64_t mask = bit(t->boot_hart);
    for (uint64_t extension = LEGACY_FENCE_I; extension <= LEGACY_SFENCE_VMA_ASID; extension++)
        EXPECT_ERROR(sbi_call5(extension, 0, (uint64_t)&mask, MAPPED, 4096, ASID, 0), 0);
}

// ---- All at once ----

static void storm(struct job *job) {
    struct test *t = job->test;
    for (unsigned n = 0; n < STORM_ROUNDS; n++) {
        EXPECT_ERROR(rfence(SFENCE_VMA, 0, ALL_HARTS, MAPPED, 4096), SBI_SUCCESS);
        EXPECT_ERROR(rfence(FENCE_I, 0, ALL_HARTS, 0, 0), SBI_SUCCESS);
        EXPECT_ERROR(sbi_call(EXT_IPI, 0, 0, ALL_HARTS, 0), SBI_SUCCESS);
        atomic_store(&job->step, n + 1);
    }
}

void test_rfence_storm(struct test *t) {
    struct job *jobs[MAX_JOBS] = {NULL}, own = {.test = t};
    for (unsigned i = 0; i + 1 < t->hart_count; i++) jobs[i] = job_start(t, i, storm, 0);
    csr_write(sie, 0);
    storm(&own);
    for (unsigned i = 0; i < MAX_JOBS; i++) {
        if (jobs[i] == NULL) continue;
        wait_until(t, &jobs[i]->step, STORM_ROUNDS);
        job_finish(jobs[i]);
    }
    csr_clear(sip, bit(IRQ_S_SOFT));
}
