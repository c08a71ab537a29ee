// SPDX-License-Identifier: MIT
//
// A walk over the flattened device tree, see machine.h. A node's properties come before its
// children, so a node is complete, and is looked at, when its first child or its end is reached.
#include "kernel/machine.h"

#include "kernel/frame.h"

#define FDT_MAGIC      0xd00dfeedu
#define FDT_BEGIN_NODE 1u
#define FDT_END_NODE   2u
#define FDT_PROPERTY   3u
#define FDT_NOP        4u
#define DEEPEST        8

struct property {
    const uint8_t *data;
    uint32_t bytes;
};

struct node {
    const char *name;
    struct property compatible, reg, interrupts, interrupts_extended, device_type, phandle;
    struct property bootargs, timebase, width, height, stride, format;
    uint32_t address_cells, size_cells; // for the children
    bool seen;
};

struct tree {
    struct node node[DEEPEST];
    int depth;
    uint64_t current_cpu;
    struct property plic_outputs; // pairs: a hart's interrupt node, cause
    uint32_t our_interrupt_node;
};

static uint32_t big32(const uint8_t *p) {
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static uint64_t cells(struct property property, uint32_t first, uint32_t count) {
    uint64_t value = 0;
    if (((uint64_t)first + count) * 4 > property.bytes) return 0;
    for (uint32_t n = 0; n < count; n++)
        value = value << 32 | big32(property.data + 4 * (first + n));
    return value;
}

// True when the list of strings in `property` has `word`.
static bool has_word(struct property property, const char *word) {
    size_t length = strlen(word) + 1;
    for (size_t at = 0; at + length <= property.bytes; at++)
        if ((at == 0 || property.data[at - 1] == 0) && !memcmp(property.data + at, word, length))
            return true;
    return false;
}

static void store_property(struct node *node, const char *name, struct property value) {
    const struct {
        const char *name;
        struct property *place;
    } known[] = {
        {"compatible", &node->compatible},
        {"reg", &node->reg},
        {"interrupts", &node->interrupts},
        {"interrupts-extended", &node->interrupts_extended},
        {"device_type", &node->device_type},
        {"phandle", &node->phandle},
        {"bootargs", &node->bootargs},
        {"timebase-frequency", &node->timebase},
        {"width", &node->width},
        {"height", &node->height},
        {"stride", &node->stride},
        {"format", &node->format},
    };
    for (size_t n = 0; n < sizeof known / sizeof *known; n++)
        if (!strcmp(name, known[n].name)) *known[n].place = value;
    if (!strcmp(name, "#address-cells")) node->address_cells = (uint32_t)cells(value, 0, 1);
    if (!strcmp(name, "#size-cells")) node->size_cells = (uint32_t)cells(value, 0, 1);
}

// A display is used if its pixels are words and its rows follow one another without a gap.
static void look_at_screen(struct machine *machine, const struct node *node, uint64_t base) {
    struct screen screen = {base, (uint32_t)cells(node->width, 0, 1),
                            (uint32_t)cells(node->height, 0, 1)};
    if (!has_word(node->format, "x8r8g8b8") && !has_word(node->format, "a8r8g8b8")) return;
    if (base % PAGE_BYTES || cells(node->stride, 0, 1) != 4ul * screen.width) return;
    machine->screen = screen;
}

static void look_at_device(struct machine *machine, struct tree *tree, const struct node *node,
                           uint64_t base) {
    struct device_slot slot = {base, (uint32_t)cells(node->interrupts, 0, 1)};
    if (has_word(node->compatible, "ns16550a") && !machine->uart.base) machine->uart = slot;
    if (has_word(node->compatible, "virtio,mmio") && machine->virtio_count < MACHINE_VIRTIO_SLOTS)
        machine->virtio[machine->virtio_count++] = slot;
    if (has_word(node->compatible, "simple-framebuffer")) look_at_screen(machine, node, base);
    if (has_word(node->compatible, "sifive,test0")) machine->finisher = base;
    if (has_word(node->compatible, "sifive,plic-1.0.0") ||
        has_word(node->compatible, "riscv,plic0")) {
        machine->plic = base;
        tree->plic_outputs = node->interrupts_extended;
    }
}

static void look_at_node(struct machine *machine, struct tree *tree) {
    struct node *node = &tree->node[tree->depth];
    if (node->seen || tree->depth == 0) return;
    node->seen = true;
    const struct node *parent = &tree->node[tree->depth - 1];
    uint64_t base = cells(node->reg, 0, parent->address_cells);
    if (has_word(node->device_type, "memory") && !machine->ram_bytes) {
        machine->ram_base = base;
        machine->ram_bytes = cells(node->reg, parent->address_cells, parent->size_cells);
    }
    if (has_word(node->device_type, "cpu")) tree->current_cpu = base;
    if (has_word(node->compatible, "riscv,cpu-intc") && tree->current_cpu == machine->hart)
        tree->our_interrupt_node = (uint32_t)cells(node->phandle, 0, 1);
    if (node->timebase.bytes) machine->time_frequency = cells(node->timebase, 0, 1);
    if (node->bootargs.bytes && !strcmp(node->name, "chosen"))
        text_copy(machine->arguments, (const char *)node->bootargs.data, sizeof machine->arguments);
    look_at_device(machine, tree, node, base);
}

// The interrupt controller's outputs are numbered in the order of their pairs; S-mode's external
// interrupt is cause 9.
static bool find_output(struct machine *machine, const struct tree *tree) {
    for (uint32_t n = 0; n * 8 + 8 <= tree->plic_outputs.bytes; n++)
        if (cells(tree->plic_outputs, 2 * n, 1) == tree->our_interrupt_node &&
            cells(tree->plic_outputs, 2 * n + 1, 1) == 9) {
            machine->plic_context = n;
            return true;
        }
    return false;
}

static const uint8_t *begin_node(struct machine *machine, struct tree *tree, const uint8_t *at) {
    if (tree->depth >= 0) look_at_node(machine, tree);
    if (tree->depth + 1 >= DEEPEST) return NULL;
    tree->node[++tree->depth] =
        (struct node){.name = (const char *)at, .address_cells = 2, .size_cells = 1};
    return at + round_up(strlen((const char *)at) + 1, 4);
}

bool machine_read(struct machine *machine, uint64_t hart, const void *blob) {
    const uint8_t *start = blob;
    if (big32(start) != FDT_MAGIC) return false;
    machine->hart = hart;
    const uint8_t *at = start + big32(start + 8), *strings = start + big32(start + 12);
    struct tree tree = {.depth = -1};
    for (;;) {
        uint32_t token = big32(at);
        at += 4;
        if (token == FDT_BEGIN_NODE) {
            at = begin_node(machine, &tree, at);
            if (!at) return false;
        } else if (token == FDT_END_NODE && tree.depth >= 0) {
            look_at_node(machine, &tree);
            tree.depth--;
        } else if (token == FDT_PROPERTY && tree.depth >= 0) {
            struct property value = {at + 8, big32(at)};
            store_property(&tree.node[tree.depth], (const char *)strings + big32(at + 4), value);
            at += 8 + round_up(value.bytes, 4);
        } else if (token != FDT_NOP) {
            break;
        }
    }
    return find_output(machine, &tree) && machine->ram_bytes && machine->uart.base;
}
