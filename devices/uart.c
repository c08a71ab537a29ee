// SPDX-License-Identifier: MIT
// The serial port (see uart.h), after National Semiconductor's PC16550D data sheet. The transmitter
// takes no time: a byte written to THR has left before the next instruction, so THR is always empty
// and no transmit FIFO is needed. The receiver's time-out (four characters without traffic) runs in
// virtual time at the guest's baud rate.
#include "devices/uart.h"

#include "devices/node.h"

#include <assert.h>
#include <stdlib.h>

enum reg { RBR_THR_DLL, IER_DLM, IIR_FCR, LCR, MCR, LSR, MSR, SCR, REGISTERS };

enum {
    IER_RX = 0x01,
    IER_THRE = 0x02,
    IER_LINE = 0x04,
    IER_MODEM = 0x08,
    IER_BITS = 0x0f,

    IIR_MODEM = 0x00,
    IIR_NONE = 0x01,
    IIR_THRE = 0x02,
    IIR_RX = 0x04,
    IIR_LINE = 0x06,
    IIR_TIMEOUT = 0x0c,
    IIR_FIFO = 0xc0,

    FCR_ENABLE = 0x01,
    FCR_CLEAR_RX = 0x02,
    FCR_BITS = 0xc9, // what a write keeps: enable, DMA mode, trigger level

    LCR_DLAB = 0x80,
    MCR_LOOP = 0x10,
    MCR_BITS = 0x1f,

    LSR_DATA = 0x01,
    LSR_OVERRUN = 0x02,
    LSR_BREAK = 0x10,
    LSR_THRE = 0x20,
    LSR_IDLE = 0x40,
    LSR_FIFO_ERROR = 0x80,

    MSR_CTS = 0x10,
    MSR_DSR = 0x20,
    MSR_RI = 0x40,
    MSR_DCD = 0x80,
    MSR_DELTAS = 0x0f,
};

// A driver that sends looks at LSR once or twice a byte; one that looks more often waits for input.
enum { POLLS_LISTENING = 16 };

enum { FIFO_BYTES = 16, TIMEOUT_CHARACTERS = 4, TICKS_PER_SECOND = 10000000 };

// A received character with its line status: LSR_BREAK or 0.
struct character {
    uint8_t byte, status;
};

struct uart {
    struct device device;
    uint8_t ier, fcr, lcr, mcr, scr, dll, dlm;
    uint8_t line_status;  // LSR_OVERRUN and LSR_BREAK until LSR is read
    uint8_t modem_status; // MSR as it reads
    bool thre_pending;    // "THR empty" was not reported yet
    bool thre_seen;       // ... but LSR was read, which tells it too
    bool timeout;         // characters have waited for too long
    unsigned polls;       // reads of LSR in a row
    struct character fifo[FIFO_BYTES];
    unsigned head, count;
    int event;
    bool irq_level;
    struct uart_line line;
    struct uart_counters counters;
};

static unsigned capacity(const struct uart *u) { return u->fcr & FCR_ENABLE ? FIFO_BYTES : 1; }

static unsigned trigger_level(const struct uart *u) {
    static const uint8_t level[] = {1, 4, 8, 14};
    return u->fcr & FCR_ENABLE ? level[u->fcr >> 6] : 1;
}

// The source of highest priority, as the low half of IIR says it (data sheet, table IV).
static uint8_t interrupt_source(const struct uart *u) {
    if (u->ier & IER_LINE && u->line_status) return IIR_LINE;
    if (u->ier & IER_RX && u->count >= trigger_level(u)) return IIR_RX;
    if (u->ier & IER_RX && u->timeout) return IIR_TIMEOUT;
    if (u->ier & IER_THRE && u->thre_pending) return IIR_THRE;
    if (u->ier & IER_MODEM && u->modem_status & MSR_DELTAS) return IIR_MODEM;
    return IIR_NONE;
}

// The wire. A driver that has read LSR knows that THR is empty, so THRE does not ask any longer,
// although IIR goes on telling it until it is read. (The data sheet has the wire follow IIR. xv6
// before 2024 never reads IIR, which went unnoticed on QEMU, whose PLIC does not ask again for a
// level that stays high; on ours it would be interrupted for ever.)
static bool asks(const struct uart *u) {
    const uint8_t source = interrupt_source(u);
    return source != IIR_NONE && !(source == IIR_THRE && u->thre_seen);
}

static void thr_emptied(struct uart *u) {
    u->thre_pending = true;
    u->thre_seen = false;
}

static void update_irq(struct uart *u) {
    const bool level = asks(u);
    if (level && !u->irq_level) u->counters.interrupts++;
    u->irq_level = level;
    irq_set(&u->device.irq, level);
}

