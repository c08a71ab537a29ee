// SPDX-License-Identifier: MIT
// The device-tree nodes, against what QEMU 7.2's virt board says of the same devices.
#include "devices/clint.h"
#include "devices/finisher.h"
#include "devices/goldfish_rtc.h"
#include "devices/node.h"
#include "devices/plic.h"
#include "devices/uart.h"
#include "devices/virtio_mmio.h"
#include "testsuite/unit/wires.h"

#include <libfdt.h>

enum { HARTS = 2, INTC = 1, PLIC = 9, FREE = 20 };

struct bench {
    struct test_clock clock;
    char tree[8192];
};

static void no_end(void *listener, enum finish how, unsigned code) {
    (void)listener, (void)how, (void)code;
}

enum { DEVICES = 7, FINISHER = 2 };

static void create(struct schedule *s, struct device *d[static DEVICES]) {
    const struct clint_config timers = {
        .harts = HARTS,
        .wires = (struct clint_wires[HARTS]){{.msip = {.set = NULL}}},
    };
    const struct plic_wires externals[HARTS] = {{.mei = {.set = NULL}}};
    const struct device_place at[DEVICES] = {
        {.base = 0x2000000, .schedule = s},
        {.base = 0xc000000, .schedule = s},
        {.base = 0x100000, .schedule = s},
        {.base = 0x101000, .irq_number = 11, .schedule = s},
        {.base = 0x10000000, .irq_number = 10, .schedule = s},
        {.base = 0x10001000, .irq_number = 1, .schedule = s},
        {.base = 0x10008000, .irq_number = 8, .schedule = s},
    };
    d[0] = clint_create(&at[0], &timers);
    d[1] = plic_create(&at[1], HARTS, externals);
    d[FINISHER] = finisher_create(&at[2], no_end, NULL);
    d[3] = goldfish_rtc_create(&at[3], 0);
    d[4] = uart_create(&at[4], &(struct uart_line){.sent = NULL});
    d[5] = virtio_mmio_create(&at[5], NULL, false);
    d[6] = virtio_mmio_create(&at[6], NULL, false);
    for (unsigned i = 0; i < DEVICES; i++) cr_assert_not_null(d[i]);
}

// Writes /soc with one of each device into the tree.
static void write_tree(struct bench *b) {
    struct device *devices[DEVICES];
    struct fdt_context c = {.fdt = b->tree,
                            .harts = HARTS,
                            .plic_phandle = PLIC,
                            .cpu_intc_phandle = INTC,
                            .next_phandle = FREE};
    test_clock_start(&b->clock);
    create(&b->clock.schedule, devices);
    cr_assert_eq(fdt_create(b->tree, sizeof b->tree), 0);
    cr_assert_eq(fdt_finish_reservemap(b->tree), 0);
    node_begin(&c, "");
    node_begin(&c, "soc");
    for (unsigned i = 0; i < DEVICES; i++) {
        cr_assert_eq(device_write_node(devices[i], &c), 0, "device %u", i);
    }
    node_end(&c);
    cr_assert_eq(finisher_write_power_nodes(devices[FINISHER], &c), 0);
    node_end(&c);
    cr_assert_eq(c.error, 0);
    cr_assert_eq(fdt_finish(b->tree), 0);
    cr_assert_eq(c.next_phandle, FREE + 1);
    for (unsigned i = 0; i < DEVICES; i++) device_destroy(devices[i]);
}

// A property of the node at a path is these bytes.
static void expect_bytes(struct bench *b, const char *path, const char *property, const void *bytes,
                         size_t len) {
    int got;
    const void *at = fdt_getprop(b->tree, fdt_path_offset(b->tree, path), property, &got);
    cr_assert_not_null(at, "%s has no %s", path, property);
    cr_assert_eq((size_t)got, len, "%s %s: %d bytes", path, property, got);
    cr_assert_arr_eq(at, bytes, len);
}

static void expect_cells(struct bench *b, const char *path, const char *property, unsigned count,
                         const uint32_t *cells) {
    uint32_t big_endian[16];
    for (unsigned i = 0; i < count; i++) big_endian[i] = cpu_to_fdt32(cells[i]);
    expect_bytes(b, path, property, big_endian, count * 4);
}
#define CELLS(b, path, property, ...)                                                              \
    expect_cells(b, path, property, sizeof((uint32_t[]){__VA_ARGS__}) / 4,                         \
                 (uint32_t[]){__VA_ARGS__})
