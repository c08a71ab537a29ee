// SPDX-License-Identifier: MIT
// Between two stretches of instructions (see nudge.h).
#include "testsuite/diff/nudge.h"

#include <string.h>

#include "cpu/counter.h"
#include "cpu/csr.h"
#include "testsuite/unit/random.h"

static const uint8_t bases[] = {X_SP, X_BASE, X_BASE + 1, X_FAR};
enum { BASES = sizeof bases };

void nudge_interrupts(struct side *s, uint64_t seed) {
    static const uint8_t lines[] = {IRQ_MSI, IRQ_MTI, IRQ_SEI, IRQ_MEI};
    csr_update_timer(s->h);
    if (!one_in(&seed, 8)) return;
    enum interrupt line = lines[draw_below(&seed, 4)];
    hart_set_interrupt(s->h, line, one_in(&seed, 2));
}

// Numbers at which instructions change their minds.
static uint64_t draw_integer(uint64_t *seed) {
    static const uint64_t edges[] = {0,
                                     1,
                                     UINT64_MAX,
                                     INT64_MAX,
                                     UINT64_C(1) << 63,
                                     INT32_MAX,
                                     UINT64_C(0xffffffff80000000),
                                     UINT32_MAX,
                                     63,
                                     64,
                                     0x80,
                                     0xff};
    if (one_in(seed, 2)) return edges[draw_below(seed, sizeof edges / sizeof *edges)];
    return draw(seed) >> draw_below(seed, 64);
}

// Singles (boxed, and not) and doubles: zeros, denormals, infinities, NaNs, and ordinary numbers
// that are close enough to one another to cancel and to round.
static uint64_t draw_float(uint64_t *seed) {
    static const uint64_t edges[] = {0, 1, 0xfffff, 0x7ff0, 0x7ff8, 0x7ff4, 0x3ff0, 0x10, 0x7fef};
    uint64_t high = edges[draw_below(seed, sizeof edges / sizeof *edges)];
    uint64_t sign = draw(seed) & UINT64_C(1) << 63;
    if (one_in(seed, 3)) return UINT64_C(0xffffffff) << 32 | (uint32_t)(sign >> 32 | high << 16);
    if (one_in(seed, 3)) return sign | high << 48;
    uint64_t fraction = draw(seed) >> 12;
    if (one_in(seed, 3)) fraction &= UINT64_C(0xfffff) << 32;
    uint64_t value = sign | (UINT64_C(0x3f8) + draw_below(seed, 16)) << 52 | fraction;
    if (one_in(seed, 2)) return value;
    return UINT64_C(0xffffffff) << 32 | (uint32_t)(sign >> 32) |
           (UINT32_C(0x78) + draw_below(seed, 16)) << 23 | (uint32_t)(fraction >> 20 & 0x7fffff);
}

static void set_registers(struct hart *h, const struct program *p, enum privilege mode,
                          uint64_t *seed) {
    uint64_t view = draw_view(mode, seed);
    for (unsigned i = 1; i < 32; i++) {
        if (!memchr(bases, (int)i, BASES) && one_in(seed, 2)) h->x[i] = draw_integer(seed);
        if (one_in(seed, 2)) h->f[i] = draw_float(seed);
    }
    h->x[1] = draw_entry(p, mode, seed);
    h->x[5] = draw_entry(p, mode, seed);
    for (unsigned i = 0; i < BASES; i++) {
        if (one_in(seed, 2)) h->x[bases[i]] = draw_base(mode, seed);
    }
    h->x[X_SLOTS] = view + SLOTS;
    h->x[X_POOL] = view + POOL;
    h->x[X_WORD] = 0x13; // nop
    h->x[X_ENTRY] = draw_entry(p, mode, seed);
    h->x[X_SATP] = space_satp(draw_below(seed, SPACES));
    h->x[X_COUNT] = draw_below(seed, 60);
}

// As a rule not for S-mode's handler, which would fault again.
#define FETCH_FAULTS (UINT64_C(1) << CAUSE_FETCH_ACCESS | UINT64_C(1) << CAUSE_FETCH_PAGE)

static void set_csr(struct hart *h, unsigned number, uint64_t value) {
    uint64_t old;
    if (!csr_access(h, number, CSR_WRITE, false, value, &old)) return; // fcsr, with FS off
}

// An event counter counts some event, in some modes, and is going to overflow, mostly soon.
static void set_counter(struct hart *h, uint64_t *seed) {
    const unsigned n = draw_below(seed, HPM_COUNTERS);
    const uint64_t flags = one_in(seed, 2) ? draw(seed) & (HPM_OF | HPM_INHIBIT) : 0;
    set_csr(h, CSR_mhpmevent3 + n, flags | draw_below(seed, EVENT_LAST + 1));
    set_csr(h, CSR_mhpmcounter3 + n, (uint64_t)0 - (draw(seed) >> (52 + draw_below(seed, 12))));
}

