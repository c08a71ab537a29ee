// SPDX-License-Identifier: MIT
// Translation contexts and their keys, fences, and translation itself: TLB, then walk (see mmu.h).
// The accesses made with a translation are in mmu/access.c.
#include "mmu/mmu.h"

#include <string.h>

#include "mmu/translate.h"

void mmu_init(struct mmu *m, struct phys *phys) {
    memset(m, 0, sizeof *m);
    m->phys = phys;
    m->granule_shift = PAGE_SHIFT;
    mmu_reset(m);
}

void mmu_reset(struct mmu *m) {
    m->napot_seen = false;
    m->walk_va = UINT64_MAX;
    pmp_reset(&m->pmp);
    tlb_reset(&m->tlb);
    m->context = (struct mmu_context){.fetch_privilege = PRIV_M, .data_privilege = PRIV_M};
    mmu_forget(m);
}

// --- Contexts
// ---------------------------------------------------------------------------------------

static bool translates(uint64_t satp, unsigned privilege) {
    return privilege != PRIV_M && satp >> 60 == SATP_SV39;
}

static uint16_t satp_asid(uint64_t satp) { return (uint16_t)(satp >> 44); }

static uint64_t satp_root(uint64_t satp) {
    return (satp & ((UINT64_C(1) << 44) - 1)) << PAGE_SHIFT;
}

static bool same_context(const struct mmu_context *a, const struct mmu_context *b) {
    return a->satp == b->satp && a->fetch_privilege == b->fetch_privilege &&
           a->data_privilege == b->data_privilege && a->sum == b->sum && a->mxr == b->mxr &&
           a->update_ad == b->update_ad && a->pbmt == b->pbmt && a->napot == b->napot;
}

// What of a context matters to loads and stores, and what to fetches: contexts that differ only in
// the rest share a key.
static struct mmu_context data_part(struct mmu_context c) {
    c.fetch_privilege = 0;
    if (translates(c.satp, c.data_privilege)) return c;
    return (struct mmu_context){.data_privilege = c.data_privilege};
}

static struct mmu_context fetch_part(struct mmu_context c) {
    c.data_privilege = 0;
    c.sum = c.mxr = false;
    if (translates(c.satp, c.fetch_privilege)) return c;
    return (struct mmu_context){.fetch_privilege = c.fetch_privilege};
}

static struct key_slot *find_slot(struct key_slot slot[KEY_SLOTS], const struct mmu_context *c) {
    for (unsigned i = 0; i < KEY_SLOTS; i++) {
        if (slot[i].key && same_context(&slot[i].context, c)) return &slot[i];
    }
    return NULL;
}

static void forget_data(struct mmu *m) {
    memset(m->data_slot, 0, sizeof m->data_slot);
    m->superpages_seen = (struct gib_set){0};
}

// A key has the bits between an access's alignment and the granule's number.
static uint64_t last_key(const struct mmu *m) {
    return (UINT64_C(1) << (m->granule_shift - KEY_SHIFT)) - 1;
}

static void forget_fetch(struct mmu *m) {
    memset(m->fetch_slot, 0, sizeof m->fetch_slot);
    memset(m->fetch_pages_seen, 0, sizeof m->fetch_pages_seen);
    m->fetch_superpages_seen = (struct gib_set){0};
}

static void empty_table(void *table, size_t size, uint64_t *used) {
    const size_t part = size / 64;
    for (; *used; *used &= *used - 1) {
        memset((char *)table + (unsigned)__builtin_ctzll(*used) * part, 0, part);
    }
}

static void empty_tables(struct mmu *m) {
    empty_table(m->load, sizeof m->load, &m->load_used);
    empty_table(m->store, sizeof m->store, &m->store_used);
    empty_table(m->load_page, sizeof m->load_page, &m->load_page_used);
    empty_table(m->store_page, sizeof m->store_page, &m->store_page_used);
}

