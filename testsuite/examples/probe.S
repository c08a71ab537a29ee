// SPDX-License-Identifier: MIT
// Uses what the examples of docs/CONTRIBUTING.md add: powers off where all of them work, else spins.
.globl _start
_start: li t0, 10
 li t1, 21
 .insn r 0x0b, 0, 0, a0, t0, t1   # avgu a0, t0, t1
 csrr a1, 0xcc0                   # walks
 li t0, 0x102000
 ld a2, 0(t0)
 ld a2, 0(t0)                     # read twice
 li t1, 15
 bne a0, t1, fail
 bnez a1, fail
 li t1, 2
 bne a2, t1, fail
 li t0, 0x100000
 li t1, 0x5555
 sw t1, 0(t0)
fail: j fail
