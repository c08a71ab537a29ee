// SPDX-License-Identifier: MIT
// What every device on the bus has in common: a row of functions (struct device_type) and the wires
// the machine gave it (struct device). Devices never know the cpu: interrupt lines are callbacks.
// Each device writes its own node of the device tree.
#ifndef TABLEWALK_DEVICES_DEVICE_H
#define TABLEWALK_DEVICES_DEVICE_H

#include "devices/schedule.h"
#include "mmu/phys.h"

// A wire: someone listens to its level. A wire without a listener (set = NULL) goes nowhere.
struct irq_line {
    void (*set)(void *listener, unsigned line, bool level);
    void *listener;
    unsigned line;
};

static inline void irq_set(const struct irq_line *irq, bool level) {
    if (irq->set) irq->set(irq->listener, irq->line, level);
}

// What a device needs to write its node: the tree being written (libfdt, sequential write), and the
// handles of the interrupt controllers.
struct fdt_context {
    void *fdt;
    unsigned harts;
    uint32_t plic_phandle;
    uint32_t cpu_intc_phandle; // of hart 0; hart n has cpu_intc_phandle + n
    uint32_t next_phandle;     // free handles start here
};

struct device;

// One row a kind of device.
struct device_type {
    const char *name; // the word on the command line and in messages
    phys_read_fn read;
    phys_write_fn write;
    // Back to the state after power-on. NULL: nothing to do.
    void (*reset)(struct device *d);
    // Writes the device's node below /soc; 0 or a libfdt error. NULL: no node.
    int (*write_node)(struct device *d, struct fdt_context *context);
    // Frees what the device holds, and the device.
    void (*destroy)(struct device *d);
};

// The head of every device's own struct: a device struct has this as its first member, and its
// functions get a pointer to it.
struct device {
    const struct device_type *type;
    struct range range;
    unsigned irq_number; // at the PLIC; 0: none
    struct irq_line irq;
    struct phys *phys;
    struct schedule *schedule;
};

// Puts the device on the bus at its range. false: no room in the map.
bool device_attach(struct device *d, struct phys *phys) MUST_CHECK;

#endif
