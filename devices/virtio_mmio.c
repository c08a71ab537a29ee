// SPDX-License-Identifier: MIT
// The virtio-mmio transport (see virtio_mmio.h). Registers are 32 bits wide; an access of another
// size reads 0 and writes nothing, and the configuration space takes any size. A driver that does
// what it must not (touches a queue that is ready, accepts what was not offered, sets sizes that
// make no sense) is not obeyed, or, where that leaves no queue to work with, told
// DEVICE_NEEDS_RESET.
#include "devices/virtio_mmio.h"

#include "devices/node.h"

#include <stdlib.h>

enum {
    MAGIC_VALUE = 0x000,
    VERSION = 0x004,
    DEVICE_ID = 0x008,
    VENDOR_ID = 0x00c,
    DEVICE_FEATURES = 0x010,
    DEVICE_FEATURES_SEL = 0x014,
    DRIVER_FEATURES = 0x020,
    DRIVER_FEATURES_SEL = 0x024,
    GUEST_PAGE_SIZE = 0x028, // legacy
    QUEUE_SEL = 0x030,
    QUEUE_SIZE_MAX = 0x034,
    QUEUE_SIZE = 0x038,
    QUEUE_ALIGN = 0x03c, // legacy
    QUEUE_PFN = 0x040,   // legacy
    QUEUE_READY = 0x044,
    QUEUE_NOTIFY = 0x050,
    INTERRUPT_STATUS = 0x060,
    INTERRUPT_ACK = 0x064,
    STATUS = 0x070,
    QUEUE_DESC = 0x080, // low half; the high half follows
    QUEUE_DRIVER = 0x090,
    QUEUE_DEVICE = 0x0a0,
    SHM_SEL = 0x0ac,
    SHM_LEN = 0x0b0,
    SHM_BASE = 0x0b8,
    QUEUE_RESET = 0x0c0,
    CONFIG_GENERATION = 0x0fc,
    CONFIG = 0x100,
};

enum {
    MAGIC = 0x74726976,  // "virt"
    VENDOR = 0x554d4551, // "QEMU": xv6 looks for it
    DRIVER_OK = 4,
    FEATURES_OK = 8,
    NEEDS_RESET = 64,
    STATUS_BITS = 0xff,
    INTERRUPT_USED = 1,
    INTERRUPT_CONFIG = 2,
    LEGACY_ALIGN = 4096, // of a queue, when the driver says nothing
};

struct virtio_mmio {
    struct device device;
    struct virtio *v; // NULL: the slot is empty
    bool legacy;
    uint32_t device_features_sel, driver_features_sel, queue_sel, shm_sel;
    uint64_t driver_features;
    uint32_t status, interrupt_status, config_generation;
    uint32_t guest_page_size;                                  // legacy
    uint32_t pfn[VIRTIO_MAX_QUEUES], align[VIRTIO_MAX_QUEUES]; // legacy
};

static struct virtio_mmio *transport_of(const struct virtio *v) {
    return (struct virtio_mmio *)v->transport;
}

struct phys *virtio_phys(const struct virtio *v) { return v->transport->phys; }
struct schedule *virtio_schedule(const struct virtio *v) { return v->transport->schedule; }

static void update_irq(struct virtio_mmio *m) { irq_set(&m->device.irq, m->interrupt_status != 0); }

static void interrupt(struct virtio_mmio *m, uint32_t why) {
    m->interrupt_status |= why;
    m->v->counters.interrupts++;
    update_irq(m);
}

// Something is wrong that only a reset mends (section 2.1.2).
static void needs_reset(struct virtio_mmio *m) {
    if (m->status & NEEDS_RESET) return;
    m->status |= NEEDS_RESET;
    if (m->status & DRIVER_OK) interrupt(m, INTERRUPT_CONFIG);
}

// What devices use -------------------------------------------------------------------------------

bool virtio_pop(struct virtio *v, unsigned queue, struct chain *chain) {
    struct virtio_mmio *m = transport_of(v);
    if ((m->status & (DRIVER_OK | NEEDS_RESET)) != DRIVER_OK) return false;
    const bool popped = virtqueue_pop(&v->queue[queue], m->device.phys, chain);
    if (v->queue[queue].broken) needs_reset(m);
    if (popped && chain->fault != CHAIN_OK) v->counters.bad_chains++;
    return popped;
}

