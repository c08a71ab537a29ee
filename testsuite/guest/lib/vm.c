// SPDX-License-Identifier: MIT
// Page tables and checked accesses (see vm.h).
#include "vm.h"

enum { IDENTITY_SLOT = RAM_BASE >> 30, ENTRIES = 512 };
#define IDENTITY (RAM_BASE >> 12 << 10 | PTE_V | PTE_RWX | PTE_AD)

static uint64_t tables[VM_TABLES][ENTRIES] __attribute__((aligned(PAGE)));
static unsigned tables_used;

const char *const who_name[WHO_COUNT] = {"S", "U", "MPRV as S", "MPRV as U"};

SNIPPET(access_load, "ld a0, 0(a0)");
SNIPPET(access_store, "sd a1, 0(a0)");
// a2: what to set in mstatus (MPRV, MPP, SUM, MXR); MPP is 0 here, for mret cleared it.
SNIPPET(access_mprv_load, "csrs mstatus, a2\n ld a0, 0(a0)\n csrc mstatus, a2");
SNIPPET(access_mprv_store, "csrs mstatus, a2\n sd a1, 0(a0)\n csrc mstatus, a2");
#define CODE_RETURNING_21 UINT64_C(0x80824555) // c.li a0, 21; c.jr ra

static uint64_t *new_table(void) {
    if (tables_used == VM_TABLES) {
        print("  (out of tables)\n");
        guest_exit(126);
    }
    return tables[tables_used++];
}

void vm_reset(void) {
    for (unsigned i = 0; i < tables_used; i++) {
        for (unsigned j = 0; j < ENTRIES; j++) tables[i][j] = 0;
    }
    tables_used = 0;
}

// S-mode may not execute from a U page, nor U-mode from another: the identity mapping changes
// sides.
void vm_let_run(enum priv p) {
    uint64_t satp = csr_read("satp");
    if (p == M || satp >> 60 == 0) return;
    uint64_t *root = (uint64_t *)(satp << 12);
    if (root < tables[0] || root >= tables[VM_TABLES]) return;
    uint64_t want = IDENTITY | (p == U ? PTE_U : 0);
    if (root[IDENTITY_SLOT] == want) return;
    root[IDENTITY_SLOT] = want;
    sfence_vma();
}

uint64_t *vm_root(void) {
    uint64_t *root = new_table();
    root[IDENTITY_SLOT] = IDENTITY;
    return root;
}

uint64_t *vm_slot(uint64_t *root, uint64_t va, int level) {
    uint64_t *table = root;
    for (int i = 2;; i--) {
        uint64_t *slot = &table[va >> (12 + 9 * i) & (ENTRIES - 1)];
        if (i == level) return slot;
        if (!(*slot & PTE_V)) *slot = pte_ppn((uint64_t)new_table()) | PTE_V;
        table = (uint64_t *)((*slot & PTE_PPN) << 2);
    }
}

uint64_t satp_of(const uint64_t *root, uint64_t asid) {
    return SATP_SV39 | SATP_ASID(asid) | (uint64_t)root >> 12;
}

void vm_use(const uint64_t *root, uint64_t asid) {
    csr_write("satp", satp_of(root, asid));
    sfence_vma();
}

uint64_t vm_va(int level, uint64_t pa) {
    uint64_t upper = UINT64_C(4) + (uint64_t)level;
    uint64_t va = upper << 30 | (level < 2 ? UINT64_C(5) << 21 : 0) | (level < 1 ? 7 << 12 : 0);
    return va | (pa & (level_size(level) - 1));
}

uint64_t vm_leaf(int level, uint64_t pa) { return pte_ppn(pa & ~(level_size(level) - 1)); }

uint64_t page_fault_of(char kind) {
    return kind == 'f' ? FETCH_PAGE : kind == 's' ? STORE_PAGE : LOAD_PAGE;
}

uint64_t access_fault_of(char kind) {
    return kind == 'f' ? FETCH_ACCESS : kind == 's' ? STORE_ACCESS : LOAD_ACCESS;
}

bool contains(const char *kinds, char kind) {
    while (*kinds && *kinds != kind) kinds++;
    return *kinds != 0;
}

struct outcome vm_access(enum who who, uint64_t status, char kind, uint64_t va) {
    enum priv p = who == BY_S || who == BY_MPRV_S ? S : U;
    if (who == BY_S || who == BY_U) {
        if (kind == 'f') return run_status(p, status, va, 0);
        return run_status(p, status, kind == 's' ? access_store : access_load, va, STORED);
    }
    const char *code = kind == 's' ? access_mprv_store : access_mprv_load;
    return run_status(M, status, code, va, STORED, MSTATUS_MPRV | MSTATUS_MPP(p));
}

void vm_expect(const char *what, const struct mapping *m, enum who who, uint64_t status, char kind,
               uint64_t cause) {
    if (kind == 'f' && (who == BY_MPRV_S || who == BY_MPRV_U)) return; // MPRV is no fetch's matter
    volatile uint64_t *target = (volatile uint64_t *)m->pa;
    bool in_ram = m->pa >= (uint64_t)pages[0] && m->pa < (uint64_t)pages[PAGES];
    if (in_ram) *target = CODE_RETURNING_21;
    *m->slot = m->pte;
    __asm__ volatile("fence.i\n sfence.vma" ::: "memory");

    struct outcome o = vm_access(who, status, kind, m->va);
    CHECK_TRAP(what, o, cause, m->va);
    bool ok = cause == NO_TRAP;
    uint64_t gained = ok ? (kind == 's' ? PTE_AD : PTE_A) : 0;
    CHECK_NAMED("the PTE afterwards", *(volatile uint64_t *)m->slot, m->pte | gained);
    if (ok && kind == 'f') CHECK_NAMED("what the fetched code returned", o.a[0], 21);
    if (ok && kind == 'l') CHECK_NAMED("the value loaded", o.a[0], CODE_RETURNING_21);
    uint64_t there = ok && kind == 's' ? STORED : CODE_RETURNING_21;
    if (in_ram) CHECK_NAMED("memory afterwards", *target, there);
}

void vm_expect_kinds(const char *what, const struct mapping *m, enum who who, uint64_t status,
                     const char *ok) {
    for (const char *kind = KINDS; *kind; kind++) {
        uint64_t cause = contains(ok, *kind) ? NO_TRAP : page_fault_of(*kind);
        vm_expect(what, m, who, status, *kind, cause);
    }
}

struct mapping vm_simple(int level, uint64_t flags) {
    uint64_t *root = vm_root();
    uint64_t pa = (uint64_t)pages[1];
    uint64_t va = vm_va(level, pa);
    struct mapping m = {vm_slot(root, va, level), vm_leaf(level, pa) | flags, va, pa};
    *m.slot = m.pte;
    vm_use(root, 0);
    return m;
}
