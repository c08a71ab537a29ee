// SPDX-License-Identifier: MIT
// The test finisher (see finisher.h): one register, written with 16 bits or more.
#include "devices/finisher.h"

#include "devices/node.h"

struct finisher {
    struct device device;
    finisher_fn finish;
    void *listener;
    uint32_t phandle; // as its node was written
};

static bool finisher_read(void *device, uint64_t offset, unsigned size, uint64_t *value) {
    (void)device, (void)offset, (void)size;
    *value = 0;
    return true;
}

static bool finisher_write(void *device, uint64_t offset, unsigned size, uint64_t value) {
    struct finisher *f = device;
    if (offset != 0 || size < 2) return true;
    switch (value & 0xffff) {
    case FINISH_FAIL: f->finish(f->listener, FINISH_FAIL, (unsigned)(value >> 16) & 0xffff); break;
    case FINISH_PASS: f->finish(f->listener, FINISH_PASS, 0); break;
    case FINISH_RESET: f->finish(f->listener, FINISH_RESET, 0); break;
    default: break;
    }
    return true;
}

static int finisher_write_node(struct device *d, struct fdt_context *c) {
    struct finisher *f = (struct finisher *)d;
    f->phandle = c->next_phandle++;
    node_begin_device(c, d, "test");
    node_u32(c, "phandle", f->phandle);
    NODE_COMPATIBLE(c, "sifive,test1\0sifive,test0\0syscon");
    node_end(c);
    return c->error;
}

static void write_power_node(struct fdt_context *c, const char *name, const char *compatible,
                             uint32_t phandle, uint32_t value) {
    node_begin(c, name);
    node_string(c, "compatible", compatible);
    node_u32(c, "regmap", phandle);
    node_u32(c, "offset", 0);
    node_u32(c, "value", value);
    node_end(c);
}

int finisher_write_power_nodes(struct device *finisher, struct fdt_context *c) {
    const uint32_t phandle = ((struct finisher *)finisher)->phandle;
    write_power_node(c, "poweroff", "syscon-poweroff", phandle, FINISH_PASS);
    write_power_node(c, "reboot", "syscon-reboot", phandle, FINISH_RESET);
    return c->error;
}

static const struct device_type finisher_type = {
    .name = "finisher",
    .read = finisher_read,
    .write = finisher_write,
    .write_node = finisher_write_node,
};

struct device *finisher_create(const struct device_place *place, finisher_fn finish,
                               void *listener) {
    struct finisher *f = device_new(sizeof *f, &finisher_type, place, FINISHER_BYTES);
    if (!f) return NULL;
    f->finish = finish;
    f->listener = listener;
    return &f->device;
}
