# SPDX-License-Identifier: MIT
# Two harts read the time in turn, each as often as it gets the lock, and find it never behind what
# the other one read. Ends the machine with 0, or with 1 where time went backwards.
    .equ FINISHER, 0x100000
    .equ ROUNDS, 20000
    .equ HARTS, 2

    .globl _start
_start:
    la s0, lock
    la s1, last
    la s2, done
    li s3, ROUNDS
round:
    li t0, 1
    amoswap.w.aq t0, t0, (s0)
    bnez t0, round
    rdtime t1
    ld t2, (s1)
    bltu t1, t2, backwards
    sd t1, (s1)
    amoswap.w.rl zero, zero, (s0)
    addi s3, s3, -1
    bnez s3, round
    li t0, 1
    amoadd.w zero, t0, (s2)
    csrr t0, mhartid
    bnez t0, sleep
wait:
    lw t0, (s2)
    li t1, HARTS
    bne t0, t1, wait
    li t0, 0x5555
    j end
backwards:
    li t0, 0x13333
end:
    li t1, FINISHER
    sw t0, (t1)
sleep:
    wfi
    j sleep

    .balign 64
lock:
    .word 0
done:
    .word 0
last:
    .dword 0
