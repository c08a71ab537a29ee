// SPDX-License-Identifier: MIT
// See dt.h. Each read of the blob passes within(), the one bounds check.
#include "firmware/lib/dt.h"
#include "firmware/lib/text.h"

enum { MAX_DEPTH = 8 };

static const char *const property_name[] = {
#define DT_PROPERTY_NAME(id, name) [id] = name,
    DT_PROPERTIES(DT_PROPERTY_NAME)
#undef DT_PROPERTY_NAME
};

// Do length bytes at offset lie in a block of size bytes? Cannot overflow.
static bool within(uint32_t size, uint32_t offset, uint32_t length) {
    return length <= size && offset <= size - length;
}

uint32_t dt_word(const uint8_t *p) {
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

bool dt_open(struct dt *dt, const void *blob) {
    const uint8_t *header = blob;
    if (((uintptr_t)blob & 3) != 0 || dt_word(header) != DT_MAGIC) return false;
    uint32_t size = dt_word(header + 4);
    uint32_t version = dt_word(header + 20), compatible = dt_word(header + 24);
    if (size < DT_HEADER_SIZE || size > DT_MAX_SIZE || version < 17 || compatible > 17)
        return false;
    *dt = (struct dt){.blob = blob,
                      .size = size,
                      .structs = dt_word(header + 8),
                      .structs_size = dt_word(header + 36),
                      .strings = dt_word(header + 12),
                      .strings_size = dt_word(header + 32)};
    return dt->structs % 4 == 0 && within(size, dt->structs, dt->structs_size) &&
           within(size, dt->strings, dt->strings_size);
}

// Length of the string at offset of a block, or -1 when no NUL ends it within the block.
static int64_t string_length(const uint8_t *block, uint32_t size, uint32_t offset) {
    for (uint32_t at = offset; at < size; at++)
        if (block[at] == 0) return at - offset;
    return -1;
}

// Bytes of an element's body, rounded up to the next token.
static uint32_t padded(uint32_t length) { return (length + 3) & ~UINT32_C(3); }

bool dt_next(const struct dt *dt, uint32_t offset, struct dt_item *item) {
    const uint8_t *block = dt->blob + dt->structs;
    uint32_t at = offset - dt->structs;
    do {
        if (!within(dt->structs_size, at, 4)) return false;
        *item = (struct dt_item){.token = dt_word(block + at), .offset = at + dt->structs};
        at += 4;
    } while (item->token == DT_NOP);

    if (item->token == DT_BEGIN_NODE) {
        int64_t length = string_length(block, dt->structs_size, at);
        if (length < 0) return false;
        item->name = (const char *)block + at;
        at += padded((uint32_t)length + 1);
    } else if (item->token == DT_PROP) {
        if (!within(dt->structs_size, at, 8)) return false;
        uint32_t size = dt_word(block + at), name = dt_word(block + at + 4);
        at += 8;
        if (!within(dt->structs_size, at, size)) return false;
        if (string_length(dt->blob + dt->strings, dt->strings_size, name) < 0) return false;
        item->name = (const char *)dt->blob + dt->strings + name;
        item->value = (struct dt_property){block + at, size};
        at += padded(size);
    } else if (item->token != DT_END_NODE && item->token != DT_END) {
        return false;
    }
    item->next = at + dt->structs;
    return true;
}

// The walk holds the path from the root to where it is; a node is shown when its properties are
// complete, which is when a child begins or the node ends.
struct walk {
    struct dt_node path[MAX_DEPTH];
    unsigned nodes; // on the path
    bool shown;     // the last of them was shown
    dt_node_fn visit;
    void *context;
};

static void show(struct walk *walk) {
    if (walk->nodes != 0 && !walk->shown) walk->visit(walk->context, &walk->path[walk->nodes - 1]);
    walk->shown = true;
}

static bool enter(struct walk *walk, const char *name) {
    if (walk->nodes == MAX_DEPTH) return false;
    struct dt_node *node = &walk->path[walk->nodes];
    *node = (struct dt_node){.name = name, .depth = walk->nodes};
    if (walk->nodes != 0) {
        const struct dt_node *parent = node - 1;
        node->address_cells = dt_word_or(&parent->property[DT_ADDRESS_CELLS], 2);
        node->size_cells = dt_word_or(&parent->property[DT_SIZE_CELLS], 1);
    }
    walk->nodes++;
    walk->shown = false;
    return true;
}

static void collect(struct dt_node *node, const struct dt_item *item) {
    for (unsigned id = 0; id < DT_PROPERTY_COUNT; id++)
        if (text_equal(item->name, property_name[id])) node->property[id] = item->value;
}

bool dt_walk(const struct dt *dt, dt_node_fn visit, void *context) {
    struct walk walk = {.visit = visit, .context = context};
    struct dt_item item;
    for (uint32_t at = dt->structs; dt_next(dt, at, &item); at = item.next) {
        switch (item.token) {
        case DT_BEGIN_NODE:
            show(&walk);
            if (!enter(&walk, item.name)) return false;
            break;
        case DT_PROP:
            if (walk.nodes == 0 || walk.shown) return false;
            collect(&walk.path[walk.nodes - 1], &item);
            break;
        case DT_END_NODE:
            if (walk.nodes == 0) return false;
            show(&walk);
            walk.nodes--;
            break;
        default: return walk.nodes == 0; // DT_END
        }
    }
    return false;
}

bool dt_has_string(const struct dt_property *property, const char *string) {
    for (uint32_t at = 0; at < property->size;) {
        int64_t length = string_length(property->data, property->size, at);
        if (length < 0) return false;
        if (text_equal((const char *)property->data + at, string)) return true;
        at += (uint32_t)length + 1;
    }
    return false;
}

uint32_t dt_word_or(const struct dt_property *property, uint32_t otherwise) {
    return property->size == 4 ? dt_word(property->data) : otherwise;
}

bool dt_is_device(const struct dt_node *node, const char *compatible) {
    const struct dt_property *status = &node->property[DT_STATUS];
    bool enabled = status->data == NULL || dt_has_string(status, "okay");
    return enabled && dt_has_string(&node->property[DT_COMPATIBLE], compatible);
}

static uint64_t read_cells(const uint8_t *p, unsigned cells) {
    uint64_t value = 0;
    for (unsigned i = 0; i < cells; i++) value = value << 32 | dt_word(p + 4 * i);
    return value;
}

bool dt_reg(const struct dt_node *node, unsigned index, uint64_t *base, uint64_t *size) {
    const struct dt_property *reg = &node->property[DT_REG];
    unsigned a = node->address_cells, s = node->size_cells;
    if (a == 0 || a > 2 || s > 2) return false;
    uint32_t entry = 4 * (a + s);
    if (index >= reg->size / entry) return false;
    const uint8_t *p = reg->data + index * entry;
    *base = read_cells(p, a);
    *size = read_cells(p + 4 * a, s);
    return true;
}
