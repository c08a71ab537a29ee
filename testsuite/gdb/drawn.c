// SPDX-License-Identifier: MIT
// A guest that draws page tables, enters them for its loads (MPRV) and waits: a root, two tables of
// level 1 and nine of level 0. Any emulator that runs it has the same ones; TREE is where the draws
// begin. Drawn are encodings about which emulators agree: no reserved bits, superpages aligned.
#include <stdint.h>

enum { TABLES = 12, ENTRIES = 512 };
enum { V = 1, R = 2, W = 4, X = 8, U = 16 };

// 0x80100000, by the linker's command line.
extern uint64_t tables[TABLES][ENTRIES];

static uint64_t draw(uint64_t *state) {
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static uint64_t pointer_to(const void *table) { return (uint64_t)(uintptr_t)table >> 12 << 10 | V; }

// A page of that level, behind the one before in half of the cases.
static uint64_t draw_leaf(uint64_t *state, unsigned level, uint64_t *ppn) {
    const uint64_t pages = UINT64_C(1) << 9 * level;
    *ppn = draw(state) % 2 ? *ppn + pages : draw(state) >> 20;
    *ppn &= ((UINT64_C(1) << 44) - 1) & ~(pages - 1);
    uint64_t flags = draw(state) % 3 ? 0xdf : (draw(state) & 0x3fe) | V;
    if (!(flags & (R | X))) flags |= R;
    if (flags & W) flags |= R;
    return draw(state) % 8 ? *ppn << 10 | flags : 0;
}

static void draw_tree(uint64_t *state) {
    uint64_t ppn = 0x80000;
    for (unsigned t = 0; t < TABLES; t++) {
        const unsigned level = t == 0 ? 2 : t < 3 ? 1 : 0;
        for (unsigned i = 0; i < ENTRIES; i++) {
            // Those of the upper levels are sparse.
            if (level && draw(state) % 100) continue;
            const unsigned below = level == 2 ? 1 + draw(state) % 2 : 3 + draw(state) % 9;
            const int leads = level && draw(state) % 4;
            tables[t][i] = leads ? pointer_to(tables[below]) : draw_leaf(state, level, &ppn);
        }
    }
}

void draw_all(void) {
    const uint64_t satp = UINT64_C(8) << 60 | (uint64_t)(uintptr_t)tables >> 12;
    const uint64_t mprv_mxr_sum_s = 1 << 19 | 1 << 18 | 1 << 17 | 1 << 11;
    uint64_t state = TREE;
    draw_tree(&state);
    __asm__ volatile("csrw pmpaddr0, %0; csrw pmpcfg0, %1" ::"r"(~UINT64_C(0) >> 10), "r"(0x1f));
    __asm__ volatile(
        "csrw satp, %0; sfence.vma; csrc mstatus, %1; csrs mstatus, %2; j parked" ::"r"(satp),
        "r"(3 << 11), "r"(mprv_mxr_sum_s));
}

__asm__(".globl _start, parked\n"
        ".section .text.start\n"
        "_start: lla sp, _start + 0x80000\n"
        "        j draw_all\n"
        "parked: j parked\n");
