// SPDX-License-Identifier: MIT
//
// Chapter 6, thrashing. Programs that work for ten ticks and wait for ten, each going round its own
// 12 pages, are run together in RAM of so many frames; what is measured is the share of virtual
// time in which useful work was done.
//
// What theory says: one program keeps the hart busy half the time, two all the time. As long as
// the programs' working sets fit into RAM together, that stays so. With less RAM than that, FIFO
// takes pages away from all programs alike; soon each of them waits for the disk, which needs
// DISK_TICKS for reading a page and as many for writing the one that has to go, so that all
// together do less than one did alone. Clock and aging look better, and are worse: they keep the
// pages of those who run and take those of who waits, who then waits for ever. No policy makes RAM
// larger.
#include "kernel/chapter.h"
#include "kernel/kernel.h"
#include "kernel/lab.h"

#define WORKING_SET 12u
#define WORKER      "worker 12"
#define MOST        8u
#define RAM_SETS    5u // RAM for so many working sets
#define WARM_UP     3000u
#define MEASURED    4000u
#define FULL        95u // per cent
#define COLLAPSED   25u // half of what one program alone does

struct measurement {
    unsigned programs;
    uint32_t frames;
    uint64_t busy;                      // per cent of the time
    uint64_t faults;                    // with the disk, while measured
    uint64_t least_served, most_served; // units of work that a program did, start to end
    bool thrashing;                     // as the kernel itself has noticed
};

static uint64_t major_faults(const struct kernel *kernel) {
    uint64_t faults = 0;
    for (unsigned n = 0; n < MAX_PROCESSES; n++) faults += kernel->process[n].counts.major;
    return faults;
}

static uint64_t work_done(const struct kernel *kernel) {
    uint64_t work = 0;
    for (unsigned n = 0; n < MAX_PROCESSES; n++) work += kernel->process[n].counts.work;
    return work;
}

static void forget_counts(struct kernel *kernel) {
    for (unsigned n = 0; n < MAX_PROCESSES; n++) kernel->process[n].counts = (struct counts){0};
}

// Starts the programs; their code and stacks stay in RAM and do not count.
static bool start_workers(struct kernel *kernel, unsigned programs, uint32_t frames) {
    lab_clear(kernel);
    kernel->frames.limit = kernel->frames.count;
    kernel->scheduler = (struct scheduler){.sample_every = kernel->scheduler.sample_every};
    kernel->load_control = (struct load_control){.enabled = kernel->load_control.enabled};
    for (unsigned n = 0; n < programs; n++) {
        struct process *worker = lab_start(kernel, WORKER);
        if (!worker) return false;
        lab_pin(kernel, worker);
    }
    lab_limit(kernel, frames);
    for (unsigned n = 0; n < MAX_PROCESSES; n++)
        if (kernel->process[n].state == PROCESS_STOPPED) kernel->process[n].state = PROCESS_READY;
    return true;
}

static struct measurement measure(struct kernel *kernel, unsigned programs, uint32_t frames,
                                  uint64_t warm_up, uint64_t ticks) {
    struct measurement m = {.programs = programs, .frames = frames};
    forget_counts(kernel);
    if (!start_workers(kernel, programs, frames)) return m;
    run_ticks(kernel, warm_up);
    uint64_t work = work_done(kernel), faults = major_faults(kernel), start = kernel->scheduler.now;
    run_ticks(kernel, ticks);
    uint64_t passed = most(kernel->scheduler.now - start, 1);
    m.busy = (work_done(kernel) - work) * 100 / passed;
    m.faults = major_faults(kernel) - faults;
    m.thrashing = kernel->load_control.thrashing;
    m.least_served = UINT64_MAX;
    for (unsigned n = 0; n < MAX_PROCESSES; n++) {
        const struct process *process = &kernel->process[n];
        if (process->state == PROCESS_UNUSED) continue;
        m.least_served = least(m.least_served, process->counts.work);
        m.most_served = most(m.most_served, process->counts.work);
    }
    lab_clear(kernel);
    return m;
}

static void draw(struct kernel *kernel, const struct measurement *m) {
    say(kernel, "  %2u programs, %3u frames |", m->programs, m->frames);
    for (unsigned n = 0; n < 50; n++) say(kernel, "%c", n < (m->busy + 1) / 2 ? '#' : ' ');
    say(kernel, "| %3lu%%  %4lu faults%s\n", m->busy, m->faults, m->thrashing ? "  thrashing" : "");
}

static void list_csv(struct kernel *kernel, const struct measurement *m, unsigned count) {
    say(kernel, "\ncsv,programs,frames,busy_percent,faults,thrashing\n");
    for (unsigned n = 0; n < count; n++)
        say(kernel, "csv,%u,%u,%lu,%lu,%d\n", m[n].programs, m[n].frames, m[n].busy, m[n].faults,
            m[n].thrashing);
    say(kernel, "\n");
}

