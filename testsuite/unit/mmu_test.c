// SPDX-License-Identifier: MIT
// The MMU between its layers: what a change of context, a fence and a reset forget, and what
// questions from outside find. Translation itself is walk_test.c's and tlb_test.c's.
#include "testsuite/unit/mmu_bench.h"

Test(mmu, contexts_come_and_go) {
    struct bench *b = start();
    struct mmu_context c = context(ROOT);
    const struct mmu_context other = context(OTHER);
    cr_expect_eq(byte_of(b, 0x1000), 2);
    mmu_set_context(&b->m, &other);
    mmu_fence(&b->m, true, 0, true, 0); // the same ASID
    cr_expect_eq(byte_of(b, 0x1000), 10);
    mmu_set_context(&b->m, &c);
    mmu_fence(&b->m, true, 0, true, 0);
    cr_expect_eq(byte_of(b, 0x1000), 2);
    // Each field of a context makes it another one.
    const uint64_t key = b->m.data_key;
    mmu_set_context(&b->m, &c);
    cr_expect_eq(b->m.data_key, key, "the same context has the same key");
    for (unsigned field = 0; field < 8; field++) {
        c = context(ROOT);
        c.satp ^= (uint64_t)(field == 0) << 44;
        c.data_privilege = field == 1 ? PRIV_S : PRIV_U;
        c.sum = field == 2, c.mxr = field == 3, c.pbmt = field == 4;
        if (field == 5) c.update_ad = false;
        if (field == 6) c.napot = false;
        if (field == 7) c.satp ^= 1;
        mmu_set_context(&b->m, &c);
        cr_expect_neq(b->m.data_key, key, "field %u", field);
    }
    end(b);
}

// A fence for an address is seen at once, whatever the fast tables knew; and so is one for all.
Test(mmu, fences_are_seen) {
    for (unsigned all = 0; all < 2; all++) {
        struct bench *b = start();
        uint64_t pa;
        bool whole;
        for (unsigned i = 0; i < 8; i++) cr_expect_eq(byte_of(b, i * PAGE_SIZE), i + 1);
        const uint64_t key = b->m.fetch_key;
        cr_assert(mmu_fetch(&b->m, 0x3000, &pa, &whole) && pa == page_at(DATA + 3) && whole);
        put(b, LAST, 3, DATA + 9, ALL);
        mmu_fence(&b->m, all, 0x3008, false, 0);
        cr_expect_eq(byte_of(b, 0x3000), 10);
        cr_expect_eq(byte_of(b, 0x4000), 5);
        cr_expect_neq(b->m.fetch_key, key, "code may be elsewhere now");
        cr_assert(mmu_fetch(&b->m, 0x3000, &pa, &whole) && pa == page_at(DATA + 9));
        cr_expect_eq(b->m.stats.fences, 1);
        end(b);
    }
}

// The pieces of a superpage stand in many entries of the fast tables: a fence takes them all.
Test(mmu, a_fence_takes_a_whole_superpage) {
    struct bench *b = start();
    put(b, MIDDLE, 1, 0, ALL); // 2 MiB at 0x200000; RAM's beginning is aligned
    cr_expect_eq(byte_of(b, 0x200000 + DATA * PAGE_SIZE), 1);
    cr_expect_eq(byte_of(b, 0x200000 + (DATA + 5) * PAGE_SIZE), 6);
    put(b, MIDDLE, 1, 0, 0);
    mmu_fence(&b->m, false, 0x200000, false, 0);
    cr_expect_eq(byte_of(b, 0x200000 + DATA * PAGE_SIZE), 0);
    cr_expect_eq(byte_of(b, 0x200000 + (DATA + 5) * PAGE_SIZE), 0);
    end(b);
}

Test(mmu, reset_forgets) {
    struct bench *b = start();
    const struct mmu_context c = context(ROOT);
    cr_expect_eq(byte_of(b, 0x1000), 2);
    put(b, LAST, 1, DATA + 9, ALL);
    mmu_reset(&b->m);
    pmp_write_addr(&b->m.pmp, 0, UINT64_MAX >> 10);
    pmp_write_cfg(&b->m.pmp, 0, 0x1f);
    mmu_set_context(&b->m, &c);
    cr_expect_eq(byte_of(b, 0x1000), 10);
    end(b);
}

