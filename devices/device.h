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
// handles of the interrupt controllers. devices/node.h has the functions that write.
struct fdt_context {
    void *fdt;
    int error; // the first libfdt error (negative), or 0; nothing is written after it
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
    // Writes the device's node below /soc; 0 or a libfdt error (context->error). NULL: no node.
    int (*write_node)(struct device *d, struct fdt_context *context);
    // Frees what the device holds, and the device. NULL: the struct is all there is.
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

// Where the machine puts a device, and the wires it gets: what every creation function takes.
struct device_place {
    uint64_t base;
    unsigned irq_number; // what the node says; 0: none
    struct irq_line irq; // usually plic_line(plic, irq_number)
    struct schedule *schedule;
};

// Memory for a device's struct of struct_size bytes, zeroed, with its head filled in for bus_bytes
// of bus at place.base. For creation functions. NULL: out of host memory.
void *device_new(size_t struct_size, const struct device_type *type,
                 const struct device_place *place, uint64_t bus_bytes);

// Puts the device on the bus at its range. false: no room in the map.
bool device_attach(struct device *d, struct phys *phys) MUST_CHECK;

// The functions of the row, where it has them. Destroying NULL does nothing.
void device_reset(struct device *d);
int device_write_node(struct device *d, struct fdt_context *context);
void device_destroy(struct device *d);

#endif
