// SPDX-License-Identifier: MIT
// The simple framebuffer (see framebuffer.h). Stores to it are as fast as those to RAM, so nobody
// sees them happen: what has changed is found row by row.
#include "devices/framebuffer.h"

#include <stdlib.h>
#include <string.h>

#include "devices/node.h"

struct framebuffer {
    struct device device;
    struct screen screen;
    uint32_t *memory; // what the guest sees; whole pages
};

enum { PIXEL_BYTES = 4 };

static struct framebuffer *framebuffer_of(struct device *d) { return (struct framebuffer *)d; }

struct screen *framebuffer_screen(struct device *d) { return &framebuffer_of(d)->screen; }

void framebuffer_refresh(struct device *d) {
    struct framebuffer *f = framebuffer_of(d);
    const size_t row_bytes = (size_t)f->screen.width * PIXEL_BYTES;
    for (uint32_t y = 0; y < f->screen.height; y++) {
        const size_t at = (size_t)y * f->screen.width;
        if (memcmp(f->screen.pixels + at, f->memory + at, row_bytes) == 0) continue;
        memcpy(f->screen.pixels + at, f->memory + at, row_bytes);
        screen_damaged(&f->screen, &(struct rect){0, y, f->screen.width, 1});
    }
}

static void framebuffer_reset(struct device *d) {
    struct framebuffer *f = framebuffer_of(d);
    if (d->phys) phys_wrote(d->phys, d->range.base, d->range.size);
    memset(f->memory, 0, d->range.size);
}

static int framebuffer_write_node(struct device *d, struct fdt_context *c) {
    const struct screen *s = framebuffer_screen(d);
    node_begin_device(c, d, "framebuffer");
    NODE_COMPATIBLE(c, "simple-framebuffer");
    node_u32(c, "width", s->width);
    node_u32(c, "height", s->height);
    node_u32(c, "stride", s->width * PIXEL_BYTES);
    node_string(c, "format", "x8r8g8b8");
    node_end(c);
    return c->error;
}

static void framebuffer_destroy(struct device *d) {
    screen_free(framebuffer_screen(d));
    free(framebuffer_of(d)->memory);
    free(d);
}

static const struct device_type framebuffer_type = {
    .name = "framebuffer",
    .reset = framebuffer_reset,
    .write_node = framebuffer_write_node,
    .destroy = framebuffer_destroy,
};

struct device *framebuffer_create(const struct device_place *place, uint32_t width,
                                  uint32_t height) {
    const uint64_t bytes =
        ((uint64_t)width * height * PIXEL_BYTES + PAGE_SIZE - 1) & ~(uint64_t)PAGE_MASK;
    struct framebuffer *f = device_new(sizeof(struct framebuffer), &framebuffer_type, place, bytes);
    if (!f) return NULL;
    f->memory = aligned_alloc(PAGE_SIZE, bytes);
    if (f->memory && screen_resize(&f->screen, width, height)) {
        framebuffer_reset(&f->device);
        return &f->device;
    }
    framebuffer_destroy(&f->device);
    return NULL;
}

bool framebuffer_attach(struct device *d, struct phys *phys) {
    d->phys = phys;
    return phys_add_memory(phys, d->range, (uint8_t *)framebuffer_of(d)->memory, true);
}
