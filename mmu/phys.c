// SPDX-License-Identifier: MIT
// The physical address map (see phys.h). A machine has a handful of memories and some twenty
// devices, and only accesses that miss the translation table come here, so a linear search serves.
#include "mmu/phys.h"

#include <stdlib.h>
#include <string.h>

void phys_init(struct phys *p) { memset(p, 0, sizeof *p); }

void phys_free(struct phys *p) {
    for (unsigned i = 0; i < p->memories; i++) free(p->memory[i].has_code);
    phys_init(p);
}

bool phys_add_memory(struct phys *p, struct range range, uint8_t *host, bool writable) {
    if (p->memories == PHYS_MAX_MEMORIES) return false;
    uint8_t *has_code = calloc(range.size >> PAGE_SHIFT, 1);
    if (!has_code) return false;
    p->memory[p->memories++] = (struct phys_memory){range, host, has_code, writable};
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

void phys_wrote(struct phys *p, uint64_t pa, uint64_t len) {
    struct phys_memory *m = phys_find_memory(p, pa, len);
    if (!m || !len) return;
    uint64_t first = (pa - m->range.base) >> PAGE_SHIFT;
    uint64_t last = (pa - m->range.base + len - 1) >> PAGE_SHIFT;
    for (uint64_t page = first; page <= last; page++) {
        if (!m->has_code[page]) continue;
        for (unsigned i = 0; i < p->listeners; i++) {
            p->listener[i].written(p->listener[i].hart, m->range.base + (page << PAGE_SHIFT));
        }
        m->has_code[page] = 0;
    }
}

void phys_mark_code(struct phys *p, uint64_t pa) {
    struct phys_memory *m = phys_find_memory(p, pa, 1);
    if (!m || m->has_code[(pa - m->range.base) >> PAGE_SHIFT]) return;
    m->has_code[(pa - m->range.base) >> PAGE_SHIFT] = 1;
    for (unsigned i = 0; i < p->listeners; i++) {
        p->listener[i].marked(p->listener[i].hart, pa & ~PAGE_MASK);
    }
}

bool phys_has_code(struct phys *p, uint64_t pa) {
    struct phys_memory *m = phys_find_memory(p, pa, 1);
    return m && m->has_code[(pa - m->range.base) >> PAGE_SHIFT];
}
