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
#include "testsuite/unit/nobody.h"

enum { RAM_BYTES = 1 << 20 };

struct bench {
    struct machine *m;
    struct debugger *d;
    char answer[1 << 16];
};

static inline struct bench *set_up_harts(unsigned harts) {
    const struct machine_config config = {.ram_bytes = RAM_BYTES,
                                          .harts = harts,
                                          .extensions = isa_default(),
                                          .adue = true,
                                          .bios = "none",
                                          .max_insns = UINT64_MAX};
    const struct debugger_options options = {.batch = true};
    struct message message;
    struct bench *b = calloc(1, sizeof *b);
    b->m = machine_create(&config, &nobody, &message);
    cr_assert_not_null(b->m, "%s", message.text);
    b->d = debugger_create(b->m, &options, &message);
    cr_assert_not_null(b->d, "%s", message.text);
    return b;
}

static inline struct bench *set_up(void) { return set_up_harts(1); }

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
