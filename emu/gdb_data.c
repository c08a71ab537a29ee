// SPDX-License-Identifier: MIT
// The stub's packets that look at registers, memory and breakpoints, and change them.
#include <errno.h>
#include <string.h>

#include "emu/gdb_stub.h"
#include "emu/gdb_target.h"

// Takes one character where it stands.
static bool take(const char **at, char c) {
    if (**at != c) return false;
    ++*at;
    return true;
}

static struct hart *hart(const struct gdb *g) { return debugger_hart(g->d); }

void gdb_on_registers(struct gdb *g, const char *at) {
    const struct hart *h = hart(g);
    (void)at;
    gdb_say_bytes(g, h->x, 32 * sizeof h->x[0]);
    gdb_say_bytes(g, &h->pc, sizeof h->pc);
}

void gdb_on_set_registers(struct gdb *g, const char *at) {
    struct hart *h = hart(g);
    uint64_t value[33];
    if (!packet_bytes(&at, value, sizeof value)) {
        gdb_say_error(g, EINVAL);
        return;
    }
    memcpy(h->x + 1, value + 1, 31 * sizeof value[0]);
    h->pc = value[32] & ~UINT64_C(1);
    gdb_say(g, "OK");
}

void gdb_on_register(struct gdb *g, const char *at) {
    char text[24];
    uint64_t number, value;
    const char *name = packet_hex(&at, &number) ? gdb_register_name(hart(g), number, text) : NULL;
    if (name && register_read(hart(g), name, &value)) {
        gdb_say_bytes(g, &value, sizeof value);
    } else {
        gdb_say_error(g, EINVAL);
    }
}

void gdb_on_set_register(struct gdb *g, const char *at) {
    char text[24];
    uint64_t number, value;
    const char *name = packet_hex(&at, &number) ? gdb_register_name(hart(g), number, text) : NULL;
    const bool good = name && take(&at, '=') && packet_bytes(&at, &value, sizeof value) &&
                      register_write(hart(g), name, value);
    if (good) {
        gdb_say(g, "OK");
    } else {
        gdb_say_error(g, EINVAL);
    }
}

static struct view view_of(const struct gdb *g) {
    return g->physical ? (struct view){.bare = true} : view_of_hart(hart(g));
}

// "ADDRESS,LENGTH"; the length is no more than a packet can hold.
static bool parse_range(const char **at, uint64_t *address, uint64_t *bytes) {
    return packet_hex(at, address) && take(at, ',') && packet_hex(at, bytes) &&
           *bytes <= MAX_DATA && *address + *bytes >= *address;
}

void gdb_on_read(struct gdb *g, const char *at) {
    uint8_t data[MAX_DATA];
    uint64_t address, bytes;
    const struct view view = view_of(g);
    if (!parse_range(&at, &address, &bytes)) {
        gdb_say_error(g, EINVAL);
    } else if (!view_read(g->d, &view, address, data, bytes)) {
        gdb_say_error(g, EFAULT);
    } else {
        gdb_say_bytes(g, data, bytes);
    }
}

static void write_memory(struct gdb *g, uint64_t address, const uint8_t *data, uint64_t bytes) {
    const struct view view = view_of(g);
    if (view_write(g->d, &view, address, data, bytes)) {
        gdb_say(g, "OK");
    } else {
        gdb_say_error(g, EFAULT);
    }
}

void gdb_on_write(struct gdb *g, const char *at) {
    uint8_t data[MAX_DATA];
    uint64_t address, bytes;
    if (parse_range(&at, &address, &bytes) && take(&at, ':') && packet_bytes(&at, data, bytes)) {
        write_memory(g, address, data, bytes);
    } else {
        gdb_say_error(g, EINVAL);
    }
}

void gdb_on_write_binary(struct gdb *g, const char *at) {
    uint64_t address, bytes;
    const char *end = g->in.data + g->in.length;
    if (parse_range(&at, &address, &bytes) && take(&at, ':') && (uint64_t)(end - at) == bytes) {
        write_memory(g, address, (const uint8_t *)at, bytes);
    } else {
        gdb_say_error(g, EINVAL);
    }
}

// --- Breakpoints ---------------------------------------------------------------------------------

// "TYPE,ADDRESS,KIND": 0 and 1 are breakpoints, 2 write, 3 read, 4 access watchpoints.
static bool parse_point(const char *at, struct stop_point *p) {
    static const unsigned watched[] = {0, 0, WATCH_WRITE, WATCH_READ, WATCH_READ | WATCH_WRITE};
    uint64_t type, address, bytes;
    if (!packet_hex(&at, &type) || type > 4 || !take(&at, ',')) return false;
    if (!packet_hex(&at, &address) || !take(&at, ',') || !packet_hex(&at, &bytes)) return false;
    if (type >= 2 && (bytes == 0 || address + (bytes - 1) < address)) return false;
    *p = (struct stop_point){.kind = type < 2 ? POINT_PC : POINT_WATCH,
                             .enabled = true,
                             .gdb = true,
                             .detail = -1,
                             .range = {address, type < 2 ? 0 : bytes},
                             .watched = watched[type]};
    return true;
}

static struct stop_point *find_point(struct gdb *g, const struct stop_point *like) {
    for (unsigned i = 0; i < MAX_POINTS; i++) {
        struct stop_point *p = &g->d->stops.point[i];
        if (p->number && p->gdb && p->kind == like->kind && p->watched == like->watched &&
            p->range.base == like->range.base && p->range.size == like->range.size) {
            return p;
        }
    }
    return NULL;
}

void gdb_on_insert(struct gdb *g, const char *at) {
    struct stop_point wanted;
    if (!parse_point(at, &wanted)) {
        gdb_say_error(g, EINVAL);
        return;
    }
    struct stop_point *p = find_point(g, &wanted);
    if (!p && (p = stops_new(&g->d->stops))) {
        wanted.number = p->number;
        *p = wanted;
    }
    if (p) {
        gdb_say(g, "OK");
    } else {
        gdb_say_error(g, ENOSPC);
    }
}

void gdb_on_remove(struct gdb *g, const char *at) {
    struct stop_point wanted;
    if (!parse_point(at, &wanted)) {
        gdb_say_error(g, EINVAL);
        return;
    }
    struct stop_point *p = find_point(g, &wanted);
    if (p) p->number = 0;
    gdb_say(g, "OK");
}
