// SPDX-License-Identifier: MIT
// The command line (see options.h): each row of emu/options.def has its set_...() here; afterwards
// drives and devices are brought together.
#include "emu/options.h"

#include <stdlib.h>
#include <string.h>

#include "devices/screen.h"
#include "emu/builtin.h"
#include "emu/core_file.h"
#include "emu/words.h"

// What a row's function gets: the argument (NULL: there was none) and where complaints go.
typedef bool (*option_fn)(struct options *o, char *value, struct message *message);

// --- The machine ---------------------------------------------------------------------------------

#define MiB (UINT64_C(1) << 20)
enum { MIN_RAM_MIB = 1, MAX_RAM_GIB = 64 };

static bool set_machine(struct options *o, char *value, struct message *message) {
    char *dump = NULL, *type = NULL;
    const struct word_key keys[] = {
        {.name = "type", .text = &type, .only = "virt"},
        {.name = "dumpdtb", .text = &dump},
    };
    char *rest = value;
    if (strncmp(value, "virt", 4) == 0 && (value[4] == 0 || value[4] == ',')) {
        rest = value[4] ? value + 5 : NULL;
    } else if (!strchr(value, '=')) {
        return complain(message, "-machine: no board '%s'; there is one: virt", value);
    }
    if (!word_list(rest, "-machine", keys, 2, message)) return false;
    if (dump) o->dump_dtb = dump;
    return true;
}

static bool set_memory(struct options *o, char *value, struct message *message) {
    uint64_t bytes;
    if (strncmp(value, "size=", 5) == 0) value += 5;
    if (!word_size(value, MiB, &bytes)) {
        return complain(message, "-m: '%s' is no size; 128M, 4M or 1G would be", value);
    }
    if (bytes < MIN_RAM_MIB * MiB || bytes > MAX_RAM_GIB * 1024 * MiB || bytes & PAGE_MASK) {
        return complain(message, "-m: %s is not between %dM and %dG, or no multiple of 4K", value,
                        MIN_RAM_MIB, MAX_RAM_GIB);
    }
    o->machine.ram_bytes = bytes;
    return true;
}

static bool set_harts(struct options *o, char *value, struct message *message) {
    uint64_t harts;
    const char *number = strncmp(value, "cpus=", 5) == 0 ? value + 5 : value;
    if (!word_number(number, MACHINE_MAX_HARTS, &harts) || harts == 0) {
        return complain(message, "-smp: '%s' is no number from 1 to %d", value, MACHINE_MAX_HARTS);
    }
    o->machine.harts = (unsigned)harts;
    return true;
}

static bool set_cpu(struct options *o, char *value, struct message *message) {
    (void)o;
    return strcmp(value, "rv64") == 0 ||
           complain(message, "-cpu: '%s' is not known; rv64 is (and --isa=)", value);
}

static bool set_isa(struct options *o, char *value, struct message *message) {
    const char *error = "";
    return isa_parse(value, &o->machine.extensions, &error) ||
           complain(message, "--isa: '%s' is not understood at '%s'; rv64gc_zba_zbb would be",
                    value, error);
}

static bool set_core(struct options *o, char *value, struct message *message) {
    o->machine.core = NULL;
    if (strcmp(value, "none") == 0) return true;
    if (!core_load(&o->core, value, message)) return false;
    o->machine.core = &o->core;
    o->machine.adue = o->core.adue;
    return true;
}

static bool set_adue(struct options *o, char *value, struct message *message) {
    return word_switch(value, &o->machine.adue) ||
           complain(message, "--adue: '%s' is neither on nor off", value);
}

static bool set_sandbox(struct options *o, char *value, struct message *message) {
    bool on;
    const bool good = word_switch(value, &on);
    if (good) o->sandbox = on ? SANDBOX_ON : SANDBOX_OFF;
    return good || complain(message, "--sandbox: '%s' is neither on nor off", value);
}

static bool set_global(struct options *o, char *value, struct message *message) {
    const struct word_key keys[] = {
        {.name = "virtio-mmio.force-legacy", .flag = &o->machine.virtio_legacy},
    };
    return word_list(value, "-global", keys, 1, message);
}

