// SPDX-License-Identifier: MIT
//
// Areas of address spaces, see area.h.
#include "kernel/area.h"

#include "kernel/kernel.h"

const char *area_name(enum area_kind kind) {
    static const char *const name[] = {
        [AREA_CODE] = "code", [AREA_CONSTANTS] = "constants", [AREA_DATA] = "data",
        [AREA_HEAP] = "heap", [AREA_MAPPED] = "mapped",       [AREA_STACK] = "stack",
    };
    return name[kind];
}

struct area *area_find(struct process *process, uint64_t address) {
    for (unsigned n = 0; n < MAX_AREAS; n++) {
        struct area *area = &process->area[n];
        if (address >= area->start && address < area->end) return area;
    }
    return NULL;
}

struct area *area_of_kind(struct process *process, enum area_kind kind) {
    for (unsigned n = 0; n < MAX_AREAS; n++)
        if (process->area[n].end && process->area[n].kind == kind) return &process->area[n];
    return NULL;
}

bool area_add(struct process *process, struct area area) {
    struct area *place = NULL;
    for (unsigned n = 0; n < MAX_AREAS; n++) {
        struct area *other = &process->area[n];
        if (!other->end)
            place = other;
        else if (area.start < other->end && other->start < area.end)
            return false;
    }
    if (!place) return false;
    *place = area;
    return true;
}

// The next page at or after `address` that has a page table; tables that are missing are skipped
// 2 MiB at a time.
static bool next_in_area(struct process *process, const struct area *area,
                         struct page_visit *visit) {
    while (visit->address < area->end) {
        visit->entry = pagetable_find(process->root, visit->address);
        if (visit->entry) return true;
        visit->address = round_down(visit->address, SUPERPAGE_BYTES) + SUPERPAGE_BYTES;
    }
    return false;
}

bool page_next(struct process *process, struct page_visit *visit) {
    visit->address = visit->entry ? visit->address + PAGE_BYTES : process->area[0].start;
    for (;;) {
        if (next_in_area(process, &process->area[visit->area], visit)) return true;
        if (++visit->area >= MAX_AREAS) return false;
        visit->address = process->area[visit->area].start;
    }
}

void entry_drop(struct kernel *kernel, struct process *process, uint64_t *entry, uint64_t address) {
    uint64_t old = *entry;
    *entry = 0;
    tlb_flush_page(address, process->asid);
    if (old & PTE_SWAPPED) {
        swap_release(&kernel->swap, (uint32_t)(old >> PTE_NUMBER_SHIFT));
        return;
    }
    if (!(old & PTE_VALID)) return;
    uint32_t number = frame_of_entry(&kernel->frames, old);
    if (number == NO_FRAME) return;
    struct frame *frame = &kernel->frames.table[number];
    frame->dirty |= (old & PTE_DIRTY) != 0;
    frame->mappings--;
    if (frame->mappings == 0 && frame->use == FRAME_ANON) frame_give(kernel, number);
}

void area_drop_pages(struct kernel *kernel, struct process *process, uint64_t start, uint64_t end) {
    struct area part = {.start = start, .end = end};
    struct page_visit visit = {.address = start};
    for (; next_in_area(process, &part, &visit); visit.address += PAGE_BYTES)
        entry_drop(kernel, process, visit.entry, visit.address);
}

bool area_sync(struct kernel *kernel, struct process *process, struct area *area) {
    if (!area->file || !area->shared) return true;
    bool good = true, written = false;
    for (uint64_t at = area->start; at < area->end; at += PAGE_BYTES) {
        uint32_t page = (uint32_t)((area->offset + at - area->start) / PAGE_BYTES);
        uint32_t number = area->file->frame[page];
        if (number == NO_FRAME) continue;
        // What this or another process has written shows in the D bits; gather and clear them.
        if (!frame_collect_dirty(kernel, number)) continue;
        enum disk_result result = file_write_page(kernel, area->file, page);
        kernel->frames.table[number].dirty = result != DISK_OK;
        written = true;
        good &= result == DISK_OK;
        if (result != DISK_OK)
            say(kernel, "%s (pid %d): page %u of %s cannot be written: %s\n", process->name,
                process->pid, page, area->file->name, disk_result_text(result));
    }
    if (written) good &= disk_flush(kernel, kernel->files.disk) == DISK_OK;
    return good;
}
