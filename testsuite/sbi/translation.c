// SPDX-License-Identifier: MIT
// The page tables that the tests share (harness.h says what they map).
#include "testsuite/sbi/harness.h"

enum { V = 1, R = 2, W = 4, X = 8, A = 64, D = 128 };

#define SATP_SV39 (UINT64_C(8) << 60)

static uint64_t root[512] __attribute__((aligned(4096)));
static uint64_t middle[512] __attribute__((aligned(4096)));
static volatile uint64_t leaf[512] __attribute__((aligned(4096)));
static uint64_t frame[2][512] __attribute__((aligned(4096)));

static uint64_t pte(const volatile void *pa, uint64_t bits) { return (uint64_t)pa >> 2 | bits; }

void map_frame(unsigned which) {
    frame[1][0] = 1;
    leaf[0] = pte(frame[which], V | R | W | A | D);
}

// The caller fences; the page at MAPPED is what map_frame() last said.
void translation_on(uint64_t asid) {
    root[1] = pte(middle, V);
    root[2] = pte((void *)0x80000000, V | R | W | X | A | D);
    middle[0] = pte(leaf, V);
    sfence_vma_all();
    csr_write(satp, SATP_SV39 | asid << 44 | (uint64_t)root >> 12);
}

void translation_off(void) {
    csr_write(satp, 0);
    sfence_vma_all();
}
