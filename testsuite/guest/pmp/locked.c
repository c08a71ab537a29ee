// SPDX-License-Identifier: MIT
// Locked PMP entries bind M-mode and cannot be changed until reset, so these cases stand in a
// program of their own; each uses entries and memory that no other case needs.
// The memory is not pages[], which every case finds cleared.
#include "guest.h"

static uint8_t first[PAGE] __attribute__((aligned(PAGE)));
static uint8_t second[PAGE] __attribute__((aligned(PAGE)));

SNIPPET(load8, "ld a0, 0(a0)");
SNIPPET(store8, "sd a1, 0(a0)");

// Entries 0 and 1: the start of first[] is out of bounds for everyone.
CASE(locked_entry_binds_m) {
    uint64_t at = (uint64_t)first;
    pmp_set(0, PMP_LOCKED | PMP_NAPOT | PMP_R, pmp_napot(at, 64));
    struct outcome o = run(M, load8, at);
    CHECK_TRAP("M loads", o, NO_TRAP, 0);
    o = run(M, store8, at, 1);
    CHECK_TRAP("M stores", o, STORE_ACCESS, at);
    o = run(M, at, 0);
    CHECK_TRAP("M fetches", o, FETCH_ACCESS, at);
    o = run(M, store8, at + 64, 1);
    CHECK_TRAP("M stores behind it", o, NO_TRAP, 0);
}

CASE(locked_entry_keeps_its_fields) {
    uint64_t cfg = pmp_cfg(0), addr = csr_read("pmpaddr0");
    CHECK_EQ(cfg, PMP_LOCKED | PMP_NAPOT | PMP_R);
    pmp_set(0, PMP_R | PMP_W | PMP_X | PMP_NAPOT, 0x12345);
    CHECK_EQ(pmp_cfg(0), cfg);
    CHECK_EQ(csr_read("pmpaddr0"), addr);
}

// The neighbours of a locked entry in the same pmpcfg can still be written.
CASE(neighbours_are_free) {
    pmp_set(5, PMP_NA4 | PMP_R, (uint64_t)pages[20] >> 2);
    CHECK_EQ(pmp_cfg(5), PMP_NA4 | PMP_R);
}

// A locked TOR entry locks the address before it as well, but not that entry's cfg.
CASE(locked_tor_locks_its_base) {
    uint64_t base = (uint64_t)second >> 2, top = ((uint64_t)second + PAGE) >> 2;
    pmp_set(2, PMP_OFF, base);
    pmp_set(3, PMP_LOCKED | PMP_TOR | PMP_R, top);
    pmp_set(2, PMP_OFF, base + 100);
    CHECK_EQ(csr_read("pmpaddr2"), base);
    struct outcome o = run(M, store8, (uint64_t)second, 1);
    CHECK_TRAP("M stores", o, STORE_ACCESS, (uint64_t)second);
}

// Locked and OFF: never to be used again, and binds nobody.
CASE(locked_off_entry) {
    pmp_set(7, PMP_LOCKED, 0x777);
    pmp_set(7, PMP_NAPOT, 0x123);
    CHECK_EQ(pmp_cfg(7), PMP_LOCKED);
    CHECK_EQ(csr_read("pmpaddr7"), 0x777);
}

// MPRV: a load as U through a locked entry that allows it, and one that does not.
SNIPPET(mprv_load, "csrs mstatus, a1\n ld a0, 0(a0)\n csrc mstatus, a1");
CASE(locked_entry_binds_u) {
    uint64_t at = (uint64_t)first;
    struct outcome o = run(U, load8, at);
    CHECK_TRAP("U loads", o, NO_TRAP, 0);
    o = run(U, store8, at, 1);
    CHECK_TRAP("U stores", o, STORE_ACCESS, at);
    o = run(M, mprv_load, at, MSTATUS_MPRV | MSTATUS_MPP(U));
    CHECK_TRAP("as U", o, NO_TRAP, 0);
}