// Cycles that a character takes: start bit, 5..8 data bits, parity, one or two stop bits, each 16 *
// divisor clocks long. A divisor of 0 counts as 65536.
static uint64_t character_cycles(const struct uart *u) {
    const unsigned divisor = (unsigned)(u->dlm << 8 | u->dll);
    const unsigned lcr = u->lcr;
    const unsigned bits = 1 + (5 + (lcr & 3)) + (lcr >> 3 & 1) + (1 + (lcr >> 2 & 1));
    const uint64_t clocks = UINT64_C(16) * (divisor ? divisor : 65536) * bits;
    return clocks * TICKS_PER_SECOND / UART_CLOCK_HZ * u->device.schedule->cycles_per_tick;
}

// The receiver had traffic: the time-out starts afresh, as long as there is something to wait for.
static void restart_timeout(struct uart *u) {
    const bool waits = u->fcr & FCR_ENABLE && u->count;
    u->timeout = false;
    schedule_arm(u->device.schedule, u->event,
                 waits ? schedule_now(u->device.schedule) + TIMEOUT_CHARACTERS * character_cycles(u)
                       : NEVER);
}

static void timeout_due(void *device) {
    struct uart *u = device;
    u->timeout = true;
    update_irq(u);
}

// A character's line status shows when it comes to the top of the FIFO.
static void show_top(struct uart *u) {
    if (!u->count) return;
    u->line_status |= u->fifo[u->head].status;
    u->fifo[u->head].status = 0;
}

static void push(struct uart *u, struct character c) {
    if (u->count == capacity(u)) {
        u->line_status |= LSR_OVERRUN; // only loopback comes here
    } else {
        u->fifo[(u->head + u->count++) % FIFO_BYTES] = c;
        u->counters.received++;
        if (u->count == 1) show_top(u);
    }
    restart_timeout(u);
    update_irq(u);
}

// Whoever has input may send it now.
static void ask_for_input(const struct uart *u) {
    if (u->line.room) u->line.room(u->line.listener);
}

static uint8_t pop(struct uart *u) {
    if (!u->count) return 0;
    const uint8_t byte = u->fifo[u->head].byte;
    u->head = (u->head + 1) % FIFO_BYTES;
    u->count--;
    show_top(u);
    restart_timeout(u);
    ask_for_input(u);
    return byte;
}

static void clear_fifo(struct uart *u) {
    u->head = u->count = 0;
    restart_timeout(u);
    ask_for_input(u);
}

unsigned uart_room(const struct device *uart) {
    const struct uart *u = (const struct uart *)uart;
    return u->mcr & MCR_LOOP ? 0 : capacity(u) - u->count;
}

bool uart_listens(const struct device *uart) {
    const struct uart *u = (const struct uart *)uart;
    return u->ier & IER_RX || u->polls >= POLLS_LISTENING;
}

void uart_receive(struct device *uart, uint8_t byte) {
    assert(uart_room(uart));
    push((struct uart *)uart, (struct character){.byte = byte});
}

void uart_break(struct device *uart) {
    if (uart_room(uart)) push((struct uart *)uart, (struct character){.status = LSR_BREAK});
}

static void transmit(struct uart *u, uint8_t byte) {
    thr_emptied(u);
    if (u->mcr & MCR_LOOP) {
        push(u, (struct character){.byte = byte});
        return;
    }
    u->counters.sent++;
    if (u->line.sent) u->line.sent(u->line.listener, byte);
}

// The modem lines: in loopback the port's own outputs, else a peer that is always ready. A change
// sets the delta bits; that of RI only its end.
static void update_modem(struct uart *u) {
    uint8_t lines = MSR_CTS | MSR_DSR | MSR_DCD;
    if (u->mcr & MCR_LOOP) {
        // MCR has DTR, RTS, OUT1, OUT2 in bits 0..3; MSR has CTS, DSR, RI, DCD in bits 4..7.
        const unsigned m = u->mcr;
        lines = (uint8_t)((m & 1) << 5 | (m & 2) << 3 | (m & 12) << 4);
    }
    const uint8_t old = u->modem_status & (uint8_t)~MSR_DELTAS;
    uint8_t changed = old ^ lines;
    if (lines & MSR_RI) changed &= (uint8_t)~MSR_RI;
    u->modem_status = (uint8_t)(lines | (u->modem_status & MSR_DELTAS) | changed >> 4);
}

static uint8_t read_iir(struct uart *u) {
    const uint8_t source = interrupt_source(u);
    if (source == IIR_THRE) u->thre_pending = false;
    return source | (u->fcr & FCR_ENABLE ? IIR_FIFO : 0);
}

