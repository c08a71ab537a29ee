// SPDX-License-Identifier: MIT
// A hart for tests of CSRs and traps: no memory, a clock that the test sets, and words for CSR
// instructions.
#ifndef TABLEWALK_TESTSUITE_UNIT_HART_FIXTURE_H
#define TABLEWALK_TESTSUITE_UNIT_HART_FIXTURE_H

#include <criterion/criterion.h>

#include "cpu/csr.h"
#include "cpu/hart.h"

#define EVERYTHING   (EXT_BIT(EXTENSIONS) - 1)
#define WITHOUT(ext) (EVERYTHING & ~EXT_BIT(EXT_##ext))
#define BIT(n)       (UINT64_C(1) << (n))

struct test_hart {
    struct hart *h;
    struct phys phys;
    uint64_t now;       // ticks of mtime
    unsigned deadlines; // calls of deadline_changed
};

static inline uint64_t test_mtime(void *context) { return ((struct test_hart *)context)->now; }
static inline void test_deadline(void *context) { ((struct test_hart *)context)->deadlines++; }

static inline void start_hart(struct test_hart *t, extension_set extensions) {
    *t = (struct test_hart){0};
    phys_init(&t->phys);
    struct hart_config config = {.id = 3,
                                 .extensions = extensions,
                                 .adue = true,
                                 .platform = {t, test_mtime, test_deadline}};
    t->h = hart_create(&config, &t->phys);
    cr_assert_not_null(t->h);
}

static inline void stop_hart(struct test_hart *t) {
    hart_destroy(t->h);
    phys_free(&t->phys);
}

// n instructions go by, as far as counters can see.
static inline void retire(struct hart *h, unsigned n) { h->left -= n; }

static inline uint64_t rd(struct hart *h, unsigned number) {
    uint64_t old = 0;
    cr_expect(csr_access(h, number, CSR_READ, true, 0, &old), "read of %s", csr_name(number));
    return old;
}

static inline uint64_t modify(struct hart *h, enum csr_op op, unsigned number, uint64_t value) {
    uint64_t old = 0;
    cr_expect(csr_access(h, number, op, true, value, &old), "write of %s", csr_name(number));
    return old;
}

static inline void wr(struct hart *h, unsigned number, uint64_t value) {
    modify(h, CSR_WRITE, number, value);
}

// What sticks of a value.
static inline uint64_t after(struct hart *h, unsigned number, uint64_t value) {
    wr(h, number, value);
    return rd(h, number);
}

// Is the access an illegal instruction that changes nothing?
static inline bool illegal(struct hart *h, enum csr_op op, unsigned number) {
    uint64_t before = 0, behind = 0, old;
    bool exists = csr_peek(h, number, &before);
    if (csr_access(h, number, op, true, ~before, &old)) return false;
    if (exists) cr_expect(csr_peek(h, number, &behind));
    return before == behind;
}

static inline void enter_mode(struct hart *h, enum privilege mode) {
    h->privilege = mode;
    hart_context_changed(h);
}

// Does the last access make the hart look for interrupts before the next instruction?
static inline bool noticed(struct hart *h) {
    bool attention = h->attention;
    h->attention = false;
    return attention;
}

#endif
