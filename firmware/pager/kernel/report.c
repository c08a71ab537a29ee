// SPDX-License-Identifier: MIT
//
// Tables about processes and memory, see report.h.
#include "kernel/report.h"

#include "kernel/area.h"
#include "kernel/kernel.h"

#define PAGES_A_LINE 64

struct usage usage_of_area(struct kernel *kernel, struct process *process,
                           const struct area *area) {
    struct usage usage = {.virtual = (area->end - area->start) / PAGE_BYTES};
    for (uint64_t at = area->start; at < area->end; at += PAGE_BYTES) {
        const uint64_t *entry = pagetable_find(process->root, at);
        if (!entry) continue;
        usage.swapped += (*entry & (PTE_VALID | PTE_SWAPPED)) == PTE_SWAPPED;
        if (!(*entry & PTE_VALID)) continue;
        uint32_t number = frame_of_entry(&kernel->frames, *entry);
        if (number == NO_FRAME) continue;
        const struct frame *frame = &kernel->frames.table[number];
        usage.resident++;
        usage.shared += frame->mappings > 1;
        usage.dirty += frame->dirty || (*entry & PTE_DIRTY);
    }
    return usage;
}

struct usage usage_of_process(struct kernel *kernel, struct process *process) {
    struct usage sum = {0};
    for (unsigned n = 0; process->root && n < MAX_AREAS; n++) {
        struct usage part = usage_of_area(kernel, process, &process->area[n]);
        sum.virtual += part.virtual;
        sum.resident += part.resident;
        sum.shared += part.shared;
        sum.swapped += part.swapped;
        sum.dirty += part.dirty;
    }
    return sum;
}

static const char *state_name(const struct process *process) {
    static const char *const name[] = {
        [PROCESS_UNUSED] = "unused",   [PROCESS_NEW] = "new",         [PROCESS_READY] = "ready",
        [PROCESS_WAITING] = "waiting", [PROCESS_STOPPED] = "stopped", [PROCESS_ZOMBIE] = "ended",
    };
    return process->suspended ? "swapped" : name[process->state];
}

void report_processes(struct kernel *kernel) {
    say(kernel, "  pid name         state    virtual resident shared swapped  dirty   minor   major"
                " copied\n");
    for (unsigned n = 0; n < MAX_PROCESSES; n++) {
        struct process *process = &kernel->process[n];
        if (process->state == PROCESS_UNUSED) continue;
        struct usage usage = usage_of_process(kernel, process);
        say(kernel, "%5d %-12s %-8s %7lu %8lu %6lu %7lu %6lu %7lu %7lu %6lu\n", process->pid,
            process->name, state_name(process), usage.virtual, usage.resident, usage.shared,
            usage.swapped, usage.dirty, process->counts.minor, process->counts.major,
            process->counts.copied);
    }
    say(kernel, "(pages of 4 KiB; faults: minor without the disk, major with it)\n");
}

void report_memory(struct kernel *kernel) {
    const struct frames *frames = &kernel->frames;
    static const struct {
        enum frame_use use;
        const char *text;
    } uses[] = {
        {FRAME_KERNEL, "kernel"},       {FRAME_TABLE, "page tables"}, {FRAME_ANON, "programs' own"},
        {FRAME_FILE, "pages of files"}, {FRAME_FREE, "free"},
    };
    say(kernel, "RAM   %6u frames", frames->count);
    for (size_t n = 0; n < sizeof uses / sizeof *uses; n++)
        say(kernel, "%s%u %s", n ? ", " : ": ", frame_count_use(frames, uses[n].use), uses[n].text);
    if (frames->limit < frames->count) say(kernel, "; at most %u for pages", frames->limit);
    say(kernel, "; %lu evictions", kernel->evictions);
    const struct swap *swap = &kernel->swap;
    if (!swap->disk) {
        say(kernel, "\nswap  none\n");
        return;
    }
    say(kernel, "\nswap  %6u slots: %u used, %u free, %u bad; %lu written, %lu read\n",
        swap->count - 1, swap->count - 1 - swap->free - swap->bad, swap->free, swap->bad,
        swap->written, swap->read);
}

void report_areas(struct kernel *kernel, struct process *process) {
    say(kernel, "%s (pid %d), root table at 0x%lx, ASID %lu\n", process->name, process->pid,
        process->root, process->asid);
    say(kernel,
        "  from       to         rights what      virtual resident shared swapped  dirty\n");
    for (unsigned n = 0; process->root && n < MAX_AREAS; n++) {
        const struct area *area = &process->area[n];
        if (area->end <= area->start) continue;
        struct usage usage = usage_of_area(kernel, process, area);
        say(kernel, "  0x%08lx 0x%08lx %c%c%c%c   %-9s %7lu %8lu %6lu %7lu %6lu %s\n", area->start,
            area->end, area->rights & PTE_READ ? 'r' : '-', area->rights & PTE_WRITE ? 'w' : '-',
            area->rights & PTE_EXECUTE ? 'x' : '-', area->shared ? 's' : 'p', area_name(area->kind),
            usage.virtual, usage.resident, usage.shared, usage.swapped, usage.dirty,
            area->file     ? area->file->name
            : area->device ? "the screen"
                           : "");
    }
}

char report_page(struct kernel *kernel, uint64_t root, uint64_t address) {
    const uint64_t *entry = pagetable_find(root, address);
    if (!entry || !*entry) return '.';
    if (!(*entry & PTE_VALID)) return 's';
    if (frame_number(&kernel->frames, pte_address(*entry)) == kernel->frames.zero) return '0';
    return *entry & PTE_DIRTY ? 'D' : *entry & PTE_ACCESSED ? 'A' : 'r';
}

void report_pages(struct kernel *kernel, struct process *process, const struct area *area) {
    unsigned column = 0;
    for (uint64_t at = area->start; at < area->end; at += PAGE_BYTES, column++) {
        if (column % PAGES_A_LINE == 0) say(kernel, "%s    0x%08lx ", column ? "\n" : "", at);
        say(kernel, "%c", report_page(kernel, process->root, at));
    }
    say(kernel, "\n    (. not there, r in RAM, A used, D changed, 0 the zero page, s in swap)\n");
}

static void report_bits(struct kernel *kernel, uint64_t entry) {
    static const char letter[] = "VRWXUGAD";
    for (int bit = 7; bit >= 0; bit--) say(kernel, "%c", entry >> bit & 1 ? letter[bit] : '-');
}

void report_walk(struct kernel *kernel, uint64_t root, uint64_t address) {
    struct walk walk = pagetable_walk(root, address);
    say(kernel, "  virtual address 0x%lx = page number 0x%lx, offset 0x%lx\n", address,
        address >> PAGE_SHIFT & 0x7ffffff, address % PAGE_BYTES);
    for (int n = 0; n < walk.steps; n++) {
        int level = LEVELS - 1 - n;
        uint64_t entry = walk.step[n].entry;
        say(kernel, "  level %d: entry %3lu at 0x%lx is 0x%016lx  ", level,
            address >> (PAGE_SHIFT + 9 * level) & (TABLE_ENTRIES - 1), walk.step[n].address, entry);
        report_bits(kernel, entry);
        if (!(entry & PTE_VALID))
            say(kernel, entry & PTE_SWAPPED ? "  in swap slot %lu\n" : "  nothing\n",
                entry >> PTE_NUMBER_SHIFT);
        else if (entry & PTE_RIGHTS)
            say(kernel, "  page of %lu KiB at 0x%lx\n", 4ul << 9 * level, pte_address(entry));
        else
            say(kernel, "  next table at 0x%lx\n", pte_address(entry));
    }
    if (walk.leaf)
        say(kernel, "  physical address 0x%lx\n", walk.physical);
    else
        say(kernel, "  no physical address: an access faults\n");
}
