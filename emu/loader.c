// SPDX-License-Identifier: MIT
// Reading, unpacking and placing of files (see loader.h).
#include "emu/loader.h"

#include <elf.h>
#include <errno.h>
#include <gelf.h>
#include <inttypes.h>
#include <libelf.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

// --- Reading -------------------------------------------------------------------------------------

// A growing buffer of at most `limit` bytes.
struct buffer {
    uint8_t *data;
    size_t size, capacity;
    uint64_t limit;
};

enum { BUFFER_FIRST = 1 << 16 };

static bool too_large(const struct buffer *b, const char *name, struct message *message) {
    return complain(message,
                    "%s: more than the %" PRIu64 " MiB of the machine's memory; give more with -m",
                    name, b->limit >> 20);
}

// Makes room for at least one more byte, and at most for one more than the limit. false: message.
static bool grow(struct buffer *b, const char *name, struct message *message) {
    if (b->size < b->capacity) return true;
    uint64_t wanted = b->capacity ? (uint64_t)b->capacity * 2 : BUFFER_FIRST;
    if (wanted > b->limit + 1) wanted = b->limit + 1; // one more, to see that there is more
    if (wanted <= b->size) return too_large(b, name, message);
    uint8_t *data = realloc(b->data, wanted);
    if (!data) return complain(message, "%s: the host has not enough memory", name);
    b->data = data;
    b->capacity = wanted;
    return true;
}

static bool read_all(struct buffer *b, int file, const char *path, struct message *message) {
    for (;;) {
        if (!grow(b, path, message)) return false;
        const ssize_t got = read(file, b->data + b->size, b->capacity - b->size);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return complain(message, "%s: can't be read: %s", path, strerror(errno));
        if (got == 0) break;
        b->size += (size_t)got;
    }
    if (b->size == 0) return complain(message, "%s: the file is empty", path);
    return true;
}

static bool is_gzip(const uint8_t *data, size_t size) {
    return size >= 3 && data[0] == 0x1f && data[1] == 0x8b && data[2] == 8;
}

// zlib counts in 32 bits: it is given large streams in pieces.
enum { PIECE_BYTES = 1 << 20 };

static uInt piece(size_t bytes) { return bytes < PIECE_BYTES ? (uInt)bytes : PIECE_BYTES; }

// Unpacks the image into b, until the stream's end.
static bool inflate_all(struct buffer *b, z_stream *stream, const struct image *packed,
                        struct message *message) {
    const char *name = packed->name;
    size_t rest = packed->size; // that zlib was not given yet
    stream->next_in = packed->data;
    for (;;) {
        if (!grow(b, name, message)) return false;
        if (!stream->avail_in) rest -= stream->avail_in = piece(rest);
        const uInt room = piece(b->capacity - b->size);
        stream->next_out = b->data + b->size;
        stream->avail_out = room;
        const int status = inflate(stream, Z_NO_FLUSH);
        b->size += room - stream->avail_out;
        if (status == Z_STREAM_END) break;
        if (status == Z_OK && (stream->avail_in || rest || !stream->avail_out)) continue;
        return complain(message, "%s: broken gzip data: %s", name,
                        stream->msg ? stream->msg : "it ends too early");
    }
    if (b->size > b->limit) return too_large(b, name, message);
    if (b->size == 0) return complain(message, "%s: the gzip'ed file is empty", name);
    return true;
}

// Replaces gzip'ed contents by what is in them.
static bool unpack(struct image *image, uint64_t limit, struct message *message) {
    if (!is_gzip(image->data, image->size)) return true;
    struct buffer b = {.limit = limit};
    z_stream stream = {0};
    bool good = inflateInit2(&stream, 16 + MAX_WBITS) == Z_OK;
    if (!good) complain(message, "%s: the host has not enough memory", image->name);
    good = good && inflate_all(&b, &stream, image, message);
    inflateEnd(&stream);
    free(image->data);
    image->data = b.data;
    image->size = b.size;
    if (!good) image_free(image);
    return good;
}

bool image_read_raw(struct image *image, struct file_set *files, const char *path, uint64_t limit,
                    struct message *message) {
    *image = (struct image){.name = path};
    const int file = file_set_open(files, path, message);
    if (file < 0) return false;
    struct buffer b = {.limit = limit};
    const bool good = read_all(&b, file, path, message);
    image->data = b.data;
    image->size = b.size;
    if (!good) image_free(image);
    return good;
}

bool image_read(struct image *image, struct file_set *files, const char *path, uint64_t limit,
                struct message *message) {
    return image_read_raw(image, files, path, limit, message) && unpack(image, limit, message);
}

bool image_copy(struct image *image, const char *name, const uint8_t *data, size_t size,
                uint64_t limit, struct message *message) {
    *image = (struct image){.name = name, .data = malloc(size), .size = size};
    if (!image->data) return complain(message, "%s: the host has not enough memory", name);
    memcpy(image->data, data, size);
    return unpack(image, limit, message);
}

void image_free(struct image *image) {
    free(image->data);
    image->data = NULL;
    image->size = 0;
}

// --- Linux's flat Image (Documentation/arch/riscv/boot-image-header.rst)
// --------------------------

enum { LINUX_HEADER_BYTES = 64, LINUX_IMAGE_SIZE_AT = 16, LINUX_MAGIC2_AT = 56 };

enum image_kind image_kind(const struct image *image) {
    if (image->size >= SELFMAG && memcmp(image->data, ELFMAG, SELFMAG) == 0) return IMAGE_ELF;
    if (image->size >= LINUX_HEADER_BYTES &&
        memcmp(image->data + LINUX_MAGIC2_AT, "RSC\x05", 4) == 0) {
        return IMAGE_LINUX;
    }
    return IMAGE_RAW;
}

// Memory that the image takes when it runs: more than the file, where it has cleared data.
static uint64_t bytes_occupied(const struct image *image) {
    uint64_t bytes = image->size;
    if (image_kind(image) == IMAGE_LINUX) {
        uint64_t said;
        memcpy(&said, image->data + LINUX_IMAGE_SIZE_AT, sizeof said);
        if (said > bytes) bytes = said;
    }
    return bytes;
}

// Makes r hold [base, base + size) as well; neither wraps, both lie in RAM.
static struct range united(struct range r, uint64_t base, uint64_t size) {
    if (!r.size) return (struct range){base, size};
    const uint64_t begin = base < r.base ? base : r.base;
    const uint64_t end = base + size > r.base + r.size ? base + size : r.base + r.size;
    return (struct range){begin, end - begin};
}

static void add_part(struct placement *p, uint64_t base, uint64_t size) {
    p->range = united(p->range, base, size);
    if (p->parts < PLACEMENT_PARTS) {
        p->part[p->parts++] = (struct range){base, size};
    } else {
        struct range *last = &p->part[PLACEMENT_PARTS - 1];
        *last = united(*last, base, size);
    }
}

bool image_place_at(const struct image *image, struct phys *phys, uint64_t address,
                    struct placement *placement, struct message *message) {
    const uint64_t bytes = bytes_occupied(image);
    uint8_t *host = phys_dma_map(phys, address, bytes);
    if (!host) {
        return complain(message,
                        "%s: needs 0x%" PRIx64 " bytes at 0x%" PRIx64
                        ", where there is not so much memory; give more with -m",
                        image->name, bytes, address);
    }
    memcpy(host, image->data, image->size);
    *placement = (struct placement){.entry = address};
    add_part(placement, address, bytes);
    return true;
}

// --- ELF -----------------------------------------------------------------------------------------

// Opens the image with libelf and checks its header. NULL: message.
static Elf *open_elf(const struct image *image, GElf_Ehdr *header, struct message *message) {
    const uint8_t *ident = image->data;
    if (image->size < sizeof(Elf64_Ehdr)) {
        complain(message, "%s: broken ELF file: shorter than its header", image->name);
        return NULL;
    }
    if (ident[EI_CLASS] != ELFCLASS64 || ident[EI_DATA] != ELFDATA2LSB) {
        complain(message, "%s: not a 64-bit little-endian ELF file; RV64 programs are",
                 image->name);
        return NULL;
    }
    (void)elf_version(EV_CURRENT); // libelf wants to be asked; there is no other version
    Elf *elf = elf_memory((char *)image->data, image->size);
    if (!gelf_getehdr(elf, header)) { // nor of NULL
        complain(message, "%s: broken ELF file: %s", image->name, elf_errmsg(-1));
        elf_end(elf);
        return NULL;
    }
    if (header->e_machine != EM_RISCV) {
        complain(message, "%s: an ELF file for another processor (machine %u, RISC-V is %u)",
                 image->name, header->e_machine, EM_RISCV);
        elf_end(elf);
        return NULL;
    }
    if (header->e_type != ET_EXEC && header->e_type != ET_DYN) {
        complain(message, "%s: an ELF file that is not linked to run (type %u)", image->name,
                 header->e_type);
        elf_end(elf);
        return NULL;
    }
    return elf;
}

static bool place_segment(const struct image *image, struct phys *phys, const GElf_Phdr *s,
                          struct message *message) {
    const struct range file = {0, image->size};
    if (!range_holds(file, s->p_offset, s->p_filesz)) {
        return complain(message,
                        "%s: broken ELF file: a segment of 0x%" PRIx64 " bytes at 0x%" PRIx64
                        " lies outside of the file",
                        image->name, s->p_filesz, s->p_offset);
    }
    if (s->p_filesz > s->p_memsz) {
        return complain(message, "%s: broken ELF file: a segment is larger than its memory",
                        image->name);
    }
    uint8_t *host = phys_dma_map(phys, s->p_paddr, s->p_memsz);
    if (!host) {
        return complain(message,
                        "%s: a segment of 0x%" PRIx64 " bytes for 0x%" PRIx64
                        ", where there is not so much memory (RAM begins at 0x80000000; -m)",
                        image->name, s->p_memsz, s->p_paddr);
    }
    memcpy(host, image->data + s->p_offset, s->p_filesz);
    memset(host + s->p_filesz, 0, s->p_memsz - s->p_filesz);
    return true;
}

bool placement_meets(const struct placement *p, struct range r) {
    for (unsigned i = 0; i < p->parts; i++) {
        if (range_meets(p->part[i], r.base, r.size)) return true;
    }
    return false;
}

bool image_place_elf(const struct image *image, struct phys *phys, struct placement *placement,
                     struct message *message) {
    GElf_Ehdr header;
    Elf *elf = open_elf(image, &header, message);
    if (!elf) return false;
    *placement = (struct placement){.entry = header.e_entry};
    size_t segments = 0;
    bool good = elf_getphdrnum(elf, &segments) == 0;
    if (!good) complain(message, "%s: broken ELF file: %s", image->name, elf_errmsg(-1));
    for (size_t i = 0; good && i < segments; i++) {
        GElf_Phdr s;
        if (!gelf_getphdr(elf, (int)i, &s)) {
            good = complain(message, "%s: broken ELF file: %s", image->name, elf_errmsg(-1));
        } else if (s.p_type == PT_LOAD && s.p_memsz) {
            good = place_segment(image, phys, &s, message);
            if (!good) break;
            add_part(placement, s.p_paddr, s.p_memsz);
            if (header.e_entry - s.p_vaddr < s.p_memsz) {
                placement->entry = header.e_entry - s.p_vaddr + s.p_paddr;
            }
        }
    }
    elf_end(elf);
    if (good && !placement->range.size) {
        return complain(message, "%s: an ELF file without anything to load", image->name);
    }
    return good;
}

// Looks through one symbol table.
static bool find_in_section(Elf *elf, Elf_Scn *section, const GElf_Shdr *header, const char *name,
                            uint64_t *value) {
    Elf_Data *data = elf_getdata(section, NULL);
    if (!data || header->sh_entsize == 0) return false;
    GElf_Sym symbol;
    for (int i = 0; i < INT32_MAX && gelf_getsym(data, i, &symbol); i++) {
        const char *found = elf_strptr(elf, header->sh_link, symbol.st_name);
        if (found && strcmp(found, name) == 0 && symbol.st_shndx != SHN_UNDEF) {
            *value = symbol.st_value;
            return true;
        }
    }
    return false;
}

bool image_symbol(const struct image *image, const char *name, uint64_t *value) {
    struct message ignored;
    GElf_Ehdr header;
    if (image_kind(image) != IMAGE_ELF) return false;
    Elf *elf = open_elf(image, &header, &ignored);
    if (!elf) return false;
    bool found = false;
    Elf_Scn *section = NULL;
    while (!found && (section = elf_nextscn(elf, section))) {
        GElf_Shdr shdr;
        if (!gelf_getshdr(section, &shdr) || shdr.sh_type != SHT_SYMTAB) continue;
        found = find_in_section(elf, section, &shdr, name, value);
    }
    elf_end(elf);
    return found;
}
