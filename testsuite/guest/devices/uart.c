// SPDX-License-Identifier: MIT
// The 16550 from the guest's side (corner case 24): the identification of interrupts and their
// order, FIFO, divisor latch, line status, all in loopback, so that no outside party is needed.
#include "guest.h"

#define UART ((volatile uint8_t *)0x10000000)
enum { RBR = 0, THR = 0, IER = 1, IIR = 2, FCR = 2, LCR = 3, MCR = 4, LSR = 5, MSR = 6, SCR = 7 };
enum {
    IER_RX = 1,
    IER_THRE = 2,
    IER_LINE = 4,
    LSR_DR = 1,
    LSR_OE = 2,
    LSR_THRE = 0x20,
    LSR_TEMT = 0x40,
    MCR_LOOP = 0x10,
    LCR_8N1 = 3,
    LCR_DLAB = 0x80,
    FCR_ON = 1,
    FCR_CLEAR = 6,
    IIR_NONE = 1,
    IIR_THRE = 2,
    IIR_DATA = 4,
    IIR_LINE = 6,
    IIR_TIMEOUT = 12,
};

static void start(uint8_t fcr) {
    UART[IER] = 0;
    UART[LCR] = LCR_8N1;
    UART[FCR] = FCR_ON | FCR_CLEAR;
    UART[FCR] = fcr;
    UART[MCR] = MCR_LOOP;
    while (UART[LSR] & LSR_DR) (void)UART[RBR];
    (void)UART[IIR];
}

static void end(void) {
    UART[IER] = 0;
    UART[FCR] = FCR_ON | FCR_CLEAR;
    UART[MCR] = 0;
}

static uint8_t cause(void) { return UART[IIR] & 0xf; }
static bool wait_for(uint8_t status) {
    for (int i = 0; i < 1000000; i++) {
        if ((UART[LSR] & status) == status) return true;
    }
    return false;
}
static void send(uint8_t byte) {
    CHECK(wait_for(LSR_THRE));
    UART[THR] = byte;
}

CASE(idle_transmitter_is_empty) {
    start(FCR_ON);
    CHECK_EQ(UART[LSR] & (LSR_THRE | LSR_TEMT | LSR_DR), LSR_THRE | LSR_TEMT);
    CHECK_EQ(cause(), IIR_NONE);
    end();
}

CASE(scratch_register) {
    UART[SCR] = 0x5a;
    CHECK_EQ(UART[SCR], 0x5a);
    UART[SCR] = 0xa5;
    CHECK_EQ(UART[SCR], 0xa5);
}

CASE(divisor_latch_hides_data_and_ier) {
    start(FCR_ON);
    UART[LCR] = LCR_8N1 | LCR_DLAB;
    UART[0] = 0x34;
    UART[1] = 0x12;
    CHECK_EQ(UART[0], 0x34);
    CHECK_EQ(UART[1], 0x12);
    UART[LCR] = LCR_8N1;
    CHECK_EQ(UART[IER], 0);
    CHECK_EQ(UART[LSR] & LSR_DR, 0);
    UART[LCR] = LCR_8N1 | LCR_DLAB;
    UART[0] = 1;
    UART[1] = 0;
    UART[LCR] = LCR_8N1;
    end();
}

CASE(fifo_bits_of_iir) {
    start(FCR_ON);
    CHECK_EQ(UART[IIR] >> 6, 3);
    UART[FCR] = 0;
    CHECK_EQ(UART[IIR] >> 6, 0);
    end();
}

// Enabling THRE interrupts while the transmitter is empty raises one; reading IIR takes it away.
CASE(thre_interrupt_on_enabling) {
    start(FCR_ON);
    CHECK_EQ(cause(), IIR_NONE);
    UART[IER] = IER_THRE;
    CHECK_EQ(cause(), IIR_THRE);
    CHECK_EQ(cause(), IIR_NONE);
    end();
}

CASE(thre_interrupt_after_sending) {
    start(FCR_ON);
    UART[IER] = IER_THRE;
    (void)UART[IIR];
    UART[THR] = 'x';
    CHECK(wait_for(LSR_THRE));
    CHECK_EQ(cause(), IIR_THRE);
    CHECK_EQ(cause(), IIR_NONE);
    end();
}

