// SPDX-License-Identifier: MIT
// Symbol tables (see symbols.h). A file is hostile: libelf checks what it hands out, and names are
// copied with an end.
#include "emu/console/symbols.h"

#include <fcntl.h>
#include <gelf.h>
#include <inttypes.h>
#include <libelf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// Names that compilers and assemblers make for themselves.
static bool is_name(const char *name) { return name[0] && name[0] != '$' && name[0] != '.'; }

static int by_value(const void *a, const void *b) {
    const struct symbol *x = a, *y = b;
    if (x->value != y->value) return x->value < y->value ? -1 : 1;
    // Of several names for a place, the one with a size, then the first in the alphabet.
    if ((x->size != 0) != (y->size != 0)) return x->size ? -1 : 1;
    return strcmp(x->name, y->name);
}

static bool wanted(const GElf_Sym *symbol, const char *name) {
    const unsigned type = GELF_ST_TYPE(symbol->st_info);
    return name && is_name(name) && symbol->st_shndx != SHN_UNDEF && symbol->st_shndx != SHN_ABS &&
           type != STT_FILE && type != STT_SECTION;
}

// How far a symbol goes: its size or, where it has none, as a label in assembler has, its section.
static uint64_t reach_of(Elf *elf, const GElf_Sym *symbol) {
    GElf_Shdr section;
    if (symbol->st_size) return symbol->st_size;
    if (!gelf_getshdr(elf_getscn(elf, symbol->st_shndx), &section)) return 1;
    const uint64_t inside = symbol->st_value - section.sh_addr;
    return inside < section.sh_size ? section.sh_size - inside : 1;
}

// Goes through a symbol table twice: first to count (f->symbol NULL), then to fill.
static size_t take(Elf *elf, Elf_Scn *section, size_t link, struct symbol_file *f, char *names) {
    Elf_Data *data = elf_getdata(section, NULL);
    size_t bytes = 0, count = 0;
    GElf_Sym symbol;
    for (int i = 0; data && gelf_getsym(data, i, &symbol); i++) {
        const char *name = elf_strptr(elf, link, symbol.st_name);
        if (!wanted(&symbol, name)) continue;
        const size_t length = strlen(name) + 1;
        if (f->symbol) {
            memcpy(names + bytes, name, length);
            f->symbol[count] =
                (struct symbol){names + bytes, symbol.st_value, symbol.st_size,
                                reach_of(elf, &symbol), GELF_ST_TYPE(symbol.st_info) == STT_FUNC};
        }
        bytes += length;
        count++;
    }
    f->count = count;
    return bytes;
}

static bool read_symbols(Elf *elf, struct symbol_file *f) {
    Elf_Scn *section = NULL;
    GElf_Shdr header;
    while ((section = elf_nextscn(elf, section))) {
        if (gelf_getshdr(section, &header) && header.sh_type == SHT_SYMTAB) break;
    }
    if (!section) return false;
    const size_t bytes = take(elf, section, header.sh_link, f, NULL);
    if (!f->count) return false;
    f->names = malloc(bytes);
    f->symbol = calloc(f->count, sizeof *f->symbol);
    if (!f->names || !f->symbol) return false;
    take(elf, section, header.sh_link, f, f->names);
    qsort(f->symbol, f->count, sizeof *f->symbol, by_value);
    return true;
}

static void free_file(struct symbol_file *f) {
    free(f->path);
    free(f->names);
    free(f->symbol);
    free(f->program);
    free(f->root);
    lines_close(f->lines);
    free(f->source.embedded);
    *f = (struct symbol_file){0};
}

// "FILE@PROGRAM", unless there is a file of that very name.
static bool split_program(struct symbol_file *f) {
    char *at = f->path ? strrchr(f->path, '@') : NULL;
    if (!at || !at[1] || f->space != EVERY_SPACE || access(f->path, F_OK) == 0) return f->path;
    *at = 0;
    f->space = PROGRAM_SPACES;
    f->program = strdup(at + 1);
    f->root = calloc(PROGRAM_ROOTS, sizeof *f->root);
    return f->program && f->root;
}

static bool too_many(const char *path, struct message *message) {
    return complain(message, "%s: more than %d files of symbols", path, SYMBOL_FILES);
}

// What stands behind the files that there are becomes one of them, if `elf`, which ends here, has
// symbols.
static bool take_elf(struct symbols *s, Elf *elf, struct elf_source source) {
    struct symbol_file *f = &s->file[s->files];
    f->source = source;
    const bool good = f->path && elf && elf_kind(elf) == ELF_K_ELF && read_symbols(elf, f);
    if (elf) elf_end(elf);
    if (good) {
        s->files++;
    } else {
        free_file(f);
    }
    return good;
}

