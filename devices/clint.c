// SPDX-License-Identifier: MIT
// The core-local interruptor (see clint.h). Its registers are 64-bit words on the bus: two msip,
// one mtimecmp, or mtime. An access of any size reads or changes a part of one such word, so a
// 32-bit store to a half of mtimecmp leaves the other half alone.
#include "devices/clint.h"

#include "devices/node.h"

#include <assert.h>
#include <stdlib.h>

enum { MSIP = 0, MTIMECMP = 0x4000, MTIME = 0xbff8 };

// What an event needs to know whose timer it is.
struct clint_timer {
    struct clint *clint;
    uint64_t mtimecmp;
    int event;
    bool msip;
    struct clint_wires wires;
};

struct clint {
    struct device device;
    uint64_t offset; // mtime - ticks since reset, modulo 2^64
    struct clint_config config;
    struct clint_timer timer[]; // one a hart
};

uint64_t clint_mtime(const struct device *clint) {
    return schedule_ticks(clint->schedule) + ((const struct clint *)clint)->offset;
}

// The first cycle of the tick that is `ahead` ticks from now, ahead > 0.
static uint64_t cycle_ahead(const struct schedule *s, uint64_t ahead) {
    uint64_t tick, cycle;
    if (__builtin_add_overflow(schedule_ticks(s), ahead, &tick)) return NEVER;
    if (__builtin_mul_overflow(tick, s->cycles_per_tick, &cycle)) return NEVER;
    return cycle;
}

uint64_t clint_cycle_of(const struct device *clint, uint64_t mtime) {
    const uint64_t present = clint_mtime(clint);
    if (present >= mtime) return schedule_now(clint->schedule);
    return cycle_ahead(clint->schedule, mtime - present);
}

// MTIP is the result of a comparison, not a latch. It changes next when mtime reaches mtimecmp or,
// when it has done so, wraps to 0.
static void update_timer(struct clint_timer *t) {
    struct device *d = &t->clint->device;
    const uint64_t mtime = clint_mtime(d);
    const bool reached = mtime >= t->mtimecmp;
    const uint64_t ahead = (reached ? 0 : t->mtimecmp) - mtime;
    schedule_arm(d->schedule, t->event, ahead ? cycle_ahead(d->schedule, ahead) : NEVER);
    irq_set(&t->wires.mtip, reached);
}

static void timer_due(void *timer) { update_timer(timer); }

static void update_all(struct clint *c) {
    for (unsigned i = 0; i < c->config.harts; i++) update_timer(&c->timer[i]);
}

static uint64_t read_word(const struct clint *c, uint64_t at) {
    const uint64_t harts = c->config.harts;
    if (at == MTIME) return clint_mtime(&c->device);
    if (range_holds((struct range){MTIMECMP, harts * 8}, at, 8)) {
        return c->timer[(at - MTIMECMP) / 8].mtimecmp;
    }
    const uint64_t hart = (at - MSIP) / 4;
    uint64_t word = 0;
    if (hart < harts) word = c->timer[hart].msip;
    if (hart + 1 < harts) word |= (uint64_t)c->timer[hart + 1].msip << 32;
    return word;
}

static void set_msip(struct clint *c, uint64_t hart, bool level) {
    if (hart >= c->config.harts) return;
    c->timer[hart].msip = level;
    irq_set(&c->timer[hart].wires.msip, level);
}

static void write_word(struct clint *c, uint64_t at, uint64_t mask, uint64_t value) {
    const uint64_t word = (read_word(c, at) & ~mask) | (value & mask);
    if (at == MTIME) {
        c->offset = word - schedule_ticks(c->device.schedule);
        update_all(c);
        if (c->config.mtime_written) c->config.mtime_written(c->config.listener);
    } else if (range_holds((struct range){MTIMECMP, (uint64_t)c->config.harts * 8}, at, 8)) {
        c->timer[(at - MTIMECMP) / 8].mtimecmp = word;
        update_timer(&c->timer[(at - MTIMECMP) / 8]);
    } else if (at < MTIMECMP) {
        if ((uint32_t)mask) set_msip(c, (at - MSIP) / 4, word & 1);
        if (mask >> 32) set_msip(c, (at - MSIP) / 4 + 1, word >> 32 & 1);
    }
}

// The bits that an access of size bytes at offset takes of its 64-bit word, and how far up they
// are.
static unsigned shift_of(uint64_t offset) { return (unsigned)(offset & 7) * 8; }
static uint64_t mask_of(unsigned size) { return UINT64_MAX >> (64 - size * 8); }

static bool clint_read(void *device, uint64_t offset, unsigned size, uint64_t *value) {
    *value = read_word(device, offset & ~UINT64_C(7)) >> shift_of(offset) & mask_of(size);
    return true;
}

static bool clint_write(void *device, uint64_t offset, unsigned size, uint64_t value) {
    const unsigned shift = shift_of(offset);
    write_word(device, offset & ~UINT64_C(7), mask_of(size) << shift, value << shift);
    return true;
}

// After power-on mtime counts from 0 and no timer is set.
static void clint_reset(struct device *d) {
    struct clint *c = (struct clint *)d;
    c->offset = 0 - schedule_ticks(d->schedule);
    for (unsigned i = 0; i < c->config.harts; i++) {
        c->timer[i].mtimecmp = UINT64_MAX;
        set_msip(c, i, false);
    }
    update_all(c);
}

static int clint_write_node(struct device *d, struct fdt_context *context) {
    node_begin_device(context, d, "clint");
    NODE_COMPATIBLE(context, "sifive,clint0\0riscv,clint0");
    node_hart_interrupts(context, 3, 7);
    node_end(context);
    return context->error;
}

static const struct device_type clint_type = {
    .name = "clint",
    .read = clint_read,
    .write = clint_write,
    .reset = clint_reset,
    .write_node = clint_write_node,
};

struct device *clint_create(const struct device_place *place, const struct clint_config *config) {
    assert(config->harts >= 1 && config->harts <= CLINT_MAX_HARTS);
    const size_t bytes = sizeof(struct clint) + config->harts * sizeof(struct clint_timer);
    struct clint *c = device_new(bytes, &clint_type, place, CLINT_BYTES);
    if (!c) return NULL;
    c->config = *config;
    c->config.wires = NULL; // the caller's; each timer has its own copy
    for (unsigned i = 0; i < config->harts; i++) {
        struct clint_timer *t = &c->timer[i];
        *t = (struct clint_timer){.clint = c, .mtimecmp = UINT64_MAX, .wires = config->wires[i]};
        t->event = schedule_add(place->schedule, timer_due, t);
        if (t->event < 0) {
            free(c);
            return NULL;
        }
    }
    return &c->device;
}
