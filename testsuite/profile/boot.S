# SPDX-License-Identifier: MIT
# Calls main, and ends the machine. The trap handler skips an ECALL. With WAIT the program sleeps
# instead: ten times a tenth of a second of virtual time.
.equ FINISHER, 0x100000
.equ MTIMECMP, 0x2004000
.equ MTIME, 0x200bff8

    .section .text.start
    .globl _start
_start:
    la sp, stack_top
    la t0, handler
    csrw mtvec, t0
#ifdef WAIT
    li s0, 10
    li s1, MTIME
    ld s1, 0(s1)
    li s2, MTIMECMP
    li t0, 0x80                # MTIE
    csrw mie, t0
1:  li t0, 1000000             # ticks of 100 ns
    add s1, s1, t0
    sd s1, 0(s2)
2:  wfi
    csrr t0, mip
    andi t0, t0, 0x80
    beqz t0, 2b
    addi s0, s0, -1
    bnez s0, 1b
#else
    call main
#endif
    li t0, FINISHER
    li t1, 0x5555
    sw t1, 0(t0)
3:  j 3b

    .balign 4
    .type handler, @function
handler:
    csrr t0, mepc
    addi t0, t0, 4
    csrw mepc, t0
    mret

    .bss
    .balign 16
    .skip 4096
stack_top:
