// SPDX-License-Identifier: MIT
// Plain memory: misaligned accesses work everywhere in RAM, sizes and signs, cache blocks (Zicboz,
// Zicbom), and code that is written and then run (corner case 21).
// (QEMU 7.2 has neither Zicboz nor Zicbom.)
#include "vm.h"

SNIPPET(op_lb, "lb a0, 0(a0)");
SNIPPET(op_lbu, "lbu a0, 0(a0)");
SNIPPET(op_lh, "lh a0, 0(a0)");
SNIPPET(op_lhu, "lhu a0, 0(a0)");
SNIPPET(op_lw, "lw a0, 0(a0)");
SNIPPET(op_lwu, "lwu a0, 0(a0)");
SNIPPET(op_ld, "ld a0, 0(a0)");
SNIPPET(op_flw, "flw fa0, 0(a0)\n fmv.x.d a0, fa0");
SNIPPET(op_fld, "fld fa0, 0(a0)\n fmv.x.d a0, fa0");
SNIPPET(op_sb, "sb a1, 0(a0)");
SNIPPET(op_sh, "sh a1, 0(a0)");
SNIPPET(op_sw, "sw a1, 0(a0)");
SNIPPET(op_sd, "sd a1, 0(a0)");

static const struct load_row {
    const char *name;
    const char *code;
    uint64_t want[3]; // at offsets 0, 1, 5 of f8 f9 fa fb fc fd fe ff 00 01 ...
} load_rows[] = {
    {"lb", op_lb, {0xfffffffffffffff8, 0xfffffffffffffff9, 0xfffffffffffffffd}},
    {"lbu", op_lbu, {0xf8, 0xf9, 0xfd}},
    {"lh", op_lh, {0xfffffffffffff9f8, 0xfffffffffffffaf9, 0xfffffffffffffefd}},
    {"lhu", op_lhu, {0xf9f8, 0xfaf9, 0xfefd}},
    {"lw", op_lw, {0xfffffffffbfaf9f8, 0xfffffffffcfbfaf9, 0x00fffefd}},
    {"lwu", op_lwu, {0xfbfaf9f8, 0xfcfbfaf9, 0x00fffefd}},
    {"ld", op_ld, {0xfffefdfcfbfaf9f8, 0x00fffefdfcfbfaf9, 0x0403020100fffefd}},
    {"flw", op_flw, {0xfffffffffbfaf9f8, 0xfffffffffcfbfaf9, 0xffffffff00fffefd}},
    {"fld", op_fld, {0xfffefdfcfbfaf9f8, 0x00fffefdfcfbfaf9, 0x0403020100fffefd}},
};

static void check_load(const void *v) {
    const struct load_row *row = v;
    static const unsigned offsets[] = {0, 1, 5};
    for (int i = 0; i < 16; i++) pages[0][i] = (uint8_t)(0xf8 + i);
    for (int i = 0; i < 3; i++) {
        struct outcome o = run(U, row->code, (uint64_t)pages[0] + offsets[i]);
        CHECK_TRAP(row->name, o, NO_TRAP, 0);
        CHECK_EQ(o.a[0], row->want[i]);
    }
}
CASE_ROWS(load_rows, check_load);

static const struct store_row {
    const char *name;
    const char *code;
    unsigned size;
} store_rows[] = {{"sb", op_sb, 1}, {"sh", op_sh, 2}, {"sw", op_sw, 4}, {"sd", op_sd, 8}};

static void check_store(const void *v) {
    const struct store_row *row = v;
    for (unsigned offset = 0; offset < 8; offset++) {
        for (int i = 0; i < 24; i++) pages[0][i] = 0xee;
        struct outcome o = run(U, row->code, (uint64_t)pages[0] + 4 + offset, 0x8877665544332211);
        CHECK_TRAP(row->name, o, NO_TRAP, 0);
        for (unsigned i = 0; i < 24; i++) {
            unsigned at = i - 4 - offset;
            CHECK_EQ(pages[0][i], at < row->size ? 0x11 * (at + 1) : 0xee);
        }
    }
}
CASE_ROWS(store_rows, check_store);

