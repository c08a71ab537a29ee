// SPDX-License-Identifier: MIT
// virtio-gpu and virtio-input from a hostile driver's side: commands whose resource ids, sizes,
// rectangles and backing lists are wrong, and chains that are none. Each gets VIRTIO's error answer
// or comes back empty, and the device goes on. (VIRTIO 1.2, sections 5.7 and 5.8)
#include "guest.h"

enum {
    SLOT_BASE = 0x10001000,
    SLOT_BYTES = 0x1000,
    SLOTS = 8,
    ID_GPU = 16,
    ID_INPUT = 18,
    ENTRIES = 16,
    NEXT = 1,
    WRITE = 2,
};

// Registers of virtio-mmio, in words.
enum {
    MAGIC = 0x000 / 4,
    DEVICE_ID = 0x008 / 4,
    FEATURES_SELECT = 0x024 / 4,
    FEATURES = 0x020 / 4,
    QUEUE_SELECT = 0x030 / 4,
    QUEUE_SIZE = 0x038 / 4,
    QUEUE_READY = 0x044 / 4,
    NOTIFY = 0x050 / 4,
    STATUS = 0x070 / 4,
    DESC = 0x080 / 4,
    AVAIL = 0x090 / 4,
    USED = 0x0a0 / 4,
};

enum {
    CREATE_2D = 0x101,
    UNREF = 0x102,
    SET_SCANOUT = 0x103,
    FLUSH = 0x104,
    TRANSFER = 0x105,
    ATTACH = 0x106,
    OK = 0x1100,
    ERRORS = 0x1200,
    BAD_RESOURCE = 0x1203,
    BAD_PARAMETER = 0x1205,
    BGRX = 2,
};

struct descriptor {
    uint64_t address;
    uint32_t bytes;
    uint16_t flags, next;
};

static struct {
    struct descriptor descriptor[ENTRIES];
    struct {
        uint16_t flags, index, ring[ENTRIES];
    } avail;
    struct {
        uint16_t flags, index;
        struct {
            uint32_t id, bytes;
        } ring[ENTRIES];
    } used __attribute__((aligned(4)));
} queue __attribute__((aligned(4096)));
static uint32_t command[64], answer[64];

static volatile uint32_t *find(uint32_t id) {
    for (unsigned i = 0; i < SLOTS; i++) {
        volatile uint32_t *slot = (volatile uint32_t *)(uintptr_t)(SLOT_BASE + i * SLOT_BYTES);
        if (slot[MAGIC] == 0x74726976 && slot[DEVICE_ID] == id) return slot;
    }
    return NULL;
}

static void set_address(volatile uint32_t *slot, unsigned at, const volatile void *address) {
    slot[at] = (uint32_t)(uintptr_t)address;
    slot[at + 1] = (uint32_t)((uint64_t)(uintptr_t)address >> 32);
}

// Resets a device and gives it its first queue.
static volatile uint32_t *start(uint32_t id) {
    volatile uint32_t *slot = find(id);
    CHECK(slot != NULL);
    if (!slot) return NULL;
    slot[STATUS] = 0;
    slot[STATUS] = 1 | 2;
    slot[FEATURES_SELECT] = 1;
    slot[FEATURES] = 1; // VERSION_1
    slot[STATUS] = 1 | 2 | 8;
    queue.avail.index = queue.used.index = 0;
    slot[QUEUE_SELECT] = 0;
    slot[QUEUE_SIZE] = ENTRIES;
    set_address(slot, DESC, queue.descriptor);
    set_address(slot, AVAIL, &queue.avail);
    set_address(slot, USED, &queue.used);
    slot[QUEUE_READY] = 1;
    slot[STATUS] = 1 | 2 | 4 | 8;
    return slot;
}

