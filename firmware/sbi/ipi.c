// SPDX-License-Identifier: MIT
// One hart asks another for something: an S-mode software interrupt or a fence. The wish is written
// into an atomic word, and the CLINT's msip register makes the other hart look.
//
// A fence must be done when the call returns, so the caller waits. Each hart has one wish of its
// own at most (it waits for it), which therefore stands in its own struct hart, and
//   fence_asked   of the target names the harts whose wishes it is to fulfil,
//   fence_awaited of the caller names the harts that have not done so.
// No queue that could be full, no lock. A waiting hart fulfils the wishes of others meanwhile, so
// that two harts that fence each other both get on.
#include "firmware/lib/riscv.h"
#include "firmware/sbi/sbi.h"

// A longer range than this is cheaper as a fence of everything, and a hostile one does not keep
// the firmware busy for years.
enum { FENCE_PAGES_MAX = 64, PAGE_SIZE = 4096 };

#define ASID_MASK UINT64_C(0xffff)

static uint64_t bit(uint64_t id) { return UINT64_C(1) << id; }

static uint64_t msip_address(const struct hart *hart) {
    return hart->firmware->platform.clint + 4 * hart->id;
}

void ipi_raise(struct hart *target) {
    if (target->firmware->platform.clint == 0) return;
    fence_all(); // the wish is visible before the interrupt
    mmio_write32(msip_address(target), 1);
}

static void execute(const struct fence *f) {
    bool everything = (f->start == 0 && f->size == 0) || f->size > FENCE_PAGES_MAX * PAGE_SIZE;
    uint64_t page = f->start & ~(uint64_t)(PAGE_SIZE - 1);
    uint64_t pages = everything ? 0 : (f->start - page + f->size + PAGE_SIZE - 1) / PAGE_SIZE;
    uint64_t asid = f->asid & ASID_MASK;
    switch (f->kind) {
    case FENCE_I: fence_i(); break;
    case FENCE_VMA:
        if (everything) sfence_vma_all();
        for (; pages > 0; pages--, page += PAGE_SIZE) sfence_vma_page(page);
        break;
    case FENCE_VMA_ASID:
        if (everything) sfence_vma_asid(asid);
        for (; pages > 0; pages--, page += PAGE_SIZE) sfence_vma_page_asid(page, asid);
        break;
    }
}

// The event of sending a fence; that of receiving it is the next one.
static enum firmware_event fence_event(enum fence_kind kind) {
    static const enum firmware_event sent[] = {[FENCE_I] = FIRMWARE_FENCE_I_SENT,
                                               [FENCE_VMA] = FIRMWARE_FENCE_VMA_SENT,
                                               [FENCE_VMA_ASID] = FIRMWARE_FENCE_VMA_ASID_SENT};
    return sent[kind];
}

static void fulfil_fences(struct hart *self) {
    uint64_t callers = atomic_exchange(&self->fence_asked, 0);
    for (unsigned i = 0; callers >> i != 0; i++) {
        if (!(callers >> i & 1)) continue;
        struct hart *caller = &self->firmware->hart[i];
        execute(&caller->fence);
        pmu_note(self, fence_event(caller->fence.kind) + 1);
        atomic_fetch_and(&caller->fence_awaited, ~bit(self->id));
    }
}

void hart_serve(struct hart *self) {
    if (self->firmware->platform.clint != 0 && csr_read(mip) & IRQ_BIT(IRQ_M_SOFT)) {
        mmio_write32(msip_address(self), 0);
        fence_all(); // lowered before the wishes are read: a later one raises it again
    }
    if (atomic_exchange(&self->soft_interrupt, 0)) {
        pmu_note(self, FIRMWARE_IPI_RECEIVED);
        csr_set(mip, IRQ_BIT(IRQ_S_SOFT));
    }
    fulfil_fences(self);
    timer_serve(self);
}

