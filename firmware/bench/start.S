// SPDX-License-Identifier: MIT
// Entry of every benchmark, in M-mode as with `-bios none`: a stack, floating point on, main, and its
// result to the test finisher. Programs that want S-mode call supervisor() in sv39.c.
    .section .text.start
    .globl _start
_start:
    la sp, stack_top
    li t0, 0x6000              // mstatus.FS
    csrs mstatus, t0
    la t0, trap
    csrw mtvec, t0
    call main
finish:
    // 0x5555: pass; 0x3333 with the code in the upper half: fail
    li t1, 0x5555
    beqz a0, 1f
    slli a0, a0, 16
    li t1, 0x3333
    or t1, t1, a0
1:  li t0, 0x100000
    sw t1, 0(t0)
    j .
    // No trap is expected in M-mode but the ecall that ends an S-mode program, with main's result in a0.
    .align 2
trap:
    csrr t0, mcause
    li t1, 9
    beq t0, t1, finish
    li a0, 99
    j finish

    .globl enter_supervisor    // (satp, function): runs function in S-mode with that satp
enter_supervisor:
    csrw satp, a0
    csrw mepc, a1
    li t0, -1                  // S-mode reaches all memory
    csrw pmpaddr0, t0
    li t0, 0x1f
    csrw pmpcfg0, t0
    li t0, 0x1800              // mstatus.MPP: S
    csrc mstatus, t0
    li t0, 0x0800
    csrs mstatus, t0
    li t0, 0xb1ff              // page faults and the like go to S-mode; ecall from S does not
    csrw medeleg, t0
    la ra, leave_supervisor
    sfence.vma
    mret
leave_supervisor:
    ecall

    .globl fault_entry         // S-mode trap vector: saves what C may change and calls fault()
    .align 2
fault_entry:
    addi sp, sp, -128
    sd ra, 0(sp)
    sd t0, 8(sp)
    sd t1, 16(sp)
    sd t2, 24(sp)
    sd t3, 32(sp)
    sd t4, 40(sp)
    sd t5, 48(sp)
    sd t6, 56(sp)
    sd a0, 64(sp)
    sd a1, 72(sp)
    sd a2, 80(sp)
    sd a3, 88(sp)
    sd a4, 96(sp)
    sd a5, 104(sp)
    sd a6, 112(sp)
    sd a7, 120(sp)
    csrr a0, stval
    .weak fault
    call fault
    ld ra, 0(sp)
    ld t0, 8(sp)
    ld t1, 16(sp)
    ld t2, 24(sp)
    ld t3, 32(sp)
    ld t4, 40(sp)
    ld t5, 48(sp)
    ld t6, 56(sp)
    ld a0, 64(sp)
    ld a1, 72(sp)
    ld a2, 80(sp)
    ld a3, 88(sp)
    ld a4, 96(sp)
    ld a5, 104(sp)
    ld a6, 112(sp)
    ld a7, 120(sp)
    addi sp, sp, 128
    sret

    .bss
    .align 4
    .space 65536
stack_top:
