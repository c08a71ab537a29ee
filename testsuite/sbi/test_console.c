// SPDX-License-Identifier: MIT
// DBCN and the console calls of SBI 0.1. Who runs the test types "tablewalk" and a newline.
#include "firmware/lib/text.h"
#include "testsuite/sbi/harness.h"

enum { WRITE = 0, READ = 1, WRITE_BYTE = 2 };
#define FIRMWARE UINT64_C(0x80000000)

static struct sbiret dbcn(uint64_t function, uint64_t bytes, const volatile void *memory,
                          uint64_t high) {
    return sbi_call(EXT_DBCN, function, bytes, (uint64_t)memory, high);
}

void test_console_write(struct test *t) {
    static const char text[] = "written through the debug console\n";
    uint64_t written = 0;
    for (unsigned tries = 0; tries < 1000000 && written < sizeof text - 1; tries++) {
        struct sbiret w = dbcn(WRITE, sizeof text - 1 - written, text + written, 0);
        EXPECT_ERROR(w, SBI_SUCCESS);
        EXPECT(w.value <= sizeof text - 1 - written);
        if (w.error != SBI_SUCCESS) return;
        written += w.value;
    }
    EXPECT(written == sizeof text - 1);
}

void test_console_write_byte(struct test *t) {
    struct sbiret written = sbi_call(EXT_DBCN, WRITE_BYTE, '\n', 1, 0);
    EXPECT_ERROR(written, SBI_SUCCESS);
    EXPECT(written.value == 0);
}

void test_console_foreign_memory(struct test *t) {
    uint64_t end = t->reserved_end;
    struct {
        uint64_t bytes, low, high;
    } bad[] = {
        {16, FIRMWARE, 0},
        {16, end - 8, 0},
        {~UINT64_C(0), end, 0},
        {16, t->ram_end - 8, 0},
        {16, t->ram_end, 0},
        {~UINT64_C(0), t->ram_end - 8, 0},
        {16, end, 1},
        {16, ~UINT64_C(0) - 7, 0},
        {t->ram_end - FIRMWARE, FIRMWARE, 0},
    };
    for (unsigned i = 0; i < sizeof bad / sizeof bad[0]; i++)
        for (uint64_t function = WRITE; function <= READ; function++)
            EXPECT_ERROR(dbcn(function, bad[i].bytes, (void *)bad[i].low, bad[i].high),
                         SBI_ERR_INVALID_PARAM);
}

// Reads in small pieces; each returns as many bytes as it has put down.
void test_console_read(struct test *t) {
    char got[16] = {0};
    uint64_t count = 0, end = csr_read(time) + 2 * t->ticks_per_second;
    while (count < 5 && csr_read(time) < end) {
        got[count + 2] = '?'; // behind what may be written
        struct sbiret read = dbcn(READ, count < 4 ? 2 : 1, got + count, 0);
        EXPECT_ERROR(read, SBI_SUCCESS);
        EXPECT(read.value <= 2 && got[count + 2] == '?');
        got[count + 2] = '\0';
        count += read.value;
    }
    EXPECT(text_equal(got, "table"));
    struct sbiret none = dbcn(READ, 0, got, 0);
    EXPECT_ERROR(none, SBI_SUCCESS);
    EXPECT(none.value == 0);
}

void test_legacy_putchar(struct test *t) {
    EXPECT_ERROR(sbi_call(EXT_LEGACY_PUTCHAR, 0, '\n', 0, 0), 0);
}

// Up to the newline, then nothing more.
void test_legacy_getchar(struct test *t) {
    char got[16] = {0};
    unsigned count = 0;
    uint64_t end = csr_read(time) + 2 * t->ticks_per_second;
    while (count < sizeof got - 1 && csr_read(time) < end) {
        int64_t c = sbi_call(EXT_LEGACY_GETCHAR, 0, 0, 0, 0).error;
        EXPECT(c >= -1 && c <= 255);
        if (c == '\n') break;
        if (c >= 0) got[count++] = (char)c;
    }
    EXPECT(text_equal(got, "walk") || text_equal(got, "tablewalk")); // the latter without DBCN
    EXPECT(sbi_call(EXT_LEGACY_GETCHAR, 0, 0, 0, 0).error == -1);
}
