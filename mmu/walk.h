// SPDX-License-Identifier: MIT
// The Sv39 page walk, as a pure function: addresses and CSR fields in, the steps taken and the
// result out. It reads PTEs through a callback and writes nothing; who asked decides what to do
// with the result (raise a trap, fill the TLB, set A and D, or print it).
#ifndef TABLEWALK_MMU_WALK_H
#define TABLEWALK_MMU_WALK_H

#include "mmu/phys.h"

enum access { ACCESS_FETCH, ACCESS_LOAD, ACCESS_STORE }; // AMO and SC are stores
enum privilege { PRIV_U = 0, PRIV_S = 1, PRIV_M = 3 };

// The bits of a PTE (privileged manual, "Sv39").
#define PTE_V          (UINT64_C(1) << 0)
#define PTE_R          (UINT64_C(1) << 1)
#define PTE_W          (UINT64_C(1) << 2)
#define PTE_X          (UINT64_C(1) << 3)
#define PTE_U          (UINT64_C(1) << 4)
#define PTE_G          (UINT64_C(1) << 5)
#define PTE_A          (UINT64_C(1) << 6)
#define PTE_D          (UINT64_C(1) << 7)
#define PTE_PPN_SHIFT  10
#define PTE_PPN        (((UINT64_C(1) << 44) - 1) << PTE_PPN_SHIFT)
#define PTE_RESERVED   (UINT64_C(0x7f) << 54)
#define PTE_PBMT_SHIFT 61
#define PTE_PBMT       (UINT64_C(3) << PTE_PBMT_SHIFT)
#define PTE_N          (UINT64_C(1) << 63)

enum { SV39_LEVELS = 3, SV39_INDEX_BITS = 9, SATP_SV39 = 8, SATP_ASID_SHIFT = 44, ASID_BITS = 16 };

enum walk_reason {
#define ROW(name, kind, section, text) WALK_##name,
#include "mmu/walk.def"
#undef ROW
    WALK_REASONS
};

// Causes of exceptions that a memory access can raise (privileged manual, mcause table).
enum memory_cause {
    CAUSE_FETCH_MISALIGNED = 0,
    CAUSE_FETCH_ACCESS = 1,
    CAUSE_LOAD_MISALIGNED = 4,
    CAUSE_LOAD_ACCESS = 5,
    CAUSE_STORE_MISALIGNED = 6,
    CAUSE_STORE_ACCESS = 7,
    CAUSE_FETCH_PAGE = 12,
    CAUSE_LOAD_PAGE = 13,
    CAUSE_STORE_PAGE = 15,
};

struct walk_reason_row {
    const char *name, *section, *text;
};
const struct walk_reason_row *walk_reason_row(enum walk_reason reason);

// The exception cause of an access that ended with reason (not WALK_OK).
enum memory_cause walk_cause(enum walk_reason reason, enum access access);

// All that a translation depends on, apart from memory.
struct walk_request {
    uint64_t va;
    enum access access;
    enum privilege privilege; // PRIV_U or PRIV_S: the effective one, after MPRV
    uint64_t root;            // physical address of the root table, bytes
    bool sum, mxr;
    bool update_ad; // the hart sets A and D (Svadu, menvcfg.ADUE); otherwise it faults (Svade)
    bool pbmt;      // menvcfg.PBMTE
    bool napot;     // the hart has Svnapot
};

struct walk_step {
    uint64_t pte_addr, pte;
};

struct walk_result {
    enum walk_reason reason;
    uint64_t pa;            // of the byte at va, when reason is WALK_OK
    uint64_t pte, pte_addr; // the last PTE read; pte is 0 where that read failed
    uint64_t new_pte; // pte with A (and D) as the access needs them; to be stored where it differs
    unsigned level;   // of the last PTE read: 0 is 4 KiB, 1 is 2 MiB, 2 is 1 GiB
    unsigned steps;   // PTE reads, the failing one included; 0 for a non-canonical address
    struct walk_step step[SV39_LEVELS];
};

// Reads the 8-byte PTE at pa. WALK_OK, WALK_TABLE_OUTSIDE_MEMORY or WALK_TABLE_PMP.
typedef enum walk_reason (*walk_read_fn)(void *context, uint64_t pa, uint64_t *pte);

// Privileged manual, "Virtual Address Translation Process", with "Svnapot", "Svpbmt" and "Svadu".
struct walk_result sv39_walk(const struct walk_request *request, walk_read_fn read, void *context);

// Steps 5 to 7 of the process for a leaf PTE, whether from memory or from the TLB: may this access
// use it?
enum walk_reason sv39_check_leaf(const struct walk_request *request, uint64_t pte, unsigned level);

// The physical address that a leaf PTE at level maps va to. Level 0 with N covers 64 KiB (Svnapot).
uint64_t sv39_leaf_address(uint64_t pte, unsigned level, uint64_t va);

#endif
