// SPDX-License-Identifier: MIT
// The physical address map: what answers at a physical address. RAM and ROM are host memory,
// everything else is a device range with a read and a write function. Nothing below this header
// knows of virtual addresses, privilege or PMP. The map also knows which RAM pages hold decoded
// code, so that whoever writes to such a page (a hart's store, a device's DMA) makes the decoded
// copies go away.
#ifndef TABLEWALK_MMU_PHYS_H
#define TABLEWALK_MMU_PHYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MUST_CHECK __attribute__((warn_unused_result))

#define PAGE_SHIFT 12
#define PAGE_SIZE  (UINT64_C(1) << PAGE_SHIFT)
#define PAGE_MASK  (PAGE_SIZE - 1)

// A physical address has 56 bits (privileged manual, "Sv39").
#define PHYS_ADDR_BITS 56

// Addresses base .. base + size - 1. A range never wraps: base + size <= 2^64.
struct range {
    uint64_t base, size;
};

// Do len bytes at addr lie in r as a whole? The one bounds check of the emulator: it subtracts what
// is known to be smaller, so no guest-controlled number can overflow it. len = 0 holds when addr is
// inside or just behind r.
static inline bool range_holds(struct range r, uint64_t addr, uint64_t len) {
    return len <= r.size && addr >= r.base && addr - r.base <= r.size - len;
}

// Do [a, a + len) and r share a byte? Neither may wrap.
static inline bool range_meets(struct range r, uint64_t addr, uint64_t len) {
    return len != 0 && r.size != 0 &&
           (addr < r.base ? r.base - addr < len : addr - r.base < r.size);
}

// A device's answer to an access of size 1, 2, 4 or 8 bytes at a byte offset into its range. The
// access lies within the range and is naturally aligned. false: the device refuses it, and the hart
// takes an access fault. Values are little-endian numbers, zero-extended.
typedef bool (*phys_read_fn)(void *device, uint64_t offset, unsigned size, uint64_t *value);
typedef bool (*phys_write_fn)(void *device, uint64_t offset, unsigned size, uint64_t value);

struct phys_device {
    struct range range;
    phys_read_fn read;
    phys_write_fn write;
    void *device;
};

// Host memory in the map. writable = false is a ROM: stores to it are access faults.
struct phys_memory {
    struct range range;
    uint8_t *host;
    uint64_t *code; // a word a page, a bit for each 64 bytes: blocks were decoded from there
    bool writable;
};

// Who keeps decoded copies of code (each hart). page is page-aligned.
struct phys_code_listener {
    // Was code decoded from any of these bytes, which lie in one page?
    bool (*decoded)(void *hart, uint64_t pa, uint64_t len);
    // Decoded code of the page was written: all its blocks go. The marks come off after this.
    void (*written)(void *hart, uint64_t page);
    // Someone decoded code from a page that had none: stores to it must be noticed from now on.
    void (*marked)(void *hart, uint64_t page);
    void *hart;
};

enum { PHYS_MAX_MEMORIES = 4, PHYS_MAX_DEVICES = 48, PHYS_MAX_LISTENERS = 16 };

struct phys {
    struct phys_memory memory[PHYS_MAX_MEMORIES];
    unsigned memories;
    struct phys_device device[PHYS_MAX_DEVICES];
    unsigned devices;
    struct phys_code_listener listener[PHYS_MAX_LISTENERS];
    unsigned listeners;
};

void phys_init(struct phys *p);
void phys_free(struct phys *p); // frees the marks; host memory belongs to who mapped it

// Adds host memory of range.size bytes (a multiple of PAGE_SIZE, page-aligned base). Ranges must
// not overlap. false: no room for another one, or out of host memory.
bool phys_add_memory(struct phys *p, struct range range, uint8_t *host, bool writable) MUST_CHECK;
bool phys_add_device(struct phys *p, struct phys_device device) MUST_CHECK;
bool phys_add_listener(struct phys *p, struct phys_code_listener listener) MUST_CHECK;

// The memory that holds all of [pa, pa + len), or NULL.
struct phys_memory *phys_find_memory(struct phys *p, uint64_t pa, uint64_t len);

// The host address of len bytes of memory at pa, or NULL. Does not say whether it may be written.
uint8_t *phys_host(struct phys *p, uint64_t pa, uint64_t len);

// A single access of size 1, 2, 4 or 8 bytes: memory or device. false: nothing is there, the device
// refuses, a ROM is written, or a device access is misaligned: an access fault for who asked.
bool phys_read(struct phys *p, uint64_t pa, unsigned size, uint64_t *value) MUST_CHECK;
bool phys_write(struct phys *p, uint64_t pa, unsigned size, uint64_t value) MUST_CHECK;

// DMA: memory only, never a device and never a write to a ROM. false: not all of it is memory;
// nothing was moved then. len in bytes, any alignment.
bool phys_dma_read(struct phys *p, uint64_t pa, void *to, uint64_t len) MUST_CHECK;
bool phys_dma_write(struct phys *p, uint64_t pa, const void *from, uint64_t len) MUST_CHECK;

// DMA in place: host address of len bytes of writable memory, or NULL. A device that has written
// there calls phys_wrote() for the bytes before it reports completion.
uint8_t *phys_dma_map(struct phys *p, uint64_t pa, uint64_t len);

// Bytes were changed behind the harts' backs: decoded code in their pages goes away.
void phys_wrote(struct phys *p, uint64_t pa, uint64_t len);

// Code was decoded from len bytes of memory at pa, which lie in one page.
void phys_mark_code(struct phys *p, uint64_t pa, uint64_t len);
// Does the page at pa have decoded code?
bool phys_has_code(struct phys *p, uint64_t pa);

#endif
