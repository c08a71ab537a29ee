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
// off and never traps on purpose (load_as_supervisor brings its own mtvec), so there is one frame.
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

// bool load_as_supervisor(uint64_t va, uint64_t *value, uint64_t *cause, uint64_t *tval): loads 8
// bytes with the caller's privilege and translation. mstatus.MPP is still that of the trap we
// serve, so MPRV does it. On a fault the load is skipped and *cause and *tval are set.
    .globl load_as_supervisor
    .balign 4
load_as_supervisor:
    la t0, 1f
    csrrw t0, mtvec, t0
    li t1, 1 << 17 // MPRV
    csrs mstatus, t1
    ld t2, 0(a0)
    csrc mstatus, t1
    csrw mtvec, t0
    sd t2, 0(a1)
    li a0, 1
    ret
    .balign 4
1:  csrc mstatus, t1
    csrw mtvec, t0
    csrr t0, mcause
    sd t0, 0(a2)
    csrr t0, mtval
    sd t0, 0(a3)
    li a0, 0
    ret