static void choose_data_key(struct mmu *m) {
    struct mmu_context part = data_part(m->context);
    struct key_slot *slot = find_slot(m->data_slot, &part);
    if (!slot) {
        if (m->last_data_key == last_key(m)) {
            // All numbers were used: start again with empty tables.
            empty_tables(m);
            m->last_data_key = 0;
            forget_data(m);
        }
        slot = &m->data_slot[m->next_data_slot++ % KEY_SLOTS];
        *slot = (struct key_slot){.context = part, .key = ++m->last_data_key};
    }
    m->data_now = slot;
    m->data_key = slot->key << KEY_SHIFT;
}

static void choose_fetch_key(struct mmu *m) {
    struct mmu_context part = fetch_part(m->context);
    struct key_slot *slot = find_slot(m->fetch_slot, &part);
    if (!slot) {
        slot = &m->fetch_slot[m->next_fetch_slot++ % KEY_SLOTS];
        *slot = (struct key_slot){.context = part, .key = ++m->last_fetch_key};
    }
    m->fetch_now = slot;
    m->fetch_key = slot->key;
}

void mmu_set_context(struct mmu *m, const struct mmu_context *context) {
    if (same_context(&m->context, context)) return;
    m->context = *context;
    choose_data_key(m);
    choose_fetch_key(m);
}

void mmu_set_granule(struct mmu *m, unsigned shift) {
    m->granule_shift = shift;
    empty_tables(m);
    m->last_data_key = 0;
    mmu_forget(m);
}

static void forget_entry(struct access_entry *e, uint64_t va, unsigned shift) {
    if ((e->tag ^ va) >> shift == 0) e->tag = 0;
}

void mmu_forget_granule(struct mmu *m, uint64_t va) {
    forget_entry(load_entry(m, va), va, m->granule_shift);
    forget_entry(store_entry(m, va), va, m->granule_shift);
}

bool mmu_is_uniform(const struct mmu *m, uint64_t pa, uint64_t len) {
    return phys_find_memory(m->phys, pa, len) && pmp_is_uniform(&m->pmp, pa, len);
}

bool mmu_is_ram(const struct mmu *m, uint64_t pa) {
    const struct phys_memory *memory = phys_find_memory(m->phys, pa, 1);
    return memory && memory->writable;
}

bool mmu_translates_data(const struct mmu *m) {
    return translates(m->context.satp, m->context.data_privilege);
}

bool mmu_translates_fetch(const struct mmu *m) {
    return translates(m->context.satp, m->context.fetch_privilege);
}

uint16_t mmu_asid(const struct mmu *m) { return satp_asid(m->context.satp); }

void mmu_forget(struct mmu *m) {
    forget_data(m);
    forget_fetch(m);
    choose_data_key(m);
    choose_fetch_key(m);
}

// --- Fences
// -----------------------------------------------------------------------------------------

// Code is found again by address without asking here for as long as fetch_key stays. That must end
// only if code may have been fetched from the page at va.
static void forget_code(struct mmu *m, uint64_t va) {
    bool seen = (m->fetch_pages_seen[fetch_page_word(va)] & fetch_page_bit(va)) != 0;
    if (seen || gib_has(&m->fetch_superpages_seen, va)) forget_fetch(m);
}

static void forget_address(struct mmu *m, uint64_t va) {
    forget_code(m, va);
    if (gib_has(&m->superpages_seen, va)) {
        forget_data(m); // pieces of the page at va may stand in any entry
        return;
    }
    uint64_t granule = UINT64_C(1) << m->granule_shift, page = va & ~PAGE_MASK;
    for (uint64_t at = page; at < page + PAGE_SIZE; at += granule) {
        load_entry(m, at)->tag = 0;
        store_entry(m, at)->tag = 0;
    }
    const uint64_t index = (va >> PAGE_SHIFT) % PAGE_TABLE_SIZE;
    m->load_page[index].tag = m->store_page[index].tag = 0;
}

