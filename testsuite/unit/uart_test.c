// SPDX-License-Identifier: MIT
// The serial port, corner case by corner case: interrupts and their priorities, FIFO, time-out,
// loopback, and that no input is lost.
#include "devices/uart.h"
#include "testsuite/unit/wires.h"

#include <string.h>

enum { RBR, IER, IIR, LCR, MCR, LSR, MSR, SCR, THR = RBR, FCR = IIR };

struct bench {
    struct test_clock clock;
    struct wire irq;
    struct device *uart;
    char sent[64];
    unsigned length;
    const char *typed; // what the terminal still holds
};

static void sent(void *listener, uint8_t byte) {
    struct bench *b = listener;
    b->sent[b->length++] = (char)byte;
}

static void room(void *listener) {
    struct bench *b = listener;
    while (b->typed && *b->typed && uart_room(b->uart)) uart_receive(b->uart, (uint8_t)*b->typed++);
}

static void start(struct bench *b) {
    *b = (struct bench){.uart = NULL};
    test_clock_start(&b->clock);
    b->uart = uart_create(&(struct device_place){.base = 0x10000000,
                                                 .irq = wire_line(&b->irq, 0),
                                                 .schedule = &b->clock.schedule},
                          &(struct uart_line){sent, room, b});
    cr_assert_not_null(b->uart);
}

static uint64_t reg(struct bench *b, unsigned offset) { return get(b->uart, offset, 1); }
static void set(struct bench *b, unsigned offset, unsigned value) {
    put(b->uart, offset, 1, value);
}

static void receive(struct bench *b, const char *text) {
    for (; *text; text++) {
        cr_assert(uart_room(b->uart));
        uart_receive(b->uart, (uint8_t)*text);
    }
}

Test(uart, sends) {
    struct bench b;
    start(&b);
    cr_assert_eq(reg(&b, LSR), 0x60);
    for (const char *c = "hello"; *c; c++) set(&b, THR, (unsigned)*c);
    cr_assert_str_eq(b.sent, "hello");
    cr_assert_eq(reg(&b, LSR), 0x60);
    cr_assert_eq(uart_counters(b.uart)->sent, 5);
    cr_assert(!b.irq.level);
    device_destroy(b.uart);
}

Test(uart, enabling_the_thre_interrupt_raises_it) {
    struct bench b;
    start(&b);
    set(&b, IER, 2);
    cr_assert(b.irq.level);
    cr_assert_eq(reg(&b, IIR), 0x02);
    cr_assert(!b.irq.level, "IIR said it, that is enough");
    cr_assert_eq(reg(&b, IIR), 0x01);
    set(&b, IER, 2);
    cr_assert(!b.irq.level, "it was enabled already");
    set(&b, IER, 0);
    set(&b, IER, 2);
    cr_assert(b.irq.level);
    set(&b, IER, 0);
    cr_assert(!b.irq.level);
    device_destroy(b.uart);
}

Test(uart, thre_interrupt_after_each_byte) {
    struct bench b;
    start(&b);
    set(&b, IER, 2);
    reg(&b, IIR);
    set(&b, THR, 'x');
    cr_assert(b.irq.level);
    cr_assert_eq(reg(&b, IIR), 0x02);
    cr_assert(!b.irq.level);
    device_destroy(b.uart);
}

Test(uart, a_driver_that_never_reads_iir_is_left_alone) {
    struct bench b;
    start(&b);
    set(&b, IER, 2);
    cr_assert(b.irq.level);
    cr_assert_eq(reg(&b, LSR), 0x60);
    cr_assert(!b.irq.level, "LSR said it, too");
    cr_assert_eq(reg(&b, IIR), 0x02, "IIR says it until it is read");
    set(&b, THR, 'x');
    cr_assert(b.irq.level, "empty again");
    device_destroy(b.uart);
}

Test(uart, receives_without_fifo) {
    struct bench b;
    start(&b);
    set(&b, IER, 1);
    cr_assert_eq(uart_room(b.uart), 1);
    receive(&b, "a");
    cr_assert_eq(uart_room(b.uart), 0, "one byte, then the terminal waits");
    cr_assert(b.irq.level);
    cr_assert_eq(reg(&b, IIR), 0x04);
    cr_assert_eq(reg(&b, LSR), 0x61);
    cr_assert_eq(reg(&b, RBR), 'a');
    cr_assert(!b.irq.level);
    cr_assert_eq(reg(&b, LSR), 0x60);
    cr_assert_eq(reg(&b, RBR), 0, "nothing there");
    device_destroy(b.uart);
}