// Offers the chain that begins at descriptor 0. Does it come back?
static bool offer(volatile uint32_t *slot) {
    const uint16_t before = *(volatile uint16_t *)&queue.used.index;
    queue.avail.ring[queue.avail.index % ENTRIES] = 0;
    __asm__ volatile("fence" ::: "memory");
    queue.avail.index++;
    __asm__ volatile("fence" ::: "memory");
    slot[NOTIFY] = 0;
    for (int i = 0; i < 1000000; i++) {
        if (*(volatile uint16_t *)&queue.used.index != before) return true;
    }
    return false;
}

// A command of `words` words behind its header of six. The result is the answer's type.
static uint32_t send(volatile uint32_t *slot, uint32_t type, unsigned words, const uint32_t *word) {
    for (unsigned i = 0; i < 64; i++) command[i] = answer[i] = 0;
    command[0] = type;
    for (unsigned i = 0; i < words; i++) command[6 + i] = word[i];
    queue.descriptor[0] =
        (struct descriptor){(uintptr_t)command, (6 + words) * sizeof *command, NEXT, 1};
    queue.descriptor[1] = (struct descriptor){(uintptr_t)answer, sizeof answer, WRITE, 0};
    return offer(slot) ? *(volatile uint32_t *)answer : 0;
}
#define SEND(slot, type, ...)                                                                      \
    send(slot, type, sizeof((uint32_t[]){__VA_ARGS__}) / 4, (uint32_t[]){__VA_ARGS__})

// --- The GPU -------------------------------------------------------------------------------------

CASE(resource_ids) {
    volatile uint32_t *gpu = start(ID_GPU);
    CHECK_EQ(SEND(gpu, CREATE_2D, 0, BGRX, 64, 64), BAD_RESOURCE);
    CHECK_EQ(SEND(gpu, CREATE_2D, 7, BGRX, 64, 64), OK);
    CHECK_EQ(SEND(gpu, CREATE_2D, 7, BGRX, 64, 64), BAD_RESOURCE);
    static const uint32_t ids[] = {1, 6, 8, 0x80000007, UINT32_MAX};
    for (unsigned i = 0; i < sizeof ids / sizeof *ids; i++) {
        CHECK_EQ(SEND(gpu, UNREF, ids[i], 0), BAD_RESOURCE);
        CHECK_EQ(SEND(gpu, FLUSH, 0, 0, 1, 1, ids[i], 0), BAD_RESOURCE);
        CHECK_EQ(SEND(gpu, SET_SCANOUT, 0, 0, 16, 16, 0, ids[i]), BAD_RESOURCE);
    }
    CHECK_EQ(SEND(gpu, UNREF, 7, 0), OK);
}

CASE(sizes) {
    volatile uint32_t *gpu = start(ID_GPU);
    static const uint32_t sides[] = {0, 4097, 0x10000, 0x80000000, UINT32_MAX};
    for (unsigned i = 0; i < sizeof sides / sizeof *sides; i++) {
        CHECK_EQ(SEND(gpu, CREATE_2D, 1, BGRX, sides[i], 1), BAD_PARAMETER);
        CHECK_EQ(SEND(gpu, CREATE_2D, 1, BGRX, 1, sides[i]), BAD_PARAMETER);
    }
    CHECK_EQ(SEND(gpu, CREATE_2D, 1, BGRX, 64, 64), OK);
}

CASE(rectangles) {
    volatile uint32_t *gpu = start(ID_GPU);
    CHECK_EQ(SEND(gpu, CREATE_2D, 1, BGRX, 64, 64), OK);
    static const uint32_t rects[][4] = {{0, 0, 65, 1},         {64, 0, 1, 1},
                                        {UINT32_MAX, 0, 2, 1}, {1, 1, UINT32_MAX, 1},
                                        {0x80000000, 0, 1, 1}, {0, 0, 0, 1}};
    for (unsigned i = 0; i < sizeof rects / sizeof *rects; i++) {
        const uint32_t *r = rects[i];
        CHECK_EQ(SEND(gpu, FLUSH, r[0], r[1], r[2], r[3], 1, 0), BAD_PARAMETER);
        CHECK_EQ(SEND(gpu, TRANSFER, r[0], r[1], r[2], r[3], 0, 0, 1, 0), BAD_PARAMETER);
    }
}