// Whatever was there before.
Test(mmu, starts_and_restarts_in_m_mode) {
    struct bench *b = start();
    uint64_t pa = 0;
    bool whole;
    memset(&b->m, 0x5a, sizeof b->m);
    mmu_init(&b->m, &b->phys);
    for (unsigned round = 0; round < 2; round++) {
        cr_expect(b->m.context.satp == 0 && b->m.context.data_privilege == PRIV_M);
        cr_expect(!b->m.observer && !b->m.napot_seen && b->m.stats.walks == round);
        cr_expect_null(mmu_last_walk(&b->m, UINT64_C(0x5a5a5a5a5a5a5a5a), ACCESS_LOAD));
        cr_assert(mmu_fetch(&b->m, RAM + 8, &pa, &whole) && pa == RAM + 8 && whole);
        cr_expect_eq(byte_of(b, page_at(DATA)), 1);
        cr_expect_eq(byte_of(b, 0x1000), 0, "nothing is translated");
        const struct mmu_context c = context(ROOT);
        mmu_set_context(&b->m, &c);
        cr_expect_eq(byte_of(b, 0x1000), 0, "PMP denies all");
        b->m.napot_seen = true;
        mmu_reset(&b->m);
    }
    end(b);
}

// Loads and stores do not care how code is fetched, nor fetches how data are accessed.
Test(mmu, keys_are_shared) {
    struct bench *b = start();
    const uint64_t data = b->m.data_key, fetch = b->m.fetch_key;
    for (unsigned field = 0; field < 4; field++) {
        struct mmu_context c = context(ROOT);
        c.fetch_privilege = field == 0 ? PRIV_M : field == 1 ? PRIV_S : PRIV_U;
        c.data_privilege = field == 2 ? PRIV_S : PRIV_U;
        c.sum = c.mxr = field == 3;
        mmu_set_context(&b->m, &c);
        cr_expect_eq(b->m.data_key == data, field < 2, "field %u", field);
        cr_expect_eq(b->m.fetch_key == fetch, field >= 2, "field %u", field);
    }
    end(b);
}

// Code in a superpage: a fence for any of its addresses concerns it.
Test(mmu, a_fence_for_a_superpage_concerns_its_code) {
    struct bench *b = start();
    uint64_t pa;
    bool whole;
    put(b, MIDDLE, 1, 0, ALL);
    cr_assert(mmu_fetch(&b->m, 0x200000 + DATA * PAGE_SIZE, &pa, &whole));
    const uint64_t key = b->m.fetch_key;
    mmu_fence(&b->m, false, 0x3ff000, true, 0);
    cr_expect_neq(b->m.fetch_key, key);
    end(b);
}

Test(mmu, what_is_uniform) {
    struct bench *b = start();
    cr_expect(mmu_is_uniform(&b->m, RAM, RAM_BYTES));
    cr_expect_not(mmu_is_uniform(&b->m, RAM + RAM_BYTES - 4, 8));
    cr_expect_not(mmu_is_uniform(&b->m, 0x1000, 8));
    pmp_write_addr(&b->m.pmp, 0, (RAM + 0x1000) >> 2);
    pmp_write_cfg(&b->m.pmp, 0, 0x0f); // top of range
    cr_expect(mmu_is_uniform(&b->m, RAM, 0x1000));
    cr_expect_not(mmu_is_uniform(&b->m, RAM + 0xffc, 8));
    cr_expect(mmu_is_ram(&b->m, RAM));
    cr_expect_not(mmu_is_ram(&b->m, RAM + RAM_BYTES));
    end(b);
}

Test(mmu, questions_change_nothing) {
    struct bench *b = start();
    const struct mmu_stats before = b->m.stats;
    uint64_t pa;
    cr_expect(mmu_peek(&b->m, 0x2008, ACCESS_LOAD, &pa) && pa == page_at(DATA + 2) + 8);
    cr_expect_not(mmu_peek(&b->m, UINT64_C(1) << 30, ACCESS_LOAD, &pa));
    const struct walk_result r = mmu_probe_access(&b->m, 0x2008, ACCESS_STORE);
    cr_expect(r.reason == WALK_OK && r.pa == page_at(DATA + 2) + 8);
    cr_expect_eq(memcmp(&before, &b->m.stats, sizeof before), 0);
    // From the TLB, where it is; and M-mode does not translate.
    cr_expect_eq(byte_of(b, 0x2000), 3);
    put(b, LAST, 2, DATA + 9, ALL);
    cr_expect(mmu_peek(&b->m, 0x2000, ACCESS_LOAD, &pa) && pa == page_at(DATA + 2));
    struct mmu_context c = context(ROOT);
    c.data_privilege = PRIV_M;
    mmu_set_context(&b->m, &c);
    cr_expect(mmu_peek(&b->m, 0x2000, ACCESS_LOAD, &pa) && pa == 0x2000);
    cr_expect_not(mmu_translates_data(&b->m));
    end(b);
}

