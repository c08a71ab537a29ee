// SPDX-License-Identifier: MIT
// Core files: every value is read, checked and named in messages; and what a core's structures do:
// the tree that says which entry goes, times that depend on operands, a disk's time.
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "cpu/plru.h"
#include "cpu/timing.h"
#include "emu/disk_time.h"

enum { TEXT_BYTES = 1 << 16, MESSAGE_BYTES = 256 };

static const struct value {
    const char *name;
    size_t field;
    uint32_t lowest, highest;
} values[] = {
#define VALUE(name, lowest, highest, what) {#name, offsetof(struct core, name), lowest, highest},
#include "cpu/core.def"
#undef VALUE
};
enum { VALUES = sizeof values / sizeof *values };

static char base_text[TEXT_BYTES];

static const char *find(const char *name, size_t *size) {
    if (strcmp(name, "rocket") != 0) return NULL;
    *size = strlen(base_text);
    return base_text;
}

static void read_rocket(void) {
    FILE *file = fopen("cpu/cores/rocket.core", "r");
    cr_assert(file, "run from the top of the tree");
    base_text[fread(base_text, 1, TEXT_BYTES - 1, file)] = 0;
    fclose(file);
}

static bool parse(struct core *core, const char *text, char message[static MESSAGE_BYTES]) {
    *message = 0;
    return core_parse(core, "my.core", text, strlen(text), find, message, MESSAGE_BYTES);
}

static uint32_t field(const struct core *core, const struct value *v) {
    return *(const uint32_t *)(const void *)((const char *)core + v->field);
}

TestSuite(core, .init = read_rocket);

// Sizes that others must agree with stay as they are.
static bool stands_alone(const struct value *v) {
    static const char *const joined[] = {"l1i_size",    "l1i_ways", "l1d_size", "l1d_ways",
                                         "l2_size",     "l2_ways",  "l2tlb",    "bht",
                                         "tlb_sectors", "itlb",     "dtlb",     "line"};
    for (unsigned i = 0; i < sizeof joined / sizeof *joined; i++) {
        if (strcmp(joined[i], v->name) == 0) return false;
    }
    return true;
}

Test(core, every_value_is_read_and_has_limits) {
    for (unsigned i = 0; i < VALUES; i++) {
        const struct value *v = &values[i];
        char text[128], message[MESSAGE_BYTES], wanted[MESSAGE_BYTES];
        struct core core;
        if (stands_alone(v)) {
            snprintf(text, sizeof text, "like rocket\n%s %u\n", v->name, v->highest);
            cr_expect(parse(&core, text, message), "%s: %s", v->name, message);
            cr_expect_eq(field(&core, v), v->highest, "%s", v->name);
        }
        snprintf(text, sizeof text, "like rocket\n\n%s %llu # too much\n", v->name,
                 (unsigned long long)v->highest + 1);
        snprintf(wanted, sizeof wanted, "my.core:3: %s: '%llu' is no number from %u to %u", v->name,
                 (unsigned long long)v->highest + 1, v->lowest, v->highest);
        cr_expect_not(parse(&core, text, message), "%s", v->name);
        cr_expect_str_eq(message, wanted);
    }
}

Test(core, every_value_must_be_given) {
    for (unsigned i = 0; i < VALUES; i++) {
        char text[TEXT_BYTES], message[MESSAGE_BYTES], line[64], wanted[MESSAGE_BYTES];
        strcpy(text, base_text);
        snprintf(line, sizeof line, "\n%s ", values[i].name);
        char *at = strstr(text, line);
        cr_assert(at, "%s is not in rocket.core", values[i].name);
        at[1] = '#';
        struct core core;
        snprintf(wanted, sizeof wanted, "my.core: says nothing of '%s'", values[i].name);
        cr_expect_not(parse(&core, text, message));
        cr_expect_str_eq(message, wanted);
    }
}

Test(core, wrong_files) {
    static const struct {
        const char *text, *message;
    } files[] = {
        {"like rocket\nmul\n", "my.core:2: 'name number' was expected"},
        {"like rocket\nmul 3 4\n", "my.core:2: 'name number' was expected"},
        {"like rocket\n# so\nmull 3\n", "my.core:3: 'mull' is no value of a core; the nearest is "
                                        "mul, and cpu/core.def has them all"},
        {"like rocket\nmul three\n", "my.core:2: mul: 'three' is no number from 1 to 64"},
        {"like rocket\nmul -3\n", "my.core:2: mul: '-3' is no number from 1 to 64"},
        {"like rocket\nmul 99999999999999999999999\n",
         "my.core:2: mul: '99999999999999999999999' is no number from 1 to 64"},
        {"\nlike pocket\n", "my.core:2: there is no built-in core 'pocket'"},
        {"like rocket\nl1d_ways 3\n",
         "my.core: l1d_size and l1d_ways: ways and sets must be powers of two"},
        {"like rocket\nl2_size 24\n",
         "my.core: l2_size and l2_ways: ways and sets must be powers of two"},
        {"like rocket\nbht 500\n", "my.core: bht must be a power of two"},
        {"like rocket\nl2tlb 1000\n", "my.core: l2tlb must be a power of two"},
        {"like rocket\ntlb_sectors 3\n", "my.core: tlb_sectors must be a power of two"},
        {"like rocket\ntlb_sectors 1\ndtlb 128\n",
         "my.core: itlb and dtlb may have 64 times tlb_sectors"},
    };
    for (unsigned i = 0; i < sizeof files / sizeof *files; i++) {
        struct core core;
        char message[MESSAGE_BYTES];
        cr_expect_not(parse(&core, files[i].text, message), "%s", files[i].text);
        cr_expect_str_eq(message, files[i].message);
    }
}

