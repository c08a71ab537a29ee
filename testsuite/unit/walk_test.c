// SPDX-License-Identifier: MIT
// The Sv39 walk, rule by rule, and on drawn page tables against the manual's text (manual_walk.c).
#include "mmu/walk.h"

#include <criterion/criterion.h>

#include "testsuite/unit/manual_walk.h"
#include "testsuite/unit/random.h"

#define V   PTE_V
#define R   PTE_R
#define W   PTE_W
#define X   PTE_X
#define U   PTE_U
#define A   PTE_A
#define D   PTE_D
#define AD  (PTE_A | PTE_D)
#define RW  (PTE_R | PTE_W)
#define RWX (PTE_R | PTE_W | PTE_X)
#define N   PTE_N

#define PBMT(n)    ((uint64_t)(n) << PTE_PBMT_SHIFT)
#define PAGE(addr) ((uint64_t)(addr) >> PAGE_SHIFT << PTE_PPN_SHIFT)

// --- One walk, laid out by hand ------------------------------------------------------------------

#define ROOT   UINT64_C(0x80001000)
#define TABLE1 UINT64_C(0x80002000)
#define TABLE0 UINT64_C(0x80003000)
// vpn 0x48, 0x1a2, 0x167, offset 0x89a; in the lower half, so that U-mode's addresses are like it.
#define VA UINT64_C(0x123456789a)

#define TO_TABLE1 (PAGE(TABLE1) | V)
#define TO_TABLE0 (PAGE(TABLE0) | V)
#define TARGET    UINT64_C(0xabcc0000000) // aligned for a page of any size

// What the three reads of a walk find; a read elsewhere, or a further one, is a failure.
struct chain {
    uint64_t pte[SV39_LEVELS]; // in the order of the reads
    enum walk_reason refuse;   // the answer to the last read of those below, where not WALK_OK
    unsigned reads;
};

static enum walk_reason read_chain(void *context, uint64_t pa, uint64_t *pte) {
    static const uint64_t place[] = {ROOT + 0x48 * 8, TABLE1 + 0x1a2 * 8, TABLE0 + 0x167 * 8};
    struct chain *c = context;
    cr_assert_lt(c->reads, SV39_LEVELS, "a walk has three levels");
    cr_expect_eq(pa, place[c->reads], "read %u at %#lx", c->reads, pa);
    *pte = c->pte[c->reads++];
    return *pte == 0 && c->refuse != WALK_OK ? c->refuse : WALK_OK;
}

// A request that succeeds on a fitting leaf; cases change what they are about.
static struct walk_request load(void) {
    return (struct walk_request){.va = VA,
                                 .access = ACCESS_LOAD,
                                 .privilege = PRIV_S,
                                 .root = ROOT,
                                 .update_ad = true,
                                 .napot = true};
}

static struct walk_result walk(struct walk_request request, struct chain chain) {
    return sv39_walk(&request, read_chain, &chain);
}

static struct chain leaf0(uint64_t pte) {
    return (struct chain){.pte = {TO_TABLE1, TO_TABLE0, pte}};
}
static struct chain leaf1(uint64_t pte) { return (struct chain){.pte = {TO_TABLE1, pte}}; }
static struct chain leaf2(uint64_t pte) { return (struct chain){.pte = {pte}}; }

static void expect(struct walk_request request, struct chain chain, enum walk_reason reason) {
    struct walk_result w = walk(request, chain);
    cr_expect_eq(w.reason, reason, "%s, should be %s", walk_reason_row(w.reason)->name,
                 walk_reason_row(reason)->name);
}

// --- Success -------------------------------------------------------------------------------------

Test(walk, finds_a_4_kib_page_in_three_steps) {
    struct walk_result w = walk(load(), leaf0(PAGE(TARGET) | V | R | A));
    cr_assert_eq(w.reason, WALK_OK);
    cr_expect_eq(w.pa, TARGET + 0x89a);
    cr_expect_eq(w.level, 0);
    cr_expect_eq(w.steps, 3);
    cr_expect_eq(w.step[0].pte_addr, ROOT + 0x48 * 8);
    cr_expect_eq(w.step[1].pte, TO_TABLE0);
    cr_expect_eq(w.pte_addr, TABLE0 + 0x167 * 8);
    cr_expect_eq(w.pte, PAGE(TARGET) | V | R | A);
}

