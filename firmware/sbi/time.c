// SPDX-License-Identifier: MIT
// The timer of S-mode. With Sstc the hart has a compare register for it, and M-mode only writes it.
// Without, M-mode lends its own: the CLINT's mtimecmp raises a machine timer interrupt, which is
// turned into a pending S-mode one and masked until the next call.
#include "firmware/lib/riscv.h"
#include "firmware/sbi/sbi.h"

enum { CLINT_MTIMECMP = 0x4000 };

void timer_set(struct hart *self, uint64_t when) {
    uint64_t clint = self->firmware->platform.clint;
    if (self->has_sstc) {
        csr_write(STIMECMP, when);
    } else if (clint != 0) {
        mmio_write64(clint + CLINT_MTIMECMP + 8 * self->id, when);
        csr_clear(mip, IRQ_BIT(IRQ_S_TIMER));
        csr_set(mie, IRQ_BIT(IRQ_M_TIMER));
    }
}

void timer_serve(struct hart *self) {
    if (self->has_sstc || !(csr_read(mip) & csr_read(mie) & IRQ_BIT(IRQ_M_TIMER))) return;
    csr_clear(mie, IRQ_BIT(IRQ_M_TIMER));
    csr_set(mip, IRQ_BIT(IRQ_S_TIMER));
}

struct sbiret sbi_set_timer(struct hart *self, struct frame *frame) {
    pmu_note(self, FIRMWARE_SET_TIMER);
    timer_set(self, argument(frame, 0));
    return (struct sbiret){SBI_SUCCESS, 0};
}