Test(uart, trigger_level_of_the_fifo) {
    static const unsigned level[] = {1, 4, 8, 14};
    for (unsigned i = 0; i < 4; i++) {
        struct bench b;
        start(&b);
        set(&b, FCR, 1 | i << 6);
        set(&b, IER, 1);
        cr_assert_eq(uart_room(b.uart), 16);
        for (unsigned n = 1; n < level[i]; n++) {
            receive(&b, "x");
            cr_assert(!b.irq.level, "%u of %u", n, level[i]);
            cr_assert(reg(&b, LSR) & 1);
        }
        receive(&b, "x");
        cr_assert(b.irq.level);
        cr_assert_eq(reg(&b, IIR), 0xc4);
        reg(&b, RBR);
        cr_assert(!b.irq.level, "below the trigger again");
        device_destroy(b.uart);
    }
}

// Four characters of 10 bits at 115200 baud, the speed after power-on with 8 bits.
static uint64_t timeout_cycles(unsigned divisor) {
    return UINT64_C(16) * divisor * 10 * 10000000 / UART_CLOCK_HZ * CYCLES_PER_TICK * 4;
}

Test(uart, characters_that_wait_time_out) {
    struct bench b;
    start(&b);
    set(&b, LCR, 3);
    set(&b, FCR, 0x81);
    set(&b, IER, 1);
    receive(&b, "ab");
    const uint64_t timeout = timeout_cycles(2);
    test_clock_go(&b.clock, timeout - 1);
    cr_assert(!b.irq.level);
    test_clock_go(&b.clock, timeout);
    cr_assert(b.irq.level);
    cr_assert_eq(reg(&b, IIR), 0xcc);
    cr_assert(b.irq.level, "reading IIR is not enough");
    cr_assert_eq(reg(&b, RBR), 'a');
    cr_assert(!b.irq.level, "reading a character is");
    test_clock_go(&b.clock, 2 * timeout);
    cr_assert(b.irq.level, "and one still waits");
    cr_assert_eq(reg(&b, RBR), 'b');
    test_clock_go(&b.clock, 10 * timeout);
    cr_assert(!b.irq.level);
    cr_assert_eq(b.clock.schedule.next, NEVER);
    device_destroy(b.uart);
}

Test(uart, a_character_has_all_its_bits) {
    static const struct {
        unsigned lcr, bits;
    } rows[] = {{0x00, 7},  {0x01, 8},  {0x02, 9},  {0x03, 10},
                {0x07, 11}, {0x0b, 11}, {0x0f, 12}, {0x1f, 12}};
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct bench b;
        start(&b);
        set(&b, LCR, rows[i].lcr | 0x80);
        set(&b, RBR, 0), set(&b, IER, 0x20); // a divisor that divides the clock: 8192
        set(&b, LCR, rows[i].lcr);
        set(&b, FCR, 0x81);
        receive(&b, "x");
        const uint64_t clocks = UINT64_C(16) * 8192 * rows[i].bits;
        cr_assert_eq(b.clock.schedule.next, clocks * 10000000 / UART_CLOCK_HZ * CYCLES_PER_TICK * 4,
                     "row %u", i);
        device_destroy(b.uart);
    }
}

Test(uart, each_source_has_its_enable) {
    static const struct {
        unsigned ier, iir;
    } rows[] = {{0, 0xc1}, {1, 0xcc}, {2, 0xc2}, {4, 0xc6}, {8, 0xc0}};
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct bench b;
        start(&b);
        set(&b, FCR, 0x81);
        set(&b, MCR, 0x10); // modem lines change,
        set(&b, MCR, 0);
        uart_break(b.uart);                         // a line error,
        test_clock_go(&b.clock, timeout_cycles(2)); // and a character that waits
        set(&b, IER, rows[i].ier);
        cr_assert_eq(b.irq.level, i != 0);
        cr_assert_eq(reg(&b, IIR), rows[i].iir, "IER %u", rows[i].ier);
        cr_assert_eq(uart_counters(b.uart)->interrupts, i != 0);
        set(&b, IER, 0);
        set(&b, IER, rows[i].ier == 2 ? 2 : 0);
        cr_assert_eq(uart_counters(b.uart)->interrupts, i == 2 ? 2 : i != 0);
        device_destroy(b.uart);
    }
}

Test(uart, a_guest_that_waits_for_input_is_told_from_one_that_does_not) {
    struct bench b;
    start(&b);
    cr_assert_not(uart_listens(b.uart));
    set(&b, IER, 1);
    cr_assert(uart_listens(b.uart));
    set(&b, IER, 0);
    cr_assert_not(uart_listens(b.uart));
    for (unsigned i = 0; i < 15; i++) reg(&b, LSR);
    cr_assert_not(uart_listens(b.uart));
    reg(&b, SCR); // looks at something else
    for (unsigned i = 0; i < 15; i++) reg(&b, LSR);
    cr_assert_not(uart_listens(b.uart));
    b.typed = "k"; // comes in when the sixteenth look asks for it
    reg(&b, LSR);
    cr_assert(uart_listens(b.uart));
    cr_assert_eq(reg(&b, LSR), 0x61);
    cr_assert_eq(reg(&b, RBR), 'k');
    device_destroy(b.uart);
}

