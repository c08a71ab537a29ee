// SPDX-License-Identifier: MIT
// devices: what is on the bus, and what the interrupt controller and the virtqueues hold. Only what
// can be read without changing anything is read.
#include <inttypes.h>
#include <string.h>

#include "devices/plic.h"
#include "devices/uart.h"
#include "devices/virtio_blk.h"
#include "emu/console/debugger.h"

static void list_devices(struct debugger *d) {
    out_list(&d->out, "devices");
    for (unsigned i = 0; i < d->m->phys.devices; i++) {
        const struct phys_device *p = &d->m->phys.device[i];
        const struct device *device = p->device;
        struct virtio *v = NULL;
        for (unsigned k = 0; k < VIRTIO_MMIO_SLOTS; k++) {
            if (d->m->slot[k] == device) v = virtio_mmio_device(d->m->slot[k]);
        }
        out_cell(&d->out, "address", 12, "0x%08" PRIx64, p->range.base);
        out_cell(&d->out, "bytes", 9, "0x%" PRIx64, p->range.size);
        out_count(&d->out, "irq", 3, device->irq_number);
        out_cell(&d->out, "device", 0, "%s%s%s", device->type->name, v ? ": " : "",
                 v ? v->type->name : "");
        out_row(&d->out);
    }
    out_list_end(&d->out);
}

// --- PLIC ----------------------------------------------------------------------------------------

enum {
    PRIORITY = 0,
    PENDING = 0x1000,
    ENABLE = 0x2000,
    ENABLE_STRIDE = 0x80,
    THRESHOLD = 0x200000,
    CONTEXT_STRIDE = 0x1000
};

static uint32_t plic_word(struct debugger *d, uint64_t offset) {
    uint64_t value = 0;
    const struct device *plic = d->m->plic;
    return plic->type->read(d->m->plic, offset, 4, &value) ? (uint32_t)value : 0;
}

// Which contexts a source is enabled for: "0S 1S".
static void enabled_for(struct debugger *d, unsigned source, char *text, size_t bytes) {
    struct text list = {text, bytes, 0};
    text[0] = 0;
    for (unsigned c = 0; c < 2 * d->m->config.harts; c++) {
        const uint32_t word = plic_word(d, ENABLE + c * ENABLE_STRIDE + 4 * (source / 32));
        if (word >> source % 32 & 1) text_add(&list, "%u%c ", c / 2, c % 2 ? 'S' : 'M');
    }
}

static void show_plic(struct debugger *d) {
    char contexts[128];
    const struct plic_counters *counters = plic_counters(d->m->plic);
    out_list(&d->out, "contexts");
    for (unsigned c = 0; c < 2 * d->m->config.harts; c++) {
        out_count(&d->out, "context", 7, c);
        out_count(&d->out, "hart", 4, c / 2);
        out_cell(&d->out, "mode", -4, "%c", c % 2 ? 'S' : 'M');
        out_count(&d->out, "threshold", 9, plic_word(d, THRESHOLD + c * CONTEXT_STRIDE));
        out_row(&d->out);
    }
    out_list_end(&d->out);
    out_list(&d->out, "sources");
    for (unsigned s = 1; s < PLIC_SOURCES; s++) {
        const uint32_t priority = plic_word(d, PRIORITY + 4 * s);
        const bool pending = plic_word(d, PENDING + 4 * (s / 32)) >> s % 32 & 1;
        enabled_for(d, s, contexts, sizeof contexts);
        if (!priority && !pending && !contexts[0] && !counters->claims[s]) continue;
        out_count(&d->out, "source", 6, s);
        out_count(&d->out, "priority", 8, priority);
        out_cell(&d->out, "pending", -7, "%s", pending ? "yes" : "");
        out_count(&d->out, "claims", 8, counters->claims[s]);
        out_cell(&d->out, "enabled_for", 0, "%s", contexts);
        out_row(&d->out);
    }
    out_list_end(&d->out);
}

static void show_uart(struct debugger *d) {
    const struct uart_counters *c = uart_counters(d->m->uart);
    out_say(&d->out, NULL,
            "sent %" PRIu64 ", received %" PRIu64 ", interrupts %" PRIu64
            "; room for %u bytes; the guest %s",
            c->sent, c->received, c->interrupts, uart_room(d->m->uart),
            uart_listens(d->m->uart) ? "listens" : "does not listen");
    out_number(&d->out, "sent", c->sent);
    out_number(&d->out, "received", c->received);
    out_number(&d->out, "interrupts", c->interrupts);
    out_flag(&d->out, "listens", uart_listens(d->m->uart));
}

// --- Virtqueues ----------------------------------------------------------------------------------

enum { DESC_NEXT = 1, DESC_WRITE = 2, DESC_INDIRECT = 4, RING_HEAD = 4 };

struct descriptor {
    uint64_t address;
    uint32_t bytes;
    uint16_t flags, next;
};

static uint16_t half_at(struct debugger *d, uint64_t pa) {
    uint16_t value = 0;
    return phys_dma_read(&d->m->phys, pa, &value, sizeof value) ? value : 0;
}

static bool read_descriptor(struct debugger *d, uint64_t table, unsigned n,
                            struct descriptor *desc) {
    return phys_dma_read(&d->m->phys, table + sizeof *desc * (uint64_t)n, desc, sizeof *desc);
}

// Calls for each queue that a driver has set up.
static void each_queue(struct debugger *d,
                       void (*show)(struct debugger *d, unsigned slot, unsigned number,
                                    const struct virtqueue *q)) {
    for (unsigned slot = 0; slot < VIRTIO_MMIO_SLOTS; slot++) {
        const struct virtio *v = virtio_mmio_device(d->m->slot[slot]);
        for (unsigned q = 0; v && q < v->type->queues; q++) {
            if (v->queue[q].ready) show(d, slot, q, &v->queue[q]);
        }
    }
}

static void show_queue(struct debugger *d, unsigned slot, unsigned number,
                       const struct virtqueue *q) {
    out_count(&d->out, "slot", 4, slot);
    out_count(&d->out, "queue", 5, number);
    out_count(&d->out, "size", 4, q->size);
    out_cell(&d->out, "descriptors", 12, "0x%" PRIx64, q->desc);
    out_cell(&d->out, "available", 12, "0x%" PRIx64, q->avail);
    out_count(&d->out, "avail_index", 11, half_at(d, q->avail + 2));
    out_count(&d->out, "taken", 5, q->last_avail);
    out_cell(&d->out, "used", 12, "0x%" PRIx64, q->used);
    out_count(&d->out, "used_index", 10, half_at(d, q->used + 2));
    out_cell(&d->out, "state", 0, "%s", q->broken ? "BROKEN" : "ready");
    out_row(&d->out);
}

// A chain from its head on; it may loop, so no more than the queue's size.
static void show_chain(struct debugger *d, unsigned slot, unsigned number,
                       const struct virtqueue *q, unsigned entry) {
    struct descriptor desc;
    unsigned n = half_at(d, q->avail + RING_HEAD + 2 * (uint64_t)(entry % q->size));
    for (uint32_t count = 0; count < q->size && n < q->size; count++) {
        if (!read_descriptor(d, q->desc, n, &desc)) return;
        out_count(&d->out, "slot", 4, slot);
        out_count(&d->out, "queue", 5, number);
        out_count(&d->out, "avail", 5, entry);
        out_count(&d->out, "descriptor", 10, n);
        out_cell(&d->out, "address", 14, "0x%012" PRIx64, desc.address);
        out_count(&d->out, "bytes", 10, desc.bytes);
        out_cell(&d->out, "flags", 0, "%s%s%s",
                 desc.flags & DESC_WRITE ? "device writes" : "device reads",
                 desc.flags & DESC_INDIRECT ? ", a table" : "",
                 desc.flags & DESC_NEXT ? ", next" : "");
        out_row(&d->out);
        if (!(desc.flags & DESC_NEXT)) return;
        n = desc.next;
    }
}

// The last few chains that the driver made available; the newest ones may still be under way.
static void show_chains(struct debugger *d, unsigned slot, unsigned number,
                        const struct virtqueue *q) {
    enum { SHOWN = 4 };
    const uint16_t avail = half_at(d, q->avail + 2);
    for (unsigned back = SHOWN; back > 0; back--) {
        if (back > avail || !q->size) continue;
        show_chain(d, slot, number, q, (uint16_t)(avail - back));
    }
}

static void show_virtio(struct debugger *d) {
    out_list(&d->out, "slots");
    for (unsigned slot = 0; slot < VIRTIO_MMIO_SLOTS; slot++) {
        const struct virtio *v = virtio_mmio_device(d->m->slot[slot]);
        if (!v) continue;
        out_count(&d->out, "slot", 4, slot);
        out_cell(&d->out, "features", 18, "0x%" PRIx64, v->negotiated);
        out_count(&d->out, "notifications", 13, v->counters.notifications);
        out_count(&d->out, "chains", 8, v->counters.chains);
        out_count(&d->out, "bad", 3, v->counters.bad_chains);
        out_count(&d->out, "interrupts", 10, v->counters.interrupts);
        out_cell(&d->out, "device", 0, "%s", v->type->name);
        out_row(&d->out);
    }
    out_list_end(&d->out);
    out_list(&d->out, "queues");
    each_queue(d, show_queue);
    out_list_end(&d->out);
    out_list(&d->out, "chains");
    each_queue(d, show_chains);
    out_list_end(&d->out);
}

void command_devices(struct debugger *d, struct args *a) {
    static const struct {
        const char *name;
        void (*show)(struct debugger *d);
    } kinds[] = {{"plic", show_plic}, {"uart", show_uart}, {"virtio", show_virtio}};
    if (!a->words) {
        list_devices(d);
        return;
    }
    for (unsigned i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (strcmp(kinds[i].name, a->word[0]) != 0) continue;
        kinds[i].show(d);
        return;
    }
    out_fail(&d->out, "devices: plic, uart or virtio, not '%s'", a->word[0]);
}
