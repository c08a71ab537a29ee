// SPDX-License-Identifier: MIT
// Writing nodes of the device tree, on top of libfdt's sequential write. The first error sticks in
// the context and nothing is written after it, so a writer calls these one after the other and
// looks at context->error once, at the end.
#ifndef TABLEWALK_DEVICES_NODE_H
#define TABLEWALK_DEVICES_NODE_H

#include "devices/device.h"

void node_begin(struct fdt_context *c, const char *name);
void node_end(struct fdt_context *c);

void node_flag(struct fdt_context *c, const char *property);
void node_u32(struct fdt_context *c, const char *property, uint32_t value);
void node_cells(struct fdt_context *c, const char *property, const uint32_t *cells, unsigned count);
void node_string(struct fdt_context *c, const char *property, const char *text);

// A list of strings; each ends with a NUL, and `list` with the NUL that the literal itself has:
// "sifive,plic-1.0.0\0riscv,plic0". bytes: sizeof the literal.
void node_strings(struct fdt_context *c, const char *property, const char *list, size_t bytes);
#define NODE_COMPATIBLE(c, literal) node_strings(c, "compatible", literal, sizeof literal)

// Begins the node "name@base" of a device and writes its `reg` (two cells each) and, when it has an
// interrupt, `interrupts` and `interrupt-parent`.
void node_begin_device(struct fdt_context *c, const struct device *d, const char *name);

// `interrupts-extended` of an interrupt controller: for each hart, its own controller with the
// numbers first and second.
void node_hart_interrupts(struct fdt_context *c, uint32_t first, uint32_t second);

#endif
