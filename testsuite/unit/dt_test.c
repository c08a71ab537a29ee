// SPDX-License-Identifier: MIT
// The firmware's device-tree reader and editor, compiled for the host: against libfdt on sound
// trees, and under the sanitizers on broken ones.
#include "firmware/lib/dt.h"
#include "firmware/sbi/sbi.h"
#include <criterion/criterion.h>
#include <libfdt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TREE_MAX = 4096, SLACK = 1024, CPUS = 3 };
#define RAM_SIZE UINT64_C(0x8000000)

// reg takes two numbers of two cells each.
static void add_region(void *tree, uint64_t base, uint64_t size) {
    uint64_t reg[2] = {cpu_to_fdt64(base), cpu_to_fdt64(size)};
    cr_assert_eq(fdt_property(tree, "reg", reg, sizeof reg), 0);
}

static void add_cells(void *tree, uint32_t address, uint32_t size) {
    cr_assert_eq(fdt_property_u32(tree, "#address-cells", address), 0);
    cr_assert_eq(fdt_property_u32(tree, "#size-cells", size), 0);
}

static void add_cpus(void *tree) {
    cr_assert_eq(fdt_begin_node(tree, "cpus"), 0);
    add_cells(tree, 1, 0);
    for (uint32_t i = 0; i < CPUS; i++) {
        char name[16];
        snprintf(name, sizeof name, "cpu@%u", i);
        cr_assert_eq(fdt_begin_node(tree, name), 0);
        cr_assert_eq(fdt_property_string(tree, "device_type", "cpu"), 0);
        cr_assert_eq(fdt_property_u32(tree, "reg", i), 0);
        cr_assert_eq(fdt_property_string(tree, "status", i == 1 ? "disabled" : "okay"), 0);
        cr_assert_eq(fdt_end_node(tree), 0);
    }
    cr_assert_eq(fdt_end_node(tree), 0);
}

static void add_device(void *tree, const char *name, const char *compatible, uint64_t base) {
    cr_assert_eq(fdt_begin_node(tree, name), 0);
    cr_assert_eq(fdt_property_string(tree, "compatible", compatible), 0);
    add_region(tree, base, 0x1000);
    cr_assert_eq(fdt_end_node(tree), 0);
}

// A machine as ours has it; with_reserved adds a /reserved-memory of its own.
static void *make_tree(bool with_reserved) {
    void *tree = calloc(1, TREE_MAX);
    cr_assert_eq(fdt_create(tree, TREE_MAX), 0);
    cr_assert_eq(fdt_finish_reservemap(tree), 0);
    cr_assert_eq(fdt_begin_node(tree, ""), 0);
    add_cells(tree, 2, 2);
    cr_assert_eq(fdt_begin_node(tree, "memory@80000000"), 0);
    cr_assert_eq(fdt_property_string(tree, "device_type", "memory"), 0);
    add_region(tree, FIRMWARE_BASE, RAM_SIZE);
    cr_assert_eq(fdt_end_node(tree), 0);
    add_cpus(tree);
    if (with_reserved) {
        cr_assert_eq(fdt_begin_node(tree, "reserved-memory"), 0);
        add_cells(tree, 2, 2);
        cr_assert_eq(fdt_property(tree, "ranges", "", 0), 0);
        add_device(tree, "other@81000000", "shared-dma-pool", 0x81000000);
        cr_assert_eq(fdt_end_node(tree), 0);
    }
    cr_assert_eq(fdt_begin_node(tree, "soc"), 0);
    add_cells(tree, 2, 2);
    add_device(tree, "serial@10000000", "ns16550a", 0x10000000);
    add_device(tree, "clint@2000000", "sifive,clint0", 0x2000000);
    add_device(tree, "test@100000", "sifive,test0", 0x100000);
    cr_assert_eq(fdt_end_node(tree), 0);
    cr_assert_eq(fdt_end_node(tree), 0);
    cr_assert_eq(fdt_finish(tree), 0);
    return tree;
}

// The tree in a piece of "RAM" that ends just behind size bytes, where a sanitizer watches.
static void *tree_in_ram(const void *tree, size_t size, struct platform *platform) {
    void *ram = aligned_alloc(8, (size + 7) & ~(size_t)7);
    memset(ram, 0, size);
    memcpy(ram, tree, fdt_totalsize(tree) < size ? fdt_totalsize(tree) : size);
    *platform = (struct platform){.ram = {{(uintptr_t)ram, size}}, .ram_regions = 1};
    return ram;
}

Test(dt, finds_the_machine) {
    void *tree = make_tree(false);
    struct platform platform = {0};
    cr_assert(platform_discover(&platform, tree));
    cr_assert_eq(platform.uart, 0x10000000);
    cr_assert_eq(platform.clint, 0x2000000);
    cr_assert_eq(platform.finisher, 0x100000);
    cr_assert_eq(platform.harts, 5, "hart 1 is disabled");
    cr_assert_eq(platform.ram_regions, 1);
    cr_assert_eq(platform.ram[0].base, FIRMWARE_BASE);
    cr_assert_eq(platform.ram[0].size, RAM_SIZE);
    free(tree);
}

