// SPDX-License-Identifier: MIT
// See manual_walk.h. This is the manual's prose word for word: every field has its name in the text
// and is cut out of its number by division, the steps are labels, "go to step 2" is a goto. It uses
// no mask, macro or function of mmu/walk.c, so that a mistake there is not made here.
#include "testsuite/unit/manual_walk.h"

enum { LEVELS = 3, PTESIZE = 8, PAGESIZE = 4096 };

struct manual_va {
    unsigned pgoff, vpn[LEVELS], sign, above[25];
};

struct manual_pte {
    unsigned v, r, w, x, u, g, a, d, rsw, ppn[LEVELS], reserved, pbmt, n;
};

// The lowest `bits` bits of *number, which loses them.
static unsigned take(uint64_t *number, unsigned bits) {
    uint64_t base = 1;
    while (bits-- > 0) base *= 2;
    unsigned field = (unsigned)(*number % base);
    *number /= base;
    return field;
}

static struct manual_va split_va(uint64_t number) {
    struct manual_va va;
    va.pgoff = take(&number, 12);
    for (int i = 0; i < LEVELS; i++) va.vpn[i] = take(&number, 9);
    for (int i = 0; i < 25; i++) va.above[i] = take(&number, 1);
    va.sign = va.vpn[2] / 256;
    return va;
}

static struct manual_pte split_pte(uint64_t number) {
    struct manual_pte pte;
    unsigned *flags[] = {&pte.v, &pte.r, &pte.w, &pte.x, &pte.u, &pte.g, &pte.a, &pte.d};
    for (int i = 0; i < 8; i++) *flags[i] = take(&number, 1);
    pte.rsw = take(&number, 2);
    pte.ppn[0] = take(&number, 9);
    pte.ppn[1] = take(&number, 9);
    pte.ppn[2] = take(&number, 26);
    pte.reserved = take(&number, 7);
    pte.pbmt = take(&number, 2);
    pte.n = take(&number, 1);
    return pte;
}

static uint64_t whole_ppn(const unsigned ppn[LEVELS]) {
    return ppn[0] + ppn[1] * UINT64_C(512) + ppn[2] * UINT64_C(262144);
}

// "If any bits or encodings that are reserved for future standard use are set within pte".
static enum walk_reason reserved(const struct walk_request *q, const struct manual_pte *pte,
                                 int i) {
    // "Bits 60-54 are reserved for future standard use."
    if (pte->reserved != 0) return WALK_RESERVED_BITS;
    // "When PBMTE=0, the implementation behaves as though Svpbmt were not implemented." "For
    // non-leaf PTEs, bits 62-61 are reserved." "For leaf PTEs, [...] the value 3 is reserved."
    bool pointer = pte->r == 0 && pte->w == 0 && pte->x == 0;
    if (!q->pbmt && pte->pbmt != 0) return WALK_PBMT_RESERVED;
    if (pointer && pte->pbmt != 0) return WALK_PBMT_RESERVED;
    if (!pointer && pte->pbmt == 3) return WALK_PBMT_RESERVED;
    // Svnapot's table: i = 0 and ppn[0] = x xxxx 1000 is 64 KiB, all else is reserved. "For
    // non-leaf PTEs, bit 63 is reserved."
    if (pte->n != 0) {
        if (!q->napot || pointer) return WALK_NAPOT_RESERVED;
        if (i >= 1 || pte->ppn[0] % 16 != 8) return WALK_NAPOT_RESERVED;
    }
    // "For non-leaf PTEs, the D, A, and U bits are reserved for future standard use."
    if (pointer && (pte->d + pte->a + pte->u) > 0) return WALK_POINTER_ADU;
    return WALK_OK;
}

static enum walk_reason not_allowed(const struct walk_request *q, const struct manual_pte *pte) {
    bool fetch = q->access == ACCESS_FETCH, store = q->access == ACCESS_STORE;
    // "U-mode software may only access the page when U=1. If the SUM bit is set, supervisor mode
    // software may also access pages with U=1. [...] Irrespective of SUM, the supervisor may not
    // execute code on pages with U=1."
    if (q->privilege == PRIV_U && pte->u == 0) return WALK_SUPERVISOR_PAGE;
    if (q->privilege == PRIV_S && pte->u == 1 && fetch) return WALK_FETCH_FROM_USER_PAGE;
    if (q->privilege == PRIV_S && pte->u == 1 && !q->sum) return WALK_USER_PAGE_WITHOUT_SUM;
    // "When MXR=0, only loads from pages marked readable will succeed. When MXR=1, loads from pages
    // marked either readable or executable will succeed."
    if (fetch && pte->x == 0) return WALK_NO_EXECUTE;
    if (store && pte->w == 0) return WALK_NO_WRITE;
    bool readable = pte->r == 1 || (q->mxr && pte->x == 1);
    if (!fetch && !store && !readable) return WALK_NO_READ;
    return WALK_OK;
}

