// SPDX-License-Identifier: MIT
// Decoded blocks (see block.h): from bytes to records, and the book-keeping of who leads where.
#include "cpu/block.h"

#include <stdlib.h>
#include <string.h>

#include "cpu/native.h"
#include "cpu/timing_plan.h"

// A block is listed for each page that holds a part of it: one, or two for a crossing instruction.
struct page_entry {
    uint64_t page;
    struct block *block;
    struct page_entry *next;
};

// Records of a block: with a timing core there are more than instructions.
enum {
    RECORDS_MAX = 240,
    BLOCK_MAX_BYTES = sizeof(struct block) + RECORDS_MAX * sizeof(struct record) +
                      2 * sizeof(struct link) + RECORDS_MAX * sizeof(struct origin) +
                      2 * sizeof(struct page_entry) + 64
};

struct block_cache {
    struct block *by_pa[BLOCK_HASH_SIZE];
    struct page_entry *by_page[PAGE_HASH_SIZE];
    struct block_stats stats;
    size_t used; // bytes of the arena
    _Alignas(16) uint8_t scratch[BLOCK_MAX_BYTES];
    _Alignas(16) uint8_t arena[BLOCK_ARENA_BYTES];
};

struct block_cache *block_cache_create(void) { return calloc(1, sizeof(struct block_cache)); }

void block_cache_destroy(struct block_cache *c) { free(c); }

const struct block_stats *block_cache_stats(const struct block_cache *c) { return &c->stats; }

// --- Finding
// ----------------------------------------------------------------------------------------

static struct block **bucket(struct block_cache *c, uint64_t pa) {
    return &c->by_pa[(pa >> 1 ^ pa >> 15) % BLOCK_HASH_SIZE];
}

static struct page_entry **page_bucket(struct block_cache *c, uint64_t pa) {
    return &c->by_page[(pa >> PAGE_SHIFT) % PAGE_HASH_SIZE];
}

struct block *block_find(struct block_cache *c, uint64_t pa, uint64_t second_pa) {
    struct block *b = *bucket(c, pa);
    while (b && (b->pa != pa || b->second_pa != second_pa)) b = b->hash_next;
    return b;
}

// --- Decoding
// ---------------------------------------------------------------------------------------

enum { ENDS_BLOCK = INSN_BRANCH | INSN_JUMP | INSN_INDIRECT | INSN_SYSTEM };

static struct record make_record(const struct hart *h, const struct insn *in, unsigned start) {
    unsigned flags = isa_row_info(in->row)->flags;
    struct record r = {.run = h->engine->handler[in->op],
                       .rd = in->rd,
                       .rs1 = in->rs1,
                       .rs2 = in->rs2,
                       .aux = in->rs3,
                       .imm = in->imm};
    if (r.rd == 0 && !(flags & INSN_FD)) r.rd = SINK;
    if ((flags & INSN_FP) && !(flags & (INSN_LOAD | INSN_STORE))) r.imm = in->rm;
    if (in->op == OP_illegal) r.imm = (int32_t)in->bits;
    if (in->op == OP_auipc || (flags & (INSN_BRANCH | INSN_JUMP))) r.imm += (int32_t)(2 * start);
    if ((flags & ENDS_BLOCK) || in->op == OP_illegal) r.aux = (uint8_t)(start + in->length / 2);
    return r;
}

// Reads instructions one after the other from a page of guest memory.
struct reader {
    const uint8_t *page;        // host address of the page
    unsigned at;                // bytes from its start
    const uint8_t *second_half; // of the instruction that crosses its end, or NULL
};

static uint32_t half(const uint8_t *at) { return (uint32_t)(at[0] | at[1] << 8); }

// false: the page ends here, or the instruction is not wholly in it and may not be read.
static bool read_insn(const struct reader *in, uint32_t *bits) {
    if (in->at >= PAGE_SIZE) return false;
    *bits = half(in->page + in->at);
    if (!isa_is_long(*bits)) return true;
    const uint8_t *second = in->at + 2 < PAGE_SIZE ? in->page + in->at + 2 : in->second_half;
    if (!second) return false;
    *bits |= half(second) << 16;
    return true;
}

