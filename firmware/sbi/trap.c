// SPDX-License-Identifier: MIT
// Every entry into M-mode after the boot arrives here, from start.S.
#include "firmware/lib/riscv.h"
#include "firmware/sbi/sbi.h"

// Called by start.S with the registers of who was interrupted; what it changes in frame is loaded
// back on return.
void trap(struct hart *self, struct frame *frame);

// A trap out of M-mode itself is a mistake of ours. Say all that is known, and end the machine.
static _Noreturn void panic(struct hart *self, const struct frame *frame, uint64_t cause) {
    const struct platform *platform = &self->firmware->platform;
    print(platform,
          "tablewalk-sbi: hart %lu: trap in the firmware, mcause 0x%lx mtval 0x%lx mepc 0x%lx\n",
          self->id, cause, csr_read(mtval), frame->mepc);
    machine_end(platform, MACHINE_FAILURE);
    stop_forever();
}

// What the hart does when it takes a trap into S-mode (privileged manual, "Supervisor Trap
// Handling"), done by hand on the state that mret will restore.
void trap_redirect(struct frame *frame, uint64_t cause, uint64_t tval) {
    csr_write(scause, cause);
    csr_write(stval, tval);
    csr_write(sepc, frame->mepc);
    uint64_t status = frame->mstatus & ~(MSTATUS_SPP | MSTATUS_SPIE | MSTATUS_SIE | MSTATUS_MPP);
    if ((frame->mstatus & MSTATUS_MPP) == MPP_S) status |= MSTATUS_SPP;
    if (frame->mstatus & MSTATUS_SIE) status |= MSTATUS_SPIE;
    frame->mstatus = status | MPP_S;
    frame->mepc = csr_read(stvec) & ~UINT64_C(3);
}

static void exception(struct hart *self, struct frame *frame, uint64_t cause, uint64_t tval) {
    if (cause == CAUSE_LOAD_MISALIGNED || cause == CAUSE_STORE_MISALIGNED) {
        misaligned_access(self, frame, cause, tval);
        return;
    }
    if (cause == CAUSE_LOAD_ACCESS) pmu_note(self, FIRMWARE_ACCESS_LOAD);
    if (cause == CAUSE_STORE_ACCESS) pmu_note(self, FIRMWARE_ACCESS_STORE);
    trap_redirect(frame, cause, tval);
}

void trap(struct hart *self, struct frame *frame) {
    uint64_t cause = csr_read(mcause);
    if ((frame->mstatus & MSTATUS_MPP) == MPP_M) panic(self, frame, cause);
    if (cause & CAUSE_IS_IRQ)
        hart_serve(self);
    else if (cause == CAUSE_ECALL_S)
        sbi_call(self, frame);
    else
        exception(self, frame, cause, csr_read(mtval));
}
