// SPDX-License-Identifier: MIT
// The firmware's own reading of a device tree, compiled for the host.
#include <stdlib.h>

#include "firmware/lib/dt.h"
#include "firmware/sbi/sbi.h"
#include "testsuite/fuzz/fuzz.h"

enum { SLACK = 1024 };

// The tree lies at the end of RAM, right behind which a sanitizer watches.
void fuzz_firmware_tree(const void *tree, size_t size) {
    const size_t room = (size + SLACK + 7) & ~(size_t)7;
    void *ram = aligned_alloc(8, room);
    HOLDS(ram);
    memset(ram, 0, room);
    memcpy(ram, tree, size);
    struct platform platform = {.ram = {{(uintptr_t)ram, room}}, .ram_regions = 1};
    (void)dt_reserve(&platform, ram, FIRMWARE_BASE, FIRMWARE_SIZE);
    platform = (struct platform){0};
    (void)platform_discover(&platform, ram);
    free(ram);
}
