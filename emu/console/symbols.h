// SPDX-License-Identifier: MIT
// Names for addresses, from the symbol tables of ELF files. Each file is bound to an address space:
// all of them (a kernel), the one whose root table is named, or those in which a program of a
// certain name runs (user programs).
#ifndef TABLEWALK_EMU_CONSOLE_SYMBOLS_H
#define TABLEWALK_EMU_CONSOLE_SYMBOLS_H

#include "emu/console/lines.h"
#include "emu/message.h"
#include "mmu/phys.h"

// A file for every space, M-mode included; for the spaces of a program.
#define EVERY_SPACE    UINT64_MAX
#define PROGRAM_SPACES (UINT64_MAX - 1)

struct symbol {
    const char *name;
    uint64_t value, size;
    uint64_t reach; // bytes from value on that are spoken of as name+N
    bool function;  // and not a label or data
};

struct symbol_file {
    char *path;
    struct elf_source source;
    char *names;    // what the symbols' names point into
    uint64_t space; // physical address of a root table, EVERY_SPACE or PROGRAM_SPACES
    char *program;  // PROGRAM_SPACES: its name, and the root tables of where it runs
    uint64_t *root;
    unsigned roots;
    struct symbol *symbol; // by value
    size_t count;
    struct lines *lines; // its DWARF, once somebody has asked for it
    bool lines_asked;
};

enum { SYMBOL_FILES = 16, PROGRAM_ROOTS = 64 };

struct symbols {
    struct symbol_file file[SYMBOL_FILES];
    unsigned files;
};

// Adds a file's symbols. "FILE@PROGRAM", where `space` is EVERY_SPACE: for the spaces of a program.
// false: message.
bool symbols_add(struct symbols *s, const char *path, uint64_t space,
                 struct message *message) MUST_CHECK;
// The same for every space, of a file that is part of this program and is called so.
bool symbols_add_embedded(struct symbols *s, const char *name, const void *data, size_t size,
                          struct message *message) MUST_CHECK;
void symbols_free(struct symbols *s);

// A program of that name runs in the space with this root table.
void symbols_bind(struct symbols *s, uint64_t root, const char *program);

// The address of a name in a space; files bound to that space come first. false: unknown.
bool symbols_find(const struct symbols *s, const char *name, uint64_t space, uint64_t *value);

// The symbol that holds an address. NULL: none.
const struct symbol *symbols_at(const struct symbols *s, uint64_t address, uint64_t space);

// Reads a file's DWARF, unless that has been done.
void symbols_read_lines(struct symbol_file *f);

// The source line of an instruction. false: unknown.
bool symbols_line(struct symbols *s, uint64_t address, uint64_t space, struct source_line *line);

// "name+0x12", or "" where there is none.
const char *symbols_text(const struct symbols *s, uint64_t address, uint64_t space, char *text,
                         size_t bytes);

#endif
