// SPDX-License-Identifier: MIT
// The calls of SBI 0.1 (SBI 2.0, chapter 5) that differ from their successors: they return in a0
// alone, and their hart mask is a pointer, a virtual address of the caller.
#include "firmware/lib/riscv.h"
#include "firmware/sbi/sbi.h"

struct sbiret sbi_legacy_set_timer(struct hart *self, struct frame *frame) {
    timer_set(self, argument(frame, 0));
    return (struct sbiret){0, 0};
}

// Returns whether there was anything to clear.
struct sbiret sbi_legacy_clear_ipi(struct hart *self, struct frame *frame) {
    (void)frame;
    hart_serve(self); // one may be on its way
    bool pending = (csr_read(mip) & IRQ_BIT(IRQ_S_SOFT)) != 0;
    csr_clear(mip, IRQ_BIT(IRQ_S_SOFT));
    return (struct sbiret){pending, 0};
}

// The mask at the caller's address a0; a null pointer means all harts, as every implementation has
// it. Bits of harts that do not exist are ignored: there is no error to return. false: reading the
// mask faulted, and the caller has taken the trap.
static bool legacy_mask(struct hart *self, struct frame *frame, uint64_t *harts) {
    uint64_t mask = ~UINT64_C(0), pointer = argument(frame, 0);
    struct fault fault;
    if (pointer != 0 && !copy_from_caller(&mask, pointer, sizeof mask, &fault, MSTATUS_MPRV)) {
        trap_redirect(frame, fault.cause, fault.tval);
        return false;
    }
    *harts = mask & self->firmware->platform.harts;
    return true;
}

struct sbiret sbi_legacy_send_ipi(struct hart *self, struct frame *frame) {
    uint64_t harts;
    if (!legacy_mask(self, frame, &harts)) return (struct sbiret){SBI_REDIRECTED, 0};
    ipi_send(self, harts);
    return (struct sbiret){0, 0};
}

static struct sbiret legacy_fence(struct hart *self, struct frame *frame, enum fence_kind kind) {
    uint64_t harts;
    struct fence fence = {kind, argument(frame, 1), argument(frame, 2), argument(frame, 3)};
    if (!legacy_mask(self, frame, &harts)) return (struct sbiret){SBI_REDIRECTED, 0};
    fence_send(self, harts, fence);
    return (struct sbiret){0, 0};
}

struct sbiret sbi_legacy_remote_fence_i(struct hart *self, struct frame *frame) {
    return legacy_fence(self, frame, FENCE_I);
}

struct sbiret sbi_legacy_remote_sfence_vma(struct hart *self, struct frame *frame) {
    return legacy_fence(self, frame, FENCE_VMA);
}

struct sbiret sbi_legacy_remote_sfence_vma_asid(struct hart *self, struct frame *frame) {
    return legacy_fence(self, frame, FENCE_VMA_ASID);
}
