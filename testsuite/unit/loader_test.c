// SPDX-License-Identifier: MIT
// Files that go into guest memory: what is placed where, and each thing that can be wrong with an
// ELF file, an image, or gzip'ed data.
#include "emu/loader.h"

#include <criterion/criterion.h>
#include <elf.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zlib.h>

#include "emu/console/symbols.h"
#include "testsuite/unit/random.h"

#define RAM  UINT64_C(0x80000000)
#define VIRT UINT64_C(0xffffffc000000000)
enum { RAM_BYTES = 1 << 16, LIMIT = 1 << 20, CODE = 0x200, CODE_BYTES = 16 };

struct bench {
    struct phys phys;
    uint8_t *ram;
    struct image image;
    struct placement at;
    struct message message;
};

static void start(struct bench *b) {
    *b = (struct bench){0};
    phys_init(&b->phys);
    b->ram = calloc(1, RAM_BYTES);
    cr_assert(phys_add_memory(&b->phys, (struct range){RAM, RAM_BYTES}, b->ram, true));
}

static void end(struct bench *b) {
    image_free(&b->image);
    phys_free(&b->phys);
    free(b->ram);
}

static void expect_complaint(struct bench *b, const char *words) {
    cr_expect_not_null(strstr(b->message.text, words), "'%s' has no '%s'", b->message.text, words);
}

// --- ELF -----------------------------------------------------------------------------------------

// A file with one segment and two symbols, one of them undefined.
struct file {
    Elf64_Ehdr header;
    Elf64_Phdr segment[2];
    Elf64_Shdr section[3];
    Elf64_Sym symbol[3];
    char strings[32];
    uint8_t padding[CODE];
    uint8_t code[CODE_BYTES];
};

static struct file sound(void) {
    struct file f = {
        .header = {.e_ident = {0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT},
                   .e_type = ET_EXEC,
                   .e_machine = EM_RISCV,
                   .e_version = EV_CURRENT,
                   .e_entry = RAM + 0x1004,
                   .e_phoff = offsetof(struct file, segment),
                   .e_shoff = offsetof(struct file, section),
                   .e_ehsize = sizeof(Elf64_Ehdr),
                   .e_phentsize = sizeof(Elf64_Phdr),
                   .e_phnum = 1,
                   .e_shentsize = sizeof(Elf64_Shdr),
                   .e_shnum = 3},
        .segment = {{.p_type = PT_LOAD,
                     .p_offset = offsetof(struct file, code),
                     .p_vaddr = RAM + 0x1000,
                     .p_paddr = RAM + 0x1000,
                     .p_filesz = CODE_BYTES,
                     .p_memsz = CODE_BYTES + 8}},
        .section = {{.sh_type = SHT_NULL},
                    {.sh_type = SHT_SYMTAB,
                     .sh_offset = offsetof(struct file, symbol),
                     .sh_size = 3 * sizeof(Elf64_Sym),
                     .sh_entsize = sizeof(Elf64_Sym),
                     .sh_addralign = 8,
                     .sh_link = 2},
                    {.sh_type = SHT_STRTAB,
                     .sh_offset = offsetof(struct file, strings),
                     .sh_size = 32,
                     .sh_addralign = 1}},
        .symbol = {{0},
                   {.st_name = 1,
                    .st_info = STT_FUNC,
                    .st_shndx = 1,
                    .st_value = RAM + 0x1000,
                    .st_size = 8},
                   {.st_name = 8, .st_shndx = SHN_UNDEF, .st_value = 1}},
        .strings = "\0tohost\0absent",
    };
    memset(f.code, 0xab, sizeof f.code);
    return f;
}

// Places the first `size` bytes of a file, in the hands of a fresh bench.
static bool place(struct bench *b, const struct file *f, size_t size) {
    start(b);
    memset(b->ram, 0xee, RAM_BYTES);
    cr_assert(image_copy(&b->image, "file", (const uint8_t *)f, size, LIMIT, &b->message), "%s",
              b->message.text);
    return image_place_elf(&b->image, &b->phys, &b->at, &b->message);
}

Test(loader, an_elf_file) {
    struct bench b;
    const struct file f = sound();
    cr_assert(place(&b, &f, sizeof f), "%s", b.message.text);
    cr_expect_eq(image_kind(&b.image), IMAGE_ELF);
    cr_expect_eq(b.at.entry, RAM + 0x1004);
    cr_expect_eq(b.at.range.base, RAM + 0x1000);
    cr_expect_eq(b.at.range.size, CODE_BYTES + 8);
    cr_expect_eq(b.at.parts, 1);
    cr_expect_eq(b.ram[0xfff], 0xee, "what lies before stays");
    cr_expect_eq(b.ram[0x1000], 0xab);
    cr_expect_eq(b.ram[0x1000 + CODE_BYTES - 1], 0xab);
    cr_expect_eq(b.ram[0x1000 + CODE_BYTES], 0, "cleared");
    cr_expect_eq(b.ram[0x1000 + CODE_BYTES + 7], 0, "cleared");
    cr_expect_eq(b.ram[0x1000 + CODE_BYTES + 8], 0xee, "what lies behind stays");
    cr_expect(placement_meets(&b.at, (struct range){RAM + 0x1017, 1}));
    cr_expect_not(placement_meets(&b.at, (struct range){RAM + 0x1018, 1}));
    cr_expect_not(placement_meets(&b.at, (struct range){RAM + 0xfff, 1}));
    end(&b);
}

Test(loader, a_position_independent_elf_file) {
    struct bench b;
    struct file f = sound();
    f.header.e_type = ET_DYN;
    cr_assert(place(&b, &f, sizeof f), "%s", b.message.text);
    cr_expect_eq(b.at.entry, RAM + 0x1004);
    end(&b);
}

Test(loader, a_virtual_entry_point_becomes_physical) {
    struct bench b;
    struct file f = sound();
    f.segment[0].p_vaddr = VIRT;
    f.header.e_entry = VIRT + 8;
    cr_assert(place(&b, &f, sizeof f));
    cr_expect_eq(b.at.entry, RAM + 0x1008);
    end(&b);
    // At the segment's end it is nobody's.
    f.header.e_entry = VIRT + CODE_BYTES + 8;
    cr_assert(place(&b, &f, sizeof f));
    cr_expect_eq(b.at.entry, VIRT + CODE_BYTES + 8);
    end(&b);
}

Test(loader, segments_below_and_above_each_other) {
    struct bench b;
    struct file f = sound();
    f.header.e_phnum = 2;
    f.segment[1] = f.segment[0];
    f.segment[1].p_paddr = RAM + 0x100;
    cr_assert(place(&b, &f, sizeof f));
    cr_expect_eq(b.at.range.base, RAM + 0x100);
    cr_expect_eq(b.at.range.size, 0xf00 + CODE_BYTES + 8);
    cr_expect_eq(b.at.parts, 2);
    cr_expect_not(placement_meets(&b.at, (struct range){RAM + 0x800, 16}), "between them");
    end(&b);
    f.segment[1].p_type = PT_NOTE; // is not loaded
    cr_assert(place(&b, &f, sizeof f));
    cr_expect_eq(b.at.parts, 1);
    end(&b);
}

// More segments than parts: the last part holds all that follow.
Test(loader, many_segments) {
    enum { MANY = PLACEMENT_PARTS + 3 };
    struct {
        struct file f;
        Elf64_Phdr segment[MANY];
    } large = {.f = sound()};
    struct bench b;
    large.f.header.e_phoff = sizeof(struct file);
    large.f.header.e_phnum = MANY;
    for (unsigned i = 0; i < MANY; i++) {
        large.segment[i] = large.f.segment[0];
        large.segment[i].p_paddr = RAM + 0x1000 * (MANY - i);
    }
    cr_assert(place(&b, &large.f, sizeof large), "%s", b.message.text);
    cr_expect_eq(b.at.parts, PLACEMENT_PARTS);
    cr_expect_eq(b.at.range.base, RAM + 0x1000);
    cr_expect_eq(b.at.range.size, 0x1000 * (MANY - 1) + CODE_BYTES + 8);
    cr_expect_eq(b.at.part[PLACEMENT_PARTS - 1].base, RAM + 0x1000);
    cr_expect_eq(b.at.part[PLACEMENT_PARTS - 1].size, 0x3000 + CODE_BYTES + 8);
    end(&b);
}

#define SET(field, number) f->field = (number)
static void short_ident(struct file *f) { SET(header.e_ident[EI_CLASS], ELFCLASS32); }
static void big_endian(struct file *f) { SET(header.e_ident[EI_DATA], ELFDATA2MSB); }
static void other_machine(struct file *f) { SET(header.e_machine, EM_X86_64); }
static void not_linked(struct file *f) { SET(header.e_type, ET_REL); }
static void core_dump(struct file *f) { SET(header.e_type, ET_CORE); }
static void outside_file(struct file *f) { SET(segment[0].p_offset, sizeof *f - CODE_BYTES + 1); }
static void offset_wraps(struct file *f) { SET(segment[0].p_offset, UINT64_MAX - 4); }
static void more_file_than_memory(struct file *f) { SET(segment[0].p_memsz, CODE_BYTES - 1); }
static void below_ram(struct file *f) { SET(segment[0].p_paddr, RAM - 1); }
static void above_ram(struct file *f) { SET(segment[0].p_paddr, RAM + RAM_BYTES - CODE_BYTES); }
static void address_wraps(struct file *f) { SET(segment[0].p_paddr, UINT64_MAX - 3); }
static void endless(struct file *f) { SET(segment[0].p_memsz, UINT64_MAX); }
static void nothing(struct file *f) { SET(segment[0].p_memsz, 0); }
static void no_table(struct file *f) { SET(header.e_phoff, UINT64_C(1) << 40); }
// None in the header means that the first section's size is the number of sections.
static void countless_sections(struct file *f) {
    SET(header.e_shnum, 0);
    SET(section[0].sh_size, UINT64_C(1) << 33);
}
// Likewise the first section's info and the number of segments.
static void countless_segments(struct file *f) {
    SET(header.e_phnum, PN_XNUM);
    SET(header.e_shoff, UINT64_C(1) << 40);
}

Test(loader, elf_files_that_are_wrong) {
    static const struct {
        void (*change)(struct file *f);
        const char *words;
    } rows[] = {
        {short_ident, "not a 64-bit little-endian ELF file"},
        {big_endian, "not a 64-bit little-endian ELF file"},
        {other_machine, "another processor (machine 62, RISC-V is 243)"},
        {not_linked, "not linked to run (type 1)"},
        {core_dump, "not linked to run (type 4)"},
        {outside_file, "outside of the file"},
        {offset_wraps, "outside of the file"},
        {more_file_than_memory, "larger than its memory"},
        {below_ram, "where there is not so much memory"},
        {above_ram, "where there is not so much memory"},
        {address_wraps, "where there is not so much memory"},
        {endless, "where there is not so much memory"},
        {nothing, "without anything to load"},
        {no_table, "broken ELF file"},
        {countless_sections, "broken ELF file: invalid"},
        {countless_segments, "broken ELF file: invalid"},
    };
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct bench b;
        struct file f = sound();
        rows[i].change(&f);
        cr_expect_not(place(&b, &f, sizeof f), "row %u", i);
        expect_complaint(&b, rows[i].words);
        end(&b);
    }
}

Test(loader, an_elf_file_cut_short_anywhere) {
    const struct file f = sound();
    for (size_t size = 4; size < sizeof f; size++) {
        struct bench b;
        cr_expect_not(place(&b, &f, size), "cut to %zu bytes", size);
        cr_expect(b.message.text[0]);
        end(&b);
    }
}

