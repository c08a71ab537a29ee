// SPDX-License-Identifier: MIT
// Native code for blocks (see native.h): an arena of executable memory, and how stencils get into
// it. The arena is mapped twice, once to be written and once to be executed, so no page is ever
// both.
#include "cpu/native.h"

#if defined(HAVE_STENCILS) && defined(ENGINE_TAIL_CALLS)

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cpu/gen/hole.h"
#include "stencil_table.inc"

static const struct stencil stencils[STENCIL_SORTS][OPS] = {
#define CINSN(...)
#define INSN(name, ...) [OP_##name] = STENCIL_##name##_0,
    {
#include "cpu/isa.def"
    },
#undef INSN
#define INSN(name, ...) [OP_##name] = STENCIL_##name##_1,
    {
#include "cpu/isa.def"
    },
#undef INSN
#define INSN(name, ...) [OP_##name] = STENCIL_##name##_2,
    {
#include "cpu/isa.def"
    },
#undef INSN
#undef CINSN
};
// What stands around the instructions (cpu/gen/stencils.c). A block that just ends has a last
// record without a stencil of its own.
static const struct stencil begin = STENCIL_begin_0, refuse = STENCIL_refuse_0,
                            dead = STENCIL_dead_0, near_exit = STENCIL_near_0,
                            unlinked = STENCIL_unlinked_0, far_exit = STENCIL_far_0,
                            reload = STENCIL_reload_0, interpret = STENCIL_interpret_0,
                            trampoline = STENCIL_trampoline_0,
                            nothing = {.falls = FLOW_stencil_next};

// No block has more.
enum { BLOCK_CODE_BYTES = 64 * 1024, RECORDS = BLOCK_MAX + 1 };

// Offsets are bytes into the arena. Code that runs grows from its start, stubs from its end.
struct native {
    uint8_t *write;     // the arena, writable
    const uint8_t *run; // the same memory, executable
    size_t used, start; // start: behind the trampolines
    size_t stubs;       // the last one made
    bool full;
    size_t flow[FLOW_END]; // where the trampoline of a FLOW_ handler is
};

// What goes into the holes of one stencil.
struct filling {
    int64_t value[FLOW_END]; // of a FLOW_: where in the arena it is
};

// Copies s to the arena at `at` and fills its holes.
static void emit(struct native *n, size_t at, const struct stencil *s, const struct filling *f) {
    memcpy(n->write + at, s->code, s->size);
    for (unsigned i = 0; i < s->holes; i++) {
        const struct hole *h = &s->hole[i];
        size_t hole = at + h->at;
        int64_t value = f->value[h->value] + h->addend;
        if (h->kind == HOLE_RELATIVE32) value -= (int64_t)hole;
        memcpy(n->write + hole, &value, h->kind == HOLE_ABSOLUTE64 ? 8 : 4);
    }
}

static size_t emit_stub(struct native *n, const struct stencil *s, const struct filling *f) {
    n->stubs -= s->size;
    emit(n, n->stubs, s, f);
    return n->stubs;
}

static int64_t address_of(handler_fn handler) { return (int64_t)(intptr_t)handler; }

static void emit_trampolines(struct native *n, const struct engine *engine) {
    const handler_fn handler[FLOW_END] = {[FLOW_follow_unknown] = engine->flow.follow_unknown,
                                          [FLOW_jump_unknown] = engine->flow.jump_unknown,
                                          [FLOW_leave_at_pc] = engine->flow.leave_at_pc};
    for (int i = FLOW_FIRST + 1; i < FLOW_END; i++) {
        if (!handler[i]) continue;
        struct filling f = {.value[HOLE_handler] = address_of(handler[i])};
        emit(n, n->used, &trampoline, &f);
        n->flow[i] = n->used;
        n->used += trampoline.size;
    }
    n->start = n->used;
    n->stubs = NATIVE_BYTES;
}

