// SPDX-License-Identifier: MIT
// The Sv39 page walk (see walk.h), written to be read beside the privileged manual, chapter
// "Supervisor-Level ISA", section "Virtual Address Translation Process".
//
// A virtual address is three indices of nine bits and an offset. Everything above bit 38 must
// repeat bit 38:
//
//      63        39 38      30 29      21 20      12 11         0
//     +------------+----------+----------+----------+------------+
//     | = bit 38   |  vpn[2]  |  vpn[1]  |  vpn[0]  |   offset   |
//     +------------+----------+----------+----------+------------+
//
// A page table is one page of 512 entries of 8 bytes. satp names the root table; vpn[2] selects one
// of its entries. That entry either points to a table of the next level, which vpn[1] indexes, or
// is a leaf and ends the walk. A leaf at level 0 maps 4 KiB, at level 1 2 MiB, at level 2 1 GiB:
// what the walk has not consumed of the address is an offset into the page.
//
//     satp --> level 2 table --> level 1 table --> level 0 table --> 4 KiB page
//                   |                 |
//                   +--> 1 GiB page   +--> 2 MiB page
//
// An entry (PTE):
//
//      63  62  61 60      54 53                10 9   8  7  6  5  4  3  2  1  0
//     +---+------+----------+--------------------+-----+--+--+--+--+--+--+--+--+
//     | N | PBMT | reserved |        ppn         | RSW | D| A| G| U| X| W| R| V|
//     +---+------+----------+--------------------+-----+--+--+--+--+--+--+--+--+
//
//     V     the entry means something; otherwise all other bits are software's
//     R W X what may be done with the page; none of the three: a pointer to the next table
//     U     a user page: U-mode reaches only these, S-mode only with mstatus.SUM and never to fetch
//     G     global: the mapping is the same in all address spaces
//     A D   the page was accessed, was written (dirty): set by the hart, or by the kernel after a
//           fault, as menvcfg.ADUE chooses
//     RSW   free for the kernel
//     PBMT  the memory type (Svpbmt), where menvcfg.PBMTE turns it on
//     N     this entry is one of 16 equal ones that map 64 KiB together (Svnapot)
//
// The manual's steps, as the code below quotes them:
//
//     1  a = satp.ppn x 4096, i = 2.
//     2  Read the PTE at a + vpn[i] x 8. PMP denies it, or no memory: access fault.
//     3  V clear, W without R, or anything reserved is set: page fault.
//     4  R or X set: a leaf, on to 5. Otherwise i = i - 1; below 0: page fault.
//        a = ppn x 4096, back to 2.
//     5  Do U, R, W and X allow this access in this mode, with SUM and MXR? If not: page fault.
//     6  i > 0 and the ppn is not aligned to the superpage: page fault.
//     7  A clear, or D clear on a store: page fault, or set them in the PTE.
//     8  The physical address: ppn and offset, the ppn's i lowest parts taken from the vpn.
//
// The number at a line's end is the step that it carries out.
//
// Where several rules are broken, the first in this order is reported. (The manual's text since the
// end of 2024 splits step 5 and puts step 6 before it, so its steps 5, 6, 8, 9 and 10 are 6, 5, 5,
// 7 and 8 here. Both raise the same page fault: no guest can tell.) D, A, U, PBMT and N are
// reserved in a pointer, which makes them step 3's business.
#include "mmu/walk.h"

#include <assert.h>

enum { PTE_BYTES = 8, NAPOT_BITS = 4, NAPOT_64K = 8 };

// vpn[level]: which entry of a table at that level maps va.
static uint64_t vpn(uint64_t va, unsigned level) {
    return va >> (PAGE_SHIFT + SV39_INDEX_BITS * level) & ((1u << SV39_INDEX_BITS) - 1);
}

static uint64_t ppn(uint64_t pte) { return (pte & PTE_PPN) >> PTE_PPN_SHIFT; }

static bool is_leaf(uint64_t pte) { return (pte & (PTE_R | PTE_X)) != 0; }

// Bits 63 to 39 equal bit 38: va lies in the lowest or in the highest 2^38 bytes.
static bool is_canonical(uint64_t va) { return va + (UINT64_C(1) << 38) < UINT64_C(1) << 39; }

// Step 3.
static enum walk_reason check_encoding(const struct walk_request *request, uint64_t pte,
                                       unsigned level) {
    bool leaf = is_leaf(pte);
    if (!(pte & PTE_V)) return WALK_INVALID;
    if ((pte & (PTE_R | PTE_W)) == PTE_W) return WALK_WRITE_WITHOUT_READ;
    if (pte & PTE_RESERVED) return WALK_RESERVED_BITS;
    if ((pte & PTE_PBMT) && (!request->pbmt || !leaf || (pte & PTE_PBMT) == PTE_PBMT)) {
        return WALK_PBMT_RESERVED;
    }
    bool napot_valid =
        request->napot && leaf && level == 0 && ppn(pte) % (1 << NAPOT_BITS) == NAPOT_64K;
    if ((pte & PTE_N) && !napot_valid) return WALK_NAPOT_RESERVED;
    if (!leaf && (pte & (PTE_D | PTE_A | PTE_U))) return WALK_POINTER_ADU;
    return WALK_OK;
}

