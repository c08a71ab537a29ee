// SPDX-License-Identifier: MIT
// See fdt.h. Each read of the blob passes within(), the one bounds check.
#include "firmware/lib/fdt.h"
#include "firmware/lib/text.h"

enum { MAX_DEPTH = 8 };

static const char *const property_name[] = {
#define FDT_PROPERTY_NAME(id, name) [id] = name,
    FDT_PROPERTIES(FDT_PROPERTY_NAME)
#undef FDT_PROPERTY_NAME
};

// Do length bytes at offset lie in a block of size bytes? Cannot overflow.
static bool within(uint32_t size, uint32_t offset, uint32_t length) {
    return length <= size && offset <= size - length;
}

uint32_t fdt_word(const uint8_t *p) {
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

bool fdt_open(struct fdt *fdt, const void *blob) {
    const uint8_t *header = blob;
    if (((uintptr_t)blob & 3) != 0 || fdt_word(header) != FDT_MAGIC) return false;
    uint32_t size = fdt_word(header + 4);
    uint32_t version = fdt_word(header + 20), compatible = fdt_word(header + 24);
    if (size < FDT_HEADER_SIZE || size > FDT_MAX_SIZE || version < 17 || compatible > 17)
        return false;
    *fdt = (struct fdt){.blob = blob,
                        .size = size,
                        .structs = fdt_word(header + 8),
                        .structs_size = fdt_word(header + 36),
                        .strings = fdt_word(header + 12),
                        .strings_size = fdt_word(header + 32)};
    return fdt->structs % 4 == 0 && within(size, fdt->structs, fdt->structs_size) &&
           within(size, fdt->strings, fdt->strings_size);
}

// Length of the string at offset of a block, or -1 when no NUL ends it within the block.
static int64_t string_length(const uint8_t *block, uint32_t size, uint32_t offset) {
    for (uint32_t at = offset; at < size; at++)
        if (block[at] == 0) return at - offset;
    return -1;
}

// Bytes of an element's body, rounded up to the next token.
static uint32_t padded(uint32_t length) { return (length + 3) & ~UINT32_C(3); }

bool fdt_next(const struct fdt *fdt, uint32_t offset, struct fdt_item *item) {
    const uint8_t *block = fdt->blob + fdt->structs;
    uint32_t at = offset - fdt->structs;
    do {
        if (!within(fdt->structs_size, at, 4)) return false;
        *item = (struct fdt_item){.token = fdt_word(block + at), .offset = at + fdt->structs};
        at += 4;
    } while (item->token == FDT_NOP);

    if (item->token == FDT_BEGIN_NODE) {
        int64_t length = string_length(block, fdt->structs_size, at);
        if (length < 0) return false;
        item->name = (const char *)block + at;
        at += padded((uint32_t)length + 1);
    } else if (item->token == FDT_PROP) {
        if (!within(fdt->structs_size, at, 8)) return false;
        uint32_t size = fdt_word(block + at), name = fdt_word(block + at + 4);
        at += 8;
        if (!within(fdt->structs_size, at, size)) return false;
        if (string_length(fdt->blob + fdt->strings, fdt->strings_size, name) < 0) return false;
        item->name = (const char *)fdt->blob + fdt->strings + name;
        item->value = (struct fdt_property){block + at, size};
        at += padded(size);
    } else if (item->token != FDT_END_NODE && item->token != FDT_END) {
        return false;
    }
    item->next = at + fdt->structs;
    return true;
}

// The walk holds the path from the root to where it is; a node is shown when its properties are
// complete, which is when a child begins or the node ends.
struct walk {
    struct fdt_node path[MAX_DEPTH];
    unsigned nodes; // on the path
    bool shown;     // the last of them was shown
    fdt_node_fn visit;
    void *context;
};

static void show(struct walk *walk) {
    if (walk->nodes != 0 && !walk->shown) walk->visit(walk->context, &walk->path[walk->nodes - 1]);
    walk->shown = true;
}

static bool enter(struct walk *walk, const char *name) {
    if (walk->nodes == MAX_DEPTH) return false;
    struct fdt_node *node = &walk->path[walk->nodes];
    *node = (struct fdt_node){.name = name, .depth = walk->nodes};
    if (walk->nodes != 0) {
        const struct fdt_node *parent = node - 1;
        node->address_cells = fdt_word_or(&parent->property[FDT_ADDRESS_CELLS], 2);
        node->size_cells = fdt_word_or(&parent->property[FDT_SIZE_CELLS], 1);
    }
    walk->nodes++;
    walk->shown = false;
    return true;
}

static void collect(struct fdt_node *node, const struct fdt_item *item) {
    for (unsigned id = 0; id < FDT_PROPERTY_COUNT; id++)
        if (text_equal(item->name, property_name[id])) node->property[id] = item->value;
}

bool fdt_walk(const struct fdt *fdt, fdt_node_fn visit, void *context) {
    struct walk walk = {.visit = visit, .context = context};
    struct fdt_item item;
    for (uint32_t at = fdt->structs; fdt_next(fdt, at, &item); at = item.next) {
        switch (item.token) {
        case FDT_BEGIN_NODE:
            show(&walk);
            if (!enter(&walk, item.name)) return false;
            break;
        case FDT_PROP:
            if (walk.nodes == 0 || walk.shown) return false;
            collect(&walk.path[walk.nodes - 1], &item);
            break;
        case FDT_END_NODE:
            if (walk.nodes == 0) return false;
            show(&walk);
            walk.nodes--;
            break;
        default: return walk.nodes == 0; // FDT_END
        }
    }
    return false;
}

bool fdt_has_string(const struct fdt_property *property, const char *string) {
    for (uint32_t at = 0; at < property->size;) {
        int64_t length = string_length(property->data, property->size, at);
        if (length < 0) return false;
        if (text_equal((const char *)property->data + at, string)) return true;
        at += (uint32_t)length + 1;
    }
    return false;
}

uint32_t fdt_word_or(const struct fdt_property *property, uint32_t otherwise) {
    return property->size == 4 ? fdt_word(property->data) : otherwise;
}

bool fdt_is_device(const struct fdt_node *node, const char *compatible) {
    const struct fdt_property *status = &node->property[FDT_STATUS];
    bool enabled = status->data == NULL || fdt_has_string(status, "okay");
    return enabled && fdt_has_string(&node->property[FDT_COMPATIBLE], compatible);
}

static uint64_t read_cells(const uint8_t *p, unsigned cells) {
    uint64_t value = 0;
    for (unsigned i = 0; i < cells; i++) value = value << 32 | fdt_word(p + 4 * i);
    return value;
}

bool fdt_reg(const struct fdt_node *node, unsigned index, uint64_t *base, uint64_t *size) {
    const struct fdt_property *reg = &node->property[FDT_REG];
    unsigned a = node->address_cells, s = node->size_cells;
    if (a == 0 || a > 2 || s > 2) return false;
    uint32_t entry = 4 * (a + s);
    if (index >= reg->size / entry) return false;
    const uint8_t *p = reg->data + index * entry;
    *base = read_cells(p, a);
    *size = read_cells(p + 4 * a, s);
    return true;
}
