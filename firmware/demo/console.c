// SPDX-License-Identifier: MIT
// Text in and out through SBI calls: the debug console, or the calls of SBI 0.1 with a firmware
// that is too old for it.
#include "firmware/demo/demo.h"
#include "firmware/lib/riscv.h"
#include "firmware/lib/sbi_call.h"
#include "firmware/lib/text.h"
#include <stdarg.h>

enum { DBCN_READ = 1, DBCN_WRITE_BYTE = 2, NO_KEY = -1 };

static void put(void *unused, char c) {
    (void)unused;
    if (c == '\n') put(unused, '\r');
    if (sbi_call(EXT_DBCN, DBCN_WRITE_BYTE, (uint8_t)c, 0, 0).error != SBI_SUCCESS)
        sbi_call(EXT_LEGACY_PUTCHAR, 0, (uint8_t)c, 0, 0);
}

void say(const char *format, ...) {
    va_list args;
    va_start(args, format);
    text_vformat(put, NULL, format, args);
    va_end(args);
}

static int get_key(void) {
    char key; // virtual = physical here, as the call wants it
    struct sbiret read = sbi_call(EXT_DBCN, DBCN_READ, 1, (uint64_t)&key, 0);
    if (read.error == SBI_SUCCESS) return read.value == 1 ? key : NO_KEY;
    return (int)sbi_call(EXT_LEGACY_GETCHAR, 0, 0, 0, 0).error;
}

// The firmware has no "wait for a key", so look every 10 ms and sleep in between. sstatus.SIE is
// off: the timer interrupt ends wfi and is never taken.
char wait_for_key(uint64_t ticks_per_second) {
    csr_set(sie, IRQ_BIT(IRQ_S_TIMER));
    for (;;) {
        int key = get_key();
        if (key != NO_KEY) return (char)key;
        sbi_call(EXT_TIME, 0, csr_read(time) + ticks_per_second / 100, 0, 0);
        wait_for_interrupt();
    }
}

_Noreturn void power_off(void) {
    sbi_call(EXT_SRST, 0, 0, 0, 0);
    for (;;) wait_for_interrupt();
}
