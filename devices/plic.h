// SPDX-License-Identifier: MIT
// The platform-level interrupt controller (RISC-V PLIC specification 1.0.0, laid out as SiFive's):
// sources 1..95 with priorities, and for each hart two contexts that take interrupts, M (2 * hart)
// and S (2 * hart + 1).
#ifndef TABLEWALK_DEVICES_PLIC_H
#define TABLEWALK_DEVICES_PLIC_H

#include "devices/device.h"

enum {
    PLIC_BYTES = 0x600000,
    PLIC_SOURCES = 96, // source 0 means "none"
    PLIC_MAX_PRIORITY = 7,
    PLIC_MAX_HARTS = 512,
};

// The two wires to a hart: mip.MEIP and the controller's part of mip.SEIP.
struct plic_wires {
    struct irq_line mei, sei;
};

struct plic_counters {
    uint64_t claims[PLIC_SOURCES]; // interrupts that a context has claimed, by source
};

// harts: 1..PLIC_MAX_HARTS; wires: one a hart, copied. NULL: out of host memory.
struct device *plic_create(const struct device_place *place, unsigned harts,
                           const struct plic_wires *wires);

// The wire into source 1..95: what a device gets as its irq_line.
struct irq_line plic_line(struct device *plic, unsigned source);

const struct plic_counters *plic_counters(const struct device *plic);

#endif
