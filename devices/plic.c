// SPDX-License-Identifier: MIT
// The platform-level interrupt controller (see plic.h).
//
// Each source has a gateway: a high level becomes one request (pending), and the gateway lets no
// second one through until the first is claimed and completed; a level that is still high then is a
// new request. Each context compares what is pending and enabled for it with its threshold. Only
// the notification looks at the threshold, a claim does not (specification, chapters 5 to 9).
#include "devices/plic.h"

#include "devices/node.h"

#include <assert.h>
#include <string.h>

enum {
    WORDS = PLIC_SOURCES / 32,
    PRIORITY = 0,
    PENDING = 0x1000,
    ENABLE = 0x2000,
    ENABLE_STRIDE = 0x80,
    CONTEXT = 0x200000,
    CONTEXT_STRIDE = 0x1000,
    THRESHOLD = 0, // within a context's page
    CLAIM = 4,
};

struct context {
    uint32_t enable[WORDS];
    uint32_t threshold;
    struct irq_line irq;
};

struct plic {
    struct device device;
    uint32_t priority[PLIC_SOURCES];
    uint32_t level[WORDS];   // the wires
    uint32_t pending[WORDS]; // requests that nobody has claimed
    uint32_t claimed[WORDS]; // requests that nobody has completed
    struct plic_counters counters;
    unsigned contexts;
    struct context context[];
};

static bool bit_of(const uint32_t *words, unsigned source) {
    return words[source / 32] >> (source % 32) & 1;
}

static void set_bit(uint32_t *words, unsigned source, bool value) {
    const uint32_t bit = UINT32_C(1) << (source % 32);
    words[source / 32] = value ? words[source / 32] | bit : words[source / 32] & ~bit;
}

// The source of highest priority that is pending and enabled, the lowest number of equals. 0: none;
// priority 0 means never.
static unsigned best_source(const struct plic *p, const struct context *c) {
    unsigned best = 0;
    for (unsigned word = 0; word < WORDS; word++) {
        for (uint32_t set = p->pending[word] & c->enable[word]; set; set &= set - 1) {
            const unsigned source = word * 32 + (unsigned)__builtin_ctz(set);
            if (p->priority[source] > p->priority[best]) best = source;
        }
    }
    return best;
}

// Brings gateways and wires up to date; called after every change.
static void update(struct plic *p) {
    for (unsigned word = 0; word < WORDS; word++) {
        p->pending[word] |= p->level[word] & ~p->claimed[word];
    }
    for (unsigned i = 0; i < p->contexts; i++) {
        const struct context *c = &p->context[i];
        irq_set(&c->irq, p->priority[best_source(p, c)] > c->threshold);
    }
}

static void plic_set_source(void *plic, unsigned source, bool level) {
    struct plic *p = plic;
    set_bit(p->level, source, level);
    update(p);
}

struct irq_line plic_line(struct device *plic, unsigned source) {
    assert(source >= 1 && source < PLIC_SOURCES);
    return (struct irq_line){.set = plic_set_source, .listener = plic, .line = source};
}

static uint32_t claim(struct plic *p, const struct context *c) {
    const unsigned source = best_source(p, c);
    if (!source) return 0;
    set_bit(p->pending, source, false);
    set_bit(p->claimed, source, true);
    p->counters.claims[source]++;
    update(p);
    return source;
}

// A completion for a source that is not enabled for the context is ignored (specification, chapter
// 9).
static void complete(struct plic *p, const struct context *c, uint64_t source) {
    if (source >= PLIC_SOURCES || !bit_of(c->enable, (unsigned)source)) return;
    set_bit(p->claimed, (unsigned)source, false);
    update(p);
}

// The context whose part of an array of registers holds offset, with the offset made relative to
// that part. NULL: offset lies elsewhere.
static struct context *context_at(struct plic *p, uint64_t base, uint64_t stride,
                                  uint64_t *offset) {
    if (!range_holds((struct range){base, p->contexts * stride}, *offset, 4)) return NULL;
    struct context *c = &p->context[(*offset - base) / stride];
    *offset = (*offset - base) % stride;
    return c;
}