// Keys are few, and are given out again: what the fast tables knew under a key's first use is gone
// by then. Each round is a space of its own, in which the same address is another page.
static void use_up_keys(unsigned granule_shift, unsigned regions) {
    struct bench *b = start();
    const unsigned keys = (1u << (granule_shift - KEY_SHIFT)) - 1;
    if (granule_shift != PAGE_SHIFT) mmu_set_granule(&b->m, granule_shift);
    for (unsigned region = 1; region < 64; region++) put(b, MIDDLE, region, LAST, PTE_V);
    for (unsigned i = 0; i < 4 * keys; i++) {
        struct mmu_context c = context(ROOT);
        c.satp |= (uint64_t)(i + 1) << 44;
        for (unsigned page = 0; page < 32; page++) put(b, LAST, page, DATA + i % 8, ALL);
        mmu_set_context(&b->m, &c);
        const uint64_t va =
            i % keys % regions * UINT64_C(0x200000) + i % keys / regions * PAGE_SIZE;
        cr_expect_eq(byte_of(b, va), i % 8 + 1, "round %u", i);
        cr_assert(mmu_store(&b->m, va + 64, 2, i));
        cr_assert(mmu_store(&b->m, va + 64, 2, i));
        uint16_t stored;
        memcpy(&stored, b->ram + (DATA + i % 8) * PAGE_SIZE + 64, sizeof stored);
        cr_expect_eq(stored, i);
    }
    end(b);
}

Test(mmu, keys_are_used_again) {
    use_up_keys(PAGE_SHIFT, 64); // all of the table for loads
    use_up_keys(PAGE_SHIFT, 16); // and of the one for stores
    use_up_keys(6, 16);
}

// What a clock, whose tables keep lines, asks of an access: whether they knew it, where it went.
Test(mmu, accesses_are_described) {
    struct bench *b = start();
    mmu_set_granule(&b->m, 6);
    (void)byte_of(b, 0x3010);
    cr_expect(!b->m.seen.table_hit && b->m.seen.translated && b->m.seen.ram);
    cr_expect_eq(b->m.seen.pa, page_at(DATA + 3) + 0x10);
    cr_expect_not_null(mmu_last_walk(&b->m, 0x3010, ACCESS_LOAD));
    (void)byte_of(b, 0x3010);
    cr_expect(b->m.seen.table_hit);
    // Another line of a page that is known: it took no walk.
    (void)byte_of(b, 0x3050);
    cr_expect(!b->m.seen.table_hit && b->m.seen.pa == page_at(DATA + 3) + 0x50);
    cr_expect_null(mmu_last_walk(&b->m, 0x3050, ACCESS_LOAD));
    cr_expect_null(mmu_last_walk(&b->m, 0x3010, ACCESS_LOAD));
    const uint64_t misses = b->m.stats.table_misses;
    (void)byte_of(b, 0x3050);
    cr_expect(b->m.seen.table_hit && b->m.stats.table_misses == misses);
    cr_assert(mmu_store(&b->m, 0x3010, 1, 0));
    cr_expect_not(b->m.seen.table_hit);
    cr_assert(mmu_store(&b->m, 0x3010, 1, 0));
    cr_expect(b->m.seen.table_hit);
    end(b);
}

struct seen {
    unsigned walks, fills, evictions, fences, faults;
    struct walk_request request;
    struct walk_result result;
    struct tlb_entry filled, evicted;
    struct mmu_fault fault;
    uint64_t fault_va, fence_va;
    bool fence_all, fence_any;
    uint16_t fence_asid;
};

static void saw_walk(void *context, const struct walk_request *request,
                     const struct walk_result *result) {
    struct seen *s = context;
    s->walks++, s->request = *request, s->result = *result;
}
static void saw_fill(void *context, const struct tlb_entry *entry) {
    struct seen *s = context;
    s->fills++, s->filled = *entry;
}
static void saw_eviction(void *context, const struct tlb_entry *entry) {
    struct seen *s = context;
    s->evictions++, s->evicted = *entry;
}
static void saw_fence(void *context, bool all, uint64_t va, bool any_asid, uint16_t asid) {
    struct seen *s = context;
    s->fences++, s->fence_all = all, s->fence_va = va, s->fence_any = any_asid;
    s->fence_asid = asid;
}
static void saw_fault(void *context, uint64_t va, const struct mmu_fault *fault) {
    struct seen *s = context;
    s->faults++, s->fault_va = va, s->fault = *fault;
}

