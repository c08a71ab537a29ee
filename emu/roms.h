// SPDX-License-Identifier: MIT
// The files of roms/, embedded in the program: the firmware and the guest programs that come with
// it. The table is generated from the folder (roms/roms.mk).
#ifndef TABLEWALK_EMU_ROMS_H
#define TABLEWALK_EMU_ROMS_H

#include <stddef.h>
#include <stdint.h>

struct rom {
    const char *name; // file name in roms/: "sbi.bin"
    const uint8_t *data;
    size_t size; // bytes
};

// The rom with this name, or NULL.
const struct rom *rom_find(const char *name);

#endif