// Fills b with the records of at most max instructions. The last one leads out of the block.
static void decode_records(struct hart *h, struct block *b, struct reader *in, unsigned max) {
    struct origin origin[RECORDS_MAX];
    struct timing_plan plan = plan_begin(h, b);
    unsigned n = 0, insns = 0, position = 0;
    int32_t taken = 0;
    bool ended = false;
    uint32_t bits;
    while (!ended && insns < max && n + 2 * PLAN_MAX < RECORDS_MAX && read_insn(in, &bits)) {
        struct insn insn = isa_decode(bits, h->extensions);
        unsigned end = n + plan_insn(&plan, &b->record[n], &insn, 2 * position);
        b->record[end] = make_record(h, &insn, position);
        taken = b->record[end].imm;
        for (; n <= end; n++) {
            origin[n] = (struct origin){(uint8_t)insns, (uint8_t)position, insn.op};
        }
        insns++;
        position += insn.length / 2u;
        in->at += insn.length;
        in->second_half = NULL;
        ended = (isa_row_info(insn.row)->flags & ENDS_BLOCK) || insn.op == OP_illegal;
    }
    b->insns = (uint8_t)insns;
    b->bytes = (uint8_t)position;
    if (!ended) {
        unsigned end = n + plan_end(&plan, &b->record[n]);
        b->record[end] = (struct record){.run = h->engine->flow.fall_through};
        for (; n <= end; n++) {
            origin[n] = (struct origin){(uint8_t)insns, (uint8_t)position, OPS};
        }
    }
    b->records = (uint8_t)n;
    struct link *link = block_links(b);
    link[0] = (struct link){.offset = (int32_t)(2 * position)};
    link[1] = (struct link){.offset = taken};
    memcpy(block_origins(b), origin, n * sizeof origin[0]);
}

static struct block *decode_at(struct hart *h, void *memory, uint64_t pa, uint64_t second_pa,
                               unsigned max) {
    struct phys *phys = h->mmu.phys;
    struct block *b = memory;
    *b = (struct block){.pa = pa, .second_pa = second_pa};
    struct reader in = {.page = phys_host(phys, pa & ~PAGE_MASK, PAGE_SIZE),
                        .at = (unsigned)(pa & PAGE_MASK),
                        .second_half = second_pa == NO_PAGE ? NULL : phys_host(phys, second_pa, 2)};
    decode_records(h, b, &in, second_pa == NO_PAGE ? max : 1);
    return b;
}

static size_t block_size(const struct block *b) {
    size_t size = (size_t)((uint8_t *)(block_origins(b) + b->records) - (uint8_t *)b);
    return (size + 15) & ~(size_t)15;
}

static void list_in_page(struct block_cache *c, struct block *b, uint64_t pa) {
    struct page_entry *e = (void *)(c->arena + c->used);
    struct page_entry **head = page_bucket(c, pa);
    c->used += (sizeof *e + 15) & ~(size_t)15;
    *e = (struct page_entry){.page = pa & ~PAGE_MASK, .block = b, .next = *head};
    *head = e;
}

// The part of b that lies in the page of pa.
static struct range bytes_at(const struct block *b, uint64_t pa) {
    if (b->second_pa != NO_PAGE) {
        bool second = (pa ^ b->second_pa) >> PAGE_SHIFT == 0;
        return (struct range){second ? b->second_pa : b->pa, 2};
    }
    return (struct range){b->pa, 2 * (uint64_t)b->bytes};
}

struct block *block_decode(struct hart *h, uint64_t pa, uint64_t second_pa) {
    struct block_cache *c = h->blocks;
    if (c->used + BLOCK_MAX_BYTES > BLOCK_ARENA_BYTES) return NULL;
    struct block *b = decode_at(h, c->arena + c->used, pa, second_pa, BLOCK_MAX);
    c->used += block_size(b);
    c->stats.decoded++;
    if (h->native && h->engine->native) {
        b->first = b->record->run;
        b->record->run = h->engine->flow.warm_up;
    }
    struct block **head = bucket(c, pa);
    b->hash_next = *head;
    *head = b;
    list_in_page(c, b, pa);
    phys_mark_code(h->mmu.phys, pa, bytes_at(b, pa).size);
    if (second_pa != NO_PAGE) {
        list_in_page(c, b, second_pa);
        phys_mark_code(h->mmu.phys, second_pa, 2);
    }
    return b;
}

