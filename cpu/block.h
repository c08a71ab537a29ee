// SPDX-License-Identifier: MIT
// Decoded blocks: made from the bytes of guest memory, found by physical address, linked to each
// other, and dropped when their page is written. Blocks live in an arena that only grows until it
// is emptied as a whole between two runs of the engine, so a block that was dropped while it runs
// stays readable.
#ifndef TABLEWALK_CPU_BLOCK_H
#define TABLEWALK_CPU_BLOCK_H

#include "cpu/engine.h"

// The host memory that a hart's blocks may take.
enum { BLOCK_ARENA_BYTES = 24 << 20, BLOCK_HASH_SIZE = 1 << 14, PAGE_HASH_SIZE = 1 << 12 };

struct block_stats {
    uint64_t decoded, dropped, emptied;
};

struct block_cache *block_cache_create(void); // NULL: out of host memory
void block_cache_destroy(struct block_cache *c);
const struct block_stats *block_cache_stats(const struct block_cache *c);

// The block at physical address pa; one whose instruction crosses into another page counts only if
// its second half lives at second_pa. NULL: none.
struct block *block_find(struct block_cache *c, uint64_t pa, uint64_t second_pa);

// Decodes a block at pa and keeps it. second_pa: as above, or NO_PAGE where the first instruction
// does not cross. The caller has checked that code may be fetched from there.
struct block *block_decode(struct hart *h, uint64_t pa, uint64_t second_pa);

// The same, but at most `insns` instructions, to be run once: for exact budgets and for pages that
// are not executable as a whole.
struct block *block_decode_scratch(struct hart *h, uint64_t pa, uint64_t second_pa, unsigned insns);

// Does any block come from bytes of [pa, pa + len), which lie in one page?
bool block_covers(const struct hart *h, uint64_t pa, uint64_t len);

// The page at `page` was written: its blocks go away.
void block_drop_page(struct hart *h, uint64_t page);

// The bits of the instruction that record r was made from, as they stand in memory.
uint32_t block_insn_bits(struct hart *h, const struct block *b, const struct record *r);

// Makes `from` lead to `to`.
void block_link(struct hart *h, struct link *from, struct block *to);

// Empties the arena: no block is left. Only between two runs.
void block_forget(struct hart *h);
// The same when little room is left in it.
void block_make_room(struct hart *h);

#endif
