// SPDX-License-Identifier: MIT
// Hart state management (SBI 2.0, chapter 9). A stopped hart sleeps in hart_wait_for_start(); the
// step from STOPPED to START_PENDING is a compare-and-swap, so that of two harts that start a third
// one only one succeeds. The pending states other than START_PENDING last no time here.
#include "firmware/lib/riscv.h"
#include "firmware/sbi/sbi.h"

enum { SUSPEND_RETENTIVE = 0 };
#define SUSPEND_NON_RETENTIVE UINT32_C(0x80000000)
// 0x10000000.. and 0x90000000.. are the platform's, and there are none; the rest is reserved.

void hart_wait_for_start(struct hart *self) {
    csr_write(mie, IRQ_BIT(IRQ_M_SOFT)); // ends wfi, is not taken: mstatus.MIE is 0
    while (!atomic_exchange(&self->start_ready, 0)) {
        wait_for_interrupt();
        hart_serve(self); // a fence may have been asked for just before the hart stopped
    }
    uint64_t address = self->start_address, argument = self->start_argument;
    atomic_store(&self->soft_interrupt, 0); // meant for who ran here before
    atomic_store(&self->state, STARTED);
    timer_set(self, ~UINT64_C(0));
    hart_enter(self, address, argument);
}

static bool hart_exists(const struct hart *self, uint64_t id) {
    return id < MAX_HARTS && (self->firmware->platform.harts >> id & 1) != 0;
}

// Can S-mode begin to execute here?
static bool is_entry(const struct hart *self, uint64_t address) {
    return address % 2 == 0 && platform_owns(&self->firmware->platform, address, 2);
}

struct sbiret sbi_hart_start(struct hart *self, struct frame *frame) {
    uint64_t id = argument(frame, 0), address = argument(frame, 1);
    if (!hart_exists(self, id)) return (struct sbiret){SBI_ERR_INVALID_PARAM, 0};
    if (!is_entry(self, address)) return (struct sbiret){SBI_ERR_INVALID_ADDRESS, 0};
    struct hart *target = &self->firmware->hart[id];
    unsigned expected = STOPPED;
    if (!atomic_compare_exchange_strong(&target->state, &expected, START_PENDING))
        return (struct sbiret){SBI_ERR_ALREADY_AVAILABLE, 0};
    target->start_address = address;
    target->start_argument = argument(frame, 2);
    atomic_store(&target->start_ready, 1);
    ipi_raise(target);
    return (struct sbiret){SBI_SUCCESS, 0};
}

struct sbiret sbi_hart_stop(struct hart *self, struct frame *frame) {
    (void)frame;
    atomic_store(&self->state, STOPPED);
    hart_wait_for_start(self); // the stack begins anew with the next trap
}

struct sbiret sbi_hart_get_status(struct hart *self, struct frame *frame) {
    uint64_t id = argument(frame, 0);
    if (!hart_exists(self, id)) return (struct sbiret){SBI_ERR_INVALID_PARAM, 0};
    return (struct sbiret){SBI_SUCCESS, atomic_load(&self->firmware->hart[id].state)};
}

// Sleeps until an interrupt is pending that S-mode has enabled in sie, whatever sstatus.SIE says.
static void sleep(struct hart *self) {
    uint64_t of_supervisor = csr_read(mideleg);
    while (!(csr_read(mip) & csr_read(mie) & of_supervisor)) {
        wait_for_interrupt();
        hart_serve(self);
    }
}

struct sbiret sbi_hart_suspend(struct hart *self, struct frame *frame) {
    uint32_t type = (uint32_t)argument(frame, 0);
    if (type != SUSPEND_RETENTIVE && type != SUSPEND_NON_RETENTIVE)
        return (struct sbiret){SBI_ERR_INVALID_PARAM, 0};
    if (type == SUSPEND_NON_RETENTIVE && !is_entry(self, argument(frame, 1)))
        return (struct sbiret){SBI_ERR_INVALID_ADDRESS, 0};
    atomic_store(&self->state, SUSPENDED);
    sleep(self);
    atomic_store(&self->state, STARTED);
    // Nothing is lost in this sleep; resuming elsewhere is what the non-retentive form promises.
    if (type == SUSPEND_NON_RETENTIVE) hart_enter(self, argument(frame, 1), argument(frame, 2));
    return (struct sbiret){SBI_SUCCESS, 0};
}
