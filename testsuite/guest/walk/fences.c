// SPDX-License-Identifier: MIT
// What may be remembered of a translation, and what SFENCE.VMA and Svinval make forgotten. Each
// case loads through a mapping, changes the table, fences, and loads again. Where the manual allows
// the old and the new translation, both are accepted, but no third.
#include "vm.h"

#define LEAF (PTE_V | PTE_RW | PTE_AD)
enum { OLD = 0x01d, NEW = 0x2e3, OTHER = 0x3f4 };

// Pages whose first word tells which they are.
static uint64_t page_of(unsigned index, uint64_t mark) {
    *(volatile uint64_t *)pages[index] = mark;
    return (uint64_t)pages[index];
}

// Runs of S-mode code without a switch of the identity mapping (which would fence everything).
SNIPPET(load, "ld a0, 0(a0)");
// a0: va, a1: slot of the PTE, a2: its new value, a3: rs1, a4: rs2 of the fence.
SNIPPET(change_all, "ld t0, 0(a0)\n sd a2, 0(a1)\n sfence.vma\n ld a0, 0(a0)");
SNIPPET(change_va, "ld t0, 0(a0)\n sd a2, 0(a1)\n sfence.vma a3, zero\n ld a0, 0(a0)");
SNIPPET(change_asid, "ld t0, 0(a0)\n sd a2, 0(a1)\n sfence.vma zero, a4\n ld a0, 0(a0)");
SNIPPET(change_va_asid, "ld t0, 0(a0)\n sd a2, 0(a1)\n sfence.vma a3, a4\n ld a0, 0(a0)");
SNIPPET(change_sinval, "ld t0, 0(a0)\n sd a2, 0(a1)\n sfence.w.inval\n sinval.vma a3, zero\n"
                       "sfence.inval.ir\n ld a0, 0(a0)");
SNIPPET(change_sinval_all, "ld t0, 0(a0)\n sd a2, 0(a1)\n sfence.w.inval\n sinval.vma zero, zero\n"
                           "sfence.inval.ir\n ld a0, 0(a0)");
SNIPPET(change_sinval_asid, "ld t0, 0(a0)\n sd a2, 0(a1)\n sfence.w.inval\n sinval.vma a3, a4\n"
                            "sfence.inval.ir\n ld a0, 0(a0)");
SNIPPET(change_unfenced, "ld t0, 0(a0)\n sd a2, 0(a1)\n ld a0, 0(a0)");

enum { ASID = 5, STRANGER = 6 };

struct row {
    const char *name;
    const char *code;
    uint64_t va;
    int level;      // of the leaf
    uint64_t flags; // of the leaf, further ones
    uint64_t rs1;   // offset from va
    uint64_t asid;  // rs2
    bool either;    // the old translation may be used still
};

#define LOW  UINT64_C(0x123456000)
#define HIGH UINT64_C(0xffffffe123456000)
#define ODD  UINT64_C(0x7f0)
static const struct row rows[] = {
    {"sfence.vma of everything", change_all, LOW, 0, 0, 0, 0, false},
    {"sfence.vma of an address", change_va, LOW, 0, 0, 0, 0, false},
    {"sfence.vma of an odd address in the page", change_va, LOW, 0, 0, ODD + 1, 0, false},
    {"sfence.vma of another address", change_va, LOW, 0, 0, PAGE, 0, true},
    {"sfence.vma of a negative address", change_va, HIGH, 0, 0, 0, 0, false},
    {"sfence.vma of an ASID", change_asid, LOW, 0, 0, 0, ASID, false},
    {"sfence.vma of another ASID", change_asid, LOW, 0, 0, 0, STRANGER, true},
    {"sfence.vma of an address and ASID", change_va_asid, LOW, 0, 0, 0, ASID, false},
    {"sfence.vma of a negative address and ASID", change_va_asid, HIGH, 0, 0, 8, ASID, false},
    {"sfence.vma of everything takes global ones", change_all, LOW, 0, PTE_G, 0, 0, false},
    {"sfence.vma of an address takes global ones", change_va, LOW, 0, PTE_G, 0, 0, false},
    {"sfence.vma of an ASID may leave global ones", change_asid, LOW, 0, PTE_G, 0, ASID, true},
    {"sfence.vma of an address in a megapage", change_va, LOW, 1, 0, 0x1ff008, 0, false},
    {"sfence.vma of an address in a gigapage", change_va, LOW, 2, 0, 0, 0, false},
    {"sfence.vma of an ASID with a megapage", change_asid, LOW, 1, 0, 0, ASID, false},
    {"sinval.vma of an address", change_sinval, LOW, 0, 0, 0, 0, false},
    {"sinval.vma of a negative address", change_sinval, HIGH, 0, 0, 0, 0, false},
    {"sinval.vma of everything", change_sinval_all, LOW, 0, PTE_G, 0, 0, false},
    {"sinval.vma of an address and ASID", change_sinval_asid, LOW, 0, 0, 0, ASID, false},
    {"sinval.vma of an address in a gigapage", change_sinval, LOW, 2, 0, 0x2000, 0, false},
    {"no fence", change_unfenced, LOW, 0, 0, 0, 0, true},
};

