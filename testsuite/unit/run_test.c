// SPDX-License-Identifier: MIT
// The machine as a whole, run with small programs of a few instructions: budgets, time, several
// harts, ends, and two machines in one process.
#include "emu/machine.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "testsuite/unit/nobody.h"

// A console that nobody sits at; what was sent is kept.
struct silent {
    char sent[64];
    size_t bytes;
};

static void silent_put(void *context, uint8_t byte) {
    struct silent *s = context;
    if (s->bytes < sizeof s->sent) s->sent[s->bytes++] = (char)byte;
}
static uint64_t silent_poll(void *context, uint64_t wait) {
    (void)context;
    return wait;
}

struct bench {
    struct machine *m;
    struct silent console;
    char path[32];
    struct message why;
};

// A machine whose harts all run these instructions in M-mode from the beginning of RAM.
static void bench_open(struct bench *b, const uint32_t *code, size_t bytes, unsigned harts,
                       uint64_t max_insns) {
    memset(b, 0, sizeof *b);
    strcpy(b->path, "/tmp/tablewalk-XXXXXX");
    const int fd = mkstemp(b->path);
    cr_assert(fd >= 0 && write(fd, code, bytes) == (ssize_t)bytes);
    close(fd);
    const struct machine_config config = {
        .ram_bytes = 1 << 20,
        .harts = harts,
        .extensions = isa_default(),
        .bios = "none",
        .kernel = b->path,
        .max_insns = max_insns,
    };
    struct console console = nobody;
    console.context = &b->console;
    console.put = silent_put;
    console.poll = silent_poll;
    b->m = machine_create(&config, &console, &b->why);
    cr_assert_not_null(b->m, "%s", b->why.text);
    cr_assert(machine_load(b->m, &b->why), "%s", b->why.text);
}

static void bench_run(struct bench *b) { cr_assert(machine_run(b->m, &b->why), "%s", b->why.text); }

static void bench_close(struct bench *b) {
    machine_destroy(b->m);
    unlink(b->path);
}

#define OPEN(b, code, harts, max) bench_open(b, code, sizeof(code), harts, max)

static const uint32_t spin[] = {0x0000006f}; // j .

static const uint32_t finish[] = {
    0x001002b7, // lui  t0, 0x100
    0x00005337, // lui  t1, 5
    0x55530313, // addi t1, t1, 0x555
    0x0062a023, // sw   t1, 0(t0)
    0x0000006f, // j    .
};

// Waits for mtime 1000, then says so to the UART and switches off.
static const uint32_t timer[] = {
    0x020042b7, // lui  t0, 0x2004      mtimecmp of hart 0
    0x3e800313, // li   t1, 1000
    0x0062b023, // sd   t1, 0(t0)
    0x08000313, // li   t1, 1 << 7
    0x30431073, // csrw mie, t1
    0x10500073, // wfi
    0x100002b7, // lui  t0, 0x10000
    0x05400313, // li   t1, 'T'
    0x00628023, // sb   t1, 0(t0)
    0x001002b7, // lui  t0, 0x100
    0x00005337, // lui  t1, 5
    0x55530313, // addi t1, t1, 0x555
    0x0062a023, // sw   t1, 0(t0)
    0x0000006f, // j    .
};

static const uint32_t wait[] = {0x10500073, 0xffdff06f}; // wfi; j .-4

Test(run, poweroff) {
    struct bench b;
    OPEN(&b, finish, 1, UINT64_MAX);
    bench_run(&b);
    cr_expect_eq(b.m->end, END_POWEROFF);
    // The boot ROM's six instructions and the program's four.
    cr_expect_eq(b.m->executed, 10);
    bench_close(&b);
}

Test(run, the_limit_is_exact_for_any_number_of_harts) {
    for (unsigned harts = 1; harts <= MACHINE_MAX_HARTS; harts++) {
        struct bench b;
        OPEN(&b, spin, harts, 100003);
        bench_run(&b);
        cr_expect_eq(b.m->end, END_LIMIT);
        cr_expect_eq(b.m->executed, 100003, "%u harts: %lu", harts, b.m->executed);
        bench_close(&b);
    }
}

Test(run, harts_get_equal_shares) {
    struct bench b;
    OPEN(&b, spin, 4, 1000000);
    bench_run(&b);
    for (unsigned i = 0; i < 4; i++) {
        const uint64_t executed = hart_cycles(b.m->hart[i]);
        cr_expect(executed >= 248000 && executed <= 252000, "hart %u: %lu", i, executed);
    }
    bench_close(&b);
}

Test(run, time_jumps_to_the_timer) {
    struct bench b;
    OPEN(&b, timer, 1, 100000);
    bench_run(&b);
    cr_expect_eq(b.m->end, END_POWEROFF);
    cr_expect_eq(b.console.bytes, 1);
    cr_expect_eq(b.console.sent[0], 'T');
    // 1000 ticks are 100000 cycles, of which the hart worked in 19.
    cr_expect(b.m->cycles >= 100000 && b.m->cycles < 100020, "%lu", b.m->cycles);
    cr_expect_eq(b.m->executed, 19);
    bench_close(&b);
}

Test(run, nothing_to_wait_for) {
    struct bench b;
    OPEN(&b, wait, 2, UINT64_MAX);
    bench_run(&b);
    cr_expect_eq(b.m->end, END_STUCK);
    bench_close(&b);
}

Test(run, two_machines_side_by_side_do_not_meet) {
    struct bench a, b;
    OPEN(&a, timer, 1, 100000);
    OPEN(&b, finish, 2, 100000);
    bench_run(&b);
    bench_run(&a);
    cr_expect_eq(a.m->end, END_POWEROFF);
    cr_expect_eq(b.m->end, END_POWEROFF);
    cr_expect_eq(a.console.bytes, 1);
    cr_expect_eq(b.console.bytes, 0);
    bench_close(&a);
    bench_close(&b);
}

Test(run, loading_again_is_as_the_first_time) {
    struct bench b;
    OPEN(&b, timer, 1, 100000);
    bench_run(&b);
    const uint64_t executed = b.m->executed;
    cr_assert(machine_load(b.m, &b.why), "%s", b.why.text);
    bench_run(&b);
    cr_expect_eq(b.m->executed, 2 * executed);
    cr_expect_eq(b.console.bytes, 2);
    bench_close(&b);
}
