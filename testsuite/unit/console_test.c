// SPDX-License-Identifier: MIT
// The debug console's commands on a machine that nothing was loaded into: expressions, and lines
// that nobody would type. (Page tables: console_tables_test.c.)
#include <unistd.h>

#include "testsuite/unit/console_bench.h"
#include "testsuite/unit/random.h"

// --- Expressions ---------------------------------------------------------------------------------

Test(console, expressions) {
    static const struct {
        const char *text;
        uint64_t value;
    } rows[] = {
        {"1 + 2 * 3", 7},
        {"(1 + 2) * 3", 9},
        {"10 - 4 - 3", 3},
        {"1 << 4 | 1", 17},
        {"0xff & ~0xf", 0xf0},
        {"-1", UINT64_MAX},
        {"!0 + !7", 1},
        {"1 << 64", 0},
        {"0b101", 5},
        {"7 % 4", 3},
        {"2 < 3 && 3 <= 3 && !(3 < 3)", 1},
        {"1 == 1 != 0", 1},
        {"5 in 5..6", 1},
        {"6 in 5..6", 0},
        {"4 in 5..6 || 1", 1},
        {"1 ^ 3", 2},
        {"a0", 0x123},
        {"x10", 0x123},
        {"$a0 + 1", 0x124},
        {"u64[0x80000000]", 0x1122334455667788},
        {"u8[0x80000000 + 7]", 0x11},
        {"p16[0x80000000]", 0x7788},
        {"mstatus.SXL", 2},
        {"priv", 3},
    };
    struct bench *b = set_up();
    const uint64_t word = 0x1122334455667788;
    b->m->hart[0]->x[10] = 0x123;
    memcpy(b->m->ram, &word, sizeof word);
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct message message = {""};
        uint64_t value = 0;
        cr_expect(expr_value(b->d, rows[i].text, &value, &message), "%s: %s", rows[i].text,
                  message.text);
        cr_expect_eq(value, rows[i].value, "%s is 0x%" PRIx64, rows[i].text, value);
    }
    take_down(b);
}

Test(console, expressions_that_are_none) {
    static const char *const rows[] = {
        "",      "1 +",     "(1",    "1)",     "1 2",    "nothing",  "1 / 0",
        "1 % 0", "0x",      "0b2",   "12ab",   "u64[",   "u64[0",    "u64[0x7ffffffffffffff9]",
        "$u8",   "u64[-1]", "'a",    "''",     "5 in 3", "5 in 3..", "satp.NONE",
        ".",     "..",      "1 = 1", "a0 = 1", "*1",     "mstatus.", "u128[0]",
        "x32",   "f99",
    };
    struct bench *b = set_up();
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct message message = {""};
        uint64_t value;
        cr_expect_not(expr_value(b->d, rows[i], &value, &message), "%s", rows[i]);
        cr_expect(message.text[0], "%s: no complaint", rows[i]);
    }
    char deep[1000];
    struct message message = {""};
    uint64_t value;
    memset(deep, '(', sizeof deep - 1);
    deep[sizeof deep - 1] = 0;
    cr_expect_not(expr_value(b->d, deep, &value, &message));
    memset(deep, '-', sizeof deep - 1);
    cr_expect_not(expr_value(b->d, deep, &value, &message));
    take_down(b);
}

// --- Lines ---------------------------------------------------------------------------------------

Test(console, every_command_has_help_and_an_unmistakable_name) {
    struct bench *b = set_up();
    for (unsigned i = 0; i < command_count; i++) {
        char line[64];
        bool several;
        cr_expect_eq(command_find(commands[i].name, &several), &commands[i]);
        if (commands[i].alias[0]) {
            cr_expect_eq(command_find(commands[i].alias, &several), &commands[i]);
        }
        snprintf(line, sizeof line, "help %s", commands[i].name);
        cr_expect_not_null(strstr(ask(b, line), commands[i].help), "%s", line);
    }
    take_down(b);
}

// Words that are good somewhere, put together at random; and bytes.
static void draw_line(uint64_t *state, char *line, size_t bytes) {
    static const char *const words[] = {
        "0",
        "-1",
        "0x80000000",
        "0xffffffffffffffff",
        "last",
        "stats",
        "on",
        "off",
        "/dev/full",
        "save",
        "diff",
        "now",
        "history",
        "--json",
        "--limit=2",
        "--from=3",
        "--phys",
        "--space=0",
        "--as=s",
        "--access=x",
        "all",
        "if",
        "a0",
        "fault",
        "disk",
        "irq",
        "u64[0]",
        "=",
        "/9999999xg",
        "/3i",
        "/2s",
        "name",
        "mmu",
        "\"",
        "--",
        "--format=tree",
        "--format=qemu",
        "--by=r",
        "--count=0",
        "--do=regs",
        "virtio",
        "plic",
    };
    size_t used = 0;
    const unsigned count = draw_below(state, 6);
    used += (size_t)snprintf(line, bytes, "%s ", commands[draw_below(state, command_count)].name);
    for (unsigned i = 0; i < count && used + 40 < bytes; i++) {
        const char *word = words[draw_below(state, sizeof words / sizeof *words)];
        used += (size_t)snprintf(line + used, bytes - used, "%s ", word);
    }
    if (one_in(state, 4)) line[draw_below(state, (unsigned)used)] = (char)(draw(state) | 1);
}

Test(console, lines_that_nobody_would_type, .timeout = 300) {
    struct bench *b = set_up();
    uint64_t state = 5;
    // A word may be a file to write: there, none can be made.
    cr_assert_eq(chdir("/proc"), 0);
    for (unsigned i = 0; i < 20000; i++) {
        char line[256];
        draw_line(&state, line, sizeof line);
        // They write and read files.
        if (strstr(line, "trace") || strstr(line, "source") || strstr(line, "heat")) continue;
        const char *answer = ask(b, line);
        const bool json = answer[0] == '{';
        cr_expect(!json || strchr(answer, '}'), "%s", line);
        if (i % 100 == 0) ask(b, "delete all");
    }
    char *endless = malloc(100000);
    memset(endless, 'a', 99999);
    endless[99999] = 0;
    cr_expect_not_null(strstr(ask(b, endless), "error"));
    free(endless);
    take_down(b);
}

Test(console, ranges_that_wrap) {
    static const char *const lines[] = {
        "x 0xfffffffffffffffc",
        "x/100xg 0xffffffffffffffe0 --phys",
        "watch 0xffffffffffffffff 2",
        "walk 0xffffffffffffffff --as=s --space=0x800ff000",
        "x/s 0xffffffffffffffff",
        "set u64[0xffffffffffffffff] 1",
        "x 0x800ffffc",
        "disassemble 0xfffffffffffffffe 3",
        "x 0x10000000 --phys",
        "set u64[0x1000] 1",
    };
    struct bench *b = set_up();
    for (unsigned i = 0; i < sizeof lines / sizeof *lines; i++) {
        const char *answer = ask(b, lines[i]);
        const bool is_walk = strncmp(lines[i], "walk", 4) == 0;
        cr_expect(is_walk || strstr(answer, "error"), "%s: %s", lines[i], answer);
    }
    take_down(b);
}