// Superpages can only lead to one place in a small RAM, so there the change takes the leaf away.
static void check_row(const void *v) {
    const struct row *row = v;
    uint64_t old_pa = page_of(1, OLD), new_pa = page_of(2, NEW);
    uint64_t *root = vm_root();
    uint64_t size = level_size(row->level);
    uint64_t va = (row->va & ~(size - 1)) | (old_pa & (size - 1));
    uint64_t *slot = vm_slot(root, va, row->level);
    *slot = vm_leaf(row->level, old_pa) | LEAF | row->flags;
    uint64_t changed = row->level ? 0 : vm_leaf(0, new_pa) | LEAF | row->flags;
    vm_use(root, ASID);
    uint64_t rs1 = row->level ? (va & ~(size - 1)) + row->rs1 : va + row->rs1;
    struct outcome o = run(S, row->code, va, (uint64_t)slot, changed, rs1, row->asid);
    if (row->level) {
        CHECK_TRAP(row->name, o, LOAD_PAGE, va);
        return;
    }
    CHECK_TRAP(row->name, o, NO_TRAP, 0);
    if (row->either) {
        CHECK(o.a[0] == OLD || o.a[0] == NEW);
    } else {
        CHECK_EQ(o.a[0], NEW);
    }
}
CASE_ROWS(rows, check_row);

// A changed pointer needs the fence of an address below it, no more.
CASE(fence_after_a_changed_pointer) {
    uint64_t old_pa = page_of(1, OLD), new_pa = page_of(2, NEW);
    uint64_t *root = vm_root(), *spare = vm_root();
    *vm_slot(root, LOW, 0) = pte_ppn(old_pa) | LEAF;
    *vm_slot(spare, LOW, 0) = pte_ppn(new_pa) | LEAF;
    vm_use(root, ASID);
    uint64_t *slot = vm_slot(root, LOW, 1);
    struct outcome o = run(S, change_va, LOW, (uint64_t)slot, *vm_slot(spare, LOW, 1), LOW, 0);
    CHECK_TRAP("load", o, NO_TRAP, 0);
    CHECK_EQ(o.a[0], NEW);
}

// a0: va, a1: first satp, a2: second satp; a0: what was loaded in the first, then the second, then
// the first again, in a0, a1, a2.
SNIPPET(two_spaces, "csrw satp, a1\n ld t0, 0(a0)\n csrw satp, a2\n ld t1, 0(a0)\n"
                    "csrw satp, a1\n ld a2, 0(a0)\n mv a0, t0\n mv a1, t1");

// Switching between address spaces of different ASIDs needs no fence.
CASE(asids_keep_spaces_apart) {
    uint64_t *first = vm_root(), *second = vm_root();
    *vm_slot(first, LOW, 0) = pte_ppn(page_of(1, OLD)) | LEAF;
    *vm_slot(second, LOW, 0) = pte_ppn(page_of(2, NEW)) | LEAF;
    vm_use(first, ASID);
    struct outcome o = run(S, two_spaces, LOW, satp_of(first, ASID), satp_of(second, STRANGER));
    CHECK_TRAP("loads", o, NO_TRAP, 0);
    CHECK_EQ(o.a[0], OLD);
    CHECK_EQ(o.a[1], NEW);
    CHECK_EQ(o.a[2], OLD);
}