struct block *block_decode_scratch(struct hart *h, uint64_t pa, uint64_t second_pa,
                                   unsigned insns) {
    struct block *b = decode_at(h, h->blocks->scratch, pa, second_pa, insns);
    b->scratch = true;
    return b;
}

uint32_t block_insn_bits(struct hart *h, const struct block *b, const struct record *r) {
    uint64_t pa = b->pa + 2 * (uint64_t)record_origin(b, r)->start;
    uint64_t second = b->second_pa == NO_PAGE ? pa + 2 : b->second_pa;
    uint32_t bits = half(phys_host(h->mmu.phys, pa, 2));
    return isa_is_long(bits) ? bits | half(phys_host(h->mmu.phys, second, 2)) << 16 : bits;
}

void hart_block_shape(struct hart *h, struct block_shape *shape) {
    _Static_assert((int)SHAPE_INSNS >= (int)BLOCK_MAX, "a shape holds a block");
    const struct block *b = h->block;
    const struct origin *origin = block_origins(b);
    unsigned last = 0;
    for (unsigned i = 0; i < b->records; i++) {
        if (origin[i].op == OPS) break; // behind the last instruction
        shape->start[origin[i].before] = (uint8_t)(2 * origin[i].start);
        last = i;
    }
    shape->insns = b->insns;
    shape->last = isa_decode(block_insn_bits(h, b, &b->record[last]), h->extensions);
}

// --- Leading and dropping
// ---------------------------------------------------------------------------

void block_link(struct hart *h, struct link *from, struct block *to) {
    from->target = to;
    from->next_incoming = to->incoming;
    to->incoming = from;
    native_relink(h, from);
}

static void unhash(struct block_cache *c, struct block *b) {
    for (struct block **at = bucket(c, b->pa); *at; at = &(*at)->hash_next) {
        if (*at != b) continue;
        *at = b->hash_next;
        return;
    }
}

// Nothing leads to b any more, and whoever still enters it (the cache of jump targets) is sent
// away.
static void drop(struct hart *h, struct block *b) {
    unhash(h->blocks, b);
    for (struct link *l = b->incoming; l; l = l->next_incoming) {
        if (l->target != b) continue;
        l->target = NULL;
        native_relink(h, l);
    }
    b->incoming = NULL;
    b->dead = true;
    b->record[0].run = h->engine->flow.dead_block;
    native_drop(h, b);
    h->blocks->stats.dropped++;
}

bool block_covers(const struct hart *h, uint64_t pa, uint64_t len) {
    uint64_t page = pa & ~PAGE_MASK;
    for (struct page_entry *e = *page_bucket(h->blocks, page); e; e = e->next) {
        if (e->page == page && range_meets(bytes_at(e->block, pa), pa, len)) return true;
    }
    return false;
}

void block_drop_page(struct hart *h, uint64_t page) {
    struct page_entry **at = page_bucket(h->blocks, page);
    while (*at) {
        struct page_entry *e = *at;
        if (e->page != page) {
            at = &e->next;
            continue;
        }
        drop(h, e->block);
        *at = e->next;
    }
}

void block_forget(struct hart *h) {
    struct block_cache *c = h->blocks;
    native_empty(h->native);
    memset(c->by_pa, 0, sizeof c->by_pa);
    memset(c->by_page, 0, sizeof c->by_page);
    memset(h->jump, 0, sizeof h->jump);
    c->used = 0;
    c->stats.emptied++;
}

void block_make_room(struct hart *h) {
    struct block_cache *c = h->blocks;
    bool room = c->used + BLOCK_ARENA_BYTES / 16 <= BLOCK_ARENA_BYTES;
    if (!room || native_is_full(h->native)) block_forget(h);
}
