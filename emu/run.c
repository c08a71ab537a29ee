// SPDX-License-Identifier: MIT
// The run loop. Everything happens in one thread, and in an order that depends on the guest alone:
//
//   - Time is cut into rounds. A round ends at the latest where the next event is due (a device's,
//     or a hart's stimecmp), so nothing ever happens too late by more than a slice.
//   - In a round the harts that do not wait run one after the other, an instruction a cycle.
//     The harts share the machine's cycles as processes share a processor: N harts that all run are
//     each 1/N as fast in virtual time as one alone. So virtual time never runs ahead of the work
//     that the host has to do for it, and no hart sees it go backwards.
//   - A slice ends early when something is armed for an earlier time.
//   - Another hart's stores may touch what LR has reserved: a switch drops the reservation.
//   - When all harts wait for an interrupt, time jumps to the next event. Where somebody may type,
//     the jump takes as long as it takes in the host's time.
//   - With config.realtime the loop waits, between rounds and before a jump, until the host's time
//     has come as far. That changes nothing that the guest sees.
#include "devices/clint.h"
#include "devices/uart.h"
#include "devices/virtio_blk.h"
#include "emu/machine.h"

enum {
    ROUND_SHARED = 2000,
    POLL_INTERVAL = 1000000, // instructions between two looks at the console
    INPUT_DELAY = 200000,    // cycles between two bursts of input, of a FIFO's size at most
};

// Input comes in a while after the guest is ready for it. A FIFO that is just being set up would
// lose it, and drivers enable the interrupt before they are done.
void machine_feed_console(struct machine *m) {
    if (m->input_due || !uart_listens(m->uart) || !uart_room(m->uart)) return;
    if (!m->console.has_input(m->console.context)) return;
    m->input_due = true;
    schedule_arm(&m->schedule, m->input_event, machine_now(m) + INPUT_DELAY);
}

void machine_input_arrives(void *machine) {
    struct machine *m = machine;
    m->input_due = false;
    while (uart_listens(m->uart) && uart_room(m->uart)) {
        const int byte = m->console.get(m->console.context);
        if (byte < 0) return;
        uart_receive(m->uart, (uint8_t)byte);
    }
}

static void enter_monitor(struct machine *m, struct hart *h) {
    m->halt = false;
    m->monitor.enter(m->monitor.context, h);
}

// Looks for input and for the user's wishes to end or to debug; waits for up to `wait` nanoseconds.
static uint64_t poll_console(struct machine *m, uint64_t wait) {
    int code = 0;
    m->polled_executed = m->executed;
    if (m->monitor.poll) m->monitor.poll(m->monitor.context, &wait);
    if (m->console.called && m->console.called(m->console.context)) m->halt = true;
    if (m->halt && m->monitor.enter) {
        enter_monitor(m, m->hart[m->last_hart]);
        wait = 0; // the monitor may have changed what is waited for
    }
    const uint64_t waited = m->console.poll(m->console.context, wait);
    const enum machine_end end = m->console.ended(m->console.context, &code);
    if (end != END_NONE) machine_finish(m, end, code);
    machine_feed_console(m);
    return waited;
}

// Instructions between two looks at the console.
static uint64_t poll_interval(const struct machine *m) {
    const bool wanted = m->poll_interval && m->poll_interval < POLL_INTERVAL;
    return wanted ? m->poll_interval : POLL_INTERVAL;
}

// --- Time ----------------------------------------------------------------------------------------

// The cycle at which something is due next, or NEVER.
static uint64_t next_deadline(struct machine *m) {
    uint64_t when = m->schedule.next;
    for (unsigned i = 0; i < m->config.harts; i++) {
        const uint64_t tick = csr_next_timer(m->hart[i]);
        if (tick == UINT64_MAX) continue;
        const uint64_t cycle = clint_cycle_of(m->clint, tick);
        if (cycle > m->cycles && cycle < when) when = cycle;
    }
    return when;
}

// Time has moved: what is due happens.
static void fire(struct machine *m) {
    if (m->schedule.next <= m->cycles) schedule_run(&m->schedule, m->cycles);
    for (unsigned i = 0; i < m->config.harts; i++) csr_update_timer(m->hart[i]);
}

static bool waits(const struct hart *h) { return h->waiting && !(csr_mip(h) & h->csr.mie); }

// --- Running -------------------------------------------------------------------------------------

// Runs hart i for up to `length` instructions. The result is how many it was.
static uint64_t run_slice(struct machine *m, unsigned i, uint64_t length) {
    struct hart *h = m->hart[i];
    if (m->last_hart != i) h->reservation = NO_RESERVATION;
    m->last_hart = i;
    m->running = h;
    const uint64_t allowed = m->config.max_insns - m->executed;
    if (allowed < length) length = allowed;
    uint64_t done = 0;
    while (done < length && m->end == END_NONE) {
        m->slice_began = hart_cycles(h) - done;
        uint64_t piece = length - done, executed;
        const uint64_t begun = hart_executed(h);
        if (m->htif.present && piece > HTIF_INTERVAL) piece = HTIF_INTERVAL;
        const enum hart_exit exit = hart_run(h, piece, &executed);
        done += executed;
        m->executed += hart_executed(h) - begun;
        if (m->htif.present) htif_poll(m);
        if (m->halt && m->end == END_NONE) {
            enter_monitor(m, h);
            if (exit == EXIT_STOP) continue; // nothing else wanted this stop
        }
        if (exit != EXIT_BUDGET) break;
    }
    m->running = NULL;
    return done;
}

// One round: up to `length` instructions of each hart that does not wait.
static void run_round(struct machine *m, uint64_t length) {
    bool runs[MACHINE_MAX_HARTS] = {0};
    for (unsigned i = 0; i < m->config.harts; i++) runs[i] = !waits(m->hart[i]);
    for (unsigned i = 0; i < m->config.harts && m->end == END_NONE; i++) {
        if (!runs[i]) continue;
        m->cycles += run_slice(m, i, length);
        fire(m);
    }
}

// How many instructions of each of the runners a round may take.
static uint64_t round_length(struct machine *m, unsigned runners) {
    uint64_t length = m->config.harts == 1 ? poll_interval(m) : ROUND_SHARED;
    const uint64_t deadline = next_deadline(m);
    if ((deadline - m->cycles) / runners < length) length = (deadline - m->cycles) / runners;
    const uint64_t allowed = (m->config.max_insns - m->executed) / runners;
    if (allowed < length) length = allowed;
    return length ? length : 1;
}

// Nanoseconds of virtual time in so many cycles, and the other way; NEVER stays NEVER.
static uint64_t time_of(const struct machine *m, uint64_t cycles) {
    const uint64_t tick = m->schedule.cycles_per_tick;
    if (cycles == NEVER) return NEVER;
    return cycles / tick * NANOSECONDS_PER_TICK + cycles % tick * NANOSECONDS_PER_TICK / tick;
}

static uint64_t cycles_in(const struct machine *m, uint64_t time) {
    const uint64_t tick = m->schedule.cycles_per_tick;
    if (time == NEVER) return NEVER;
    return time / NANOSECONDS_PER_TICK * tick +
           time % NANOSECONDS_PER_TICK * tick / NANOSECONDS_PER_TICK;
}

// With config.realtime: waits until the host has come as far as cycle `when`. false: something came
// in between that has to be looked at.
static bool keep_pace(struct machine *m, uint64_t when) {
    if (!m->config.realtime) return true;
    const uint64_t ahead = pace_ahead(&m->pace, time_of(m, when));
    return !ahead || poll_console(m, ahead) >= ahead;
}

// A disk is at work whose request takes time.
static bool disk_works(const struct machine *m) {
    for (unsigned i = 0; i < VIRTIO_MMIO_SLOTS; i++) {
        struct virtio *v = virtio_mmio_device(m->slot[i]);
        if (v && virtio_is_blk(v) && virtio_blk_is_busy(v)) return true;
    }
    return false;
}

// All harts wait: on to the next event. The host's time passes where somebody may type.
static void idle(struct machine *m) {
    const uint64_t deadline = next_deadline(m), began = m->cycles;
    uint64_t *const waits_for = disk_works(m) ? &m->disk_waits : &m->other_waits;
    if (m->console.live(m->console.context)) {
        const uint64_t left = deadline == NEVER ? NEVER : deadline - m->cycles;
        const uint64_t time = time_of(m, left), waited = poll_console(m, time);
        // The whole wait is over exactly.
        m->cycles += waited < time ? cycles_in(m, waited) : left;
    } else if (deadline != NEVER && !keep_pace(m, deadline)) {
        return; // again, unless this was the end
    } else if (deadline != NEVER) {
        m->cycles = deadline;
        poll_console(m, 0);
    } else {
        poll_console(m, 0);
        // Input that was held back has had its chance: who polls does not wait.
        bool all_wait = true;
        for (unsigned i = 0; i < m->config.harts; i++) all_wait &= waits(m->hart[i]);
        if (all_wait) machine_finish(m, END_STUCK, 0);
    }
    *waits_for += m->cycles - began;
    fire(m);
}

static void run_until_end(struct machine *m) {
    poll_console(m, 0);
    while (m->end == END_NONE) {
        fire(m);
        unsigned runners = 0;
        for (unsigned i = 0; i < m->config.harts; i++) runners += !waits(m->hart[i]);
        if (m->executed >= m->config.max_insns) {
            machine_finish(m, END_LIMIT, 0);
        } else if (runners == 0) {
            idle(m);
        } else {
            run_round(m, round_length(m, runners));
        }
        if (m->executed - m->polled_executed >= poll_interval(m)) poll_console(m, 0);
        (void)keep_pace(m, m->cycles);
    }
    m->console.poll(m->console.context, 0);
}

bool machine_run(struct machine *m, struct message *message) {
    for (;;) {
        run_until_end(m);
        if (m->end != END_RESET || m->config.no_reboot) return true;
        if (!machine_load(m, message)) return false;
    }
}
