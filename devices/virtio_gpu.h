// SPDX-License-Identifier: MIT
// The virtio GPU (VIRTIO 1.2, section 5.7): 2D, one scan-out with a cursor, EDID. The guest has
// pictures of its own ("resources") in host memory, moves pixels into them, shows one of them, and
// says when it has drawn.
#ifndef TABLEWALK_DEVICES_VIRTIO_GPU_H
#define TABLEWALK_DEVICES_VIRTIO_GPU_H

#include "devices/screen.h"
#include "devices/virtio_mmio.h"

enum {
    GPU_MAX_RESOURCES = 256,
    GPU_MAX_PIECES = 16384, // of the backing of one resource
};
// Host memory that a guest can make the device hold: pixels and lists of pieces of all resources.
#define GPU_MAX_BYTES (UINT64_C(128) << 20)

struct virtio_gpu_counters {
    uint64_t commands, failed; // failed: of all commands, those that ended with an error
    uint64_t pixels;           // moved from the guest's memory
};

// A GPU whose monitor is width by height pixels, SCREEN_MIN_SIDE..SCREEN_MAX_SIDE - 1 each. NULL:
// out of host memory, or no event slot is left.
struct virtio *virtio_gpu_create(struct schedule *schedule, uint32_t width, uint32_t height);

// What it shows. Whoever looks may take the damage.
struct screen *virtio_gpu_screen(struct virtio *v);

// The monitor has another size now (a window was resized): the guest is told, and may draw in that
// size or not. A size that is out of range is brought into it.
void virtio_gpu_resize(struct virtio *v, uint32_t width, uint32_t height);

const struct virtio_gpu_counters *virtio_gpu_counters(const struct virtio *v);

// Host memory that the guest's resources take at present, in bytes.
uint64_t virtio_gpu_held(const struct virtio *v);

#endif