static void set_csrs(struct hart *h, const struct program *p, enum privilege mode, uint64_t *seed) {
    uint64_t status = draw(seed) & (MSTATUS_SIE | MSTATUS_MPIE | MSTATUS_SPIE | MSTATUS_SPP |
                                    MSTATUS_SUM | MSTATUS_MXR);
    if (!one_in(seed, 16)) status |= MSTATUS_FS;
    if (one_in(seed, 6)) status |= MSTATUS_MPRV;
    if (one_in(seed, 8)) status |= draw(seed) & (MSTATUS_TVM | MSTATUS_TW | MSTATUS_TSR);
    set_csr(h, CSR_mstatus, status | (uint64_t)mode << MPP_SHIFT);
    set_csr(h, CSR_mepc, draw_entry(p, mode, seed));
    set_csr(h, CSR_sepc, draw_entry(p, mode, seed));
    set_csr(h, CSR_satp, one_in(seed, 6) ? 0 : space_satp(draw_below(seed, SPACES)));
    if (one_in(seed, 3)) set_csr(h, CSR_medeleg, draw(seed) & ~FETCH_FAULTS);
    if (one_in(seed, 3)) set_csr(h, CSR_mideleg, draw(seed));
    if (one_in(seed, 3)) set_csr(h, CSR_mie, draw(seed));
    if (one_in(seed, 3)) set_csr(h, CSR_mcounteren, draw(seed));
    for (unsigned i = draw_below(seed, 4); i > 0; i--) set_counter(h, seed);
    if (one_in(seed, 4)) set_csr(h, CSR_mcountinhibit, draw(seed));
    if (one_in(seed, 8)) {
        // "After changing menvcfg.PBMTE, executing an SFENCE.VMA [...] suffices".
        set_csr(h, CSR_menvcfg, draw(seed));
        mmu_fence(&h->mmu, true, 0, true, 0);
    }
    set_csr(h, CSR_stimecmp, one_in(seed, 2) ? UINT64_MAX : (h->limit >> 3) + draw_below(seed, 64));
    if (one_in(seed, 2))
        set_csr(h, CSR_fcsr, (uint64_t)draw_below(seed, one_in(seed, 8) ? 8 : 5) << 5);
}

static void wake(struct hart *h) {
    static const uint8_t lines[] = {IRQ_MSI, IRQ_MTI, IRQ_SEI, IRQ_MEI};
    for (unsigned i = 0; i < 4; i++) hart_set_interrupt(h, lines[i], false);
    h->waiting = false;
}

// Of the instruction at a virtual address, if it is one of the program's; else 0.
static unsigned length_at(const struct program *p, uint64_t va) {
    for (unsigned i = 0; i < p->items; i++) {
        if (p->item[i].at == (va & (USER - 1)) - TEXT) return p->item[i].length;
    }
    return 0;
}

// A mapping changes, as a rule one that was in use, and the hart goes on through a fence that
// covers the change. Or none does, and there is no fence.
static void change_mapping(struct side *s, uint64_t *seed) {
    struct hart *h = s->h;
    h->pc = RAM + TAILS + 4; // behind the fence
    if (one_in(seed, 2)) return;
    unsigned space = draw_below(seed, SPACES), tail = draw_below(seed, TAIL_COUNT);
    for (unsigned i = 0; i < SPACES && !one_in(seed, 4); i++) {
        if (h->csr.satp == space_satp(i)) space = i;
    }
    bool one_page = tail & 1;
    unsigned changes = one_page ? 1 : 1 + draw_below(seed, 3);
    for (unsigned i = 0; i < changes; i++) {
        h->x[X_FENCE_ADDRESS] = h->x[bases[draw_below(seed, BASES)]];
        remap(s, seed, space, &h->x[X_FENCE_ADDRESS]);
    }
    h->x[X_FENCE_ASID] = space_asid(space);
    h->pc = RAM + TAILS + TAIL_BYTES * tail;
}

bool nudge_onward(struct side *s, const struct program *p, uint64_t seed) {
    struct hart *h = s->h;
    uint64_t cause = h->csr.mcause;
    bool in_handler = h->waiting && h->privilege == PRIV_M && h->pc - RAM <= TAILS;
    unsigned length = length_at(p, h->csr.mepc);
    if (!in_handler || !length || cause == CAUSE_FETCH_ACCESS || cause == CAUSE_FETCH_PAGE) {
        return false;
    }
    wake(h);
    if (cause & CAUSE_INTERRUPT) {
        set_csr(h, CSR_mie, 0);
        set_csr(h, CSR_mip, 0);
    } else {
        set_csr(h, CSR_mepc, h->csr.mepc + length);
    }
    change_mapping(s, &seed);
    return true;
}

void nudge_elsewhere(struct side *s, const struct program *p, uint64_t seed) {
    struct hart *h = s->h;
    wake(h);
    h->privilege = PRIV_M;
    hart_context_changed(h);
    static const uint8_t modes[] = {PRIV_U, PRIV_S, PRIV_S, PRIV_M};
    enum privilege mode = (enum privilege)modes[draw_below(&seed, 4)];
    set_registers(h, p, mode, &seed);
    set_csrs(h, p, mode, &seed);
    change_mapping(s, &seed);
}
