// SPDX-License-Identifier: MIT
// The clock of a hart with a timing core: when each result is ready, what is in the caches, the
// TLBs and the predictors, and how many cycles an event costs. docs/timing.md has the rules.
//
// The timed engine (cpu/engine_timed.c) runs the same instruction bodies as the plain one. What
// depends on the code alone is worked out when a block is decoded (cpu/timing_plan.c) and becomes
// timing records between the instructions' records; the engine's `left` counts cycles down. An
// instruction that waits for nothing has no timing record of its own: its cycle is part of the next
// one's.
//
// The access tables hold an entry only for lines that are in the data cache, of pages that are in
// the data TLB (and, for stores, that are dirty already): what hits there costs nothing more, and
// everything else comes here. Times are cycles of the hart, as hart_cycles counts them.
#ifndef TABLEWALK_CPU_TIMING_H
#define TABLEWALK_CPU_TIMING_H

#include "cpu/core.h"
#include "cpu/isa.h"
#include "cpu/plru.h"
#include "mmu/walk.h"

struct hart;
struct mmu;

// What an instruction may wait for. Integer registers are their own numbers.
enum ready_index {
    READY_SINK = 32, // results that nobody reads
    READY_F0 = 33,
    READY_DCACHE = READY_F0 + 32,
    READY_MULDIV,
    READY_FDIV,
    READY_STORES, // a fence waits for them
    READY_COUNT
};

enum stall {
#define ROW(name, ...) STALL_##name,
#include "cpu/stall.def"
#undef ROW
    STALLS
};

enum timing_event {
#define MODEL(selector, name, ...) EVENT_##name,
#define BOTH                       MODEL
#include "cpu/event.def"
    EVENTS
};

enum { LINE_SHIFT = 6, STORE_SLOTS = 4, NO_LINE = -1 };

// A set-associative cache of lines, by physical line number. A way's tag is the line + 1, or 0.
struct cache {
    uint32_t sets, ways;
    bool fifo;
    uint16_t lfsr;  // random replacement
    bool high_bits; // takes those of the LFSR, which is stepped at each look-up; else the lowest
                    // bits of one that is stepped at each refill
    uint8_t *turn;  // FIFO replacement, by set
    uint64_t *tag;
    uint64_t *alias; // the virtual line under which the access tables know it
    bool *dirty;
    bool *lent; // second level: the data cache took it and has not written it back since
};

// A fully associative TLB. An entry stands for 2^sector_bits neighbouring pages of one size, of
// which it has some. A free entry is taken first.
enum { TLB_FILTER = 256 };
struct tlb_model {
    uint64_t *tag;               // of the group of pages: see tlb_tag in cpu/timing_tlb.c; 0: free
    uint16_t filter[TLB_FILTER]; // how many entries have a tag with these low bits
    uint8_t *has;                // bit n: the group's n-th page
    struct plru order;
    uint32_t entries, last; // last: the one used last
    uint32_t full;          // entries before this one are not free
    unsigned sector_bits;
    bool used;     // since it was emptied
    uint32_t ring; // of entry 0, in struct timing's rings
};

// Pages of 4 KiB, superpages, and pieces of superpages.
struct timing_tlb {
    struct tlb_model small, large, piece;
    bool data;    // the access tables know lines of its pages
    bool globals; // it may have pages of all address spaces
};

// The lines of a TLB entry that the access tables know, as rings: each line of the data cache is a
// node, and so is each entry, where its ring begins. Node numbers: lines, RING_NONE (without
// translation), the entries of the data TLB.
struct ring {
    uint16_t next, previous;
};

// Branch targets are kept as the low BTB_PAGE_SHIFT bits of addresses and the numbers of their
// pages in a small table. When a page has to go, its entries are lost.
enum { BTB_PAGE_SHIFT = 14, BTB_PAGES = 6 };

struct predictor {
    uint8_t *bht;     // the last outcome, by index
    uint32_t history; // newest outcome on top
    uint64_t *btb_pc; // +1; 0: free
    uint64_t *btb_target, *btb_behind;
    uint8_t *btb_kind; // enum jump_kind
    struct plru btb_order;
    uint64_t page[BTB_PAGES]; // +1; 0: free
    uint32_t next_page;
    uint8_t btb_hint[256]; // where to look first
    uint64_t *ras;
    uint32_t ras_top, ras_depth;
    uint64_t call_time; // of the last call that the BTB knew
};

struct timing {
    struct core core;
    uint64_t ready[READY_COUNT];
    uint8_t cause[READY_COUNT]; // enum stall of who waits for it

