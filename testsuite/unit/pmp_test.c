// SPDX-License-Identifier: MIT
// Physical memory protection, rule by rule, and on drawn registers against an oracle that looks at
// one byte at a time.
#include "mmu/pmp.h"

#include <criterion/criterion.h>

#include "testsuite/unit/random.h"

enum { R = 1, W = 2, X = 4, OFF = 0, TOR = 8, NA4 = 16, NAPOT = 24, L = 128 };

static const uint8_t right[] = {[ACCESS_FETCH] = X, [ACCESS_LOAD] = R, [ACCESS_STORE] = W};

static struct pmp fresh(void) {
    struct pmp p;
    pmp_reset(&p);
    return p;
}

static void set_cfg(struct pmp *p, unsigned entry, unsigned cfg) {
    unsigned shift = entry % 8 * 8;
    uint64_t old = pmp_read_cfg(p, entry / 8) & ~(UINT64_C(0xff) << shift);
    pmp_write_cfg(p, entry / 8, old | (uint64_t)cfg << shift);
}

static unsigned get_cfg(const struct pmp *p, unsigned entry) {
    return pmp_read_cfg(p, entry / 8) >> entry % 8 * 8 & 0xff;
}

// addr in bytes.
static void set(struct pmp *p, unsigned entry, uint64_t addr, unsigned cfg) {
    pmp_write_addr(p, entry, addr >> 2);
    set_cfg(p, entry, cfg);
}

// The address register for NAPOT.
static uint64_t napot(uint64_t base, uint64_t size) { return base | (size / 2 - 1); }

static bool loads(const struct pmp *p, uint64_t pa, uint64_t len) {
    return pmp_allows(p, pa, len, ACCESS_LOAD, PRIV_S);
}

// --- Matching ------------------------------------------------------------------------------------

Test(pmp, without_a_match_m_mode_may_and_others_may_not) {
    struct pmp p = fresh();
    for (unsigned access = ACCESS_FETCH; access <= ACCESS_STORE; access++) {
        cr_expect(pmp_allows(&p, 0x80000000, 4, (enum access)access, PRIV_M));
        cr_expect_not(pmp_allows(&p, 0x80000000, 4, (enum access)access, PRIV_S));
        cr_expect_not(pmp_allows(&p, 0x80000000, 4, (enum access)access, PRIV_U));
    }
}

Test(pmp, na4_is_four_bytes) {
    struct pmp p = fresh();
    set(&p, 0, 0x1000, NA4 | R);
    cr_expect(loads(&p, 0x1000, 4));
    cr_expect(loads(&p, 0x1003, 1));
    cr_expect_not(loads(&p, 0x0fff, 1));
    cr_expect_not(loads(&p, 0x1004, 1));
}

Test(pmp, napot_is_a_power_of_two_from_8_bytes_on) {
    struct pmp p = fresh();
    for (uint64_t size = 8; size <= UINT64_C(1) << 55; size *= 2) {
        set(&p, 0, napot(size, size), NAPOT | R);
        cr_expect(loads(&p, size, 8), "size %#lx", size);
        cr_expect(loads(&p, 2 * size - 1, 1), "size %#lx", size);
        cr_expect_not(loads(&p, size - 1, 1), "size %#lx", size);
        cr_expect_not(loads(&p, 2 * size, 1), "size %#lx", size);
    }
}

Test(pmp, napot_of_all_ones_is_all_memory) {
    struct pmp p = fresh();
    pmp_write_addr(&p, 0, UINT64_MAX);
    set_cfg(&p, 0, NAPOT | R);
    cr_expect_eq(p.addr[0], (UINT64_C(1) << 54) - 1);
    cr_expect(loads(&p, 0, PAGE_SIZE));
    cr_expect(loads(&p, (UINT64_C(1) << PHYS_ADDR_BITS) - 8, 8));
}

