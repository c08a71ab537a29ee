// SPDX-License-Identifier: MIT
// DWARF by way of libdw (see lines.h).
#include "emu/console/lines.h"

#ifdef HAVE_LIBDW

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "emu/grow.h"

// A range of addresses that a compilation unit covers.
struct unit_range {
    uint64_t begin, end;
    Dwarf_Die unit;
};

struct lines {
    int fd;
    Elf *elf; // of a file that is no file
    Dwarf *dwarf;
    struct unit_range *range; // by begin; found when they are first asked for
    bool ranges_known;
    size_t ranges, room;
};

static bool add_range(struct lines *l, uint64_t begin, uint64_t end, const Dwarf_Die *unit) {
    if (begin >= end) return true;
    struct unit_range *range = grow(l->range, l->ranges, &l->room, sizeof *range);
    if (!range) return false;
    l->range = range;
    l->range[l->ranges++] = (struct unit_range){begin, end, *unit};
    return true;
}

static int by_begin(const void *a, const void *b) {
    const struct unit_range *x = a, *y = b;
    return x->begin < y->begin ? -1 : x->begin > y->begin;
}

static void find_ranges(struct lines *l) {
    Dwarf_CU *cu = NULL;
    Dwarf_Die unit;
    uint8_t type;
    l->ranges_known = true;
    while (dwarf_get_units(l->dwarf, cu, &cu, NULL, &type, &unit, NULL) == 0) {
        Dwarf_Addr base, begin, end;
        if (type != DW_UT_compile && type != DW_UT_skeleton) continue;
        for (ptrdiff_t at = 0; (at = dwarf_ranges(&unit, at, &base, &begin, &end)) > 0;) {
            if (!add_range(l, begin, end, &unit)) return;
        }
    }
    if (l->range) qsort(l->range, l->ranges, sizeof *l->range, by_begin);
}

struct lines *lines_open(const struct elf_source *source) {
    struct lines *l = calloc(1, sizeof *l);
    if (!l) return NULL;
    l->fd = -1;
    if (source->embedded) {
        l->elf = elf_memory(source->embedded, source->size);
        l->dwarf = l->elf ? dwarf_begin_elf(l->elf, DWARF_C_READ, NULL) : NULL;
    } else {
        l->fd = open(source->path, O_RDONLY | O_CLOEXEC);
        l->dwarf = l->fd < 0 ? NULL : dwarf_begin(l->fd, DWARF_C_READ);
    }
    if (!l->dwarf) {
        lines_close(l);
        return NULL;
    }
    return l;
}

void lines_close(struct lines *l) {
    if (!l) return;
    if (l->dwarf) dwarf_end(l->dwarf);
    if (l->elf) elf_end(l->elf);
    if (l->fd >= 0) close(l->fd);
    free(l->range);
    free(l);
}

static struct unit_range *unit_at(const struct lines *l, uint64_t address) {
    size_t low = 0, high = l->ranges;
    while (low < high) {
        const size_t middle = (low + high) / 2;
        if (l->range[middle].begin <= address) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low && address < l->range[low - 1].end ? &l->range[low - 1] : NULL;
}

bool lines_at(struct lines *l, uint64_t address, struct source_line *found) {
    if (l && !l->ranges_known) find_ranges(l);
    struct unit_range *r = l ? unit_at(l, address) : NULL;
    Dwarf_Line *line = r ? dwarf_getsrc_die(&r->unit, address) : NULL;
    Dwarf_Attribute folder;
    int number;
    if (!line || dwarf_lineno(line, &number) != 0 || number <= 0) return false;
    found->file = dwarf_linesrc(line, NULL, NULL);
    found->folder = dwarf_formstring(dwarf_attr(&r->unit, DW_AT_comp_dir, &folder));
    found->line = (unsigned)number;
    return found->file;
}

// --- Structures

// The structure of that name, with members, in whatever unit declares it first.
static bool find_struct(struct lines *l, const char *type, Dwarf_Die *found) {
    Dwarf_CU *cu = NULL;
    Dwarf_Die unit, child;
    while (dwarf_get_units(l->dwarf, cu, &cu, NULL, NULL, &unit, NULL) == 0) {
        if (dwarf_child(&unit, &child) != 0) continue;
        do {
            const char *name = dwarf_diename(&child);
            const bool is_struct = dwarf_tag(&child) == DW_TAG_structure_type;
            if (!is_struct || !name || strcmp(name, type) != 0) continue;
            if (!dwarf_haschildren(&child)) continue;
            *found = child;
            return true;
        } while (dwarf_siblingof(&child, &child) == 0);
    }
    return false;
}

// The member of that name; bytes of `name` up to `length`.
static bool find_member(Dwarf_Die *structure, const char *name, size_t length, Dwarf_Die *member) {
    if (dwarf_child(structure, member) != 0) return false;
    do {
        const char *own = dwarf_diename(member);
        if (own && strlen(own) == length && strncmp(own, name, length) == 0) return true;
    } while (dwarf_siblingof(member, member) == 0);
    return false;
}

bool lines_member(struct lines *l, const char *type, const char *member, uint64_t *offset) {
    Dwarf_Die structure, found;
    Dwarf_Attribute attribute;
    Dwarf_Op *at;
    size_t steps;
    if (!l || !find_struct(l, type, &structure)) return false;
    *offset = 0;
    for (;;) {
        const size_t length = strcspn(member, ".");
        if (!find_member(&structure, member, length, &found)) return false;
        // Old DWARF has a small program there, for which libdw turns newer DWARF's numbers into
        // one.
        Dwarf_Attribute *place = dwarf_attr(&found, DW_AT_data_member_location, &attribute);
        if (!place || dwarf_getlocation(place, &at, &steps) != 0) return false;
        if (steps != 1 || at->atom != DW_OP_plus_uconst) return false;
        *offset += at->number;
        if (!member[length]) return true;
        member += length + 1;
        Dwarf_Die *inner =
            dwarf_formref_die(dwarf_attr(&found, DW_AT_type, &attribute), &structure);
        if (!inner || dwarf_peel_type(&structure, &structure) != 0) return false;
    }
}

bool lines_sizeof(struct lines *l, const char *type, uint64_t *bytes) {
    Dwarf_Die structure;
    if (!l || !find_struct(l, type, &structure)) return false;
    const int size = dwarf_bytesize(&structure);
    *bytes = size > 0 ? (uint64_t)size : 0;
    return size > 0;
}

#else

struct lines *lines_open(const struct elf_source *source) { return (void)source, NULL; }
void lines_close(struct lines *l) { (void)l; }
bool lines_at(struct lines *l, uint64_t address, struct source_line *found) {
    return (void)l, (void)address, (void)found, false;
}
bool lines_member(struct lines *l, const char *type, const char *member, uint64_t *offset) {
    return (void)l, (void)type, (void)member, (void)offset, false;
}
bool lines_sizeof(struct lines *l, const char *type, uint64_t *bytes) {
    return (void)l, (void)type, (void)bytes, false;
}

#endif
