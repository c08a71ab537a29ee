// SPDX-License-Identifier: MIT
// -drive and -device: what was said, and afterwards, when all is said, which device goes into which
// virtio slot (see option_table.h).
#include <string.h>

#include "devices/screen.h"
#include "emu/option_table.h"
#include "emu/words.h"

// --- What was said -------------------------------------------------------------------------------

bool set_drive(struct options *o, char *value, struct message *message) {
    if (o->drives == MAX_DRIVES) return complain(message, "-drive: more than %d", MAX_DRIVES);
    struct drive_option *d = &o->drive[o->drives];
    d->plugged = true; // as QEMU has it where if= is not said
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
    if (!d->file || !*d->file) return complain(message, "-drive: needs file=FILE");
    for (unsigned i = 0; d->id && i < o->drives; i++) {
        if (!o->drive[i].id || strcmp(o->drive[i].id, d->id) != 0) continue;
        return complain(message, "-drive: id=%s is another -drive's already", d->id);
    }
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
    if (near) {
        complain(message, "-device: '%s' is not known; did you mean %s?", name, near);
        return NULL;
    }
    char known[160] = "";
    for (unsigned i = 0; i < DEVICE_ROWS; i++) {
        const size_t end = strlen(known);
        snprintf(known + end, sizeof known - end, "%s%s", i ? ", " : "", device_rows[i].name);
    }
    complain(message, "-device: '%s' is not known; there is %s", name, known);
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

bool set_device(struct options *o, char *value, struct message *message) {
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

bool options_plug(struct options *o, struct message *message) {
    if (!plug_devices(o, true, message) || !plug_devices(o, false, message)) return false;
    for (unsigned i = 0; i < o->drives; i++) {
        struct drive_option *drive = &o->drive[i];
        if (drive->used) continue;
        if (!drive->plugged) {
            return complain(message, "-drive: file=%s: if=none, and no -device has its drive=%s",
                            drive->file, drive->id ? drive->id : "ID");
        }
        if (!plug(o, drive, NULL, NULL, message)) return false;
    }
    return true;
}