#define STRINGS(b, path, property, text) expect_bytes(b, path, property, text, sizeof text)

Test(node, devices_are_those_of_the_virt_board) {
    struct bench b;
    write_tree(&b);
    CELLS(&b, "/soc/clint@2000000", "reg", 0, 0x2000000, 0, 0x10000);
    CELLS(&b, "/soc/clint@2000000", "interrupts-extended", INTC, 3, INTC, 7, INTC + 1, 3, INTC + 1,
          7);
    STRINGS(&b, "/soc/clint@2000000", "compatible", "sifive,clint0\0riscv,clint0");

    CELLS(&b, "/soc/plic@c000000", "reg", 0, 0xc000000, 0, 0x600000);
    CELLS(&b, "/soc/plic@c000000", "interrupts-extended", INTC, 11, INTC, 9, INTC + 1, 11, INTC + 1,
          9);
    CELLS(&b, "/soc/plic@c000000", "phandle", PLIC);
    CELLS(&b, "/soc/plic@c000000", "riscv,ndev", 95);
    CELLS(&b, "/soc/plic@c000000", "#interrupt-cells", 1);
    CELLS(&b, "/soc/plic@c000000", "#address-cells", 0);
    expect_bytes(&b, "/soc/plic@c000000", "interrupt-controller", "", 0);
    STRINGS(&b, "/soc/plic@c000000", "compatible", "sifive,plic-1.0.0\0riscv,plic0");

    CELLS(&b, "/soc/test@100000", "reg", 0, 0x100000, 0, 0x1000);
    CELLS(&b, "/soc/test@100000", "phandle", FREE);
    STRINGS(&b, "/soc/test@100000", "compatible", "sifive,test1\0sifive,test0\0syscon");
    STRINGS(&b, "/poweroff", "compatible", "syscon-poweroff");
    CELLS(&b, "/poweroff", "regmap", FREE);
    CELLS(&b, "/poweroff", "offset", 0);
    CELLS(&b, "/poweroff", "value", 0x5555);
    STRINGS(&b, "/reboot", "compatible", "syscon-reboot");
    CELLS(&b, "/reboot", "value", 0x7777);

    CELLS(&b, "/soc/rtc@101000", "reg", 0, 0x101000, 0, 0x1000);
    CELLS(&b, "/soc/rtc@101000", "interrupts", 11);
    CELLS(&b, "/soc/rtc@101000", "interrupt-parent", PLIC);
    STRINGS(&b, "/soc/rtc@101000", "compatible", "google,goldfish-rtc");

    CELLS(&b, "/soc/serial@10000000", "reg", 0, 0x10000000, 0, 0x100);
    CELLS(&b, "/soc/serial@10000000", "interrupts", 10);
    CELLS(&b, "/soc/serial@10000000", "interrupt-parent", PLIC);
    CELLS(&b, "/soc/serial@10000000", "clock-frequency", 0x384000);
    STRINGS(&b, "/soc/serial@10000000", "compatible", "ns16550a");

    CELLS(&b, "/soc/virtio_mmio@10008000", "reg", 0, 0x10008000, 0, 0x1000);
    CELLS(&b, "/soc/virtio_mmio@10001000", "interrupts", 1);
    CELLS(&b, "/soc/virtio_mmio@10008000", "interrupts", 8);
    CELLS(&b, "/soc/virtio_mmio@10008000", "interrupt-parent", PLIC);
    STRINGS(&b, "/soc/virtio_mmio@10001000", "compatible", "virtio,mmio");
}

Test(node, the_first_error_stays) {
    char tree[128];
    struct fdt_context c = {.fdt = tree, .harts = 4};
    cr_assert_eq(fdt_create(tree, sizeof tree), 0);
    cr_assert_eq(fdt_finish_reservemap(tree), 0);
    node_begin(&c, "");
    for (unsigned i = 0; i < 20 && !c.error; i++) node_hart_interrupts(&c, 1, 2);
    cr_assert_eq(c.error, -FDT_ERR_NOSPACE);
    node_end(&c);
    node_u32(&c, "more", 1);
    node_string(&c, "more", "1");
    node_flag(&c, "more");
    cr_assert_eq(c.error, -FDT_ERR_NOSPACE);
}
