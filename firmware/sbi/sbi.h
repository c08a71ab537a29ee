// SPDX-License-Identifier: MIT
// The firmware's state and the parts that work on it. boot.c explains the whole; start there.
//
// There is one struct firmware, firmware_state in boot.c, and nothing else that changes: every
// function gets at it through the hart it runs for. Fields that other harts touch are _Atomic.
#ifndef TABLEWALK_FIRMWARE_SBI_SBI_H
#define TABLEWALK_FIRMWARE_SBI_SBI_H

#include "firmware/sbi/layout.h"
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

// ---- The machine, as its device tree describes it (platform.c) ----

struct region {
    uint64_t base, size; // bytes; base + size does not wrap
};

enum { MAX_RAM_REGIONS = 4 };

// The events of SBI PMU that the harts count (the tree's pmu node).
enum { MAX_EVENTS = 64, MAX_RAW_EVENTS = 4 };
struct event_map {
    struct {
        uint32_t index;
        uint64_t selector; // for mhpmevent
    } event[MAX_EVENTS];
    struct {
        uint32_t first, last; // indices
        uint32_t counters;    // bit n: mhpmcounter n can count them
    } range[MAX_EVENTS];
    struct {
        uint64_t select, mask; // selectors: those for which selector & mask == select
        uint32_t counters;
    } raw[MAX_RAW_EVENTS];
    unsigned events, ranges, raws;
};

// An address of 0 means that the machine has no such device.
struct platform {
    uint64_t uart; // ns16550a
    unsigned uart_shift;
    uint64_t clint;    // msip, mtimecmp
    uint64_t finisher; // sifive,test0
    struct region ram[MAX_RAM_REGIONS];
    unsigned ram_regions;
    uint64_t harts;         // bit n: there is a hart n, n < MAX_HARTS
    unsigned ignored_harts; // numbers too large for us: they stay parked
    struct event_map events;
};

// Reads the device tree at blob. false: it is broken or absent; what was found until then is kept.
bool platform_discover(struct platform *platform, const void *blob);
// Is [base, base + size) memory that S-mode owns: RAM, and not the firmware's own?
bool platform_owns(const struct platform *platform, uint64_t base, uint64_t size);

// ---- Harts ----

// HSM states, with the numbers that hart_get_status returns.
enum hart_state { STARTED = 0, STOPPED = 1, START_PENDING = 2, SUSPENDED = 4 };

// What the firmware counts of its own doing (SBI 2.0, 11.4), by the specification's numbers.
enum firmware_event {
    FIRMWARE_MISALIGNED_LOAD = 0,
    FIRMWARE_MISALIGNED_STORE = 1,
    FIRMWARE_ACCESS_LOAD = 2,
    FIRMWARE_ACCESS_STORE = 3,
    FIRMWARE_SET_TIMER = 5,
    FIRMWARE_IPI_SENT = 6,
    FIRMWARE_IPI_RECEIVED = 7,
    FIRMWARE_FENCE_I_SENT = 8,
    FIRMWARE_FENCE_I_RECEIVED = 9,
    FIRMWARE_FENCE_VMA_SENT = 10,
    FIRMWARE_FENCE_VMA_RECEIVED = 11,
    FIRMWARE_FENCE_VMA_ASID_SENT = 12,
    FIRMWARE_FENCE_VMA_ASID_RECEIVED = 13,
    FIRMWARE_EVENTS
};

// Counters of one hart (pmu.c). Numbers 0 to 31 are the hardware's: cycle, (time), instret,
// hpmcounter3 and up; firmware counters stand behind the last that there is.
enum { HARDWARE_COUNTERS = 32, FIRMWARE_COUNTERS = 16 };
struct pmu {
    uint32_t hardware; // bit n: there is hardware counter n
    unsigned first_firmware;
    bool has_overflow;      // Sscofpmf
    uint64_t used, started; // bit n: counter n has an event; counts
    struct {
        unsigned event; // enum firmware_event
        uint64_t base;  // while it is started: what to add to the event's count; else its value
    } firmware[FIRMWARE_COUNTERS];
    uint64_t count[FIRMWARE_EVENTS]; // since the hart was started
};

enum fence_kind { FENCE_I, FENCE_VMA, FENCE_VMA_ASID };

struct fence {
    enum fence_kind kind;
    uint64_t start, size; // bytes of virtual address space
    uint64_t asid;
};

struct firmware;

struct hart {
    struct firmware *firmware;
    uint64_t id;
    bool has_sstc;
    struct pmu pmu;

    _Atomic unsigned state;                 // enum hart_state
    uint64_t start_address, start_argument; // written while START_PENDING,
    _Atomic unsigned start_ready;           // and complete when this is 1

    _Atomic unsigned soft_interrupt; // another hart wants SSIP set here
    struct fence fence;              // what this hart asks of others
    _Atomic uint64_t fence_asked;    // bit n: hart n asks this hart for its fence
    _Atomic uint64_t fence_awaited;  // bit n: hart n has not yet done this hart's fence
};

struct firmware {
    _Atomic unsigned boot_lottery; // the hart that draws 0 boots
    _Atomic unsigned ready;        // the other harts may go on
    struct platform platform;
    struct hart hart[MAX_HARTS];
};

// What the trap entry in start.S saves. x[0] is unused.
struct frame {
    uint64_t x[32];
    uint64_t mepc, mstatus;
};

