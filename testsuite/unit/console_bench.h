// SPDX-License-Identifier: MIT
// A machine that nothing was loaded into, with a debugger beside it that can be asked.
#ifndef TABLEWALK_TESTSUITE_UNIT_CONSOLE_BENCH_H
#define TABLEWALK_TESTSUITE_UNIT_CONSOLE_BENCH_H

#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cpu/csr.h"
#include "emu/console/debugger.h"

enum { RAM_BYTES = 1 << 20 };

static bool no_input(void *context) { return (void)context, false; }
static int no_byte(void *context) { return (void)context, -1; }
static uint64_t no_wait(void *context, uint64_t wait) { return (void)context, (void)wait, 0; }
static bool nobody(const void *context) { return (void)context, false; }
static void swallow(void *context, uint8_t byte) { (void)context, (void)byte; }
static enum machine_end goes_on(const void *context, int *code) {
    (void)context, (void)code;
    return END_NONE;
}

struct bench {
    struct machine *m;
    struct debugger *d;
    char answer[1 << 16];
};

static inline struct bench *set_up(void) {
    static const struct console console = {.put = swallow,
                                           .has_input = no_input,
                                           .get = no_byte,
                                           .poll = no_wait,
                                           .live = nobody,
                                           .ended = goes_on};
    const struct machine_config config = {.ram_bytes = RAM_BYTES,
                                          .harts = 1,
                                          .extensions = isa_default(),
                                          .adue = true,
                                          .bios = "none",
                                          .max_insns = UINT64_MAX};
    const struct debugger_options options = {.batch = true};
    struct message message;
    struct bench *b = calloc(1, sizeof *b);
    b->m = machine_create(&config, &console, &message);
    cr_assert_not_null(b->m, "%s", message.text);
    b->d = debugger_create(b->m, &options, &message);
    cr_assert_not_null(b->d, "%s", message.text);
    return b;
}

static inline void take_down(struct bench *b) {
    debugger_destroy(b->d);
    machine_destroy(b->m);
    free(b);
}

// The answer to a line, until the next one.
static inline const char *ask(struct bench *b, const char *line) {
    memset(b->answer, 0, 2);
    FILE *file = fmemopen(b->answer, sizeof b->answer, "w");
    setvbuf(file, NULL, _IOFBF, 8192);
    debugger_execute(b->d, line, file);
    fclose(file);
    b->answer[sizeof b->answer - 1] = 0;
    return b->answer;
}

#endif
