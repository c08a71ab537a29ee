// SPDX-License-Identifier: MIT
//
// The life of a process, see process.h. What a new program consists of is in load.c.
#include "kernel/process.h"

#include "kernel/area.h"
#include "kernel/kernel.h"

struct process *process_by_pid(struct kernel *kernel, int pid) {
    for (unsigned n = 0; n < MAX_PROCESSES; n++)
        if (kernel->process[n].state != PROCESS_UNUSED && kernel->process[n].pid == pid)
            return &kernel->process[n];
    return NULL;
}

bool process_any(const struct kernel *kernel) {
    for (unsigned n = 0; n < MAX_PROCESSES; n++)
        if (kernel->process[n].state != PROCESS_UNUSED &&
            kernel->process[n].state != PROCESS_ZOMBIE)
            return true;
    return false;
}

// A place in the process table with an empty address space.
static struct process *process_new(struct kernel *kernel, int parent) {
    for (unsigned n = 0; n < MAX_PROCESSES; n++) {
        struct process *process = &kernel->process[n];
        if (process->state != PROCESS_UNUSED) continue;
        *process = (struct process){
            .pid = ++kernel->last_pid, .parent = parent, .state = PROCESS_NEW, .asid = n + 1};
        process->root = pagetable_new(kernel);
        if (!process->root) {
            process->state = PROCESS_UNUSED;
            return NULL;
        }
        tlb_flush_space(process->asid);
        return process;
    }
    return NULL;
}

// Gives back all that the process holds.
static void release(struct kernel *kernel, struct process *process) {
    for (unsigned n = 0; n < MAX_DESCRIPTORS; n++) pipe_close(process, n);
    for (unsigned n = 0; process->root && n < MAX_AREAS; n++) {
        struct area *area = &process->area[n];
        area_drop_pages(kernel, process, area->start, area->end);
        *area = (struct area){0};
    }
    if (process->root) pagetable_free(kernel, process->root);
    process->root = 0;
    tlb_flush_space(process->asid);
}

struct process *process_start(struct kernel *kernel, const char *command, int parent) {
    struct process *process = process_new(kernel, parent);
    if (!process) {
        say(kernel, "%s: no memory or no place for another process\n", command);
        return NULL;
    }
    if (!process_load(kernel, process, command)) {
        release(kernel, process);
        process->state = PROCESS_UNUSED;
        return NULL;
    }
    process->state = PROCESS_READY;
    return process;
}

// Gives the child what the parent's entry leads to. A private page loses its W bit on both sides:
// whoever writes first gets a copy.
static bool share_page(struct kernel *kernel, struct process *parent, struct process *child,
                       const struct page_visit *visit) {
    const struct area *area = area_find(parent, visit->address);
    if (!(*visit->entry & (PTE_VALID | PTE_SWAPPED))) return true;
    uint64_t *entry = pagetable_make(kernel, child->root, visit->address);
    if (!entry) return false;
    uint64_t old = *visit->entry; // read only now: making a table may have evicted the page
    if (old & PTE_SWAPPED) {
        swap_hold(&kernel->swap, (uint32_t)(old >> PTE_NUMBER_SHIFT));
    } else if (old & PTE_VALID) {
        if (!area->shared) old &= ~PTE_WRITE;
        *visit->entry = old;
        tlb_flush_page(visit->address, parent->asid);
        uint32_t number = frame_of_entry(&kernel->frames, old);
        if (number != NO_FRAME) kernel->frames.table[number].mappings++;
    }
    *entry = old;
    return true;
}

struct process *process_fork(struct kernel *kernel, struct process *parent) {
    struct process *child = process_new(kernel, parent->pid);
    if (!child) return NULL;
    memcpy(child->area, parent->area, sizeof child->area);
    bool good = true;
    for (struct page_visit v = {0}; good && page_next(parent, &v);)
        good = share_page(kernel, parent, child, &v);
    if (!good) {
        release(kernel, child);
        child->state = PROCESS_UNUSED;
        return NULL;
    }
    child->registers = parent->registers;
    child->stepped = parent->stepped;
    memcpy(child->name, parent->name, sizeof child->name);
    for (unsigned n = 0; n < MAX_DESCRIPTORS; n++)
        pipe_attach(child, n, parent->descriptor[n], parent->descriptor_writes[n]);
    child->state = PROCESS_READY;
    return child;
}

void process_end(struct kernel *kernel, struct process *process, int status) {
    for (unsigned n = 0; process->root && n < MAX_AREAS; n++)
        area_sync(kernel, process, &process->area[n]);
    release(kernel, process);
    process->status = status;
    process->state = PROCESS_ZOMBIE;
    process->suspended = false;
    for (unsigned n = 0; n < MAX_PROCESSES; n++) {
        struct process *child = &kernel->process[n];
        if (child->state == PROCESS_UNUSED || child->parent != process->pid) continue;
        child->parent = process->parent;
    }
}

void process_forget(struct kernel *kernel, struct process *process) {
    if (process->root) kernel_panic(kernel, "a process is forgotten that has not ended");
    process->state = PROCESS_UNUSED;
}