CASE(superpage_and_page_of_different_asids) {
    uint64_t *first = vm_root(), *second = vm_root();
    uint64_t pa = page_of(1, OLD), va = vm_va(1, pa);
    *vm_slot(first, va, 1) = vm_leaf(1, pa) | LEAF;
    *vm_slot(second, va, 0) = pte_ppn(page_of(2, NEW)) | LEAF;
    vm_use(first, ASID);
    struct outcome o = run(S, two_spaces, va, satp_of(first, ASID), satp_of(second, STRANGER));
    CHECK_TRAP("loads", o, NO_TRAP, 0);
    CHECK_EQ(o.a[0], OLD);
    CHECK_EQ(o.a[1], NEW);
    CHECK_EQ(o.a[2], OLD);
}

// A mapping missing in one space is not lent by another.
CASE(missing_page_of_another_asid) {
    uint64_t *first = vm_root(), *second = vm_root();
    *vm_slot(first, LOW, 0) = pte_ppn(page_of(1, OLD)) | LEAF;
    vm_use(first, ASID);
    struct outcome o = run(S, two_spaces, LOW, satp_of(first, ASID), satp_of(second, STRANGER));
    CHECK_TRAP("load in the second space", o, LOAD_PAGE, LOW);
}

CASE(global_page_in_two_spaces) {
    uint64_t *first = vm_root(), *second = vm_root();
    uint64_t pa = page_of(1, OLD);
    *vm_slot(first, LOW, 0) = pte_ppn(pa) | LEAF | PTE_G;
    *vm_slot(second, LOW, 0) = pte_ppn(pa) | LEAF | PTE_G;
    vm_use(first, ASID);
    struct outcome o = run(S, two_spaces, LOW, satp_of(first, ASID), satp_of(second, STRANGER));
    CHECK_TRAP("loads", o, NO_TRAP, 0);
    CHECK_EQ(o.a[0], OLD);
    CHECK_EQ(o.a[1], OLD);
    CHECK_EQ(o.a[2], OLD);
}

// The same ASID with another root and no fence: the old or the new mapping of each page. After a
// fence the new.
SNIPPET(same_asid, "ld t0, 0(a0)\n csrw satp, a1\n ld t1, 0(a0)\n sfence.vma\n ld a2, 0(a0)\n"
                   "mv a0, t0\n mv a1, t1");
CASE(same_asid_other_root) {
    uint64_t *first = vm_root(), *second = vm_root();
    *vm_slot(first, LOW, 0) = pte_ppn(page_of(1, OLD)) | LEAF;
    *vm_slot(second, LOW, 0) = pte_ppn(page_of(2, NEW)) | LEAF;
    vm_use(first, ASID);
    struct outcome o = run(S, same_asid, LOW, satp_of(second, ASID));
    CHECK_TRAP("loads", o, NO_TRAP, 0);
    CHECK_EQ(o.a[0], OLD);
    CHECK(o.a[1] == OLD || o.a[1] == NEW);
    CHECK_EQ(o.a[2], NEW);
}

// Bare and back: bare accesses never use a translation, and take effect without a fence.
SNIPPET(bare_and_back,
        "ld t0, 0(a0)\n csrw satp, zero\n ld t1, 0(a2)\n csrw satp, a1\n ld a2, 0(a0)\n"
        "mv a0, t0\n mv a1, t1");
CASE(bare_is_at_once) {
    uint64_t *root = vm_root();
    uint64_t pa = page_of(1, OLD), other = page_of(2, OTHER);
    *vm_slot(root, LOW, 0) = pte_ppn(pa) | LEAF;
    vm_use(root, ASID);
    struct outcome o = run(S, bare_and_back, LOW, satp_of(root, ASID), other);
    CHECK_TRAP("loads", o, NO_TRAP, 0);
    CHECK_EQ(o.a[0], OLD);
    CHECK_EQ(o.a[1], OTHER);
    CHECK_EQ(o.a[2], OLD);
}

