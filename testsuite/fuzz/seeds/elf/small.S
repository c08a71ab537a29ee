// SPDX-License-Identifier: MIT
// An ELF file for the target `elf` to start from: code, memory that the file does not have, symbols of
// every kind, and HTIF's.
    .attribute arch, "rv64gc"
    .globl _start, main, tohost, fromhost
    .section .text.init, "ax"
    .type main, @function
main:
    li a0, 0
    ret
    .size main, . - main
_start:
    j _start

    .data
    .type table, @object
table:
    .dword main, _start
    .size table, . - table
tohost:
    .dword 0
fromhost:
    .dword 0

    .local room
    .comm room, 64, 8