Test(loader, symbols) {
    struct bench b;
    struct file f = sound();
    uint64_t value = 0;
    cr_assert(place(&b, &f, sizeof f));
    cr_expect(image_symbol(&b.image, "tohost", &value));
    cr_expect_eq(value, RAM + 0x1000);
    cr_expect_not(image_symbol(&b.image, "absent", &value), "it is not defined");
    cr_expect_not(image_symbol(&b.image, "tohos", &value));
    end(&b);
    f.section[1].sh_entsize = 0;
    cr_assert(place(&b, &f, sizeof f));
    cr_expect_not(image_symbol(&b.image, "tohost", &value));
    end(&b);
    f = sound();
    f.section[1].sh_link = 7; // there is no such section
    cr_assert(place(&b, &f, sizeof f));
    cr_expect_not(image_symbol(&b.image, "tohost", &value));
    end(&b);
    f = sound();
    f.section[1].sh_offset = UINT64_C(1) << 40; // the table is not in the file
    cr_assert(place(&b, &f, sizeof f));
    cr_expect_not(image_symbol(&b.image, "tohost", &value));
    end(&b);
    f = sound();
    f.header.e_shoff = UINT64_C(1) << 40; // nor is the table of sections
    cr_assert(place(&b, &f, sizeof f));
    cr_expect_not(image_symbol(&b.image, "tohost", &value));
    end(&b);
    f = sound();
    f.header.e_machine = EM_386;
    cr_assert_not(place(&b, &f, sizeof f));
    cr_expect_not(image_symbol(&b.image, "tohost", &value));
    end(&b);
}

// --- Images --------------------------------------------------------------------------------------

Test(loader, a_raw_image) {
    struct bench b;
    const uint8_t bytes[] = {1, 2, 3};
    uint64_t value;
    start(&b);
    cr_assert(image_copy(&b.image, "file", bytes, sizeof bytes, LIMIT, &b.message));
    cr_expect_eq(image_kind(&b.image), IMAGE_RAW);
    cr_expect_not(image_symbol(&b.image, "tohost", &value));
    cr_assert(image_place_at(&b.image, &b.phys, RAM + RAM_BYTES - 3, &b.at, &b.message));
    cr_expect_eq(b.at.entry, RAM + RAM_BYTES - 3);
    cr_expect_eq(b.at.range.size, 3);
    cr_expect_eq(b.ram[RAM_BYTES - 1], 3);
    cr_expect_not(image_place_at(&b.image, &b.phys, RAM + RAM_BYTES - 2, &b.at, &b.message));
    expect_complaint(&b, "there is not so much memory");
    cr_expect_not(image_place_at(&b.image, &b.phys, RAM - 1, &b.at, &b.message));
    cr_expect_not(image_place_at(&b.image, &b.phys, UINT64_MAX, &b.at, &b.message));
    end(&b);
}

// Linux's header says how much memory the kernel wants.
Test(loader, a_linux_image) {
    struct bench b;
    uint8_t bytes[64] = {0};
    const uint64_t wanted = 0x8000;
    memcpy(bytes + 16, &wanted, sizeof wanted);
    memcpy(bytes + 56, "RSC\x05", 4);
    start(&b);
    cr_assert(image_copy(&b.image, "file", bytes, sizeof bytes, LIMIT, &b.message));
    cr_expect_eq(image_kind(&b.image), IMAGE_LINUX);
    cr_assert(image_place_at(&b.image, &b.phys, RAM + 0x8000, &b.at, &b.message));
    cr_expect_eq(b.at.range.size, wanted);
    cr_expect_not(image_place_at(&b.image, &b.phys, RAM + 0x8001, &b.at, &b.message));
    memset(b.image.data + 16, 0, sizeof wanted); // it wants no more than the file has
    cr_assert(image_place_at(&b.image, &b.phys, RAM + RAM_BYTES - 64, &b.at, &b.message));
    cr_expect_eq(b.at.range.size, sizeof bytes);
    end(&b);
}

// --- gzip ----------------------------------------------------------------------------------------