Test(pmp, tor_reaches_from_the_address_below) {
    struct pmp p = fresh();
    set(&p, 0, 0x2000, TOR | R); // from 0
    cr_expect(loads(&p, 0, 8));
    cr_expect(loads(&p, 0x1ff8, 8));
    cr_expect_not(loads(&p, 0x2000, 1));
    set(&p, 1, 0x3000, TOR | R);
    cr_expect(loads(&p, 0x2000, 0x1000));
}

Test(pmp, an_entry_that_is_off_still_gives_the_next_one_its_base) {
    struct pmp p = fresh();
    set(&p, 3, 0x5000, OFF | R | W | X);
    set(&p, 4, 0x6000, TOR | R);
    cr_expect(loads(&p, 0x5000, 0x1000));
    cr_expect_not(loads(&p, 0x4fff, 1));
    // A NAPOT entry below gives its register as it stands, size bits included.
    set(&p, 3, napot(0x5000, 0x1000), NAPOT);
    set(&p, 4, 0x7000, TOR | R);
    cr_expect(loads(&p, 0x6000, 0x1000));
    set_cfg(&p, 3, OFF);
    cr_expect(loads(&p, 0x57fc, 4));
    cr_expect_not(loads(&p, 0x57f8, 4));
}

Test(pmp, tor_that_does_not_rise_is_empty) {
    struct pmp p = fresh();
    set(&p, 0, 0x6000, OFF);
    set(&p, 1, 0x6000, TOR | R);
    cr_expect_not(loads(&p, 0x6000, 4));
    cr_expect_not(loads(&p, 0x5ffc, 4));
    set(&p, 1, 0x5000, TOR | R);
    cr_expect_not(loads(&p, 0x5000, 4));
    // So it doesn't decide either.
    set(&p, 2, napot(0, 0x10000), NAPOT | R);
    cr_expect(loads(&p, 0x5000, 4));
}

// --- Deciding ------------------------------------------------------------------------------------

Test(pmp, the_lowest_entry_decides) {
    struct pmp p = fresh();
    set(&p, 1, napot(0x8000, 0x1000), NAPOT | R | W | X);
    set(&p, 0, napot(0x8000, 0x100), NAPOT | X);
    cr_expect_not(loads(&p, 0x8000, 4));
    cr_expect(pmp_allows(&p, 0x8000, 4, ACCESS_FETCH, PRIV_U));
    cr_expect(loads(&p, 0x8100, 4));
}

Test(pmp, an_entry_that_holds_a_part_of_the_access_refuses_all_of_it) {
    struct pmp p = fresh();
    set(&p, 0, 0xc, NA4 | R | W | X); // the manual's example
    set(&p, 1, napot(0, 0x1000), NAPOT | R | W | X);
    cr_expect_not(loads(&p, 0x8, 8));
    cr_expect(loads(&p, 0x8, 4));
    cr_expect(loads(&p, 0xc, 4));
    cr_expect_not(pmp_allows(&p, 0x8, 8, ACCESS_LOAD, PRIV_M), "M-mode, too");
    cr_expect_not(loads(&p, 0, PAGE_SIZE), "a page, too");
}

Test(pmp, r_w_and_x_allow_what_they_say) {
    const unsigned legal[] = {0, R, R | W, X, R | X, R | W | X};
    for (unsigned i = 0; i < sizeof legal / sizeof legal[0]; i++) {
        for (unsigned access = ACCESS_FETCH; access <= ACCESS_STORE; access++) {
            struct pmp p = fresh();
            set(&p, 15, napot(0x1000, 0x1000), NAPOT | legal[i]);
            bool allowed = legal[i] & right[access];
            cr_expect_eq(pmp_allows(&p, 0x1800, 8, (enum access)access, PRIV_S), allowed);
            cr_expect_eq(pmp_allows(&p, 0x1800, 8, (enum access)access, PRIV_U), allowed);
        }
    }
}