// Pieces outside memory, of overflowing length, more than were sent.
CASE(backing_lists) {
    volatile uint32_t *gpu = start(ID_GPU);
    CHECK_EQ(SEND(gpu, CREATE_2D, 1, BGRX, 64, 64), OK);
    CHECK(SEND(gpu, ATTACH, 1, 1, 0, 0, 4096, 0) >= ERRORS);
    CHECK(SEND(gpu, ATTACH, 1, 1, 0x80000000, 0, UINT32_MAX, 0) >= ERRORS);
    CHECK(SEND(gpu, ATTACH, 1, 1, 0xfffff000, UINT32_MAX, 0x2000, 0) >= ERRORS);
    CHECK(SEND(gpu, ATTACH, 1, UINT32_MAX, 0x80000000, 0, 64, 0) >= ERRORS);
    CHECK(SEND(gpu, ATTACH, 1, 2, 0x80000000, 0, 64, 0) >= ERRORS);
    CHECK_EQ(SEND(gpu, ATTACH, 1, 1, 0x80000000, 0, 64 * 64 * 4, 0), OK);
    CHECK_EQ(SEND(gpu, TRANSFER, 0, 0, 64, 64, 0, 0, 1, 0), OK);
}

// However many pictures are asked for, the host's memory has an end that the guest is told of.
CASE(memory_has_an_end) {
    volatile uint32_t *gpu = start(ID_GPU);
    uint32_t made = 0, type = OK;
    while (made < 1000 && (type = SEND(gpu, CREATE_2D, made + 1, BGRX, 4096, 4096)) == OK) made++;
    CHECK(made > 0 && made < 100);
    CHECK(type >= ERRORS);
    for (uint32_t i = 0; i < made; i++) CHECK_EQ(SEND(gpu, UNREF, i + 1, 0), OK);
    CHECK_EQ(SEND(gpu, CREATE_2D, 1, BGRX, 64, 64), OK);
}

CASE(unknown_and_short_commands) {
    volatile uint32_t *gpu = start(ID_GPU);
    CHECK(SEND(gpu, 0, 0) >= ERRORS);
    CHECK(SEND(gpu, 0x1ff, 0) >= ERRORS);
    CHECK(SEND(gpu, UINT32_MAX, 0) >= ERRORS);
    CHECK(SEND(gpu, CREATE_2D, 1) >= ERRORS);
    CHECK_EQ(SEND(gpu, CREATE_2D, 1, BGRX, 64, 64), OK);
}

// --- Chains --------------------------------------------------------------------------------------

static const struct chain {
    const char *name;
    struct descriptor first;
} chains[] = {
    {"chain_outside_memory", {0, 64, 0, 0}},
    {"chain_of_overflowing_length", {0x80000000, UINT32_MAX, 0, 0}},
    {"chain_at_the_end_of_addresses", {UINT64_MAX - 8, 64, WRITE, 0}},
    {"chain_that_leads_to_itself", {0x80000000, 64, NEXT, 0}},
    {"chain_that_leads_nowhere", {0x80000000, 64, NEXT, 0xffff}},
    {"chain_of_nothing", {0x80000000, 0, 0, 0}},
};

// It comes back, or the device asks to be reset; after a reset it works.
static void try_chain(const void *row) {
    const struct chain *c = row;
    static const uint32_t ids[] = {ID_GPU, ID_INPUT};
    for (unsigned i = 0; i < 2; i++) {
        volatile uint32_t *slot = start(ids[i]);
        queue.descriptor[0] = c->first;
        (void)offer(slot);
        slot = start(ids[i]);
        CHECK_EQ(slot[STATUS], 1 | 2 | 4 | 8);
    }
    CHECK_EQ(SEND(start(ID_GPU), CREATE_2D, 1, BGRX, 64, 64), OK);
}
CASE_ROWS(chains, try_chain);
