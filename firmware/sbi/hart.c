// SPDX-License-Identifier: MIT
// What M-mode decides for S-mode, once for each hart: what it may touch, which traps it gets, which
// features it may use; and the way down to it.
#include "firmware/lib/riscv.h"
#include "firmware/sbi/sbi.h"

// Everything that S-mode can deal with itself: all but its own ecall, which is the SBI, misaligned
// accesses, which the firmware does byte by byte, and access faults, which it counts.
#define DELEGATED_EXCEPTIONS                                                                       \
    (CAUSE_BIT(CAUSE_FETCH_MISALIGNED) | CAUSE_BIT(CAUSE_FETCH_ACCESS) |                           \
     CAUSE_BIT(CAUSE_ILLEGAL) | CAUSE_BIT(CAUSE_BREAKPOINT) | CAUSE_BIT(CAUSE_ECALL_U) |           \
     CAUSE_BIT(CAUSE_FETCH_PAGE) | CAUSE_BIT(CAUSE_LOAD_PAGE) | CAUSE_BIT(CAUSE_STORE_PAGE))
#define DELEGATED_INTERRUPTS                                                                       \
    (IRQ_BIT(IRQ_S_SOFT) | IRQ_BIT(IRQ_S_TIMER) | IRQ_BIT(IRQ_S_EXTERNAL) |                        \
     IRQ_BIT(IRQ_COUNTER_OVERFLOW))

// A NAPOT entry says base and size in one number: the base in units of 4 bytes, with the low
// log2(size / 8) bits set (privileged manual, "Physical Memory Protection CSRs").
static uint64_t napot(uint64_t base, uint64_t size) { return base >> 2 | ((size >> 3) - 1); }

// The lowest entry that matches decides: 0 takes the firmware's memory away from S and U (M-mode is
// bound by locked entries only), 1 gives them everything else.
static void protect_firmware(void) {
    csr_write(pmpaddr0, napot(FIRMWARE_BASE, FIRMWARE_SIZE));
    csr_write(pmpaddr1, ~UINT64_C(0));
    csr_write(pmpcfg0, PMP_NAPOT | (PMP_NAPOT | PMP_R | PMP_W | PMP_X) << 8);
    sfence_vma_all();
}

// Harts of different versions of the manual have different CSRs, so each is tried.
static void offer_features(struct hart *self) {
    // Cache block operations and Svpbmt for S-mode: bits that a hart does not have stay 0. ADUE
    // (are A and D bits set by hardware?) stays as the hart came out of reset.
    (void)csr_try_set(MENVCFG, MENVCFG_CBIE_INVAL | MENVCFG_CBCFE | MENVCFG_CBZE | MENVCFG_PBMTE);
    // Sstc: there are harts that keep the STCE bit without having the register, so both are tried.
    self->has_sstc = csr_try_set(MENVCFG, MENVCFG_STCE) &&
                     (csr_read(MENVCFG) & MENVCFG_STCE) != 0 && csr_try_set(STIMECMP, ~UINT64_C(0));
    csr_write(mcounteren, ~UINT64_C(0)); // cycle, time, instret and all hpmcounters from S-mode
    csr_write(scounteren, 7);            // and the first three from U-mode
}

extern char stacks[]; // sbi.ld

struct hart **hart_stack_top(uint64_t id) {
    return (struct hart **)(stacks + (id + 1) * STACK_SIZE - STACK_TOP_SIZE);
}

void hart_init(struct hart *self) {
    offer_features(self);
    csr_write(mtvec, trap_entry);
    csr_write(medeleg, DELEGATED_EXCEPTIONS);
    csr_write(mideleg, DELEGATED_INTERRUPTS);
    protect_firmware();
    pmu_init(self);
    timer_set(self, ~UINT64_C(0));
}

void hart_enter(struct hart *self, uint64_t pc, uint64_t argument) {
    uint64_t status = csr_read(mstatus);
    status &= ~(MSTATUS_SIE | MSTATUS_SPIE | MSTATUS_MPIE | MSTATUS_SPP | MSTATUS_MPP | MSTATUS_FS |
                MSTATUS_MPRV | MSTATUS_SUM | MSTATUS_MXR | MSTATUS_TVM | MSTATUS_TW | MSTATUS_TSR);
    csr_write(mstatus, status | MPP_S | FS_INITIAL);
    csr_write(mepc, pc);
    // M's own interrupts only; a timer that is running stays so. In S-mode mstatus.MIE masks none.
    csr_write(mie, (csr_read(mie) & IRQ_BIT(IRQ_M_TIMER)) | IRQ_BIT(IRQ_M_SOFT));
    csr_clear(mip, IRQ_BIT(IRQ_S_SOFT));
    csr_write(satp, 0);
    csr_write(stvec, pc); // an early trap loops visibly at the entry instead of running wild
    csr_write(sscratch, 0);
    sfence_vma_all();
    fence_i();
    return_to_supervisor(self->id, argument, (uint64_t)hart_stack_top(self->id));
}
