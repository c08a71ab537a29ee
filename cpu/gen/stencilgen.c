// SPDX-License-Identifier: MIT
// Reads the object file of cpu/gen/stencils.c and prints its functions as C tables: code and holes.
// A function with a relocation that is no hole (it calls something, or reads a constant from
// memory) gets no stencil: the interpreter's body serves for it. Run at build time only.
#include <fcntl.h>
#include <gelf.h>
#include <libelf.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cpu/gen/hole.h"

enum { MAX_HOLES = 64, JUMP_BYTES = 5, CONDITIONAL_BYTES = 6, JUMP_OPCODE = 0xe9 };

static const char *const hole_names[] = {
#define HOLE_ROW(name) [HOLE_##name] = "hole_" #name,
    HOLES(HOLE_ROW)
#undef HOLE_ROW
#define FLOW_ROW(name) [FLOW_##name] = #name,
        FLOWS(FLOW_ROW)
#undef FLOW_ROW
};

struct object {
    Elf *elf;
    Elf_Data *symbols;
    size_t names; // section of the symbols' names
};

struct function {
    const char *name;
    size_t section;
    uint8_t *code;
    size_t size;
    struct hole hole[MAX_HOLES];
    unsigned holes;
    uint8_t falls;
};

static void die(const char *why) {
    fprintf(stderr, "stencilgen: %s\n", why);
    exit(1);
}

static int find_hole(const char *name) {
    for (int i = 0; i < FLOW_END; i++) {
        if (strcmp(hole_names[i], name) == 0) return i;
    }
    return -1;
}

static bool hole_kind(uint64_t type, uint8_t *kind) {
    switch (type) {
    case R_X86_64_32S: *kind = HOLE_SIGNED32; return true;
    case R_X86_64_64: *kind = HOLE_ABSOLUTE64; return true;
    case R_X86_64_PC32:
    case R_X86_64_PLT32: *kind = HOLE_RELATIVE32; return true;
    default: return false;
    }
}

// false: this relocation is none that can be filled in later.
static bool add_hole(const struct object *o, struct function *f, const GElf_Rela *rela) {
    GElf_Sym symbol;
    if (!gelf_getsym(o->symbols, (int)GELF_R_SYM(rela->r_info), &symbol)) return false;
    const char *name = elf_strptr(o->elf, o->names, symbol.st_name);
    int value = name ? find_hole(name) : -1;
    uint8_t kind;
    if (value < 0 || f->holes == MAX_HOLES) return false;
    if (!hole_kind(GELF_R_TYPE(rela->r_info), &kind)) return false;
    if ((kind == HOLE_RELATIVE32) != (value > FLOW_FIRST)) return false;
    f->hole[f->holes++] = (struct hole){.at = (uint16_t)rela->r_offset,
                                        .kind = kind,
                                        .value = (uint8_t)value,
                                        .addend = (int32_t)rela->r_addend};
    return true;
}

// All relocations of f's section, which holds nothing else (-ffunction-sections).
static bool find_holes(const struct object *o, struct function *f) {
    Elf_Scn *section = NULL;
    while ((section = elf_nextscn(o->elf, section)) != NULL) {
        GElf_Shdr header;
        if (!gelf_getshdr(section, &header)) die("unreadable section");
        if (header.sh_type != SHT_RELA || header.sh_info != f->section) continue;
        Elf_Data *data = elf_getdata(section, NULL);
        for (size_t i = 0; i < header.sh_size / header.sh_entsize; i++) {
            GElf_Rela rela;
            if (!gelf_getrela(data, (int)i, &rela) || !add_hole(o, f, &rela)) return false;
        }
    }
    return true;
}

static struct hole *hole_at(struct function *f, size_t at) {
    for (unsigned i = 0; i < f->holes; i++) {
        if (f->hole[i].at == at) return &f->hole[i];
    }
    return NULL;
}

// Where the end is `jcc next; jmp elsewhere`, makes it `jncc elsewhere; jmp next`.
static void turn(struct function *f) {
    if (f->size < CONDITIONAL_BYTES + JUMP_BYTES) return;
    uint8_t *jcc = f->code + f->size - JUMP_BYTES - CONDITIONAL_BYTES;
    struct hole *next = hole_at(f, f->size - JUMP_BYTES - 4), *other = hole_at(f, f->size - 4);
    if (!next || !other || next->value != FLOW_stencil_next || jcc[0] != 0x0f ||
        (jcc[1] & 0xf0) != 0x80 || jcc[CONDITIONAL_BYTES] != JUMP_OPCODE) {
        return;
    }
    jcc[1] ^= 1;
    next->value = other->value;
    other->value = FLOW_stencil_next;
}