    // Front end: the virtual line and page fetched last, in this context.
    uint64_t fetch_line, fetch_page, fetch_key;
    uint64_t
        ahead; // when the next line is needed, had nothing stalled the pipeline since its fetch
    bool redirected; // the last instruction was a jump that was taken, or a wrong prediction
    unsigned stores; // written so far to the ring below
    struct {
        uint64_t word, time;
    } store[STORE_SLOTS];
    uint64_t last_load, loads_began; // of the loads that may meet one of them
    uint64_t unit_began;             // when the multiplier or divider was given its last operation

    struct predictor predictor;
    struct cache l1i, l1d, l2;
    struct timing_tlb itlb, dtlb;
    struct ring *ring;
    uint16_t *owner;           // by line of the data cache: the ring it is in, 0: none
    uint32_t rings, data_ring; // how many; that of the entry used last
    bool fenced;               // all of them were emptied, and nothing was fetched by a walk since
    uint64_t *l2tlb;           // page number + 1 with the ASID above
    uint64_t *walk_pte;        // addresses of upper-level PTEs that the walker keeps

    uint64_t event[EVENTS];
    uint64_t stall[STALLS];
    bool watched; // a counter of events may wrap soon (cpu/counter.h)
};

// NULL: out of host memory.
struct timing *timing_create(const struct core *core);
void timing_destroy(struct timing *t); // NULL does nothing
void timing_reset(struct timing *t);

// --- Events. Each says how many cycles it takes.

// A load, store or atomic that the access tables did not serve and that was performed: h->mmu.seen
// says where. The pipeline stands still meanwhile.
uint64_t timing_access(struct hart *h, uint64_t va, bool store);
// An access that ended in an exception: the DTLB has learned that.
uint64_t timing_fault(struct hart *h, uint64_t va, bool store);
// Execution comes to the line of va, which lies at pa.
uint64_t timing_fetch(struct hart *h, uint64_t va, uint64_t pa, uint64_t now);
// SFENCE.VMA: all, or the page at va.
void timing_fence(struct hart *h, bool all, uint64_t va);
// An exception or interrupt is taken.
int64_t timing_trap(struct timing *t);
// FENCE.I.
void timing_fence_i(struct timing *t);

// What a translation would cost now, in cycles; nothing changes by asking. Each read is priced as
// if the ones before had displaced nothing that it needs.
struct walk_cost {
    bool in_tlb, in_l2tlb;
    uint64_t now;              // with what the TLBs hold
    uint64_t l2tlb;            // of a look-up that the second-level TLB serves
    uint64_t start;            // of a walk beside its reads
    uint64_t pte[SV39_LEVELS]; // of each read
    uint64_t walk;             // of all of that
};
void timing_probe_walk(const struct hart *h, uint64_t va, uint16_t asid, enum access access,
                       const struct walk_result *walk, struct walk_cost *cost);
// Of a PTE's read beyond a hit; what came before in the same walk.
struct probed_reads {
    unsigned misses, l2;
};
uint64_t timing_probe_pte(const struct hart *h, uint64_t pa, struct probed_reads *before);

// A conditional branch at pc was (not) taken; `behind` is the next instruction's address.
uint64_t timing_branch(struct timing *t, uint64_t pc, bool taken, uint64_t target, uint64_t behind);
enum jump_kind { JUMP_CALL = 1, JUMP_RETURN = 2, JUMP_INDIRECT = 4 };
uint64_t timing_jump(struct timing *t, uint64_t pc, unsigned kind, uint64_t target, uint64_t behind,
                     uint64_t now);

// --- Translation (cpu/timing_tlb.c)

bool timing_make_tlbs(struct timing *t);
void timing_free_tlbs(struct timing *t);
void timing_reset_tlbs(struct timing *t);
// Cycles until the page at va is in the data or instruction TLB, which is used now.
uint64_t timing_data_tlb(struct hart *h, uint64_t va, bool store);
uint64_t timing_fetch_tlb(struct hart *h, uint64_t va);
// Line `slot` of the data cache is known to the access tables from now on, by the page that the
// data TLB was asked for last (translated), or without translation.
void timing_know_line(struct timing *t, uint32_t slot, bool translated);
void timing_forget_line(struct timing *t, uint32_t slot); // not any more
// A PTE read at pa, through the data cache (cpu/timing_memory.c).
uint64_t timing_read_pte(struct hart *h, uint64_t pa);

// Cycles of a multiplication and a division, which depend on the operands.
uint64_t timing_mul(const struct core *c, uint64_t a, bool high, bool word);
uint64_t timing_div(const struct core *c, uint64_t a, uint64_t b, bool is_signed, bool word);

#endif