Test(uart, traffic_restarts_the_timeout) {
    struct bench b;
    start(&b);
    set(&b, LCR, 3);
    set(&b, FCR, 0x81);
    set(&b, IER, 1);
    const uint64_t timeout = timeout_cycles(2);
    receive(&b, "a");
    test_clock_go(&b.clock, timeout - 5);
    receive(&b, "b");
    test_clock_go(&b.clock, 2 * timeout - 6);
    cr_assert(!b.irq.level);
    test_clock_go(&b.clock, 2 * timeout - 5);
    cr_assert(b.irq.level);
    device_destroy(b.uart);
}

Test(uart, timeout_follows_the_divisor) {
    struct bench b;
    start(&b);
    set(&b, LCR, 0x83);
    set(&b, RBR, 0x80);
    set(&b, IER, 0x01); // divisor 0x180
    cr_assert_eq(reg(&b, RBR), 0x80);
    cr_assert_eq(reg(&b, IER), 0x01);
    set(&b, LCR, 3);
    cr_assert_eq(reg(&b, IER), 0, "the latch is another register");
    set(&b, FCR, 0x81);
    set(&b, IER, 1);
    receive(&b, "a");
    test_clock_go(&b.clock, timeout_cycles(0x180) - 1);
    cr_assert(!b.irq.level);
    test_clock_go(&b.clock, timeout_cycles(0x180));
    cr_assert(b.irq.level);
    device_destroy(b.uart);
}

Test(uart, priorities_of_iir) {
    struct bench b;
    start(&b);
    set(&b, FCR, 0x41); // trigger at 4
    set(&b, MCR, 0x10); // loopback, where everything can be made to happen
    set(&b, MCR, 0x13); // modem lines change
    for (unsigned i = 0; i < 17; i++) set(&b, THR, 'x'); // the 17th overruns
    set(&b, IER, 0x0f);
    cr_assert_eq(reg(&b, IIR), 0xc6, "line status first");
    cr_assert_eq(reg(&b, LSR), 0x63);
    cr_assert_eq(reg(&b, IIR), 0xc4, "then data");
    for (unsigned i = 0; i < 13; i++) reg(&b, RBR);
    test_clock_go(&b.clock, timeout_cycles(2) * 2);
    cr_assert_eq(reg(&b, IIR), 0xcc, "or the time-out");
    for (unsigned i = 0; i < 3; i++) reg(&b, RBR);
    cr_assert_eq(reg(&b, IIR), 0xc2, "then THRE");
    cr_assert_eq(reg(&b, IIR), 0xc0, "then the modem");
    cr_assert_eq(reg(&b, MSR) & 0x0f, 0x0b);
    cr_assert_eq(reg(&b, IIR), 0xc1, "then none");
    cr_assert(!b.irq.level);
    device_destroy(b.uart);
}

Test(uart, data_above_the_trigger_goes_before_the_timeout) {
    struct bench b;
    start(&b);
    set(&b, FCR, 0x01);
    set(&b, IER, 1);
    receive(&b, "a");
    test_clock_go(&b.clock, UINT64_C(1) << 40);
    cr_assert_eq(reg(&b, IIR), 0xc4);
    device_destroy(b.uart);
}

Test(uart, reading_lsr_clears_its_errors) {
    struct bench b;
    start(&b);
    set(&b, FCR, 1);
    set(&b, IER, 4);
    uart_break(b.uart);
    cr_assert(b.irq.level);
    cr_assert_eq(reg(&b, IIR), 0xc6);
    cr_assert_eq(reg(&b, LSR), 0xf1, "break, and an error in the FIFO");
    cr_assert(!b.irq.level);
    cr_assert_eq(reg(&b, LSR), 0x61);
    cr_assert_eq(reg(&b, RBR), 0);
    device_destroy(b.uart);
}

Test(uart, a_break_shows_when_it_comes_to_the_top) {
    struct bench b;
    start(&b);
    set(&b, FCR, 1);
    receive(&b, "a");
    uart_break(b.uart);
    cr_assert_eq(reg(&b, LSR), 0xe1);
    cr_assert_eq(reg(&b, RBR), 'a');
    cr_assert_eq(reg(&b, LSR), 0xf1);
    device_destroy(b.uart);
}