Test(walk, a_2_mib_page_takes_21_bits_of_the_address) {
    struct walk_result w = walk(load(), leaf1(PAGE(TARGET) | V | R | A));
    cr_assert_eq(w.reason, WALK_OK);
    cr_expect_eq(w.pa, TARGET + (VA & 0x1fffff));
    cr_expect_eq(w.level, 1);
    cr_expect_eq(w.steps, 2);
}

Test(walk, a_1_gib_page_takes_30_bits_of_the_address) {
    struct walk_result w = walk(load(), leaf2(PAGE(TARGET) | V | R | A));
    cr_assert_eq(w.reason, WALK_OK);
    cr_expect_eq(w.pa, TARGET + (VA & 0x3fffffff));
    cr_expect_eq(w.level, 2);
    cr_expect_eq(w.steps, 1);
}

Test(walk, a_64_kib_page_takes_16_bits_of_the_address) {
    struct walk_result w = walk(load(), leaf0(N | PAGE(TARGET + 0x8000) | V | R | A));
    cr_assert_eq(w.reason, WALK_OK);
    cr_expect_eq(w.pa, TARGET + (VA & 0xffff));
}

Test(walk, physical_addresses_have_56_bits) {
    struct walk_result w = walk(load(), leaf0(PTE_PPN | V | R | A));
    cr_expect_eq(w.pa, UINT64_C(0xfffffffffff000) + 0x89a);
}

Test(walk, the_upper_half_is_canonical) {
    struct walk_request request = load();
    request.va = VA | UINT64_C(0xffffffc000000000);
    struct chain chain = {.pte = {PAGE(TARGET) | V | R | A}};
    // vpn[2] has its highest bit set now.
    request.root -= 0x100 * 8;
    struct walk_result w = walk(request, chain);
    cr_expect_eq(w.reason, WALK_OK);
    cr_expect_eq(w.pa, TARGET + (VA & 0x3fffffff));
}

Test(walk, rsw_and_g_mean_nothing_to_it) {
    expect(load(), leaf0(PAGE(TARGET) | V | R | A | PTE_G | 3u << 8), WALK_OK);
    struct chain chain = leaf0(PAGE(TARGET) | V | R | A);
    chain.pte[0] |= PTE_G | 3u << 8;
    expect(load(), chain, WALK_OK);
}

// --- A and D -------------------------------------------------------------------------------------

Test(walk, an_access_sets_a_and_a_store_sets_d) {
    const uint64_t page = PAGE(TARGET) | V | RWX;
    struct walk_request request = load();
    cr_expect_eq(walk(request, leaf0(page)).new_pte, page | A);
    cr_expect_eq(walk(request, leaf0(page | D)).new_pte, page | AD);
    request.access = ACCESS_FETCH;
    cr_expect_eq(walk(request, leaf0(page)).new_pte, page | A);
    request.access = ACCESS_STORE;
    cr_expect_eq(walk(request, leaf0(page)).new_pte, page | AD);
    cr_expect_eq(walk(request, leaf0(page | AD)).new_pte, page | AD);
}

Test(walk, a_failed_walk_changes_no_pte) {
    struct walk_request request = load();
    request.access = ACCESS_STORE;
    const uint64_t page = PAGE(TARGET) | V | R;
    struct walk_result w = walk(request, leaf0(page));
    cr_expect_eq(w.reason, WALK_NO_WRITE);
    cr_expect_eq(w.new_pte, page);
    const uint64_t misaligned = PAGE(TARGET + 0x1000) | V | RW;
    w = walk(request, leaf1(misaligned));
    cr_expect_eq(w.reason, WALK_MISALIGNED_SUPERPAGE);
    cr_expect_eq(w.new_pte, misaligned);
}

