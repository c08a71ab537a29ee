// SPDX-License-Identifier: MIT
//
// The swap map, see swap.h.
#include "kernel/swap.h"

#include "kernel/kernel.h"

#define SECTORS_PER_PAGE ((uint32_t)(PAGE_BYTES / SECTOR_BYTES))
#define FEWEST_SLOTS     16
#define WRITE_TRIES      4
#define MOST_BAD_SLOTS   16

static enum disk_result transfer(struct kernel *kernel, uint32_t slot, void *page, bool write) {
    uint64_t sector = (uint64_t)slot * SECTORS_PER_PAGE;
    disk_time_passes(kernel);
    return disk_transfer(kernel, kernel->swap.disk, sector, page, SECTORS_PER_PAGE, write);
}

// What speaks against using the disk, or NULL. `page` is scratch.
static const char *refuse(struct kernel *kernel, struct disk *disk, uint64_t *page, bool force) {
    if (disk->read_only) return "it is read-only";
    if (disk->sectors / SECTORS_PER_PAGE < FEWEST_SLOTS)
        return "it is too small (64 KiB is the least)";
    enum disk_result result = disk_transfer(kernel, disk, 0, page, SECTORS_PER_PAGE, false);
    if (result != DISK_OK) return disk_result_text(result);
    bool blank = true;
    for (uint64_t n = 0; n < PAGE_BYTES / 8; n++) blank &= page[n] == 0;
    bool ours = !memcmp(page, SWAP_SIGNATURE, sizeof SWAP_SIGNATURE);
    if (!blank && !ours && !force) return "it holds something else; `swapon force` takes it anyway";
    memset(page, 0, PAGE_BYTES);
    memcpy(page, SWAP_SIGNATURE, sizeof SWAP_SIGNATURE);
    result = disk_transfer(kernel, disk, 0, page, SECTORS_PER_PAGE, true);
    return result == DISK_OK ? NULL : disk_result_text(result);
}

bool swap_start(struct kernel *kernel, struct disk *disk, struct swap_slot *map, uint32_t room,
                bool force) {
    uint32_t scratch = frame_take(kernel, FRAME_KERNEL);
    if (scratch == NO_FRAME) return false;
    const char *why = refuse(kernel, disk, frame_data(&kernel->frames, scratch), force);
    frame_give(kernel, scratch);
    if (why) {
        say(kernel, "swap: the disk is not used: %s\n", why);
        return false;
    }
    uint32_t count = (uint32_t)least(disk->sectors / SECTORS_PER_PAGE, room);
    memset(map, 0, count * sizeof *map);
    kernel->swap =
        (struct swap){.disk = disk, .slot = map, .count = count, .free = count - 1, .hand = 1};
    return true;
}

static uint32_t find_free(struct swap *swap) {
    for (uint32_t n = 1; n < swap->count; n++) {
        uint32_t slot = swap->hand;
        swap->hand = swap->hand + 1 < swap->count ? swap->hand + 1 : 1;
        if (swap->slot[slot].references == 0) return slot;
    }
    return NO_SLOT;
}

uint32_t swap_write(struct kernel *kernel, const void *page) {
    struct swap *swap = &kernel->swap;
    for (int tries = WRITE_TRIES; tries > 0 && swap_has_room(swap); tries--) {
        uint32_t slot = find_free(swap);
        if (slot == NO_SLOT) break;
        swap->free--;
        enum disk_result result = transfer(kernel, slot, (void *)(uintptr_t)page, true);
        if (result == DISK_OK) {
            swap->slot[slot] = (struct swap_slot){1, checksum(page, PAGE_BYTES)};
            swap->written++;
            return slot;
        }
        say(kernel, "swap: slot %u cannot be written: %s; it is put aside\n", slot,
            disk_result_text(result));
        swap->slot[slot].references = SWAP_REFS_BAD;
        swap->closed = ++swap->bad >= MOST_BAD_SLOTS;
        if (swap->closed) say(kernel, "swap: too many bad slots, nothing more is written there\n");
    }
    return NO_SLOT;
}

const char *swap_read(struct kernel *kernel, uint32_t slot, void *page) {
    enum disk_result result = transfer(kernel, slot, page, false);
    if (result != DISK_OK) return disk_result_text(result);
    kernel->swap.read++;
    if (checksum(page, PAGE_BYTES) != kernel->swap.slot[slot].sum)
        return "the page on the swap disk has been changed behind our back";
    return NULL;
}

void swap_hold(struct swap *swap, uint32_t slot) { swap->slot[slot].references++; }

void swap_release(struct swap *swap, uint32_t slot) {
    struct swap_slot *entry = &swap->slot[slot];
    if (--entry->references == 0) swap->free++;
}