static size_t zip(const uint8_t *from, size_t size, uint8_t *to, size_t room) {
    z_stream s = {.next_in = (uint8_t *)(uintptr_t)from,
                  .avail_in = (uInt)size,
                  .next_out = to,
                  .avail_out = (uInt)room};
    cr_assert_eq(deflateInit2(&s, 9, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
    cr_assert_eq(deflate(&s, Z_FINISH), Z_STREAM_END);
    const size_t zipped = room - s.avail_out;
    deflateEnd(&s);
    return zipped;
}

Test(loader, a_gzipped_image) {
    enum { BYTES = 200000 };
    struct bench b = {0};
    uint8_t *data = calloc(1, BYTES), zipped[1024];
    data[BYTES - 1] = 7;
    const size_t size = zip(data, BYTES, zipped, sizeof zipped);
    cr_assert(image_copy(&b.image, "file", zipped, size, BYTES, &b.message));
    cr_expect_eq(b.image.size, BYTES);
    cr_expect_eq(b.image.data[BYTES - 1], 7);
    image_free(&b.image);
    cr_expect_not(image_copy(&b.image, "file", zipped, size, BYTES - 1, &b.message));
    expect_complaint(&b, "more than the 0 MiB of the machine's memory");
    for (size_t cut = 4; cut < size; cut++) {
        cr_expect_not(image_copy(&b.image, "file", zipped, cut, BYTES, &b.message), "%zu", cut);
        expect_complaint(&b, "broken gzip data");
    }
    zipped[10] ^= 0xff;
    cr_expect_not(image_copy(&b.image, "file", zipped, size, BYTES, &b.message));
    expect_complaint(&b, "broken gzip data");
    cr_assert_null(b.image.data);
    const size_t empty = zip(data, 0, zipped, sizeof zipped);
    cr_expect_not(image_copy(&b.image, "file", zipped, empty, BYTES, &b.message));
    expect_complaint(&b, "the gzip'ed file is empty");
    free(data);
}

// What is not gzip'ed to the last bit of its first three bytes is taken as it is.
Test(loader, a_short_image_that_begins_like_a_gzipped_one) {
    static const uint8_t bytes[][4] = {
        {0x1f, 0x8b}, {0x1f, 0x8b, 7, 0}, {0x1f, 0x8a, 8, 0}, {0x1e, 0x8b, 8, 0}};
    for (unsigned i = 0; i < 4; i++) {
        struct bench b = {0};
        const size_t size = i ? 4 : 2;
        cr_assert(image_copy(&b.image, "file", bytes[i], size, LIMIT, &b.message), "row %u", i);
        cr_expect_eq(b.image.size, size);
        cr_expect_arr_eq(b.image.data, bytes[i], size);
        image_free(&b.image);
    }
}

// More than zlib is given at once, both zipped and not: noise, which zip makes no smaller.
Test(loader, a_large_gzipped_image) {
    enum { BYTES = 3 << 20, ROOM = BYTES + BYTES / 100 };
    struct bench b = {0};
    uint8_t *data = malloc(BYTES), *zipped = malloc(ROOM);
    uint64_t state = 1;
    for (size_t i = 0; i < BYTES; i += sizeof state) {
        const uint64_t noise = draw(&state);
        memcpy(data + i, &noise, sizeof noise);
    }
    const size_t size = zip(data, BYTES, zipped, ROOM);
    cr_assert_gt(size, 2 << 20);
    cr_assert(image_copy(&b.image, "file", zipped, size, BYTES, &b.message), "%s", b.message.text);
    cr_expect_eq(b.image.size, BYTES);
    cr_expect(memcmp(b.image.data, data, BYTES) == 0);
    image_free(&b.image);
    cr_expect_not(image_copy(&b.image, "file", zipped, (2 << 20) + 9, BYTES, &b.message));
    expect_complaint(&b, "file: broken gzip data: it ends too early");
    free(data);
    free(zipped);
}

// --- Files ---------------------------------------------------------------------------------------

static int file_of(size_t bytes, char path[static 32]) {
    const int fd = memfd_create("loader", MFD_CLOEXEC);
    cr_assert(fd >= 0 && ftruncate(fd, (off_t)bytes) == 0);
    snprintf(path, 32, "/proc/self/fd/%d", fd);
    return fd;
}

Test(loader, files) {
    struct bench b = {0};
    struct file_set files = {0};
    char path[32];
    int fd = file_of(100000, path);
    cr_assert(image_read(&b.image, &files, path, 100000, &b.message));
    cr_expect_eq(b.image.size, 100000);
    image_free(&b.image);
    cr_expect_not(image_read(&b.image, &files, path, 99999, &b.message));
    expect_complaint(&b, "give more with -m");
    file_set_close(&files);
    close(fd);
    fd = file_of(0, path);
    cr_expect_not(image_read_raw(&b.image, &files, path, 100, &b.message));
    expect_complaint(&b, "the file is empty");
    file_set_close(&files);
    close(fd);
    cr_expect_not(image_read_raw(&b.image, &files, path, 100, &b.message));
    expect_complaint(&b, "can't be opened");
    cr_expect_not(image_read_raw(&b.image, &files, "/", 100, &b.message));
    expect_complaint(&b, "can't be read");
    file_set_close(&files);
}

static void nothing_to_do(int signal) { (void)signal; }

// A signal while it waits for a pipe is no end of the file.
Test(loader, a_read_that_a_signal_interrupts) {
    struct bench b = {0};
    struct file_set files = {0};
    const struct sigaction quiet = {.sa_handler = nothing_to_do}; // without SA_RESTART
    int ends[2];
    char path[32];
    cr_assert(sigaction(SIGUSR1, &quiet, NULL) == 0 && pipe(ends) == 0);
    const pid_t reader = getpid(), child = fork();
    if (child == 0) {
        for (unsigned i = 0; i < 10; i++) {
            usleep(5000);
            kill(reader, SIGUSR1);
        }
        _exit(write(ends[1], "late", 4) == 4 ? 0 : 1);
    }
    close(ends[1]);
    snprintf(path, sizeof path, "/proc/self/fd/%d", ends[0]);
    cr_expect(image_read(&b.image, &files, path, LIMIT, &b.message), "%s", b.message.text);
    cr_expect_eq(b.image.size, 4);
    image_free(&b.image);
    file_set_close(&files);
    cr_expect_eq(waitpid(child, NULL, 0), child);
}

// A file that the machine has memory for, but the host has not.
Test(loader, a_host_without_memory) {
    struct bench b = {0};
    struct file_set files = {0};
    unsigned long pages = 0;
    FILE *statm = fopen("/proc/self/statm", "r");
    cr_assert(statm && fscanf(statm, "%lu", &pages) == 1);
    fclose(statm);
    struct rlimit before;
    getrlimit(RLIMIT_AS, &before);
    const struct rlimit tight = {pages * 4096 + (64 << 20), before.rlim_max};
    cr_assert_eq(setrlimit(RLIMIT_AS, &tight), 0);
    cr_expect_not(image_read(&b.image, &files, "/dev/zero", UINT64_C(1) << 35, &b.message));
    setrlimit(RLIMIT_AS, &before);
    cr_expect_str_eq(b.message.text, "/dev/zero: the host has not enough memory");
    cr_expect_null(b.image.data);
    cr_expect_not(image_copy(&b.image, "file", (const uint8_t *)"", SIZE_MAX / 2, 1, &b.message));
    cr_expect_str_eq(b.message.text, "file: the host has not enough memory");
    file_set_close(&files);
}

// The debugger reads symbols with less ado: what is wrong is refused as a whole.
Test(loader, symbols_of_the_debugger) {
    struct symbols s = {0};
    struct message message;
    struct file f = sound();
    char path[32], text[64];
    uint64_t value;
    int fd = file_of(0, path);
    cr_assert_eq(write(fd, &f, sizeof f), (ssize_t)sizeof f);
    cr_assert(symbols_add(&s, path, EVERY_SPACE, &message), "%s", message.text);
    cr_expect(symbols_find(&s, "tohost", RAM, &value) && value == RAM + 0x1000);
    cr_expect_str_eq(symbols_text(&s, RAM + 0x1003, RAM, text, sizeof text), "tohost+0x3");
    cr_expect_str_eq(symbols_text(&s, RAM + 0xfff, RAM, text, sizeof text), "");
    f.section[1].sh_offset = UINT64_MAX - 8;
    cr_assert_eq(pwrite(fd, &f, sizeof f, 0), (ssize_t)sizeof f);
    cr_expect_not(symbols_add(&s, path, EVERY_SPACE, &message));
    while (s.files < SYMBOL_FILES) s.file[s.files++] = (struct symbol_file){0};
    cr_expect_not(symbols_add(&s, path, EVERY_SPACE, &message));
    cr_expect_not_null(strstr(message.text, "more than 16 files"));
    symbols_free(&s);
    close(fd);
}