Test(walk, without_hardware_updates_clear_a_or_d_is_a_fault) {
    struct walk_request request = load();
    request.update_ad = false;
    expect(request, leaf0(PAGE(TARGET) | V | RW), WALK_ACCESSED_CLEAR);
    expect(request, leaf0(PAGE(TARGET) | V | RW | D), WALK_ACCESSED_CLEAR);
    expect(request, leaf0(PAGE(TARGET) | V | RW | A), WALK_OK);
    request.access = ACCESS_STORE;
    expect(request, leaf0(PAGE(TARGET) | V | RW | A), WALK_DIRTY_CLEAR);
    expect(request, leaf0(PAGE(TARGET) | V | RW), WALK_ACCESSED_CLEAR);
    expect(request, leaf0(PAGE(TARGET) | V | RW | AD), WALK_OK);
}

// --- Why it fails, in the order of the rules -----------------------------------------------------

Test(walk, bits_63_to_39_must_equal_bit_38) {
    struct walk_request request = load();
    for (unsigned bit = 38; bit < 64; bit++) {
        request.va = VA ^ UINT64_C(1) << bit;
        struct walk_result w = walk(request, leaf0(0));
        cr_expect_eq(w.reason, WALK_NON_CANONICAL, "bit %u", bit);
        cr_expect_eq(w.steps, 0);
    }
    request.va = UINT64_C(0x4000000000); // the first address that is not
    expect(request, leaf0(0), WALK_NON_CANONICAL);
    request.va = UINT64_C(0xffffffbfffffffff);
    expect(request, leaf0(0), WALK_NON_CANONICAL);
}

Test(walk, a_table_that_cannot_be_read_ends_it_at_any_level) {
    const enum walk_reason refusals[] = {WALK_TABLE_OUTSIDE_MEMORY, WALK_TABLE_PMP};
    for (unsigned i = 0; i < 2; i++) {
        struct chain chain[] = {leaf2(0), leaf1(0), leaf0(0)};
        for (unsigned n = 0; n < SV39_LEVELS; n++) {
            chain[n].refuse = refusals[i];
            struct walk_result w = walk(load(), chain[n]);
            cr_expect_eq(w.reason, refusals[i]);
            cr_expect_eq(w.steps, n + 1, "the failing read is a step, too");
            cr_expect_eq(w.pte_addr, w.step[n].pte_addr);
            cr_expect(w.pte == 0 && w.step[n].pte == 0, "nothing was read");
        }
    }
}

Test(walk, v_clear_is_invalid_whatever_else_is_set) {
    expect(load(), leaf2(0), WALK_INVALID);
    expect(load(), leaf1(0), WALK_INVALID);
    expect(load(), leaf0(0), WALK_INVALID);
    expect(load(), leaf0(~V), WALK_INVALID);
}

Test(walk, w_without_r_is_reserved) {
    expect(load(), leaf0(PAGE(TARGET) | V | W | AD), WALK_WRITE_WITHOUT_READ);
    expect(load(), leaf1(PAGE(TARGET) | V | W | X | AD), WALK_WRITE_WITHOUT_READ);
}

Test(walk, bits_60_to_54_are_reserved) {
    for (unsigned bit = 54; bit <= 60; bit++) {
        uint64_t set = UINT64_C(1) << bit;
        expect(load(), leaf0(PAGE(TARGET) | V | R | A | set), WALK_RESERVED_BITS);
        expect(load(), leaf2(TO_TABLE1 | set), WALK_RESERVED_BITS);
    }
}

Test(walk, pbmt_needs_pbmte_and_a_leaf_and_is_never_3) {
    struct walk_request request = load();
    const uint64_t page = PAGE(TARGET) | V | R | A;
    for (unsigned type = 1; type <= 3; type++) {
        expect(request, leaf0(page | PBMT(type)), WALK_PBMT_RESERVED);
    }
    request.pbmt = true;
    for (unsigned type = 0; type <= 2; type++) expect(request, leaf0(page | PBMT(type)), WALK_OK);
    expect(request, leaf0(page | PBMT(3)), WALK_PBMT_RESERVED);
    expect(request, leaf2(TO_TABLE1 | PBMT(1)), WALK_PBMT_RESERVED);
    cr_expect_eq(walk(request, leaf0(page | PBMT(2))).pa, TARGET + 0x89a);
}

