// SPDX-License-Identifier: MIT
//
// Eviction and swapping, see reclaim.h.
//
// From a frame to the entries that map it there is no list. A page of a program lies at the same
// address in all processes that share it (they are copies of one another), and a page of a file
// lies in areas that map the file; so looking at each process is enough.
#include "kernel/reclaim.h"

#include "kernel/area.h"
#include "kernel/kernel.h"

// The address at which the area shows the file page, or 0.
static uint64_t file_page_address(const struct area *area, const struct frame *frame) {
    uint64_t offset = (uint64_t)frame->page * PAGE_BYTES;
    if (!area->end || area->file != frame->file || offset < area->offset) return 0;
    uint64_t address = area->start + offset - area->offset;
    return address < area->end ? address : 0;
}

static bool mapped_at(const struct kernel *kernel, uint32_t number, struct mapping *mapping) {
    mapping->entry = pagetable_find(mapping->process->root, mapping->address);
    return mapping->entry && (*mapping->entry & PTE_VALID) &&
           frame_of_entry(&kernel->frames, *mapping->entry) == number;
}

bool mapping_next(struct kernel *kernel, uint32_t number, struct mapping *mapping) {
    const struct frame *frame = &kernel->frames.table[number];
    for (; mapping->process_index < MAX_PROCESSES; mapping->process_index++, mapping->area = 0) {
        struct process *process = &kernel->process[mapping->process_index];
        mapping->process = process;
        if (!process->root) continue;
        if (frame->use == FRAME_ANON && mapping->area++ == 0) {
            mapping->address = (uint64_t)frame->page << PAGE_SHIFT;
            if (mapped_at(kernel, number, mapping)) return true;
        }
        while (frame->use == FRAME_FILE && mapping->area < MAX_AREAS) {
            mapping->address = file_page_address(&process->area[mapping->area++], frame);
            if (mapping->address && mapped_at(kernel, number, mapping)) return true;
        }
    }
    return false;
}

// Clears `bit` in all entries of the frame; true when one had it.
static bool collect(struct kernel *kernel, uint32_t number, uint64_t bit) {
    bool found = false;
    for (struct mapping m = {0}; mapping_next(kernel, number, &m);) {
        if (!(*m.entry & bit)) continue;
        found = true;
        *m.entry &= ~bit;
        tlb_flush_page(m.address, m.process->asid);
    }
    return found;
}

bool frame_collect_referenced(struct kernel *kernel, uint32_t number) {
    return collect(kernel, number, PTE_ACCESSED);
}

bool frame_collect_dirty(struct kernel *kernel, uint32_t number) {
    struct frame *frame = &kernel->frames.table[number];
    frame->dirty |= collect(kernel, number, PTE_DIRTY);
    return frame->dirty;
}

bool frame_evictable(const struct kernel *kernel, uint32_t number) {
    const struct frame *frame = &kernel->frames.table[number];
    if (frame->pinned || frame->refused == kernel->reclaim_round) return false;
    if (frame->use == FRAME_FILE) return true;
    return frame->use == FRAME_ANON && (frame->slot || swap_has_room(&kernel->swap));
}

// Makes sure that swap has the page's bytes.
static bool save_anonymous(struct kernel *kernel, uint32_t number) {
    struct frame *frame = &kernel->frames.table[number];
    if (!frame_collect_dirty(kernel, number) && frame->slot) return true;
    if (frame->slot) swap_release(&kernel->swap, frame->slot);
    frame->dirty = true;
    frame->slot = swap_write(kernel, frame_data(&kernel->frames, number));
    if (frame->slot == NO_SLOT) return false;
    frame->dirty = false;
    return true;
}

static bool save_file_page(struct kernel *kernel, uint32_t number) {
    struct frame *frame = &kernel->frames.table[number];
    if (!frame_collect_dirty(kernel, number)) return true;
    enum disk_result result = file_write_page(kernel, frame->file, frame->page);
    if (result == DISK_OK)
        frame->dirty = false;
    else
        say(kernel, "page %u of %s cannot be written: %s; it stays in RAM\n", frame->page,
            frame->file->name, disk_result_text(result));
    return result == DISK_OK;
}

bool frame_evict(struct kernel *kernel, uint32_t number) {
    struct frame *frame = &kernel->frames.table[number];
    bool anonymous = frame->use == FRAME_ANON;
    uint64_t written = kernel->swap.written;
    if (!(anonymous ? save_anonymous(kernel, number) : save_file_page(kernel, number)))
        return false;
    bool count = kernel->swap.written != written;
    for (struct mapping m = {0}; mapping_next(kernel, number, &m); count = false) {
        *m.entry = anonymous ? (uint64_t)frame->slot << PTE_NUMBER_SHIFT | PTE_SWAPPED : 0;
        if (anonymous) swap_hold(&kernel->swap, frame->slot);
        tlb_flush_page(m.address, m.process->asid);
        frame->mappings--;
        m.process->counts.out += count;
    }
    if (!anonymous) frame->file->frame[frame->page] = NO_FRAME;
    kernel->evictions++;
    frame_give(kernel, number);
    return true;
}

bool reclaim_one(struct kernel *kernel) {
    kernel->reclaim_round++;
    for (uint32_t tries = kernel->frames.pageable; tries > 0; tries--) {
        uint32_t number = kernel->policy->choose(kernel);
        if (number == NO_FRAME) return false;
        if (frame_evict(kernel, number)) return true;
        kernel->frames.table[number].refused = kernel->reclaim_round;
    }
    return false;
}

// Pages that would come free if the process ended: in RAM and not shared, or in swap.
static uint64_t own_pages(struct kernel *kernel, struct process *process) {
    uint64_t pages = 0;
    for (struct page_visit v = {0}; page_next(process, &v);) {
        pages += (*v.entry & PTE_SWAPPED) != 0;
        if (!(*v.entry & PTE_VALID)) continue;
        const struct frame *frame =
            &kernel->frames.table[frame_of_entry(&kernel->frames, *v.entry)];
        pages += frame->use == FRAME_ANON && frame->mappings == 1;
    }
    return pages;
}

bool out_of_memory(struct kernel *kernel) {
    if (kernel->current && kernel->current->killed) return false;
    struct process *largest = NULL;
    uint64_t pages = 0;
    for (unsigned n = 0; n < MAX_PROCESSES; n++) {
        struct process *process = &kernel->process[n];
        if (!process->root || process->state == PROCESS_NEW) continue;
        uint64_t own = own_pages(kernel, process);
        if (largest && own <= pages) continue;
        largest = process;
        pages = own;
    }
    if (!largest) return false;
    say(kernel,
        "out of memory: %u frames free, %u swap slots free; ending %s (pid %d), which has "
        "the most: %lu pages\n",
        kernel->frames.free, kernel->swap.free, largest->name, largest->pid, pages);
    largest->ended_by = RULE_MEMORY;
    largest->killed = true;
    if (largest == kernel->current) return false;
    process_end(kernel, largest, STATUS_KILLED);
    return true;
}

uint32_t swap_out_process(struct kernel *kernel, struct process *process) {
    uint32_t moved = 0;
    process->suspended = true;
    process->resident_then = 0;
    for (struct page_visit v = {0}; page_next(process, &v);) {
        if (!(*v.entry & PTE_VALID)) continue;
        uint32_t number = frame_of_entry(&kernel->frames, *v.entry);
        struct frame *frame = &kernel->frames.table[number];
        if (number == NO_FRAME || frame->mappings != 1 || frame->pinned) continue;
        if (!frame_evict(kernel, number)) continue;
        *v.entry |= *v.entry ? PTE_WAS_HERE : 0;
        process->resident_then++;
        moved++;
    }
    return moved;
}

uint32_t swap_in_process(struct kernel *kernel, struct process *process) {
    uint32_t moved = 0;
    process->suspended = false;
    for (struct page_visit v = {0}; page_next(process, &v);) {
        if ((*v.entry & (PTE_SWAPPED | PTE_WAS_HERE)) != (PTE_SWAPPED | PTE_WAS_HERE)) continue;
        enum fault_rule rule = fault_serve(kernel, process, v.address, ACCESS_LOAD);
        if (rule == RULE_MEMORY) break; // the rest comes by page faults
        moved += rule == RULE_NONE;
    }
    return moved;
}
