// SPDX-License-Identifier: MIT
// The device tree: the root, chosen, memory and harts are written here, each device writes its own
// node. A tree from a file is taken as it is, but for what the command line says (chosen).
#include <inttypes.h>
#include <libfdt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "devices/finisher.h"
#include "devices/node.h"
#include "emu/boot.h"
#include "emu/loader.h"

enum { TREE_BYTES = 1 << 16, TREE_EXTRA = 1 << 13 };
// Address and size of a 64-bit range as cells.
#define CELLS(v) (uint32_t)((v) >> 32), (uint32_t)(v)

enum { CACHE_BLOCK_BYTES = 64, ISA_TEXT_BYTES = 256 };

// The extensions' names, one after the other, each with its NUL.
static void write_isa(struct fdt_context *c, extension_set extensions) {
    char text[ISA_TEXT_BYTES];
    isa_string(extensions, text, sizeof text);
    node_string(c, "riscv,isa", text);
    node_string(c, "riscv,isa-base", "rv64i");
    size_t bytes = 0;
    for (unsigned e = 0; e < EXTENSIONS; e++) {
        // S and U are modes, which this property does not list.
        if (!(extensions >> e & 1) || e == EXT_s || e == EXT_u) continue;
        const size_t length = strlen(isa_extension_name(e)) + 1;
        if (length > sizeof text - bytes) break;
        memcpy(text + bytes, isa_extension_name(e), length);
        bytes += length;
    }
    node_strings(c, "riscv,isa-extensions", text, bytes);
}

static void write_hart(struct fdt_context *c, const struct machine *m, unsigned hart) {
    const extension_set extensions = m->config.extensions;
    char name[16];
    snprintf(name, sizeof name, "cpu@%x", hart);
    node_begin(c, name);
    node_string(c, "device_type", "cpu");
    node_u32(c, "reg", hart);
    node_string(c, "status", "okay");
    node_string(c, "compatible", "riscv");
    write_isa(c, extensions);
    node_string(c, "mmu-type", extensions & EXT_BIT(EXT_s) ? "riscv,sv39" : "riscv,none");
    if (extensions & EXT_BIT(EXT_zicbom)) node_u32(c, "riscv,cbom-block-size", CACHE_BLOCK_BYTES);
    if (extensions & EXT_BIT(EXT_zicboz)) node_u32(c, "riscv,cboz-block-size", CACHE_BLOCK_BYTES);
    node_begin(c, "interrupt-controller");
    node_u32(c, "#interrupt-cells", 1);
    node_flag(c, "interrupt-controller");
    node_string(c, "compatible", "riscv,cpu-intc");
    node_u32(c, "phandle", c->cpu_intc_phandle + hart);
    node_end(c);
    node_end(c);
}

static void write_harts(struct fdt_context *c, const struct machine *m) {
    node_begin(c, "cpus");
    node_u32(c, "#address-cells", 1);
    node_u32(c, "#size-cells", 0);
    node_u32(c, "timebase-frequency", TIMEBASE_HZ);
    for (unsigned i = 0; i < m->config.harts; i++) write_hart(c, m, i);
    node_end(c);
}

static void write_chosen(struct fdt_context *c, const struct machine *m,
                         const struct boot_info *boot) {
    char path[32];
    node_begin(c, "chosen");
    if (m->config.append) node_string(c, "bootargs", m->config.append);
    snprintf(path, sizeof path, "/soc/serial@%x", UART_BASE);
    node_string(c, "stdout-path", path);
    if (boot->initrd.size) {
        const uint64_t end = boot->initrd.base + boot->initrd.size;
        node_cells(c, "linux,initrd-start", (uint32_t[]){CELLS(boot->initrd.base)}, 2);
        node_cells(c, "linux,initrd-end", (uint32_t[]){CELLS(end)}, 2);
    }
    node_end(c);
}

static void write_memory(struct fdt_context *c, const struct machine *m) {
    char name[32];
    snprintf(name, sizeof name, "memory@%" PRIx64, m->ram_range.base);
    node_begin(c, name);
    node_string(c, "device_type", "memory");
    node_cells(c, "reg", (uint32_t[]){CELLS(m->ram_range.base), CELLS(m->ram_range.size)}, 4);
    node_end(c);
}

