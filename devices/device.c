// SPDX-License-Identifier: MIT
// What every device has in common (see device.h).
#include "devices/device.h"

#include <stdlib.h>

void *device_new(size_t struct_size, const struct device_type *type,
                 const struct device_place *place, uint64_t bus_bytes) {
    struct device *d = calloc(1, struct_size);
    if (!d) return NULL;
    d->type = type;
    d->range = (struct range){place->base, bus_bytes};
    d->irq_number = place->irq_number;
    d->irq = place->irq;
    d->schedule = place->schedule;
    return d;
}

bool device_attach(struct device *d, struct phys *phys) {
    d->phys = phys;
    return phys_add_device(phys, (struct phys_device){
                                     .range = d->range,
                                     .read = d->type->read,
                                     .write = d->type->write,
                                     .device = d,
                                 });
}

void device_reset(struct device *d) {
    if (d->type->reset) d->type->reset(d);
}

int device_write_node(struct device *d, struct fdt_context *context) {
    return d->type->write_node ? d->type->write_node(d, context) : context->error;
}

void device_destroy(struct device *d) {
    if (!d) return;
    if (d->type->destroy) {
        d->type->destroy(d);
    } else {
        free(d);
    }
}
