// SPDX-License-Identifier: MIT
// Numbers that the C code, start.S and sbi.ld share; no C in here.
#ifndef TABLEWALK_FIRMWARE_SBI_LAYOUT_H
#define TABLEWALK_FIRMWARE_SBI_LAYOUT_H

// The firmware's memory, bytes. The size is a power of two and the base a multiple of it, so that
// one PMP entry covers it.
#define FIRMWARE_BASE 0x80000000
#define FIRMWARE_SIZE 0x20000

// Harts 0 .. MAX_HARTS - 1 are served, each with a stack.
#define MAX_HARTS  16
#define STACK_SIZE 4096
// The pointer to struct hart at a stack's top, with padding that keeps sp aligned to 16 bytes.
#define STACK_TOP_SIZE 16

// struct frame: 32 registers, mepc, mstatus.
#define FRAME_SIZE 272

#endif
