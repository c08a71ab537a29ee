// SPDX-License-Identifier: MIT
// The frame of the hostile programs, above that of the guest tests. PROGRAM(name) { ... } is a program;
// the file `list` says which there are and how each ends. A source is compiled once; the program that
// an ELF consists of is chosen by the linker. A program that comes to its end ends with code 0
// when all its checks held, with 1 when not.
#ifndef TABLEWALK_TESTSUITE_HOSTILE_H
#define TABLEWALK_TESTSUITE_HOSTILE_H

#include "guest.h"

#define PROGRAM(name)                                                                              \
    void program_##name(void);                                                                     \
    void program_##name(void)

// The machine that testsuite/hostile/run makes.
#define RAM_BEGIN     UINT64_C(0x80000000)
#define RAM_BYTES     (UINT64_C(32) << 20)
#define RAM_END       (RAM_BEGIN + RAM_BYTES)
#define ROM_AT        UINT64_C(0x1000)
#define FINISHER_AT   UINT64_C(0x100000)
#define RTC_AT        UINT64_C(0x101000)
#define CLINT_AT      UINT64_C(0x2000000)
#define MTIMECMP_AT   (CLINT_AT + 0x4000)
#define MTIME_AT      (CLINT_AT + 0xbff8)
#define PLIC_AT       UINT64_C(0xc000000)
#define UART_AT       UINT64_C(0x10000000)
#define SLOT_AT(slot) (UINT64_C(0x10001000) + UINT64_C(0x1000) * (slot))
enum { DISK, READONLY_DISK, GPU, KEYBOARD, TABLET, EMPTY, SLOTS = 8 };

#define MMIO8(at)  (*(volatile uint8_t *)(at))
#define MMIO32(at) (*(volatile uint32_t *)(at))
#define MMIO64(at) (*(volatile uint64_t *)(at))

// Traps are skipped from now on: an instruction of four bytes that traps does nothing, and is
// counted.
void skip_traps(void);
extern volatile uint64_t skipped_traps;

// Accesses of 1, 2, 4 or 8 bytes that may trap (skip_traps() first). A load that does gives ~0.
uint64_t try_load(uint64_t at, unsigned bytes);
void try_store(uint64_t at, unsigned bytes, uint64_t value);

// mtvec = handler, without the frame around it, and interrupts as wished. There is no way back.
_Noreturn void live_with(const void *handler, uint64_t mie);

#endif
