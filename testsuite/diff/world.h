// SPDX-License-Identifier: MIT
// The world that random programs run in: a hart with a little memory, three address spaces, and
// pages whose physical memory protection keeps the program from losing itself. All numbers are
// addresses in bytes.
//
//   physical        what                                      PMP (locked: binds M-mode too)
//   0x8000'0000     M-mode's trap handler: WFI, which ends    R X
//                   the run, so that the test goes on (nudge.c)
//   0x8000'1000     S-mode's trap handler: sepc = x22, SRET   R X
//   0x8000'8000     the program                               R X
//   0x8001'0000     slots, which the program writes           R W X
//   0x8001'1000     pool: constants that the program loads    R
//   0x8002'0000     data                                      R W
//   TABLES          page tables, far from any address that a program could come upon
//
// Virtual: the same at 0x8000'0000 for S-mode, at 0x8020'0000 for U-mode, at 0x8040'0000 as a 2 MiB
// page of U-mode, at GIGAPAGE as a page of S-mode; and each address space's own mapping of the data
// at REGION, which changes all the time.
#ifndef TABLEWALK_TESTSUITE_DIFF_WORLD_H
#define TABLEWALK_TESTSUITE_DIFF_WORLD_H

#include "cpu/hart.h"

#define RAM       UINT64_C(0x80000000)
#define TABLES    UINT64_C(0x3a5fc7e00000)
#define REGION    UINT64_C(0x10000000)
#define USER      UINT64_C(0x200000) // what U-mode's addresses are above S-mode's
#define USER_2MIB UINT64_C(0x400000)
#define GIGAPAGE  UINT64_C(0xffffffffc0000000)
enum {
    S_HANDLER = 0x1000, // offsets in RAM, bytes
    TEXT = 0x8000,
    SLOTS = 0x10000,
    POOL = 0x11000,
    DATA = 0x20000,
    TEXT_BYTES = 0x8000,
    DATA_PAGES = 32,
    RAM_BYTES = 0x40000,
    TABLE_PAGES = 16,
    SPACES = 3,
    SLOT_COUNT = 64, // instructions of 4 bytes, then a jump back
    TAILS = 0x200,   // in M-mode's handler: the ways back, TAIL_BYTES each
    TAIL_BYTES = 16,
    TAIL_COUNT = 4, // SFENCE.VMA with: nothing, an address (x30), an ASID (x31), both
    ENTRIES = 64,
};

// Where the pool keeps what, in bytes from its start: all in reach of a load.
enum {
    POOL_BASES = 0, // 64 addresses for loads and stores
    POOL_SATP = 512,
    POOL_ENTRIES = 576, // addresses of instructions of the program
    POOL_WORDS = 1088,  // 128 instructions for the slots
    POOL_END = 1600,
};

// Registers that only the pool fills: a random instruction never writes them.
enum {
    X_SP = 2,
    X_BASE = 8, // and 9: bases within reach of compressed loads and stores
    X_SLOTS = 18,
    X_FAR = 19, // a base too
    X_POOL = 20,
    X_WORD = 21,
    X_ENTRY = 22,
    X_SATP = 26,
    X_COUNT = 27, // of a loop
    X_FENCE_ADDRESS = 30,
    X_FENCE_ASID = 31,
};

enum { EVENT_LAST = 7 }; // of the events that all ways count alike: see cpu/event.def

// How a hart runs: the ways that are to agree.
enum way { NATIVE, INTERPRETED, PLAIN, WAYS };

struct program;

struct side {
    struct hart *h;
    struct phys phys;
    uint8_t *ram, *tables;
};

// A hart with the program in its memory. What is drawn comes from seed alone. Ends the test when
// the host is out of memory.
void side_create(struct side *s, enum way way, const struct program *p, uint64_t seed);
void side_destroy(struct side *s);

uint16_t space_asid(unsigned space);
uint64_t space_satp(unsigned space);
// Where RAM seems to be for a mode that translates (U, S), or for M-mode.
uint64_t draw_view(enum privilege mode, uint64_t *seed);
// An address of data for loads and stores, mostly one that the mode may access.
uint64_t draw_base(enum privilege mode, uint64_t *seed);

// Draws a new leaf PTE, or several that belong together, into a space's REGION: for the page of
// *va, or for any if that is elsewhere. *va becomes an address that the change concerns.
void remap(struct side *s, uint64_t *seed, unsigned space, uint64_t *va);

#endif