bool symbols_add(struct symbols *s, const char *path, uint64_t space, struct message *message) {
    if (s->files == SYMBOL_FILES) return too_many(path, message);
    struct symbol_file *f = &s->file[s->files];
    *f = (struct symbol_file){.path = strdup(path), .space = space};
    const bool named = split_program(f);
    const int fd = named ? open(f->path, O_RDONLY | O_CLOEXEC) : -1;
    if (fd < 0) {
        free_file(f);
        return complain(message, "%s: can't be read", path);
    }
    elf_version(EV_CURRENT);
    const bool good =
        take_elf(s, elf_begin(fd, ELF_C_READ, NULL), (struct elf_source){.path = f->path});
    close(fd);
    return good || complain(message, "%s: is no ELF file with symbols", path);
}

bool symbols_add_embedded(struct symbols *s, const char *name, const void *data, size_t size,
                          struct message *message) {
    if (s->files == SYMBOL_FILES) return too_many(name, message);
    s->file[s->files] = (struct symbol_file){.path = strdup(name), .space = EVERY_SPACE};
    elf_version(EV_CURRENT);
    void *copy = malloc(size);
    if (copy) memcpy(copy, data, size);
    Elf *elf = copy ? elf_memory(copy, size) : NULL;
    return take_elf(s, elf, (struct elf_source){name, copy, size}) ||
           complain(message, "%s: is no ELF file with symbols", name);
}

void symbols_free(struct symbols *s) {
    while (s->files) free_file(&s->file[--s->files]);
}

void symbols_bind(struct symbols *s, uint64_t root, const char *program) {
    for (unsigned i = 0; i < s->files; i++) {
        struct symbol_file *f = &s->file[i];
        if (f->space != PROGRAM_SPACES) continue;
        const bool its = strcmp(f->program, program) == 0;
        unsigned n = 0;
        while (n < f->roots && n < PROGRAM_ROOTS && f->root[n] != root) n++;
        const bool known = n < f->roots && n < PROGRAM_ROOTS;
        if (known && !its) f->root[n] = EVERY_SPACE; // another one has got its table
        if (!known && its) f->root[f->roots++ % PROGRAM_ROOTS] = root;
    }
}

static bool is_bound(const struct symbol_file *f, uint64_t space) {
    if (f->space != PROGRAM_SPACES) return f->space == space;
    for (unsigned i = 0; i < f->roots && i < PROGRAM_ROOTS; i++) {
        if (f->root[i] == space) return true;
    }
    return false;
}

static bool applies(const struct symbol_file *f, uint64_t space, bool own) {
    return own ? space != EVERY_SPACE && is_bound(f, space) : f->space == EVERY_SPACE;
}

bool symbols_find(const struct symbols *s, const char *name, uint64_t space, uint64_t *value) {
    for (int own = 1; own >= 0; own--) {
        for (unsigned i = 0; i < s->files; i++) {
            const struct symbol_file *f = &s->file[i];
            if (!applies(f, space, own)) continue;
            for (size_t n = 0; n < f->count; n++) {
                if (strcmp(f->symbol[n].name, name) != 0) continue;
                *value = f->symbol[n].value;
                return true;
            }
        }
    }
    return false;
}

// The last symbol at or before address.
static const struct symbol *last_before(const struct symbol_file *f, uint64_t address) {
    size_t low = 0, high = f->count;
    while (low < high) {
        const size_t middle = (low + high) / 2;
        if (f->symbol[middle].value <= address) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if (!low) return NULL;
    const struct symbol *found = &f->symbol[low - 1];
    // The first of those with the same value is the best name.
    while (found > f->symbol && found[-1].value == found->value) found--;
    return address - found->value < found->reach ? found : NULL;
}

const struct symbol *symbols_at(const struct symbols *s, uint64_t address, uint64_t space) {
    for (int own = 1; own >= 0; own--) {
        for (unsigned i = 0; i < s->files; i++) {
            if (!applies(&s->file[i], space, own)) continue;
            const struct symbol *found = last_before(&s->file[i], address);
            if (found) return found;
        }
    }
    return NULL;
}

void symbols_read_lines(struct symbol_file *f) {
    if (!f->lines_asked) f->lines = lines_open(&f->source);
    f->lines_asked = true;
}

bool symbols_line(struct symbols *s, uint64_t address, uint64_t space, struct source_line *line) {
    for (int own = 1; own >= 0; own--) {
        for (unsigned i = 0; i < s->files; i++) {
            struct symbol_file *f = &s->file[i];
            if (!applies(f, space, own) || !last_before(f, address)) continue;
            symbols_read_lines(f);
            if (lines_at(f->lines, address, line)) return true;
        }
    }
    return false;
}

const char *symbols_text(const struct symbols *s, uint64_t address, uint64_t space, char *text,
                         size_t bytes) {
    const struct symbol *found = symbols_at(s, address, space);
    if (!found) {
        text[0] = 0;
    } else if (found->value == address) {
        snprintf(text, bytes, "%s", found->name);
    } else {
        snprintf(text, bytes, "%s+0x%" PRIx64, found->name, address - found->value);
    }
    return text;
}
