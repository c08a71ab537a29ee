// SPDX-License-Identifier: MIT
// A hart with a little memory, for tests that run single instructions.
#ifndef TABLEWALK_TESTSUITE_UNIT_BENCH_H
#define TABLEWALK_TESTSUITE_UNIT_BENCH_H

#include <criterion/criterion.h>

#include "cpu/hart.h"

#define RAM_BASE UINT64_C(0x80000000)
enum { RAM_SIZE = 1 << 16, HANDLER = RAM_SIZE - 64 };

struct bench {
    struct hart *h;
    struct phys phys;
    uint8_t ram[RAM_SIZE];
    unsigned used; // bytes of code
};

static inline struct bench *bench_create_isa(bool interpret, extension_set extensions) {
    struct bench *b = calloc(1, sizeof *b);
    cr_assert_not_null(b);
    phys_init(&b->phys);
    cr_assert(phys_add_memory(&b->phys, (struct range){RAM_BASE, RAM_SIZE}, b->ram, true));
    const struct hart_config config = {
        .extensions = extensions, .adue = true, .interpret = interpret};
    b->h = hart_create(&config, &b->phys);
    cr_assert_not_null(b->h);
    const uint32_t jump_to_itself = 0x6f;
    memcpy(b->ram + HANDLER, &jump_to_itself, sizeof jump_to_itself);
    b->h->csr.mtvec = RAM_BASE + HANDLER;
    return b;
}

static inline struct bench *bench_create(bool interpret) {
    return bench_create_isa(interpret, isa_default());
}

static inline void bench_destroy(struct bench *b) {
    hart_destroy(b->h);
    phys_free(&b->phys);
    free(b);
}

// A loop of the instruction and a jump back to it. Returns its address.
static inline uint64_t write_loop(struct bench *b, uint32_t bits) {
    const uint32_t loop[] = {bits, 0xffdff06f};
    memcpy(b->ram + b->used, loop, sizeof loop);
    b->used += sizeof loop;
    cr_assert_leq(b->used, (unsigned)HANDLER);
    return RAM_BASE + b->used - sizeof loop;
}

#endif
