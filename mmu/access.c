// SPDX-License-Identifier: MIT
// The accesses that the tables did not serve: loads, stores, atomics, fetches and cache blocks,
// with PMP, devices, and pieces that lie in two pages (see mmu.h).
#include <string.h>

#include "mmu/mmu.h"
#include "mmu/translate.h"

static struct access_entry *table_entry(struct mmu *m, uint64_t va, enum access access) {
    return access == ACCESS_STORE ? store_entry(m, va) : load_entry(m, va);
}

// Host memory for size bytes at va when the table knows the granule and no byte is in the next one.
static uint8_t *table_hit(struct mmu *m, uint64_t va, unsigned size, enum access access) {
    const struct access_entry *e = table_entry(m, va, access);
    uint64_t mask = (UINT64_C(1) << m->granule_shift) - 1;
    if (((va & ~mask) | m->data_key) != e->tag) return NULL;
    if ((va & mask) + size > mask + 1) return NULL;
    m->seen.table_hit = true;
    return (uint8_t *)(uintptr_t)(va + e->offset);
}

// A timing core's: its entries stand for lines, and it asks where an access went.
static bool keeps_lines(const struct mmu *m) { return m->granule_shift != PAGE_SHIFT; }

static struct known_page *known_page(struct mmu *m, uint64_t va, enum access access) {
    struct known_page *table = access == ACCESS_STORE ? m->store_page : m->load_page;
    return &table[(va >> PAGE_SHIFT) % PAGE_TABLE_SIZE];
}

// The access table learns the granule at va.
static void note_granule(struct mmu *m, uint64_t va, enum access access, uint64_t offset) {
    struct access_entry *e = table_entry(m, va, access);
    const uint64_t granule = va >> m->granule_shift << m->granule_shift;
    *e = (struct access_entry){.tag = granule | m->data_key, .offset = offset};
    if (access == ACCESS_STORE) {
        m->store_used |= UINT64_C(1) << (e - m->store) / (STORE_ENTRIES / 64);
    } else {
        m->load_used |= UINT64_C(1) << (e - m->load) / (LOAD_ENTRIES / 64);
    }
}

// Where entries stand for lines: the page at va is known, too.
static void note_page(struct mmu *m, enum access access, const struct known_page *page) {
    struct known_page *p = known_page(m, page->tag, access);
    const bool store = access == ACCESS_STORE;
    *p = *page;
    const size_t index = (size_t)(p - (store ? m->store_page : m->load_page));
    *(store ? &m->store_page_used : &m->load_page_used) |= UINT64_C(1)
                                                           << index / (PAGE_TABLE_SIZE / 64);
}

// Where entries stand for lines: host memory for size bytes at va when its page is known, of which
// the access table then learns the line.
static uint8_t *page_hit(struct mmu *m, uint64_t va, unsigned size, enum access access) {
    if (!keeps_lines(m)) return NULL;
    const struct known_page *p = known_page(m, va, access);
    if (((va & ~PAGE_MASK) | m->data_key) != p->tag) return NULL;
    if ((va & PAGE_MASK) + size > PAGE_SIZE) return NULL;
    note_granule(m, va, access, p->offset);
    m->seen =
        (struct mmu_seen){.pa = va + p->pa, .translated = mmu_translates_data(m), .ram = p->ram};
    m->walk_va = UINT64_MAX;
    return (uint8_t *)(uintptr_t)(va + p->offset);
}

// If every access like this one to the whole page needs no further check, the table learns the
// granule at va.
static void table_learn(struct mmu *m, uint64_t va, enum access access,
                        const struct translation *t) {
    uint64_t page = t->pa & ~PAGE_MASK;
    struct phys_memory *memory = phys_find_memory(m->phys, page, PAGE_SIZE);
    if (!memory || !pmp_allows(&m->pmp, page, PAGE_SIZE, access, t->privilege)) return;
    if (access == ACCESS_STORE && (!memory->writable || phys_has_code(m->phys, page))) return;
    uint8_t *host = memory->host + (page - memory->range.base);
    const uint64_t offset = (uintptr_t)host - (va & ~PAGE_MASK);
    note_granule(m, va, access, offset);
    if (keeps_lines(m)) {
        const struct known_page known = {.tag = (va & ~PAGE_MASK) | m->data_key,
                                         .offset = offset,
                                         .pa = page - (va & ~PAGE_MASK),
                                         .ram = memory->writable};
        note_page(m, access, &known);
    }
    if (t->level > 0) gib_add(&m->superpages_seen, va);
    if (t->local) m->data_now->local = true;
}