// Step 5.
static enum walk_reason check_permission(const struct walk_request *request, uint64_t pte) {
    if (request->privilege == PRIV_U && !(pte & PTE_U)) return WALK_SUPERVISOR_PAGE;
    if (request->privilege == PRIV_S && (pte & PTE_U)) {
        if (request->access == ACCESS_FETCH) return WALK_FETCH_FROM_USER_PAGE;
        if (!request->sum) return WALK_USER_PAGE_WITHOUT_SUM;
    }
    switch (request->access) {
    case ACCESS_FETCH: return pte & PTE_X ? WALK_OK : WALK_NO_EXECUTE;
    case ACCESS_LOAD: return pte & (request->mxr ? PTE_R | PTE_X : PTE_R) ? WALK_OK : WALK_NO_READ;
    case ACCESS_STORE: return pte & PTE_W ? WALK_OK : WALK_NO_WRITE;
    }
    return WALK_OK;
}

enum walk_reason sv39_check_leaf(const struct walk_request *request, uint64_t pte, unsigned level) {
    bool store = request->access == ACCESS_STORE;
    // 5. "Determine if the requested memory access is allowed by the [...] bits."
    enum walk_reason reason = check_permission(request, pte);
    if (reason != WALK_OK) return reason;
    // 6. "If i > 0 and pte.ppn[i-1:0] != 0, this is a misaligned superpage."
    if (ppn(pte) % (UINT64_C(1) << SV39_INDEX_BITS * level)) return WALK_MISALIGNED_SUPERPAGE;
    // 7. "If pte.a = 0, or if the original memory access is a store and pte.d = 0 [...]"
    if (!request->update_ad && !(pte & PTE_A)) return WALK_ACCESSED_CLEAR;
    if (!request->update_ad && store && !(pte & PTE_D)) return WALK_DIRTY_CLEAR;
    return WALK_OK;
}

uint64_t sv39_leaf_address(uint64_t pte, unsigned level, uint64_t va) {
    unsigned page_bits = PAGE_SHIFT + SV39_INDEX_BITS * level;
    if (pte & PTE_N) page_bits += NAPOT_BITS;
    uint64_t offset = (UINT64_C(1) << page_bits) - 1;
    return (ppn(pte) << PAGE_SHIFT & ~offset) | (va & offset);
}

// Step 2: the PTE at pte_addr becomes the last one of the walk.
static enum walk_reason read_pte(struct walk_result *walk, uint64_t pte_addr, walk_read_fn read,
                                 void *context) {
    uint64_t pte = 0;
    enum walk_reason reason = read(context, pte_addr, &pte);
    walk->pte_addr = pte_addr;
    walk->pte = walk->new_pte = pte;
    walk->step[walk->steps++] = (struct walk_step){pte_addr, pte};
    return reason;
}

// From the root down to a leaf, which is the last PTE read then.
static enum walk_reason find_leaf(struct walk_result *walk, const struct walk_request *request,
                                  walk_read_fn read, void *context) {
    uint64_t table = request->root; // 1
    for (unsigned i = SV39_LEVELS; i-- > 0; table = ppn(walk->pte) << PAGE_SHIFT) {
        walk->level = i;
        uint64_t pte_addr = table + vpn(request->va, i) * PTE_BYTES;
        enum walk_reason reason = read_pte(walk, pte_addr, read, context);     // 2
        if (reason == WALK_OK) reason = check_encoding(request, walk->pte, i); // 3
        if (reason != WALK_OK || is_leaf(walk->pte)) return reason;            // 4
    }
    return WALK_NO_LEAF; // 4
}

struct walk_result sv39_walk(const struct walk_request *request, walk_read_fn read, void *context) {
    struct walk_result walk = {.reason = WALK_NON_CANONICAL};
    if (!is_canonical(request->va)) return walk;
    walk.reason = find_leaf(&walk, request, read, context); // 1 to 4
    if (walk.reason != WALK_OK) return walk;
    walk.reason = sv39_check_leaf(request, walk.pte, walk.level); // 5 to 7
    if (walk.reason != WALK_OK) return walk;
    walk.new_pte |= PTE_A | (request->access == ACCESS_STORE ? PTE_D : 0); // 7
    walk.pa = sv39_leaf_address(walk.pte, walk.level, request->va);        // 8
    return walk;
}

const struct walk_reason_row *walk_reason_row(enum walk_reason reason) {
    static const struct walk_reason_row rows[WALK_REASONS] = {
#define ROW(name, kind, section, text) [WALK_##name] = {#name, section, text},
#include "mmu/walk.def"
#undef ROW
    };
    return &rows[reason];
}

enum memory_cause walk_cause(enum walk_reason reason, enum access access) {
    enum kind { NONE, PAGE, ACCESS, ALIGN };
    static const uint8_t kind[WALK_REASONS] = {
#define ROW(name, kind, section, text) [WALK_##name] = kind,
#include "mmu/walk.def"
#undef ROW
    };
    static const uint8_t cause[][3] = {
        [PAGE] = {CAUSE_FETCH_PAGE, CAUSE_LOAD_PAGE, CAUSE_STORE_PAGE},
        [ACCESS] = {CAUSE_FETCH_ACCESS, CAUSE_LOAD_ACCESS, CAUSE_STORE_ACCESS},
        [ALIGN] = {CAUSE_FETCH_MISALIGNED, CAUSE_LOAD_MISALIGNED, CAUSE_STORE_MISALIGNED},
    };
    assert(kind[reason] != NONE);
    return cause[kind[reason]][access];
}
