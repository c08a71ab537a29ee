// SPDX-License-Identifier: MIT
// The physical address map (see phys.h). A machine has a handful of memories and some twenty
// devices, and only accesses that miss the translation table come here, so a linear search serves.
#include "mmu/phys.h"

#include <stdlib.h>
#include <string.h>

void phys_init(struct phys *p) { memset(p, 0, sizeof *p); }

void phys_free(struct phys *p) {
    for (unsigned i = 0; i < p->memories; i++) free(p->memory[i].code);
    phys_init(p);
}

bool phys_add_memory(struct phys *p, struct range range, uint8_t *host, bool writable) {
    if (p->memories == PHYS_MAX_MEMORIES) return false;
    uint64_t *code = calloc(range.size >> PAGE_SHIFT, sizeof *code);
    if (!code) return false;
    p->memory[p->memories++] = (struct phys_memory){range, host, code, writable};
    return true;
}

bool phys_add_device(struct phys *p, struct phys_device device) {
    if (p->devices == PHYS_MAX_DEVICES) return false;
    p->device[p->devices++] = device;
    return true;
}

bool phys_add_listener(struct phys *p, struct phys_code_listener listener) {
    if (p->listeners == PHYS_MAX_LISTENERS) return false;
    p->listener[p->listeners++] = listener;
    return true;
}

struct phys_memory *phys_find_memory(struct phys *p, uint64_t pa, uint64_t len) {
    for (unsigned i = 0; i < p->memories; i++) {
        if (range_holds(p->memory[i].range, pa, len)) return &p->memory[i];
    }
    return NULL;
}

uint8_t *phys_host(struct phys *p, uint64_t pa, uint64_t len) {
    struct phys_memory *m = phys_find_memory(p, pa, len);
    return m ? m->host + (pa - m->range.base) : NULL;
}

// A device's registers are not memory: an access that is misaligned or sticks out has no meaning.
static struct phys_device *find_device(struct phys *p, uint64_t pa, unsigned size) {
    if (pa & (size - 1)) return NULL;
    for (unsigned i = 0; i < p->devices; i++) {
        if (range_holds(p->device[i].range, pa, size)) return &p->device[i];
    }
    return NULL;
}

bool phys_read(struct phys *p, uint64_t pa, unsigned size, uint64_t *value) {
    *value = 0;
    const uint8_t *host = phys_host(p, pa, size);
    if (host) {
        memcpy(value, host, size);
        return true;
    }
    struct phys_device *d = find_device(p, pa, size);
    return d && d->read(d->device, pa - d->range.base, size, value);
}

bool phys_write(struct phys *p, uint64_t pa, unsigned size, uint64_t value) {
    struct phys_memory *m = phys_find_memory(p, pa, size);
    if (m) {
        if (!m->writable) return false;
        memcpy(m->host + (pa - m->range.base), &value, size);
        phys_wrote(p, pa, size);
        return true;
    }
    struct phys_device *d = find_device(p, pa, size);
    return d && d->write(d->device, pa - d->range.base, size, value);
}

bool phys_dma_read(struct phys *p, uint64_t pa, void *to, uint64_t len) {
    const uint8_t *host = phys_host(p, pa, len);
    if (!host) return false;
    memcpy(to, host, len);
    return true;
}

uint8_t *phys_dma_map(struct phys *p, uint64_t pa, uint64_t len) {
    struct phys_memory *m = phys_find_memory(p, pa, len);
    return m && m->writable ? m->host + (pa - m->range.base) : NULL;
}

bool phys_dma_write(struct phys *p, uint64_t pa, const void *from, uint64_t len) {
    uint8_t *host = phys_dma_map(p, pa, len);
    if (!host) return false;
    memcpy(host, from, len);
    phys_wrote(p, pa, len);
    return true;
}

enum { CODE_LINE_SHIFT = 6 };

static uint64_t *code_marks(struct phys_memory *m, uint64_t pa) {
    return &m->code[(pa - m->range.base) >> PAGE_SHIFT];
}

// A bit for each line that len bytes at pa touch; they lie in one page.
static uint64_t lines_of(uint64_t pa, uint64_t len) {
    unsigned first = (pa & PAGE_MASK) >> CODE_LINE_SHIFT;
    unsigned last = (unsigned)(((pa & PAGE_MASK) + len - 1) >> CODE_LINE_SHIFT);
    return (UINT64_MAX << first) & (UINT64_MAX >> (63 - last));
}

static bool anyone_decoded(const struct phys *p, uint64_t pa, uint64_t len) {
    for (unsigned i = 0; i < p->listeners; i++) {
        if (p->listener[i].decoded(p->listener[i].hart, pa, len)) return true;
    }
    return p->listeners == 0;
}

// Data may share a page, even a line, with code: only a write to decoded bytes drops anything. Then
// the whole page goes, as it is being rewritten or used for something else.
static void wrote_in_page(struct phys *p, struct phys_memory *m, uint64_t pa, uint64_t len) {
    uint64_t *marks = code_marks(m, pa);
    if (!(*marks & lines_of(pa, len)) || !anyone_decoded(p, pa, len)) return;
    for (unsigned i = 0; i < p->listeners; i++) {
        p->listener[i].written(p->listener[i].hart, pa & ~PAGE_MASK);
    }
    *marks = 0;
}

void phys_wrote(struct phys *p, uint64_t pa, uint64_t len) {
    struct phys_memory *m = phys_find_memory(p, pa, len);
    if (!m) return;
    while (len > 0) {
        uint64_t room = PAGE_SIZE - (pa & PAGE_MASK), piece = len < room ? len : room;
        wrote_in_page(p, m, pa, piece);
        pa += piece;
        len -= piece;
    }
}

void phys_mark_code(struct phys *p, uint64_t pa, uint64_t len) {
    struct phys_memory *m = phys_find_memory(p, pa, len);
    if (!m) return;
    uint64_t *marks = code_marks(m, pa);
    bool is_news = *marks == 0;
    *marks |= lines_of(pa, len);
    for (unsigned i = 0; is_news && i < p->listeners; i++) {
        p->listener[i].marked(p->listener[i].hart, pa & ~PAGE_MASK);
    }
}

bool phys_has_code(struct phys *p, uint64_t pa) {
    struct phys_memory *m = phys_find_memory(p, pa, 1);
    return m && *code_marks(m, pa) != 0;
}