Test(uart, input_is_never_lost_when_the_guest_is_slow) {
    static const char text[] = "The quick brown fox jumps over the lazy dog.";
    struct bench b;
    start(&b);
    set(&b, FCR, 0x81);
    b.typed = text;
    room(&b); // 16 go in, the rest waits
    cr_assert_eq(uart_room(b.uart), 0);
    cr_assert_str_eq(b.typed, text + 16);
    for (unsigned i = 0; i < strlen(text); i++) {
        test_clock_go(&b.clock, b.clock.now + 1000000);
        cr_assert_eq((char)reg(&b, RBR), text[i]);
    }
    cr_assert_eq(reg(&b, LSR), 0x60, "no overrun either");
    cr_assert_eq(uart_counters(b.uart)->received, strlen(text));
    device_destroy(b.uart);
}

Test(uart, loopback) {
    struct bench b;
    start(&b);
    receive(&b, "z");
    reg(&b, RBR);
    set(&b, MCR, 0x1a); // RTS and OUT2: CTS and DCD, as Linux looks for
    cr_assert_eq(reg(&b, MSR) & 0xf0, 0x90);
    set(&b, MCR, 0x15); // DTR and OUT1: DSR and RI
    cr_assert_eq(reg(&b, MSR) & 0xf0, 0x60);
    set(&b, THR, 'q');
    cr_assert_eq(b.length, 0, "nothing leaves");
    cr_assert_eq(uart_room(b.uart), 0, "nothing comes in");
    cr_assert_eq(reg(&b, RBR), 'q');
    set(&b, THR, '1'), set(&b, THR, '2'); // without FIFO the second one overruns
    cr_assert_eq(reg(&b, LSR), 0x63);
    cr_assert_eq(reg(&b, RBR), '1');
    b.typed = "t";
    set(&b, MCR, 0);
    cr_assert_eq(reg(&b, RBR), 't', "what waited comes in when the line is back");
    cr_assert_eq(reg(&b, MSR) & 0xf0, 0xb0);
    device_destroy(b.uart);
}

Test(uart, ring_indicator_counts_when_it_ends) {
    struct bench b;
    start(&b);
    set(&b, MCR, 0x10);
    reg(&b, MSR);
    set(&b, MCR, 0x14);
    cr_assert_eq(reg(&b, MSR), 0x40, "no delta when it begins");
    set(&b, MCR, 0x10);
    cr_assert_eq(reg(&b, MSR), 0x04);
    device_destroy(b.uart);
}

Test(uart, fifo_control) {
    struct bench b;
    start(&b);
    set(&b, FCR, 1);
    receive(&b, "abc");
    set(&b, FCR, 3); // clear the receiver
    cr_assert_eq(reg(&b, LSR), 0x60);
    cr_assert_eq(reg(&b, IIR), 0xc1);
    receive(&b, "abc");
    set(&b, FCR, 0); // turning it off empties it
    cr_assert_eq(reg(&b, LSR), 0x60);
    cr_assert_eq(reg(&b, IIR), 0x01);
    set(&b, FCR, 0xc0); // a trigger without the enable bit does not count
    set(&b, IER, 1);
    receive(&b, "a");
    cr_assert(b.irq.level);
    device_destroy(b.uart);
}

Test(uart, scratch_and_read_back) {
    struct bench b;
    start(&b);
    set(&b, SCR, 0xa5);
    cr_assert_eq(reg(&b, SCR), 0xa5);
    set(&b, IER, 0xff);
    cr_assert_eq(reg(&b, IER), 0x0f);
    set(&b, MCR, 0xff);
    cr_assert_eq(reg(&b, MCR), 0x1f);
    set(&b, LCR, 0x1b);
    cr_assert_eq(reg(&b, LCR), 0x1b);
    set(&b, LSR, 0xff);
    cr_assert_eq(reg(&b, LSR) & 0x1e, 0, "LSR is read-only");
    device_destroy(b.uart);
}

Test(uart, reset_is_power_on) {
    struct bench b;
    start(&b);
    set(&b, FCR, 0xc1), set(&b, IER, 0x0f), set(&b, SCR, 7);
    receive(&b, "abc");
    device_reset(b.uart);
    cr_assert(!b.irq.level);
    cr_assert_eq(reg(&b, IER), 0);
    cr_assert_eq(reg(&b, IIR), 1);
    cr_assert_eq(reg(&b, LSR), 0x60);
    cr_assert_eq(reg(&b, MSR), 0xb0);
    cr_assert_eq(b.clock.schedule.next, NEVER);
    device_destroy(b.uart);
}

Test(uart, every_access_is_defined) {
    struct bench b;
    start(&b);
    for (unsigned size = 1; size <= 8; size *= 2) {
        for (uint64_t at = 8; at + size <= UART_BYTES; at += size) {
            put(b.uart, at, size, UINT64_MAX);
            cr_assert_eq(get(b.uart, at, size), 0);
        }
    }
    put(b.uart, SCR, 1, 0x5a);
    receive(&b, "a");
    cr_assert_eq(get(b.uart, RBR, 4), 'a', "a wide access takes one byte");
    device_destroy(b.uart);
}
