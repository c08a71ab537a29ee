// SPDX-License-Identifier: MIT
// The frame of the hostile programs (see hostile.h): the one that the linker chose is the one case.
#include "hostile.h"

void chosen(void);

CASE(program) { chosen(); }

volatile uint64_t skipped_traps;

// Whatever was tried is over; who was in a device's page goes on behind it.
__asm__(".text\n.balign 64\n"
        "skipping_handler:\n"
        "  csrw mscratch, t0\n"
        "  csrr t0, mepc\n  addi t0, t0, 4\n  csrw mepc, t0\n"
        "  addi sp, sp, -16\n  sd t1, 0(sp)\n"
        "  la t0, skipped_traps\n  ld t1, 0(t0)\n  addi t1, t1, 1\n  sd t1, 0(t0)\n"
        "  ld t1, 0(sp)\n  addi sp, sp, 16\n"
        "  csrr t0, mscratch\n"
        "  mret\n");
extern const char skipping_handler[];

void skip_traps(void) { csr_write("mtvec", skipping_handler); }

#define LOAD(insn)                                                                                 \
    __asm__ volatile(".option push\n.option norvc\n" insn " %0, 0(%1)\n.option pop"                \
                     : "+r"(value)                                                                 \
                     : "r"(at)                                                                     \
                     : "memory")
#define STORE(insn)                                                                                \
    __asm__ volatile(".option push\n.option norvc\n" insn " %0, 0(%1)\n.option pop" ::"r"(value),  \
                     "r"(at)                                                                       \
                     : "memory")

uint64_t try_load(uint64_t at, unsigned bytes) {
    uint64_t value = ~UINT64_C(0);
    switch (bytes) {
    case 1: LOAD("lbu"); break;
    case 2: LOAD("lhu"); break;
    case 4: LOAD("lwu"); break;
    default: LOAD("ld"); break;
    }
    return value;
}

void try_store(uint64_t at, unsigned bytes, uint64_t value) {
    switch (bytes) {
    case 1: STORE("sb"); break;
    case 2: STORE("sh"); break;
    case 4: STORE("sw"); break;
    default: STORE("sd"); break;
    }
}

_Noreturn void live_with(const void *handler, uint64_t mie) {
    csr_write("mtvec", handler);
    csr_write("mie", mie);
    csr_set("mstatus", MSTATUS_MIE);
    for (;;) __asm__ volatile("nop");
}