Test(core, overrides) {
    static const struct {
        const char *list, *message;
    } wrong[] = {
        {"mul", "--core: 'mul' should be name=number"},
        {"mul=", "--core: 'mul=' should be name=number"},
        {"mul=3,nil=4", "--core: 'nil' is no value of a core; cpu/core.def has them all"},
        {"mul=65", "--core: mul: '65' is no number from 1 to 64"},
        {"l1d_size=17", "--core: l1d_size and l1d_ways: ways and sets must be powers of two"},
    };
    struct core core;
    char message[MESSAGE_BYTES];
    cr_assert(parse(&core, base_text, message), "%s", message);
    cr_assert(core_override(&core, "mem_latency=20,l1d_size=32", message, sizeof message));
    cr_expect_eq(core.mem_latency, 20);
    cr_expect_eq(core.l1d_size, 32);
    for (unsigned i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct core other = core;
        cr_expect_not(core_override(&other, wrong[i].list, message, sizeof message));
        cr_expect_str_eq(message, wrong[i].message);
    }
}

// The reference's rules for the multiplier and the divider.
Test(core, times_that_depend_on_operands) {
    struct core core;
    char message[MESSAGE_BYTES];
    cr_assert(parse(&core, base_text, message), "%s", message);
    for (unsigned bits = 1; bits < 64; bits++) {
        const unsigned steps = (bits + 7) / 8, whole = 3 + steps < 10 ? 3 + steps : 10;
        cr_expect_eq(timing_mul(&core, UINT64_C(1) << (bits - 1), false, false), whole, "%u", bits);
        cr_expect_eq(timing_div(&core, UINT64_C(1) << (bits - 1), 1, false, false), bits - 1 + 5);
    }
    cr_expect_eq(timing_mul(&core, 3, true, false), 10, "the upper half");
    cr_expect_eq(timing_mul(&core, UINT64_MAX, false, false), 10, "a negative number");
    cr_expect_eq(timing_mul(&core, UINT32_MAX, false, true), 6, "a word");
    cr_expect_eq(timing_div(&core, 5, 0, false, false), 67, "by 0");
    cr_expect_eq(timing_div(&core, 3, 9, false, false), 67, "the divisor is longer");
    cr_expect_eq(timing_div(&core, 0 - UINT64_C(7), 2, true, false), 3 - 2 + 5 + 2, "negative");
}

// Of a full tree each entry goes once before one goes again, and what was just used stays.
Test(core, the_tree_takes_all_in_turn) {
    for (uint32_t entries = 1; entries <= PLRU_MAX; entries *= 2) {
        struct plru tree;
        plru_init(&tree, entries);
        uint64_t gone = 0;
        for (uint32_t i = 0; i < entries; i++) {
            const uint32_t victim = plru_victim(&tree);
            cr_assert_lt(victim, entries);
            cr_expect_not(gone >> victim & 1, "%u of %u", victim, entries);
            gone |= UINT64_C(1) << victim;
            plru_use(&tree, victim);
            cr_expect(entries == 1 || plru_victim(&tree) != victim);
        }
    }
    struct plru tree; // as many as the branch target buffer has, which is no power of two
    plru_init(&tree, 28);
    for (unsigned i = 0; i < 1000; i++) {
        const uint32_t victim = plru_victim(&tree);
        cr_assert_lt(victim, 28);
        plru_use(&tree, victim);
        cr_expect_neq(plru_victim(&tree), victim);
    }
}

Test(core, a_disk_seeks_and_transfers) {
    const struct core core = {.frequency = 100,
                              .disk_request = 10,
                              .disk_settle = 1000,
                              .disk_seek = 9000,
                              .disk_rate = 50,
                              .disk_flush = 7};
    struct disk_time disk = {.core = &core, .sectors = 8000000};
    cr_expect_eq(disk_time_cycles(&disk, BLK_READ, 0, 4096), 10 * 100 + 4096 * 100 / 50,
                 "where the heads are");
    cr_expect_eq(disk_time_cycles(&disk, BLK_WRITE, 8, 512), 10 * 100 + 512 * 100 / 50,
                 "behind the last one");
    const uint64_t near = disk_time_cycles(&disk, BLK_READ, 100, 512);
    const uint64_t far = disk_time_cycles(&disk, BLK_READ, 7999999, 512);
    cr_expect_eq(near, (10 + 1000) * 100 + 512 * 100 / 50);
    cr_expect(far > near + 7900 * 100 && far <= (10 + 9000) * 100 + 512 * 100 / 50);
    cr_expect_eq(disk_time_cycles(&disk, BLK_FLUSH, 0, 0), 7 * 100);
    cr_expect_eq(disk_time_cycles(&disk, BLK_ID, 0, 0), 0);
}
