# SPDX-License-Identifier: MIT
#
# The three places where the kernel is not C: its first instructions, the way into a user program,
# and the way back out of it. There is one kernel stack; a user program is *called* by
# enter_user() and every trap of that program is the return from that call.

#define REGISTER(n) (8 * (n))           /* struct registers in process.h; x0's place holds the pc */
#define KERNEL_SP   (8 * 32)
#define KERNEL_SATP (8 * 33)

    .section .text.entry, "ax"
    .globl  kernel_entry
kernel_entry:                           # from the firmware: a0 = hart, a1 = device tree
    csrw    sie, zero
    csrw    satp, zero
    la      t0, kernel_trap
    csrw    stvec, t0
    la      t0, kernel_bss
    la      t1, kernel_end
1:  sd      zero, 0(t0)
    addi    t0, t0, 8
    bltu    t0, t1, 1b
    la      sp, kernel_stack_top
    li      tp, 0
    tail    kernel_main

    .text
# uint64_t enter_user(struct registers *user, uint64_t satp)
# Runs the program until its next trap and returns scause.
    .globl  enter_user
enter_user:
    addi    sp, sp, -112
    sd      ra, 0(sp)
    sd      tp, 8(sp)
    .irp    n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10
    sd      s\n, 16 + 8 * \n(sp)
    .endr
    sd      s11, 104(sp)
    csrr    t0, satp
    sd      t0, KERNEL_SATP(a0)
    sd      sp, KERNEL_SP(a0)
    csrw    sscratch, a0
    la      t0, user_trap
    csrw    stvec, t0
    csrw    satp, a1
    bnez    a1, 1f
    sfence.vma                          # chapter 1: no paging, so no ASID tells entries apart
1:  ld      t0, REGISTER(0)(a0)
    csrw    sepc, t0
    .irp    n, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21
    ld      x\n, REGISTER(\n)(a0)
    .endr
    .irp    n, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    ld      x\n, REGISTER(\n)(a0)
    .endr
    ld      a0, REGISTER(10)(a0)
    sret

    .balign 4
user_trap:
    csrrw   a0, sscratch, a0
    .irp    n, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21
    sd      x\n, REGISTER(\n)(a0)
    .endr
    .irp    n, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    sd      x\n, REGISTER(\n)(a0)
    .endr
    csrr    t0, sscratch
    sd      t0, REGISTER(10)(a0)
    csrr    t0, sepc
    sd      t0, REGISTER(0)(a0)
    ld      t0, KERNEL_SATP(a0)
    csrr    t1, satp
    csrw    satp, t0
    bnez    t1, 1f
    sfence.vma
1:  la      t0, kernel_trap
    csrw    stvec, t0
    ld      sp, KERNEL_SP(a0)
    ld      ra, 0(sp)
    ld      tp, 8(sp)
    .irp    n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10
    ld      s\n, 16 + 8 * \n(sp)
    .endr
    ld      s11, 104(sp)
    addi    sp, sp, 112
    csrr    a0, scause
    ret

# A trap of the kernel itself is a mistake of ours. The stack may be what is broken: take it anew.
    .balign 4
    .globl  kernel_trap
kernel_trap:
    mv      a0, tp
    la      sp, kernel_stack_top
    csrr    a1, scause
    csrr    a2, sepc
    csrr    a3, stval
    tail    kernel_panic_trap

    .section .stack, "aw", @nobits
    .globl  kernel_stack_guard, kernel_stack_top
    .balign 4096
kernel_stack_guard:                     # never mapped: a stack that grows too far is seen at once
    .space  4096
    .space  16384
kernel_stack_top:
