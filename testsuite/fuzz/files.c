// SPDX-License-Identifier: MIT
// Targets that read what a user hands over: ELF files, images, device trees, core files, command
// lines. Each must be taken or refused with one line that says why.
#include <libfdt.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "emu/boot.h"
#include "emu/console/symbols.h"
#include "emu/core_file.h"
#include "emu/loader.h"
#include "emu/options.h"
#include "testsuite/fuzz/fuzz.h"

#define RAM UINT64_C(0x80000000)
enum { RAM_BYTES = 1 << 20 };

struct memory {
    struct phys phys;
    uint8_t *ram;
};

static void memory_start(struct memory *m) {
    phys_init(&m->phys);
    m->ram = calloc(1, RAM_BYTES);
    HOLDS(m->ram && phys_add_memory(&m->phys, (struct range){RAM, RAM_BYTES}, m->ram, true));
}

static void memory_end(struct memory *m) {
    phys_free(&m->phys);
    free(m->ram);
}

// A refusal has a reason, in one line.
static void expect_reason(const struct message *message) {
    HOLDS(message->text[0] && !strchr(message->text, '\n'));
}

static void expect_in_ram(const struct placement *p) {
    HOLDS(p->parts >= 1 && p->parts <= PLACEMENT_PARTS);
    HOLDS(range_holds((struct range){RAM, RAM_BYTES}, p->range.base, p->range.size));
    for (unsigned i = 0; i < p->parts; i++) {
        HOLDS(range_holds(p->range, p->part[i].base, p->part[i].size));
    }
}

// --- Images --------------------------------------------------------------------------------------

static void read_symbols(const void *data, size_t size) {
    struct symbols symbols = {0};
    struct message message = {""};
    struct scratch_file file = scratch_file(data, size);
    if (symbols_add(&symbols, file.path, EVERY_SPACE, &message)) {
        uint64_t value;
        char text[200];
        (void)symbols_find(&symbols, "main", RAM, &value);
        (void)symbols_text(&symbols, RAM + 4, RAM, text, sizeof text);
    } else {
        expect_reason(&message);
    }
    symbols_free(&symbols);
    close(file.fd);
}

void fuzz_elf(struct input *in) {
    struct memory m;
    struct message message = {""};
    struct image image;
    struct placement placement;
    uint64_t value;
    if (!image_copy(&image, "file", in->data, in->size, RAM_BYTES, &message)) return;
    memory_start(&m);
    if (image_place_elf(&image, &m.phys, &placement, &message)) {
        expect_in_ram(&placement);
    } else {
        expect_reason(&message);
    }
    (void)image_symbol(&image, "tohost", &value);
    read_symbols(in->data, in->size);
    image_free(&image);
    memory_end(&m);
}

void fuzz_image(struct input *in) {
    struct memory m;
    struct message message = {""};
    struct image image;
    struct placement placement;
    const uint64_t address = RAM + take(in, 1) * 0x1000;
    if (!image_copy(&image, "file", in->data, in->size, RAM_BYTES, &message)) {
        expect_reason(&message);
        return;
    }
    memory_start(&m);
    if (image_kind(&image) != IMAGE_ELF &&
        image_place_at(&image, &m.phys, address, &placement, &message)) {
        expect_in_ram(&placement);
    }
    image_free(&image);
    memory_end(&m);
}

// --- Device trees --------------------------------------------------------------------------------

void fuzz_tree(struct input *in) {
    struct machine m = {.ram_range = {RAM, RAM_BYTES}};
    struct message message = {""};
    const struct boot_info boot = {.initrd = {RAM, take(in, 1)}};
    if (take(in, 1) & 1) m.config.append = "console=ttyS0";
    struct scratch_file file = scratch_file(in->data, in->size);
    m.config.dtb = file.path;
    size_t size = 0;
    void *tree = boot_device_tree(&m, &boot, &size, &message);
    if (tree) {
        HOLDS(fdt_check_full(tree, size) == 0);
        fuzz_firmware_tree(tree, size);
    } else {
        expect_reason(&message);
    }
    free(tree);
    file_set_close(&m.files);
    close(file.fd);
}

// --- Words ---------------------------------------------------------------------------------------

// A core file, and behind a comma what replaces some of its values.
void fuzz_core(struct input *in) {
    struct core core;
    struct message message = {""};
    char list[256], value[300];
    list[take_bytes(in, list, take(in, 1))] = 0;
    struct scratch_file file = scratch_file(in->data, in->size);
    snprintf(value, sizeof value, list[0] ? "%s,%s" : "%s", file.path, list);
    if (!core_load(&core, value, &message)) expect_reason(&message);
    close(file.fd);
}

void fuzz_words(struct input *in) {
    enum { WORDS = 16 };
    static struct options o; // large
    char text[1025], *word[WORDS + 1] = {"tablewalk"};
    struct message message = {""};
    int count = 1;
    text[take_bytes(in, text, sizeof text - 1)] = 0;
    for (char *at = text; at && count < WORDS; count++) word[count] = strsep(&at, "\n");
    if (!options_parse(&o, count, word, &message)) expect_reason(&message);
    options_destroy(&o);
}
