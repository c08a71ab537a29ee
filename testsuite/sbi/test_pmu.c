// SPDX-License-Identifier: MIT
// PMU: counters by number, by event and by mode; what the firmware counts of itself; the interrupt
// at an overflow.
#include "testsuite/sbi/harness.h"

enum { NUM_COUNTERS, GET_INFO, CONFIG_MATCHING, START, STOP, FW_READ, FW_READ_HIGH };
enum { CLEAR = 2, AUTO_START = 4, UINH = 32, SINH = 64, MINH = 128, SET_VALUE = 1, RESET = 1 };
enum { HW_CYCLES = 1, HW_INSTRUCTIONS = 2, RAW = 2 << 16, RAW_FENCES = 0x06 };
enum { FIRMWARE = 15 << 16, FW_MISALIGNED_LOAD = 0, FW_ACCESS_LOAD = 2, FW_SET_TIMER = 5 };
enum { FW_IPI_SENT = 6, FW_IPI_RECEIVED = 7, FW_FENCE_I_SENT = 8, FW_VMA_SENT = 10 };
#define ALL ((UINT64_C(1) << counters()) - 1)

static uint64_t counters(void) { return sbi_call(EXT_PMU, NUM_COUNTERS, 0, 0, 0).value; }

static struct sbiret info(uint64_t n) { return sbi_call(EXT_PMU, GET_INFO, n, 0, 0); }

static struct sbiret config(uint64_t mask, uint64_t flags, uint64_t event, uint64_t data) {
    return sbi_call5(EXT_PMU, CONFIG_MATCHING, 0, mask, flags, event, data);
}

static struct sbiret start(uint64_t n, uint64_t flags, uint64_t value) {
    return sbi_call5(EXT_PMU, START, n, 1, flags, value, 0);
}

static struct sbiret stop(uint64_t n, uint64_t flags) {
    return sbi_call(EXT_PMU, STOP, n, 1, flags);
}

// The hardware's counter n, as S-mode reads it.
#define COUNTERS(row)                                                                              \
    row(0) row(2) row(3) row(4) row(5) row(6) row(7) row(8) row(9) row(10) row(11) row(12) row(13) \
        row(14) row(15) row(16) row(17) row(18)
static uint64_t read_hardware(uint64_t n) {
    switch (n) {
#define ROW(n)                                                                                     \
    case n: return csr_read(0xc00 + n);
        COUNTERS(ROW)
#undef ROW
    default: return 0;
    }
}

static uint64_t read_firmware(struct test *t, uint64_t n) {
    struct sbiret read = sbi_call(EXT_PMU, FW_READ, n, 0, 0);
    EXPECT_ERROR(read, SBI_SUCCESS);
    return read.value;
}

void test_pmu_counters(struct test *t) {
    uint64_t hardware = 0, firmware = 0;
    for (uint64_t n = 0; n < counters(); n++) {
        struct sbiret i = info(n);
        if (i.error) continue;
        if (i.value >> 63) {
            firmware++;
        } else {
            hardware++;
            EXPECT((i.value & 0xfff) == 0xc00 + n);
            EXPECT((i.value >> 12 & 63) == 63);
        }
    }
    EXPECT(hardware >= 2);
    EXPECT(firmware >= 1);
    EXPECT_ERROR(info(counters()), SBI_ERR_INVALID_PARAM);
    EXPECT_ERROR(info(~UINT64_C(0)), SBI_ERR_INVALID_PARAM);
    EXPECT_ERROR(info(1), SBI_ERR_INVALID_PARAM); // time is no counter
}

