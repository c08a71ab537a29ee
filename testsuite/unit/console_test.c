// SPDX-License-Identifier: MIT
// The debug console's commands on a machine that nothing was loaded into: expressions, lines that
// nobody would type, and translations compared with the manual's text over drawn page tables.
#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cpu/csr.h"
#include "emu/console/debugger.h"
#include "emu/console/tables.h"
#include "emu/gdb.h"
#include "emu/gdb_stub.h"
#include "testsuite/unit/manual_walk.h"
#include "testsuite/unit/random.h"

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

static struct bench *set_up(void) {
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

static void take_down(struct bench *b) {
    debugger_destroy(b->d);
    machine_destroy(b->m);
    free(b);
}

static const char *ask(struct bench *b, const char *line) {
    memset(b->answer, 0, 2);
    FILE *file = fmemopen(b->answer, sizeof b->answer, "w");
    setvbuf(file, NULL, _IOFBF, 8192);
    debugger_execute(b->d, line, file);
    fclose(file);
    b->answer[sizeof b->answer - 1] = 0;
    return b->answer;
}

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

// A client of the gdb stub that asks and never reads the answers is given up.
Test(console, a_gdb_client_that_reads_nothing, .timeout = 60) {
    static const char ask_much[] = "$m80000000,1ff0#4e";
    struct bench *b = set_up();
    struct gdb *g = calloc(1, sizeof *g);
    int ends[2];
    cr_assert(g && socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
    *g = (struct gdb){.d = b->d, .listener = -1, .client = ends[0]};
    b->d->gdb = g; // which frees it
    enum { PACKET = sizeof ask_much - 1, PACKETS = 500 };
    char packets[PACKETS * PACKET];
    for (unsigned i = 0; i < PACKETS; i++) memcpy(packets + i * PACKET, ask_much, PACKET);
    cr_assert_eq(write(ends[1], packets, sizeof packets), (ssize_t)sizeof packets);
    gdb_stopped(g);
    cr_expect_not(gdb_is_connected(g));
    close(ends[1]);
    take_down(b);
}

// --- Translations --------------------------------------------------------------------------------

enum { TABLES = 12, ENTRIES = 512 };

// Tables that often lead somewhere, with everything that can be wrong with a PTE.
static uint64_t draw_pte(uint64_t *state) {
    const uint64_t page = UINT64_C(0x80000) + draw_below(state, one_in(state, 8) ? 600 : TABLES);
    uint64_t pte = page << PTE_PPN_SHIFT | PTE_V;
    if (one_in(state, 2)) return one_in(state, 8) ? pte | (draw(state) & 0xff) : pte; // a pointer
    pte |= draw(state) & 0xff;
    if (one_in(state, 16)) pte |= draw(state) & ~PTE_PPN;
    if (one_in(state, 8)) pte &= ~(UINT64_C(0x3ffff) << PTE_PPN_SHIFT);
    return pte;
}

static void draw_tables(struct bench *b, uint64_t *state) {
    for (unsigned t = 0; t < TABLES; t++) {
        for (unsigned i = 0; i < ENTRIES; i++) {
            const uint64_t pte = draw_pte(state);
            memcpy(b->m->ram + t * PAGE_SIZE + i * 8, &pte, sizeof pte);
        }
    }
}

static enum walk_reason read_ram(void *context, uint64_t pa, uint64_t *pte) {
    struct bench *b = context;
    const uint8_t *host = phys_host(&b->m->phys, pa, 8);
    if (!host) return WALK_TABLE_OUTSIDE_MEMORY;
    memcpy(pte, host, 8);
    return WALK_OK;
}

static void enter_space(struct bench *b, uint64_t *state) {
    struct hart *h = b->m->hart[0];
    h->csr.satp = (uint64_t)SATP_SV39 << 60 | 0x80000;
    h->csr.mstatus = (h->csr.mstatus & ~(MSTATUS_SUM | MSTATUS_MXR)) |
                     (draw(state) & (MSTATUS_SUM | MSTATUS_MXR));
    h->privilege = one_in(state, 2) ? PRIV_S : PRIV_U;
    h->mmu.pmp.addr[0] = UINT64_MAX >> 10;
    pmp_write_addr(&h->mmu.pmp, 0, UINT64_MAX >> 10);
    pmp_write_cfg(&h->mmu.pmp, 0, 0x1f);
    hart_context_changed(h);
}

// "walk --json" against the manual's process, letter by letter.
Test(console, walk_as_the_manual_has_it, .timeout = 600) {
    struct bench *b = set_up();
    uint64_t state = 9;
    unsigned seen[WALK_REASONS] = {0};
    static const char letters[] = "xrw";
    for (unsigned i = 0; i < 40000; i++) {
        if (i % 2000 == 0) draw_tables(b, &state);
        enter_space(b, &state);
        const enum access access = (enum access)draw_below(&state, 3);
        uint64_t va = draw(&state) & 0x7fffffffff;
        if (va >> 38) va |= UINT64_MAX << 39;
        if (one_in(&state, 50)) va ^= UINT64_C(1) << 45;
        char line[80], wanted[64];
        snprintf(line, sizeof line, "walk 0x%" PRIx64 " --access=%c --json", va, letters[access]);
        struct walk_request request;
        mmu_request(&b->m->hart[0]->mmu, va, access, &request);
        const struct manual_result manual = manual_walk(&request, read_ram, b);
        const char *answer = ask(b, line);
        snprintf(wanted, sizeof wanted, "\"reason\": \"%s\"", walk_reason_row(manual.reason)->name);
        cr_assert_not_null(strstr(answer, wanted), "%s: %s is not in %s", line, wanted, answer);
        seen[manual.reason]++;
        if (manual.reason != WALK_OK) continue;
        snprintf(wanted, sizeof wanted, "\"pa\": \"0x%" PRIx64 "\"", manual.pa);
        cr_assert_not_null(strstr(answer, wanted), "%s: %s is not in %s", line, wanted, answer);
    }
    cr_expect_gt(seen[WALK_OK], 1000);
    cr_expect_gt(seen[WALK_NON_CANONICAL], 100);
    cr_expect_gt(seen[WALK_NO_LEAF], 100);
    cr_expect_gt(seen[WALK_INVALID] + seen[WALK_NO_READ] + seen[WALK_SUPERVISOR_PAGE], 100);
    take_down(b);
}

// A page of every range, and none beside, is what the manual's process reaches with all rights.

static bool mapped(const struct mappings *m, uint64_t va, uint64_t *pa) {
    for (size_t i = 0; i < m->count; i++) {
        const struct mapping *r = &m->list[i];
        if (va < r->va || va - r->va >= r->bytes) continue;
        *pa = r->pa + (va - r->va);
        return true;
    }
    return false;
}

Test(console, ranges_as_the_manual_has_them) {
    struct bench *b = set_up();
    uint64_t state = 11;
    // A tidy table: no reserved bits, all leaves with every right, sparse.
    memset(b->m->ram, 0, (size_t)TABLES * PAGE_SIZE);
    for (unsigned t = 0; t < TABLES; t++) {
        for (unsigned i = 0; i < 6; i++) {
            const bool leaf = t >= 5 || (t > 0 && one_in(&state, 4));
            const uint64_t child = t == 0 ? 1 + draw_below(&state, 4) : 5 + draw_below(&state, 7);
            const uint64_t align = t < 5 ? 512 : 1;
            const uint64_t ppn = leaf ? (0x80000 + draw_below(&state, 4) * align) : 0x80000 + child;
            const uint64_t pte = ppn << PTE_PPN_SHIFT | (leaf ? 0xcf : PTE_V);
            const unsigned slot = one_in(&state, 2) ? i : draw_below(&state, ENTRIES);
            memcpy(b->m->ram + t * PAGE_SIZE + slot * 8, &pte, sizeof pte);
        }
    }
    struct mappings m;
    mappings_of(&b->m->phys, RAM_BASE, false, &m);
    cr_assert_gt(m.count, 10);
    unsigned hits = 0;
    for (unsigned i = 0; i < 200000; i++) {
        // Near an end of a range, or anywhere.
        const struct mapping *r = &m.list[draw_below(&state, (unsigned)m.count)];
        uint64_t va = one_in(&state, 2) ? r->va - 1 : r->va + r->bytes - 1;
        va += draw_below(&state, 3);
        const struct walk_request request = {
            .va = va, .access = ACCESS_LOAD, .privilege = PRIV_S, .root = RAM_BASE, .sum = true};
        const struct manual_result manual = manual_walk(&request, read_ram, b);
        uint64_t pa = 0;
        const bool there = mapped(&m, va, &pa);
        cr_assert_eq(there, manual.reason == WALK_OK, "0x%" PRIx64 ": %s", va,
                     walk_reason_row(manual.reason)->name);
        if (there) cr_assert_eq(pa, manual.pa, "0x%" PRIx64, va);
        hits += there;
    }
    cr_expect_gt(hits, 1000);
    mappings_free(&m);
    take_down(b);
}

// An entry stands in the TLB; then memory changes, and no fence is made.
Test(console, stale_entries) {
    struct bench *b = set_up();
    uint64_t state = 1, value;
    const uint64_t leaf = UINT64_C(0x80000) << PTE_PPN_SHIFT | 0xcf; // a gigapage of itself
    const uint64_t other = leaf & ~PTE_W;
    memcpy(b->m->ram + 8 * 2, &leaf, sizeof leaf);
    enter_space(b, &state);
    b->m->hart[0]->privilege = PRIV_S;
    hart_context_changed(b->m->hart[0]);
    cr_assert(mmu_load(&b->m->hart[0]->mmu, RAM_BASE + 64, 8, &value));
    cr_expect_not_null(strstr(ask(b, "tlb"), "0x0000000080000000  0x000080000000    1G"));
    cr_expect_null(strstr(ask(b, "tlb stale"), "1G"));
    cr_expect_not_null(strstr(ask(b, "lint"), "W+X"));
    memcpy(b->m->ram + 8 * 2, &other, sizeof other);
    cr_expect_not_null(strstr(ask(b, "tlb stale"), "the PTE's rights have changed"));
    cr_expect_not_null(strstr(ask(b, "lint"), "no SFENCE.VMA since the PTE's rights have changed"));
    const uint64_t nothing = 0;
    memcpy(b->m->ram + 8 * 2, &nothing, sizeof nothing);
    cr_expect_not_null(strstr(ask(b, "tlb stale"), "the PTE is not valid any more"));
    cr_expect_not_null(strstr(ask(b, "tlb stats"), "walks"));
    take_down(b);
}

// A table that contains itself everywhere ends, and says that it was cut off.
Test(console, a_table_of_itself, .timeout = 60) {
    struct bench *b = set_up();
    const uint64_t pte = UINT64_C(0x80000) << PTE_PPN_SHIFT | PTE_V;
    for (unsigned i = 0; i < ENTRIES; i++) memcpy(b->m->ram + 8 * i, &pte, sizeof pte);
    cr_expect_not_null(strstr(ask(b, "pt 0x80000000 --format=tree --limit=3"), "cut off"));
    cr_expect_not_null(strstr(ask(b, "pt 0x80000000"), "cut off"));
    take_down(b);
}
