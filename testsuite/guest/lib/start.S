# SPDX-License-Identifier: MIT
# The way in, the way down to a lower privilege mode and the way back. A test's C code runs in
# M-mode; run_asm() lets a function run in any mode until the first trap, and hands the trap back.

#define STACK_BYTES 16384

    .section .text.start, "ax"
    .globl _start
_start:
    .option push
    .option norelax
    la      gp, __global_pointer$
    .option pop
    la      t0, trap_entry
    csrw    mtvec, t0
    csrw    mscratch, zero
    csrw    mie, zero
    csrr    t0, mhartid
    la      sp, m_stack
    li      t1, STACK_BYTES
    addi    t2, t0, 1
    mul     t1, t1, t2
    add     sp, sp, t1
    bnez    t0, 2f
    la      t0, bss_begin
    la      t1, bss_end
1:  sd      zero, (t0)
    addi    t0, t0, 8
    bltu    t0, t1, 1b
    call    guest_main
2:  la      t0, secondary_go        # harts other than 0 wait until a test wants them
3:  ld      t1, (t0)
    beqz    t1, 3b
    csrr    a0, mhartid
    jalr    t1
    j       2b

    .text
# void run_asm(struct outcome *out, uint64_t mstatus, uint64_t pc, const uint64_t *args, uint64_t sp)
# mstatus is what mret finds. Registers a0..a7 of the callee are args[0..7], ra is return_ecall.
    .globl run_asm
run_asm:
    addi    sp, sp, -128
    sd      ra, 0(sp)
    sd      a0, 8(sp)
    .irp    n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
    sd      s\n, 16 + 8 * \n (sp)
    .endr
    csrw    mscratch, sp
    csrw    mstatus, a1
    csrw    mepc, a2
    mv      sp, a4
    la      ra, return_ecall
    mv      t0, a3
    .irp    n, 0, 1, 2, 3, 4, 5, 6, 7
    ld      a\n, 8 * \n (t0)
    .endr
    mret

# Where a function started by run_asm returns to.
    .globl return_ecall
return_ecall:
    ecall

# Every trap taken in M-mode ends the run_asm in progress. Without one it is a test's own fault.
    .balign 64
    .globl trap_entry
trap_entry:
    csrrw   sp, mscratch, sp
    beqz    sp, unexpected
    ld      t0, 8(sp)
    .irp    n, 0, 1, 2, 3, 4, 5, 6, 7
    sd      a\n, 8 * \n (t0)
    .endr
    csrr    t1, mcause
    sd      t1, 64(t0)
    csrr    t1, mtval
    sd      t1, 72(t0)
    csrr    t1, mepc
    sd      t1, 80(t0)
    csrr    t1, mstatus
    sd      t1, 88(t0)
    csrw    mscratch, zero
    ld      ra, 0(sp)
    .irp    n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
    ld      s\n, 16 + 8 * \n (sp)
    .endr
    addi    sp, sp, 128
    ret

unexpected:
    csrrw   sp, mscratch, sp
    csrr    a0, mcause
    csrr    a1, mepc
    csrr    a2, mtval
    j       guest_unexpected_trap

# A handler for stvec that tells M-mode what S-mode saw: a0 scause, a1 stval, a2 sepc, a3 sstatus.
    .balign 64
    .globl s_trap_entry
s_trap_entry:
    csrr    a0, scause
    csrr    a1, stval
    csrr    a2, sepc
    csrr    a3, sstatus
    .globl s_trap_ecall
s_trap_ecall:
    ecall

    .section .tohost, "aw"
    .balign 64
    .globl tohost
tohost: .dword 0
    .balign 64
    .globl fromhost
fromhost: .dword 0

    .section .data
    .balign 8
    .globl secondary_go
secondary_go: .dword 0

    .bss
    .balign 16
m_stack: .space STACK_BYTES * 4