void test_pmu_bad_arguments(struct test *t) {
    EXPECT_ERROR(config(0, 0, HW_CYCLES, 0), SBI_ERR_INVALID_PARAM);
    EXPECT_ERROR(config(ALL + 1, 0, HW_CYCLES, 0), SBI_ERR_INVALID_PARAM);
    EXPECT_ERROR(config(~UINT64_C(0), 0, HW_CYCLES, 0), SBI_ERR_INVALID_PARAM);
    EXPECT_ERROR(config(ALL, 1 << 8, HW_CYCLES, 0), SBI_ERR_INVALID_PARAM);
    EXPECT_ERROR(config(ALL, 0, 0x3 << 16, 0), SBI_ERR_INVALID_PARAM);
    EXPECT_ERROR(config(ALL, 0, HW_CYCLES | UINT64_C(1) << 32, 0), SBI_ERR_INVALID_PARAM);
    EXPECT_ERROR(config(ALL, 0, FIRMWARE | 4, 0), SBI_ERR_NOT_SUPPORTED);
    EXPECT_ERROR(config(ALL, 0, 7, 0), SBI_ERR_NOT_SUPPORTED); // bus cycles
    EXPECT_ERROR(config(ALL, 0, RAW, 0xdead), SBI_ERR_NOT_SUPPORTED);
    EXPECT_ERROR(sbi_call5(EXT_PMU, START, counters(), 1, 0, 0, 0), SBI_ERR_INVALID_PARAM);
    EXPECT_ERROR(sbi_call(EXT_PMU, STOP, 3, ~UINT64_C(0), 0), SBI_ERR_INVALID_PARAM);
    EXPECT_ERROR(sbi_call(EXT_PMU, FW_READ, 0, 0, 0), SBI_ERR_INVALID_PARAM);
    EXPECT_ERROR(start(5, 0, 0), SBI_ERR_INVALID_PARAM); // has no event
}

void test_pmu_life(struct test *t) {
    struct sbiret made = config(ALL, CLEAR, HW_INSTRUCTIONS, 0);
    const uint64_t n = made.value;
    EXPECT_ERROR(made, SBI_SUCCESS);
    EXPECT_ERROR(stop(n, 0), SBI_ERR_ALREADY_STOPPED);
    EXPECT_ERROR(start(n, SET_VALUE, 1000), SBI_SUCCESS);
    EXPECT_ERROR(start(n, 0, 0), SBI_ERR_ALREADY_STARTED);
    const uint64_t a = read_hardware(n), b = read_hardware(n);
    EXPECT(a >= 1000 && a < 10000);
    EXPECT(b > a && b < a + 100);
    EXPECT_ERROR(stop(n, 0), SBI_SUCCESS);
    const uint64_t c = read_hardware(n);
    EXPECT(c == read_hardware(n));
    EXPECT_ERROR(stop(n, RESET), SBI_ERR_ALREADY_STOPPED);
    EXPECT_ERROR(start(n, 0, 0), SBI_ERR_INVALID_PARAM); // it has no event any more
}

void test_pmu_exhausted(struct test *t) {
    uint64_t used = 0;
    struct sbiret made;
    while ((made = config(ALL, 0, HW_CYCLES, 0)).error == SBI_SUCCESS && !(used & bit(made.value)))
        used |= bit(made.value);
    EXPECT(used != 0);
    EXPECT_ERROR(made, SBI_ERR_NOT_SUPPORTED);
    EXPECT_ERROR(sbi_call(EXT_PMU, STOP, 0, used, RESET), SBI_ERR_ALREADY_STOPPED);
    made = config(ALL, 0, HW_CYCLES, 0);
    EXPECT_ERROR(made, SBI_SUCCESS);
    stop(made.value, RESET);
}

static void fence_three(void) {
    sfence_vma_all();
    sfence_vma_all();
    sfence_vma_all();
}

// Three fences of S-mode's own, and those of the firmware when it is asked for one.
static uint64_t count_fences(struct test *t, uint64_t flags) {
    struct sbiret made = config(ALL, CLEAR | AUTO_START | flags, RAW, RAW_FENCES);
    EXPECT_ERROR(made, SBI_SUCCESS);
    fence_three();
    EXPECT_ERROR(sbi_call(EXT_RFENCE, 1, 0, ~UINT64_C(0), 0), SBI_SUCCESS);
    const uint64_t count = read_hardware(made.value);
    stop(made.value, RESET);
    return count;
}

void test_pmu_raw(struct test *t) { EXPECT(count_fences(t, 0) >= 3); }

void test_pmu_modes(struct test *t) {
    EXPECT(count_fences(t, MINH) == 3);
    EXPECT(count_fences(t, SINH) == 0);
    EXPECT(count_fences(t, MINH | SINH) == 0);
    EXPECT(count_fences(t, UINH | MINH) == 3);
}

