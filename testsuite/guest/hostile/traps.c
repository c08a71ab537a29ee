// SPDX-License-Identifier: MIT
// Harts that trap in their trap handlers, are interrupted without end, or sleep for ever. What can't
// end is ended by the limit of instructions; where nobody can wake anybody the run ends at once.
#include "hostile.h"

SNIPPET(just_return, ".option norvc\n mret");
// A handler that begins with what traps again.
SNIPPET(handler_illegal, ".balign 64\n .word 0");
SNIPPET(handler_ecall, ".balign 64\n ecall");
SNIPPET(handler_ebreak, ".balign 64\n ebreak");
SNIPPET(handler_loads, ".balign 64\n ld t0, 0(zero)");
SNIPPET(handler_wfi, ".balign 64\n wfi\n mret");
SNIPPET(handler_mret, ".balign 64\n mret");
SNIPPET(handler_csr, ".balign 64\n csrw 0x123, zero");

static _Noreturn void trap_into(uint64_t handler) {
    csr_write("mtvec", handler);
    __asm__ volatile(".word 0");
    for (;;) continue;
}

#define TRAPS_INTO(name, handler)                                                                  \
    PROGRAM(trap_into_##name) { trap_into((uint64_t)(handler)); }
TRAPS_INTO(an_illegal_instruction, handler_illegal)
TRAPS_INTO(an_ecall, handler_ecall)
TRAPS_INTO(an_ebreak, handler_ebreak)
TRAPS_INTO(a_load_fault, handler_loads)
TRAPS_INTO(a_bad_csr, handler_csr)
TRAPS_INTO(itself, handler_mret)
TRAPS_INTO(nothing, UINT64_C(0x40000000))
TRAPS_INTO(address_zero, 0)
TRAPS_INTO(the_last_address, ~UINT64_C(3))
TRAPS_INTO(the_uart, UART_AT)
TRAPS_INTO(the_plic, PLIC_AT)
TRAPS_INTO(the_disk, SLOT_AT(DISK))
TRAPS_INTO(the_finisher, FINISHER_AT)
TRAPS_INTO(rams_last_bytes, RAM_END - 4)
TRAPS_INTO(the_rom, ROM_AT)

PROGRAM(trap_vectored_past_the_end) {
    csr_write("mie", BIT(MSI));
    csr_write("mtvec", ~UINT64_C(0) - 2); // vectored: base + 4 * cause wraps
    MMIO32(CLINT_AT) = 1;
    csr_set("mstatus", MSTATUS_MIE);
    for (;;) continue;
}

// Delegated to S-mode, whose handler is nowhere: the fault is delegated again, for ever.
SNIPPET(do_ecall, ".option norvc\n ecall");
PROGRAM(trap_in_s_into_nothing) {
    csr_write("medeleg", 0xffff);
    csr_write("stvec", UINT64_C(0x40000000));
    csr_write("mepc", do_ecall);
    csr_write("mstatus", MSTATUS_MPP(U));
    csr_write("mtvec", handler_mret);
    __asm__ volatile("mret");
}

// --- Interrupts ----------------------------------------------------------------------------------

PROGRAM(irq_software_for_ever) {
    MMIO32(CLINT_AT) = 1;
    live_with(handler_mret, BIT(MSI));
}
PROGRAM(irq_timer_for_ever) {
    MMIO64(MTIMECMP_AT) = 0;
    live_with(handler_mret, BIT(MTI));
}
PROGRAM(irq_timer_in_wfi_for_ever) {
    MMIO64(MTIMECMP_AT) = 0;
    live_with(handler_wfi, BIT(MTI));
}
PROGRAM(irq_uart_for_ever) {
    MMIO32(PLIC_AT + 4 * 10) = 7;
    MMIO32(PLIC_AT + 0x2000) = 1 << 10;
    MMIO8(UART_AT + 1) = 2; // transmitter empty, which it always is
    live_with(handler_mret, BIT(MEI));
}
PROGRAM(irq_all_at_once) {
    MMIO32(CLINT_AT) = 1;
    MMIO64(MTIMECMP_AT) = 0;
    csr_write("mip", ~UINT64_C(0));
    live_with(handler_mret, ~UINT64_C(0));
}
PROGRAM(irq_stimecmp_for_ever) {
    csr_set(CSR_MENVCFG, MENVCFG_STCE);
    csr_write(CSR_STIMECMP, 0);
    live_with(handler_mret, BIT(STI));
}
SNIPPET(handler_moves_mtime, ".balign 64\n li t0, 0x200bff8\n sd zero, 0(t0)\n mret");
PROGRAM(irq_timer_with_mtime_set_back) {
    MMIO64(MTIMECMP_AT) = 1;
    live_with(handler_moves_mtime, BIT(MTI));
}
SNIPPET(handler_claims, ".balign 64\n li t0, 0xc200004\n lw t1, 0(t0)\n sw t1, 0(t0)\n mret");
PROGRAM(irq_claimed_and_completed_for_ever) {
    MMIO32(PLIC_AT + 4 * 10) = 7;
    MMIO32(PLIC_AT + 0x2000) = 1 << 10;
    MMIO8(UART_AT + 1) = 2;
    live_with(handler_claims, BIT(MEI));
}

// --- Sleep ---------------------------------------------------------------------------------------

static _Noreturn void sleep(uint64_t mie) {
    csr_write("mie", mie);
    for (;;) __asm__ volatile("wfi");
}

PROGRAM(wfi_with_all_off) { sleep(0); }
PROGRAM(wfi_with_all_on_and_nothing_to_come) {
    MMIO64(MTIMECMP_AT) = ~UINT64_C(0);
    sleep(BIT(MEI) | BIT(SEI) | BIT(MSI) | BIT(SSI));
}
static void sleep_too(uint64_t hart) { sleep(hart & 0); }
PROGRAM(wfi_on_four_harts) {
    secondary_go = sleep_too;
    sleep(0);
}

// The end of time.
static void sleep_until(uint64_t tick) {
    MMIO64(MTIMECMP_AT) = tick;
    csr_write("mie", BIT(MTI));
    __asm__ volatile("wfi");
    CHECK(MMIO64(MTIME_AT) >= tick);
    for (volatile int i = 0; i < 1000; i++) continue;
    MMIO64(MTIMECMP_AT) = ~UINT64_C(0);
    csr_write("mie", 0);
}
PROGRAM(wfi_for_five_hundred_years) { sleep_until(UINT64_C(157680000000000000)); }
PROGRAM(wfi_for_a_thousand_years) { sleep_until(UINT64_C(315360000000000000)); }
PROGRAM(wfi_until_ticks_end) { sleep(BIT(MTI)); }
// The last tick whose cycle is a number.
PROGRAM(wfi_until_cycles_end) {
    MMIO64(MTIMECMP_AT) = UINT64_MAX / 100;
    csr_write("mie", BIT(MTI));
    __asm__ volatile("wfi");
    for (volatile int i = 0; i < 100000; i++) continue;
}
PROGRAM(mtime_at_its_end) {
    MMIO64(MTIME_AT) = UINT64_MAX - 2;
    MMIO64(MTIMECMP_AT) = UINT64_MAX;
    csr_write("mie", BIT(MTI));
    __asm__ volatile("wfi");
    for (volatile int i = 0; i < 1000; i++) continue;
    CHECK(MMIO64(MTIME_AT) < 1000);
}
PROGRAM(stimecmp_at_cycles_end) {
    csr_set(CSR_MENVCFG, MENVCFG_STCE);
    csr_write(CSR_STIMECMP, UINT64_MAX / 100);
    csr_write("mie", BIT(STI));
    __asm__ volatile("wfi");
    for (volatile int i = 0; i < 100000; i++) continue;
}

// --- Every CSR, all bits -------------------------------------------------------------------------

extern uint64_t csr_probe[2];
uint64_t csr_probe[2];
PROGRAM(every_csr_all_ones) {
    skip_traps();
    // A program that is made while it runs: csrrw x0, CSR, t0; ret.
    volatile uint32_t *code = (volatile uint32_t *)pages[0];
    for (uint32_t csr = 0; csr < 4096; csr++) {
        // What ends the frame: PMP locks stay, mtvec and mstatus.MPRV are its own.
        if ((csr >= 0x3a0 && csr < 0x400) || csr == 0x305 || csr == 0x300) continue;
        for (unsigned i = 0; i < 2; i++) {
            code[0] = csr << 20 | 5 << 15 | 1 << 12 | 0x73;
            code[1] = 0x00008067;
            __asm__ volatile("fence.i\n mv t0, %1\n jalr ra, %0" ::"r"(code),
                             "r"(i ? UINT64_C(0) : ~UINT64_C(0))
                             : "t0", "ra", "memory");
        }
    }
    csr_write("mie", 0);
    csr_write("mtvec", trap_entry);
}

// --- HTIF ----------------------------------------------------------------------------------------

extern volatile uint64_t tohost;
static void tell_host(uint64_t command) {
    tohost = command;
    for (volatile int i = 0; i < 500; i++) continue;
}
PROGRAM(htif_calls_with_bad_addresses) {
    static const uint64_t places[] = {2,       UART_AT,     PLIC_AT,         RAM_END - 8,
                                      RAM_END, RAM_END - 2, 0xfffffffffffe, CLINT_AT};
    for (unsigned i = 0; i < sizeof places / sizeof *places; i++) tell_host(places[i]);
    volatile uint64_t *call = (volatile uint64_t *)pages[0];
    static const uint64_t buffers[][2] = {{RAM_END - 1, 2},    {UART_AT, 8}, {0, UINT64_MAX},
                                          {~UINT64_C(0), 100}, {RAM_END, 0}, {RAM_BEGIN, RAM_BYTES + 1}};
    for (unsigned i = 0; i < sizeof buffers / sizeof *buffers; i++) {
        call[0] = 64;
        call[1] = 1;
        call[2] = buffers[i][0];
        call[3] = buffers[i][1];
        tell_host((uint64_t)call);
    }
}
PROGRAM(htif_unknown_commands) {
    for (uint64_t device = 0; device < 256; device++) {
        for (uint64_t command = 0; command < 256; command += 51) {
            if (device || command) tell_host(device << 56 | command << 48 | 0x20);
        }
    }
}
// All of memory to the console, again and again.
PROGRAM(htif_writes_all_memory) {
    volatile uint64_t *call = (volatile uint64_t *)pages[0];
    for (unsigned i = 0; i < 4; i++) {
        call[0] = 64;
        call[1] = 1;
        call[2] = RAM_BEGIN;
        call[3] = RAM_BYTES;
        tell_host((uint64_t)call);
        CHECK(call[0] > 0 && call[0] <= RAM_BYTES);
    }
}
