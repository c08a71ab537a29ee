// SPDX-License-Identifier: MIT
// Step 2: every PTE read is checked like any access of S-mode. A table that PMP denies or that lies
// where no memory is gives an access fault of the original access's type, with tval = the virtual
// address; so does a leaf that leads there. Neither is a page fault.
#include "vm.h"

#define LEAF (PTE_V | PTE_RWX | PTE_AD)

static void expect_access_faults(const char *what, const struct mapping *m) {
    for (const char *kind = KINDS; *kind; kind++) {
        vm_expect(what, m, BY_S, 0, *kind, access_fault_of(*kind));
        vm_expect(what, m, BY_MPRV_S, 0, *kind, access_fault_of(*kind));
    }
}

static uint64_t *root_in_use(void) { return (uint64_t *)(csr_read("satp") << 12); }

// A table of devices is no table. That is the platform's choice of PMAs: Spike and QEMU 7.2 read
// PTEs from the PLIC; Tablewalk's tables are in RAM alone. Where nothing is, QEMU 7.2 answers with
// page faults, against the manual.
static const struct place {
    const char *name;
    uint64_t pa;
    int level; // of the pointer that leads there
} places[] = {
    {"level 1 table where nothing is", NOWHERE, 2},
    {"level 0 table where nothing is", NOWHERE, 1},
    {"level 1 table just behind RAM", UINT64_C(0x88000000), 2},
    {"level 0 table just behind RAM", UINT64_C(0x88000000), 1},
    {"level 0 table at the top of the physical addresses", BIT(56) - PAGE, 1},
    {"level 0 table in the PLIC", UINT64_C(0xc000000), 1},
    {"level 0 table in the UART", UINT64_C(0x10000000), 1},
};

static void table_outside(const void *v) {
    const struct place *place = v;
    struct mapping m = vm_simple(0, LEAF);
    *vm_slot(root_in_use(), m.va, place->level) = pte_ppn(place->pa) | PTE_V;
    expect_access_faults(place->name, &m);
}
CASE_ROWS(places, table_outside);

// With the root itself outside there is no code to run in S-mode either: its first fetch faults.
CASE(root_outside) {
    csr_write("satp", SATP_SV39 | NOWHERE >> 12);
    sfence_vma();
    struct outcome o = vm_access(BY_MPRV_S, 0, 'l', 0x1234560);
    CHECK_TRAP("load", o, LOAD_ACCESS, 0x1234560);
    o = vm_access(BY_MPRV_S, 0, 's', 0x1234560);
    CHECK_TRAP("store", o, STORE_ACCESS, 0x1234560);
    o = vm_access(BY_S, 0, 'f', 0x1234560);
    CHECK_TRAP("fetch", o, FETCH_ACCESS, 0x1234560);
    CHECK_EQ(o.epc, 0x1234560);
}

static const struct table_row {
    const char *name;
    int level; // of the table that PMP denies
} table_rows[] = {
    {"level 1 table denied by PMP", 1},
    {"level 0 table denied by PMP", 0},
};

static void table_denied(const void *v) {
    const struct table_row *row = v;
    struct mapping m = vm_simple(0, LEAF);
    uint64_t table = (uint64_t)vm_slot(root_in_use(), m.va, row->level) & ~UINT64_C(0xfff);
    pmp_set(0, PMP_NAPOT, pmp_napot(table, PAGE));
    expect_access_faults("no permission", &m);
    pmp_set(0, PMP_X | PMP_NAPOT, pmp_napot(table, PAGE));
    expect_access_faults("X alone", &m);
    pmp_set(0, PMP_R | PMP_NAPOT, pmp_napot(table, PAGE));
    for (const char *kind = KINDS; *kind; kind++) vm_expect("R", &m, BY_S, 0, *kind, NO_TRAP);
}
CASE_ROWS(table_rows, table_denied);

CASE(root_denied_by_pmp) {
    struct mapping m = vm_simple(0, LEAF);
    uint64_t root = (uint64_t)root_in_use();
    pmp_set(0, PMP_NAPOT, pmp_napot(root, PAGE));
    struct outcome o = vm_access(BY_MPRV_S, 0, 'l', m.va);
    CHECK_TRAP("load", o, LOAD_ACCESS, m.va);
    o = vm_access(BY_S, 0, 'f', m.va);
    CHECK_TRAP("fetch", o, FETCH_ACCESS, m.va);
}

// One PTE's eight bytes are denied, its neighbours are not.
CASE(single_pte_denied_by_pmp) {
    struct mapping m = vm_simple(0, LEAF);
    pmp_set(0, PMP_NAPOT, pmp_napot((uint64_t)m.slot, 8));
    expect_access_faults("this PTE", &m);
    pmp_set(0, PMP_NAPOT, pmp_napot((uint64_t)(m.slot + 1), 8));
    vm_expect_kinds("its neighbour", &m, BY_S, 0, KINDS);
}

CASE(leaf_leads_nowhere) {
    for (int level = 0; level <= 2; level++) {
        struct mapping m = vm_simple(level, LEAF);
        m.va &= ~(level_size(level) - 1);
        m.pa = NOWHERE;
        m.pte = vm_leaf(level, NOWHERE) | LEAF;
        expect_access_faults("leaf", &m);
    }
}

CASE(leaf_leads_behind_ram) {
    struct mapping m = vm_simple(0, LEAF);
    m.va &= ~UINT64_C(0xfff);
    m.pa = UINT64_C(0x88000000);
    m.pte = vm_leaf(0, m.pa) | LEAF;
    expect_access_faults("leaf", &m);
}

struct pmp_row {
    const char *name;
    uint64_t cfg;
    const char *ok;
};

static const struct pmp_row pmp_rows[] = {
    {"page without PMP permission", 0, ""},
    {"page that PMP makes read-only", PMP_R, "l"},
    {"page that PMP lets execute", PMP_X, "f"},
    {"page that PMP lets read and write", PMP_R | PMP_W, "ls"},
};

// MXR must not reach PMP: an execute-only region stays unreadable.
static void page_denied(const void *v) {
    const struct pmp_row *row = v;
    struct mapping m = vm_simple(0, LEAF);
    pmp_set(0, row->cfg | PMP_NAPOT, pmp_napot(m.pa & ~UINT64_C(0xfff), PAGE));
    for (const char *kind = KINDS; *kind; kind++) {
        uint64_t cause = contains(row->ok, *kind) ? NO_TRAP : access_fault_of(*kind);
        vm_expect("S", &m, BY_S, 0, *kind, cause);
        vm_expect("S with MXR", &m, BY_S, MSTATUS_MXR, *kind, cause);
        vm_expect("MPRV as S with MXR", &m, BY_MPRV_S, MSTATUS_MXR, *kind, cause);
    }
}
CASE_ROWS(pmp_rows, page_denied);

// Both the page table and PMP deny: the page fault comes first.
CASE(page_fault_before_pmp) {
    struct mapping m = vm_simple(0, PTE_V | PTE_X | PTE_AD);
    pmp_set(0, PMP_NAPOT, pmp_napot(m.pa & ~UINT64_C(0xfff), PAGE));
    vm_expect("load", &m, BY_S, 0, 'l', LOAD_PAGE);
    vm_expect("store", &m, BY_S, 0, 's', STORE_PAGE);
    vm_expect("fetch", &m, BY_S, 0, 'f', FETCH_ACCESS);
}