Test(pmp, a_locked_entry_binds_m_mode_fetches_too) {
    struct pmp p = fresh();
    set(&p, 0, napot(0x1000, 0x1000), NAPOT | R);
    for (unsigned access = ACCESS_FETCH; access <= ACCESS_STORE; access++) {
        cr_expect(pmp_allows(&p, 0x1000, 4, (enum access)access, PRIV_M), "not locked");
    }
    set_cfg(&p, 0, NAPOT | R | L);
    cr_expect(pmp_allows(&p, 0x1000, 4, ACCESS_LOAD, PRIV_M));
    cr_expect_not(pmp_allows(&p, 0x1000, 4, ACCESS_STORE, PRIV_M));
    cr_expect_not(pmp_allows(&p, 0x1000, 4, ACCESS_FETCH, PRIV_M));
}

// --- Registers -----------------------------------------------------------------------------------

Test(pmp, registers_read_as_written_where_they_have_bits) {
    struct pmp p = fresh();
    pmp_write_cfg(&p, 0, UINT64_C(0x7f1d0f0908070500));
    cr_expect_eq(pmp_read_cfg(&p, 0), UINT64_C(0x1f1d0f0908070500), "bits 6 and 5 are 0");
    pmp_write_cfg(&p, 1, 0x18);
    cr_expect_eq(pmp_read_cfg(&p, 1), 0x18);
    pmp_write_addr(&p, 7, UINT64_MAX);
    cr_expect_eq(p.addr[7], UINT64_C(0x3fffffffffffff));
}

Test(pmp, w_without_r_does_not_stick) {
    struct pmp p = fresh();
    set_cfg(&p, 0, NAPOT | W);
    cr_expect_eq(get_cfg(&p, 0), NAPOT);
    set_cfg(&p, 0, NAPOT | W | X);
    cr_expect_eq(get_cfg(&p, 0), NAPOT | X);
}

Test(pmp, a_locked_entry_stays_until_reset) {
    struct pmp p = fresh();
    set(&p, 2, 0x4000, NA4 | R | L);
    pmp_write_cfg(&p, 0, 0x0707070707070707);
    cr_expect_eq(get_cfg(&p, 2), NA4 | R | L);
    cr_expect_eq(get_cfg(&p, 1), 7, "its neighbours are free");
    cr_expect_eq(get_cfg(&p, 3), 7);
    pmp_write_addr(&p, 2, 0);
    cr_expect_eq(p.addr[2], 0x4000 >> 2);
    pmp_write_addr(&p, 1, 0x123);
    cr_expect_eq(p.addr[1], 0x123, "NA4 does not need the address below");
    pmp_reset(&p);
    cr_expect_eq(pmp_read_cfg(&p, 0), 0);
}

Test(pmp, an_entry_that_is_off_can_be_locked) {
    struct pmp p = fresh();
    set(&p, 0, 0x4000, OFF | L);
    pmp_write_addr(&p, 0, 0);
    set_cfg(&p, 0, NAPOT | R);
    cr_expect_eq(p.addr[0], 0x1000);
    cr_expect_eq(get_cfg(&p, 0), L);
}

Test(pmp, locked_tor_locks_the_address_that_it_starts_from) {
    struct pmp p = fresh();
    set(&p, 0, 0x1000, OFF);
    set(&p, 1, 0x2000, TOR | R | L);
    pmp_write_addr(&p, 0, 0);
    cr_expect_eq(p.addr[0], 0x1000 >> 2);
    set_cfg(&p, 0, NA4 | R); // its configuration is free
    cr_expect_eq(get_cfg(&p, 0), NA4 | R);
    pmp_write_addr(&p, 2, 0x55);
    cr_expect_eq(p.addr[2], 0x55);
    // Across the two configuration registers, and none above the last entry.
    set(&p, 7, 0x1000, OFF);
    set(&p, 8, 0x2000, TOR | L);
    pmp_write_addr(&p, 7, 0);
    cr_expect_eq(p.addr[7], 0x1000 >> 2);
    pmp_write_addr(&p, 15, 0x77);
    cr_expect_eq(p.addr[15], 0x77);
}

