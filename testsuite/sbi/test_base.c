// SPDX-License-Identifier: MIT
// BASE, the calling convention, and what S-mode may and may not do.
#include "testsuite/sbi/harness.h"

void ecall_registers(uint64_t x[32]); // start.S
void enter_user(void *);

static struct sbiret base(uint64_t function, uint64_t argument) {
    return sbi_call(EXT_BASE, function, argument, 0, 0);
}

void test_spec_version(struct test *t) {
    struct sbiret version = base(0, 0);
    EXPECT_ERROR(version, SBI_SUCCESS);
    EXPECT(version.value == 2 << 24);
}

void test_identity(struct test *t) {
    for (uint64_t function = 1; function <= 6; function++)
        if (function != 3) EXPECT_ERROR(base(function, 0), SBI_SUCCESS);
}

static const uint64_t offered[] = {EXT_BASE, EXT_TIME, EXT_IPI, EXT_RFENCE, EXT_HSM, EXT_SRST,
                                   EXT_DBCN, EXT_PMU,  0,       1,          2,       3,
                                   4,        5,        6,       7,          8};

void test_probe_offered(struct test *t) {
    for (unsigned i = 0; i < sizeof offered / sizeof offered[0]; i++) {
        struct sbiret probe = base(3, offered[i]);
        EXPECT_ERROR(probe, SBI_SUCCESS);
        EXPECT(probe.value != 0);
    }
}

void test_probe_missing(struct test *t) {
    static const uint64_t missing[] = {9, 0x0f, 0x11, 0x12345678, ~UINT64_C(0)};
    for (unsigned i = 0; i < sizeof missing / sizeof missing[0]; i++) {
        struct sbiret probe = base(3, missing[i]);
        EXPECT_ERROR(probe, SBI_SUCCESS);
        EXPECT(probe.value == 0);
    }
}

void test_unknown_extension(struct test *t) {
    EXPECT_ERROR(sbi_call(0x12345678, 0, 0, 0, 0), SBI_ERR_NOT_SUPPORTED);
    EXPECT_ERROR(sbi_call(0x0f, 0, 0, 0, 0), SBI_ERR_NOT_SUPPORTED);
    EXPECT_ERROR(sbi_call(~UINT64_C(0), 0, 0, 0, 0), SBI_ERR_NOT_SUPPORTED);
}

void test_unknown_function(struct test *t) {
    static const uint64_t extensions[] = {EXT_BASE, EXT_IPI, EXT_RFENCE, EXT_HSM, EXT_SRST};
    for (unsigned i = 0; i < sizeof extensions / sizeof extensions[0]; i++)
        EXPECT_ERROR(sbi_call(extensions[i], 99, 0, 0, 0), SBI_ERR_NOT_SUPPORTED);
    EXPECT_ERROR(sbi_call(EXT_BASE, ~UINT64_C(0), 0, 0, 0), SBI_ERR_NOT_SUPPORTED);
}

enum { SP = 2, A0 = 10, A1 = 11, A6 = 16, A7 = 17 };

static uint64_t pattern(unsigned i) { return UINT64_C(0x0123456789abcd00) + i; }

static void check_kept(struct test *t, uint64_t extension, bool a1_kept) {
    uint64_t x[32];
    for (unsigned i = 0; i < 32; i++) x[i] = pattern(i);
    x[A0] = 'r'; // harmless for the calls used here
    x[A6] = 0;
    x[A7] = extension;
    ecall_registers(x);
    for (unsigned i = 1; i < 32; i++)
        if (i != SP && i != A0 && i != A6 && i != A7 && (i != A1 || a1_kept))
            EXPECT(x[i] == pattern(i));
    EXPECT(x[A6] == 0 && x[A7] == extension);
}

void test_registers_kept(struct test *t) { check_kept(t, EXT_BASE, false); }

void test_legacy_registers_kept(struct test *t) {
    check_kept(t, EXT_LEGACY_PUTCHAR, true);
    say("\n");
}

// ---- Protection and delegation ----

static void load(void *address) { (void)*(volatile uint64_t *)address; }
static void store(void *address) { *(volatile uint64_t *)address = 0; }
static void jump(void *address) { ((void (*)(void))address)(); }
static void illegal(void *unused) {
    (void)unused;
    __asm__ volatile(".word 0");
}
static void breakpoint(void *unused) {
    (void)unused;
    __asm__ volatile("ebreak");
}

void test_firmware_closed(struct test *t) {
    uint64_t end = t->reserved_end;
    uint64_t inside[] = {0x80000000, 0x80001000, end - 8};
    for (unsigned i = 0; i < 3; i++) {
        void *address = (void *)inside[i];
        EXPECT(trapped_with(t, load, address, CAUSE_LOAD_ACCESS));
        EXPECT(t->hart.tval == inside[i]);
        EXPECT(trapped_with(t, store, address, CAUSE_STORE_ACCESS));
        EXPECT(trapped_with(t, jump, address, CAUSE_FETCH_ACCESS));
    }
    EXPECT(!guarded_call(load, (void *)end));
}

void test_firmware_reserved(struct test *t) {
    EXPECT(t->reserved_base == 0x80000000);
    EXPECT(t->reserved_end >= t->reserved_base + PAGE_SIZE);
    EXPECT(t->reserved_end <= 0x80200000);
}

void test_traps_delegated(struct test *t) {
    EXPECT(trapped_with(t, illegal, NULL, CAUSE_ILLEGAL));
    EXPECT(trapped_with(t, breakpoint, NULL, CAUSE_BREAKPOINT));
    EXPECT(trapped_with(t, enter_user, NULL, CAUSE_ECALL_U));
    map_frame(0);
    translation_on(0);
    EXPECT(trapped_with(t, load, (void *)UNMAPPED, CAUSE_LOAD_PAGE));
    EXPECT(t->hart.tval == UNMAPPED);
    EXPECT(trapped_with(t, store, (void *)UNMAPPED, CAUSE_STORE_PAGE));
    EXPECT(trapped_with(t, jump, (void *)UNMAPPED, CAUSE_FETCH_PAGE));
    translation_off();
}

static void read_counters(void *sum) {
    *(uint64_t *)sum = csr_read(cycle) + csr_read(instret) + csr_read(time);
}

void test_counters_readable(struct test *t) {
    uint64_t sum = 0;
    EXPECT(!guarded_call(read_counters, &sum));
    EXPECT(sum != 0);
}