// A jump to the next stencil, or to where a branch goes, is left out at the very end: that is
// there.
static void trim(struct function *f) {
    for (unsigned i = 0; i < f->holes; i++) {
        const struct hole *h = &f->hole[i];
        bool near = h->value == FLOW_stencil_next || h->value == FLOW_stencil_taken;
        bool last = near && h->at + 4u == f->size;
        if (!last || f->size < JUMP_BYTES || f->code[f->size - JUMP_BYTES] != JUMP_OPCODE) continue;
        f->size -= JUMP_BYTES;
        f->falls = h->value;
        f->hole[i] = f->hole[--f->holes];
        return;
    }
}

static void print_function(const struct function *f, int sort) {
    printf("static const uint8_t code_%s_%d[] = {", f->name, sort);
    for (size_t i = 0; i < f->size; i++) printf("%s%u", i ? "," : "", f->code[i]);
    printf("%s};\nstatic const struct hole hole_%s_%d[] = {", f->size ? "" : "0", f->name, sort);
    for (unsigned i = 0; i < f->holes; i++) {
        const struct hole *h = &f->hole[i];
        printf("{%u,%u,%u,%d},", h->at, h->kind, h->value, h->addend);
    }
    printf("%s};\n", f->holes ? "" : "{0}");
    printf("#define STENCIL_%s_%d {code_%s_%d, hole_%s_%d, %zu, %u, %u}\n", f->name, sort, f->name,
           sort, f->name, sort, f->size, f->holes, f->falls);
}

static bool load_function(const struct object *o, const GElf_Sym *symbol, struct function *f) {
    const char *name = elf_strptr(o->elf, o->names, symbol->st_name);
    if (GELF_ST_TYPE(symbol->st_info) != STT_FUNC || !name) return false;
    if (strncmp(name, "insn_", 5) != 0) return false;
    Elf_Data *data = elf_getdata(elf_getscn(o->elf, symbol->st_shndx), NULL);
    if (!data || symbol->st_value + symbol->st_size > data->d_size) die("unreadable function");
    *f = (struct function){.name = name + 5,
                           .section = symbol->st_shndx,
                           .code = (uint8_t *)data->d_buf + symbol->st_value,
                           .size = symbol->st_size};
    return true;
}

static Elf_Data *find_symbols(struct object *o, size_t *count) {
    Elf_Scn *section = NULL;
    while ((section = elf_nextscn(o->elf, section)) != NULL) {
        GElf_Shdr header;
        if (!gelf_getshdr(section, &header)) die("unreadable section");
        if (header.sh_type != SHT_SYMTAB) continue;
        o->names = header.sh_link;
        *count = header.sh_size / header.sh_entsize;
        return elf_getdata(section, NULL);
    }
    die("no symbols");
    return NULL;
}

// The stencils of one sort, from the object file that was compiled for it.
static void print_sort(const char *path, int sort) {
    int fd = open(path, O_RDONLY);
    struct object o = {.elf = fd < 0 ? NULL : elf_begin(fd, ELF_C_READ, NULL)};
    if (!o.elf) die("cannot read an object file");
    size_t count = 0;
    o.symbols = find_symbols(&o, &count);
    for (size_t i = 0; i < count; i++) {
        GElf_Sym symbol;
        struct function f;
        if (!gelf_getsym(o.symbols, (int)i, &symbol) || !load_function(&o, &symbol, &f)) continue;
        if (!find_holes(&o, &f)) {
            printf("#define STENCIL_%s_%d {0}\n", f.name, sort);
            continue;
        }
        turn(&f);
        trim(&f);
        print_function(&f, sort);
    }
    elf_end(o.elf);
}

int main(int argc, char **argv) {
    if (argc != 1 + STENCIL_SORTS || elf_version(EV_CURRENT) == EV_NONE) {
        die("usage: stencilgen OBJECT OBJECT OBJECT (by enum stencil_sort)");
    }
    printf("// Generated by cpu/gen/stencilgen.c from cpu/gen/stencils.c.\n");
    for (int sort = 0; sort < STENCIL_SORTS; sort++) print_sort(argv[1 + sort], sort);
    return 0;
}