// Argument number n of an SBI call: a0 is x10.
static inline uint64_t argument(const struct frame *frame, unsigned n) { return frame->x[10 + n]; }

// Sets up everything that M-mode decides for S-mode on this hart (hart.c).
void hart_init(struct hart *self);
// Enters S-mode at pc with a0 = hart number, a1 = argument. Does not return.
_Noreturn void hart_enter(struct hart *self, uint64_t pc, uint64_t argument);
// start.S: resets mscratch to stack_top and executes mret.
_Noreturn void return_to_supervisor(uint64_t a0, uint64_t a1, uint64_t stack_top);
// start.S: the last word of a hart's stack holds its struct hart.
void trap_entry(void);
struct hart **hart_stack_top(uint64_t id);

struct fault {
    uint64_t cause, tval;
};
// start.S: copies bytes, one by one, with the privilege and translation of whom the current trap
// came from, on their side. status: MSTATUS_MPRV, perhaps with MSTATUS_MXR. false: that faulted.
bool copy_from_caller(void *to, uint64_t va, uint64_t size, struct fault *fault, uint64_t status);
bool copy_to_caller(uint64_t va, const void *from, uint64_t size, struct fault *fault,
                    uint64_t status);
// start.S: floating point register n as raw bits, of a single or a double.
uint64_t fp_read_single(unsigned n);
uint64_t fp_read_double(unsigned n);
void fp_write_single(unsigned n, uint64_t bits);
void fp_write_double(unsigned n, uint64_t bits);

// hsm.c: waits until another hart starts this one. Does not return.
_Noreturn void hart_wait_for_start(struct hart *self);

// ---- Interrupts between harts, and the timer (ipi.c, time.c) ----

// Does what other harts have asked of this one and moves a due timer interrupt to S-mode. Called
// by the trap handler, and by everything that waits: that is why two harts never wait for each
// other for ever.
void hart_serve(struct hart *self);
void ipi_raise(struct hart *target);
// Marks the interrupt for S-mode on each hart of the mask, which holds existing harts only.
void ipi_send(struct hart *self, uint64_t mask);
// Has the fence executed on each hart of the mask and waits for it.
void fence_send(struct hart *self, uint64_t mask, struct fence fence);
void timer_set(struct hart *self, uint64_t when);
void timer_serve(struct hart *self);

// ---- Counters (pmu.c) ----

// All counters stand still and belong to nobody.
void pmu_init(struct hart *self);
// This happened.
void pmu_note(struct hart *self, enum firmware_event event);

// ---- Traps and calls ----

// A misaligned load or store: does it byte by byte, or hands the trap on (misaligned.c).
void misaligned_access(struct hart *self, struct frame *frame, uint64_t cause, uint64_t tval);

// Hands the trap to S-mode as if it had been delegated (trap.c).
void trap_redirect(struct frame *frame, uint64_t cause, uint64_t tval);
_Noreturn void stop_forever(void);

enum sbi_error {
    SBI_SUCCESS = 0,
    SBI_ERR_FAILED = -1,
    SBI_ERR_NOT_SUPPORTED = -2,
    SBI_ERR_INVALID_PARAM = -3,
    SBI_ERR_INVALID_ADDRESS = -5,
    SBI_ERR_ALREADY_AVAILABLE = -6,
    SBI_ERR_ALREADY_STARTED = -7,
    SBI_ERR_ALREADY_STOPPED = -8,
    SBI_ERR_NO_SHMEM = -9,
    // Ours, never seen by a caller: the call has become a trap of the caller.
    SBI_REDIRECTED = 1 << 16
};

struct sbiret {
    int64_t error;
    uint64_t value;
};

enum sbi_extension {
    EXT_BASE = 0x10,
    EXT_TIME = 0x54494d45,
    EXT_IPI = 0x735049,
    EXT_RFENCE = 0x52464e43,
    EXT_HSM = 0x48534d,
    EXT_SRST = 0x53525354,
    EXT_DBCN = 0x4442434e,
    EXT_PMU = 0x504d55
};

// The handlers. frame holds the arguments; a legacy handler returns its value as the error.
typedef struct sbiret (*sbi_handler)(struct hart *self, struct frame *frame);

#define SBI_FUNCTION(extension, function, name)                                                    \
    struct sbiret sbi_##name(struct hart *self, struct frame *frame);
#define SBI_LEGACY(extension, name) SBI_FUNCTION(extension, 0, name)
#include "firmware/sbi/functions.def"
#undef SBI_FUNCTION
#undef SBI_LEGACY

// Looks the call up in functions.def, executes it and stores its result (call.c).
void sbi_call(struct hart *self, struct frame *frame);

// Reset through the finisher; returns when the machine has none (reset.c).
enum machine_end { MACHINE_POWEROFF, MACHINE_FAILURE, MACHINE_REBOOT };
void machine_end(const struct platform *platform, enum machine_end how);

// ---- Console (console.c) ----

void console_init(const struct platform *platform);
void console_put(const struct platform *platform, char c); // waits until there is room
void print(const struct platform *platform, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

// ---- The device tree handed on (reserve.c) ----

// Adds a reserved-memory node for [base, base + size) to the tree, in place. false: no room behind
// the tree, or the tree is broken; it is unchanged then.
bool dt_reserve(const struct platform *platform, void *blob, uint64_t base, uint64_t size);

#endif
