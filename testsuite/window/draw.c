// SPDX-License-Identifier: MIT
// A bare-metal program that draws into the simple framebuffer: 64 squares, each in a colour of its
// own, in a white frame. Then it is ruled over the serial line: a digit n makes square n white, 'q'
// switches the machine off, '*' moves the colours for ever, and every byte is echoed.
#include <stdint.h>

enum { WIDTH = 640, HEIGHT = 480, ACROSS = 8, DOWN = 8, FRAME = 4 };
enum { WHITE = 0xffffff, UART_LSR = 5, LSR_DATA = 1, PASS = 0x5555 };

static volatile uint32_t *const pixels = (volatile uint32_t *)0x50000000;
static volatile uint8_t *const uart = (volatile uint8_t *)0x10000000;
static volatile uint32_t *const finisher = (volatile uint32_t *)0x100000;

// The test computes the same: red grows to the right, green downwards, blue with both.
static uint32_t colour_of(unsigned column, unsigned row) {
    return column * 36 << 16 | row * 36 << 8 | (column ^ row) * 36;
}

static void fill(unsigned column, unsigned row, uint32_t colour) {
    const unsigned wide = WIDTH / ACROSS, high = HEIGHT / DOWN;
    for (unsigned y = row * high; y < (row + 1) * high; y++) {
        for (unsigned x = column * wide; x < (column + 1) * wide; x++) {
            const int edge = x < FRAME || y < FRAME || x >= WIDTH - FRAME || y >= HEIGHT - FRAME;
            pixels[y * WIDTH + x] = edge ? WHITE : colour;
        }
    }
}

void draw(void);
__asm__(".pushsection .text.start, \"ax\"\n.globl _start\n_start: la sp, stack_top\nj draw\n"
        ".popsection\n.pushsection .bss\n.balign 16\n.space 4096\nstack_top:\n.popsection\n");

void draw(void) {
    for (unsigned i = 0; i < ACROSS * DOWN; i++) {
        fill(i % ACROSS, i / ACROSS, colour_of(i % ACROSS, i / ACROSS));
    }
    for (const char *c = "drawn\n"; *c; c++) uart[0] = (uint8_t)*c;
    for (;;) {
        if (!(uart[UART_LSR] & LSR_DATA)) continue;
        const uint8_t byte = uart[0];
        uart[0] = byte;
        if (byte >= '0' && byte <= '9') fill((byte - '0') % ACROSS, (byte - '0') / ACROSS, WHITE);
        for (unsigned i = 0; byte == '*'; i++) {
            fill(i % ACROSS, i / ACROSS % DOWN,
                 colour_of((i + i / 64) % ACROSS, i / ACROSS % DOWN));
        }
        if (byte == 'q') *finisher = PASS;
    }
}
