// SPDX-License-Identifier: MIT
// A reader for the device tree (the "flattened" format, devicetree specification chapter 5). It
// walks the blob once and shows each node with those of its properties that anyone here asks for.
// The blob may come from a user's file: nothing it says is believed before it is checked, and a
// broken blob ends the walk, never the program.
#ifndef TABLEWALK_FIRMWARE_LIB_DT_H
#define TABLEWALK_FIRMWARE_LIB_DT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// The properties that a walk collects: what we call it, its name in the tree.
#define DT_PROPERTIES(row)                                                                         \
    row(DT_ADDRESS_CELLS, "#address-cells") row(DT_SIZE_CELLS, "#size-cells")                      \
        row(DT_COMPATIBLE, "compatible") row(DT_REG, "reg") row(DT_REG_SHIFT, "reg-shift")         \
            row(DT_DEVICE_TYPE, "device_type") row(DT_STATUS, "status")                            \
                row(DT_BOOTARGS, "bootargs") row(DT_TIMEBASE, "timebase-frequency")                \
                    row(DT_EVENTS, "riscv,event-to-mhpmevent")                                     \
                        row(DT_EVENT_COUNTERS, "riscv,event-to-mhpmcounters")                      \
                            row(DT_RAW_COUNTERS, "riscv,raw-event-to-mhpmcounters")

#define DT_PROPERTY_ID(id, name) id,
enum dt_property_id { DT_PROPERTIES(DT_PROPERTY_ID) DT_PROPERTY_COUNT };
#undef DT_PROPERTY_ID

enum {
    DT_MAGIC = 0xd00dfeed,
    DT_HEADER_SIZE = 40,  // bytes, version 17
    DT_MAX_SIZE = 1 << 20 // bytes; a blob that claims more is refused
};

enum dt_token { DT_BEGIN_NODE = 1, DT_END_NODE = 2, DT_PROP = 3, DT_NOP = 4, DT_END = 9 };

// An opened blob. Offsets and sizes in bytes; the two blocks lie within the blob.
struct dt {
    const uint8_t *blob;
    uint32_t size;
    uint32_t structs, structs_size;
    uint32_t strings, strings_size;
};

struct dt_property {
    const uint8_t *data; // NULL: the node does not have it
    uint32_t size;       // bytes
};

struct dt_node {
    const char *name;                   // with unit address: "serial@10000000"; "" is the root
    unsigned depth;                     // the root's is 0
    unsigned address_cells, size_cells; // for its reg: those of its parent
    struct dt_property property[DT_PROPERTY_COUNT];
};

// One element of the structure block.
struct dt_item {
    enum dt_token token;
    uint32_t offset; // of this element, and of the next, in the blob
    uint32_t next;
    const char *name; // of a node or property
    struct dt_property value;
};

typedef void (*dt_node_fn)(void *context, const struct dt_node *node);

// A big-endian word at p, which must have 4 bytes.
uint32_t dt_word(const uint8_t *p);

// false: not a device tree of version 16 or 17, larger than DT_MAX_SIZE, or its blocks do not fit.
bool dt_open(struct dt *dt, const void *blob);

// The element at offset (first: dt->structs), NOPs left out. false: there is none that is sound.
bool dt_next(const struct dt *dt, uint32_t offset, struct dt_item *item);

// Calls visit for each node, parents before children. false: the structure was broken, or nested
// deeper than 8; the nodes before the fault have been visited.
bool dt_walk(const struct dt *dt, dt_node_fn visit, void *context);

// Does the list of strings in a property contain this one?
bool dt_has_string(const struct dt_property *property, const char *string);
// The property's single word, or otherwise when it is absent or not 4 bytes.
uint32_t dt_word_or(const struct dt_property *property, uint32_t otherwise);
// Is the node compatible with this device and not disabled?
bool dt_is_device(const struct dt_node *node, const char *compatible);
// Entry number index of reg. false: there is none, or its cells are more than 64 bits.
bool dt_reg(const struct dt_node *node, unsigned index, uint64_t *base, uint64_t *size);

#endif