// A piece of an access that lies in one page, translated and allowed.
static bool locate(struct mmu *m, uint64_t va, unsigned size, enum access access,
                   struct translation *t) {
    m->walk_va = UINT64_MAX;
    if (!mmu_translate(m, va, access, t)) return false;
    if (!pmp_allows(&m->pmp, t->pa, size, access, t->privilege)) {
        return mmu_fail(m, va, access, WALK_PMP_DENIED);
    }
    if (!keeps_lines(m)) return true;
    m->seen = (struct mmu_seen){
        .pa = t->pa, .translated = mmu_translates_data(m), .ram = mmu_is_ram(m, t->pa)};
    return true;
}

static bool read_piece(struct mmu *m, uint64_t va, unsigned size, const struct translation *t,
                       uint64_t *value) {
    *value = 0;
    const uint8_t *host = phys_host(m->phys, t->pa, size);
    if (host) {
        memcpy(value, host, size);
        table_learn(m, va, ACCESS_LOAD, t);
        return true;
    }
    if (size & (size - 1) || !phys_read(m->phys, t->pa, size, value)) {
        return mmu_fail(m, va, ACCESS_LOAD, WALK_OUTSIDE_MEMORY);
    }
    return true;
}

static bool write_piece(struct mmu *m, uint64_t va, unsigned size, const struct translation *t,
                        uint64_t value) {
    struct phys_memory *memory = phys_find_memory(m->phys, t->pa, size);
    if (memory && memory->writable) {
        memcpy(memory->host + (t->pa - memory->range.base), &value, size);
        phys_wrote(m->phys, t->pa, size);
        table_learn(m, va, ACCESS_STORE, t);
        return true;
    }
    if (size & (size - 1) || !phys_write(m->phys, t->pa, size, value)) {
        return mmu_fail(m, va, ACCESS_STORE, WALK_OUTSIDE_MEMORY);
    }
    return true;
}

// How many of size bytes at va lie in va's page.
static unsigned first_piece(uint64_t va, unsigned size) {
    uint64_t room = PAGE_SIZE - (va & PAGE_MASK);
    return room < size ? (unsigned)room : size;
}

static bool refuses_misaligned(struct mmu *m, uint64_t va, unsigned size, enum access access) {
    if (!(va & (size - 1)) || !m->misaligned_trap) return false;
    return !mmu_fail(m, va, access, WALK_MISALIGNED_ACCESS);
}

// memcpy of size bytes: 1, 2, 4 or 8; of a constant size it is an instruction.
static inline void copy(void *to, const void *from, unsigned size) {
    switch (size) {
    case 1: memcpy(to, from, 1); break;
    case 2: memcpy(to, from, 2); break;
    case 4: memcpy(to, from, 4); break;
    default: memcpy(to, from, 8); break;
    }
}

bool mmu_load(struct mmu *m, uint64_t va, unsigned size, uint64_t *value) {
    if (refuses_misaligned(m, va, size, ACCESS_LOAD)) return false;
    const uint8_t *host = table_hit(m, va, size, ACCESS_LOAD);
    if (!host) host = page_hit(m, va, size, ACCESS_LOAD);
    if (host) {
        *value = 0;
        copy(value, host, size);
        return true;
    }
    m->stats.table_misses++;
    unsigned first = first_piece(va, size), rest = size - first;
    struct translation low, high = {0};
    if (!locate(m, va, first, ACCESS_LOAD, &low)) return false;
    if (rest && !locate(m, va + first, rest, ACCESS_LOAD, &high)) return false;
    uint64_t high_value = 0;
    if (!read_piece(m, va, first, &low, value)) return false;
    if (rest && !read_piece(m, va + first, rest, &high, &high_value)) return false;
    if (rest) *value |= high_value << (8 * first);
    return true;
}

// A piece of a store in two pages: writable memory or nothing, so that both pieces can be promised
// before the first is written.
static bool is_writable(struct mmu *m, uint64_t va, unsigned size, const struct translation *t) {
    if (phys_dma_map(m->phys, t->pa, size)) return true;
    return mmu_fail(m, va, ACCESS_STORE, WALK_OUTSIDE_MEMORY);
}

bool mmu_store(struct mmu *m, uint64_t va, unsigned size, uint64_t value) {
    if (refuses_misaligned(m, va, size, ACCESS_STORE)) return false;
    uint8_t *host = table_hit(m, va, size, ACCESS_STORE);
    if (!host) host = page_hit(m, va, size, ACCESS_STORE);
    if (host) {
        copy(host, &value, size);
        return true;
    }
    m->stats.table_misses++;
    unsigned first = first_piece(va, size), rest = size - first;
    struct translation low, high = {0};
    if (!locate(m, va, first, ACCESS_STORE, &low)) return false;
    if (!rest) return write_piece(m, va, size, &low, value);
    if (!locate(m, va + first, rest, ACCESS_STORE, &high)) return false;
    if (!is_writable(m, va, first, &low) || !is_writable(m, va + first, rest, &high)) return false;
    return write_piece(m, va, first, &low, value) &&
           write_piece(m, va + first, rest, &high, value >> (8 * first));
}

