// SPDX-License-Identifier: MIT
//
// The bench for experiments, see lab.h.
#include "kernel/lab.h"

#include "kernel/area.h"
#include "kernel/chapter.h"
#include "kernel/kernel.h"

void lab_clear(struct kernel *kernel) {
    for (unsigned n = 0; n < MAX_PROCESSES; n++) {
        struct process *process = &kernel->process[n];
        if (process->state == PROCESS_UNUSED) continue;
        if (process->state != PROCESS_ZOMBIE) process_end(kernel, process, STATUS_KILLED);
        process_forget(kernel, process);
    }
    struct frames *frames = &kernel->frames;
    for (uint32_t n = 0; n < frames->count; n++) frames->table[n].pinned = false;
    files_forget(kernel);
}

void lab_begin(struct kernel *kernel, struct lab *lab) {
    *lab = (struct lab){kernel->policy, kernel->frames.limit, kernel->scheduler.sample_every,
                        kernel->load_control.enabled};
    lab_clear(kernel);
    kernel->scheduler = (struct scheduler){.sample_every = lab->sample_every};
    kernel->load_control = (struct load_control){0};
    kernel->policy_random = 1;
}

void lab_end(struct kernel *kernel, const struct lab *lab) {
    lab_clear(kernel);
    kernel->policy = lab->policy;
    kernel->frames.limit = lab->limit;
    kernel->scheduler.sample_every = lab->sample_every;
    kernel->load_control.enabled = lab->control;
    kernel->console.quiet = false;
}

struct process *lab_start(struct kernel *kernel, const char *command) {
    struct process *process = process_start(kernel, command, 0);
    if (!process) {
        expect(kernel, "the program can be started", false);
        return NULL;
    }
    process->stepped = true;
    run_process(kernel, process);
    return process;
}

uint64_t lab_go(struct kernel *kernel, struct process *process) {
    if (process->state == PROCESS_STOPPED) process->state = PROCESS_READY;
    run_process(kernel, process);
    return process->stop_value;
}

static void pin_area(struct kernel *kernel, struct process *process, const struct area *area) {
    for (uint64_t at = area->start; at < area->end; at += PAGE_BYTES) {
        enum access access = area->rights & PTE_WRITE ? ACCESS_STORE : ACCESS_LOAD;
        if (fault_serve(kernel, process, at, access) != RULE_NONE) continue;
        const uint64_t *entry = pagetable_find(process->root, at);
        kernel->frames.table[frame_number(&kernel->frames, pte_address(*entry))].pinned = true;
    }
}

void lab_pin(struct kernel *kernel, struct process *process) {
    for (unsigned n = 0; n < MAX_AREAS; n++) {
        const struct area *area = &process->area[n];
        if (area->end > area->start && area->kind != AREA_HEAP && area->kind != AREA_MAPPED)
            pin_area(kernel, process, area);
    }
}

void lab_limit(struct kernel *kernel, uint32_t room) {
    struct frames *frames = &kernel->frames;
    files_forget(kernel);
    uint32_t pinned = 0;
    for (uint32_t n = frames->oldest; n != NO_FRAME; n = frames->table[n].next)
        pinned += frames->table[n].pinned;
    frames->limit = pinned + room;
}

int lab_run(struct kernel *kernel, const char *command) {
    struct process *process = lab_start(kernel, command);
    if (!process) return STATUS_KILLED;
    int status = process->status;
    process_forget(kernel, process);
    return status;
}
