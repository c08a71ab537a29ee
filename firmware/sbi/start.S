// SPDX-License-Identifier: MIT
// What cannot be said in C: the first instructions, the way into and out of a trap, and a load on
// behalf of S-mode.
#include "firmware/sbi/layout.h"

// All harts begin here, at once: a0 = hart number, a1 = device tree, a2 = struct fw_dynamic_info.
    .section .text.start, "ax"
    .globl _start
_start:
    csrw mie, zero
    la t0, park
    csrw mtvec, t0
    li t0, MAX_HARTS
    bgeu a0, t0, park
    la sp, stacks // sp = top of stack number a0
    li t0, STACK_SIZE
    addi t1, a0, 1
    mul t0, t0, t1
    add sp, sp, t0
    addi sp, sp, -STACK_TOP_SIZE
    la a3, firmware_state
    call boot

    .globl stop_forever
    .balign 4
stop_forever:
park:
    csrw mie, zero
    wfi
    j park

    .section .text
// mscratch holds the top of this hart's stack while S-mode runs. The handler runs with interrupts
// off and never traps on purpose (the copies below bring their own mtvec), so there is one frame.
    .macro for_registers op // all but x0 and sp
    .irp n, 1,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    \op x\n, 8*\n(sp)
    .endr
    .endm

    .globl trap_entry
    .balign 4
trap_entry:
    csrrw sp, mscratch, sp
    addi sp, sp, -FRAME_SIZE
    for_registers sd
    addi t0, sp, FRAME_SIZE
    csrrw t0, mscratch, t0 // t0 = sp of S-mode
    sd t0, 8*2(sp)
    csrr t0, mepc
    sd t0, 8*32(sp)
    csrr t0, mstatus
    sd t0, 8*33(sp)
    ld a0, FRAME_SIZE(sp) // the struct hart
    mv a1, sp
    call trap
    ld t0, 8*32(sp)
    csrw mepc, t0
    ld t0, 8*33(sp)
    csrw mstatus, t0
    for_registers ld
    ld sp, 8*2(sp)
    mret

// void return_to_supervisor(uint64_t a0, uint64_t a1, uint64_t stack_top): mepc and mstatus are set.
    .globl return_to_supervisor
return_to_supervisor:
    csrw mscratch, a2
    mret

// bool copy_from_caller(void *to, uint64_t va, uint64_t size, struct fault *fault, uint64_t status)
// bool copy_to_caller(uint64_t va, const void *from, uint64_t size, struct fault *fault,
//                     uint64_t status)
// Byte by byte. mstatus.MPP is still that of the trap we serve, so MPRV in status gives its
// privilege and translation to the one access. A fault ends the copy and is told in *fault.
    .macro copy name, load_status, store_status
    .globl \name
    .balign 4
\name:
    la t0, 3f
    csrrw t0, mtvec, t0
    csrr t1, mstatus
    mv t4, zero
1:  beqz a2, 2f
    csrs mstatus, \load_status
    lbu t2, 0(a1)
    csrw mstatus, t1
    csrs mstatus, \store_status
    sb t2, 0(a0)
    csrw mstatus, t1
    addi a0, a0, 1
    addi a1, a1, 1
    addi a2, a2, -1
    j 1b
2:  csrw mtvec, t0
    li a0, 1
    ret
    .balign 4
3:  csrw mstatus, t1
    csrw mtvec, t0
    csrr t0, mcause
    sd t0, 0(a3)
    csrr t0, mtval
    sd t0, 8(a3)
    li a0, 0
    ret
    .endm
    copy copy_from_caller, a4, t4
    copy copy_to_caller, t4, a4

// Floating point registers by number: a move and a ret for each, 8 bytes. f<n> -> a0, or a1 -> f<n>.
    .macro fp_registers name, move, write
    .globl \name
    .balign 4
\name:
    la t0, 1f
    slli t1, a0, 3
    add t0, t0, t1
    jr t0
    .option push
    .option arch, +d
1:  .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    .if \write
    \move f\n, a1
    .else
    \move a0, f\n
    .endif
    ret
    .endr
    .option pop
    .endm
    fp_registers fp_read_single, fmv.x.w, 0
    fp_registers fp_read_double, fmv.x.d, 0
    fp_registers fp_write_single, fmv.w.x, 1
    fp_registers fp_write_double, fmv.d.x, 1