static bool set_rtc(struct options *o, char *value, struct message *message) {
    char *base = NULL;
    const struct word_key keys[] = {
        {.name = "base", .text = &base},
        {.name = "clock", .only = "vm|host|rt"},
    };
    if (!word_list(value, "-rtc", keys, 2, message)) return false;
    if (!base || word_date(base, &o->machine.rtc_start)) return true;
    return complain(message, "-rtc: base=%s is no date; 2026-01-31 and 2026-01-31T12:00:00 are",
                    base);
}

// --- What boots ----------------------------------------------------------------------------------

// Options that take a text as it is.
#define TEXT(handler, field)                                                                       \
    static bool set_##handler(struct options *o, char *value, struct message *message) {           \
        (void)message;                                                                             \
        o->field = value;                                                                          \
        return true;                                                                               \
    }
TEXT(bios, machine.bios)
TEXT(kernel, machine.kernel)
TEXT(initrd, machine.initrd)
TEXT(append, machine.append)
TEXT(dtb, machine.dtb)
TEXT(signature, signature)
TEXT(screenshot, screenshot)
TEXT(stats_file, stats_file)

// Options without an argument that are true when they were said.
#define SWITCH(handler, field)                                                                     \
    static bool set_##handler(struct options *o, char *value, struct message *message) {           \
        (void)message, (void)value;                                                                \
        o->field = true;                                                                           \
        return true;                                                                               \
    }
SWITCH(snapshot, snapshot_all)
SWITCH(full_screen, full_screen)
SWITCH(no_reboot, machine.no_reboot)
SWITCH(help, help)
SWITCH(version, version)

