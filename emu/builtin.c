// SPDX-License-Identifier: MIT
// The built-in kernel and its disks (see builtin.h).
#include "emu/builtin.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "devices/disk_store.h"

enum { SWAP_BYTES = 16 << 20 };

const struct rom *builtin_kernel(const struct machine_config *config) {
    if (config->kernel || (config->bios && strcmp(config->bios, "default") != 0)) return NULL;
    return rom_find("pager.elf");
}

static bool has_disks(const struct machine_config *config) {
    for (unsigned i = 0; i < VIRTIO_MMIO_SLOTS; i++) {
        if (config->slot[i].disk) return true;
    }
    return false;
}

// A disk of `bytes` bytes in a file that has no name, which begins with `size` bytes of data.
static struct disk *memory_disk(const void *data, size_t size, uint64_t bytes) {
    int fd = memfd_create("tablewalk-disk", MFD_CLOEXEC);
    if (fd < 0) return NULL;
    if (ftruncate(fd, (off_t)bytes) != 0 || pwrite(fd, data, size, 0) != (ssize_t)size) {
        close(fd);
        return NULL;
    }
    struct disk_store store = disk_file_store(fd, bytes);
    if (!store.store) {
        close(fd);
        return NULL;
    }
    struct disk *disk = disk_over(store, bytes / SECTOR_BYTES, false);
    if (!disk) store.type->close(store.store);
    return disk;
}

bool builtin_disk(const struct machine_config *config, unsigned n, struct disk **disk,
                  struct message *message) {
    *disk = NULL;
    const struct rom *programs = rom_find("pager.img");
    unsigned disks = !builtin_kernel(config) || !programs ? 0 : has_disks(config) ? 1 : 2;
    if (n >= disks) return true;
    uint64_t sectors = n == 0 ? (programs->size + SECTOR_BYTES - 1) / SECTOR_BYTES : 0;
    *disk = n == 0 ? memory_disk(programs->data, programs->size, sectors * SECTOR_BYTES)
                   : memory_disk("", 0, SWAP_BYTES);
    return *disk || complain(message, "the host has no memory for the built-in kernel's disks");
}
