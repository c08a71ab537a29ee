# SPDX-License-Identifier: MIT
# A page table with one of every fault, for the console's transcripts. Everything has a fixed address:
# the tables are data, and no compiler has a say. In S-mode the program makes each access of `list`
# once; a fault is skipped by the handler. Behind the last one it ends the run.
#
# The page at 0x40000000 + n * 4 KiB has what row n of `leaves` says.

.equ V, 1
.equ R, 2
.equ W, 4
.equ X, 8
.equ U, 16
.equ G, 32
.equ A, 64
.equ D, 128
.equ RAM, 0x80000000
.equ DATA, 0x80008000        # the physical page that good leaves map
.equ PAGE, 0x40000000
.equ FINISHER, 0x100000

.macro leaf pa, flags
    .dword ((\pa) >> 12 << 10) | (\flags)
.endm

    .section .text
    .globl _start
_start:
    li t0, 1 << 61
    csrc menvcfg, t0              # A and D are the kernel's (Svade)
    li t0, -1
    csrw pmpaddr0, t0
    li t0, 0x1f
    csrw pmpcfg0, t0
    li t0, 0xb3ff
    csrw medeleg, t0
    la t0, handler
    csrw stvec, t0
    la t0, root
    srli t0, t0, 12
    li t1, 8 << 60 | 7 << 44      # Sv39, ASID 7
    or t0, t0, t1
    csrw satp, t0
    li t0, 3 << 11
    csrc mstatus, t0
    li t0, 1 << 11
    csrs mstatus, t0              # mret goes to S-mode
    la t0, supervisor
    csrw mepc, t0
    mret

supervisor:
    la s0, list
next_access:
    ld s1, 0(s0)                  # the address
    ld s2, 8(s0)                  # 0: load, 1: store, 2: fetch
    addi s0, s0, 16
    beqz s1, finished
    beqz s2, do_load
    li t0, 1
    beq s2, t0, do_store
do_fetch:
    jalr ra, s1
    j next_access
do_load:
    ld a0, 0(s1)
    j next_access
do_store:
    sd a0, 0(s1)
    j next_access
finished:
    li t0, FINISHER
    li t1, 0x5555
    sw t1, 0(t0)
    j finished

# What failed is left out: a load or store goes on behind itself, a fetch returns to where it came from.
    .balign 4
handler:
    csrr t0, scause
    li t1, 12
    beq t0, t1, was_fetch
    li t1, 1
    beq t0, t1, was_fetch
    csrr t0, sepc
    addi t0, t0, 4
    csrw sepc, t0
    sret
was_fetch:
    csrw sepc, ra
    sret

# Address and kind of each access.
    .balign 8
list:
    .dword PAGE + 0x0010, 0       # fine
    .dword PAGE + 0x1010, 0       # V is clear
    .dword PAGE + 0x2010, 0       # W without R
    .dword PAGE + 0x3010, 0       # reserved bits
    .dword PAGE + 0x4010, 0       # PBMT
    .dword PAGE + 0x5010, 0       # N
    .dword PAGE + 0x6010, 0       # a pointer at level 0
    .dword PAGE + 0x7010, 0       # a user page without SUM
    .dword PAGE + 0x7010, 2       # fetch from a user page
    .dword PAGE + 0x8010, 0       # no R
    .dword PAGE + 0x9010, 1       # no W
    .dword PAGE + 0x9010, 2       # no X
    .dword PAGE + 0xa010, 0       # A is clear
    .dword PAGE + 0xb010, 1       # D is clear
    .dword PAGE + 0xc010, 0       # nothing at the physical address
    .dword 0x0000008000000000, 0  # not canonical
    .dword 0x40200010, 0          # a misaligned superpage
    .dword 0x40400010, 0          # a pointer with A
    .dword 0xc0000010, 0          # a table where there is no memory
    .dword 0

    .balign 4096
root:
    leaf 0, (V | R | W | A | D)                            # 0: devices, a gigapage
    .dword ((level1 - _start + RAM) >> 12 << 10) | V       # 1: 0x40000000
    leaf RAM, (V | R | W | X | A | D | G)                  # 2: this program, a gigapage
    leaf 0x1000000000000, V                                # 3: no memory there
    .zero 508 * 8
level1:
    .dword ((leaves - _start + RAM) >> 12 << 10) | V
    leaf 0x80001000, (V | R | A)                           # a superpage that is not aligned
    leaf 0x80006000, (V | A)                               # a pointer that has A
    .zero 509 * 8
leaves:
    leaf DATA, (V | R | W | A | D)
    leaf DATA, (R | W | A | D)
    leaf DATA, (V | W | A | D)
    .dword (DATA >> 12 << 10) | V | R | A | (1 << 54)
    .dword (DATA >> 12 << 10) | V | R | A | (3 << 61)
    .dword ((DATA + 0x1000) >> 12 << 10) | V | R | A | (1 << 63)
    leaf DATA, V
    leaf DATA, (V | R | W | X | U | A | D)
    leaf DATA, (V | X | A)
    leaf DATA, (V | R | A)
    leaf DATA, (V | R | W)
    leaf DATA, (V | R | W | A)
    leaf 0x1000000000000, (V | R | A)
    .zero 499 * 8
