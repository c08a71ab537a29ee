// SPDX-License-Identifier: MIT
// Nodes of the device tree (see node.h).
#include "devices/node.h"

#include <inttypes.h>
#include <libfdt.h>
#include <stdio.h>
#include <string.h>

static void put(struct fdt_context *c, const char *name, const void *value, size_t bytes) {
    if (!c->error) c->error = fdt_property(c->fdt, name, value, (int)bytes);
}

void node_begin(struct fdt_context *c, const char *name) {
    if (!c->error) c->error = fdt_begin_node(c->fdt, name);
}

void node_end(struct fdt_context *c) {
    if (!c->error) c->error = fdt_end_node(c->fdt);
}

void node_flag(struct fdt_context *c, const char *property) { put(c, property, NULL, 0); }

void node_u32(struct fdt_context *c, const char *property, uint32_t value) {
    node_cells(c, property, &value, 1);
}

void node_cells(struct fdt_context *c, const char *property, const uint32_t *cells,
                unsigned count) {
    if (c->error) return;
    void *at;
    c->error = fdt_property_placeholder(c->fdt, property, (int)(count * sizeof *cells), &at);
    if (c->error) return;
    fdt32_t *big_endian = at;
    for (unsigned i = 0; i < count; i++) big_endian[i] = cpu_to_fdt32(cells[i]);
}

void node_string(struct fdt_context *c, const char *property, const char *text) {
    put(c, property, text, strlen(text) + 1);
}

void node_strings(struct fdt_context *c, const char *property, const char *list, size_t bytes) {
    put(c, property, list, bytes);
}

void node_begin_device(struct fdt_context *c, const struct device *d, const char *name) {
    char full[64];
    snprintf(full, sizeof full, "%s@%" PRIx64, name, d->range.base);
    node_begin(c, full);
    const uint32_t reg[] = {(uint32_t)(d->range.base >> 32), (uint32_t)d->range.base,
                            (uint32_t)(d->range.size >> 32), (uint32_t)d->range.size};
    node_cells(c, "reg", reg, 4);
    if (d->irq_number) {
        node_u32(c, "interrupts", d->irq_number);
        node_u32(c, "interrupt-parent", c->plic_phandle);
    }
}

void node_hart_interrupts(struct fdt_context *c, uint32_t first, uint32_t second) {
    if (c->error) return;
    void *at;
    const size_t bytes = c->harts * 4 * sizeof(uint32_t);
    c->error = fdt_property_placeholder(c->fdt, "interrupts-extended", (int)bytes, &at);
    if (c->error) return;
    fdt32_t *cell = at;
    for (unsigned hart = 0; hart < c->harts; hart++) {
        *cell++ = cpu_to_fdt32(c->cpu_intc_phandle + hart);
        *cell++ = cpu_to_fdt32(first);
        *cell++ = cpu_to_fdt32(c->cpu_intc_phandle + hart);
        *cell++ = cpu_to_fdt32(second);
    }
}