// What an ASID's contexts know by global pages alone stays: "the fence is ordered for the ASID
// except for global mappings".
static void forget_space(struct key_slot slot[KEY_SLOTS], uint16_t asid) {
    for (unsigned i = 0; i < KEY_SLOTS; i++) {
        if (slot[i].local && satp_asid(slot[i].context.satp) == asid) slot[i].key = 0;
    }
}

// The address stands for its whole page. A 64 KiB Svnapot page was cut into 4 KiB pieces, so where
// one was ever seen all the pieces that may be its neighbours go.
static void fence_address(struct mmu *m, uint64_t va, bool any_asid, uint16_t asid) {
    unsigned pieces = m->napot_seen ? 16 : 1;
    if (m->napot_seen) va &= ~(pieces * PAGE_SIZE - 1);
    for (unsigned i = 0; i < pieces; i++, va += PAGE_SIZE) {
        tlb_flush(&m->tlb, false, va, any_asid, asid);
        forget_address(m, va);
    }
}

void mmu_fence(struct mmu *m, bool all, uint64_t va, bool any_asid, uint16_t asid) {
    m->stats.fences++;
    if (!all) {
        fence_address(m, va, any_asid, asid);
    } else if (any_asid) {
        tlb_flush(&m->tlb, true, 0, true, 0);
        forget_data(m);
        forget_fetch(m);
    } else {
        tlb_flush(&m->tlb, true, 0, false, asid);
        forget_space(m->data_slot, asid);
        forget_space(m->fetch_slot, asid);
    }
    choose_data_key(m);
    choose_fetch_key(m);
    if (m->observer && m->observer->fenced) {
        m->observer->fenced(m->observer->context, all, va, any_asid, asid);
    }
}

// --- Translation
// ------------------------------------------------------------------------------------

static enum walk_reason read_pte(void *context, uint64_t pa, uint64_t *pte) {
    struct mmu *m = context;
    if (!pmp_allows(&m->pmp, pa, sizeof *pte, ACCESS_LOAD, PRIV_S)) return WALK_TABLE_PMP;
    const uint8_t *host = phys_host(m->phys, pa, sizeof *pte);
    if (!host) return WALK_TABLE_OUTSIDE_MEMORY;
    memcpy(pte, host, sizeof *pte);
    return WALK_OK;
}

struct walk_result mmu_probe(struct mmu *m, const struct walk_request *request) {
    return sv39_walk(request, read_pte, m);
}

bool mmu_request(const struct mmu *m, uint64_t va, enum access access,
                 struct walk_request *request) {
    const struct mmu_context *c = &m->context;
    const enum privilege privilege =
        access == ACCESS_FETCH ? c->fetch_privilege : c->data_privilege;
    *request = (struct walk_request){.va = va,
                                     .access = access,
                                     .privilege = privilege,
                                     .root = satp_root(c->satp),
                                     .sum = c->sum,
                                     .mxr = c->mxr,
                                     .update_ad = c->update_ad,
                                     .pbmt = c->pbmt,
                                     .napot = c->napot};
    return translates(c->satp, privilege);
}

bool mmu_peek(struct mmu *m, uint64_t va, enum access access, uint64_t *pa) {
    struct walk_request request;
    *pa = va;
    if (!mmu_request(m, va, access, &request)) return true;
    const struct tlb_entry *e = tlb_find(&m->tlb, va, satp_asid(m->context.satp));
    if (e && sv39_check_leaf(&request, e->pte, e->level) == WALK_OK) {
        *pa = sv39_leaf_address(e->pte, e->level, va);
        return true;
    }
    const struct walk_result walk = mmu_probe(m, &request);
    *pa = walk.pa;
    return walk.reason == WALK_OK;
}

static bool write_pte(struct mmu *m, uint64_t pa, uint64_t pte) {
    m->stats.ad_updates++;
    return pmp_allows(&m->pmp, pa, sizeof pte, ACCESS_STORE, PRIV_S) &&
           phys_write(m->phys, pa, sizeof pte, pte);
}

