// SPDX-License-Identifier: MIT
// The demonstration: a kernel of a few hundred lines that does one thing, demand paging, and says
// what it does. main.c tells the story, paging.c has the page table, disk.c the disk, console.c
// the text.
#ifndef TABLEWALK_FIRMWARE_DEMO_DEMO_H
#define TABLEWALK_FIRMWARE_DEMO_DEMO_H

#include <stdbool.h>
#include <stdint.h>

enum { PAGE_SIZE = 4096, SECTOR_SIZE = 512, SECTORS_PER_PAGE = PAGE_SIZE / SECTOR_SIZE };

// ---- console.c: through the firmware ----

void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
// Waits for a key; ticks_per_second is the timer's frequency.
char wait_for_key(uint64_t ticks_per_second);
_Noreturn void power_off(void);

// ---- disk.c: a virtio block device behind virtio-mmio ----

struct disk {
    uint64_t registers; // physical address; 0: no disk
    uint64_t sectors;
    struct disk_queue *queue;
    uint16_t requests; // so far; wraps as the device's own count does
};

// Sets the device up if there is a block device at this address. false: there is none.
bool disk_open(struct disk *disk, uint64_t registers, struct disk_queue *queue);
// Moves one page between memory and the disk, and waits for it. false: the disk reports an error.
bool disk_read_page(struct disk *disk, uint64_t sector, void *page);
bool disk_write_page(struct disk *disk, uint64_t sector, void *page);
struct disk_queue *disk_queue_memory(void); // two pages, aligned

// ---- paging.c: Sv39 ----

typedef uint64_t pte_t;

// PTE bits (privileged manual, "Sv39").
enum {
    PTE_V = 1 << 0, // valid
    PTE_R = 1 << 1,
    PTE_W = 1 << 2,
    PTE_X = 1 << 3,
    PTE_U = 1 << 4,
    PTE_G = 1 << 5,
    PTE_A = 1 << 6, // accessed
    PTE_D = 1 << 7  // dirty: written to
};

// The window: virtual pages without memory of their own. Page n belongs to sectors 8n..8n+7.
#define WINDOW UINT64_C(0x40000000)
enum { WINDOW_PAGES = 8 };

struct page_table {
    pte_t entry[512];
} __attribute__((aligned(4096)));

struct paging {
    struct page_table root, middle, leaf;
};

// Builds the tables: RAM and devices where they are, the window with no page present.
void paging_build(struct paging *paging);
void paging_turn_on(const struct paging *paging);
// The PTE of window page n.
pte_t *paging_entry(struct paging *paging, unsigned n);
// An invalid PTE that remembers a disk sector: with V = 0 all other bits are the kernel's.
pte_t pte_on_disk(uint64_t sector);
uint64_t pte_sector(pte_t pte);
pte_t pte_for_frame(const void *frame);
// Prints the walk that the hardware does for this address, level by level.
void paging_explain(const struct paging *paging, uint64_t va);

#endif
