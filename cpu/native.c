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

static const struct stencil stencils[OPS + 1] = {
#define INSN(name, ...) [OP_##name] = STENCIL_##name,
#define CINSN(...)
#include "cpu/isa.def"
#undef INSN
#undef CINSN
    [OPS] = STENCIL_fall_through,
};
static const struct stencil interpret = STENCIL_interpret;
static const struct stencil trampoline = STENCIL_trampoline;

enum { BLOCK_CODE_BYTES = 64 * 1024, FLOW_COUNT = FLOW_END - FLOW_FIRST - 1 };

struct native {
    uint8_t *write;     // the arena, writable
    const uint8_t *run; // the same memory, executable
    size_t used, start; // bytes; start: behind the trampolines
    bool full;
    size_t flow[FLOW_END]; // where in the arena the trampoline of a FLOW_ handler is
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

static int64_t address_of(handler_fn handler) { return (int64_t)(intptr_t)handler; }

static void emit_trampolines(struct native *n, const struct engine *engine) {
    const handler_fn handler[FLOW_END] = {[FLOW_follow_unknown] = engine->flow.follow_unknown,
                                          [FLOW_jump_unknown] = engine->flow.jump_unknown,
                                          [FLOW_out_of_budget] = engine->flow.out_of_budget,
                                          [FLOW_leave_at_pc] = engine->flow.leave_at_pc};
    for (int i = FLOW_FIRST + 1; i < FLOW_END; i++) {
        if (!handler[i]) continue;
        struct filling f = {.value[HOLE_handler] = address_of(handler[i])};
        emit(n, n->used, &trampoline, &f);
        n->flow[i] = n->used;
        n->used += trampoline.size;
    }
    n->start = n->used;
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
    n->full = false;
}

// --- A block
// ----------------------------------------------------------------------------------------

static const struct stencil *stencil_of(const struct block *b, unsigned record) {
    const struct stencil *s = &stencils[block_origins(b)[record].op];
    return s->code ? s : &interpret;
}

static int64_t offset_in_hart(size_t array, unsigned index) { return (int64_t)(array + 8 * index); }

// The holes that the operands of record i fill.
static struct filling fill_operands(const struct hart *h, const struct block *b, unsigned i) {
    const struct record *r = &b->record[i];
    const struct origin *o = &block_origins(b)[i];
    const struct link *link = block_links(b);
    const size_t x = offsetof(struct hart, x), f = offsetof(struct hart, f);
    handler_fn own = o->op == OPS ? h->engine->flow.fall_through : h->engine->handler[o->op];
    return (struct filling){.value = {[HOLE_rd] = offset_in_hart(x, r->rd),
                                      [HOLE_rs1] = offset_in_hart(x, r->rs1),
                                      [HOLE_rs2] = offset_in_hart(x, r->rs2),
                                      [HOLE_fd] = offset_in_hart(f, r->rd),
                                      [HOLE_fs1] = offset_in_hart(f, r->rs1),
                                      [HOLE_fs2] = offset_in_hart(f, r->rs2),
                                      [HOLE_fs3] = offset_in_hart(f, r->aux),
                                      [HOLE_imm] = r->imm,
                                      [HOLE_length] = 2 * r->aux,
                                      [HOLE_offset_0] = link[0].offset,
                                      [HOLE_offset_1] = link[1].offset,
                                      [HOLE_links] = (int64_t)(intptr_t)link,
                                      [HOLE_record] = (int64_t)(intptr_t)r,
                                      [HOLE_handler] = address_of(own)}};
}

static bool leads_to(const struct stencil *s, unsigned flow) {
    for (unsigned i = 0; i < s->holes; i++) {
        if (s->hole[i].value == flow) return true;
    }
    return false;
}

// The stencils of all records one behind the other; behind them, for each that needs it, the way to
// the interpreter.
bool native_compile(struct hart *h, struct block *b) {
    struct native *n = h->native;
    if (n->used + BLOCK_CODE_BYTES > NATIVE_BYTES) {
        n->full = true;
        return false;
    }
    size_t at[BLOCK_MAX + 2] = {n->used};
    for (unsigned i = 0; i < b->records; i++) at[i + 1] = at[i] + stencil_of(b, i)->size;
    size_t slow = at[b->records];
    for (unsigned i = 0; i < b->records; i++) {
        const struct stencil *s = stencil_of(b, i);
        struct filling f = fill_operands(h, b, i);
        for (unsigned k = FLOW_FIRST + 1; k < FLOW_END; k++) f.value[k] = (int64_t)n->flow[k];
        f.value[FLOW_stencil_next] = (int64_t)at[i + 1];
        f.value[FLOW_stencil_slow] = (int64_t)slow;
        emit(n, at[i], s, &f);
        if (!leads_to(s, FLOW_stencil_slow)) continue;
        emit(n, slow, &interpret, &f);
        slow += interpret.size;
    }
    for (unsigned i = 0; i < b->records; i++) {
        b->record[i].run = (handler_fn)(uintptr_t)(n->run + at[i]);
    }
    n->used = (slow + 15) & ~(size_t)15;
    return true;
}

#else

struct native *native_create(const struct engine *engine) { return (void)engine, NULL; }
void native_destroy(struct native *n) { (void)n; }
bool native_compile(struct hart *h, struct block *b) { return (void)h, (void)b, false; }
bool native_is_full(const struct native *n) { return (void)n, false; }
void native_empty(struct native *n) { (void)n; }

#endif