Test(walk, n_is_64_kib_at_level_0_or_reserved) {
    struct walk_request request = load();
    for (unsigned low = 0; low < 16; low++) {
        expect(request, leaf0(N | PAGE(TARGET + low * PAGE_SIZE) | V | R | A),
               low == 8 ? WALK_OK : WALK_NAPOT_RESERVED);
    }
    expect(request, leaf1(N | PAGE(TARGET + 0x8000) | V | R | A), WALK_NAPOT_RESERVED);
    expect(request, leaf2(N | TO_TABLE1), WALK_NAPOT_RESERVED);
    expect(request, leaf2(N | PAGE(TABLE1 + 0x6000) | V), WALK_NAPOT_RESERVED);
    request.napot = false;
    expect(request, leaf0(N | PAGE(TARGET + 0x8000) | V | R | A), WALK_NAPOT_RESERVED);
}

Test(walk, d_a_and_u_are_reserved_in_a_pointer) {
    const uint64_t bits[] = {D, A, U};
    for (unsigned i = 0; i < 3; i++) {
        expect(load(), leaf2(TO_TABLE1 | bits[i]), WALK_POINTER_ADU);
        expect(load(), leaf1(TO_TABLE0 | bits[i]), WALK_POINTER_ADU);
        expect(load(), leaf0(TO_TABLE0 | bits[i]), WALK_POINTER_ADU);
    }
}

Test(walk, the_last_level_must_be_a_leaf) {
    expect(load(), leaf0(PAGE(TARGET) | V), WALK_NO_LEAF);
    expect(load(), leaf0(PAGE(TARGET) | V | PTE_G), WALK_NO_LEAF);
}

Test(walk, s_mode_reads_user_pages_with_sum_and_never_runs_them) {
    struct walk_request request = load();
    const uint64_t page = PAGE(TARGET) | V | RWX | U | AD;
    expect(request, leaf0(page), WALK_USER_PAGE_WITHOUT_SUM);
    request.access = ACCESS_STORE;
    expect(request, leaf0(page), WALK_USER_PAGE_WITHOUT_SUM);
    request.sum = true;
    expect(request, leaf0(page), WALK_OK);
    request.access = ACCESS_FETCH;
    expect(request, leaf0(page), WALK_FETCH_FROM_USER_PAGE);
    request.sum = false;
    expect(request, leaf0(page), WALK_FETCH_FROM_USER_PAGE);
}

Test(walk, u_mode_sees_user_pages_alone_whatever_sum_says) {
    for (unsigned access = ACCESS_FETCH; access <= ACCESS_STORE; access++) {
        for (unsigned sum = 0; sum <= 1; sum++) {
            struct walk_request request = load();
            request.privilege = PRIV_U;
            request.access = (enum access)access;
            request.sum = sum;
            expect(request, leaf0(PAGE(TARGET) | V | RWX | U | AD), WALK_OK);
            expect(request, leaf0(PAGE(TARGET) | V | RWX | AD), WALK_SUPERVISOR_PAGE);
        }
    }
}

Test(walk, r_w_and_x_allow_what_they_say) {
    static const struct {
        uint64_t bits;
        enum walk_reason fetch, load, store;
    } rights[] = {
        {R, WALK_NO_EXECUTE, WALK_OK, WALK_NO_WRITE},
        {RW, WALK_NO_EXECUTE, WALK_OK, WALK_OK},
        {X, WALK_OK, WALK_NO_READ, WALK_NO_WRITE},
        {R | X, WALK_OK, WALK_OK, WALK_NO_WRITE},
        {RWX, WALK_OK, WALK_OK, WALK_OK},
    };
    for (unsigned i = 0; i < sizeof rights / sizeof rights[0]; i++) {
        struct walk_request request = load();
        const uint64_t page = PAGE(TARGET) | V | AD | rights[i].bits;
        expect(request, leaf0(page), rights[i].load);
        request.access = ACCESS_FETCH;
        expect(request, leaf0(page), rights[i].fetch);
        request.access = ACCESS_STORE;
        expect(request, leaf0(page), rights[i].store);
    }
}

