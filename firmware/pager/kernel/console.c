// SPDX-License-Identifier: MIT
//
// Driver of the 16550 UART, see console.h. Register names are those of its data sheet.
#include "kernel/console.h"

enum uart_register { UART_DATA, UART_IER, UART_FCR, UART_LCR, UART_MCR, UART_LSR };

#define IER_RECEIVED   1
#define FCR_ENABLE     7 // enable both FIFOs and empty them
#define LCR_EIGHT_BITS 3
#define MCR_INTERRUPTS 8 // OUT2 lets the interrupt out of the chip on a PC
#define LSR_RECEIVED   0x01
#define LSR_CAN_SEND   0x20
#define CONTROL_C      3

void console_start(struct console *console, uint64_t base) {
    console->uart = (volatile uint8_t *)base;
    console->uart[UART_LCR] = LCR_EIGHT_BITS;
    console->uart[UART_FCR] = FCR_ENABLE;
    console->uart[UART_MCR] = MCR_INTERRUPTS;
    console->uart[UART_IER] = IER_RECEIVED;
}

static void send(struct console *console, char c) {
    while (!(console->uart[UART_LSR] & LSR_CAN_SEND)) continue;
    console->uart[UART_DATA] = (uint8_t)c;
}

void console_put(struct console *console, char c) {
    if (!console->uart || console->quiet) return;
    if (c == '\n') send(console, '\r');
    send(console, c);
}

void console_typed(struct console *console, uint8_t c) {
    if (c == CONTROL_C) console->interrupted = true;
    unsigned next = (console->head + 1) % CONSOLE_RING;
    if (c == CONTROL_C || next == console->tail) return;
    console->ring[console->head] = c;
    console->head = next;
}

void console_receive(struct console *console) {
    while (console->uart[UART_LSR] & LSR_RECEIVED) console_typed(console, console->uart[UART_DATA]);
}

int console_take(struct console *console) {
    if (console->head == console->tail) return -1;
    int c = console->ring[console->tail];
    console->tail = (console->tail + 1) % CONSOLE_RING;
    return c;
}
