// SPDX-License-Identifier: MIT
// Accesses that cross a page. Data: tval lies in the page that faults, and nothing is stored in the
// first page when the second faults. Fetch: tval is the half that faults, epc the start; the first
// half's fault wins; a 16-bit instruction at the end of a page does not touch the next.
//
// The manual lets a misaligned store that faults have written its first part; Spike does so, QEMU
// and Tablewalk do not.
#include "vm.h"

#define LEAF  (PTE_V | PTE_RWX | PTE_AD)
#define FIRST ((uint64_t)pages[4])
#define OTHER ((uint64_t)pages[9]) // not the next page: neighbours in va, strangers in pa

// Two neighbouring virtual pages; the boundary is returned.
static uint64_t two_pages(uint64_t first_flags, uint64_t second_flags) {
    uint64_t *root = vm_root();
    uint64_t va = vm_va(0, FIRST);
    *vm_slot(root, va, 0) = pte_ppn(FIRST) | first_flags;
    *vm_slot(root, va + PAGE, 0) = pte_ppn(OTHER) | second_flags;
    vm_use(root, 0);
    return va + PAGE;
}

SNIPPET(op_lh, "lh a0, 0(a0)");
SNIPPET(op_lw, "lw a0, 0(a0)");
SNIPPET(op_ld, "ld a0, 0(a0)");
SNIPPET(op_fld, "fld fa0, 0(a0)\n fmv.x.d a0, fa0");
SNIPPET(op_sh, "sh a1, 0(a0)");
SNIPPET(op_sw, "sw a1, 0(a0)");
SNIPPET(op_sd, "sd a1, 0(a0)");
SNIPPET(op_fsd, "fmv.d.x fa0, a1\n fsd fa0, 0(a0)");

struct row {
    const char *name;
    const char *code;
    unsigned size, before; // bytes in all, and of them in the first page
    char kind;
};

static const struct row rows[] = {
    {"lh over a page", op_lh, 2, 1, 'l'},        {"lw, one byte first", op_lw, 4, 1, 'l'},
    {"lw, three bytes first", op_lw, 4, 3, 'l'}, {"ld, one byte first", op_ld, 8, 1, 'l'},
    {"ld, four bytes first", op_ld, 8, 4, 'l'},  {"ld, seven bytes first", op_ld, 8, 7, 'l'},
    {"fld over a page", op_fld, 8, 3, 'l'},      {"sh over a page", op_sh, 2, 1, 's'},
    {"sw, one byte first", op_sw, 4, 1, 's'},    {"sw, three bytes first", op_sw, 4, 3, 's'},
    {"sd, one byte first", op_sd, 8, 1, 's'},    {"sd, four bytes first", op_sd, 8, 4, 's'},
    {"sd, seven bytes first", op_sd, 8, 7, 's'}, {"fsd over a page", op_fsd, 8, 5, 's'},
};

static void fill(void) {
    for (int i = 0; i < 8; i++) {
        pages[4][PAGE - 8 + i] = (uint8_t)(0x10 + i);
        pages[9][i] = (uint8_t)(0x20 + i);
    }
}

// The i-th of the 16 bytes around the boundary.
static uint8_t byte_at(int i) { return i < 8 ? pages[4][PAGE - 8 + i] : pages[9][i - 8]; }

static void check_untouched(const char *what) {
    for (int i = 0; i < 16; i++) CHECK_NAMED(what, byte_at(i), i < 8 ? 0x10 + i : 0x18 + i);
}

static void check_row(const void *v) {
    const struct row *row = v;
    uint64_t fault = page_fault_of(row->kind), access = access_fault_of(row->kind);
    uint64_t va = two_pages(LEAF, LEAF) - row->before;
    uint64_t boundary = va + row->before;
    fill();
    struct outcome o = run(S, row->code, va, STORED);
    CHECK_TRAP("both pages there", o, NO_TRAP, 0);
    int at = 8 - (int)row->before;
    if (row->kind == 'l') {
        uint64_t want = 0;
        for (int i = (int)row->size - 1; i >= 0; i--) want = want << 8 | byte_at(at + i);
        CHECK_NAMED("the value loaded", o.a[0], want);
    } else {
        for (int i = 0; i < (int)row->size; i++) {
            CHECK_NAMED("a byte stored", byte_at(at + i), STORED >> (8 * i) & 0xff);
        }
    }

    fill();
    two_pages(LEAF, 0);
    o = run(S, row->code, va, STORED);
    CHECK_TRAP("second page missing", o, fault, boundary);
    check_untouched("memory after a fault in the second page");

    two_pages(0, LEAF);
    o = run(S, row->code, va, STORED);
    CHECK_TRAP("first page missing", o, fault, va);
    check_untouched("memory after a fault in the first page");

    two_pages(0, 0);
    o = run(S, row->code, va, STORED);
    CHECK_TRAP("both pages missing", o, fault, va);

    two_pages(LEAF, LEAF);
    pmp_set(0, PMP_NAPOT, pmp_napot(OTHER, PAGE));
    o = run(S, row->code, va, STORED);
    CHECK_TRAP("PMP denies the second page", o, access, boundary);
    check_untouched("memory after an access fault in the second page");
}
CASE_ROWS(rows, check_row);