// Harts of the mask that run S-mode code now or will go on with it. The others begin with fences of
// their own in hart_enter().
static uint64_t running(const struct firmware *firmware, uint64_t mask) {
    uint64_t result = 0;
    for (unsigned i = 0; i < MAX_HARTS; i++) {
        unsigned state = atomic_load(&firmware->hart[i].state);
        if (state == STARTED || state == SUSPENDED) result |= mask & bit(i);
    }
    return result;
}

void ipi_send(struct hart *self, uint64_t mask) {
    mask = running(self->firmware, mask);
    for (unsigned i = 0; mask >> i != 0; i++) {
        if (!(mask >> i & 1)) continue;
        pmu_note(self, FIRMWARE_IPI_SENT);
        atomic_store(&self->firmware->hart[i].soft_interrupt, 1);
        ipi_raise(&self->firmware->hart[i]);
    }
}

void fence_send(struct hart *self, uint64_t mask, struct fence fence) {
    fence_all(); // page tables and code that the caller wrote come first
    mask = running(self->firmware, mask);
    uint64_t others = mask & ~bit(self->id);
    for (unsigned i = 0; i < MAX_HARTS; i++)
        if (mask >> i & 1) pmu_note(self, fence_event(fence.kind));
    self->fence = fence;
    atomic_store(&self->fence_awaited, others);
    for (unsigned i = 0; others >> i != 0; i++) {
        if (!(others >> i & 1)) continue;
        atomic_fetch_or(&self->firmware->hart[i].fence_asked, bit(self->id));
        ipi_raise(&self->firmware->hart[i]);
    }
    if (mask & bit(self->id)) execute(&fence);
    while (atomic_load(&self->fence_awaited) != 0) {
        fulfil_fences(self);
        pause_hint();
    }
}

// ---- The calls ----

// Hart mask parameters (SBI 2.0, section 3.1): bit n of mask is hart base + n; base = -1 is all
// harts. false: one of them does not exist. A base that no bit refers to is not looked at.
static bool hart_mask(const struct hart *self, const struct frame *frame, uint64_t *harts) {
    uint64_t mask = argument(frame, 0), base = argument(frame, 1);
    uint64_t existing = self->firmware->platform.harts;
    *harts = existing;
    if (base == ~UINT64_C(0)) return true;
    *harts = 0;
    if (mask == 0) return true;
    if (base >= MAX_HARTS || (mask << base) >> base != mask) return false;
    *harts = mask << base;
    return (*harts & ~existing) == 0;
}

struct sbiret sbi_send_ipi(struct hart *self, struct frame *frame) {
    uint64_t harts;
    if (!hart_mask(self, frame, &harts)) return (struct sbiret){SBI_ERR_INVALID_PARAM, 0};
    ipi_send(self, harts);
    return (struct sbiret){SBI_SUCCESS, 0};
}

static struct sbiret remote_fence(struct hart *self, const struct frame *frame,
                                  enum fence_kind kind) {
    uint64_t harts;
    struct fence fence = {kind, argument(frame, 2), argument(frame, 3), argument(frame, 4)};
    if (!hart_mask(self, frame, &harts)) return (struct sbiret){SBI_ERR_INVALID_PARAM, 0};
    bool everything = fence.size == ~UINT64_C(0);
    if (kind != FENCE_I && !everything && fence.start + fence.size < fence.start &&
        fence.start + fence.size != 0)
        return (struct sbiret){SBI_ERR_INVALID_ADDRESS, 0};
    fence_send(self, harts, fence);
    return (struct sbiret){SBI_SUCCESS, 0};
}

struct sbiret sbi_remote_fence_i(struct hart *self, struct frame *frame) {
    return remote_fence(self, frame, FENCE_I);
}

struct sbiret sbi_remote_sfence_vma(struct hart *self, struct frame *frame) {
    return remote_fence(self, frame, FENCE_VMA);
}

struct sbiret sbi_remote_sfence_vma_asid(struct hart *self, struct frame *frame) {
    return remote_fence(self, frame, FENCE_VMA_ASID);
}