void virtio_push(struct virtio *v, unsigned queue, const struct chain *chain, uint32_t len) {
    struct virtio_mmio *m = transport_of(v);
    virtqueue_push(&v->queue[queue], m->device.phys, chain, len);
    v->counters.chains++;
    if (v->queue[queue].broken) needs_reset(m);
}

void virtio_signal(struct virtio *v, unsigned queue) {
    struct virtio_mmio *m = transport_of(v);
    if (virtqueue_should_notify(&v->queue[queue], m->device.phys)) interrupt(m, INTERRUPT_USED);
}

void virtio_config_changed(struct virtio *v) {
    struct virtio_mmio *m = transport_of(v);
    m->config_generation++;
    if (m->status & DRIVER_OK) interrupt(m, INTERRUPT_CONFIG);
}

struct virtio *virtio_mmio_device(struct device *slot) { return ((struct virtio_mmio *)slot)->v; }

// Features and status ----------------------------------------------------------------------------

static uint64_t bit(unsigned feature) { return UINT64_C(1) << feature; }

static uint64_t offered(const struct virtio_mmio *m) {
    const uint64_t ring = bit(VIRTIO_F_INDIRECT_DESC) | bit(VIRTIO_F_EVENT_IDX);
    const uint64_t transport =
        m->legacy ? bit(VIRTIO_F_ANY_LAYOUT) : bit(VIRTIO_F_VERSION_1) | bit(VIRTIO_F_RING_RESET);
    return m->v->type->features | m->v->features | ring | transport;
}

static uint32_t offered_word(const struct virtio_mmio *m) {
    return m->device_features_sel < 2 ? (uint32_t)(offered(m) >> (32 * m->device_features_sel)) : 0;
}

// A legacy driver has no FEATURES_OK: what it accepts holds at once, as far as it was offered.
static void accept_features(struct virtio_mmio *m, uint32_t value) {
    if (m->driver_features_sel >= 2 || m->status & FEATURES_OK) return;
    const unsigned shift = 32 * m->driver_features_sel;
    m->driver_features &= ~((uint64_t)UINT32_MAX << shift);
    m->driver_features |= (uint64_t)value << shift;
    if (m->legacy) m->v->negotiated = m->driver_features & offered(m);
}

static void tell_negotiated(struct virtio *v) {
    if (v->type->negotiated) v->type->negotiated(v);
}

static void reset_queue(struct virtio_mmio *m, unsigned queue) {
    virtqueue_reset(&m->v->queue[queue]);
    m->pfn[queue] = 0;
    m->align[queue] = LEGACY_ALIGN;
    if (m->v->type->reset_queue) m->v->type->reset_queue(m->v, queue);
}

// What a driver resets. The page size of a legacy driver stays: Linux says it once, and resets the
// device afterwards.
static void reset_by_driver(struct virtio_mmio *m) {
    m->status = m->interrupt_status = 0;
    m->device_features_sel = m->driver_features_sel = m->queue_sel = m->shm_sel = 0;
    m->driver_features = 0;
    if (m->v) {
        m->v->negotiated = 0;
        for (unsigned i = 0; i < m->v->type->queues; i++) reset_queue(m, i);
        if (m->v->type->reset) m->v->type->reset(m->v);
    }
    update_irq(m);
}

static void mmio_reset(struct device *d) {
    struct virtio_mmio *m = (struct virtio_mmio *)d;
    m->guest_page_size = 0;
    reset_by_driver(m);
}

// Bits are only ever set, but for a reset by 0 (section 2.1.1). FEATURES_OK sticks when all that
// was accepted was offered; VERSION_1 need not be among it, since xv6 never accepts it.
static void write_status(struct virtio_mmio *m, uint32_t value) {
    if (value == 0) {
        reset_by_driver(m);
        return;
    }
    uint32_t set = value & STATUS_BITS & ~(uint32_t)NEEDS_RESET & ~m->status;
    if (set & FEATURES_OK && m->driver_features & ~offered(m)) set &= ~(uint32_t)FEATURES_OK;
    m->status |= set;
    if (set & FEATURES_OK && !m->legacy) {
        m->v->negotiated = m->driver_features;
        tell_negotiated(m->v);
    }
    if (!(set & DRIVER_OK)) return;
    if (m->legacy) tell_negotiated(m->v);
    // What was made available before counts from now on.
    for (unsigned i = 0; i < m->v->type->queues; i++) m->v->type->notify(m->v, i);
}

// Queues -----------------------------------------------------------------------------------------

// The selected queue, or NULL when the device has none of that number.
static struct virtqueue *selected(struct virtio_mmio *m) {
    return m->queue_sel < m->v->type->queues ? &m->v->queue[m->queue_sel] : NULL;
}

static void start_queue(struct virtio_mmio *m, struct virtqueue *q) {
    virtqueue_start(q, m->device.phys, m->v->negotiated);
    if (q->broken) needs_reset(m);
}

static void write_ready(struct virtio_mmio *m, struct virtqueue *q, uint32_t value) {
    if (!value) {
        reset_queue(m, m->queue_sel);
    } else if (!q->ready) {
        start_queue(m, q);
    }
}

static bool power_of_two(uint32_t n) { return n != 0 && (n & (n - 1)) == 0; }

// The legacy layout (section 2.7.2): the available ring follows the descriptors, the used ring
// starts at the next multiple of the alignment. No sum overflows: 2^32 pages of up to 2^31 bytes.
static void write_pfn(struct virtio_mmio *m, struct virtqueue *q, uint32_t pfn) {
    const uint32_t align = m->align[m->queue_sel];
    if (pfn == 0) {
        reset_queue(m, m->queue_sel);
        return;
    }
    if (q->ready) return;
    m->pfn[m->queue_sel] = pfn;
    if (!power_of_two(m->guest_page_size) || !power_of_two(align)) {
        q->size = 0; // which no queue can start with
    }
    q->desc = (uint64_t)pfn * m->guest_page_size;
    q->avail = q->desc + UINT64_C(16) * q->size;
    const uint64_t end = q->avail + 2 * (3 + (uint64_t)q->size);
    q->used = (end + align - 1) & ~((uint64_t)align - 1);
    start_queue(m, q);
}

static void set_half(uint64_t *address, bool high, uint32_t value) {
    const unsigned shift = high ? 32 : 0;
    *address = (*address & ~((uint64_t)UINT32_MAX << shift)) | (uint64_t)value << shift;
}

// A register of the selected queue. One that is ready takes nothing but QueueReady and QueueReset.
static void write_queue(struct virtio_mmio *m, uint64_t offset, uint32_t value) {
    struct virtqueue *q = selected(m);
    if (!q) return;
    if (m->legacy) {
        if (offset == QUEUE_PFN) write_pfn(m, q, value);
        if (offset == QUEUE_ALIGN && !q->ready) m->align[m->queue_sel] = value;
    } else if (offset == QUEUE_READY) {
        write_ready(m, q, value);
    } else if (offset == QUEUE_RESET) {
        if (value == 1 && virtio_has(m->v, VIRTIO_F_RING_RESET)) reset_queue(m, m->queue_sel);
    }
    if (q->ready) return;
    switch (offset) {
    case QUEUE_SIZE: q->size = value <= m->v->type->queue_size ? value : 0; break;
    case QUEUE_DESC:
    case QUEUE_DESC + 4: set_half(&q->desc, offset & 4, value); break;
    case QUEUE_DRIVER:
    case QUEUE_DRIVER + 4: set_half(&q->avail, offset & 4, value); break;
    case QUEUE_DEVICE:
    case QUEUE_DEVICE + 4: set_half(&q->used, offset & 4, value); break;
    default: break;
    }
}

static uint32_t read_queue(struct virtio_mmio *m, uint64_t offset) {
    const struct virtqueue *q = selected(m);
    if (!q) return 0;
    switch (offset) {
    case QUEUE_SIZE_MAX: return m->v->type->queue_size;
    case QUEUE_READY: return !m->legacy && q->ready;
    case QUEUE_PFN: return m->legacy ? m->pfn[m->queue_sel] : 0;
    default: return 0;
    }
}

// The bus ----------------------------------------------------------------------------------------

static uint32_t half(uint64_t value, bool high) { return (uint32_t)(high ? value >> 32 : value); }

// A shared memory region that is not there has all bits set (section 4.2.2).
static uint32_t read_shm(const struct virtio_mmio *m, uint64_t offset) {
    if (m->legacy) return 0;
    if (m->shm_sel >= VIRTIO_MAX_SHM || m->v->shm[m->shm_sel].size == 0) return UINT32_MAX;
    const struct virtio_shm *shm = &m->v->shm[m->shm_sel];
    return half(offset < SHM_BASE ? shm->size : shm->base, offset & 4);
}