static void write_soc(struct fdt_context *c, struct machine *m) {
    struct device *const board[] = {m->clint, m->plic, m->finisher, m->rtc, m->uart};
    node_begin(c, "soc");
    node_u32(c, "#address-cells", 2);
    node_u32(c, "#size-cells", 2);
    node_string(c, "compatible", "simple-bus");
    node_flag(c, "ranges");
    for (unsigned i = 0; i < sizeof board / sizeof *board; i++) device_write_node(board[i], c);
    for (unsigned i = 0; i < VIRTIO_MMIO_SLOTS; i++) device_write_node(m->slot[i], c);
    if (m->framebuffer) device_write_node(m->framebuffer, c);
    node_end(c);
    finisher_write_power_nodes(m->finisher, c);
}

static void write_root(struct fdt_context *c, struct machine *m, const struct boot_info *boot) {
    node_begin(c, "");
    node_u32(c, "#address-cells", 2);
    node_u32(c, "#size-cells", 2);
    node_string(c, "compatible", "riscv-virtio");
    node_string(c, "model", "riscv-virtio,tablewalk");
    write_chosen(c, m, boot);
    write_memory(c, m);
    write_harts(c, m);
    if (m->config.extensions & EXT_BIT(EXT_zihpm)) fdt_write_pmu(c, m->hart[0]);
    write_soc(c, m);
    node_end(c);
}

static void *generate(struct machine *m, const struct boot_info *boot, size_t *size,
                      struct message *message) {
    void *tree = malloc(TREE_BYTES);
    if (!tree) {
        complain(message, "out of memory for the device tree");
        return NULL;
    }
    struct fdt_context c = {
        .fdt = tree,
        .harts = m->config.harts,
        .cpu_intc_phandle = 1,
        .plic_phandle = 1 + m->config.harts,
        .next_phandle = 2 + m->config.harts,
    };
    c.error = fdt_create(tree, TREE_BYTES);
    if (!c.error) c.error = fdt_finish_reservemap(tree);
    write_root(&c, m, boot);
    if (!c.error) c.error = fdt_finish(tree);
    if (c.error) {
        complain(message, "the device tree can't be written: %s", fdt_strerror(c.error));
        free(tree);
        return NULL;
    }
    *size = fdt_totalsize(tree);
    return tree;
}

// What the command line says overrides what the file says.
static int amend(void *tree, const struct machine *m, const struct boot_info *boot) {
    int chosen = fdt_path_offset(tree, "/chosen");
    if (chosen == -FDT_ERR_NOTFOUND) chosen = fdt_add_subnode(tree, 0, "chosen");
    int error = chosen < 0 ? chosen : 0;
    if (!error && m->config.append) {
        error = fdt_setprop(tree, chosen, "bootargs", m->config.append,
                            (int)strlen(m->config.append) + 1);
    }
    if (!error && boot->initrd.size) {
        const uint64_t end = boot->initrd.base + boot->initrd.size;
        error = fdt_setprop_u64(tree, chosen, "linux,initrd-start", boot->initrd.base);
        if (!error) error = fdt_setprop_u64(tree, chosen, "linux,initrd-end", end);
    }
    return error;
}

static void *from_file(struct machine *m, const struct boot_info *boot, size_t *size,
                       struct message *message) {
    struct image file;
    if (!image_read(&file, &m->files, m->config.dtb, m->ram_range.size, message)) return NULL;
    // Before version 17 a tree does not say how long its structure is, and libfdt reads on behind
    // it.
    int error = file.size < sizeof(struct fdt_header) ? -FDT_ERR_TRUNCATED : 0;
    if (!error && fdt_magic(file.data) == FDT_MAGIC && fdt_version(file.data) < 17)
        error = -FDT_ERR_BADVERSION;
    if (!error) error = fdt_check_full(file.data, file.size);
    const size_t appended = m->config.append ? strlen(m->config.append) : 0;
    const size_t room = file.size + appended + TREE_EXTRA;
    void *tree = error ? NULL : malloc(room);
    if (tree)
        error = room > INT32_MAX ? -FDT_ERR_NOSPACE : fdt_open_into(file.data, tree, (int)room);
    if (tree && !error) error = amend(tree, m, boot);
    image_free(&file);
    if (!tree || error) {
        complain(message, "%s: no sound device tree: %s; dtc makes one", m->config.dtb,
                 error ? fdt_strerror(error) : "out of memory");
        free(tree);
        return NULL;
    }
    *size = fdt_totalsize(tree);
    return tree;
}

void *boot_device_tree(struct machine *m, const struct boot_info *boot, size_t *size,
                       struct message *message) {
    return m->config.dtb ? from_file(m, boot, size, message) : generate(m, boot, size, message);
}