Test(walk, mxr_makes_executable_pages_readable_and_nothing_else) {
    struct walk_request request = load();
    request.mxr = true;
    expect(request, leaf0(PAGE(TARGET) | V | X | AD), WALK_OK);
    request.access = ACCESS_STORE;
    expect(request, leaf0(PAGE(TARGET) | V | X | AD), WALK_NO_WRITE);
    request.access = ACCESS_FETCH;
    expect(request, leaf0(PAGE(TARGET) | V | R | AD), WALK_NO_EXECUTE);
}

Test(walk, a_superpage_is_aligned_to_its_size) {
    for (unsigned bit = PAGE_SHIFT; bit < 30; bit++) {
        const uint64_t page = PAGE(TARGET ^ UINT64_C(1) << bit) | V | R | A;
        bool in_2_mib = bit < 21;
        if (in_2_mib) expect(load(), leaf1(page), WALK_MISALIGNED_SUPERPAGE);
        if (!in_2_mib) expect(load(), leaf1(page), WALK_OK);
        expect(load(), leaf2(page), WALK_MISALIGNED_SUPERPAGE);
        expect(load(), leaf0(page), WALK_OK);
    }
}

Test(walk, permission_is_looked_at_before_alignment_and_both_before_a) {
    struct walk_request request = load();
    request.update_ad = false;
    expect(request, leaf1(PAGE(TARGET + 0x1000) | V | X), WALK_NO_READ);
    expect(request, leaf1(PAGE(TARGET + 0x1000) | V | R), WALK_MISALIGNED_SUPERPAGE);
    expect(request, leaf1(PAGE(TARGET) | V | R), WALK_ACCESSED_CLEAR);
}

Test(walk, what_is_reserved_is_looked_at_before_permission) {
    expect(load(), leaf0(PAGE(TARGET) | V | X | U | UINT64_C(1) << 54), WALK_RESERVED_BITS);
    expect(load(), leaf0(PAGE(TARGET) | V | X | U | N), WALK_NAPOT_RESERVED);
}

// --- The cause follows from the reason -----------------------------------------------------------

Test(walk, causes_are_of_the_kind_of_the_rule_and_of_the_access) {
    cr_expect_eq(walk_cause(WALK_INVALID, ACCESS_FETCH), 12);
    cr_expect_eq(walk_cause(WALK_INVALID, ACCESS_LOAD), 13);
    cr_expect_eq(walk_cause(WALK_INVALID, ACCESS_STORE), 15);
    cr_expect_eq(walk_cause(WALK_NON_CANONICAL, ACCESS_LOAD), 13);
    cr_expect_eq(walk_cause(WALK_TABLE_PMP, ACCESS_FETCH), 1);
    cr_expect_eq(walk_cause(WALK_TABLE_OUTSIDE_MEMORY, ACCESS_LOAD), 5);
    cr_expect_eq(walk_cause(WALK_TABLE_UPDATE_DENIED, ACCESS_STORE), 7);
    cr_expect_eq(walk_cause(WALK_MISALIGNED_ATOMIC, ACCESS_LOAD), 4);
    cr_expect_eq(walk_cause(WALK_MISALIGNED_ATOMIC, ACCESS_STORE), 6);
}

Test(walk, every_reason_has_a_name_and_a_text) {
    for (unsigned r = 0; r < WALK_REASONS; r++) {
        const struct walk_reason_row *row = walk_reason_row((enum walk_reason)r);
        cr_expect(row->name && row->name[0] && row->text && row->text[0], "reason %u", r);
        cr_expect(r == WALK_OK || row->section[0], "%s names its section", row->name);
    }
}

