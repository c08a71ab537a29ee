// SPDX-License-Identifier: MIT
//
// Thrashing and load control.
//
// When the pages that programs use at a time (their working sets) do not fit into RAM together,
// every page that comes in pushes out one that is needed next. All wait for the disk, the hart has
// nothing to do, and starting one more program to keep it busy makes it worse. It shows in the
// page-fault frequency: many faults for little work.
//
// Nothing that replaces pages more cleverly can mend it, as too few pages is what is wrong. Load
// control does: it takes one program out, all its pages with it, so that the others fit, and lets
// it back when there is room, or in exchange for another when it has waited long enough.
#include "kernel/load_control.h"

#include "kernel/kernel.h"

#define WINDOW_TICKS   500
#define MANY_FAULTS    10   // in a window; the disk can serve WINDOW_TICKS / DISK_TICKS = 25
#define WORK_PER_FAULT 10   // less work than this for each fault is thrashing
#define FEW_FAULTS     2    // in a window: things are calm
#define EXCHANGE_TICKS 2000 // a program that is out comes back at the latest after so long

// A program that waits for something else than its pages is not what makes the disk busy.
static bool is_active(const struct process *process) {
    return !process->suspended && process->state == PROCESS_READY;
}

static unsigned active_count(const struct kernel *kernel) {
    unsigned count = 0;
    for (unsigned n = 0; n < MAX_PROCESSES; n++) count += is_active(&kernel->process[n]);
    return count;
}

// The active program that has run longest since it came in, and the one that has been out longest.
static struct process *oldest(struct kernel *kernel, bool out) {
    struct process *found = NULL;
    for (unsigned n = 0; n < MAX_PROCESSES; n++) {
        struct process *process = &kernel->process[n];
        bool fits = out ? process->suspended && process->suspended_at : is_active(process);
        if (!fits) continue;
        if (!found || process->suspended_at < found->suspended_at) found = process;
    }
    return found;
}

static void suspend(struct kernel *kernel, struct process *process) {
    uint32_t pages = swap_out_process(kernel, process);
    process->suspended_at = kernel->scheduler.now;
    kernel->load_control.suspensions++;
    kernel->load_control.changed = kernel->scheduler.now;
    say(kernel, "[%lu] thrashing: %s (pid %d) is suspended, %u pages go\n", kernel->scheduler.now,
        process->name, process->pid, pages);
}

static void resume(struct kernel *kernel, struct process *process) {
    swap_in_process(kernel, process);
    process->suspended_at = kernel->scheduler.now;
    kernel->load_control.resumptions++;
    kernel->load_control.changed = kernel->scheduler.now;
    say(kernel, "[%lu] %s (pid %d) runs again\n", kernel->scheduler.now, process->name,
        process->pid);
}

bool load_control_resume(struct kernel *kernel) {
    struct process *process = oldest(kernel, true);
    if (process) resume(kernel, process);
    return process != NULL;
}

static void control_load(struct kernel *kernel, bool calm) {
    struct load_control *control = &kernel->load_control;
    if (control->thrashing && active_count(kernel) > 1) {
        suspend(kernel, oldest(kernel, false));
        return;
    }
    struct process *waiting = oldest(kernel, true);
    if (!waiting) return;
    uint64_t room =
        least(kernel->frames.limit - least(kernel->frames.limit, kernel->frames.pageable),
              kernel->frames.free);
    if (calm && room >= waiting->resident_then) {
        resume(kernel, waiting);
    } else if (kernel->scheduler.now - control->changed >= EXCHANGE_TICKS) {
        suspend(kernel, oldest(kernel, false));
        resume(kernel, waiting);
    }
}

void load_control_check(struct kernel *kernel) {
    struct load_control *control = &kernel->load_control;
    if (kernel->scheduler.now - control->window_start < WINDOW_TICKS) return;
    uint64_t faults = control->window_faults;
    control->thrashing = faults >= MANY_FAULTS && control->window_work < faults * WORK_PER_FAULT;
    control->detections += control->thrashing;
    if (active_count(kernel) && control->enabled) control_load(kernel, faults <= FEW_FAULTS);
    control->window_start = kernel->scheduler.now;
    control->window_faults = control->window_work = 0;
}
