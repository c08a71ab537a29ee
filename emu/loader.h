// SPDX-License-Identifier: MIT
// Files that go into guest memory: ELF programs, Linux's flat Image, anything raw, each perhaps
// gzip'ed. A file is hostile: every number in it is checked before it is used, and a bad one is a
// complaint that names the file and the fault.
#ifndef TABLEWALK_EMU_LOADER_H
#define TABLEWALK_EMU_LOADER_H

#include "emu/file_set.h"
#include "mmu/phys.h"

enum image_kind { IMAGE_ELF, IMAGE_LINUX, IMAGE_RAW };

// A file's contents, unpacked.
struct image {
    const char *name; // for messages
    uint8_t *data;    // malloc'ed
    size_t size;
};

enum { PLACEMENT_PARTS = 8 };

// Where an image went: from the lowest to behind the highest byte that it occupies (memory that it
// wants cleared, too), which parts of that it does occupy, and where it wants to be entered. An
// ELF file with more segments than parts occupies all from the last part on.
struct placement {
    struct range range;
    struct range part[PLACEMENT_PARTS];
    unsigned parts;
    uint64_t entry;
};
// Does it occupy a byte of r?
bool placement_meets(const struct placement *p, struct range r);

// Reads a file as it is; it is added to the files, unless it is among them. More than `limit` bytes
// are refused. false: message.
bool image_read_raw(struct image *image, struct file_set *files, const char *path, uint64_t limit,
                    struct message *message) MUST_CHECK;
// Reads a file, and unpacks it when it is gzip'ed; what is in it is limited, too.
bool image_read(struct image *image, struct file_set *files, const char *path, uint64_t limit,
                struct message *message) MUST_CHECK;
// An image of bytes in memory, which are copied; gzip'ed ones are unpacked as well.
bool image_copy(struct image *image, const char *name, const uint8_t *data, size_t size,
                uint64_t limit, struct message *message) MUST_CHECK;
void image_free(struct image *image);

enum image_kind image_kind(const struct image *image);

// Puts the loadable segments of an ELF64 RISC-V executable to their physical addresses. An entry
// point that is a virtual address inside a segment becomes the physical one.
bool image_place_elf(const struct image *image, struct phys *phys, struct placement *placement,
                     struct message *message) MUST_CHECK;

// Puts the bytes at an address; a Linux Image occupies as much memory as its header says.
bool image_place_at(const struct image *image, struct phys *phys, uint64_t address,
                    struct placement *placement, struct message *message) MUST_CHECK;

// An ELF file's symbol. false: there is none, or the image is no ELF.
bool image_symbol(const struct image *image, const char *name, uint64_t *value);

#endif