uint8_t *mmu_atomic(struct mmu *m, uint64_t va, unsigned size, enum access access, uint64_t *pa) {
    if (va & (size - 1)) {
        (void)mmu_fail(m, va, access, WALK_MISALIGNED_ATOMIC);
        return NULL;
    }
    struct translation t;
    if (!locate(m, va, size, access, &t)) return NULL;
    // An AMO reads as well; a PMP region without R denies it, with the store's cause.
    if (!pmp_allows(&m->pmp, t.pa, size, ACCESS_LOAD, t.privilege)) {
        (void)mmu_fail(m, va, access, WALK_PMP_DENIED);
        return NULL;
    }
    uint8_t *host =
        access == ACCESS_STORE ? phys_dma_map(m->phys, t.pa, size) : phys_host(m->phys, t.pa, size);
    if (!host)
        (void)mmu_fail(m, va, access, WALK_OUTSIDE_MEMORY);
    else
        table_learn(m, va, access, &t);
    *pa = t.pa;
    return host;
}

void mmu_atomic_wrote(struct mmu *m, uint64_t pa, unsigned size) { phys_wrote(m->phys, pa, size); }

bool mmu_fetch(struct mmu *m, uint64_t va, uint64_t *pa, bool *whole_page) {
    struct fetch_entry *known = fetch_entry(m, va);
    if (known->va == (va & ~PAGE_MASK) && known->key == m->fetch_key) {
        *pa = known->pa | (va & PAGE_MASK);
        *whole_page = true;
        return true;
    }
    struct translation t;
    if (!locate(m, va, 2, ACCESS_FETCH, &t)) return false;
    if (!phys_host(m->phys, t.pa, 2)) return mmu_fail(m, va, ACCESS_FETCH, WALK_OUTSIDE_MEMORY);
    *pa = t.pa;
    m->fetch_pages_seen[fetch_page_word(va)] |= fetch_page_bit(va);
    if (t.level > 0) gib_add(&m->fetch_superpages_seen, va);
    if (t.local) m->fetch_now->local = true;
    uint64_t page = t.pa & ~PAGE_MASK;
    *whole_page = pmp_allows(&m->pmp, page, PAGE_SIZE, ACCESS_FETCH, t.privilege);
    if (*whole_page) *known = (struct fetch_entry){va & ~PAGE_MASK, page, m->fetch_key};
    return true;
}

enum { CACHE_BLOCK = 64 };

bool mmu_cache_block(struct mmu *m, uint64_t va, bool zero) {
    uint64_t block = va & ~(uint64_t)(CACHE_BLOCK - 1);
    struct translation t;
    // Management may go where a load or a store may go; what it is refused is a store's fault.
    bool allowed = !zero && locate(m, block, CACHE_BLOCK, ACCESS_LOAD, &t);
    if (!allowed && !locate(m, block, CACHE_BLOCK, ACCESS_STORE, &t)) {
        m->fault.tval = va;
        return false;
    }
    uint8_t *host =
        zero ? phys_dma_map(m->phys, t.pa, CACHE_BLOCK) : phys_host(m->phys, t.pa, CACHE_BLOCK);
    if (!host) return mmu_fail(m, va, ACCESS_STORE, WALK_OUTSIDE_MEMORY);
    if (zero) {
        memset(host, 0, CACHE_BLOCK);
        phys_wrote(m->phys, t.pa, CACHE_BLOCK);
    }
    return true;
}

void mmu_protect_code(struct mmu *m, uint64_t pa) {
    uint8_t *host = phys_host(m->phys, pa & ~PAGE_MASK, PAGE_SIZE);
    for (unsigned i = 0; i < STORE_ENTRIES; i++) {
        struct access_entry *e = &m->store[i];
        uint64_t granule = e->tag >> m->granule_shift << m->granule_shift;
        if (granule + e->offset - (uintptr_t)host < PAGE_SIZE) e->tag = 0;
    }
    for (unsigned i = 0; i < PAGE_TABLE_SIZE; i++) {
        struct known_page *p = &m->store_page[i];
        if ((p->tag & ~PAGE_MASK) + p->offset == (uintptr_t)host) p->tag = 0;
    }
}
