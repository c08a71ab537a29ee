// SPDX-License-Identifier: MIT
// A picture that a guest of the virtio GPU has made: pixels in host memory, in a format of the
// guest's choice, and the pieces of guest memory that it loads them from.
#ifndef TABLEWALK_DEVICES_GPU_RESOURCE_H
#define TABLEWALK_DEVICES_GPU_RESOURCE_H

#include "devices/screen.h"
#include "mmu/phys.h"

enum { GPU_PIXEL_BYTES = 4 };

// How the bytes of a pixel are laid out: which of the four are red, green, blue and alpha.
struct gpu_format {
    uint32_t number; // VIRTIO 1.2, section 5.7.6.8, "formats"
    uint8_t red, green, blue, alpha;
    bool opaque; // alpha means nothing
};

struct gpu_resource {
    uint32_t id; // 0: the place is free
    const struct gpu_format *format;
    uint32_t width, height; // pixels, up to SCREEN_MAX_SIDE each
    uint8_t *pixels;
    struct range *piece; // of guest memory, each was RAM when it was listed; NULL: none
    unsigned pieces;
    uint64_t backing_bytes; // of all pieces
};

// The format of a number, or NULL.
const struct gpu_format *gpu_find_format(uint32_t number);

// 0xAARRGGBB of the pixel at p.
uint32_t gpu_argb(const struct gpu_format *f, const uint8_t *p);

// The bytes of all pixels.
uint64_t gpu_resource_bytes(const struct gpu_resource *r);

// Loads a rectangle, which fits, from the pieces seen as one memory: its first pixel is at `offset`
// bytes there, and rows are as far apart as the picture is wide. false: it reaches past the pieces'
// end; nothing was loaded.
bool gpu_resource_load(struct gpu_resource *r, struct phys *phys, const struct rect *area,
                       uint64_t offset) MUST_CHECK;

#endif
