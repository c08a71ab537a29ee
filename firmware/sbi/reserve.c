// SPDX-License-Identifier: MIT
// Tells the next program which memory is the firmware's: the device tree gets
//
//     reserved-memory { #address-cells; #size-cells; ranges;
//         mmode_resv0@80000000 { reg = <...>; no-map; }; };
//
// or, where the tree reserves memory already, the inner node alone. A flattened tree is a header,
// the structure block and the strings block; a node is inserted by moving what is behind it.
#include "firmware/lib/dt.h"
#include "firmware/lib/memory.h"
#include "firmware/lib/text.h"
#include "firmware/sbi/sbi.h"

// The names of the properties, appended to the strings block as they stand here.
static const char names[] = "#address-cells\0#size-cells\0ranges\0reg\0no-map";
enum {
    NAME_ADDRESS_CELLS = 0,
    NAME_SIZE_CELLS = 15,
    NAME_RANGES = 27,
    NAME_REG = 34,
    NAME_NO_MAP = 38
};

// Where the node goes, and how its reg is written there.
struct place {
    uint32_t offset; // of the end of its parent, in the blob; 0: not found
    uint32_t address_cells, size_cells;
};

// The new node as it is built.
struct piece {
    uint8_t bytes[256];
    uint32_t size;
    uint32_t names; // offset of our names in the strings block
};

static void put_word(uint8_t *p, uint32_t word) {
    for (unsigned i = 0; i < 4; i++) p[i] = (uint8_t)(word >> (24 - 8 * i));
}

static void add_word(struct piece *piece, uint32_t word) {
    put_word(piece->bytes + piece->size, word);
    piece->size += 4;
}

static void add_begin(struct piece *piece, const char *name) {
    add_word(piece, DT_BEGIN_NODE);
    size_t length = text_length(name) + 1;
    memcpy(piece->bytes + piece->size, name, length);
    piece->size += (uint32_t)(length + 3) & ~UINT32_C(3); // bytes[] began as zeros
}

static void add_property(struct piece *piece, uint32_t name, uint32_t size) {
    add_word(piece, DT_PROP);
    add_word(piece, size);
    add_word(piece, piece->names + name);
}

static void add_number(struct piece *piece, uint64_t number, uint32_t cells) {
    if (cells == 2) add_word(piece, (uint32_t)(number >> 32));
    add_word(piece, (uint32_t)number);
}

static void add_cell_count(struct piece *piece, uint32_t name, uint32_t cells) {
    add_property(piece, name, 4);
    add_word(piece, cells);
}

static void add_region(struct piece *piece, const struct place *place, uint64_t base,
                       uint64_t size) {
    add_begin(piece, "mmode_resv0@80000000");
    add_property(piece, NAME_REG, 4 * (place->address_cells + place->size_cells));
    add_number(piece, base, place->address_cells);
    add_number(piece, size, place->size_cells);
    add_property(piece, NAME_NO_MAP, 0);
    add_word(piece, DT_END_NODE);
}

// Finds the ends of the root and of /reserved-memory, with the cells that count in each.
static void find_places(const struct dt *dt, struct place *root, struct place *reserved) {
    struct dt_item item;
    unsigned depth = 0;
    bool in_reserved = false;
    *root = *reserved = (struct place){0, 2, 1};
    for (uint32_t at = dt->structs; dt_next(dt, at, &item) && item.token != DT_END;
         at = item.next) {
        struct place *here = depth == 1 ? root : depth == 2 && in_reserved ? reserved : NULL;
        if (item.token == DT_BEGIN_NODE) {
            depth++;
            if (depth == 2) in_reserved = text_equal(item.name, "reserved-memory");
        } else if (item.token == DT_END_NODE) {
            if (here != NULL) here->offset = item.offset;
            if (depth-- <= 1) return;
        } else if (here != NULL && text_equal(item.name, "#address-cells")) {
            here->address_cells = dt_word_or(&item.value, 0);
        } else if (here != NULL && text_equal(item.name, "#size-cells")) {
            here->size_cells = dt_word_or(&item.value, 0);
        }
    }
}

static bool cells_are_sound(const struct place *place) {
    return place->offset != 0 && place->address_cells >= 1 && place->address_cells <= 2 &&
           place->size_cells >= 1 && place->size_cells <= 2;
}

// Moves the rest of the blob up and puts the piece and our names in.
static void insert(const struct dt *dt, uint32_t offset, const struct piece *piece) {
    uint8_t *blob = (uint8_t *)(uintptr_t)dt->blob;
    uint32_t end = dt->strings + dt->strings_size, new_end = end + piece->size + sizeof names;
    memmove(blob + offset + piece->size, blob + offset, end - offset);
    memcpy(blob + offset, piece->bytes, piece->size);
    memcpy(blob + end + piece->size, names, sizeof names);
    put_word(blob + 12, dt->strings + piece->size);
    put_word(blob + 32, dt->strings_size + (uint32_t)sizeof names);
    put_word(blob + 36, dt->structs_size + piece->size);
    if (new_end > dt->size) put_word(blob + 4, (new_end + 7) & ~UINT32_C(7));
}

bool dt_reserve(const struct platform *platform, void *blob, uint64_t base, uint64_t size) {
    struct dt dt;
    struct place root, reserved;
    if (!dt_open(&dt, blob)) return false;
    uint32_t reservations = dt_word((const uint8_t *)blob + 16); // /memreserve/ block
    if (reservations >= dt.structs || dt.structs + dt.structs_size > dt.strings) return false;
    find_places(&dt, &root, &reserved);

    struct piece piece = {.names = dt.strings_size};
    bool nested = reserved.offset == 0;
    const struct place *place = nested ? &root : &reserved;
    if (!cells_are_sound(place)) return false;
    if (nested) {
        add_begin(&piece, "reserved-memory");
        add_cell_count(&piece, NAME_ADDRESS_CELLS, place->address_cells);
        add_cell_count(&piece, NAME_SIZE_CELLS, place->size_cells);
        add_property(&piece, NAME_RANGES, 0);
    }
    add_region(&piece, place, base, size);
    if (nested) add_word(&piece, DT_END_NODE);

    uint64_t new_size = (uint64_t)dt.strings + dt.strings_size + piece.size + sizeof names;
    if (!platform_owns(platform, (uint64_t)blob, (new_size + 7) & ~UINT64_C(7))) return false;
    insert(&dt, place->offset, &piece);
    return true;
}