// The first half is readable, the second is there but not writable.
CASE(store_into_read_only_second_page) {
    uint64_t boundary = two_pages(LEAF, PTE_V | PTE_R | PTE_AD);
    fill();
    struct outcome o = run(S, op_sd, boundary - 3, STORED);
    CHECK_TRAP("sd", o, STORE_PAGE, boundary);
    check_untouched("memory after the fault");
}

// The second page is mapped, but there is nothing; then a device.
CASE(second_page_is_no_memory) {
    static const uint64_t places[] = {NOWHERE, UINT64_C(0x88000000), UINT64_C(0x10000000)};
    for (int i = 0; i < 3; i++) {
        uint64_t boundary = two_pages(LEAF, LEAF);
        uint64_t *root = (uint64_t *)(csr_read("satp") << 12);
        *vm_slot(root, boundary, 0) = pte_ppn(places[i]) | LEAF;
        sfence_vma();
        fill();
        struct outcome o = run(S, op_sd, boundary - 3, STORED);
        CHECK_NAMED("cause of sd", o.cause, STORE_ACCESS);
        check_untouched("memory after the fault");
        o = run(S, op_ld, boundary - 3);
        CHECK_NAMED("cause of ld", o.cause, LOAD_ACCESS);
    }
}

// D and A of both pages.
CASE(crossing_store_sets_both_dirty) {
    uint64_t boundary = two_pages(PTE_V | PTE_RW, PTE_V | PTE_RW);
    uint64_t *root = (uint64_t *)(csr_read("satp") << 12);
    struct outcome o = run(S, op_sd, boundary - 3, STORED);
    CHECK_TRAP("sd", o, NO_TRAP, 0);
    CHECK_EQ(*vm_slot(root, boundary - 1, 0) & PTE_AD, PTE_AD);
    CHECK_EQ(*vm_slot(root, boundary, 0) & PTE_AD, PTE_AD);
}

// The last canonical positive address: what follows is not canonical.
CASE(second_half_not_canonical) {
    uint64_t *root = vm_root();
    uint64_t boundary = BIT(38);
    *vm_slot(root, boundary - PAGE, 0) = pte_ppn(FIRST) | LEAF;
    vm_use(root, 0);
    fill();
    struct outcome o = run(S, op_ld, boundary - 4);
    CHECK_TRAP("ld", o, LOAD_PAGE, boundary);
    o = run(S, op_sd, boundary - 4, STORED);
    CHECK_TRAP("sd", o, STORE_PAGE, boundary);
    check_untouched("memory after the store's fault");
}

CASE(first_half_not_canonical) {
    uint64_t *root = vm_root();
    uint64_t boundary = UINT64_C(0xffffffc000000000);
    *vm_slot(root, boundary, 0) = pte_ppn(OTHER) | LEAF;
    vm_use(root, 0);
    struct outcome o = run(S, op_ld, boundary - 4);
    CHECK_TRAP("ld", o, LOAD_PAGE, boundary - 4);
}

// Code: `addi a0, zero, 21` (32 bits) two bytes before the boundary, then c.jr ra.
static void put_code(void) {
    uint8_t *first = pages[4], *second = pages[9];
    first[PAGE - 2] = 0x13, first[PAGE - 1] = 0x05;
    second[0] = 0x50, second[1] = 0x01, second[2] = 0x82, second[3] = 0x80;
    __asm__ volatile("fence.i");
}

struct fetch_row {
    const char *name;
    uint64_t first, second; // flags of the pages
    uint64_t cause;
    bool in_second; // where tval points
};

