// SPDX-License-Identifier: MIT
// Traps: taking them, returning from them, and which interrupt is next (see hart.h). Whatever
// changes the mode or mstatus ends in hart_context_changed, so that translation and interrupts
// never lag behind the CSRs.
#include "cpu/hart.h"

static const struct trap_row rows[] = {
#define INTERRUPT(name, delegatable, text) {#name, text, CAUSE_INTERRUPT | IRQ_##name, delegatable},
#define EXCEPTION(name, delegatable, text) {#name, text, CAUSE_##name, delegatable},
#include "cpu/trap.def"
#undef INTERRUPT
#undef EXCEPTION
};
enum { ROWS = sizeof rows / sizeof rows[0] };

static bool is_interrupt(uint64_t cause) { return (cause & CAUSE_INTERRUPT) != 0; }

// The bit of medeleg, mideleg, mie or mip.
static uint64_t cause_bit(uint64_t cause) { return UINT64_C(1) << (cause % CAUSES); }

const struct trap_row *trap_row(uint64_t cause) {
    for (unsigned i = 0; i < ROWS; i++) {
        if (rows[i].cause == cause) return &rows[i];
    }
    return NULL;
}

uint64_t trap_delegatable(bool interrupts) {
    uint64_t mask = 0;
    for (unsigned i = 0; i < ROWS; i++) {
        bool wanted = rows[i].delegatable && is_interrupt(rows[i].cause) == interrupts;
        if (wanted) mask |= cause_bit(rows[i].cause);
    }
    return mask;
}

// What the MMU has to know, from mstatus, satp and menvcfg ("Memory Privilege in mstatus
// Register").
static struct mmu_context context_of(const struct hart *h) {
    const struct csr_state *c = &h->csr;
    bool mprv = (c->mstatus & MSTATUS_MPRV) != 0;
    return (struct mmu_context){
        .satp = c->satp,
        .fetch_privilege = (uint8_t)h->privilege,
        .data_privilege = (uint8_t)(mprv ? c->mstatus >> MPP_SHIFT & 3 : h->privilege),
        .sum = (c->mstatus & MSTATUS_SUM) != 0,
        .mxr = (c->mstatus & MSTATUS_MXR) != 0,
        .update_ad = (c->menvcfg & MENVCFG_ADUE) != 0,
        .pbmt = (c->menvcfg & MENVCFG_PBMTE) != 0,
        .napot = (h->extensions & EXT_BIT(EXT_svnapot)) != 0,
    };
}

void hart_context_changed(struct hart *h) {
    struct mmu_context context = context_of(h);
    mmu_set_context(&h->mmu, &context);
    if (trap_pending(h) >= 0) h->attention = true;
    if (h->ledger) h->ledger->changed(h->ledger->context, h);
}

// --- Taking a trap

static int highest_priority(uint64_t interrupts) {
    for (unsigned i = 0; i < ROWS && is_interrupt(rows[i].cause); i++) {
        if (interrupts & cause_bit(rows[i].cause)) return (int)(rows[i].cause % CAUSES);
    }
    return -1;
}

// A mode's interrupts are enabled by its own bit, and always while a less privileged mode runs. A
// delegated interrupt is not taken in M-mode at all. Those for M come before those for S.
int trap_pending(const struct hart *h) {
    uint64_t pending = csr_mip(h) & h->csr.mie;
    uint64_t for_m = pending & ~h->csr.mideleg, for_s = pending & h->csr.mideleg;
    bool m_enabled = h->privilege < PRIV_M || (h->csr.mstatus & MSTATUS_MIE);
    bool s_enabled =
        h->privilege < PRIV_S || (h->privilege == PRIV_S && (h->csr.mstatus & MSTATUS_SIE));
    if (for_m && m_enabled) return highest_priority(for_m);
    return s_enabled ? highest_priority(for_s) : -1;
}

// The bits of mstatus that make up a mode's stack of enable bits and modes ("Privilege and Global
// Interrupt-Enable Stack").
struct status_stack {
    uint64_t ie, pie, pp;
    unsigned pp_shift;
};
static const struct status_stack m_stack = {MSTATUS_MIE, MSTATUS_MPIE, MSTATUS_MPP, MPP_SHIFT};
static const struct status_stack s_stack = {MSTATUS_SIE, MSTATUS_SPIE, MSTATUS_SPP, SPP_SHIFT};

// "xPIE is set to the value of xIE; xIE is set to 0; and xPP is set to y."
static void push(struct hart *h, const struct status_stack *stack) {
    uint64_t status = h->csr.mstatus & ~(stack->ie | stack->pie | stack->pp);
    if (h->csr.mstatus & stack->ie) status |= stack->pie;
    h->csr.mstatus = status | (uint64_t)h->privilege << stack->pp_shift;
}

