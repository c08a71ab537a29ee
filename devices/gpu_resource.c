// SPDX-License-Identifier: MIT
// Pictures of the virtio GPU (see gpu_resource.h).
#include "devices/gpu_resource.h"

#include <string.h>

static const struct gpu_format formats[] = {
    {1, 2, 1, 0, 3, false},   // B8G8R8A8
    {2, 2, 1, 0, 3, true},    // B8G8R8X8
    {3, 1, 2, 3, 0, false},   // A8R8G8B8
    {4, 1, 2, 3, 0, true},    // X8R8G8B8
    {67, 0, 1, 2, 3, false},  // R8G8B8A8
    {68, 3, 2, 1, 0, true},   // X8B8G8R8
    {121, 3, 2, 1, 0, false}, // A8B8G8R8
    {134, 0, 1, 2, 3, true},  // R8G8B8X8
};

const struct gpu_format *gpu_find_format(uint32_t number) {
    for (unsigned i = 0; i < sizeof formats / sizeof *formats; i++) {
        if (formats[i].number == number) return &formats[i];
    }
    return NULL;
}

uint32_t gpu_argb(const struct gpu_format *f, const uint8_t *p) {
    const uint32_t alpha = f->opaque ? 0xff : p[f->alpha];
    return alpha << 24 | (uint32_t)p[f->red] << 16 | (uint32_t)p[f->green] << 8 | p[f->blue];
}

uint64_t gpu_resource_bytes(const struct gpu_resource *r) {
    return (uint64_t)r->width * r->height * GPU_PIXEL_BYTES;
}

// Where a load has got to. Its offsets only grow, so it never looks back.
struct place {
    unsigned piece;
    uint64_t begin; // of the piece, counted from the first one's start
};

static void copy(const struct gpu_resource *r, struct phys *phys, struct place *at, uint64_t offset,
                 uint8_t *to, uint64_t bytes) {
    while (bytes && at->piece < r->pieces) {
        const struct range *p = &r->piece[at->piece];
        const uint64_t skipped = offset - at->begin;
        if (skipped >= p->size) {
            at->begin += p->size;
            at->piece++;
            continue;
        }
        const uint64_t length = p->size - skipped < bytes ? p->size - skipped : bytes;
        const uint8_t *from = phys_dma_map(phys, p->base + skipped, length);
        if (from) memcpy(to, from, length);
        to += length;
        offset += length;
        bytes -= length;
    }
}

bool gpu_resource_load(struct gpu_resource *r, struct phys *phys, const struct rect *area,
                       uint64_t offset) {
    const uint64_t stride = (uint64_t)r->width * GPU_PIXEL_BYTES;
    const uint64_t row_bytes = (uint64_t)area->width * GPU_PIXEL_BYTES;
    const uint64_t reach = (area->height - 1) * stride + row_bytes;
    if (!range_holds((struct range){0, r->backing_bytes}, offset, reach)) return false;
    struct place at = {.piece = 0};
    for (uint32_t row = 0; row < area->height; row++) {
        uint8_t *to = r->pixels + (area->y + row) * stride + (uint64_t)area->x * GPU_PIXEL_BYTES;
        copy(r, phys, &at, offset + row * stride, to, row_bytes);
    }
    return true;
}