Test(dt, owns_ram_without_the_firmware) {
    struct platform p = {.ram = {{FIRMWARE_BASE, RAM_SIZE}}, .ram_regions = 1};
    const uint64_t start = FIRMWARE_BASE + (uint64_t)FIRMWARE_SIZE, end = FIRMWARE_BASE + RAM_SIZE;
    cr_assert(platform_owns(&p, start, end - start));
    cr_assert_not(platform_owns(&p, start - 1, 1));
    cr_assert_not(platform_owns(&p, start - 1, 2));
    cr_assert_not(platform_owns(&p, start, end - start + 1));
    cr_assert_not(platform_owns(&p, end, 1));
    cr_assert_not(platform_owns(&p, start, UINT64_MAX));
    cr_assert_not(platform_owns(&p, UINT64_MAX, 2));
    cr_assert_not(platform_owns(&p, FIRMWARE_BASE - 1, 1));
}

static void check_reserved(bool with_reserved) {
    void *tree = make_tree(with_reserved);
    struct platform platform;
    size_t size = fdt_totalsize(tree) + SLACK;
    void *ram = tree_in_ram(tree, size, &platform);
    cr_assert(dt_reserve(&platform, ram, FIRMWARE_BASE, FIRMWARE_SIZE));
    cr_assert_eq(fdt_check_full(ram, size), 0, "libfdt finds the tree sound");
    int node = fdt_path_offset(ram, "/reserved-memory/mmode_resv0@80000000");
    cr_assert_geq(node, 0);
    int length;
    const fdt64_t *reg = fdt_getprop(ram, node, "reg", &length);
    cr_assert_eq(length, 16);
    cr_assert_eq(fdt64_ld(reg), FIRMWARE_BASE);
    cr_assert_eq(fdt64_ld(reg + 1), FIRMWARE_SIZE);
    cr_assert_not_null(fdt_getprop(ram, node, "no-map", &length));
    int parent = fdt_path_offset(ram, "/reserved-memory");
    cr_assert_eq(fdt_address_cells(ram, parent), 2);
    cr_assert_eq(fdt_size_cells(ram, parent), 2);
    cr_assert_not_null(fdt_getprop(ram, parent, "ranges", &length));
    cr_assert_geq(fdt_path_offset(ram, "/soc/test@100000"), 0, "the rest is still there");
    if (with_reserved) cr_assert_geq(fdt_path_offset(ram, "/reserved-memory/other@81000000"), 0);
    free(ram);
    free(tree);
}

Test(dt, reserves_in_a_new_node) { check_reserved(false); }

Test(dt, reserves_in_an_existing_node) { check_reserved(true); }

Test(dt, reserves_nothing_without_room) {
    void *tree = make_tree(false);
    struct platform platform;
    size_t size = fdt_totalsize(tree) + 16;
    void *ram = tree_in_ram(tree, size, &platform);
    cr_assert_not(dt_reserve(&platform, ram, FIRMWARE_BASE, FIRMWARE_SIZE));
    cr_assert_eq(memcmp(ram, tree, fdt_totalsize(tree)), 0, "the tree is as it was");
    free(ram);
    free(tree);
}

// Each byte of the tree replaced by each of a few: whatever comes out, nothing outside is touched,
// and the reader comes to an end. The sanitizers watch.
Test(dt, survives_broken_trees) {
    static const uint8_t wrong[] = {0x00, 0x01, 0x02, 0x03, 0x04, 0x09, 0x7f, 0x80, 0xff};
    void *tree = make_tree(true);
    size_t size = fdt_totalsize(tree);
    unsigned refused = 0;
    for (size_t at = 0; at < size; at++) {
        for (size_t i = 0; i < sizeof wrong; i++) {
            struct platform ram_of, found = {0};
            uint8_t *ram = tree_in_ram(tree, size + SLACK, &ram_of);
            ram[at] = wrong[i];
            refused += !platform_discover(&found, ram);
            (void)dt_reserve(&ram_of, ram, FIRMWARE_BASE, FIRMWARE_SIZE);
            free(ram);
        }
    }
    cr_assert_gt(refused, 100);
    free(tree);
}

Test(dt, survives_trees_cut_short) {
    void *tree = make_tree(true);
    for (size_t size = DT_HEADER_SIZE; size < fdt_totalsize(tree); size++) {
        struct platform ram_of, found = {0};
        uint8_t *ram = tree_in_ram(tree, size, &ram_of);
        fdt_set_totalsize(ram, (uint32_t)size);
        cr_assert_not(platform_discover(&found, ram), "cut to %zu bytes", size);
        cr_assert_not(dt_reserve(&ram_of, ram, FIRMWARE_BASE, FIRMWARE_SIZE));
        free(ram);
    }
    free(tree);
}