// QEMU's words for what we do anyway.
static bool set_accept(struct options *o, char *value, struct message *message) {
    (void)o, (void)value, (void)message;
    return true;
}
#define ONLY(handler, words)                                                                       \
    static bool set_##handler(struct options *o, char *value, struct message *message) {           \
        const struct word_key keys[] = {{.name = #handler, .only = words}};                        \
        char list[64];                                                                             \
        (void)o;                                                                                   \
        snprintf(list, sizeof list, #handler "=%s", value);                                        \
        return word_list(list, "-" #handler, keys, 1, message);                                    \
    }
ONLY(serial, "mon:stdio|stdio")
ONLY(monitor, "none")

static bool set_display(struct options *o, char *value, struct message *message) {
    if (strcmp(value, "none") != 0 && strcmp(value, "sdl") != 0) {
        return complain(message, "-display: '%s' is not known; none and sdl are", value);
    }
    o->display = strcmp(value, "sdl") == 0 ? DISPLAY_SDL : DISPLAY_NONE;
    return true;
}

// --- The debug console ---------------------------------------------------------------------------

#define DEBUG_FLAG(handler)                                                                        \
    static bool set_##handler(struct options *o, char *value, struct message *message) {           \
        (void)value, (void)message;                                                                \
        o->debug.handler = true;                                                                   \
        return true;                                                                               \
    }
DEBUG_FLAG(stopped)
DEBUG_FLAG(batch)
DEBUG_FLAG(json)
TEXT(console_script, debug.script)
TEXT(gdb, debug.gdb)

static bool set_gdb_default(struct options *o, char *value, struct message *message) {
    static const char here[] = "tcp:127.0.0.1:1234";
    (void)value, (void)message;
    o->debug.gdb = here;
    return true;
}

static bool set_console_on(struct options *o, char *value, struct message *message) {
    o->debug.on_fault = strcmp(value, "fault") == 0;
    return o->debug.on_fault ||
           complain(message, "--console-on: '%s' is not known; fault is", value);
}

static bool set_symbols(struct options *o, char *value, struct message *message) {
    if (o->debug.symbol_files == OPTION_SYMBOLS) {
        return complain(message, "--symbols: more than %d files", OPTION_SYMBOLS);
    }
    o->debug.symbols[o->debug.symbol_files++] = value;
    return true;
}

// --- Disks ---------------------------------------------------------------------------------------

static bool set_drive(struct options *o, char *value, struct message *message) {
    if (o->drives == MAX_DRIVES) return complain(message, "-drive: more than %d", MAX_DRIVES);
    struct drive_option *d = &o->drive[o->drives];
    const struct word_key keys[] = {
        {.name = "file", .text = &d->file},
        {.name = "id", .text = &d->id},
        {.name = "format", .only = "raw"},
        {.name = "if", .flag = &d->plugged, .only = "none|virtio"},
        {.name = "media", .only = "disk"},
        {.name = "readonly", .flag = &d->readonly},
        {.name = "read-only", .flag = &d->readonly},
        {.name = "snapshot", .flag = &d->snapshot},
        {.name = "cache", .flag = &d->unsafe, .only = "writeback|unsafe"},
        {.name = "inject", .text = &d->inject},
    };
    if (!word_list(value, "-drive", keys, sizeof keys / sizeof *keys, message)) return false;
    if (!d->file) return complain(message, "-drive: needs file=FILE");
    o->drives++;
    return true;
}

// One row a kind of device that -device can plug in.
static const struct device_row {
    const char *name;
    enum slot_kind kind; // SLOT_EMPTY: it takes no slot
    bool takes_drive;
    uint32_t width, height; // of a display, unless the option says otherwise
} device_rows[] = {
    {"virtio-blk-device", SLOT_DISK, true, 0, 0},
    {"virtio-gpu-device", SLOT_GPU, false, 1280, 800},
    {"virtio-keyboard-device", SLOT_KEYBOARD, false, 0, 0},
    {"virtio-tablet-device", SLOT_TABLET, false, 0, 0},
    {"framebuffer", SLOT_EMPTY, false, 640, 480},
};
enum { DEVICE_ROWS = sizeof device_rows / sizeof *device_rows };

static const char *next_device(void *context) {
    unsigned *at = context;
    return *at < DEVICE_ROWS ? device_rows[(*at)++].name : NULL;
}

static const struct device_row *find_device(const char *name, struct message *message) {
    unsigned at = 0;
    for (unsigned i = 0; i < DEVICE_ROWS; i++) {
        if (strcmp(device_rows[i].name, name) == 0) return &device_rows[i];
    }
    const char *near = word_nearest(name, next_device, &at);
    complain(message, "-device: '%s' is not known; %s is", name, near ? near : device_rows[0].name);
    return NULL;
}

// xres= or yres=, where it was said.
static bool take_side(const char *word, uint32_t *side, struct message *message) {
    uint64_t pixels;
    if (!word) return true;
    if (!word_number(word, SCREEN_MAX_SIDE - 1, &pixels) || pixels < SCREEN_MIN_SIDE) {
        return complain(message, "-device: a display has %d to %d pixels a side, not %s",
                        SCREEN_MIN_SIDE, SCREEN_MAX_SIDE - 1, word);
    }
    *side = (uint32_t)pixels;
    return true;
}

// What the kind of a device cannot take was not said, and what it needs was.
static bool fits_row(const struct device_option *d, bool has_side, struct message *message) {
    const char *name = d->row->name;
    if (d->row->takes_drive && !d->drive) {
        return complain(message, "-device %s: needs drive=ID", name);
    }
    if (!d->row->takes_drive && (d->drive || d->serial)) {
        return complain(message, "-device %s: takes neither drive= nor serial=", name);
    }
    if (!d->row->width && has_side) {
        return complain(message, "-device %s: takes neither xres= nor yres=", name);
    }
    return true;
}

static bool set_device(struct options *o, char *value, struct message *message) {
    if (o->devices == VIRTIO_MMIO_SLOTS) {
        return complain(message, "-device: more than the %d virtio slots", VIRTIO_MMIO_SLOTS);
    }
    struct device_option *d = &o->device[o->devices];
    char *xres = NULL, *yres = NULL;
    const struct word_key keys[] = {
        {.name = "drive", .text = &d->drive},   {.name = "bus", .text = &d->bus},
        {.name = "serial", .text = &d->serial}, {.name = "id", .text = &d->id},
        {.name = "xres", .text = &xres},        {.name = "yres", .text = &yres},
    };
    char *rest = strchr(value, ',');
    if (rest) *rest++ = 0;
    d->row = find_device(value, message);
    if (!d->row) return false;
    d->width = d->row->width;
    d->height = d->row->height;
    if (!word_list(rest, "-device", keys, sizeof keys / sizeof *keys, message)) return false;
    if (!fits_row(d, xres || yres, message)) return false;
    if (!take_side(xres, &d->width, message) || !take_side(yres, &d->height, message)) return false;
    o->devices++;
    return true;
}

// --- The run -------------------------------------------------------------------------------------

static bool set_max_insns(struct options *o, char *value, struct message *message) {
    if (word_number(value, UINT64_MAX, &o->machine.max_insns)) return true;
    return complain(message, "--max-insns: '%s' is no number of instructions", value);
}

static bool set_stats(struct options *o, char *value, struct message *message) {
    if (value && strcmp(value, "json") != 0 && strcmp(value, "text") != 0) {
        return complain(message, "--stats: '%s' is no form; text and json are", value);
    }
    o->stats = value && strcmp(value, "json") == 0 ? STATS_JSON : STATS_TEXT;
    return true;
}

static bool set_granularity(struct options *o, char *value, struct message *message) {
    uint64_t bytes;
    if (!word_number(value, 16, &bytes) || !bytes || bytes & (bytes - 1)) {
        return complain(message, "+signature-granularity: '%s' is not 1, 2, 4, 8 or 16", value);
    }
    o->granularity = (unsigned)bytes;
    return true;
}

// --- The table -----------------------------------------------------------------------------------

enum section { MACHINE, BOOT, DISK, DEBUG, CONSOLE, RUN, INFO, SECTIONS };

static const char *const section_title[SECTIONS] = {
    [MACHINE] = "The machine", [BOOT] = "What boots", [DISK] = "Disks", [DEBUG] = "Looking inside",
    [CONSOLE] = "The console", [RUN] = "The run",     [INFO] = "About",
};

static const struct option_row {
    const char *name, *argument;
    enum section section;
    option_fn set;
    const char *help;
} rows[] = {
#define OPTION(name, argument, section, handler, help)                                             \
    {name, argument, section, set_##handler, help},
#include "emu/options.def"
#undef OPTION
};

enum { ROWS = sizeof rows / sizeof *rows };

// A name behind its dashes; +name as it is. NULL: not an option but a file.
static const char *bare_name(const char *word) {
    if (word[0] == '+') return word;
    if (word[0] != '-' || !word[1]) return NULL;
    return word + (word[1] == '-' ? 2 : 1);
}

static const struct option_row *find_row(const char *name) {
    for (unsigned i = 0; i < ROWS; i++) {
        if (strcmp(bare_name(rows[i].name), name) == 0) return &rows[i];
    }
    return NULL;
}

static const char *next_name(void *context) {
    unsigned *at = context;
    return *at < ROWS ? bare_name(rows[(*at)++].name) : NULL;
}

static bool unknown(const char *word, const char *name, struct message *message) {
    unsigned at = 0;
    const char *near = word_nearest(name, next_name, &at);
    if (!near) return complain(message, "%s: unknown option; --help lists them all", word);
    return complain(message, "%s: unknown option; did you mean %s?", word, find_row(near)->name);
}

// Takes the option at argv[*at], and moves *at to its last word.
static bool take_option(struct options *o, int argc, char **argv, int *at,
                        struct message *message) {
    char *word = argv[*at], *value = strchr(word, '=');
    if (value) *value++ = 0;
    const char *name = bare_name(word);
    const struct option_row *row = find_row(name);
    if (!row) return unknown(word, name, message);
    if (!row->argument && value) return complain(message, "%s: takes no argument", word);
    const bool needed = row->argument && row->argument[0] != '[';
    if (needed && !value) {
        if (*at + 1 == argc) return complain(message, "%s: needs %s", word, row->argument);
        value = argv[++*at];
    }
    return row->set(o, value, message);
}

// --- Drives into slots ---------------------------------------------------------------------------

enum { BUS_PREFIX = sizeof "virtio-mmio-bus." - 1 };

// A free slot: the one that `bus` names or, where it is NULL, the first. -1: message.
static int find_slot(const struct options *o, const char *bus, struct message *message) {
    if (!bus) {
        for (int i = 0; i < VIRTIO_MMIO_SLOTS; i++) {
            if (!o->machine.slot[i].kind) return i;
        }
        complain(message, "-device: all %d virtio slots are taken", VIRTIO_MMIO_SLOTS);
        return -1;
    }
    uint64_t slot;
    if (strncmp(bus, "virtio-mmio-bus.", BUS_PREFIX) != 0 ||
        !word_number(bus + BUS_PREFIX, VIRTIO_MMIO_SLOTS - 1, &slot)) {
        complain(message, "-device: no bus '%s'; virtio-mmio-bus.0 to virtio-mmio-bus.%d are", bus,
                 VIRTIO_MMIO_SLOTS - 1);
        return -1;
    }
    if (o->machine.slot[slot].kind) {
        complain(message, "-device: %s is taken already", bus);
        return -1;
    }
    return (int)slot;
}

static bool plug(struct options *o, struct drive_option *drive, const char *bus, const char *serial,
                 struct message *message) {
    if (drive->used) {
        return complain(message, "-device: drive=%s is in use already", drive->id);
    }
    const int slot = find_slot(o, bus, message);
    if (slot < 0) return false;
    drive->used = true;
    drive->disk = (struct disk_config){
        .id = drive->id,
        .serial = serial ? serial : drive->id,
        .options = {.path = drive->file,
                    .readonly = drive->readonly,
                    .snapshot = drive->snapshot || o->snapshot_all,
                    .cache = drive->unsafe ? DISK_CACHE_UNSAFE : DISK_CACHE_FLUSH,
                    .inject = drive->inject},
    };
    o->machine.slot[slot] = (struct slot_config){.kind = SLOT_DISK, .disk = &drive->disk};
    return true;
}

// A device that is no disk. One of a kind is enough: there is one window.
static bool plug_other(struct options *o, const struct device_option *d, struct message *message) {
    struct machine_config *m = &o->machine;
    bool taken = d->row->kind == SLOT_EMPTY && m->framebuffer_width;
    for (unsigned i = 0; i < VIRTIO_MMIO_SLOTS; i++) {
        taken |= d->row->kind && m->slot[i].kind == d->row->kind;
    }
    if (taken) return complain(message, "-device %s: there is one already", d->row->name);
    if (d->row->kind == SLOT_EMPTY) {
        m->framebuffer_width = d->width;
        m->framebuffer_height = d->height;
        return true;
    }
    const int slot = find_slot(o, d->bus, message);
    if (slot < 0) return false;
    m->slot[slot] = (struct slot_config){d->row->kind, NULL, d->width, d->height};
    return true;
}

// Devices with a bus go first, so that the others can't take their slots.
static bool plug_devices(struct options *o, bool with_bus, struct message *message) {
    for (unsigned i = 0; i < o->devices; i++) {
        const struct device_option *d = &o->device[i];
        if ((d->bus != NULL) != with_bus) continue;
        if (!d->row->takes_drive) {
            if (!plug_other(o, d, message)) return false;
            continue;
        }
        struct drive_option *drive = NULL;
        for (unsigned n = 0; n < o->drives && !drive; n++) {
            if (o->drive[n].id && strcmp(o->drive[n].id, d->drive) == 0) drive = &o->drive[n];
        }
        if (!drive) {
            return complain(message, "-device: drive=%s: no -drive has id=%s", d->drive, d->drive);
        }
        if (!plug(o, drive, d->bus, d->serial, message)) return false;
    }
    return true;
}

static bool plug_all(struct options *o, struct message *message) {
    if (!plug_devices(o, true, message) || !plug_devices(o, false, message)) return false;
    for (unsigned i = 0; i < o->drives; i++) {
        struct drive_option *drive = &o->drive[i];
        if (drive->plugged && !drive->used && !plug(o, drive, NULL, NULL, message)) return false;
    }
    return true;
}

// --- All together --------------------------------------------------------------------------------

// A program alone runs on the bare machine, as under Spike: in M-mode, no firmware.
static bool take_program(struct options *o, struct message *message) {
    if (!o->has_program) return true;
    if (o->machine.kernel) {
        return complain(message,
                        "%s: there is a -kernel already; a lone file is a bare-metal "
                        "program",
                        o->program);
    }
    o->machine.kernel = o->program;
    o->machine.bare_elf = true;
    if (!o->machine.bios) o->machine.bios = "none";
    return true;
}

bool options_parse(struct options *o, int argc, char **argv, struct message *message) {
    *o = (struct options){
        .machine = {.ram_bytes = 128 * MiB,
                    .harts = 1,
                    .extensions = isa_default(),
                    .adue = true,
                    .rtc_start = RTC_DEFAULT_START,
                    .max_insns = UINT64_MAX},
        .granularity = 16,
    };
    for (int at = 1; at < argc; at++) {
        if (bare_name(argv[at])) {
            if (!take_option(o, argc, argv, &at, message)) return false;
        } else if (o->has_program) {
            return complain(message, "%s: one program only; %s is the first", argv[at], o->program);
        } else {
            o->program = argv[at];
            o->has_program = true;
        }
    }
    if (!take_program(o, message)) return false;
    if (o->machine.initrd && !o->machine.kernel) {
        return complain(message, "-initrd: there is no -kernel that could use it");
    }
    if (o->machine.append && !o->machine.kernel && !builtin_kernel(&o->machine)) {
        return complain(message, "-append: there is no -kernel that could read it");
    }
    return plug_all(o, message);
}

// --- Help ----------------------------------------------------------------------------------------

enum { HELP_INDENT = 31, HELP_WIDTH = 96 };

// Prints text from the present column HELP_INDENT on, broken at blanks.
static void print_wrapped(FILE *to, const char *text) {
    int column = HELP_INDENT;
    const char *blank = "";
    while (*text) {
        const int word = (int)strcspn(text, " ");
        if (column + word > HELP_WIDTH) {
            fprintf(to, "\n%*s", HELP_INDENT, "");
            column = HELP_INDENT;
            blank = "";
        }
        fprintf(to, "%s%.*s", blank, word, text);
        column += word + 1;
        blank = " ";
        text += word;
        while (*text == ' ') text++;
    }
    fputc('\n', to);
}

static void print_row(FILE *to, const struct option_row *row) {
    char left[80];
    const char *argument = row->argument ? row->argument : "";
    const bool optional = argument[0] == '[';
    const char *joint = !*argument ? "" : optional ? "[=" : row->name[1] == '-' ? "=" : " ";
    if (row->name[0] == '+') joint = "=";
    snprintf(left, sizeof left, "%s%s%s", row->name, joint, argument + optional);
    fprintf(to, "  %-*s", HELP_INDENT - 2, left);
    if (strlen(left) >= HELP_INDENT - 2) fprintf(to, "\n%*s", HELP_INDENT, "");
    print_wrapped(to, row->help);
}

void options_help(FILE *to) {
    fputs("Tablewalk, an RV64GC machine whose page walks can be watched.\n\n"
          "  tablewalk                      boots the built-in kernel, the pager\n"
          "  tablewalk PROGRAM              runs a bare-metal ELF program, as Spike does\n"
          "  tablewalk -kernel FILE ...     boots an operating system, in QEMU's words\n",
          to);
    for (unsigned section = 0; section < SECTIONS; section++) {
        fprintf(to, "\n%s\n", section_title[section]);
        for (unsigned i = 0; i < ROWS; i++) {
            if (rows[i].section == section && rows[i].help) print_row(to, &rows[i]);
        }
    }
    fputs("\nAt the terminal Ctrl-A X ends the machine, Ctrl-A C opens the debug console, Ctrl-A H "
          "shows the keys.\n\nExit codes\n",
          to);
#define ROW(name, code, text)                                                                      \
    fprintf(to, "  %-*d", HELP_INDENT - 2, code);                                                  \
    print_wrapped(to, text);
#include "emu/exit_codes.def"
#undef ROW
}
