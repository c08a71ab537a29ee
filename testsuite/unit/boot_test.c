// SPDX-License-Identifier: MIT
// What is put into memory for a boot, firmware, kernel, initrd and device tree: where each goes,
// what the tree says of it, and in which words is refused what does not fit.
#include <criterion/criterion.h>
#include <elf.h>
#include <libfdt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "emu/state_hash.h"
#include "testsuite/unit/nobody.h"

#define MiB (UINT64_C(1) << 20)

struct file {
    int fd;
    char path[32];
};

// A file of so many bytes that begins with those.
static void file_open(struct file *f, const void *head, size_t head_bytes, uint64_t bytes) {
    f->fd = memfd_create("boot", MFD_CLOEXEC);
    cr_assert(f->fd >= 0 && ftruncate(f->fd, (off_t)bytes) == 0);
    cr_assert_eq(pwrite(f->fd, head, head_bytes, 0), (ssize_t)head_bytes);
    snprintf(f->path, sizeof f->path, "/proc/self/fd/%d", f->fd);
}

struct bench {
    struct machine *m;
    struct machine_config config;
    struct message why;
};

static const struct machine_config plain = {.ram_bytes = 8 * MiB,
                                            .harts = 1,
                                            .extensions = EXT_BIT(EXTENSIONS) - 1,
                                            .max_insns = UINT64_MAX};

static bool boot(struct bench *b) {
    b->why = (struct message){""};
    b->m = machine_create(&b->config, &nobody, &b->why);
    cr_assert_not_null(b->m, "%s", b->why.text);
    return machine_load(b->m, &b->why);
}

// Where the boot ROM says that the device tree is.
static const void *tree_of(const struct bench *b) {
    uint64_t at;
    memcpy(&at, b->m->rom + 32, sizeof at);
    const void *tree = phys_host(&b->m->phys, at, 8);
    cr_assert(tree && fdt_check_header(tree) == 0, "no tree at %lx", (long)at);
    return tree;
}

static uint64_t chosen(const void *tree, const char *name) {
    int bytes = 0;
    const int node = fdt_path_offset(tree, "/chosen");
    const void *value = fdt_getprop(tree, node, name, &bytes);
    cr_assert(value && bytes == 8, "%s has %d bytes", name, bytes);
    return fdt64_ld(value);
}

// --- What does not fit ---------------------------------------------------------------------------

Test(boot, what_is_refused) {
    enum { NONE, SMALL, WHOLE_RAM, MOST_OF_RAM, KINDS };
    struct file file[KINDS], bad_elf;
    const uint64_t bytes[KINDS] = {1, 4096, 8 * MiB, 6 * MiB - 4096};
    for (unsigned i = 0; i < KINDS; i++) file_open(&file[i], "", 0, bytes[i]);
    file_open(&bad_elf, ELFMAG, SELFMAG, 100);
    static const struct {
        const char *bios;
        int kernel, initrd; // files
        const char *words;
    } rows[] = {
        {"none", NONE, NONE, "-bios none: nothing to run; name an ELF file, or use -kernel FILE"},
        {"none", WHOLE_RAM, NONE, "leaves no memory for the device tree of 64 KiB; give more with"},
        {NULL, WHOLE_RAM, NONE, "needs 0x800000 bytes at 0x80200000, where there is not so much"},
        {NULL, SMALL, WHOLE_RAM, "does not fit into memory beside the kernel (8388608 bytes)"},
        {NULL, SMALL, MOST_OF_RAM, "does not fit into memory beside the kernel (6287360 bytes)"},
        {"/nowhere", SMALL, NONE, "/nowhere: can't be opened"},
    };
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct bench b = {.config = plain};
        b.config.bios = rows[i].bios;
        if (rows[i].kernel) b.config.kernel = file[rows[i].kernel].path;
        if (rows[i].initrd) b.config.initrd = file[rows[i].initrd].path;
        cr_expect_not(boot(&b), "row %u", i);
        cr_expect_not_null(strstr(b.why.text, rows[i].words), "row %u: '%s'", i, b.why.text);
        machine_destroy(b.m);
    }
    struct bench b = {.config = plain};
    b.config.bios = bad_elf.path;
    cr_expect_not(boot(&b));
    cr_expect_not_null(strstr(b.why.text, "not a 64-bit little-endian ELF"), "'%s'", b.why.text);
    machine_destroy(b.m);
}

// A kernel that is linked to where the firmware is.
Test(boot, a_kernel_over_the_firmware) {
    struct {
        Elf64_Ehdr header;
        Elf64_Phdr segment;
    } kernel = {.header = {.e_ident = {0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT},
                           .e_type = ET_EXEC,
                           .e_machine = EM_RISCV,
                           .e_version = EV_CURRENT,
                           .e_entry = RAM_BASE,
                           .e_phoff = sizeof(Elf64_Ehdr),
                           .e_ehsize = sizeof(Elf64_Ehdr),
                           .e_phentsize = sizeof(Elf64_Phdr),
                           .e_phnum = 1},
                .segment = {.p_type = PT_LOAD,
                            .p_vaddr = RAM_BASE + 4096,
                            .p_paddr = RAM_BASE + 4096,
                            .p_memsz = 8}};
    struct file file;
    struct bench b = {.config = plain};
    file_open(&file, &kernel, sizeof kernel, sizeof kernel);
    b.config.kernel = file.path;
    cr_expect_not(boot(&b));
    cr_expect_not_null(strstr(b.why.text, "overlaps the firmware; -bios none starts it without"),
                       "'%s'", b.why.text);
    machine_destroy(b.m);
    b.config.bios = "none";
    cr_expect(boot(&b), "%s", b.why.text);
    machine_destroy(b.m);
}