struct manual_result manual_walk(const struct walk_request *q, walk_read_fn read, void *context) {
    struct manual_result result = {.i = LEVELS - 1};
    struct manual_va va = split_va(q->va);
    struct manual_pte pte;
    uint64_t a, number;
    // "Must have bits 63-39 all equal to bit 38, or else a page-fault exception will occur."
    for (int bit = 0; bit < 25; bit++) {
        result.reason = WALK_NON_CANONICAL;
        if (va.above[bit] != va.sign) return result;
    }
    /* 1 */ a = q->root, result.i = LEVELS - 1;
step_2:
    number = 0;
    result.reads++;
    result.reason = read(context, a + va.vpn[result.i] * (uint64_t)PTESIZE, &number);
    if (result.reason != WALK_OK) return result;
    pte = split_pte(number);
    /* 3 */
    if (pte.v == 0) return result.reason = WALK_INVALID, result;
    if (pte.r == 0 && pte.w == 1) return result.reason = WALK_WRITE_WITHOUT_READ, result;
    result.reason = reserved(q, &pte, result.i);
    if (result.reason != WALK_OK) return result;
    /* 4 */
    if (pte.r == 1 || pte.x == 1) goto step_5;
    if (result.i == 0) return result.reason = WALK_NO_LEAF, result;
    result.i = result.i - 1;
    a = whole_ppn(pte.ppn) * PAGESIZE;
    goto step_2;
step_5:
    result.reason = not_allowed(q, &pte);
    if (result.reason != WALK_OK) return result;
    /* 6 */
    for (int part = result.i - 1; part >= 0; part--) {
        result.reason = WALK_MISALIGNED_SUPERPAGE;
        if (pte.ppn[part] != 0) return result;
    }
    /* 7 */
    bool store = q->access == ACCESS_STORE;
    result.pte = number;
    if (pte.a == 0) {
        if (!q->update_ad) return result.reason = WALK_ACCESSED_CLEAR, result;
        result.pte += 64;
    }
    if (store && pte.d == 0) {
        if (!q->update_ad) return result.reason = WALK_DIRTY_CLEAR, result;
        result.pte += 128;
    }
    /* 8; Svnapot: "ppn[i][napot_bits-1:0] is replaced by vpn[i][napot_bits-1:0]" */
    if (pte.n == 1) pte.ppn[0] = pte.ppn[0] - pte.ppn[0] % 16 + va.vpn[0] % 16;
    for (int part = 0; part < result.i; part++) pte.ppn[part] = va.vpn[part];
    result.pa = whole_ppn(pte.ppn) * PAGESIZE + va.pgoff;
    result.reason = WALK_OK;
    return result;
}

struct enumeration {
    walk_read_fn read;
    void *context;
    void (*found)(void *context, const struct manual_leaf *leaf);
};

// NOLINTNEXTLINE(misc-no-recursion): three levels deep
static void enumerate(const struct enumeration *e, uint64_t a, uint64_t va, int i) {
    uint64_t bytes = PAGESIZE;
    for (int below = 0; below < i; below++) bytes *= 512;
    for (unsigned vpn = 0; vpn < 512; vpn++) {
        uint64_t number = 0, here = va + vpn * bytes;
        if (e->read(e->context, a + vpn * (uint64_t)PTESIZE, &number) != WALK_OK) continue;
        struct manual_pte pte = split_pte(number);
        if (pte.v == 0) continue;
        if (pte.r == 0 && pte.w == 0 && pte.x == 0) {
            if (i > 0) enumerate(e, whole_ppn(pte.ppn) * PAGESIZE, here, i - 1);
            continue;
        }
        // "Bits 63-39 all equal to bit 38"; what a superpage takes of the VPN is zero.
        struct manual_leaf leaf = {.va = here, .pte = number, .bytes = bytes, .i = i};
        if (here >= UINT64_C(0x4000000000)) leaf.va += UINT64_C(0xffffff8000000000);
        for (int part = 0; part < i; part++) pte.ppn[part] = 0;
        if (pte.n == 1 && i == 0) pte.ppn[0] = pte.ppn[0] - pte.ppn[0] % 16 + vpn % 16;
        leaf.pa = whole_ppn(pte.ppn) * PAGESIZE;
        e->found(e->context, &leaf);
    }
}

void manual_leaves(uint64_t root, walk_read_fn read, void *context,
                   void (*found)(void *context, const struct manual_leaf *leaf)) {
    enumerate(&(struct enumeration){read, context, found}, root, 0, LEVELS - 1);
}
