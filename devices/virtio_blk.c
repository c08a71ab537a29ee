// SPDX-License-Identifier: MIT
// The virtio block device (see virtio_blk.h). A request is a header that the device reads, data one
// way or the other, and a status byte that it writes; how they are cut into descriptors is the
// driver's choice. What a request is can be read in one row of the table of requests.
//
// Requests are served one after the other, in the order they were made. Where the machine has a
// disk with a speed, one is under way until its time has come, and its data move then. used.len
// counts what was written from the chain's start without a gap, the status byte included, so a read
// that fails gives zeroes.
#include "devices/virtio_blk.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

// Feature bits (section 5.2.3).
enum {
    F_SIZE_MAX = 1,
    F_SEG_MAX = 2,
    F_RO = 5,
    F_BLK_SIZE = 6,
    F_FLUSH = 9,
    F_TOPOLOGY = 10,
    F_CONFIG_WCE = 11,
    F_DISCARD = 13,
    F_WRITE_ZEROES = 14,
};

enum status { S_OK = 0, S_IOERR = 1, S_UNSUPP = 2 };

enum {
    QUEUE_SIZE = 256,
    SEG_MAX = QUEUE_SIZE - 2, // header and status take a descriptor each
    SIZE_MAX_BYTES = 1 << 20,
    HEADER_BYTES = 16,
    ZERO_MAX_SEGMENTS = 16,   // of a discard or write-zeroes request,
    ZERO_MAX_SECTORS = 32768, // and of each of its segments
    CONFIG_BYTES = 60,
    CONFIG_WRITEBACK = 32,
};

// A request with more data than a driver that keeps to SEG_MAX and SIZE_MAX can make is an error,
// and after this many bytes the guest runs on before the next request: so no guest can keep the
// emulator busy for long.
#define REQUEST_MAX_BYTES (UINT64_C(256) << 20)
#define BATCH_MAX_BYTES   (UINT64_C(16) << 20)

struct zero_segment {
    uint64_t sector;
    uint32_t sectors, flags;
};
enum { ZERO_UNMAP = 1 };

struct virtio_blk;

// One row a type of request (section 5.2.6).
struct request_type {
    uint32_t type;
    enum blk_op op;
    bool changes; // refused on a read-only disk, committed before completion when written through
    unsigned feature;                           // that must be negotiated; 0: none
    enum status (*check)(struct virtio_blk *b); // may it be done? Moves nothing
    enum status (*serve)(struct virtio_blk *b); // does it
};

struct request {
    const struct request_type *type;
    enum status status; // S_OK until something is wrong
    uint64_t sector;
    uint64_t readable, writable; // bytes of data, without header and status
    uint64_t written;            // bytes written to the chain, from its writable start on
    struct zero_segment zero[ZERO_MAX_SEGMENTS];
    unsigned zeroes;
};

struct virtio_blk {
    struct virtio v;
    struct virtio_blk_config config;
    char id[VIRTIO_BLK_ID_BYTES];
    bool writeback; // completed writes may wait for a flush
    bool waiting;   // the event is armed
    bool under_way; // chain and request wait for it
    int event;
    struct chain chain;
    struct request request;
    struct virtio_blk_counters counters;
};

static struct virtio_blk *blk_of(struct virtio *v) { return (struct virtio_blk *)v; }

struct disk *virtio_blk_disk(struct virtio *v) { return blk_of(v)->config.disk; }

const struct virtio_blk_counters *virtio_blk_counters(const struct virtio *v) {
    return &((const struct virtio_blk *)v)->counters;
}

bool virtio_blk_is_busy(const struct virtio *v) {
    return ((const struct virtio_blk *)v)->under_way;
}

// Data -------------------------------------------------------------------------------------------

// Zeroes what is left of the writable data.
static void zero_rest(struct virtio_blk *b) {
    struct request *r = &b->request;
    while (r->written < r->writable) {
        const struct chain_piece p =
            chain_map(&b->chain, virtio_phys(&b->v), true, r->written, r->writable - r->written);
        if (!p.host) return;
        memset(p.host, 0, p.len);
        phys_wrote(virtio_phys(&b->v), p.pa, p.len);
        r->written += p.len;
    }
}

static void observe(const struct virtio_blk *b, uint64_t offset, const struct chain_piece *p) {
    if (!b->config.transfer) return;
    b->config.transfer(b->config.observer, b->request.type->op,
                       b->request.sector + offset / SECTOR_BYTES, p->pa, p->len);
}

// Data that is to move lies on the disk as a whole, is made of sectors, and is not too much.
static enum status check_transfer(const struct virtio_blk *b, uint64_t bytes) {
    const bool right = bytes % SECTOR_BYTES == 0 && bytes <= REQUEST_MAX_BYTES &&
                       disk_holds(b->config.disk, b->request.sector, bytes / SECTOR_BYTES);
    return right ? S_OK : S_IOERR;
}

static enum status check_read(struct virtio_blk *b) {
    return check_transfer(b, b->request.writable);
}

static enum status serve_read(struct virtio_blk *b) {
    struct request *r = &b->request;
    struct phys *phys = virtio_phys(&b->v);
    const uint64_t at = r->sector * SECTOR_BYTES;
    while (r->written < r->writable) {
        const struct chain_piece p =
            chain_map(&b->chain, phys, true, r->written, r->writable - r->written);
        if (!p.host) return S_IOERR;
        observe(b, r->written, &p);
        const int error = disk_read(b->config.disk, p.host, p.len, at + r->written);
        phys_wrote(phys, p.pa, p.len);
        if (error) return S_IOERR;
        r->written += p.len;
    }
    return S_OK;
}

static enum status check_write(struct virtio_blk *b) {
    return check_transfer(b, b->request.readable);
}

static enum status serve_write(struct virtio_blk *b) {
    const struct request *r = &b->request;
    const uint64_t at = r->sector * SECTOR_BYTES;
    for (uint64_t done = 0; done < r->readable;) {
        const struct chain_piece p = chain_map(&b->chain, virtio_phys(&b->v), false,
                                               HEADER_BYTES + done, r->readable - done);
        if (!p.host) return S_IOERR;
        observe(b, done, &p);
        if (disk_write(b->config.disk, p.host, p.len, at + done)) return S_IOERR;
        done += p.len;
    }
    return S_OK;
}

static enum status check_nothing(struct virtio_blk *b) {
    (void)b;
    return S_OK;
}

static enum status serve_flush(struct virtio_blk *b) {
    return disk_flush(b->config.disk) ? S_IOERR : S_OK;
}

static enum status serve_id(struct virtio_blk *b) {
    struct request *r = &b->request;
    const uint64_t bytes = r->writable < sizeof b->id ? r->writable : sizeof b->id;
    r->written = chain_write(&b->chain, virtio_phys(&b->v), 0, b->id, bytes);
    return S_OK;
}

// The segments of a discard or write-zeroes request are all checked before the first is served.
// Unknown flags are UNSUPP, everything else that is wrong is IOERR.
static enum status check_zero(struct virtio_blk *b) {
    struct request *r = &b->request;
    const uint64_t count = r->readable / sizeof *r->zero;
    if (r->readable % sizeof *r->zero || count < 1 || count > ZERO_MAX_SEGMENTS) return S_IOERR;
    const uint64_t got =
        chain_read(&b->chain, virtio_phys(&b->v), HEADER_BYTES, r->zero, r->readable);
    if (got != r->readable) return S_IOERR;
    r->zeroes = (unsigned)count;
    const uint32_t known = r->type->feature == F_WRITE_ZEROES ? ZERO_UNMAP : 0;
    for (unsigned i = 0; i < r->zeroes; i++) {
        if (r->zero[i].flags & ~known) return S_UNSUPP;
    }
    for (unsigned i = 0; i < r->zeroes; i++) {
        const struct zero_segment *z = &r->zero[i];
        if (z->sectors > ZERO_MAX_SECTORS) return S_IOERR;
        if (!disk_holds(b->config.disk, z->sector, z->sectors)) return S_IOERR;
    }
    return S_OK;
}

// A discard zeroes too, so that what the guest reads afterwards does not depend on the host.
static enum status serve_zero(struct virtio_blk *b) {
    for (unsigned i = 0; i < b->request.zeroes; i++) {
        const struct zero_segment *z = &b->request.zero[i];
        if (disk_zero(b->config.disk, (uint64_t)z->sectors * SECTOR_BYTES,
                      z->sector * SECTOR_BYTES)) {
            return S_IOERR;
        }
    }
    return S_OK;
}

static const struct request_type request_types[] = {
    {0, BLK_READ, false, 0, check_read, serve_read},
    {1, BLK_WRITE, true, 0, check_write, serve_write},
    {4, BLK_FLUSH, false, 0, check_nothing, serve_flush},
    {8, BLK_ID, false, 0, check_nothing, serve_id},
    {11, BLK_ZERO, true, F_DISCARD, check_zero, serve_zero},
    {13, BLK_ZERO, true, F_WRITE_ZEROES, check_zero, serve_zero},
};

// Requests ---------------------------------------------------------------------------------------

