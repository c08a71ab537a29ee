// SPDX-License-Identifier: MIT
//
// The interrupt controller's registers (RISC-V PLIC specification 1.0), see interrupt.h.
#include "kernel/interrupt.h"

#include "kernel/kernel.h"

#define PLIC_PRIORITY(n)        (4 * (n))
#define PLIC_ENABLE(context)    (0x2000 + 0x80 * (context))
#define PLIC_THRESHOLD(context) (0x200000 + 0x1000 * (context))
#define PLIC_CLAIM(context)     (PLIC_THRESHOLD(context) + 4)

static volatile uint32_t *plic(struct kernel *kernel, uint64_t offset) {
    return device_pointer(kernel->machine.plic + offset);
}

static void enable(struct kernel *kernel, uint32_t source) {
    uint64_t context = kernel->machine.plic_context;
    *plic(kernel, PLIC_PRIORITY(source)) = 1;
    *plic(kernel, PLIC_ENABLE(context) + source / 32 * 4) |= 1u << source % 32;
}

void interrupt_start(struct kernel *kernel) {
    enable(kernel, kernel->machine.uart.interrupt);
    for (unsigned n = 0; n < kernel->disk_count; n++) enable(kernel, kernel->disk[n].interrupt);
    if (kernel->keyboard.registers) enable(kernel, kernel->keyboard.interrupt);
    *plic(kernel, PLIC_THRESHOLD(kernel->machine.plic_context)) = 0;
    csr_write(sie, SIE_EXTERNAL | SIE_TIMER);
}

void interrupt_serve(struct kernel *kernel) {
    volatile uint32_t *claim = plic(kernel, PLIC_CLAIM(kernel->machine.plic_context));
    for (uint32_t source; (source = *claim) != 0; *claim = source) {
        if (source == kernel->machine.uart.interrupt) console_receive(&kernel->console);
        for (unsigned n = 0; n < kernel->disk_count; n++)
            if (kernel->disk[n].interrupt == source) disk_interrupt(&kernel->disk[n]);
        if (kernel->keyboard.registers && source == kernel->keyboard.interrupt)
            keyboard_interrupt(&kernel->keyboard, &kernel->console);
    }
}
