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

// --help=FORM
#define HELP_FORMS(X)                                                                              \
    X(SHORT, "short") X(ALL, "all") X(MAN, "man") X(BASH, "bash") X(ZSH, "zsh") X(FISH, "fish")
enum help_form {
    HELP_NONE,
#define FORM(name, text) HELP_##name,
    HELP_FORMS(FORM)
#undef FORM
};

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

// An option as it was said, in the order of the command line.
struct option_said {
    const struct option_row *row;
    char *value; // NULL: none
    char *words; // the same, cut up by the row's function, which refers to it
};

struct options {
    struct machine_config machine;
    struct core core; // --core, where machine.core is not NULL
    bool adue_said;   // --adue was given: the core has no say
    struct debugger_options debug;
    const char *profile; // [FORM:]FILE
    enum stats_form stats;
    enum display display;
    bool full_screen;
    enum sandbox_wish sandbox;
    const char *dump_dtb, *signature, *stats_file, *screenshot;
    unsigned granularity;
    enum help_form help;
    bool version, print_config;
    bool state_hash;
    struct drive_option drive[MAX_DRIVES];
    unsigned drives;
    struct device_option device[VIRTIO_MMIO_SLOTS];
    unsigned devices;
    bool snapshot_all;
    const char *program; // the lone argument, or NULL
    struct option_said *said;
    unsigned said_count;
    const char *config; // the file of options that is being read, or NULL
};

// Reads the command line and the files of options that it names. In any case options_destroy() is
// to follow. false: message.
bool options_parse(struct options *o, int argc, char **argv, struct message *message) MUST_CHECK;

// Frees what *o refers to: not before the machine that was made of it is destroyed.
void options_destroy(struct options *o);

// --help, in one of its forms.
void options_help(FILE *to, enum help_form form);

// --print-config: what was said as a file for --config, and all other options as comments. false:
// message (a value that no line can hold).
bool options_print_config(FILE *to, const struct options *o, struct message *message) MUST_CHECK;

// --version, and with --json what the program consists of.
void options_version(FILE *to, bool json);

#endif