Test(mmu, observers_see_it_all) {
    struct bench *b = start();
    struct seen s = {0};
    const struct observer observer = {saw_walk, saw_fill, saw_eviction, saw_fence, saw_fault, &s};
    for (unsigned region = 1; region < 8; region++) put(b, MIDDLE, region, LAST, PTE_V);
    b->m.observer = &observer;
    // Pages of one set of the TLB: the fifth takes the place of another.
    for (unsigned i = 0; i <= TLB_WAYS; i++) {
        const uint64_t va = i * UINT64_C(0x200000) + (4 ^ i) * PAGE_SIZE;
        (void)byte_of(b, va);
        (void)byte_of(b, va);
        cr_expect(s.walks == i + 1 && s.fills == i + 1 && s.evictions == (i == TLB_WAYS));
        cr_expect(s.request.va == va && s.request.access == ACCESS_LOAD && s.result.steps == 3);
        cr_expect(s.result.reason == WALK_OK && s.filled.page == va);
    }
    cr_expect(s.evicted.pte & PTE_V && s.evicted.page != s.filled.page);
    cr_expect_null(tlb_find(&b->m.tlb, s.evicted.page, 0));
    uint64_t value;
    cr_expect_not(mmu_load(&b->m, UINT64_C(5) << 30, 4, &value));
    cr_expect(s.walks == TLB_WAYS + 2 && s.fills == TLB_WAYS + 1, "a walk that fills nothing");
    cr_expect(s.result.reason == WALK_INVALID && s.faults == 1);
    cr_expect(s.fault_va == UINT64_C(5) << 30 && s.fault.cause == CAUSE_LOAD_PAGE);
    mmu_fence(&b->m, false, 0x3000, true, 7);
    cr_expect(s.fences == 1 && !s.fence_all && s.fence_any);
    cr_expect(s.fence_va == 0x3000 && s.fence_asid == 7);
    end(b);
}

// Accesses that lie in two pages, which are apart in memory and both well known: each byte from and
// to its own, however often.
Test(mmu, pages_are_apart_in_memory) {
    struct bench *b = start();
    put(b, LAST, 1, DATA + 7, ALL);
    const uint64_t edge[] = {0x1000, 0x2000};
    uint8_t *const page[] = {b->ram + DATA * PAGE_SIZE, b->ram + (DATA + 7) * PAGE_SIZE,
                             b->ram + (DATA + 2) * PAGE_SIZE};
    for (unsigned round = 0; round < 3; round++)
        for (unsigned n = 0; n < 2; n++)
            for (unsigned size = 2; size <= 8; size *= 2)
                for (unsigned low = 0; low <= size; low++) {
                    uint64_t value, expected = 0;
                    const uint64_t written = UINT64_C(0x0123456789abcdef) * (round + 1) + low;
                    for (unsigned i = 0; i < size; i++) {
                        uint8_t *byte =
                            i < low ? page[n] + PAGE_SIZE - low + i : page[n + 1] + i - low;
                        *byte = (uint8_t)(16 * round + 3 * i + n);
                        expected |= (uint64_t)*byte << 8 * i;
                    }
                    cr_assert(mmu_load(&b->m, edge[n] - low, size, &value));
                    cr_expect_eq(value, expected, "%u of %u bytes below 0x%lx", low, size,
                                 (long)edge[n]);
                    cr_assert(mmu_store(&b->m, edge[n] - low, size, written));
                    for (unsigned i = 0; i < size; i++) {
                        const uint8_t *byte =
                            i < low ? page[n] + PAGE_SIZE - low + i : page[n + 1] + i - low;
                        cr_expect_eq(*byte, (uint8_t)(written >> 8 * i));
                    }
                }
    end(b);
}

Test(mmu, faults_say_why) {
    struct bench *b = start();
    uint64_t value;
    const uint64_t far = UINT64_C(5) << 30;
    cr_expect_not(mmu_load(&b->m, far + 4, 4, &value));
    cr_expect(b->m.fault.walked && b->m.fault.reason == WALK_INVALID && b->m.fault.tval == far + 4);
    cr_expect_eq(b->m.failed_walk.request.va, far + 4);
    cr_expect_eq(b->m.stats.walks, 1);
    // A table that is not there: nothing was read of it.
    put(b, ROOT, 6, 4096, PTE_V);
    cr_expect_not(mmu_load(&b->m, UINT64_C(6) << 30, 4, &value));
    cr_expect(b->m.fault.reason == WALK_TABLE_OUTSIDE_MEMORY && b->m.failed_walk.result.pte == 0);
    b->m.stats.walks = 1;
    // PMP denies what the walk has found.
    pmp_write_addr(&b->m.pmp, 0, page_at(DATA) >> 2);
    pmp_write_cfg(&b->m.pmp, 0, 0x0f);
    mmu_forget(&b->m);
    cr_expect_not(mmu_store(&b->m, 0x1000, 8, 1));
    cr_expect(!b->m.fault.walked && b->m.fault.reason == WALK_PMP_DENIED);
    cr_expect_eq(b->m.fault.access, ACCESS_STORE);
    cr_expect_eq(b->m.stats.walks, 2);
    end(b);
}
