// SPDX-License-Identifier: MIT
// Source lines and the layout of structures, from the DWARF of an ELF file, which elfutils' libdw
// reads. Built without libdw nothing is ever found.
#ifndef TABLEWALK_EMU_CONSOLE_LINES_H
#define TABLEWALK_EMU_CONSOLE_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct source_line {
    const char *file;   // as long as the struct lines lives
    const char *folder; // that the compiler ran in, or NULL
    unsigned line;
};

struct lines;

// An ELF file by its path; embedded: its `size` bytes, which are at hand instead and stay so. (Not
// const: elfutils unpack sections where they are.)
struct elf_source {
    const char *path;
    void *embedded;
    size_t size;
};

// NULL: no such file, or nothing of DWARF in it.
struct lines *lines_open(const struct elf_source *source);
void lines_close(struct lines *l); // NULL does nothing

// The line that the instruction at an address was made from. false: unknown.
bool lines_at(struct lines *l, uint64_t address, struct source_line *found);

// The offset of a member in `struct type`, in bytes; of a member of a member: "tasks.next". false:
// unknown.
bool lines_member(struct lines *l, const char *type, const char *member, uint64_t *offset);
// The size of `struct type` in bytes. false: unknown.
bool lines_sizeof(struct lines *l, const char *type, uint64_t *bytes);

#endif