// SUM and MXR count from the next instruction, without a fence, for pages that are in use already.
SNIPPET(sum_off, "csrs sstatus, a1\n ld t0, 0(a0)\n csrc sstatus, a1\n ld a0, 0(a0)");
CASE(sum_is_at_once) {
    struct mapping m = vm_simple(0, LEAF | PTE_U);
    struct outcome o = run(S, sum_off, m.va, MSTATUS_SUM);
    CHECK_TRAP("load without SUM", o, LOAD_PAGE, m.va);
    CHECK_EQ(o.epc, sum_off + 12);
}
CASE(mxr_is_at_once) {
    struct mapping m = vm_simple(0, PTE_V | PTE_X | PTE_AD);
    struct outcome o = run(S, sum_off, m.va, MSTATUS_MXR);
    CHECK_TRAP("load without MXR", o, LOAD_PAGE, m.va);
    CHECK_EQ(o.epc, sum_off + 12);
}

// The reverse: a page that just faulted is accessible once the bit is set.
SNIPPET(set_and_load, "csrs sstatus, a1\n ld a0, 0(a0)");
CASE(fault_is_not_remembered) {
    struct mapping m = vm_simple(0, LEAF | PTE_U);
    struct outcome o = run(S, load, m.va);
    CHECK_TRAP("without SUM", o, LOAD_PAGE, m.va);
    o = run(S, set_and_load, m.va, MSTATUS_SUM);
    CHECK_TRAP("with SUM", o, NO_TRAP, 0);
}

// S and U see the same page differently at once: a page of U's is not fetched by S.
CASE(privilege_is_at_once) {
    struct mapping m = vm_simple(0, PTE_V | PTE_RWX | PTE_AD | PTE_U);
    *(volatile uint64_t *)m.pa = 0x80824555; // c.li a0, 21; c.jr ra
    __asm__ volatile("fence.i");
    struct outcome o = run(U, m.va, 0);
    CHECK_TRAP("fetch as U", o, NO_TRAP, 0);
    o = run(S, m.va, 0);
    CHECK_TRAP("fetch as S", o, FETCH_PAGE, m.va);
    o = run(U, m.va, 0);
    CHECK_TRAP("fetch as U again", o, NO_TRAP, 0);
}

// An invalid PTE that becomes valid: the manual wants a fence; after it the page is there. (xv6 and
// Linux lean on it for demand paging.)
CASE(fault_then_valid) {
    uint64_t *root = vm_root();
    uint64_t *slot = vm_slot(root, LOW, 0);
    vm_use(root, ASID);
    struct outcome o = run(S, load, LOW);
    CHECK_TRAP("before", o, LOAD_PAGE, LOW);
    *slot = pte_ppn(page_of(1, NEW)) | LEAF;
    __asm__ volatile("sfence.vma %0, zero" ::"r"(LOW) : "memory");
    o = run(S, load, LOW);
    CHECK_TRAP("after", o, NO_TRAP, 0);
    CHECK_EQ(o.a[0], NEW);
}

// More pages than any TLB holds, read twice, in an order that repeats.
CASE(many_pages) {
    uint64_t *root = vm_root();
    enum { COUNT = 4096 };
    for (uint64_t i = 0; i < COUNT; i++) {
        uint64_t pa = (uint64_t)pages[i % PAGES];
        *(volatile uint64_t *)(pa + 8) = 100 + i % PAGES;
        *vm_slot(root, LOW + i * PAGE, 0) = pte_ppn(pa) | LEAF;
    }
    vm_use(root, ASID);
    for (int round = 0; round < 2; round++) {
        for (uint64_t i = 0; i < COUNT; i += 7) {
            struct outcome o = run(S, load, LOW + i * PAGE + 8);
            CHECK_EQ(o.a[0], 100 + i % PAGES);
        }
    }
}