// --- Changes, and ranges -------------------------------------------------------------------------

Test(pmp, a_new_address_counts_at_once) {
    struct pmp p = fresh();
    set(&p, 0, 0x1000, NA4 | R);
    pmp_write_addr(&p, 0, 0x2000 >> 2);
    cr_expect(loads(&p, 0x2000, 4));
    cr_expect_not(loads(&p, 0x1000, 4));
}

Test(pmp, all_sixteen_entries_count) {
    struct pmp p = fresh();
    for (unsigned i = 0; i < PMP_ENTRIES; i++) set(&p, i, 0x1000 * (i + 1), NA4 | R);
    for (unsigned i = 0; i < PMP_ENTRIES; i++) cr_expect(loads(&p, 0x1000 * (i + 1), 4));
    cr_expect_not(loads(&p, 0x1004, 4));
    cr_expect_not(loads(&p, 0x1000 * (PMP_ENTRIES + 1), 4));
}

// Uniform: each entry holds all of the bytes or none.
Test(pmp, what_is_uniform) {
    for (unsigned entry = 0; entry < PMP_ENTRIES; entry++) {
        struct pmp p = fresh();
        cr_expect(pmp_is_uniform(&p, 0, UINT64_MAX));
        set(&p, entry, napot(0x4000, 0x1000), NAPOT | R);
        cr_expect(pmp_is_uniform(&p, 0x4000, 0x1000), "all of it, entry %u", entry);
        cr_expect(pmp_is_uniform(&p, 0x3000, 0x1000) && pmp_is_uniform(&p, 0x5000, 8));
        cr_expect_not(pmp_is_uniform(&p, 0x3ffc, 8), "its beginning, entry %u", entry);
        cr_expect_not(pmp_is_uniform(&p, 0x4ffc, 8), "its end");
        cr_expect_not(pmp_is_uniform(&p, 0x3000, 0x3000), "it is inside");
    }
}

// --- Drawn registers against the oracle ----------------------------------------------------------

// What the manual says of one entry and one byte.
static bool matches(const uint64_t addr[PMP_ENTRIES], const uint8_t cfg[PMP_ENTRIES], unsigned i,
                    uint64_t byte) {
    uint64_t word = byte >> 2;
    switch (cfg[i] & NAPOT) {
    case TOR: return word < addr[i] && (i == 0 || addr[i - 1] <= word);
    case NA4: return word == addr[i];
    case NAPOT: {
        // The lowest clear bit and all ones below it are not compared.
        unsigned ignored = 1;
        for (uint64_t a = addr[i]; a & 1; a >>= 1) ignored++;
        return word >> ignored == addr[i] >> ignored;
    }
    default: return false;
    }
}

// The first entry that matches the byte, or -1.
static int entry_of(const uint64_t addr[PMP_ENTRIES], const uint8_t cfg[PMP_ENTRIES],
                    uint64_t byte) {
    for (unsigned i = 0; i < PMP_ENTRIES; i++) {
        if (matches(addr, cfg, i, byte)) return (int)i;
    }
    return -1;
}

static bool oracle(const uint64_t addr[PMP_ENTRIES], const uint8_t cfg[PMP_ENTRIES], uint64_t pa,
                   uint64_t len, enum access access, enum privilege privilege) {
    int decider = -1;
    for (uint64_t byte = pa; byte < pa + len; byte++) {
        int entry = entry_of(addr, cfg, byte);
        if (entry >= 0 && (decider < 0 || entry < decider)) decider = entry;
    }
    if (decider < 0) return privilege == PRIV_M;
    for (uint64_t byte = pa; byte < pa + len; byte++) {
        if (!matches(addr, cfg, (unsigned)decider, byte)) return false;
    }
    if (privilege == PRIV_M && !(cfg[decider] & L)) return true;
    return cfg[decider] & right[access];
}

