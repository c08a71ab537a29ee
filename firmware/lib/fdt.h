// SPDX-License-Identifier: MIT
// A reader for the device tree (the "flattened" format, devicetree specification chapter 5). It
// walks the blob once and shows each node with those of its properties that anyone here asks for.
// The blob may come from a user's file: nothing it says is believed before it is checked, and a
// broken blob ends the walk, never the program.
#ifndef TABLEWALK_FIRMWARE_LIB_FDT_H
#define TABLEWALK_FIRMWARE_LIB_FDT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// The properties that a walk collects: what we call it, its name in the tree.
#define FDT_PROPERTIES(row)                                                                        \
    row(FDT_ADDRESS_CELLS, "#address-cells") row(FDT_SIZE_CELLS, "#size-cells")                    \
        row(FDT_COMPATIBLE, "compatible") row(FDT_REG, "reg") row(FDT_REG_SHIFT, "reg-shift")      \
            row(FDT_DEVICE_TYPE, "device_type") row(FDT_STATUS, "status")                          \
                row(FDT_BOOTARGS, "bootargs") row(FDT_TIMEBASE, "timebase-frequency")

#define FDT_PROPERTY_ID(id, name) id,
enum fdt_property_id { FDT_PROPERTIES(FDT_PROPERTY_ID) FDT_PROPERTY_COUNT };
#undef FDT_PROPERTY_ID

enum {
    FDT_MAGIC = 0xd00dfeed,
    FDT_HEADER_SIZE = 40,  // bytes, version 17
    FDT_MAX_SIZE = 1 << 20 // bytes; a blob that claims more is refused
};

enum fdt_token { FDT_BEGIN_NODE = 1, FDT_END_NODE = 2, FDT_PROP = 3, FDT_NOP = 4, FDT_END = 9 };

// An opened blob. Offsets and sizes in bytes; the two blocks lie within the blob.
struct fdt {
    const uint8_t *blob;
    uint32_t size;
    uint32_t structs, structs_size;
    uint32_t strings, strings_size;
};

struct fdt_property {
    const uint8_t *data; // NULL: the node does not have it
    uint32_t size;       // bytes
};

struct fdt_node {
    const char *name;                   // with unit address: "serial@10000000"; "" is the root
    unsigned depth;                     // the root's is 0
    unsigned address_cells, size_cells; // for its reg: those of its parent
    struct fdt_property property[FDT_PROPERTY_COUNT];
};

// One element of the structure block.
struct fdt_item {
    enum fdt_token token;
    uint32_t offset; // of this element, and of the next, in the blob
    uint32_t next;
    const char *name; // of a node or property
    struct fdt_property value;
};

typedef void (*fdt_node_fn)(void *context, const struct fdt_node *node);

// A big-endian word at p, which must have 4 bytes.
uint32_t fdt_word(const uint8_t *p);

// false: not a device tree of version 16 or 17, larger than FDT_MAX_SIZE, or its blocks do not fit.
bool fdt_open(struct fdt *fdt, const void *blob);

// The element at offset (first: fdt->structs), NOPs left out. false: there is none that is sound.
bool fdt_next(const struct fdt *fdt, uint32_t offset, struct fdt_item *item);

// Calls visit for each node, parents before children. false: the structure was broken, or nested
// deeper than 8; the nodes before the fault have been visited.
bool fdt_walk(const struct fdt *fdt, fdt_node_fn visit, void *context);

// Does the list of strings in a property contain this one?
bool fdt_has_string(const struct fdt_property *property, const char *string);
// The property's single word, or otherwise when it is absent or not 4 bytes.
uint32_t fdt_word_or(const struct fdt_property *property, uint32_t otherwise);
// Is the node compatible with this device and not disabled?
bool fdt_is_device(const struct fdt_node *node, const char *compatible);
// Entry number index of reg. false: there is none, or its cells are more than 64 bits.
bool fdt_reg(const struct fdt_node *node, unsigned index, uint64_t *base, uint64_t *size);

#endif