// Only an ELF file says where a lone program goes.
Test(boot, a_program_that_is_none) {
    struct file file;
    struct bench b = {.config = plain};
    file_open(&file, "text", 4, 4);
    b.config.kernel = file.path;
    b.config.bios = "none";
    b.config.bare_elf = true;
    cr_expect_not(boot(&b));
    cr_expect_not_null(strstr(b.why.text, "no ELF file; a kernel of another kind goes behind"),
                       "'%s'", b.why.text);
    machine_destroy(b.m);
}

// --- What fits -----------------------------------------------------------------------------------

static void expect_initrd(const struct bench *b, const char *contents) {
    const void *tree = tree_of(b);
    const uint64_t begin = chosen(tree, "linux,initrd-start");
    const uint64_t end = chosen(tree, "linux,initrd-end");
    cr_expect_eq(end - begin, strlen(contents));
    const uint8_t *host = phys_host(&b->m->phys, begin, end - begin);
    cr_assert_not_null(host);
    cr_expect_eq(memcmp(host, contents, end - begin), 0);
    const int node = fdt_path_offset(tree, "/chosen");
    cr_expect_str_eq(fdt_getprop(tree, node, "bootargs", NULL), "quiet words");
}

// The same in a tree of ours, in one of the user's that has it otherwise, and in one that has
// nothing.
Test(boot, an_initrd_and_words) {
    char own[4096];
    struct file kernel, initrd, tree;
    struct bench b = {.config = plain};
    file_open(&kernel, "", 0, 4096);
    file_open(&initrd, "initrd", 6, 6);
    b.config.kernel = kernel.path;
    b.config.initrd = initrd.path;
    b.config.append = "quiet words";
    cr_assert(boot(&b), "%s", b.why.text);
    expect_initrd(&b, "initrd");
    const void *ours = tree_of(&b);
    file_open(&tree, ours, fdt_totalsize(ours), fdt_totalsize(ours));
    machine_destroy(b.m);
    b.config.dtb = tree.path;
    cr_assert(boot(&b), "%s", b.why.text);
    expect_initrd(&b, "initrd");
    machine_destroy(b.m);
    cr_assert_eq(fdt_create_empty_tree(own, sizeof own), 0);
    file_open(&tree, own, sizeof own, sizeof own);
    b.config.dtb = tree.path;
    cr_assert(boot(&b), "%s", b.why.text);
    expect_initrd(&b, "initrd");
    machine_destroy(b.m);
}

Test(boot, trees_that_are_none) {
    char sound[4096];
    struct file kernel, tree;
    file_open(&kernel, "", 0, 4096);
    cr_assert_eq(fdt_create_empty_tree(sound, sizeof sound), 0);
    fdt_pack(sound);
    const size_t bytes = fdt_totalsize(sound);
    for (unsigned i = 0; i < 3; i++) {
        struct bench b = {.config = plain};
        char broken[4096];
        memcpy(broken, sound, bytes);
        if (i == 1) fdt_set_version(broken, 16);
        if (i == 2) fdt_set_magic(broken, 1);
        file_open(&tree, broken, i ? bytes : 20, i ? bytes : 20);
        b.config.kernel = kernel.path;
        b.config.dtb = tree.path;
        cr_expect_not(boot(&b), "row %u", i);
        cr_expect_not_null(strstr(b.why.text, "no sound device tree: FDT_ERR_"), "%s", b.why.text);
        cr_expect_not_null(strstr(b.why.text, "; dtc makes one"), "%s", b.why.text);
        machine_destroy(b.m);
    }
}

// --- The state as a number -----------------------------------------------------------------------

// Whatever a program can see changes it; putting it back gives the same again.
Test(boot, the_state_as_a_number) {
    struct file kernel;
    struct bench b = {.config = plain};
    file_open(&kernel, "", 0, 4096);
    b.config.kernel = kernel.path;
    b.config.harts = 2;
    cr_assert(boot(&b), "%s", b.why.text);
    struct hart *h = b.m->hart[1];
    const uint64_t before = state_hash(b.m);
    cr_expect_eq(state_hash(b.m), before);
    uint64_t *const seen[] = {
        &h->x[31],     &h->f[0],     &h->pc,
        &h->csr.stvec, &b.m->cycles, (uint64_t *)(void *)(b.m->ram + b.m->ram_range.size - 8)};
    for (unsigned i = 0; i < sizeof seen / sizeof *seen; i++) {
        *seen[i] ^= 4;
        cr_expect_neq(state_hash(b.m), before, "row %u", i);
        *seen[i] ^= 4;
        cr_expect_eq(state_hash(b.m), before, "row %u", i);
    }
    machine_destroy(b.m);
}
