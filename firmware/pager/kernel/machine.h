// SPDX-License-Identifier: MIT
//
// What the kernel knows of the machine, all of it read from the device tree that the firmware
// hands over: nothing is compiled in but the address the kernel is linked at.
#ifndef TABLEWALK_PAGER_MACHINE_H
#define TABLEWALK_PAGER_MACHINE_H

#include "kernel/lib.h"

#define MACHINE_VIRTIO_SLOTS 8

struct device_slot {
    uint64_t base;
    uint32_t interrupt;
};

// Memory whose 32-bit words are the pixels of a display, 0x00RRGGBB, row by row.
struct screen {
    uint64_t base; // physical address, whole pages; 0: there is none
    uint32_t width, height;
};

struct machine {
    uint64_t hart;
    uint64_t ram_base, ram_bytes;
    uint64_t time_frequency; // ticks of `time` a second
    struct device_slot uart;
    struct device_slot virtio[MACHINE_VIRTIO_SLOTS];
    unsigned virtio_count;
    struct screen screen;
    uint64_t plic, plic_context; // interrupt controller, and which of its outputs is our S-mode
    uint64_t finisher;           // writes here end the emulator; 0 where there is none
    char arguments[512];         // /chosen/bootargs
};

// Reads the flattened device tree at `blob` (Devicetree Specification, chapter 5). Runs before
// paging is on. False when it is no device tree or lacks memory, UART or interrupt controller.
bool machine_read(struct machine *machine, uint64_t hart, const void *blob);

#endif