static uint8_t read_lsr(struct uart *u) {
    if (u->polls < POLLS_LISTENING) {
        u->polls++;
        if (u->polls == POLLS_LISTENING) ask_for_input(u);
    }
    uint8_t lsr = LSR_THRE | LSR_IDLE | u->line_status;
    if (u->count) lsr |= LSR_DATA;
    if (u->fcr & FCR_ENABLE && u->line_status & LSR_BREAK) lsr |= LSR_FIFO_ERROR;
    for (unsigned i = 0; u->fcr & FCR_ENABLE && i < u->count; i++) {
        if (u->fifo[(u->head + i) % FIFO_BYTES].status) lsr |= LSR_FIFO_ERROR;
    }
    u->line_status = 0;
    u->thre_seen = true;
    return lsr;
}

static uint8_t read_msr(struct uart *u) {
    const uint8_t msr = u->modem_status;
    u->modem_status &= (uint8_t)~MSR_DELTAS;
    return msr;
}

// The registers are bytes; a wider access takes the one at its offset.
static bool uart_read(void *device, uint64_t offset, unsigned size, uint64_t *value) {
    struct uart *u = device;
    const bool dlab = u->lcr & LCR_DLAB;
    (void)size;
    *value = 0;
    if (offset != LSR) u->polls = 0;
    switch (offset) {
    case RBR_THR_DLL: *value = dlab ? u->dll : pop(u); break;
    case IER_DLM: *value = dlab ? u->dlm : u->ier; break;
    case IIR_FCR: *value = read_iir(u); break;
    case LCR: *value = u->lcr; break;
    case MCR: *value = u->mcr; break;
    case LSR: *value = read_lsr(u); break;
    case MSR: *value = read_msr(u); break;
    case SCR: *value = u->scr; break;
    default: return true;
    }
    update_irq(u);
    return true;
}

// Enabling the THRE interrupt while THR is empty, as it always is, raises it.
static void write_ier(struct uart *u, uint8_t value) {
    if (value & ~u->ier & IER_THRE) thr_emptied(u);
    const bool begins = value & ~u->ier & IER_RX;
    u->ier = value & IER_BITS;
    if (begins) ask_for_input(u);
}

// Turning the FIFO on or off empties it. The other bits count only together with the enable bit.
static void write_fcr(struct uart *u, uint8_t value) {
    const bool turned = (value ^ u->fcr) & FCR_ENABLE;
    u->fcr = value & FCR_ENABLE ? value & FCR_BITS : 0;
    if (turned || (value & FCR_ENABLE && value & FCR_CLEAR_RX)) clear_fifo(u);
}

static bool uart_write(void *device, uint64_t offset, unsigned size, uint64_t value) {
    struct uart *u = device;
    const uint8_t byte = (uint8_t)value;
    const bool dlab = u->lcr & LCR_DLAB;
    (void)size;
    u->polls = 0;
    switch (offset) {
    case RBR_THR_DLL:
        if (dlab) {
            u->dll = byte;
        } else {
            transmit(u, byte);
        }
        break;
    case IER_DLM:
        if (dlab) {
            u->dlm = byte;
        } else {
            write_ier(u, byte);
        }
        break;
    case IIR_FCR: write_fcr(u, byte); break;
    case LCR: u->lcr = byte; break;
    case MCR:
        u->mcr = byte & MCR_BITS;
        update_modem(u);
        if (uart_room(&u->device)) ask_for_input(u);
        break;
    case SCR: u->scr = byte; break;
    default: return true;
    }
    update_irq(u);
    return true;
}

static void uart_reset(struct device *d) {
    struct uart *u = (struct uart *)d;
    u->ier = u->fcr = u->lcr = u->mcr = u->scr = u->dlm = 0;
    u->polls = 0;
    u->dll = UART_CLOCK_HZ / 16 / 115200;
    u->line_status = 0;
    thr_emptied(u);
    update_modem(u);
    u->modem_status &= (uint8_t)~MSR_DELTAS;
    clear_fifo(u);
    update_irq(u);
}

static int uart_write_node(struct device *d, struct fdt_context *c) {
    node_begin_device(c, d, "serial");
    node_u32(c, "clock-frequency", UART_CLOCK_HZ);
    NODE_COMPATIBLE(c, "ns16550a");
    node_end(c);
    return c->error;
}

static const struct device_type uart_type = {
    .name = "uart",
    .read = uart_read,
    .write = uart_write,
    .reset = uart_reset,
    .write_node = uart_write_node,
};

struct device *uart_create(const struct device_place *place, const struct uart_line *line) {
    struct uart *u = device_new(sizeof *u, &uart_type, place, UART_BYTES);
    if (!u) return NULL;
    u->event = schedule_add(place->schedule, timeout_due, u);
    if (u->event < 0) {
        free(u);
        return NULL;
    }
    u->line = *line;
    u->line.room = NULL; // nobody is called before the machine stands
    uart_reset(&u->device);
    u->line.room = line->room;
    return &u->device;
}

const struct uart_counters *uart_counters(const struct device *uart) {
    return &((const struct uart *)uart)->counters;
}
