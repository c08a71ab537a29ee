// SPDX-License-Identifier: MIT
// The device tree's pmu node: which events of SBI PMU the harts count, by which selector of
// mhpmevent, and which counters there are (see boot.h). The firmware reads it.
#include <string.h>

#include "cpu/event.h"
#include "devices/node.h"
#include "emu/boot.h"

enum { CELLS_MAX = 512, CELLS_EACH = 3 };

struct cells {
    uint32_t cell[CELLS_MAX];
    unsigned used;
};

static void add(struct cells *c, uint32_t a, uint32_t b, uint32_t d) {
    if (!a || c->used + CELLS_EACH > CELLS_MAX) return;
    memcpy(c->cell + c->used, (uint32_t[]){a, b, d}, CELLS_EACH * sizeof *c->cell);
    c->used += CELLS_EACH;
}

// riscv,event-to-mhpmevent: event, selector in two cells. riscv,event-to-mhpmcounters: first and
// last event, counters. riscv,raw-event-to-mhpmcounters: selector and its mask in two cells each,
// counters.
void fdt_write_pmu(struct fdt_context *c, const struct hart *h) {
    struct cells selectors = {0}, counters = {0};
    const struct event_row *row;
    for (unsigned i = 0; (row = event_at(i)); i++) {
        if (!event_find(h, row->selector)) continue;
        add(&selectors, row->sbi, 0, row->selector);
        add(&selectors, row->cache, 0, row->selector);
        add(&counters, row->sbi, row->sbi, HPM_MASK);
        add(&counters, row->cache, row->cache, HPM_MASK);
    }
    const uint32_t raw[] = {0, 0, UINT32_MAX, ~(uint32_t)HPM_SELECTOR, HPM_MASK};
    node_begin(c, "pmu");
    node_string(c, "compatible", "riscv,pmu");
    node_cells(c, "riscv,event-to-mhpmevent", selectors.cell, selectors.used);
    node_cells(c, "riscv,event-to-mhpmcounters", counters.cell, counters.used);
    node_cells(c, "riscv,raw-event-to-mhpmcounters", raw, sizeof raw / sizeof *raw);
    node_end(c);
}
