# SPDX-License-Identifier: MIT
# Counters of cycles, data cache misses, wrong predictions, walks' PTEs and stalls overflow again and
# again while a loop reads and branches: where each interrupt was taken, when, and what the counters
# said then goes to memory, so that the state's hash has it. Ends the machine with 0, or with 1 where
# fewer interrupts were taken than there have to be.
    .equ FINISHER, 0x100000
    .equ ROUNDS, 60000
    .equ LCOFI, 13
    .equ LEAST, 200        # interrupts
    .equ LOG_ENTRIES, 4096

    .macro event n, selector, every
    li t0, \selector
    csrw mhpmevent\n, t0
    li t0, -\every
    csrw mhpmcounter\n, t0
    .endm
    # Where counter n has overflowed: OF goes, and it begins anew.
    .macro again n, selector, every
    csrr t0, mhpmevent\n
    bgez t0, 1f
    event \n, \selector, \every
1:
    .endm

    .globl _start
_start:
    la t0, overflowed
    csrw mtvec, t0
    la s0, log
    li s1, 0               # interrupts so far
    la s2, data
    li s3, ROUNDS
    li s4, 88172645463325252
    event 3, 0x01, 10007   # cycles
    event 4, 0x12, 501     # data cache misses of loads
    event 5, 0x1e, 401     # branches predicted wrongly
    event 6, 0x24, 7001    # cycles of stalls
    event 7, 0x02, 9001    # instructions
    li t0, 1 << LCOFI
    csrs mie, t0
    csrsi mstatus, 8
round:
    slli t0, s4, 13        # xorshift
    xor s4, s4, t0
    srli t0, s4, 7
    xor s4, s4, t0
    slli t0, s4, 17
    xor s4, s4, t0
    srli t0, s4, 46        # a random word of 256 KiB
    andi t0, t0, -8
    add t0, t0, s2
    ld t1, (t0)
    andi t2, s4, 64
    beqz t2, even
    addi t1, t1, 3
    sd t1, (t0)
even:
    mul t3, t1, s4
    add s5, s5, t3
    addi s3, s3, -1
    bnez s3, round

    csrci mstatus, 8
    li t0, 0x5555
    li t1, LEAST
    bgeu s1, t1, end
    li t0, 0x13333
end:
    li t1, FINISHER
    sw t0, (t1)
sleep:
    wfi
    j sleep

    .balign 4
overflowed:
    csrw mscratch, t0
    csrr t0, mepc
    sd t0, 0(s0)
    csrr t0, mcycle
    sd t0, 8(s0)
    csrr t0, minstret
    sd t0, 16(s0)
    csrr t0, mhpmcounter4
    sd t0, 24(s0)
    csrr t0, mhpmcounter5
    sd t0, 32(s0)
    csrr t0, mhpmcounter6
    sd t0, 40(s0)
    csrr t0, mcause
    sd t0, 48(s0)
    again 3, 0x01, 10007
    again 4, 0x12, 501
    again 5, 0x1e, 401
    again 6, 0x24, 7001
    again 7, 0x02, 9001
    li t0, 1 << LCOFI
    csrc mip, t0
    addi s1, s1, 1
    addi s0, s0, 64        # in turn, should there be more of them than entries
    la t0, log + 64 * LOG_ENTRIES
    bltu s0, t0, 2f
    la s0, log
2:
    csrr t0, mscratch
    mret

    .bss
    .balign 4096
log:
    .zero 64 * LOG_ENTRIES
data:
    .zero 0x40000
