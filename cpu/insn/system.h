// SPDX-License-Identifier: MIT
// ECALL, EBREAK, the privileged instructions and cache management (privileged manual, "Machine-Mode
// Privileged Instructions", "Supervisor Instructions" and `"Svinval" Extension`; unprivileged
// manual, `"CMO" Extensions`). Included by each engine.

// A cause for each mode, in the modes' order.
BODY(ecall) { RAISE((uint64_t)CAUSE_ECALL_U + h->privilege, 0); }
BODY(ebreak) { RAISE(CAUSE_BREAKPOINT, THIS_PC); }

BODY(mret) {
    SYNC;
    if (!trap_mret(h)) ILLEGAL;
    END_AT_HART_PC;
}
BODY(sret) {
    SYNC;
    if (!trap_sret(h)) ILLEGAL;
    END_AT_HART_PC;
}

// S-mode waits unless mstatus.TW forbids it. U-mode may wait where there is no S-mode, else its
// wait would have to be short.
static inline bool wfi_allowed(const struct hart *h) {
    if (h->privilege == PRIV_M) return true;
    if (h->privilege == PRIV_U && (h->extensions & EXT_BIT(EXT_s)) != 0) return false;
    return (h->csr.mstatus & MSTATUS_TW) == 0;
}
// An interrupt that is enabled in mie ends the wait, whether or not it is going to be taken.
BODY(wfi) {
    if (!wfi_allowed(h)) ILLEGAL;
    SYNC;
    if ((csr_mip(h) & h->csr.mie) == 0) h->waiting = h->attention = true;
    END_SYSTEM;
}

// Address translation fences are S-mode's; mstatus.TVM takes those away from it that name
// addresses. SINVAL.VMA does at once what it may leave to the SFENCE.INVAL.IR behind it.
static inline bool fence_allowed(const struct hart *h) {
    return h->privilege == PRIV_M ||
           (h->privilege == PRIV_S && (h->csr.mstatus & MSTATUS_TVM) == 0);
}
// "Implementations ignore bits ASIDMAX-1:ASIDLEN" of rs2.
static inline uint16_t fenced_space(const struct hart *h, uint64_t asid) {
    return (uint16_t)(asid & ((UINT64_C(1) << h->asid_bits) - 1));
}
#define TRANSLATION_FENCE                                                                          \
    do {                                                                                           \
        if (!fence_allowed(h)) ILLEGAL;                                                            \
        SYNC;                                                                                      \
        mmu_fence(&h->mmu, r->rs1 == 0, RS1, r->rs2 == 0, fenced_space(h, RS2));                   \
        HOOK_FENCE(r->rs1 == 0, RS1);                                                              \
        END_SYSTEM;                                                                                \
    } while (0)
BODY(sfence_vma) { TRANSLATION_FENCE; }
BODY(sinval_vma) { TRANSLATION_FENCE; }

#define ORDERING_FENCE                                                                             \
    do {                                                                                           \
        if (h->privilege == PRIV_U) ILLEGAL;                                                       \
        END_SYSTEM;                                                                                \
    } while (0)
BODY(sfence_w_inval) { ORDERING_FENCE; }
BODY(sfence_inval_ir) { ORDERING_FENCE; }

// menvcfg allows a cache operation to the modes below M, senvcfg to U-mode. Where inval is allowed
// as a flush, and where it is allowed as such: memory is always up to date, so both do nothing.
static inline bool cbo_allowed(const struct hart *h, uint64_t field) {
    if (h->privilege == PRIV_M) return true;
    if ((h->csr.menvcfg & field) == 0) return false;
    return h->privilege == PRIV_S || (h->extensions & EXT_BIT(EXT_s)) == 0 ||
           (h->csr.senvcfg & field) != 0;
}
#define CACHE_BLOCK(field, zero)                                                                   \
    do {                                                                                           \
        if (!cbo_allowed(h, (field))) ILLEGAL;                                                     \
        SYNC;                                                                                      \
        if (!mmu_cache_block(&h->mmu, RS1, (zero))) FAULT;                                         \
        HOOK_ACCESS(RS1, true);                                                                    \
        if (zero) ACCESSED_BLOCK(RS1);                                                             \
        NEXT_IF_QUIET;                                                                             \
    } while (0)
BODY(cbo_inval) { CACHE_BLOCK(MENVCFG_CBIE, false); }
BODY(cbo_clean) { CACHE_BLOCK(MENVCFG_CBCFE, false); }
BODY(cbo_flush) { CACHE_BLOCK(MENVCFG_CBCFE, false); }
BODY(cbo_zero) { CACHE_BLOCK(MENVCFG_CBZE, true); }