// Registers are 32 bits wide; other accesses are refused.
static bool plic_read(void *device, uint64_t offset, unsigned size, uint64_t *value) {
    struct plic *p = device;
    struct context *c;
    *value = 0;
    if (size != 4) return false;
    if (offset < PENDING) {
        if (offset / 4 < PLIC_SOURCES) *value = p->priority[offset / 4];
    } else if (offset < ENABLE) {
        if (offset < PENDING + WORDS * 4) *value = p->pending[(offset - PENDING) / 4];
    } else if ((c = context_at(p, ENABLE, ENABLE_STRIDE, &offset))) {
        if (offset < WORDS * 4) *value = c->enable[offset / 4];
    } else if ((c = context_at(p, CONTEXT, CONTEXT_STRIDE, &offset))) {
        if (offset == THRESHOLD) *value = c->threshold;
        if (offset == CLAIM) *value = claim(p, c);
    }
    return true;
}

// Priorities and thresholds keep their three low bits; source 0 has neither priority nor enable.
static bool plic_write(void *device, uint64_t offset, unsigned size, uint64_t value) {
    struct plic *p = device;
    struct context *c;
    if (size != 4) return false;
    if (offset < PENDING) {
        const uint64_t source = offset / 4;
        if (source && source < PLIC_SOURCES) p->priority[source] = value & PLIC_MAX_PRIORITY;
    } else if ((c = context_at(p, ENABLE, ENABLE_STRIDE, &offset))) {
        if (offset < WORDS * 4) c->enable[offset / 4] = (uint32_t)value;
        set_bit(c->enable, 0, false);
    } else if ((c = context_at(p, CONTEXT, CONTEXT_STRIDE, &offset))) {
        if (offset == THRESHOLD) c->threshold = value & PLIC_MAX_PRIORITY;
        if (offset == CLAIM) complete(p, c, value);
    }
    update(p);
    return true;
}

// The wires keep their level: what drives them has its own reset.
static void plic_reset(struct device *d) {
    struct plic *p = (struct plic *)d;
    memset(p->priority, 0, sizeof p->priority);
    memset(p->pending, 0, sizeof p->pending);
    memset(p->claimed, 0, sizeof p->claimed);
    for (unsigned i = 0; i < p->contexts; i++) {
        p->context[i] = (struct context){.irq = p->context[i].irq};
    }
    update(p);
}

static int plic_write_node(struct device *d, struct fdt_context *c) {
    node_begin_device(c, d, "plic");
    node_u32(c, "phandle", c->plic_phandle);
    node_u32(c, "riscv,ndev", PLIC_SOURCES - 1);
    node_hart_interrupts(c, 11, 9);
    node_flag(c, "interrupt-controller");
    NODE_COMPATIBLE(c, "sifive,plic-1.0.0\0riscv,plic0");
    node_u32(c, "#address-cells", 0);
    node_u32(c, "#interrupt-cells", 1);
    node_end(c);
    return c->error;
}

static const struct device_type plic_type = {
    .name = "plic",
    .read = plic_read,
    .write = plic_write,
    .reset = plic_reset,
    .write_node = plic_write_node,
};

struct device *plic_create(const struct device_place *place, unsigned harts,
                           const struct plic_wires *wires) {
    assert(harts >= 1 && harts <= PLIC_MAX_HARTS);
    const size_t bytes = sizeof(struct plic) + 2 * harts * sizeof(struct context);
    struct plic *p = device_new(bytes, &plic_type, place, PLIC_BYTES);
    if (!p) return NULL;
    p->contexts = 2 * harts;
    for (unsigned hart = 0; hart < harts; hart++) {
        p->context[2 * hart].irq = wires[hart].mei;
        p->context[2 * hart + 1].irq = wires[hart].sei;
    }
    return &p->device;
}

const struct plic_counters *plic_counters(const struct device *plic) {
    return &((const struct plic *)plic)->counters;
}