// Zicboz: 64 bytes around the address become zero, however the address points into them.
SNIPPET(op_zero, "cbo.zero (a0)");
SNIPPET(op_clean, "cbo.clean (a0)");
SNIPPET(op_flush, "cbo.flush (a0)");
SNIPPET(op_inval, "cbo.inval (a0)");
enum { BLOCK = 64 };

CASE(cbo_zero_clears_a_block) {
    csr_set(CSR_MENVCFG, MENVCFG_CBZE);
    for (unsigned inside = 0; inside < BLOCK; inside += 21) {
        for (int i = 0; i < 4 * BLOCK; i++) pages[0][i] = 0xaa;
        struct outcome o = run(S, op_zero, (uint64_t)pages[0] + BLOCK + inside);
        CHECK_TRAP("cbo.zero", o, NO_TRAP, 0);
        for (int i = 0; i < 4 * BLOCK; i++) {
            CHECK_EQ(pages[0][i], i >= BLOCK && i < 2 * BLOCK ? 0 : 0xaa);
        }
    }
}

// xenvcfg: CBZE for cbo.zero, CBCFE for clean and flush, CBIE for inval.
static const struct envcfg_row {
    const char *name;
    const char *code;
    uint64_t enable;
} envcfg_rows[] = {
    {"cbo.zero needs CBZE", op_zero, MENVCFG_CBZE},
    {"cbo.clean needs CBCFE", op_clean, MENVCFG_CBCFE},
    {"cbo.flush needs CBCFE", op_flush, MENVCFG_CBCFE},
    {"cbo.inval needs CBIE", op_inval, MENVCFG_CBIE(3)},
    {"cbo.inval may flush instead", op_inval, MENVCFG_CBIE(1)},
};

static void check_envcfg(const void *v) {
    const struct envcfg_row *row = v;
    uint32_t bits = *(const uint32_t *)(const void *)row->code;
    for (unsigned gates = 0; gates < 4; gates++) {
        bool m = gates & 1, s = gates & 2;
        csr_write(CSR_MENVCFG, m ? row->enable : 0);
        csr_write("0x10a", s ? row->enable : 0);
        struct outcome o = run(M, row->code, (uint64_t)pages[0]);
        CHECK_TRAP("in M", o, NO_TRAP, 0);
        o = run(S, row->code, (uint64_t)pages[0]);
        CHECK_TRAP("in S", o, m ? NO_TRAP : ILLEGAL, bits);
        o = run(U, row->code, (uint64_t)pages[0]);
        CHECK_TRAP("in U", o, m && s ? NO_TRAP : ILLEGAL, bits);
    }
    csr_write("0x10a", 0);
}
CASE_ROWS(envcfg_rows, check_envcfg);

// Cache management needs R or W, and reports store faults.
CASE(cbo_faults_as_stores) {
    csr_write(CSR_MENVCFG, MENVCFG_ADUE | MENVCFG_CBZE | MENVCFG_CBCFE | MENVCFG_CBIE(3));
    struct mapping m = vm_simple(0, 0);
    static const char *const ops[] = {op_zero, op_clean, op_flush, op_inval};
    for (int i = 0; i < 4; i++) {
        struct outcome o = run(S, ops[i], m.va);
        CHECK_TRAP("invalid page", o, STORE_PAGE, m.va);
    }
    *m.slot = pte_ppn(m.pa) | PTE_V | PTE_R | PTE_AD;
    sfence_vma();
    struct outcome o = run(S, op_zero, m.va);
    CHECK_TRAP("cbo.zero on a read-only page", o, STORE_PAGE, m.va);
    o = run(S, op_clean, m.va);
    CHECK_TRAP("cbo.clean on a read-only page", o, NO_TRAP, 0);
}

// Code. Each routine is: c.li a0, N; c.jr ra.
static void put_code(uint64_t at, unsigned n) {
    *(volatile uint32_t *)at = 0x80824501 | (n & 31) << 2;
}
static uint64_t call(enum priv p, uint64_t at) { return run(p, at, 0).a[0]; }

CASE(fence_i_shows_new_code) {
    uint64_t at = (uint64_t)pages[3];
    for (unsigned n = 1; n < 20; n++) {
        put_code(at, n);
        __asm__ volatile("fence.i");
        CHECK_EQ(call(S, at), n);
    }
}