// Registers over 256 bytes, so that entries overlap and accesses straddle their edges.
static void draw_registers(uint64_t *state, struct pmp *p, uint64_t addr[PMP_ENTRIES],
                           uint8_t cfg[PMP_ENTRIES]) {
    *p = fresh();
    for (unsigned i = 0; i < PMP_ENTRIES; i++) {
        addr[i] = draw_below(state, 65) & (one_in(state, 2) ? 0x7f : 0x3f);
        cfg[i] = (uint8_t)(draw(state) & (NAPOT | R | W | X | L));
        if (!one_in(state, 3)) cfg[i] &= (uint8_t)~NAPOT;
        if (!(cfg[i] & R)) cfg[i] &= (uint8_t)~W;
        pmp_write_addr(p, i, addr[i]);
    }
    for (unsigned i = 0; i < PMP_ENTRIES; i++) set_cfg(p, i, cfg[i]);
}

Test(pmp, agrees_with_the_oracle_on_drawn_registers) {
    unsigned allowed = 0, refused = 0, differing = 0;
    uint64_t state = 1;
    for (unsigned draws = 0; draws < 4000 && differing < 10; draws++) {
        struct pmp p;
        uint64_t addr[PMP_ENTRIES];
        uint8_t cfg[PMP_ENTRIES];
        draw_registers(&state, &p, addr, cfg);
        for (unsigned i = 0; i < 50; i++) {
            uint64_t pa = draw_below(&state, 280), len = UINT64_C(1) << draw_below(&state, 4);
            if (one_in(&state, 10)) pa &= ~UINT64_C(63), len = 64;
            enum access access = (enum access)draw_below(&state, 3);
            const enum privilege modes[] = {PRIV_U, PRIV_S, PRIV_M};
            enum privilege mode = modes[draw_below(&state, 3)];
            bool expected = oracle(addr, cfg, pa, len, access, mode);
            bool same = pmp_allows(&p, pa, len, access, mode) == expected;
            cr_expect(same, "draw %u: %lu bytes at %#lx, access %d, mode %d", draws, len, pa,
                      access, mode);
            differing += !same;
            expected ? allowed++ : refused++;
        }
    }
    cr_expect_gt(allowed, 20000);
    cr_expect_gt(refused, 20000);
}

// Locks: what a sequence of writes leaves, against the rules written as one condition a register.
Test(pmp, agrees_with_the_rules_of_locks_on_drawn_writes) {
    uint64_t state = 2;
    for (unsigned draws = 0; draws < 500; draws++) {
        struct pmp p = fresh();
        uint64_t addr[PMP_ENTRIES] = {0};
        uint8_t cfg[PMP_ENTRIES] = {0};
        for (unsigned i = 0; i < 60; i++) {
            unsigned entry = draw_below(&state, PMP_ENTRIES);
            uint64_t value = draw(&state) >> 10;
            if (one_in(&state, 2)) {
                bool held = cfg[entry] & L;
                bool base_held =
                    entry < 15 && cfg[entry + 1] & L && (cfg[entry + 1] & NAPOT) == TOR;
                if (!held && !base_held) addr[entry] = value;
                pmp_write_addr(&p, entry, value);
            } else {
                uint8_t byte = (uint8_t)(value & (one_in(&state, 5) ? 0xff : 0x7f));
                uint8_t legal = byte & (NAPOT | R | W | X | L);
                if ((legal & (R | W)) == W) legal ^= W;
                if (!(cfg[entry] & L)) cfg[entry] = legal;
                set_cfg(&p, entry, byte);
            }
        }
        for (unsigned i = 0; i < PMP_ENTRIES; i++) {
            cr_expect_eq(p.addr[i], addr[i], "draw %u, pmpaddr%u", draws, i);
            cr_expect_eq(get_cfg(&p, i), cfg[i], "draw %u, pmp%ucfg", draws, i);
        }
    }
}
