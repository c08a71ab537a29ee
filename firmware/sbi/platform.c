// SPDX-License-Identifier: MIT
// Finds out from the device tree what the machine has. The first device of each kind counts.
#include "firmware/lib/dt.h"
#include "firmware/sbi/sbi.h"
#include <stddef.h>

enum { REG_SHIFT_MAX = 4 };

static void note_ram(struct platform *platform, const struct dt_node *node) {
    uint64_t base, size;
    for (unsigned i = 0; dt_reg(node, i, &base, &size); i++) {
        if (platform->ram_regions == MAX_RAM_REGIONS || base + size < base) return;
        platform->ram[platform->ram_regions++] = (struct region){base, size};
    }
}

static void note_hart(struct platform *platform, const struct dt_node *node) {
    uint64_t id, none;
    if (!dt_reg(node, 0, &id, &none)) return;
    const struct dt_property *status = &node->property[DT_STATUS];
    if (status->data != NULL && !dt_has_string(status, "okay")) return;
    if (id < MAX_HARTS)
        platform->harts |= UINT64_C(1) << id;
    else
        platform->ignored_harts++;
}

static void note_address(uint64_t *where, const struct dt_node *node) {
    uint64_t base, size;
    if (*where == 0 && dt_reg(node, 0, &base, &size)) *where = base;
}

static uint64_t long_at(const uint8_t *p) { return (uint64_t)dt_word(p) << 32 | dt_word(p + 4); }

// The pmu node. Entries that do not fit into the table, or are cut off, are left out.
static void note_events(struct event_map *map, const struct dt_node *node) {
    enum { EVENT_BYTES = 12, RANGE_BYTES = 12, RAW_BYTES = 20 };
    const struct dt_property *p = &node->property[DT_EVENTS];
    for (unsigned at = 0; p->size - at >= EVENT_BYTES && map->events < MAX_EVENTS;
         at += EVENT_BYTES) {
        map->event[map->events].index = dt_word(p->data + at);
        map->event[map->events++].selector = long_at(p->data + at + 4);
    }
    p = &node->property[DT_EVENT_COUNTERS];
    for (unsigned at = 0; p->size - at >= RANGE_BYTES && map->ranges < MAX_EVENTS;
         at += RANGE_BYTES) {
        map->range[map->ranges].first = dt_word(p->data + at);
        map->range[map->ranges].last = dt_word(p->data + at + 4);
        map->range[map->ranges++].counters = dt_word(p->data + at + 8);
    }
    p = &node->property[DT_RAW_COUNTERS];
    for (unsigned at = 0; p->size - at >= RAW_BYTES && map->raws < MAX_RAW_EVENTS;
         at += RAW_BYTES) {
        map->raw[map->raws].select = long_at(p->data + at);
        map->raw[map->raws].mask = long_at(p->data + at + 8);
        map->raw[map->raws++].counters = dt_word(p->data + at + 16);
    }
}

static void note_node(void *context, const struct dt_node *node) {
    struct platform *platform = context;
    const struct dt_property *type = &node->property[DT_DEVICE_TYPE];
    if (dt_has_string(type, "memory")) note_ram(platform, node);
    if (dt_has_string(type, "cpu")) note_hart(platform, node);
    if (dt_is_device(node, "riscv,clint0") || dt_is_device(node, "sifive,clint0"))
        note_address(&platform->clint, node);
    if (dt_is_device(node, "sifive,test0")) note_address(&platform->finisher, node);
    if (dt_is_device(node, "riscv,pmu")) note_events(&platform->events, node);
    if (dt_is_device(node, "ns16550a") && platform->uart == 0) {
        uint32_t shift = dt_word_or(&node->property[DT_REG_SHIFT], 0);
        platform->uart_shift = shift <= REG_SHIFT_MAX ? shift : 0;
        note_address(&platform->uart, node);
    }
}

bool platform_discover(struct platform *platform, const void *blob) {
    struct dt dt;
    return blob != NULL && dt_open(&dt, blob) && dt_walk(&dt, note_node, platform);
}

static bool region_holds(struct region region, uint64_t base, uint64_t size) {
    return size <= region.size && base >= region.base && base - region.base <= region.size - size;
}

bool platform_owns(const struct platform *platform, uint64_t base, uint64_t size) {
    bool in_ram = false;
    for (unsigned i = 0; i < platform->ram_regions; i++)
        in_ram |= region_holds(platform->ram[i], base, size);
    // In RAM, so base + size does not wrap.
    return in_ram && (base >= FIRMWARE_BASE + (uint64_t)FIRMWARE_SIZE ||
                      base + size <= (uint64_t)FIRMWARE_BASE);
}
