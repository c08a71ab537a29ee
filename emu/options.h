// SPDX-License-Identifier: MIT
// The command line, in QEMU's words and some of our own; emu/options.def has a row an option.
#ifndef TABLEWALK_EMU_OPTIONS_H
#define TABLEWALK_EMU_OPTIONS_H

#include <stdio.h>

#include "cpu/core.h"
#include "emu/console.h"
#include "emu/machine.h"
#include "emu/sandbox.h"

enum display { DISPLAY_NONE, DISPLAY_SDL };

enum stats_form { STATS_NONE, STATS_TEXT, STATS_JSON };

enum { MAX_DRIVES = MACHINE_DISKS };

// A -drive as it was said.
struct drive_option {
    char *file, *id, *inject;
    bool readonly, snapshot, unsafe, plugged; // plugged: if=virtio
    bool used;                                // a -device names it
    struct disk_config disk;
};

// A -device as it was said.
struct device_option {
    const struct device_row *row;
    char *drive, *serial, *bus, *id;
    uint32_t width, height; // of a display, in pixels
};

struct options {
    struct machine_config machine;
    struct core core; // --core, where machine.core is not NULL
    struct debugger_options debug;
    enum stats_form stats;
    enum display display;
    bool full_screen;
    enum sandbox_wish sandbox;
    const char *dump_dtb, *signature, *stats_file, *screenshot;
    unsigned granularity;
    bool help, version;
    struct drive_option drive[MAX_DRIVES];
    unsigned drives;
    struct device_option device[VIRTIO_MMIO_SLOTS];
    unsigned devices;
    bool snapshot_all;
    const char *program; // the lone argument
    bool has_program;
};

// Reads the command line, whose words are cut up in the process and must live as long as *o does.
// false: message.
bool options_parse(struct options *o, int argc, char **argv, struct message *message) MUST_CHECK;

void options_help(FILE *to);

#endif
