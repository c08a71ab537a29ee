// SPDX-License-Identifier: MIT
// Loading (see boot.h). With firmware: the firmware at the beginning of RAM, a flat kernel 2 MiB
// above, an ELF kernel where it wants to be. With -bios none: the kernel alone. The initrd lies as
// high as it can, below the device tree; that at the top of RAM below 3 GiB.
#include "emu/boot.h"
#include "emu/builtin.h"

#include <inttypes.h>
#include <libfdt.h>
#include <stdlib.h>
#include <string.h>

#include "emu/loader.h"
#include "emu/roms.h"

enum { KERNEL_OFFSET = 0x200000 };

#define DTB_CEILING UINT64_C(0xc0000000)
// Room for the device tree: firmware adds nodes to it. Small machines can spare less.
enum { DTB_ROOM = 0x200000, DTB_ROOM_SMALL = 0x10000, SMALL_RAM = 0x4000000 };

static bool has_firmware(const struct machine *m) {
    return !m->config.bios || strcmp(m->config.bios, "none") != 0;
}

// The firmware's file, or the one that is built in.
static bool place_firmware(struct machine *m, struct placement *at, struct message *message) {
    const char *path = m->config.bios;
    struct image image;
    if (!path || strcmp(path, "default") == 0) {
        const struct rom *rom = rom_find("sbi.bin");
        if (!rom) return complain(message, "this build has no firmware; use -bios FILE");
        if (!image_copy(&image, "the built-in firmware", rom->data, rom->size, m->ram_range.size,
                        message)) {
            return false;
        }
    } else if (!image_read(&image, &m->files, path, m->ram_range.size, message)) {
        return false;
    }
    const bool good = image_kind(&image) == IMAGE_ELF
                          ? image_place_elf(&image, &m->phys, at, message)
                          : image_place_at(&image, &m->phys, m->ram_range.base, at, message);
    image_free(&image);
    return good;
}

// A symbol's value as the physical address of `bytes` bytes of RAM; 0: there is none.
static uint64_t ram_symbol(struct machine *m, const struct image *image, const char *name,
                           uint64_t bytes) {
    uint64_t value;
    if (!image_symbol(image, name, &value)) return 0;
    return range_holds(m->ram_range, value, bytes) ? value : 0;
}

// What a bare-metal program's symbols ask of the machine.
static void note_symbols(struct machine *m, const struct image *image) {
    m->htif.tohost = ram_symbol(m, image, "tohost", 8);
    m->htif.fromhost = ram_symbol(m, image, "fromhost", 8);
    m->htif.present = m->htif.tohost != 0;
    if (m->htif.present) phys_mark_code(&m->phys, m->htif.tohost + 4, 4);
    const uint64_t begin = ram_symbol(m, image, "begin_signature", 0);
    const uint64_t end = ram_symbol(m, image, "end_signature", 0);
    if (begin && end > begin) m->signature = (struct symbol_range){begin, end - begin};
}

static bool place_image(struct machine *m, const struct image *image, struct placement *at,
                        struct message *message) {
    if (image_kind(image) == IMAGE_ELF) {
        if (!image_place_elf(image, &m->phys, at, message)) return false;
        note_symbols(m, image);
        return true;
    }
    if (m->config.bare_elf) {
        return complain(message, "%s: no ELF file; a kernel of another kind goes behind -kernel",
                        image->name);
    }
    const uint64_t offset = has_firmware(m) ? KERNEL_OFFSET : 0;
    return image_place_at(image, &m->phys, m->ram_range.base + offset, at, message);
}

// The kernel: a file or, where only the built-in firmware would run, the built-in one.
static bool place_kernel(struct machine *m, struct placement *at, struct message *message) {
    struct image image;
    const struct rom *builtin = builtin_kernel(&m->config);
    if (m->config.kernel) {
        if (!image_read(&image, &m->files, m->config.kernel, m->ram_range.size, message))
            return false;
    } else if (builtin) {
        if (!image_copy(&image, "the built-in kernel", builtin->data, builtin->size,
                        m->ram_range.size, message)) {
            return false;
        }
    } else if (!has_firmware(m)) {
        return complain(message, "-bios none: nothing to run; name an ELF file, or use "
                                 "-kernel FILE");
    } else {
        *at = (struct placement){.entry = m->ram_range.base + KERNEL_OFFSET};
        return true;
    }
    const bool good = place_image(m, &image, at, message);
    image_free(&image);
    return good;
}

static const char *kernel_name(const struct machine *m) {
    return m->config.kernel ? m->config.kernel : "the kernel";
}