// "xIE is set to xPIE; the privilege mode is changed to y; xPIE is set to 1; and xPP is set to the
// least-privileged supported mode. If y != M, xRET also sets MPRV = 0."
static void pop(struct hart *h, const struct status_stack *stack) {
    uint64_t status = h->csr.mstatus & ~(stack->ie | stack->pp);
    if (h->csr.mstatus & stack->pie) status |= stack->ie;
    bool has_u = (h->extensions & EXT_BIT(EXT_u)) != 0;
    status |= stack->pie | (has_u ? 0 : stack->pp);
    h->privilege = (enum privilege)((h->csr.mstatus & stack->pp) >> stack->pp_shift);
    if (h->privilege != PRIV_M) status &= ~MSTATUS_MPRV;
    h->csr.mstatus = status;
    if (h->csr.hpm_filtered) counters_mode_changed(h, true);
}

// "All synchronous exceptions cause the pc to be set to BASE, whereas interrupts [in mode Vectored]
// cause the pc to be set to BASE plus four times the interrupt cause number."
static uint64_t vector(uint64_t tvec, uint64_t cause) {
    uint64_t base = tvec & ~UINT64_C(3);
    return is_interrupt(cause) && (tvec & 1) ? base + 4 * (cause % CAUSES) : base;
}

// LR's reservation survives, as the manual allows.
static void enter(struct hart *h, uint64_t cause, uint64_t tval) {
    struct csr_state *c = &h->csr;
    uint64_t delegated = is_interrupt(cause) ? c->mideleg : c->medeleg;
    const uint64_t epc = h->pc;
    const struct hart_observer *o = h->observer;
    if (o && o->trapping) o->trapping(o->context, h, cause);
    if (h->privilege <= PRIV_S && (delegated & cause_bit(cause))) {
        push(h, &s_stack);
        c->scause = cause, c->sepc = h->pc, c->stval = tval;
        h->pc = vector(c->stvec, cause);
        h->privilege = PRIV_S;
    } else {
        push(h, &m_stack);
        c->mcause = cause, c->mepc = h->pc, c->mtval = tval;
        h->pc = vector(c->mtvec, cause);
        h->privilege = PRIV_M;
    }
    h->waiting = false;
    if (h->csr.hpm_filtered) counters_mode_changed(h, false);
    if (h->csr.hpm_armed) h->attention = true; // traps are events too
    hart_context_changed(h);
    if (o && o->trapped) o->trapped(o->context, h, cause, tval, epc);
    if (h->profiler) h->profiler->trapped(h->profiler->context, h, epc);
}

// The causes that come with a struct mmu_fault. A misaligned fetch is the jump's own.
static bool is_access_fault(uint64_t cause) {
    const uint64_t causes = 1 << CAUSE_FETCH_ACCESS | 1 << CAUSE_LOAD_MISALIGNED |
                            1 << CAUSE_LOAD_ACCESS | 1 << CAUSE_STORE_MISALIGNED |
                            1 << CAUSE_STORE_ACCESS | 1 << CAUSE_FETCH_PAGE | 1 << CAUSE_LOAD_PAGE |
                            1 << CAUSE_STORE_PAGE;
    return causes & cause_bit(cause);
}

static void note_fault(struct hart *h, uint64_t cause, uint64_t tval) {
    const uint64_t number = ++h->faults;
    struct fault_record *r = &h->fault_ring[number % FAULT_RING];
    *r = (struct fault_record){.number = number,
                               .cycle = hart_cycles(h),
                               .pc = h->pc,
                               .cause = cause,
                               .tval = tval,
                               .satp = h->csr.satp,
                               .from = h->privilege,
                               .fault = h->mmu.fault};
    if (r->fault.walked) r->walk = h->mmu.failed_walk;
}

void trap_exception(struct hart *h, uint64_t cause, uint64_t tval) {
    h->stats.exceptions[cause]++;
    const bool noted = is_access_fault(cause);
    if (noted) note_fault(h, cause, tval);
    enter(h, cause, tval);
    if (noted) h->fault_ring[h->faults % FAULT_RING].to = h->privilege;
}

void trap_interrupt(struct hart *h, int number) {
    h->stats.interrupts[number]++;
    enter(h, CAUSE_INTERRUPT | (uint64_t)number, 0);
}

// --- Returning

bool trap_mret(struct hart *h) {
    if (h->privilege != PRIV_M) return false;
    pop(h, &m_stack);
    h->pc = h->csr.mepc;
    hart_context_changed(h);
    return true;
}

bool trap_sret(struct hart *h) {
    if (!(h->extensions & EXT_BIT(EXT_s)) || h->privilege < PRIV_S) return false;
    if (h->privilege == PRIV_S && (h->csr.mstatus & MSTATUS_TSR)) return false;
    pop(h, &s_stack);
    h->pc = h->csr.sepc;
    hart_context_changed(h);
    return true;
}
