// SPDX-License-Identifier: MIT
//
// Turns, virtual time and idleness, see scheduler.h.
#include "kernel/scheduler.h"

#include "kernel/kernel.h"
#include "kernel/trap.h"

#define SECONDS_FOR_STEPPED 30 // a stepped program that reports no step for so long loses its turn

extern uint64_t enter_user(struct registers *registers, uint64_t satp);

void time_passes(struct kernel *kernel, uint64_t ticks) {
    struct scheduler *scheduler = &kernel->scheduler;
    scheduler->now += ticks;
    if (!kernel->policy->samples || scheduler->sample_every == SAMPLE_EACH_STEP ||
        scheduler->now - scheduler->sampled < scheduler->sample_every)
        return;
    scheduler->sampled = scheduler->now;
    policy_sample(kernel);
}

void work_passes(struct kernel *kernel, struct process *process, uint64_t units) {
    time_passes(kernel, units);
    process->counts.work += units;
    kernel->load_control.window_work += units;
    if (process->steps_left) process->steps_left--;
    if (kernel->policy->samples && kernel->scheduler.sample_every == SAMPLE_EACH_STEP)
        policy_sample(kernel);
}

void disk_time_passes(struct kernel *kernel) {
    struct scheduler *scheduler = &kernel->scheduler;
    scheduler->disk_free = most(scheduler->disk_free, scheduler->now) + DISK_TICKS;
    scheduler->disk_busy += DISK_TICKS;
    if (kernel->current) kernel->current->ready_at = scheduler->disk_free;
}

// One turn: until the program waits, ends, has used up its turn or has to wait for the disk.
static void run_turn(struct kernel *kernel, struct process *process) {
    uint64_t turn = kernel->machine.time_frequency / TURNS_A_SECOND;
    if (process->stepped) turn = kernel->machine.time_frequency * SECONDS_FOR_STEPPED;
    process->steps_left = STEPS_PER_TURN;
    kernel->current = process;
    timer_set(time_now() + turn);
    csr_write(sstatus, SSTATUS_SPIE);
    uint64_t satp = process->root ? satp_value(process->root, process->asid) : 0;
    bool more = true;
    while (more) {
        uint64_t cause = enter_user(&process->registers, satp);
        more = trap_serve(kernel, process, cause);
        more &= process->state == PROCESS_READY && !process->killed && process->steps_left > 0 &&
                process->ready_at <= kernel->scheduler.now;
    }
    timer_set(UINT64_MAX);
    if (process->killed && process->state != PROCESS_ZOMBIE)
        process_end(kernel, process, STATUS_KILLED);
    kernel->current = NULL;
}

static bool can_run(struct kernel *kernel, struct process *process) {
    if (process->suspended || process->ready_at > kernel->scheduler.now) return false;
    if (process->state == PROCESS_WAITING) {
        kernel->current = process;
        system_call_retry(kernel, process);
        kernel->current = NULL;
    }
    return process->state == PROCESS_READY;
}

// Round robin: the next one after the one that ran last.
static struct process *next_process(struct kernel *kernel) {
    for (unsigned n = 1; n <= MAX_PROCESSES; n++) {
        unsigned index = (kernel->scheduler.last + n) % MAX_PROCESSES;
        if (!can_run(kernel, &kernel->process[index])) continue;
        kernel->scheduler.last = index;
        return &kernel->process[index];
    }
    return NULL;
}

// Nobody can run now. Virtual time jumps to when somebody can; or the hart sleeps until the clock
// on the wall or the keyboard lets somebody run. False when neither will happen.
static bool idle(struct kernel *kernel) {
    uint64_t soonest = UINT64_MAX, wake = UINT64_MAX;
    bool outside = false;
    for (unsigned n = 0; n < MAX_PROCESSES; n++) {
        struct process *process = &kernel->process[n];
        if (process->suspended) continue;
        if (process->state == PROCESS_READY || process->state == PROCESS_WAITING)
            if (process->ready_at > kernel->scheduler.now)
                soonest = least(soonest, process->ready_at);
        if (process->state != PROCESS_WAITING || !process->wake_time) continue;
        outside = true;
        wake = least(wake, process->wake_time);
    }
    if (soonest != UINT64_MAX) {
        kernel->scheduler.idle += soonest - kernel->scheduler.now;
        time_passes(kernel, soonest - kernel->scheduler.now);
        return true;
    }
    if (!outside) return load_control_resume(kernel);
    timer_set(wake);
    wait_for_interrupt();
    timer_set(UINT64_MAX);
    return true;
}

bool run_until(struct kernel *kernel, done_fn *done, void *context) {
    for (;;) {
        interrupt_serve(kernel);
        if (done(kernel, context)) return true;
        if (kernel->console.interrupted) return false;
        load_control_check(kernel);
        struct process *process = next_process(kernel);
        if (process)
            run_turn(kernel, process);
        else if (!idle(kernel))
            return false;
    }
}

static bool process_done(struct kernel *kernel, void *context) {
    const struct process *process = context;
    (void)kernel;
    return process->state == PROCESS_STOPPED || process->state == PROCESS_ZOMBIE ||
           process->state == PROCESS_UNUSED;
}

void run_process(struct kernel *kernel, struct process *process) {
    run_until(kernel, process_done, process);
}

static bool never(struct kernel *kernel, void *context) {
    (void)kernel;
    (void)context;
    return false;
}

void run_all(struct kernel *kernel) { run_until(kernel, never, NULL); }

static bool time_over(struct kernel *kernel, void *context) {
    return kernel->scheduler.now >= *(const uint64_t *)context;
}

void run_ticks(struct kernel *kernel, uint64_t ticks) {
    uint64_t end = kernel->scheduler.now + ticks;
    run_until(kernel, time_over, &end);
}