// Walks the page table for request, sets A and D where the hart does that, and fills the TLB.
static const struct walk_result *walk(struct mmu *m, const struct walk_request *request) {
    struct walk_result *result = &m->last_walk;
    *result = sv39_walk(request, read_pte, m);
    m->walk_va = request->va;
    m->walk_access = request->access;
    m->stats.walks++;
    m->stats.pte_reads += result->steps;
    if (result->reason == WALK_OK && result->new_pte != result->pte &&
        !write_pte(m, result->pte_addr, result->new_pte)) {
        result->reason = WALK_TABLE_UPDATE_DENIED;
    }
    const struct observer *o = m->observer;
    if (o && o->walk) o->walk(o->context, request, result);
    if (result->reason != WALK_OK) return result;
    // A 64 KiB page is kept as 4 KiB pieces: the low PPN bits come from the address, not the PTE.
    bool napot = result->level == 0 && (result->new_pte & PTE_N);
    uint64_t pte = result->new_pte;
    if (napot) {
        m->napot_seen = true;
        pte &= ~(PTE_PPN | PTE_N);
        pte |= result->pa >> PAGE_SHIFT << PTE_PPN_SHIFT;
    }
    struct tlb_entry evicted;
    struct tlb_entry *e = tlb_fill(&m->tlb, request->va, satp_asid(m->context.satp), pte,
                                   result->pte_addr, result->level, &evicted);
    if (o && o->tlb_evicted && (evicted.pte & PTE_V)) o->tlb_evicted(o->context, &evicted);
    if (o && o->tlb_filled) o->tlb_filled(o->context, e);
    return result;
}

bool mmu_fail(struct mmu *m, uint64_t va, enum access access, enum walk_reason reason) {
    m->fault = (struct mmu_fault){
        .reason = reason, .access = access, .cause = walk_cause(reason, access), .tval = va};
    const struct observer *o = m->observer;
    if (o && o->fault) o->fault(o->context, va, &m->fault);
    return false;
}

struct walk_result mmu_probe_access(struct mmu *m, uint64_t va, enum access access) {
    struct walk_request request;
    (void)mmu_request(m, va, access, &request);
    return mmu_probe(m, &request);
}

const struct walk_result *mmu_last_walk(const struct mmu *m, uint64_t va, enum access access) {
    return m->walk_va == va && m->walk_access == access ? &m->last_walk : NULL;
}

bool mmu_translate(struct mmu *m, uint64_t va, enum access access, struct translation *t) {
    struct walk_request request;
    bool translated = mmu_request(m, va, access, &request);
    t->privilege = request.privilege;
    t->level = 0;
    t->local = false;
    t->pa = va;
    if (!translated) return true;
    struct tlb_entry *e = tlb_find(&m->tlb, va, satp_asid(m->context.satp));
    bool dirtied = access != ACCESS_STORE || (e && (e->pte & PTE_D));
    // An entry that does not allow the access may be out of date: memory is asked before a fault is
    // raised, as the manual permits (a TLB may drop any entry at any time).
    if (e && dirtied && sv39_check_leaf(&request, e->pte, e->level) == WALK_OK) {
        m->stats.tlb_hits++;
        e->hits++;
        e->used = m->stats.tlb_hits;
        t->level = e->level;
        t->local = !(e->pte & PTE_G);
        t->pa = sv39_leaf_address(e->pte, e->level, va);
        return true;
    }
    m->stats.tlb_misses++;
    const struct walk_result *result = walk(m, &request);
    if (result->reason != WALK_OK) {
        (void)mmu_fail(m, va, access, result->reason);
        m->failed_walk = (struct failed_walk){request, *result};
        m->fault.walked = true;
        return false;
    }
    t->level = result->level;
    t->local = !(result->pte & PTE_G);
    t->pa = result->pa;
    return true;
}