static const struct fetch_row fetch_rows[] = {
    {"fetch over two pages", LEAF, LEAF, NO_TRAP, false},
    {"fetch: second page missing", LEAF, 0, FETCH_PAGE, true},
    {"fetch: first page missing", 0, LEAF, FETCH_PAGE, false},
    {"fetch: both pages missing", 0, 0, FETCH_PAGE, false},
    {"fetch: second page not executable", LEAF, LEAF & ~PTE_X, FETCH_PAGE, true},
    {"fetch: second page is the user's", LEAF, LEAF | PTE_U, FETCH_PAGE, true},
};

static void check_fetch(const void *v) {
    const struct fetch_row *row = v;
    put_code();
    uint64_t boundary = two_pages(row->first, row->second);
    struct outcome o = run(S, boundary - 2, 0);
    CHECK_TRAP(row->name, o, row->cause, row->in_second ? boundary : boundary - 2);
    if (row->cause == NO_TRAP) {
        CHECK_EQ(o.a[0], 21);
    } else {
        CHECK_EQ(o.epc, boundary - 2);
    }
}
CASE_ROWS(fetch_rows, check_fetch);

CASE(fetch_pmp_denies_second_page) {
    put_code();
    uint64_t boundary = two_pages(LEAF, LEAF);
    pmp_set(0, PMP_NAPOT, pmp_napot(OTHER, PAGE));
    struct outcome o = run(S, boundary - 2, 0);
    CHECK_TRAP("second page", o, FETCH_ACCESS, boundary);
    CHECK_EQ(o.epc, boundary - 2);
    pmp_set(0, PMP_NAPOT, pmp_napot(FIRST, PAGE));
    o = run(S, boundary - 2, 0);
    CHECK_TRAP("first page", o, FETCH_ACCESS, boundary - 2);
}

// The same without translation, in M-mode's own way: PMP is all there is.
CASE(fetch_pmp_denies_second_half_bare) {
    uint8_t *code = pages[4] + PAGE - 2;
    code[0] = 0x13, code[1] = 0x05, code[2] = 0x50, code[3] = 0x01, code[4] = 0x82, code[5] = 0x80;
    __asm__ volatile("fence.i");
    struct outcome o = run(S, code, 0);
    CHECK_TRAP("allowed", o, NO_TRAP, 0);
    CHECK_EQ(o.a[0], 21);
    pmp_set(0, PMP_NAPOT, pmp_napot((uint64_t)pages[5], PAGE));
    o = run(S, code, 0);
    CHECK_TRAP("denied", o, FETCH_ACCESS, (uint64_t)pages[5]);
    CHECK_EQ(o.epc, code);
}

// c.jr ra as the last thing in a page, behind which there is nothing.
CASE(compressed_at_the_end_of_a_page) {
    pages[4][PAGE - 4] = 0x55, pages[4][PAGE - 3] = 0x45; // c.li a0, 21
    pages[4][PAGE - 2] = 0x82, pages[4][PAGE - 1] = 0x80; // c.jr ra
    __asm__ volatile("fence.i");
    uint64_t boundary = two_pages(LEAF, 0);
    struct outcome o = run(S, boundary - 4, 0);
    CHECK_TRAP("c.li; c.jr", o, NO_TRAP, 0);
    CHECK_EQ(o.a[0], 21);
    o = run(S, boundary - 2, 22);
    CHECK_TRAP("c.jr", o, NO_TRAP, 0);
}

// Straight-line code that runs off its page faults at the boundary with epc there.
CASE(running_off_a_page) {
    pages[4][PAGE - 2] = 0x55, pages[4][PAGE - 1] = 0x45; // c.li a0, 21
    __asm__ volatile("fence.i");
    uint64_t boundary = two_pages(LEAF, 0);
    struct outcome o = run(S, boundary - 2, 0);
    CHECK_TRAP("the next page", o, FETCH_PAGE, boundary);
    CHECK_EQ(o.epc, boundary);
    CHECK_EQ(o.a[0], 21);
}

// The illegal instruction's bits are shown whole although they came from two pages.
CASE(illegal_instruction_over_two_pages) {
    pages[4][PAGE - 2] = 0xff, pages[4][PAGE - 1] = 0xff;
    pages[9][0] = 0xff, pages[9][1] = 0x7f;
    __asm__ volatile("fence.i");
    uint64_t boundary = two_pages(LEAF, LEAF);
    struct outcome o = run(S, boundary - 2, 0);
    CHECK_TRAP("illegal", o, ILLEGAL, 0x7fffffff);
    CHECK_EQ(o.epc, boundary - 2);
}