void test_pmu_overflow(struct test *t) {
    struct sbiret made = config(ALL & ~UINT64_C(7), CLEAR, HW_INSTRUCTIONS, 0);
    const unsigned before = atomic_load(&t->hart.interrupts[IRQ_COUNTER_OVERFLOW]);
    EXPECT_ERROR(made, SBI_SUCCESS);
    csr_clear(sip, bit(IRQ_COUNTER_OVERFLOW));
    csr_set(sie, bit(IRQ_COUNTER_OVERFLOW));
    csr_set(sstatus, SSTATUS_SIE);
    EXPECT_ERROR(start(made.value, SET_VALUE, 0 - UINT64_C(2000)), SBI_SUCCESS);
    EXPECT(atomic_load(&t->hart.interrupts[IRQ_COUNTER_OVERFLOW]) == before);
    EXPECT(wait_until(t, &t->hart.interrupts[IRQ_COUNTER_OVERFLOW], before + 1));
    csr_clear(sstatus, SSTATUS_SIE);
    EXPECT(csr_read(0xda0) == bit(made.value)); // scountovf
    EXPECT((csr_read(sip) & bit(IRQ_COUNTER_OVERFLOW)) != 0);
    csr_clear(sip, bit(IRQ_COUNTER_OVERFLOW));
    EXPECT((csr_read(sip) & bit(IRQ_COUNTER_OVERFLOW)) == 0);
    stop(made.value, RESET);
    EXPECT(csr_read(0xda0) == 0);
}

// ---- What the firmware counts of its own doing ----

static void load(void *address) { (void)*(volatile uint64_t *)address; }

static const struct {
    unsigned event, count;
} firmware_rows[] = {{FW_SET_TIMER, 2}, {FW_IPI_SENT, 1},     {FW_IPI_RECEIVED, 1},
                     {FW_VMA_SENT, 1},  {FW_FENCE_I_SENT, 1}, {FW_ACCESS_LOAD, 1}};
enum { ROWS = sizeof firmware_rows / sizeof firmware_rows[0] };

void test_pmu_firmware_events(struct test *t) {
    uint64_t n[ROWS];
    for (unsigned i = 0; i < ROWS; i++) {
        struct sbiret made = config(ALL, CLEAR | AUTO_START, FIRMWARE | firmware_rows[i].event, 0);
        EXPECT_ERROR(made, SBI_SUCCESS);
        n[i] = made.value;
    }
    sbi_call(EXT_TIME, 0, ~UINT64_C(0), 0, 0);
    sbi_call(EXT_TIME, 0, ~UINT64_C(0), 0, 0);
    sbi_call(EXT_IPI, 0, 1, t->boot_hart, 0);
    sbi_call(EXT_RFENCE, 0, 1, t->boot_hart, 0);
    sbi_call5(EXT_RFENCE, 1, 1, t->boot_hart, 0, 0, 0);
    EXPECT(trapped_with(t, load, (void *)0x80000000, CAUSE_LOAD_ACCESS));
    csr_clear(sip, bit(IRQ_S_SOFT));
    for (unsigned i = 0; i < ROWS; i++) {
        const uint64_t count = read_firmware(t, n[i]);
        if (count != firmware_rows[i].count)
            say("  event %u: %lu\n", firmware_rows[i].event, count);
        EXPECT(count == firmware_rows[i].count);
        EXPECT(sbi_call(EXT_PMU, FW_READ_HIGH, n[i], 0, 0).value == 0);
    }
    EXPECT_ERROR(stop(n[0], 0), SBI_SUCCESS);
    sbi_call(EXT_TIME, 0, ~UINT64_C(0), 0, 0);
    EXPECT(read_firmware(t, n[0]) == firmware_rows[0].count);
    EXPECT_ERROR(start(n[0], SET_VALUE, 70), SBI_SUCCESS);
    sbi_call(EXT_TIME, 0, ~UINT64_C(0), 0, 0);
    EXPECT(read_firmware(t, n[0]) == 71);
    for (unsigned i = 0; i < ROWS; i++) EXPECT_ERROR(stop(n[i], RESET), SBI_SUCCESS);
}

// On a hart that performs misaligned accesses itself there are none for the firmware.
void test_pmu_misaligned(struct test *t) {
    static uint64_t two[2];
    struct sbiret made = config(ALL, CLEAR | AUTO_START, FIRMWARE | FW_MISALIGNED_LOAD, 0);
    EXPECT_ERROR(made, SBI_SUCCESS);
    for (uint64_t i = 0; i < 8; i++) load((uint8_t *)two + i); // i = 0 is aligned
    const uint64_t count = read_firmware(t, made.value);
    EXPECT(count == 0 || count == 7);
    EXPECT_ERROR(stop(made.value, RESET), SBI_SUCCESS);
}