// --- Drawn tables against the manual's text ------------------------------------------------------

enum { DRAWS = 1000000 };

// A PTE that mostly makes sense where it is read: pointers more often than leaves, reserved bits
// seldom, addresses aligned in half of the cases.
static uint64_t draw_pte(uint64_t *state) {
    if (one_in(state, 50)) return draw(state);
    uint64_t pte = draw(state) & (PTE_PPN | PTE_G | 3u << 8);
    const uint64_t low_bits[] = {0, 0xff8, 0x1ff, 0x3ffff, 0xf};
    pte &= ~(low_bits[draw_below(state, 5)] << PTE_PPN_SHIFT);
    if (one_in(state, 8)) pte |= N;
    if (one_in(state, 3)) pte |= UINT64_C(8) << PTE_PPN_SHIFT;
    if (one_in(state, 8)) pte |= PBMT(draw_below(state, 4));
    if (one_in(state, 40)) pte |= UINT64_C(1) << (54 + draw_below(state, 7));
    if (!one_in(state, 20)) pte |= V;
    if (one_in(state, 2)) return one_in(state, 20) ? pte | (draw(state) & (U | AD)) : pte;
    pte |= draw(state) & (RWX | U | AD);
    if (pte & W && !one_in(state, 20)) pte |= R;
    return pte;
}

// A memory full of PTEs: what stands at an address follows from it and from the case's number.
static enum walk_reason read_drawn(void *context, uint64_t pa, uint64_t *pte) {
    uint64_t state = *(const uint64_t *)context ^ mix(pa);
    if (one_in(&state, 60)) return WALK_TABLE_OUTSIDE_MEMORY;
    if (one_in(&state, 60)) return WALK_TABLE_PMP;
    *pte = draw_pte(&state);
    return WALK_OK;
}

static struct walk_request draw_request(uint64_t *state) {
    uint64_t va = draw(state);
    if (!one_in(state, 20)) va = (uint64_t)((int64_t)(va << 25) >> 25);
    return (struct walk_request){.va = va,
                                 .access = (enum access)draw_below(state, 3),
                                 .privilege = (enum privilege)draw_below(state, 2),
                                 .root = (draw(state) & PTE_PPN) << 2,
                                 .sum = one_in(state, 2),
                                 .mxr = one_in(state, 2),
                                 .update_ad = one_in(state, 2),
                                 .pbmt = one_in(state, 2),
                                 .napot = !one_in(state, 4)};
}

Test(walk, agrees_with_the_manual_on_drawn_tables) {
    unsigned reached[WALK_REASONS] = {0}, levels[SV39_LEVELS] = {0}, differing = 0;
    uint64_t state = 39;
    for (unsigned i = 0; i < DRAWS && differing < 10; i++) {
        struct walk_request request = draw_request(&state);
        uint64_t memory = draw(&state);
        struct walk_result w = sv39_walk(&request, read_drawn, &memory);
        struct manual_result m = manual_walk(&request, read_drawn, &memory);
        bool same = w.reason == m.reason && w.steps == m.reads;
        if (w.reason == WALK_OK) {
            same = same && w.pa == m.pa && w.new_pte == m.pte && (int)w.level == m.i;
            levels[w.level]++;
        }
        cr_expect(same, "case %u, va %#lx, pte %#lx: %s %#lx, should be %s %#lx", i, request.va,
                  w.pte, walk_reason_row(w.reason)->name, w.pa, walk_reason_row(m.reason)->name,
                  m.pa);
        differing += !same;
        reached[w.reason]++;
    }
    // The draws are worth something only if they reach every rule.
    for (unsigned r = WALK_OK; r <= WALK_DIRTY_CLEAR; r++) {
        cr_expect_gt(reached[r], 100, "%s was reached %u times",
                     walk_reason_row((enum walk_reason)r)->name, reached[r]);
    }
    for (unsigned l = 0; l < SV39_LEVELS; l++) cr_expect_gt(levels[l], 100, "level %u", l);
}
