// SPDX-License-Identifier: MIT
// The serial port: an NS16550A with 16-byte FIFO. Its line is two functions: what the guest sends
// goes to a callback at once, what comes in waits outside until the receiver has room, so that no
// input is lost when the guest is slow.
#ifndef TABLEWALK_DEVICES_UART_H
#define TABLEWALK_DEVICES_UART_H

#include "devices/device.h"

enum { UART_BYTES = 0x100, UART_IRQ = 10, UART_CLOCK_HZ = 3686400 };

struct uart_line {
    // A byte was sent. NULL: nobody listens.
    void (*sent)(void *listener, uint8_t byte);
    // The guest has read, and there is room again for input, or it begins to listen. NULL: the
    // sender asks by itself.
    void (*room)(void *listener);
    void *listener;
};

struct uart_counters {
    uint64_t sent, received; // bytes
    uint64_t interrupts;     // times that the interrupt went high
};

// NULL: out of host memory, or no event slot is left.
struct device *uart_create(const struct device_place *place, const struct uart_line *line);

// How many bytes the receiver takes now: 0..16; 0 in loopback, where the line is cut off.
unsigned uart_room(const struct device *uart);

// Does the guest wait for input? It has enabled the interrupt of received data, or it reads the
// line status again and again. Input that comes earlier may be lost when the guest sets up the
// FIFO.
bool uart_listens(const struct device *uart);

// A byte comes in over the line. The caller has seen that there is room.
void uart_receive(struct device *uart, uint8_t byte);

// A break condition comes in; it takes a place as a byte does.
void uart_break(struct device *uart);

const struct uart_counters *uart_counters(const struct device *uart);

#endif