// The same memory twice: writable and executable.
static bool map_arena(struct native *n) {
    int fd = memfd_create("tablewalk-native", MFD_CLOEXEC);
    if (fd < 0) return false;
    void *write = MAP_FAILED, *run = MAP_FAILED;
    if (ftruncate(fd, NATIVE_BYTES) == 0) {
        write = mmap(NULL, NATIVE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        run = mmap(NULL, NATIVE_BYTES, PROT_READ | PROT_EXEC, MAP_SHARED, fd, 0);
    }
    close(fd);
    n->write = write == MAP_FAILED ? NULL : write;
    n->run = run == MAP_FAILED ? NULL : run;
    return n->write && n->run;
}

struct native *native_create(const struct engine *engine) {
    struct native *n = calloc(1, sizeof *n);
    if (!n) return NULL;
    if (!map_arena(n)) {
        native_destroy(n);
        return NULL;
    }
    emit_trampolines(n, engine);
    return n;
}

void native_destroy(struct native *n) {
    if (!n) return;
    if (n->write) munmap(n->write, NATIVE_BYTES);
    if (n->run) munmap((void *)(uintptr_t)n->run, NATIVE_BYTES);
    free(n);
}

bool native_is_full(const struct native *n) { return n && n->full; }

void native_empty(struct native *n) {
    if (!n) return;
    n->used = n->start;
    n->stubs = NATIVE_BYTES;
    n->full = false;
}

// --- A block -------------------------------------------------------------------------------------

static const struct hole *find_hole(const struct stencil *s, unsigned value) {
    for (unsigned i = 0; i < s->holes; i++) {
        if (s->hole[i].value == value) return &s->hole[i];
    }
    return NULL;
}

// Without C, a jump to where no instruction can begin is an exception of its own.
static bool jumps_astray(const struct hart *h, const struct stencil *s, const struct record *r) {
    bool jumps = s->falls == FLOW_stencil_taken || find_hole(s, FLOW_stencil_taken);
    return jumps && (r->imm & 2) && !(h->extensions & EXT_BIT(EXT_c));
}

// How the records of a block become native code. last: the register whose value `last` has in front
// of the record, or NONE. live: that is used there or later.
enum { NO_REGISTER = SINK };
struct plan {
    const struct stencil *stencil[RECORDS];
    uint8_t last[RECORDS];
    bool live[RECORDS + 1];
};

static const struct stencil *choose(const struct hart *h, const struct block *b, unsigned i,
                                    unsigned last, bool *uses) {
    const struct record *r = &b->record[i];
    unsigned op = block_origins(b)[i].op;
    *uses = false;
    if (op == OPS) return &nothing;
    const struct stencil *s = &stencils[ALL_FROM_MEMORY][op];
    if (!s->code || jumps_astray(h, s, r)) return &interpret;
    unsigned sort = ALL_FROM_MEMORY;
    if (last == NO_REGISTER) return s;
    if (r->rs2 == last && find_hole(s, HOLE_rs2)) sort = RS2_IS_LAST;
    if (r->rs1 == last && find_hole(s, HOLE_rs1)) sort = RS1_IS_LAST;
    if (sort == ALL_FROM_MEMORY || !stencils[sort][op].code) return s;
    *uses = true;
    return &stencils[sort][op];
}

static bool sets_last(const struct stencil *s) { return s == &interpret || find_hole(s, HOLE_rd); }

static void make_plan(const struct hart *h, const struct block *b, struct plan *p) {
    bool uses[RECORDS];
    unsigned last = NO_REGISTER;
    for (unsigned i = 0; i < b->records; i++) {
        const struct stencil *s = choose(h, b, i, last, &uses[i]);
        p->stencil[i] = s;
        p->last[i] = (uint8_t)last;
        if (sets_last(s)) last = s == &interpret ? NO_REGISTER : b->record[i].rd;
    }
    p->live[b->records] = false;
    for (unsigned i = b->records; i-- > 0;) {
        p->live[i] = uses[i] || (!sets_last(p->stencil[i]) && p->live[i + 1]);
    }
}

static int64_t offset_in_hart(size_t array, unsigned index) { return (int64_t)(array + 8 * index); }

// The holes that the operands of record i fill, and those that are the same in the whole block.
static struct filling fill(const struct hart *h, const struct block *b, unsigned i) {
    const struct record *r = &b->record[i];
    const struct origin *o = &block_origins(b)[i];
    const size_t x = offsetof(struct hart, x), f = offsetof(struct hart, f);
    handler_fn own = o->op == OPS ? h->engine->flow.fall_through : h->engine->handler[o->op];
    struct filling filling = {.value = {[HOLE_rd] = offset_in_hart(x, r->rd),
                                        [HOLE_rs1] = offset_in_hart(x, r->rs1),
                                        [HOLE_rs2] = offset_in_hart(x, r->rs2),
                                        [HOLE_fd] = offset_in_hart(f, r->rd),
                                        [HOLE_fs1] = offset_in_hart(f, r->rs1),
                                        [HOLE_fs2] = offset_in_hart(f, r->rs2),
                                        [HOLE_fs3] = offset_in_hart(f, r->aux),
                                        [HOLE_imm] = r->imm,
                                        [HOLE_length] = 2 * r->aux,
                                        [HOLE_insns] = b->insns,
                                        [HOLE_block] = (int64_t)(intptr_t)b,
                                        [HOLE_record] = (int64_t)(intptr_t)r,
                                        [HOLE_handler] = address_of(own)}};
    for (unsigned k = FLOW_FIRST + 1; k < FLOW_END; k++) {
        filling.value[k] = (int64_t)h->native->flow[k];
    }
    return filling;
}

// The way out by link n, where the arena's code ends; f: of the last record. Returns where it is.
static size_t emit_exit(struct native *n, const struct block *b, unsigned number,
                        struct filling f) {
    struct link *link = &block_links(b)[number];
    bool near = (b->pa ^ (b->pa + (uint64_t)(int64_t)link->offset)) >> PAGE_SHIFT == 0;
    const struct stencil *s = near ? &near_exit : &far_exit;
    size_t at = n->used;
    f.value[HOLE_offset] = link->offset;
    f.value[HOLE_link] = (int64_t)(intptr_t)link;
    if (near) {
        link->site = (uint32_t)(at + find_hole(s, FLOW_stencil_link)->at);
        link->stub = (uint32_t)emit_stub(n, &unlinked, &f);
        f.value[FLOW_stencil_link] = link->stub;
    }
    emit(n, at, s, &f);
    n->used += s->size;
    return at;
}

// Where the ways out of the block are that the last stencil leads to, which ends at n->used.
static void emit_exits(struct native *n, const struct block *b, const struct stencil *last,
                       struct filling *f) {
    static const unsigned flow[] = {FLOW_stencil_next, FLOW_stencil_taken};
    unsigned first = last->falls == FLOW_stencil_taken;
    for (unsigned i = 0; i < 2; i++) {
        unsigned number = first ^ i;
        if (last->falls != flow[number] && !find_hole(last, flow[number])) continue;
        f->value[flow[number]] = (int64_t)emit_exit(n, b, number, *f);
    }
}

// Where the interpreter goes on with record i, whose code is at `at`.
static size_t emit_entry(struct hart *h, const struct plan *p, unsigned i, size_t at) {
    if (!p->live[i]) return at;
    struct filling f = {.value = {[HOLE_rs1] = offset_in_hart(offsetof(struct hart, x), p->last[i]),
                                  [FLOW_stencil_link] = (int64_t)at}};
    return emit_stub(h->native, &reload, &f);
}

static void emit_record(struct hart *h, struct block *b, const struct plan *p, unsigned i) {
    struct native *n = h->native;
    const struct stencil *s = p->stencil[i];
    struct filling f = fill(h, b, i);
    size_t at = n->used;
    if (find_hole(s, FLOW_stencil_slow)) {
        f.value[FLOW_stencil_slow] = (int64_t)emit_stub(n, &interpret, &f);
    }
    n->used += s->size;
    f.value[FLOW_stencil_next] = (int64_t)n->used;
    if (i + 1u == b->records) emit_exits(n, b, s, &f);
    emit(n, at, s, &f);
    b->record[i].run = (handler_fn)(uintptr_t)(n->run + emit_entry(h, p, i, at));
}

static void emit_begin(struct hart *h, const struct block *b) {
    struct native *n = h->native;
    struct filling f = fill(h, b, 0);
    f.value[FLOW_stencil_slow] = (int64_t)emit_stub(n, &refuse, &f);
    emit(n, n->used, &begin, &f);
    n->used += begin.size;
}

bool native_compile(struct hart *h, struct block *b) {
    struct native *n = h->native;
    if (n->used + BLOCK_CODE_BYTES > n->stubs) {
        n->full = true;
        return false;
    }
    struct plan plan;
    make_plan(h, b, &plan);
    b->native = (uint32_t)n->used;
    emit_begin(h, b);
    for (unsigned i = 0; i < b->records; i++) emit_record(h, b, &plan, i);
    n->used = (n->used + 15) & ~(size_t)15;
    for (unsigned i = 0; i < 2; i++) native_relink(h, &block_links(b)[i]);
    for (const struct link *l = b->incoming; l; l = l->next_incoming) native_relink(h, l);
    return true;
}

uintptr_t native_entry(const struct hart *h, const struct block *b) {
    if (b->native) return (uintptr_t)(h->native->run + b->native);
    return (uintptr_t)h->engine->flow.enter_block;
}

void native_relink(struct hart *h, const struct link *link) {
    if (!link->site) return;
    const struct block *to = link->target;
    uint32_t target = to && to->native ? to->native : link->stub;
    struct hole jump = *find_hole(&near_exit, FLOW_stencil_link);
    int32_t distance = (int32_t)(target - link->site) + jump.addend;
    memcpy(h->native->write + link->site, &distance, sizeof distance);
}

void native_drop(struct hart *h, const struct block *b) {
    if (!b->native) return;
    struct filling f = {.value[FLOW_jump_unknown] = (int64_t)h->native->flow[FLOW_jump_unknown]};
    emit(h->native, b->native, &dead, &f);
}

#else

struct native *native_create(const struct engine *engine) { return (void)engine, NULL; }
void native_destroy(struct native *n) { (void)n; }
bool native_compile(struct hart *h, struct block *b) { return (void)h, (void)b, false; }
uintptr_t native_entry(const struct hart *h, const struct block *b) {
    return (void)b, (uintptr_t)h->engine->flow.enter_block;
}
void native_relink(struct hart *h, const struct link *link) { (void)h, (void)link; }
void native_drop(struct hart *h, const struct block *b) { (void)h, (void)b; }
bool native_is_full(const struct native *n) { return (void)n, false; }
void native_empty(struct native *n) { (void)n; }

#endif