static uint32_t read_register(struct virtio_mmio *m, uint64_t offset) {
    switch (offset) {
    case MAGIC_VALUE: return MAGIC;
    case VERSION: return m->legacy ? 1 : 2;
    case VENDOR_ID: return VENDOR;
    default: break;
    }
    if (!m->v) return 0;
    switch (offset) {
    case DEVICE_ID: return m->v->type->id;
    case DEVICE_FEATURES: return offered_word(m);
    case QUEUE_SIZE_MAX:
    case QUEUE_READY:
    case QUEUE_PFN: return read_queue(m, offset);
    case INTERRUPT_STATUS: return m->interrupt_status;
    case STATUS: return m->status;
    case SHM_LEN:
    case SHM_LEN + 4:
    case SHM_BASE:
    case SHM_BASE + 4: return read_shm(m, offset);
    case CONFIG_GENERATION: return m->legacy ? 0 : m->config_generation;
    default: return 0;
    }
}

static void write_register(struct virtio_mmio *m, uint64_t offset, uint32_t value) {
    switch (offset) {
    case DEVICE_FEATURES_SEL: m->device_features_sel = value; break;
    case DRIVER_FEATURES: accept_features(m, value); break;
    case DRIVER_FEATURES_SEL: m->driver_features_sel = value; break;
    case GUEST_PAGE_SIZE: m->guest_page_size = value; break;
    case QUEUE_SEL: m->queue_sel = value; break;
    case QUEUE_NOTIFY:
        if (value >= m->v->type->queues) break;
        m->v->counters.notifications++;
        m->v->type->notify(m->v, value);
        break;
    case INTERRUPT_ACK:
        m->interrupt_status &= ~value;
        update_irq(m);
        break;
    case STATUS: write_status(m, value); break;
    case SHM_SEL: m->shm_sel = value; break;
    default: write_queue(m, offset, value); break;
    }
}

static bool in_config(const struct virtio_mmio *m, uint64_t offset, unsigned size) {
    return range_holds((struct range){CONFIG, m->v->type->config_bytes}, offset, size);
}

static bool mmio_read(void *device, uint64_t offset, unsigned size, uint64_t *value) {
    struct virtio_mmio *m = device;
    *value = 0;
    if (offset < CONFIG) {
        if (size == 4) *value = read_register(m, offset);
    } else if (m->v && in_config(m, offset, size)) {
        *value = m->v->type->read_config(m->v, offset - CONFIG, size);
    }
    return true;
}

static bool mmio_write(void *device, uint64_t offset, unsigned size, uint64_t value) {
    struct virtio_mmio *m = device;
    if (!m->v) return true;
    if (offset < CONFIG) {
        if (size == 4) write_register(m, offset, (uint32_t)value);
    } else if (m->v->type->write_config && in_config(m, offset, size)) {
        m->v->type->write_config(m->v, offset - CONFIG, size, value);
    }
    return true;
}

static int mmio_write_node(struct device *d, struct fdt_context *c) {
    node_begin_device(c, d, "virtio_mmio");
    NODE_COMPATIBLE(c, "virtio,mmio");
    node_end(c);
    return c->error;
}

static void mmio_destroy(struct device *d) {
    struct virtio_mmio *m = (struct virtio_mmio *)d;
    if (m->v) m->v->type->destroy(m->v);
    free(m);
}

static const struct device_type mmio_type = {
    .name = "virtio_mmio",
    .read = mmio_read,
    .write = mmio_write,
    .reset = mmio_reset,
    .write_node = mmio_write_node,
    .destroy = mmio_destroy,
};

struct device *virtio_mmio_create(const struct device_place *place, struct virtio *v, bool legacy) {
    struct virtio_mmio *m = device_new(sizeof *m, &mmio_type, place, VIRTIO_MMIO_BYTES);
    if (!m) {
        if (v) v->type->destroy(v);
        return NULL;
    }
    m->v = v;
    m->legacy = legacy;
    if (v) {
        v->transport = &m->device;
        v->legacy = legacy;
    }
    mmio_reset(&m->device);
    return &m->device;
}
