// SPDX-License-Identifier: MIT
// The demonstration's first instructions, and its trap entry.

// The firmware jumps here in S-mode: a0 = hart number, a1 = device tree. The loader has cleared
// .bss, as an ELF file demands.
    .section .text.start, "ax"
    .globl _start
_start:
    la sp, stack_top
    call demo_main

// All traps of S-mode, which interrupts itself alone: save what C may change, call the handler, go
// back to where sepc says. sepc is not moved, so the instruction that faulted is executed again.
    .macro for_caller_saved op // ra, t0-t6, a0-a7
    .irp n, 1,5,6,7,10,11,12,13,14,15,16,17,28,29,30,31
    \op x\n, 8*\n(sp)
    .endr
    .endm

    .section .text
    .globl trap_entry
    .balign 4
trap_entry:
    addi sp, sp, -256
    for_caller_saved sd
    call demo_trap
    for_caller_saved ld
    addi sp, sp, 256
    sret

    .section .bss
    .balign 16
    .zero 8192
stack_top:
