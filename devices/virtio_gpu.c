// SPDX-License-Identifier: MIT
// The virtio GPU (see virtio_gpu.h). A command is a header and what its row in the table says; it
// is copied out of guest memory first, so that nothing changes while it is looked at. Every number
// in it is checked, and a wrong one ends in the error response of section 5.7.6.7; nothing was
// done then.
//
// Commands take no virtual time. Copying takes the host's, so after many bytes the guest runs on
// before the next command.
#include "devices/virtio_gpu.h"

#include <stdlib.h>
#include <string.h>

#include "devices/edid.h"
#include "devices/gpu_resource.h"

enum { CONTROL_QUEUE, CURSOR_QUEUE, QUEUES };
enum { F_EDID = 1 };
enum { QUEUE_SIZE = 256, CONFIG_BYTES = 16, CONFIG_EVENTS_CLEAR = 4, EVENT_DISPLAY = 1 };

// Types of commands and responses (section 5.7.6.7).
enum {
    GET_DISPLAY_INFO = 0x100,
    RESOURCE_CREATE_2D,
    RESOURCE_UNREF,
    SET_SCANOUT,
    RESOURCE_FLUSH,
    TRANSFER_TO_HOST_2D,
    RESOURCE_ATTACH_BACKING,
    RESOURCE_DETACH_BACKING,
    GET_EDID = 0x10a,
    UPDATE_CURSOR = 0x300,
    MOVE_CURSOR,
};

enum response {
    OK_NODATA = 0x1100,
    OK_DISPLAY_INFO = 0x1101,
    OK_EDID = 0x1104,
    ERR_UNSPEC = 0x1200,
    ERR_OUT_OF_MEMORY = 0x1201,
    ERR_INVALID_SCANOUT_ID = 0x1202,
    ERR_INVALID_RESOURCE_ID = 0x1203,
    ERR_INVALID_PARAMETER = 0x1205,
};

enum { FLAG_FENCE = 1, MAX_SCANOUTS = 16, EDID_ROOM = 1024 };
#define BATCH_MAX_BYTES (UINT64_C(16) << 20)

struct header {
    uint32_t type, flags;
    uint64_t fence_id;
    uint32_t ctx_id, ring_index; // the index is the lowest byte
};

// What follows the header, for all commands.
union arguments {
    struct {
        uint32_t id, format, width, height;
    } create;
    struct {
        uint32_t id, padding;
    } unref, detach, edid;
    struct {
        struct rect r;
        uint32_t scanout, id;
    } scanout;
    struct {
        struct rect r;
        uint32_t id, padding;
    } flush;
    struct {
        struct rect r;
        uint64_t offset;
        uint32_t id, padding;
    } transfer;
    struct {
        uint32_t id, entries; // union piece follow
    } attach;
    struct {
        uint32_t scanout, x, y, padding0;
        uint32_t id, hot_x, hot_y, padding1;
    } cursor;
};

union answer {
    struct {
        struct rect r;
        uint32_t enabled, flags;
    } display[MAX_SCANOUTS];
    struct {
        uint32_t size, padding;
        uint8_t block[EDID_ROOM];
    } edid;
};

struct virtio_gpu {
    struct virtio v;
    struct screen screen;
    uint32_t width, height; // of the monitor
    uint32_t events;        // that the guest has not cleared
    struct gpu_resource resource[GPU_MAX_RESOURCES];
    uint64_t held;      // bytes of host memory
    uint32_t shown;     // id of the resource that the scan-out shows, 0: none
    struct rect window; // the part of it that is shown
    int event;
    bool waiting;   // the event is armed: the batch goes on when it fires
    uint64_t moved; // bytes copied in this batch
    struct virtio_gpu_counters counters;

    // The command at hand.
    struct chain chain;
    struct header header;
    union arguments arguments;
    union answer answer;
    uint32_t answer_bytes;
};

static struct virtio_gpu *gpu_of(struct virtio *v) { return (struct virtio_gpu *)v; }

struct screen *virtio_gpu_screen(struct virtio *v) { return &gpu_of(v)->screen; }

const struct virtio_gpu_counters *virtio_gpu_counters(const struct virtio *v) {
    return &((const struct virtio_gpu *)v)->counters;
}

uint64_t virtio_gpu_held(const struct virtio *v) { return ((const struct virtio_gpu *)v)->held; }

// --- Resources -----------------------------------------------------------------------------------

// The resource, or a free place for id 0. NULL: there is none.
static struct gpu_resource *find(struct virtio_gpu *g, uint32_t id) {
    for (unsigned i = 0; i < GPU_MAX_RESOURCES; i++) {
        if (g->resource[i].id == id) return &g->resource[i];
    }
    return NULL;
}

// The resource that a command names. NULL: there is none, and 0 is none.
static struct gpu_resource *named(struct virtio_gpu *g, uint32_t id) {
    return id ? find(g, id) : NULL;
}

// Memory for a resource, zeroed. NULL: the guest holds too much already, or the host has no more.
static void *hold(struct virtio_gpu *g, uint64_t bytes) {
    if (bytes > GPU_MAX_BYTES - g->held) return NULL;
    void *memory = calloc(1, bytes);
    if (memory) g->held += bytes;
    return memory;
}

static void let_go(struct virtio_gpu *g, void *memory, uint64_t bytes) {
    if (memory) g->held -= bytes;
    free(memory);
}

static void detach(struct virtio_gpu *g, struct gpu_resource *r) {
    let_go(g, r->piece, r->pieces * sizeof *r->piece);
    r->piece = NULL;
    r->pieces = 0;
    r->backing_bytes = 0;
}

static void show_nothing(struct virtio_gpu *g) {
    g->shown = 0;
    if (g->screen.width) screen_resize(&g->screen, 0, 0); // of which there always is enough
}

static void drop(struct virtio_gpu *g, struct gpu_resource *r) {
    if (g->shown == r->id) show_nothing(g);
    detach(g, r);
    let_go(g, r->pixels, gpu_resource_bytes(r));
    *r = (struct gpu_resource){.id = 0};
}

static enum response create_2d(struct virtio_gpu *g) {
    const uint32_t id = g->arguments.create.id;
    const struct gpu_resource wanted = {
        .id = id,
        .format = gpu_find_format(g->arguments.create.format),
        .width = g->arguments.create.width,
        .height = g->arguments.create.height,
    };
    if (id == 0 || named(g, id)) return ERR_INVALID_RESOURCE_ID;
    if (!wanted.format || wanted.width == 0 || wanted.width > SCREEN_MAX_SIDE ||
        wanted.height == 0 || wanted.height > SCREEN_MAX_SIDE) {
        return ERR_INVALID_PARAMETER;
    }
    struct gpu_resource *r = find(g, 0);
    uint8_t *pixels = r ? hold(g, gpu_resource_bytes(&wanted)) : NULL;
    if (!pixels) return ERR_OUT_OF_MEMORY;
    *r = wanted;
    r->pixels = pixels;
    return OK_NODATA;
}

static enum response unref(struct virtio_gpu *g) {
    struct gpu_resource *r = named(g, g->arguments.unref.id);
    if (!r) return ERR_INVALID_RESOURCE_ID;
    drop(g, r);
    return OK_NODATA;
}

// --- Backing: the guest's memory that belongs to a resource --------------------------------------

// What the list of a backing has for each piece of it, in the place of the range that it becomes.
union piece {
    struct {
        uint64_t addr;
        uint32_t length, padding;
    } listed;
    struct range range;
};
_Static_assert(sizeof(union piece) == sizeof(struct range), "entries become ranges where they are");

// Takes over the pieces, which all must be RAM.
static bool read_pieces(struct virtio_gpu *g, struct gpu_resource *r) {
    struct phys *phys = virtio_phys(&g->v);
    const uint64_t at = sizeof g->header + sizeof g->arguments.attach;
    const uint64_t bytes = r->pieces * sizeof *r->piece;
    if (chain_read(&g->chain, phys, at, r->piece, bytes) != bytes) return false;
    g->moved += bytes;
    for (unsigned i = 0; i < r->pieces; i++) {
        union piece p;
        memcpy(&p, &r->piece[i], sizeof p);
        const struct range range = {p.listed.addr, p.listed.length};
        if (!phys_dma_map(phys, range.base, range.size)) return false;
        r->piece[i] = range;
        r->backing_bytes += range.size;
    }
    return true;
}

static enum response attach_backing(struct virtio_gpu *g) {
    const uint32_t entries = g->arguments.attach.entries;
    struct gpu_resource *r = named(g, g->arguments.attach.id);
    if (!r) return ERR_INVALID_RESOURCE_ID;
    if (r->piece) return ERR_UNSPEC;
    const uint64_t listed = g->chain.readable_bytes - sizeof g->header - sizeof g->arguments.attach;
    if (entries == 0 || entries > GPU_MAX_PIECES ||
        listed < (uint64_t)entries * sizeof(union piece)) {
        return ERR_INVALID_PARAMETER;
    }
    r->piece = hold(g, entries * sizeof *r->piece);
    if (!r->piece) return ERR_OUT_OF_MEMORY;
    r->pieces = entries;
    if (read_pieces(g, r)) return OK_NODATA;
    detach(g, r);
    return ERR_INVALID_PARAMETER;
}

static enum response detach_backing(struct virtio_gpu *g) {
    struct gpu_resource *r = named(g, g->arguments.detach.id);
    if (!r) return ERR_INVALID_RESOURCE_ID;
    if (!r->piece) return ERR_UNSPEC;
    detach(g, r);
    return OK_NODATA;
}

static enum response transfer_to_host(struct virtio_gpu *g) {
    const struct rect *area = &g->arguments.transfer.r;
    const uint64_t offset = g->arguments.transfer.offset;
    struct gpu_resource *r = named(g, g->arguments.transfer.id);
    if (!r) return ERR_INVALID_RESOURCE_ID;
    if (!rect_fits(area, r->width, r->height)) return ERR_INVALID_PARAMETER;
    if (!r->piece) return ERR_UNSPEC;
    if (!gpu_resource_load(r, virtio_phys(&g->v), area, offset)) return ERR_INVALID_PARAMETER;
    const uint64_t pixels = (uint64_t)area->width * area->height;
    g->moved += pixels * GPU_PIXEL_BYTES;
    g->counters.pixels += pixels;
    return OK_NODATA;
}

// --- What is shown -------------------------------------------------------------------------------

// Draws the part of the shown resource that the rectangle, which is in it, has in common with it.
static void draw(struct virtio_gpu *g, const struct gpu_resource *r, const struct rect *area) {
    const struct rect seen = rect_common(area, &g->window);
    if (seen.width == 0 || !g->screen.pixels) return;
    const struct rect on_screen = {seen.x - g->window.x, seen.y - g->window.y, seen.width,
                                   seen.height};
    for (uint32_t row = 0; row < seen.height; row++) {
        const uint8_t *from =
            r->pixels + ((uint64_t)(seen.y + row) * r->width + seen.x) * GPU_PIXEL_BYTES;
        uint32_t *to =
            g->screen.pixels + (size_t)(on_screen.y + row) * g->screen.width + on_screen.x;
        for (uint32_t i = 0; i < seen.width; i++) {
            to[i] = gpu_argb(r->format, from + (size_t)i * GPU_PIXEL_BYTES) & 0xffffff;
        }
    }
    g->moved += (uint64_t)seen.width * seen.height * GPU_PIXEL_BYTES;
    screen_damaged(&g->screen, &on_screen);
}

static enum response set_scanout(struct virtio_gpu *g) {
    const struct rect *area = &g->arguments.scanout.r;
    if (g->arguments.scanout.scanout != 0) return ERR_INVALID_SCANOUT_ID;
    if (g->arguments.scanout.id == 0) {
        show_nothing(g);
        return OK_NODATA;
    }
    struct gpu_resource *r = named(g, g->arguments.scanout.id);
    if (!r) return ERR_INVALID_RESOURCE_ID;
    if (!rect_fits(area, r->width, r->height) || area->width < SCREEN_MIN_SIDE ||
        area->height < SCREEN_MIN_SIDE) {
        return ERR_INVALID_PARAMETER;
    }
    const bool other_size = area->width != g->screen.width || area->height != g->screen.height;
    if (other_size && !screen_resize(&g->screen, area->width, area->height)) {
        show_nothing(g);
        return ERR_OUT_OF_MEMORY;
    }
    g->shown = r->id;
    g->window = *area;
    draw(g, r, area);
    return OK_NODATA;
}

static enum response flush(struct virtio_gpu *g) {
    const struct rect *area = &g->arguments.flush.r;
    struct gpu_resource *r = named(g, g->arguments.flush.id);
    if (!r) return ERR_INVALID_RESOURCE_ID;
    if (!rect_fits(area, r->width, r->height)) return ERR_INVALID_PARAMETER;
    if (g->shown == r->id) draw(g, r, area);
    return OK_NODATA;
}

static enum response get_display_info(struct virtio_gpu *g) {
    g->answer.display[0].r = (struct rect){0, 0, g->width, g->height};
    g->answer.display[0].enabled = 1;
    g->answer_bytes = sizeof g->answer.display;
    return OK_DISPLAY_INFO;
}

static enum response get_edid(struct virtio_gpu *g) {
    if (!virtio_has(&g->v, F_EDID)) return ERR_UNSPEC;
    if (g->arguments.edid.id != 0) return ERR_INVALID_SCANOUT_ID;
    edid_fill(g->answer.edid.block, g->width, g->height);
    g->answer.edid.size = EDID_BYTES;
    g->answer_bytes = sizeof g->answer.edid;
    return OK_EDID;
}

// --- The cursor ----------------------------------------------------------------------------------

static enum response move_cursor(struct virtio_gpu *g) {
    if (g->arguments.cursor.scanout != 0) return ERR_INVALID_SCANOUT_ID;
    g->screen.cursor.x = g->arguments.cursor.x;
    g->screen.cursor.y = g->arguments.cursor.y;
    g->screen.cursor_changed = true;
    g->screen.updates++;
    return OK_NODATA;
}

static enum response update_cursor(struct virtio_gpu *g) {
    struct screen_cursor *c = &g->screen.cursor;
    const uint32_t id = g->arguments.cursor.id;
    const struct gpu_resource *r = named(g, id);
    if (g->arguments.cursor.scanout != 0) return ERR_INVALID_SCANOUT_ID;
    if (id != 0) {
        if (!r) return ERR_INVALID_RESOURCE_ID;
        const bool right = r->width == CURSOR_SIDE && r->height == CURSOR_SIDE &&
                           g->arguments.cursor.hot_x < CURSOR_SIDE &&
                           g->arguments.cursor.hot_y < CURSOR_SIDE;
        if (!right) return ERR_INVALID_PARAMETER;
        for (unsigned i = 0; i < CURSOR_SIDE * CURSOR_SIDE; i++) {
            c->argb[i] = gpu_argb(r->format, r->pixels + (size_t)i * GPU_PIXEL_BYTES);
        }
        c->hot_x = g->arguments.cursor.hot_x;
        c->hot_y = g->arguments.cursor.hot_y;
    }
    c->visible = id != 0;
    return move_cursor(g);
}

// --- Commands ------------------------------------------------------------------------------------

// One row a command of a queue: how many bytes of arguments it has, and what serves it.
static const struct command {
    uint32_t type;
    unsigned queue;
    uint32_t bytes;
    enum response (*serve)(struct virtio_gpu *g);
} commands[] = {
#define ARGUMENTS(member) sizeof(((union arguments *)NULL)->member)
    {GET_DISPLAY_INFO, CONTROL_QUEUE, 0, get_display_info},
    {RESOURCE_CREATE_2D, CONTROL_QUEUE, ARGUMENTS(create), create_2d},
    {RESOURCE_UNREF, CONTROL_QUEUE, ARGUMENTS(unref), unref},
    {SET_SCANOUT, CONTROL_QUEUE, ARGUMENTS(scanout), set_scanout},
    {RESOURCE_FLUSH, CONTROL_QUEUE, ARGUMENTS(flush), flush},
    {TRANSFER_TO_HOST_2D, CONTROL_QUEUE, ARGUMENTS(transfer), transfer_to_host},
    {RESOURCE_ATTACH_BACKING, CONTROL_QUEUE, ARGUMENTS(attach), attach_backing},
    {RESOURCE_DETACH_BACKING, CONTROL_QUEUE, ARGUMENTS(detach), detach_backing},
    {GET_EDID, CONTROL_QUEUE, ARGUMENTS(edid), get_edid},
    {UPDATE_CURSOR, CURSOR_QUEUE, ARGUMENTS(cursor), update_cursor},
    {MOVE_CURSOR, CURSOR_QUEUE, ARGUMENTS(cursor), move_cursor},
};

static const struct command *find_command(unsigned queue, uint32_t type) {
    for (unsigned i = 0; i < sizeof commands / sizeof *commands; i++) {
        if (commands[i].type == type && commands[i].queue == queue) return &commands[i];
    }
    return NULL;
}

// Does the command in the chain, as far as it is one.
static enum response serve(struct virtio_gpu *g, unsigned queue) {
    struct phys *phys = virtio_phys(&g->v);
    g->header = (struct header){.type = 0};
    g->answer_bytes = 0;
    memset(&g->answer, 0, sizeof g->answer);
    const bool whole =
        chain_read(&g->chain, phys, 0, &g->header, sizeof g->header) == sizeof g->header;
    if (!whole || g->chain.fault != CHAIN_OK) return ERR_INVALID_PARAMETER;
    const struct command *c = find_command(queue, g->header.type);
    if (!c) return ERR_UNSPEC;
    if (chain_read(&g->chain, phys, sizeof g->header, &g->arguments, c->bytes) != c->bytes) {
        return ERR_INVALID_PARAMETER;
    }
    return c->serve(g);
}

// Answers the command in the chain and gives it back. A fence has passed when it is answered.
static void answer(struct virtio_gpu *g, unsigned queue, enum response response) {
    struct phys *phys = virtio_phys(&g->v);
    struct header h = {.type = response};
    if (g->header.flags & FLAG_FENCE) {
        h.flags = FLAG_FENCE;
        h.fence_id = g->header.fence_id;
        h.ctx_id = g->header.ctx_id;
    }
    g->counters.commands++;
    g->counters.failed += response >= ERR_UNSPEC;
    uint64_t written = chain_write(&g->chain, phys, 0, &h, sizeof h);
    if (written == sizeof h) {
        written += chain_write(&g->chain, phys, sizeof h, &g->answer, g->answer_bytes);
    }
    virtio_push(&g->v, queue, &g->chain, (uint32_t)written);
}

static void run_queue(struct virtio_gpu *g, unsigned queue) {
    while (!g->waiting && virtio_pop(&g->v, queue, &g->chain)) {
        answer(g, queue, serve(g, queue));
        g->moved += chain_cost(&g->chain);
        if (g->moved < BATCH_MAX_BYTES) continue;
        g->waiting = true;
        schedule_arm(virtio_schedule(&g->v), g->event, schedule_now(virtio_schedule(&g->v)));
    }
    virtio_signal(&g->v, queue);
}

static void gpu_notify(struct virtio *v, unsigned queue) {
    if (!gpu_of(v)->waiting) gpu_of(v)->moved = 0;
    run_queue(gpu_of(v), queue);
}

static void go_on(void *device) {
    struct virtio_gpu *g = device;
    g->waiting = false;
    g->moved = 0;
    for (unsigned i = 0; i < QUEUES; i++) run_queue(g, i);
}

// --- Configuration (section 5.7.4) and life ------------------------------------------------------

static uint64_t gpu_read_config(struct virtio *v, uint64_t offset, unsigned size) {
    // Events to read, events to clear, scan-outs, sets of 3D capabilities.
    const uint32_t config[CONFIG_BYTES / 4] = {gpu_of(v)->events, 0, 1, 0};
    uint64_t value = 0;
    memcpy(&value, (const uint8_t *)config + offset, size);
    return value;
}

static void gpu_write_config(struct virtio *v, uint64_t offset, unsigned size, uint64_t value) {
    if (offset == CONFIG_EVENTS_CLEAR && size == 4) gpu_of(v)->events &= ~(uint32_t)value;
}

static uint32_t bring_into_range(uint32_t side) {
    return side < SCREEN_MIN_SIDE    ? SCREEN_MIN_SIDE
           : side >= SCREEN_MAX_SIDE ? SCREEN_MAX_SIDE - 1
                                     : side;
}

void virtio_gpu_resize(struct virtio *v, uint32_t width, uint32_t height) {
    struct virtio_gpu *g = gpu_of(v);
    width = bring_into_range(width);
    height = bring_into_range(height);
    if (width == g->width && height == g->height) return;
    g->width = width;
    g->height = height;
    g->events |= EVENT_DISPLAY;
    virtio_config_changed(v);
}

static void gpu_reset_queue(struct virtio *v, unsigned queue) {
    struct virtio_gpu *g = gpu_of(v);
    (void)queue; // nothing of a queue is kept; the others go on at their next notification
    g->waiting = false;
    schedule_arm(virtio_schedule(v), g->event, NEVER);
}

static void gpu_reset(struct virtio *v) {
    struct virtio_gpu *g = gpu_of(v);
    for (unsigned i = 0; i < GPU_MAX_RESOURCES; i++) {
        if (g->resource[i].id) drop(g, &g->resource[i]);
    }
    g->events = 0;
    g->screen.cursor = (struct screen_cursor){.visible = false};
    g->screen.cursor_changed = true;
}

static void gpu_destroy(struct virtio *v) {
    gpu_reset(v);
    screen_free(&gpu_of(v)->screen);
    free(v);
}

static const struct virtio_type gpu_type = {
    .name = "virtio-gpu-device",
    .id = 16,
    .queues = QUEUES,
    .queue_size = QUEUE_SIZE,
    .features = 1 << F_EDID,
    .config_bytes = CONFIG_BYTES,
    .read_config = gpu_read_config,
    .write_config = gpu_write_config,
    .notify = gpu_notify,
    .reset_queue = gpu_reset_queue,
    .reset = gpu_reset,
    .destroy = gpu_destroy,
};

struct virtio *virtio_gpu_create(struct schedule *schedule, uint32_t width, uint32_t height) {
    struct virtio_gpu *g = calloc(1, sizeof *g);
    if (!g) return NULL;
    g->event = schedule_add(schedule, go_on, g);
    if (g->event < 0) {
        free(g);
        return NULL;
    }
    g->v.type = &gpu_type;
    g->width = bring_into_range(width);
    g->height = bring_into_range(height);
    return &g->v;
}
