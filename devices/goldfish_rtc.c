// SPDX-License-Identifier: MIT
// The goldfish real-time clock (see goldfish_rtc.h), as the Linux driver rtc-goldfish uses it: the
// low half of the time is read first and latches the high half; the low half of the alarm is
// written last and arms it.
#include "devices/goldfish_rtc.h"

#include "devices/node.h"

#include <stdlib.h>

enum {
    TIME_LOW = 0x00,
    TIME_HIGH = 0x04,
    ALARM_LOW = 0x08,
    ALARM_HIGH = 0x0c,
    IRQ_ENABLED = 0x10,
    CLEAR_ALARM = 0x14,
    ALARM_STATUS = 0x18,
    CLEAR_INTERRUPT = 0x1c,
};

enum { NS_PER_TICK = 100 }; // mtime runs at 10 MHz

struct goldfish_rtc {
    struct device device;
    uint64_t start;  // ns since 1970 at virtual time 0
    uint64_t offset; // what the guest has set the clock ahead by, ns, modulo 2^64
    uint64_t alarm;  // ns since 1970
    uint32_t time_high;
    bool alarm_armed, irq_pending, irq_enabled;
    int event;
};

static uint64_t time_ns(const struct goldfish_rtc *r) {
    const struct schedule *s = r->device.schedule;
    const uint64_t cycles = schedule_now(s), tick = s->cycles_per_tick;
    const uint64_t ns = cycles / tick * NS_PER_TICK + cycles % tick * NS_PER_TICK / tick;
    return r->start + r->offset + ns;
}

// The first cycle that lies ns or more ahead.
static uint64_t cycle_ahead(const struct schedule *s, uint64_t ns) {
    uint64_t cycles;
    const uint64_t ticks = ns / NS_PER_TICK + 1;
    if (__builtin_mul_overflow(ticks, s->cycles_per_tick, &cycles)) return NEVER;
    if (__builtin_add_overflow(cycles, schedule_now(s), &cycles)) return NEVER;
    return cycles;
}

// Looks whether the alarm is due, and else asks to be called when it is.
static void update(struct goldfish_rtc *r) {
    const uint64_t now = time_ns(r);
    if (r->alarm_armed && r->alarm <= now) {
        r->alarm_armed = false;
        r->irq_pending = true;
    }
    schedule_arm(r->device.schedule, r->event,
                 r->alarm_armed ? cycle_ahead(r->device.schedule, r->alarm - now) : NEVER);
    irq_set(&r->device.irq, r->irq_pending && r->irq_enabled);
}

static void alarm_due(void *device) { update(device); }

static bool rtc_read(void *device, uint64_t offset, unsigned size, uint64_t *value) {
    struct goldfish_rtc *r = device;
    *value = 0;
    if (size != 4) return false;
    switch (offset) {
    case TIME_LOW: {
        const uint64_t now = time_ns(r);
        r->time_high = (uint32_t)(now >> 32);
        *value = (uint32_t)now;
        break;
    }
    case TIME_HIGH: *value = r->time_high; break;
    case ALARM_LOW: *value = (uint32_t)r->alarm; break;
    case ALARM_HIGH: *value = r->alarm >> 32; break;
    case IRQ_ENABLED: *value = r->irq_enabled; break;
    case ALARM_STATUS: *value = r->alarm_armed; break;
    default: break;
    }
    return true;
}

static uint64_t with_low(uint64_t old, uint64_t low) { return old >> 32 << 32 | (uint32_t)low; }
static uint64_t with_high(uint64_t old, uint64_t high) { return high << 32 | (uint32_t)old; }

static void set_time(struct goldfish_rtc *r, uint64_t ns) { r->offset += ns - time_ns(r); }

static bool rtc_write(void *device, uint64_t offset, unsigned size, uint64_t value) {
    struct goldfish_rtc *r = device;
    if (size != 4) return false;
    switch (offset) {
    case TIME_LOW: set_time(r, with_low(time_ns(r), value)); break;
    case TIME_HIGH: set_time(r, with_high(time_ns(r), value)); break;
    case ALARM_LOW:
        r->alarm = with_low(r->alarm, value);
        r->alarm_armed = true;
        break;
    case ALARM_HIGH: r->alarm = with_high(r->alarm, value); break;
    case IRQ_ENABLED: r->irq_enabled = value & 1; break;
    case CLEAR_ALARM: r->alarm_armed = false; break;
    case CLEAR_INTERRUPT: r->irq_pending = false; break;
    default: break;
    }
    update(r);
    return true;
}

// The battery keeps the time; the alarm is off.
static void rtc_reset(struct device *d) {
    struct goldfish_rtc *r = (struct goldfish_rtc *)d;
    r->alarm = 0;
    r->time_high = 0;
    r->alarm_armed = r->irq_pending = r->irq_enabled = false;
    update(r);
}

static int rtc_write_node(struct device *d, struct fdt_context *c) {
    node_begin_device(c, d, "rtc");
    NODE_COMPATIBLE(c, "google,goldfish-rtc");
    node_end(c);
    return c->error;
}

static const struct device_type rtc_type = {
    .name = "goldfish_rtc",
    .read = rtc_read,
    .write = rtc_write,
    .reset = rtc_reset,
    .write_node = rtc_write_node,
};

struct device *goldfish_rtc_create(const struct device_place *place, uint64_t start) {
    struct goldfish_rtc *r = device_new(sizeof *r, &rtc_type, place, GOLDFISH_RTC_BYTES);
    if (!r) return NULL;
    r->start = start;
    r->event = schedule_add(place->schedule, alarm_due, r);
    if (r->event < 0) {
        free(r);
        return NULL;
    }
    return &r->device;
}
