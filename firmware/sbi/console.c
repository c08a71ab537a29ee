// SPDX-License-Identifier: MIT
// The console: a 16550 UART, polled, and the SBI calls that use it (DBCN and the two of SBI 0.1).
// A machine without one throws output away and never has input.
#include "firmware/lib/riscv.h"
#include "firmware/lib/text.h"
#include "firmware/sbi/sbi.h"

// Register numbers and bits (PC16550D data sheet, section 8).
enum { UART_DATA = 0, UART_INTERRUPT_ENABLE = 1, UART_LINE_CONTROL = 3, UART_LINE_STATUS = 5 };
enum { LINE_8N1 = 3, STATUS_RECEIVED = 0x01, STATUS_CAN_SEND = 0x20 };

static uint64_t reg(const struct platform *p, unsigned number) {
    return p->uart + ((uint64_t)number << p->uart_shift);
}

// Leaves speed and FIFOs as they are: a character typed before the firmware ran is kept.
void console_init(const struct platform *p) {
    if (p->uart == 0) return;
    mmio_write8(reg(p, UART_INTERRUPT_ENABLE), 0);
    mmio_write8(reg(p, UART_LINE_CONTROL), LINE_8N1);
}

static bool can_send(const struct platform *p) {
    return p->uart == 0 || (mmio_read8(reg(p, UART_LINE_STATUS)) & STATUS_CAN_SEND) != 0;
}

static void send(const struct platform *p, char c) {
    if (p->uart != 0) mmio_write8(reg(p, UART_DATA), (uint8_t)c);
}

// The next character received, or -1.
static int receive(const struct platform *p) {
    if (p->uart == 0 || !(mmio_read8(reg(p, UART_LINE_STATUS)) & STATUS_RECEIVED)) return -1;
    return mmio_read8(reg(p, UART_DATA));
}

void console_put(const struct platform *p, char c) {
    while (!can_send(p)) pause_hint();
    send(p, c);
}

static void print_char(void *platform, char c) {
    if (c == '\n') console_put(platform, '\r');
    console_put(platform, c);
}

void print(const struct platform *p, const char *format, ...) {
    va_list args;
    va_start(args, format);
    text_vformat(print_char, (void *)(uintptr_t)p, format, args);
    va_end(args);
}

// ---- DBCN. The calls name memory by physical address, and M-mode is above PMP: unchecked, they
// would read and overwrite the firmware on behalf of S-mode. ----

// Arguments of write and read: number of bytes, address (low word, high word).
static bool is_callers_memory(const struct hart *self, const struct frame *frame) {
    return argument(frame, 2) == 0 &&
           platform_owns(&self->firmware->platform, argument(frame, 1), argument(frame, 0));
}

// Does not wait: writes what the UART takes now. The caller sees how many bytes that was.
struct sbiret sbi_debug_console_write(struct hart *self, struct frame *frame) {
    const struct platform *p = &self->firmware->platform;
    if (!is_callers_memory(self, frame)) return (struct sbiret){SBI_ERR_INVALID_PARAM, 0};
    const char *bytes = (const char *)argument(frame, 1);
    uint64_t n = 0;
    for (; n < argument(frame, 0) && can_send(p); n++) send(p, bytes[n]);
    return (struct sbiret){SBI_SUCCESS, n};
}

struct sbiret sbi_debug_console_read(struct hart *self, struct frame *frame) {
    if (!is_callers_memory(self, frame)) return (struct sbiret){SBI_ERR_INVALID_PARAM, 0};
    char *bytes = (char *)argument(frame, 1);
    uint64_t n = 0;
    for (int c; n < argument(frame, 0) && (c = receive(&self->firmware->platform)) >= 0; n++)
        bytes[n] = (char)c;
    return (struct sbiret){SBI_SUCCESS, n};
}

struct sbiret sbi_debug_console_write_byte(struct hart *self, struct frame *frame) {
    console_put(&self->firmware->platform, (char)argument(frame, 0));
    return (struct sbiret){SBI_SUCCESS, 0};
}

struct sbiret sbi_legacy_console_putchar(struct hart *self, struct frame *frame) {
    console_put(&self->firmware->platform, (char)argument(frame, 0));
    return (struct sbiret){0, 0};
}

struct sbiret sbi_legacy_console_getchar(struct hart *self, struct frame *frame) {
    (void)frame;
    return (struct sbiret){receive(&self->firmware->platform), 0};
}