// Do two images occupy the same byte?
static bool overlap(const struct placement *a, const struct placement *b) {
    for (unsigned i = 0; i < b->parts; i++) {
        if (placement_meets(a, b->part[i])) return true;
    }
    return false;
}

static bool place_initrd(struct machine *m, const struct placement *kernel,
                         const struct placement *firmware, uint64_t ceiling, struct boot_info *boot,
                         struct message *message) {
    if (!m->config.initrd) return true;
    // The kernel unpacks an initrd itself, so it is not read as an image, which would unpack it.
    struct image image;
    if (!image_read_raw(&image, &m->files, m->config.initrd, m->ram_range.size, message))
        return false;
    struct placement at;
    const uint64_t room = ceiling - m->ram_range.base;
    bool good = image.size <= room;
    if (good) {
        const uint64_t address = (ceiling - image.size) & ~PAGE_MASK;
        good = image_place_at(&image, &m->phys, address, &at, message) && !overlap(&at, kernel) &&
               !overlap(&at, firmware);
    }
    if (good) {
        boot->initrd = at.range;
    } else {
        complain(message,
                 "%s: does not fit into memory beside the kernel (%zu bytes); give more with -m",
                 m->config.initrd, image.size);
    }
    image_free(&image);
    return good;
}

static uint64_t top_of_ram(const struct machine *m) {
    const uint64_t top = m->ram_range.base + m->ram_range.size;
    return top > DTB_CEILING ? DTB_CEILING : top;
}

// The highest place of `room` bytes, a multiple of them, that nobody occupies. 0: there is none.
static uint64_t find_room(const struct machine *m, uint64_t room, const struct placement *kernel,
                          const struct placement *firmware) {
    struct range place = {(top_of_ram(m) - room) & ~(room - 1), room};
    for (; place.base >= m->ram_range.base; place.base -= room) {
        if (!placement_meets(kernel, place) && !placement_meets(firmware, place)) return place.base;
    }
    return 0;
}

static bool place_tree(struct machine *m, struct boot_info *boot, uint64_t room,
                       struct message *message) {
    size_t size;
    void *tree = boot_device_tree(m, boot, &size, message);
    if (!tree) return false;
    const bool good = size <= room && phys_dma_write(&m->phys, boot->dtb, tree, size);
    free(tree);
    return good || complain(message, "the device tree of %zu bytes does not fit into memory", size);
}

// The reset vector: registers as the boot protocol wants them, then off. All harts do this.
static void write_boot_rom(struct machine *m, const struct boot_info *boot) {
    static const uint32_t code[] = {
        0x00000297, // auipc t0, 0
        0x02828613, // addi  a2, t0, 40     a2 = fw_dynamic_info
        0xf1402573, // csrr  a0, mhartid
        0x0202b583, // ld    a1, 32(t0)     a1 = device tree
        0x0182b283, // ld    t0, 24(t0)
        0x00028067, // jr    t0
    };
    const uint64_t data[] = {
        boot->start,
        boot->dtb,
        // fw_dynamic_info of OpenSBI: magic, version, next address, next mode (S), options, hart
        0x4942534f,
        2,
        boot->next,
        1,
        0,
        0,
    };
    memset(m->rom, 0, BOOT_ROM_BYTES);
    memcpy(m->rom, code, sizeof code);
    memcpy(m->rom + sizeof code, data, sizeof data);
}

bool boot_load(struct machine *m, struct boot_info *boot, struct message *message) {
    struct placement firmware = {0}, kernel = {0};
    *boot = (struct boot_info){0};
    m->htif = (struct htif){0};
    m->signature = (struct symbol_range){0};
    if (has_firmware(m) && !place_firmware(m, &firmware, message)) return false;
    if (!place_kernel(m, &kernel, message)) return false;
    if (overlap(&firmware, &kernel)) {
        return complain(message, "%s: overlaps the firmware; -bios none starts it without one",
                        kernel_name(m));
    }
    boot->start = has_firmware(m) ? firmware.entry : kernel.entry;
    boot->next = kernel.entry;

    const uint64_t room = m->ram_range.size < SMALL_RAM ? DTB_ROOM_SMALL : DTB_ROOM;
    boot->dtb = find_room(m, room, &kernel, &firmware);
    if (!boot->dtb && !m->config.bare_elf) {
        return complain(message,
                        "%s: leaves no memory for the device tree of %" PRIu64
                        " KiB; give more with -m",
                        kernel_name(m), room / 1024);
    }
    const uint64_t ceiling = boot->dtb ? boot->dtb : top_of_ram(m);
    if (!place_initrd(m, &kernel, &firmware, ceiling, boot, message)) return false;
    if (boot->dtb && !place_tree(m, boot, room, message)) return false;
    write_boot_rom(m, boot);
    return true;
}
