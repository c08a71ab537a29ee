// SPDX-License-Identifier: MIT
//
// The terminal: a 16550 UART. Output waits for the transmitter; input comes by interrupt into a
// small ring, so that nothing typed is lost while a program runs.
#ifndef TABLEWALK_PAGER_CONSOLE_H
#define TABLEWALK_PAGER_CONSOLE_H

#include "kernel/lib.h"

#define CONSOLE_RING 256

struct console {
    volatile uint8_t *uart;
    uint8_t ring[CONSOLE_RING];
    unsigned head, tail; // taken from ring[tail], put at ring[head]
    bool interrupted;    // Ctrl-C was typed and nobody has taken notice yet
    bool quiet;          // print nothing (a chapter repeats an experiment)
};

// `base` is the UART's address as the kernel sees it.
void console_start(struct console *console, uint64_t base);

void console_put(struct console *console, char c);

// Puts a character that was typed somewhere into the ring; Ctrl-C sets `interrupted` instead.
void console_typed(struct console *console, uint8_t c);

// The same with all that the UART has received.
void console_receive(struct console *console);

// The next character typed, or -1.
int console_take(struct console *console);

#endif
