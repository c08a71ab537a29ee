// SPDX-License-Identifier: MIT
//
// The audit, see audit.h.
#include "kernel/audit.h"

#include "kernel/area.h"
#include "kernel/kernel.h"

static uint64_t audit_frame(struct kernel *kernel, uint32_t number) {
    const struct frame *frame = &kernel->frames.table[number];
    bool pageable = frame->use == FRAME_ANON || frame->use == FRAME_FILE;
    uint32_t found = 0;
    for (struct mapping m = {0}; pageable && mapping_next(kernel, number, &m);) found++;
    bool good = found == frame->mappings;
    if (frame->use == FRAME_ANON) good &= found > 0; // nobody could ever find it again
    if (frame->use == FRAME_FILE) good &= frame->file->frame[frame->page] == number;
    if (!good)
        say(kernel, "  audit: frame %u says %u mappings, %u found\n", number, frame->mappings,
            found);
    return !good;
}

// References to a slot: from page tables and from resident frames.
static uint64_t slot_references(struct kernel *kernel, uint32_t slot) {
    uint64_t found = 0;
    for (unsigned n = 0; n < MAX_PROCESSES; n++) {
        struct process *process = &kernel->process[n];
        for (struct page_visit v = {0}; process->root && page_next(process, &v);)
            found += (*v.entry & PTE_SWAPPED) && *v.entry >> PTE_NUMBER_SHIFT == slot;
    }
    for (uint32_t n = 0; n < kernel->frames.count; n++)
        found += kernel->frames.table[n].use == FRAME_ANON && kernel->frames.table[n].slot == slot;
    return found;
}

static uint64_t audit_swap(struct kernel *kernel) {
    const struct swap *swap = &kernel->swap;
    uint64_t wrong = 0, free = 0;
    for (uint32_t slot = 1; slot < swap->count; slot++) {
        uint32_t references = swap->slot[slot].references;
        free += references == 0;
        if (references == 0 || references == SWAP_REFS_BAD) continue;
        uint64_t found = slot_references(kernel, slot);
        if (found == references) continue;
        say(kernel, "  audit: slot %u says %u references, %lu found\n", slot, references, found);
        wrong++;
    }
    return wrong + (free != swap->free);
}

uint64_t audit(struct kernel *kernel) {
    const struct frames *frames = &kernel->frames;
    uint64_t wrong = 0, mapped = 0, counted = 0;
    for (uint32_t n = 0; n < frames->count; n++) {
        wrong += audit_frame(kernel, n);
        counted += frames->table[n].mappings;
    }
    for (unsigned n = 0; n < MAX_PROCESSES; n++) {
        struct process *process = &kernel->process[n];
        for (struct page_visit v = {0}; process->root && page_next(process, &v);)
            mapped += (*v.entry & PTE_VALID) && frame_of_entry(frames, *v.entry) != NO_FRAME;
    }
    wrong += mapped != counted;
    wrong += frame_count_use(frames, FRAME_FREE) != frames->free;
    return wrong + audit_swap(kernel);
}