// The kernel calls it thrashing where theory does, and only there.
static bool noticed(const struct measurement *m, unsigned count) {
    bool right = true;
    for (unsigned n = 0; n < count; n++)
        right &= m[n].thrashing == (m[n].programs * WORKING_SET > m[n].frames);
    return right;
}

static void more_programs(struct kernel *kernel) {
    struct measurement m[MOST + 1];
    unsigned knee = 0;
    uint64_t least_full = 100, most_collapsed = 0;
    say(kernel, "More and more programs of %u pages in %u frames; useful work:\n\n", WORKING_SET,
        RAM_SETS * WORKING_SET);
    for (unsigned n = 1; n <= MOST; n++) {
        m[n] = measure(kernel, n, RAM_SETS * WORKING_SET, WARM_UP, MEASURED);
        draw(kernel, &m[n]);
        if (m[n].busy >= FULL) knee = n;
        if (n >= 2 && n <= RAM_SETS) least_full = least(least_full, m[n].busy);
        if (n > RAM_SETS) most_collapsed = most(most_collapsed, m[n].busy);
    }
    list_csv(kernel, m + 1, MOST);
    expect_equal(kernel, "one program: per cent busy", m[1].busy, 50);
    expect_at_least(kernel, "two to five: per cent busy", least_full, FULL);
    expect_equal(kernel, "the knee: programs that fit", knee, RAM_SETS);
    expect_at_most(kernel, "beyond it: per cent busy", most_collapsed, COLLAPSED);
    expect(kernel, "page-fault frequency tells the kernel the same", noticed(m + 1, MOST));
}

static void more_memory(struct kernel *kernel) {
    const unsigned programs = 4, points = 7;
    struct measurement m[8];
    uint32_t knee = 0;
    say(kernel, "\n%u programs of %u pages in more and more frames:\n\n", programs, WORKING_SET);
    for (unsigned n = 0; n < points; n++) {
        m[n] = measure(kernel, programs, 24 + 6 * n, WARM_UP, MEASURED);
        draw(kernel, &m[n]);
        if (!knee && m[n].busy >= FULL) knee = m[n].frames;
    }
    list_csv(kernel, m, points);
    expect_equal(kernel, "frames from which on it works", knee, programs * WORKING_SET);
    expect_at_most(kernel, "six frames less: per cent busy", m[3].busy, COLLAPSED);
    expect(kernel, "page-fault frequency tells the kernel the same", noticed(m, points));
}

// A busy hart is not the whole truth.
static void with_clock(struct kernel *kernel) {
    kernel->policy = policy_find("clock");
    say(kernel, "\nThe same %u programs in %u frames with the clock policy:\n\n", MOST,
        RAM_SETS * WORKING_SET);
    struct measurement m = measure(kernel, MOST, RAM_SETS * WORKING_SET, WARM_UP, MEASURED);
    draw(kernel, &m);
    say(kernel, "  The program served most did %lu units of work, the one served least %lu.\n",
        m.most_served, m.least_served);
    expect_at_least(kernel, "per cent busy", m.busy, FULL);
    expect_at_most(kernel, "but the one served least got of the other's work, in per cent",
                   m.least_served * 100 / most(m.most_served, 1), 10);
    kernel->policy = policy_find("fifo");
}

static void with_load_control(struct kernel *kernel) {
    const uint32_t frames = RAM_SETS * WORKING_SET;
    say(kernel, "\n%u programs in %u frames, without and with load control:\n\n", MOST, frames);
    struct measurement without = measure(kernel, MOST, frames, WARM_UP, 3 * MEASURED);
    kernel->load_control.enabled = true;
    struct measurement with = measure(kernel, MOST, frames, 2 * WARM_UP, 3 * MEASURED);
    uint64_t suspensions = kernel->load_control.suspensions;
    uint64_t resumptions = kernel->load_control.resumptions;
    kernel->load_control.enabled = false;
    draw(kernel, &without);
    draw(kernel, &with);
    expect_at_most(kernel, "without: per cent busy", without.busy, COLLAPSED);
    expect_at_least(kernel, "with: per cent busy", with.busy, 60);
    expect_at_least(kernel, "programs suspended, as 8 - 5 are too many", suspensions,
                    MOST - RAM_SETS);
    expect_at_least(kernel, "programs that came back in exchange", resumptions, 1);
    expect_at_least(kernel, "the one served least got of the one served most, in per cent",
                    with.least_served * 100 / most(with.most_served, 1), 20);
}

void chapter_thrash(struct kernel *kernel) {
    kernel->policy = policy_find("fifo");
    more_programs(kernel);
    more_memory(kernel);
    with_clock(kernel);
    with_load_control(kernel);
    say(kernel, "\nSo it is mended by more RAM, by fewer programs, or by the kernel seeing to the "
                "latter.\n");
}
