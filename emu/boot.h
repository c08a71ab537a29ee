// SPDX-License-Identifier: MIT
// What is in memory when the harts start: firmware, kernel, initrd, device tree and the boot ROM,
// placed as QEMU's virt board places them.
#ifndef TABLEWALK_EMU_BOOT_H
#define TABLEWALK_EMU_BOOT_H

#include "emu/machine.h"

// Where things were put.
struct boot_info {
    uint64_t start;      // where the boot ROM jumps to: firmware, or the kernel with -bios none
    uint64_t next;       // where the firmware is to go on: the kernel's entry
    uint64_t dtb;        // address of the device tree, 0: none was placed
    struct range initrd; // size 0: none
};

// Loads everything into cleared memory. false: message.
bool boot_load(struct machine *m, struct boot_info *boot, struct message *message) MUST_CHECK;

// The device tree of a machine, in malloc'ed memory of *size bytes. NULL: message.
void *boot_device_tree(struct machine *m, const struct boot_info *boot, size_t *size,
                       struct message *message);

// Its pmu node: what each hart, which are all alike, counts (emu/fdt_pmu.c).
void fdt_write_pmu(struct fdt_context *c, const struct hart *h);

#endif
