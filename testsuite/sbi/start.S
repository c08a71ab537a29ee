// SPDX-License-Identifier: MIT
// Entries of the SBI test, its traps, and an ecall that looks at every register.
#include "testsuite/sbi/offsets.h"

// The firmware's entry: a0 = hart number, a1 = device tree.
    .section .text.start, "ax"
    .globl _start
_start:
    la sp, boot_stack_top
    call test_main

// Where hart_start and hart_suspend send a hart: a1 = struct job. Notes what it finds.
    .section .text
    .globl job_entry
    .balign 4
job_entry:
    sd a0, JOB_A0(a1)
    csrr t0, satp
    sd t0, JOB_SATP(a1)
    csrr t0, sstatus
    sd t0, JOB_SSTATUS(a1)
    ld sp, JOB_STACK(a1)
    mv a0, a1
    call job_main

    .macro for_caller_saved op // ra, t0-t6, a0-a7
    .irp n, 1,5,6,7,10,11,12,13,14,15,16,17,28,29,30,31
    \op x\n, 8*\n(sp)
    .endr
    .endm

// Traps of S-mode, and of U-mode, which keeps S-mode's sp here.
    .globl test_trap_entry
    .balign 4
test_trap_entry:
    addi sp, sp, -256
    for_caller_saved sd
    call on_trap
    for_caller_saved ld
    addi sp, sp, 256
    sret

    .macro for_callee_saved op // ra, gp, tp, s0-s11
    .irp n, 1,3,4,8,9,18,19,20,21,22,23,24,25,26,27
    \op x\n, 8*\n(sp)
    .endr
    .endm

// bool guarded_call(void (*f)(void *), void *argument): true when an exception ended f.
    .globl guarded_call
guarded_call:
    addi sp, sp, -256
    for_callee_saved sd
    csrr t0, sscratch
    sd sp, HART_RECOVER_SP(t0)
    mv t1, a0
    mv a0, a1
    jalr t1
    li a0, 0
    j 1f
    .globl guarded_recover // on_trap() returns to here
guarded_recover:
    li a0, 1
1:  csrr t0, sscratch
    ld sp, HART_RECOVER_SP(t0)
    sd zero, HART_RECOVER_SP(t0)
    for_callee_saved ld
    addi sp, sp, 256
    ret

// void ecall_registers(uint64_t x[32]): loads all registers but x0 and sp from x[], calls, and
// stores them all back.
    .macro for_all_but_sp op // gp, tp and all others
    .irp n, 1,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30
    \op x\n, 8*\n(x31)
    .endr
    .endm
    .globl ecall_registers
ecall_registers:
    addi sp, sp, -272
    for_callee_saved sd
    sd a0, 256(sp)
    mv x31, a0
    for_all_but_sp ld
    ld x31, 8*31(x31)
    ecall
    sd x31, 264(sp)
    ld x31, 256(sp)
    for_all_but_sp sd
    ld t0, 264(sp)
    sd t0, 8*31(x31)
    for_callee_saved ld
    addi sp, sp, 272
    ret

// void ecall_legacy_ipi(void *mask): the ecall whose address the test wants to know.
    .globl ecall_legacy_ipi, legacy_ipi_ecall
ecall_legacy_ipi:
    li a7, 4
legacy_ipi_ecall:
    ecall
    ret

// void enter_user(void *): an ecall from U-mode.
    .globl enter_user
enter_user:
    la t0, 1f
    csrw sepc, t0
    li t0, 1 << 8 // SPP
    csrc sstatus, t0
    sret
    .balign 4
1:  ecall

// int patched(void): returns a number that another hart rewrites.
    .globl patched
    .balign 4
patched:
    li a0, 1
    ret

    .section .bss
    .balign 16
    .zero 8192
boot_stack_top:
