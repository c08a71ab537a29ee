// SPDX-License-Identifier: MIT
// The access path of a hart: virtual address in, bytes or a fault out. Three layers, from fast to
// slow:
//
//   1. the access tables: direct-mapped, `tag` and `offset to host memory`, looked at by the
//   instruction
//      bodies themselves (FAST_LOAD, FAST_STORE in cpu/engine.h); an entry exists only for accesses
//      that need no check any more;
//   2. the TLB: leaf PTEs by ASID, global bit and page size, as the manual describes it
//   (mmu/tlb.h);
//   3. the page walk (mmu/walk.h), whose PTE reads are checked by PMP and by the memory map.
//
// An entry of layer 1 is valid for one translation context: satp, effective privilege, SUM, MXR.
// Each context has a small number, its key, which is part of the tag, so that changing the context
// flushes nothing and forgetting all contexts at once is handing out new keys.
#ifndef TABLEWALK_MMU_MMU_H
#define TABLEWALK_MMU_MMU_H

#include "mmu/observe.h"
#include "mmu/pmp.h"
#include "mmu/tlb.h"
#include "mmu/walk.h"

// Entries of the access tables. A guest that reads all over its memory gains from many; every entry
// for stores is looked at when a page becomes code.
enum { LOAD_ENTRIES = 1 << 15, STORE_ENTRIES = 1 << 13 };

// tag: the page's virtual address plus the context's key (in bits 3 to 11, which a page address and
// the alignment bits of an access leave free). offset: host address minus virtual address, modulo
// 2^64.
struct access_entry {
    uint64_t tag;
    uint64_t offset;
};

// What a page allows, known while entries stand for lines: a line of it needs no translation. Like
// an access_entry, for accesses in one page; pa is the physical minus the virtual address.
struct known_page {
    uint64_t tag, offset, pa;
    bool ram;
};
enum { PAGE_TABLE_SIZE = 1024 };

// No key is 0, so an entry of all zeroes matches nothing.
#define KEY_SHIFT 3

// With a timing core an entry stands for a line of the data cache and not for a page: see
// cpu/timing.h. The key has fewer bits then.
enum { LINE_GRANULE_SHIFT = 6 };

// What the CSRs say about translation; the hart fills it in and calls mmu_set_context.
struct mmu_context {
    uint64_t satp;
    uint8_t fetch_privilege; // the current mode
    uint8_t data_privilege;  // after MPRV
    bool sum, mxr;
    bool update_ad, pbmt; // menvcfg.ADUE, menvcfg.PBMTE
    bool napot;           // the hart has Svnapot
};

// What went wrong with the last access that failed.
struct mmu_fault {
    enum walk_reason reason;
    enum access access;
    enum memory_cause cause;
    bool walked;   // a page walk found it out: m->failed_walk
    uint64_t tval; // the first virtual address that could not be accessed
};

// A walk that ended in a fault, as it was made.
struct failed_walk {
    struct walk_request request;
    struct walk_result result;
};

struct mmu_stats {
    uint64_t table_misses; // accesses that the access tables did not serve
    uint64_t tlb_hits, tlb_misses, walks, pte_reads, ad_updates;
    uint64_t fences;
};

// Where the last access that came here went, for a timing core.
struct mmu_seen {
    uint64_t pa;
    bool translated, ram;
    bool table_hit; // it came here for its alignment alone
};

// A context and its key. local: a page that is not global was accessed with it, so a fence with an
// ASID concerns it.
struct key_slot {
    struct mmu_context context;
    uint64_t key;
    bool local;
};

// A page of code: every fetch from va to va + 4095 in the context of key is allowed and goes to pa.
struct fetch_entry {
    uint64_t va, pa, key;
};

enum { KEY_SLOTS = 16, FETCH_ENTRIES = 256, FETCH_PAGE_WORDS = 512 };

// A bit for each GiB of the address space.
struct gib_set {
    uint64_t word[8];
};

struct mmu {
    uint64_t data_key;  // of the current context for loads and stores, shifted into place
    uint64_t fetch_key; // of the current context for fetches: a number that is never used again
    struct access_entry load[LOAD_ENTRIES];
    struct access_entry store[STORE_ENTRIES];
    struct known_page load_page[PAGE_TABLE_SIZE];
    struct known_page store_page[PAGE_TABLE_SIZE];
    // A bit for each 64th part of the four tables in which something was noted since they were
    // emptied.
    uint64_t load_used, store_used, load_page_used, store_page_used;
    struct mmu_context context;
    struct mmu_fault fault;
    struct failed_walk failed_walk; // the last one
    struct walk_result last_walk;   // of walk_va, for walk_access
    uint64_t walk_va;
    enum access walk_access;
    struct phys *phys;
    struct pmp pmp;
    struct tlb tlb;
    struct mmu_stats stats;
    const struct observer *observer; // NULL: nobody watches
    bool misaligned_trap;            // this core does not perform misaligned loads and stores
    unsigned granule_shift;          // what an access table's entry stands for: 2^shift bytes
    struct mmu_seen seen;
    uint64_t last_data_key, last_fetch_key;
    struct key_slot data_slot[KEY_SLOTS], fetch_slot[KEY_SLOTS];
    unsigned next_data_slot, next_fetch_slot;
    struct key_slot *data_now, *fetch_now; // those of data_key and fetch_key
    struct fetch_entry fetch[FETCH_ENTRIES];
    // Where code was fetched from since the last time it was all forgotten: a bit a page (hashed),
    // and superpages.
    uint64_t fetch_pages_seen[FETCH_PAGE_WORDS];
    struct gib_set fetch_superpages_seen;
    struct gib_set superpages_seen; // the access tables hold pieces of superpages there
    bool napot_seen;                // a 64 KiB page was translated since reset
};

void mmu_init(struct mmu *m, struct phys *phys);
void mmu_reset(struct mmu *m);

// A CSR that translation depends on was written, or the mode changed. Flushes nothing.
void mmu_set_context(struct mmu *m, const struct mmu_context *context);

// From now on an entry of the access tables stands for 2^shift bytes: PAGE_SHIFT (as after
// mmu_init) or LINE_GRANULE_SHIFT.
void mmu_set_granule(struct mmu *m, unsigned shift);
// Forgets the entries for the granule at va, in whatever context.
void mmu_forget_granule(struct mmu *m, uint64_t va);

// The present context: does it translate, and in which address space?
// Do all len bytes at pa lie in one memory, and under the same PMP entries?
bool mmu_is_uniform(const struct mmu *m, uint64_t pa, uint64_t len);
bool mmu_is_ram(const struct mmu *m, uint64_t pa); // writable memory, which is cached
bool mmu_translates_data(const struct mmu *m);
bool mmu_translates_fetch(const struct mmu *m);
uint16_t mmu_asid(const struct mmu *m);

// Forgets what the access tables know (PMP was written, memory was remapped). The TLB stays.
void mmu_forget(struct mmu *m);

// SFENCE.VMA and SINVAL.VMA: all = no address given; any_asid = no ASID given (then globals go
// too).
void mmu_fence(struct mmu *m, bool all, uint64_t va, bool any_asid, uint16_t asid);

// Data accesses of size 1, 2, 4 or 8 bytes, any alignment. false: m->fault says why and nothing was
// stored. Values are zero-extended.
bool mmu_load(struct mmu *m, uint64_t va, unsigned size, uint64_t *value) MUST_CHECK;
bool mmu_store(struct mmu *m, uint64_t va, unsigned size, uint64_t value) MUST_CHECK;

// Host memory for an atomic access of size 4 or 8: aligned, readable (and writable where access is
// ACCESS_STORE), and memory. NULL: m->fault says why. *pa is the physical address. After a write
// through it the caller says mmu_atomic_wrote().
uint8_t *mmu_atomic(struct mmu *m, uint64_t va, unsigned size, enum access access, uint64_t *pa);
void mmu_atomic_wrote(struct mmu *m, uint64_t pa, unsigned size);

// Where the two bytes of code at va live. *whole_page: every fetch from this page is allowed in
// this context, so it need not be asked again while fetch_key stays. false: m->fault.
bool mmu_fetch(struct mmu *m, uint64_t va, uint64_t *pa, bool *whole_page) MUST_CHECK;

// Zicbom and Zicboz: may the cache block at va be accessed? zero = true clears its 64 bytes.
// false: m->fault. Management needs read or write permission, zeroing needs write permission.
bool mmu_cache_block(struct mmu *m, uint64_t va, bool zero) MUST_CHECK;

// A translation for people and tools: no TLB, no side effects, any context. PTE reads are checked
// as the hart's own would be.
struct walk_result mmu_probe(struct mmu *m, const struct walk_request *request);

// The walk that the access to va just made took, or NULL: none.
const struct walk_result *mmu_last_walk(const struct mmu *m, uint64_t va, enum access access);

// The same for an access in the present context.
struct walk_result mmu_probe_access(struct mmu *m, uint64_t va, enum access access);

// How the present context translates va: false where it does not (M-mode, Bare), else the request
// for mmu_probe.
bool mmu_request(const struct mmu *m, uint64_t va, enum access access,
                 struct walk_request *request);

// The physical address that an access just made at va went to: from the TLB, else by a walk, and
// nothing is counted. false: none.
bool mmu_peek(struct mmu *m, uint64_t va, enum access access, uint64_t *pa) MUST_CHECK;

// The page at pa now holds decoded code: stores to it must be seen, so the store table forgets it.
void mmu_protect_code(struct mmu *m, uint64_t pa);

#endif