// The store, FENCE.I and the changed instruction in one run of straight-line code.
SNIPPET(patch_self, "la t0, 1f\n lw t1, 0(a0)\n sw t1, 0(t0)\n fence.i\n .balign 4\n"
                    "1: addi a0, zero, 1\n nop");
CASE(fence_i_in_the_same_block) {
    *(volatile uint32_t *)pages[3] = 0x01600513; // addi a0, zero, 22
    struct outcome o = run(S, patch_self, (uint64_t)pages[3]);
    CHECK_TRAP("patched code", o, NO_TRAP, 0);
    CHECK_EQ(o.a[0], 22);
}

// Half an instruction is changed, at a place that blocks were decoded over.
CASE(part_of_an_instruction_changes) {
    uint64_t at = (uint64_t)pages[3];
    put_code(at, 1);
    __asm__ volatile("fence.i");
    CHECK_EQ(call(S, at), 1);
    *(volatile uint8_t *)at = (uint8_t)(0x01 | 7 << 2);
    __asm__ volatile("fence.i");
    CHECK_EQ(call(S, at), 7);
}

// A page is mapped somewhere else: code is found by what the tables say now.
CASE(remapped_page_shows_other_code) {
    uint64_t *root = vm_root();
    uint64_t va = UINT64_C(0x123456000);
    uint64_t *slot = vm_slot(root, va, 0);
    for (unsigned n = 1; n <= 3; n++) put_code((uint64_t)pages[n], n);
    __asm__ volatile("fence.i");
    vm_use(root, 1);
    for (unsigned n = 1; n <= 3; n++) {
        *slot = pte_ppn((uint64_t)pages[n]) | PTE_V | PTE_X | PTE_AD;
        __asm__ volatile("sfence.vma %0, zero" ::"r"(va) : "memory");
        CHECK_EQ(call(S, va), n);
    }
}

// The same by a change of satp, without any fence but other ASIDs.
CASE(other_space_shows_other_code) {
    uint64_t *first = vm_root(), *second = vm_root();
    uint64_t va = UINT64_C(0x123456000);
    put_code((uint64_t)pages[1], 1);
    put_code((uint64_t)pages[2], 2);
    __asm__ volatile("fence.i");
    *vm_slot(first, va, 0) = pte_ppn((uint64_t)pages[1]) | PTE_V | PTE_X | PTE_AD;
    *vm_slot(second, va, 0) = pte_ppn((uint64_t)pages[2]) | PTE_V | PTE_X | PTE_AD;
    vm_use(first, 1);
    for (int round = 0; round < 3; round++) {
        csr_write("satp", satp_of(first, 1));
        CHECK_EQ(call(S, va), 1);
        csr_write("satp", satp_of(second, 2));
        CHECK_EQ(call(S, va), 2);
    }
}

// A page of code is reused for other code and only satp and SFENCE.VMA are executed: xv6's exec
// has no FENCE.I at all and must work. The manual does not promise it; Tablewalk does.
CASE(page_reused_without_fence_i) {
    uint64_t *root = vm_root();
    uint64_t va = UINT64_C(0x123456000);
    *vm_slot(root, va, 0) = pte_ppn((uint64_t)pages[1]) | PTE_V | PTE_RWX | PTE_AD | PTE_U;
    vm_use(root, 1);
    for (unsigned n = 1; n < 10; n++) {
        put_code((uint64_t)pages[1], n);
        sfence_vma();
        CHECK_EQ(call(U, va), n);
    }
}

// Code written through one address and run through another.
CASE(code_written_through_an_alias) {
    uint64_t *root = vm_root();
    uint64_t code = UINT64_C(0x123456000), alias = UINT64_C(0x654321000);
    *vm_slot(root, code, 0) = pte_ppn((uint64_t)pages[1]) | PTE_V | PTE_X | PTE_AD;
    *vm_slot(root, alias, 0) = pte_ppn((uint64_t)pages[1]) | PTE_V | PTE_RW | PTE_AD;
    vm_use(root, 1);
    for (unsigned n = 1; n < 10; n++) {
        run(S, op_sw, alias, 0x80824501 | n << 2);
        __asm__ volatile("fence.i");
        CHECK_EQ(call(S, code), n);
    }
}