static const struct request_type *find_type(const struct virtio *v, uint32_t type) {
    for (unsigned i = 0; i < sizeof request_types / sizeof *request_types; i++) {
        const struct request_type *t = &request_types[i];
        if (t->type == type) return !t->feature || virtio_has(v, t->feature) ? t : NULL;
    }
    return NULL;
}

// Looks at the chain and says what is wrong with the request in it, or nothing. Sector, flags and
// lengths are read here once; the guest may write to the header afterwards.
static enum status decode(struct virtio_blk *b) {
    struct request *r = &b->request;
    const struct chain *c = &b->chain;
    struct {
        uint32_t type, reserved;
        uint64_t sector;
    } header;
    *r = (struct request){.type = NULL};
    if (c->fault != CHAIN_OK || !c->writable_bytes) return S_IOERR;
    r->writable = c->writable_bytes - 1;
    if (chain_read(c, virtio_phys(&b->v), 0, &header, sizeof header) != HEADER_BYTES) {
        return S_IOERR;
    }
    r->readable = c->readable_bytes - HEADER_BYTES;
    r->sector = header.sector;
    r->type = find_type(&b->v, header.type);
    if (!r->type) return S_UNSUPP;
    if (r->type->changes && disk_readonly(b->config.disk)) return S_IOERR;
    return r->type->check(b);
}

static uint64_t bytes_of(const struct request *r) {
    uint64_t bytes = r->readable + r->writable;
    for (unsigned i = 0; i < r->zeroes; i++) bytes += (uint64_t)r->zero[i].sectors * SECTOR_BYTES;
    return bytes;
}

// Cycles until the request in b is done.
static uint64_t cycles_of(const struct virtio_blk *b) {
    const struct request *r = &b->request;
    if (!b->config.cycles || r->status != S_OK) return 0;
    return b->config.cycles(b->config.model, r->type->op, r->sector, bytes_of(r));
}

static void serve(struct virtio_blk *b) {
    struct request *r = &b->request;
    b->counters.requests[r->type->op]++;
    r->status = r->type->serve(b);
    if (r->status != S_OK || !r->type->changes || b->writeback) return;
    if (disk_flush(b->config.disk)) r->status = S_IOERR;
}

// Writes the status byte, the last one of the chain, where it is known which that is: a bad chain
// that could be followed to its end is told IOERR like every other wrong request.
static void write_status(struct virtio_blk *b) {
    const struct chain *c = &b->chain;
    const uint8_t status = (uint8_t)b->request.status;
    if (status != S_OK) b->counters.failed++;
    if (c->fault != CHAIN_OK && c->fault != CHAIN_NOT_RAM && c->fault != CHAIN_DIRECTION) return;
    if (!c->writable_bytes) return;
    const uint64_t at = c->writable_bytes - 1;
    const uint64_t put = chain_write(c, virtio_phys(&b->v), at, &status, 1);
    if (b->request.written == at) b->request.written += put;
}

// Serves the request, if it is a right one, and returns its chain.
static void complete(struct virtio_blk *b) {
    struct request *r = &b->request;
    if (r->status == S_OK) serve(b);
    if (b->chain.fault == CHAIN_OK && r->writable <= REQUEST_MAX_BYTES) zero_rest(b);
    write_status(b);
    virtio_push(&b->v, 0, &b->chain, (uint32_t)r->written);
}

static void wait_until(struct virtio_blk *b, uint64_t when) {
    b->waiting = true;
    schedule_arm(virtio_schedule(&b->v), b->event, when);
}

// Serves what the driver has made available, until a request takes time or the batch is long.
static void run(struct virtio_blk *b) {
    uint64_t moved = 0;
    while (!b->waiting && virtio_pop(&b->v, 0, &b->chain)) {
        b->request.status = decode(b);
        const uint64_t now = schedule_now(virtio_schedule(&b->v)), cycles = cycles_of(b);
        if (cycles) {
            b->under_way = true;
            wait_until(b, now + cycles < now ? NEVER - 1 : now + cycles);
            break;
        }
        complete(b);
        // A wrong request moved nothing but the zeroes that it got.
        moved += b->request.status == S_OK ? bytes_of(&b->request) : b->request.written;
        moved += chain_cost(&b->chain);
        if (moved >= BATCH_MAX_BYTES) wait_until(b, now);
    }
    virtio_signal(&b->v, 0);
}

static void due(void *device) {
    struct virtio_blk *b = device;
    b->waiting = false;
    if (b->under_way) {
        b->under_way = false;
        complete(b);
    }
    run(b);
}

static void blk_notify(struct virtio *v, unsigned queue) {
    (void)queue; // there is one
    run(blk_of(v));
}

static void blk_reset_queue(struct virtio *v, unsigned queue) {
    struct virtio_blk *b = blk_of(v);
    (void)queue; // there is one
    b->waiting = b->under_way = false;
    schedule_arm(virtio_schedule(v), b->event, NEVER);
}

// Configuration (section 5.2.4) ------------------------------------------------------------------

struct config {
    uint64_t capacity; // sectors
    uint32_t size_max, seg_max;
    uint16_t cylinders;
    uint8_t heads, sectors;
    uint32_t blk_size; // bytes
    uint8_t physical_block_exp, alignment_offset;
    uint16_t min_io_size; // blocks
    uint32_t opt_io_size; // blocks
    uint8_t writeback, unused0;
    uint16_t num_queues;
    uint32_t max_discard_sectors, max_discard_seg, discard_sector_alignment;
    uint32_t max_write_zeroes_sectors, max_write_zeroes_seg;
    uint8_t write_zeroes_may_unmap, unused1[3];
};
_Static_assert(offsetof(struct config, unused1) + 3 == CONFIG_BYTES, "as the specification has it");
_Static_assert(offsetof(struct config, writeback) == CONFIG_WRITEBACK, "likewise");

static uint64_t blk_read_config(struct virtio *v, uint64_t offset, unsigned size) {
    const struct config config = {
        .capacity = disk_capacity(blk_of(v)->config.disk),
        .size_max = SIZE_MAX_BYTES,
        .seg_max = SEG_MAX,
        .blk_size = SECTOR_BYTES,
        .physical_block_exp = 3, // images lie on 4096-byte blocks of the host
        .min_io_size = 1,
        .writeback = blk_of(v)->writeback,
        .max_discard_sectors = ZERO_MAX_SECTORS,
        .max_discard_seg = ZERO_MAX_SEGMENTS,
        .discard_sector_alignment = 1,
        .max_write_zeroes_sectors = ZERO_MAX_SECTORS,
        .max_write_zeroes_seg = ZERO_MAX_SEGMENTS,
        .write_zeroes_may_unmap = 1,
    };
    uint64_t value = 0;
    memcpy(&value, (const uint8_t *)&config + offset, size);
    return value;
}

static void blk_write_config(struct virtio *v, uint64_t offset, unsigned size, uint64_t value) {
    if (offset != CONFIG_WRITEBACK || size != 1 || !virtio_has(v, F_CONFIG_WCE)) return;
    blk_of(v)->writeback = value & 1;
}

// A driver that can't flush gets a disk that needs no flush; one that accepts CONFIG_WCE alone,
// too. A legacy one with CONFIG_WCE may have chosen already (section 5.2.5.3).
static void blk_negotiated(struct virtio *v) {
    if (v->legacy && virtio_has(v, F_CONFIG_WCE)) return;
    blk_of(v)->writeback = virtio_has(v, F_FLUSH);
}

static void blk_reset(struct virtio *v) { blk_of(v)->writeback = true; }

static void blk_destroy(struct virtio *v) {
    disk_close(blk_of(v)->config.disk);
    free(v);
}

static const struct virtio_type blk_type = {
    .name = "virtio-blk-device",
    .id = 2,
    .queues = 1,
    .queue_size = QUEUE_SIZE,
    .features = 1 << F_SIZE_MAX | 1 << F_SEG_MAX | 1 << F_BLK_SIZE | 1 << F_FLUSH |
                1 << F_TOPOLOGY | 1 << F_CONFIG_WCE | 1 << F_DISCARD | 1 << F_WRITE_ZEROES,
    .config_bytes = CONFIG_BYTES,
    .read_config = blk_read_config,
    .write_config = blk_write_config,
    .negotiated = blk_negotiated,
    .notify = blk_notify,
    .reset_queue = blk_reset_queue,
    .reset = blk_reset,
    .destroy = blk_destroy,
};

bool virtio_is_blk(const struct virtio *v) { return v->type == &blk_type; }

struct virtio *virtio_blk_create(struct schedule *schedule,
                                 const struct virtio_blk_config *config) {
    struct virtio_blk *b = calloc(1, sizeof *b);
    if (!b) return NULL;
    b->event = schedule_add(schedule, due, b);
    if (b->event < 0) {
        free(b);
        return NULL;
    }
    b->v.type = &blk_type;
    b->v.features = disk_readonly(config->disk) ? 1 << F_RO : 0;
    b->config = *config;
    b->config.id = NULL; // copied
    if (config->id) memcpy(b->id, config->id, strnlen(config->id, sizeof b->id));
    blk_reset(&b->v);
    return &b->v;
}