CASE(loopback_brings_data_back) {
    start(FCR_ON);
    send('a');
    CHECK(wait_for(LSR_DR));
    CHECK_EQ(UART[RBR], 'a');
    CHECK_EQ(UART[LSR] & LSR_DR, 0);
    end();
}

CASE(fifo_keeps_order) {
    start(FCR_ON);
    for (uint8_t i = 0; i < 16; i++) send((uint8_t)('A' + i));
    for (uint8_t i = 0; i < 16; i++) {
        CHECK(wait_for(LSR_DR));
        CHECK_EQ(UART[RBR], 'A' + i);
    }
    CHECK_EQ(UART[LSR] & LSR_DR, 0);
    end();
}

CASE(received_data_interrupts) {
    start(FCR_ON); // trigger level 1
    UART[IER] = IER_RX;
    CHECK_EQ(cause(), IIR_NONE);
    send('a');
    CHECK(wait_for(LSR_DR));
    CHECK_EQ(cause(), IIR_DATA);
    CHECK_EQ(cause(), IIR_DATA); // IIR does not clear it
    (void)UART[RBR];
    CHECK_EQ(cause(), IIR_NONE);
    end();
}

// Below the trigger level it takes the time-out to tell of data.
CASE(fifo_time_out) {
    start(FCR_ON | 0x80); // trigger level 8
    UART[IER] = IER_RX;
    send('a');
    CHECK(wait_for(LSR_DR));
    int i = 0;
    while (cause() != IIR_TIMEOUT && i < 2000000) i++;
    CHECK_EQ(cause(), IIR_TIMEOUT);
    CHECK_EQ(UART[RBR], 'a');
    CHECK_EQ(cause(), IIR_NONE);
    end();
}

CASE(trigger_level_reached) {
    start(FCR_ON | 0x40); // trigger level 4
    UART[IER] = IER_RX;
    for (uint8_t i = 0; i < 4; i++) send(i);
    CHECK(wait_for(LSR_DR | LSR_TEMT));
    CHECK_EQ(cause(), IIR_DATA);
    end();
}

// An overrun: the line status comes first, and reading LSR takes it away.
CASE(overrun_before_data) {
    start(FCR_ON);
    for (uint8_t i = 0; i < 17; i++) UART[THR] = i; // one more than the receiver holds
    for (int i = 0; i < 200000; i++) (void)UART[SCR];
    UART[IER] = IER_RX | IER_LINE;
    CHECK_EQ(cause(), IIR_LINE);
    CHECK_EQ(UART[LSR] & LSR_OE, LSR_OE);
    CHECK_EQ(UART[LSR] & LSR_OE, 0);
    uint8_t then = cause(); // of one rank: data, and data that has waited long
    CHECK(then == IIR_DATA || then == IIR_TIMEOUT);
    end();
}

CASE(data_before_transmitter) {
    start(FCR_ON);
    send('a');
    CHECK(wait_for(LSR_DR | LSR_TEMT));
    UART[IER] = IER_RX | IER_THRE;
    CHECK_EQ(cause(), IIR_DATA);
    (void)UART[RBR];
    CHECK_EQ(cause(), IIR_THRE);
    CHECK_EQ(cause(), IIR_NONE);
    end();
}

CASE(clearing_the_receive_fifo) {
    start(FCR_ON);
    send('a');
    send('b');
    CHECK(wait_for(LSR_DR | LSR_TEMT));
    UART[FCR] = FCR_ON | 2;
    CHECK_EQ(UART[LSR] & LSR_DR, 0);
    end();
}

// In loopback the modem's outputs are its inputs: RTS is CTS, DTR is DSR, OUT1 is RI, OUT2 is DCD.
CASE(loopback_of_modem_lines) {
    start(FCR_ON);
    static const uint8_t out[] = {1, 2, 4, 8}, in[] = {0x20, 0x10, 0x40, 0x80};
    for (int i = 0; i < 4; i++) {
        UART[MCR] = MCR_LOOP | out[i];
        CHECK_EQ(UART[MSR] & 0xf0, in[i]);
    }
    end();
}

CASE(ier_has_four_bits) {
    start(FCR_ON);
    UART[IER] = 0xf0;
    CHECK_EQ(UART[IER], 0);
    end();
}
