# SPDX-License-Identifier: MIT
# Bare-metal programs for testsuite/command/run, one a value of PROGRAM.
#define EXIT_7    1
#define FINISHER  2
#define WAIT      3
#define ECHO      4
#define WRITE     5
#define SIGNATURE 6
#define SPIN      7
#define TIMER     8

#define UART       0x10000000
#define FINISHER_AT 0x100000
#define CLINT      0x2000000

    .section .text
    .globl _start
_start:
#if PROGRAM == EXIT_7
    li t0, (7 << 1) | 1
    la t1, tohost
    sd t0, 0(t1)
1:  j 1b

#elif PROGRAM == FINISHER
    li t0, FINISHER_AT
    li t1, VALUE
    sw t1, 0(t0)
1:  j 1b

#elif PROGRAM == WAIT
1:  wfi
    j 1b

#elif PROGRAM == ECHO
    # Reads bytes until a '.', polling, and sends each back.
    li t0, UART
    li t3, '.'
    li t1, 7
    sb t1, 2(t0)
1:  lbu t1, 5(t0)
    andi t1, t1, 1
    beqz t1, 1b
    lbu t2, 0(t0)
    sb t2, 0(t0)
    bne t2, t3, 1b
    li t0, FINISHER_AT
    li t1, 0x5555
    sw t1, 0(t0)

#elif PROGRAM == WRITE
    # The proxy kernel's write and exit calls.
    la t0, call
    la t1, tohost
    sd t0, 0(t1)
    la t2, fromhost
1:  ld t3, 0(t2)
    beqz t3, 1b
    li t4, 93
    sd t4, 0(t0)
    li t4, 3
    sd t4, 8(t0)
    sd t0, 0(t1)
1:  j 1b

#elif PROGRAM == SIGNATURE
    li t0, 1
    la t1, tohost
    sd t0, 0(t1)
1:  j 1b

#elif PROGRAM == SPIN
1:  j 1b

#elif PROGRAM == TIMER
    # Waits for 1000 ticks of mtime, then ends with the low bits of the time it sees.
    li t0, CLINT + 0x4000
    li t1, 1000
    sd t1, 0(t0)
    li t1, 1 << 7
    csrw mie, t1
    wfi
    li t0, CLINT + 0xbff8
    ld t1, 0(t0)
    addi t1, t1, -999
    slli t1, t1, 1
    ori t1, t1, 1
    la t0, tohost
    sd t1, 0(t0)
1:  j 1b
#endif

    .section .data
    .balign 64
#if PROGRAM != WAIT && PROGRAM != ECHO && PROGRAM != FINISHER
    .globl tohost, fromhost
tohost:
    .dword 0
fromhost:
    .dword 0
#endif
    .balign 64
call:
    .dword 64, 1, text, text_end - text, 0, 0, 0, 0
text:
    .ascii "written by the program\n"
text_end:
    .balign 16
    .globl begin_signature, end_signature
begin_signature:
    .word 0x11111111, 0x22222222, 0x33333333, 0x44444444, 0x55555555
end_signature:
