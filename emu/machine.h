// SPDX-License-Identifier: MIT
// The machine: harts, memory, devices and the wires between them, laid out as QEMU's `virt` board.
// A machine is made from a configuration, loaded, and run until something ends it. All state is in
// struct machine; several machines can exist side by side.
#ifndef TABLEWALK_EMU_MACHINE_H
#define TABLEWALK_EMU_MACHINE_H

#include <stdio.h>

#include "cpu/hart.h"
#include "devices/device.h"
#include "devices/disk.h"
#include "devices/virtio_mmio.h"
#include "emu/disk_time.h"
#include "emu/file_set.h"
#include "emu/htif.h"
#include "emu/pace.h"

// The memory map of QEMU's virt board.
enum {
    BOOT_ROM_BASE = 0x1000,
    BOOT_ROM_BYTES = 0xf000,
    FINISHER_BASE = 0x100000,
    RTC_BASE = 0x101000,
    CLINT_BASE = 0x2000000,
    PLIC_BASE = 0xc000000,
    UART_BASE = 0x10000000,
};
#define RAM_BASE UINT64_C(0x80000000)

enum { MACHINE_MAX_HARTS = 8, MACHINE_DISKS = VIRTIO_MMIO_SLOTS };

// Virtual time: mtime counts ten million times a second. Without a timing core a cycle is a
// nanosecond.
enum {
    TIMEBASE_HZ = 10000000,
    MHZ_PER_TICK = 10,
    CYCLES_PER_TICK = 100,
    NANOSECONDS_PER_TICK = 100,
};

// 2026-01-01 00:00 UTC: the date at power-on, unless -rtc says otherwise, so that runs repeat.
#define RTC_DEFAULT_START (UINT64_C(1767225600) * 1000000000)

struct disk_config {
    const char *id; // of the drive, what `drive=` names
    struct disk_options options;
    const char *serial; // what GET_ID says, or NULL
};

// What is plugged into a virtio slot.
enum slot_kind { SLOT_EMPTY, SLOT_DISK, SLOT_GPU, SLOT_KEYBOARD, SLOT_TABLET };

struct slot_config {
    enum slot_kind kind;
    const struct disk_config *disk; // SLOT_DISK
    uint32_t width, height;         // SLOT_GPU: of its monitor, in pixels
};

struct machine_config {
    uint64_t ram_bytes; // a multiple of PAGE_SIZE
    unsigned harts;     // 1..MACHINE_MAX_HARTS
    extension_set extensions;
    const struct core *core; // NULL: an instruction takes a cycle
    bool adue;               // A and D are set by hardware after reset (Svadu)
    // Paths, or NULL. bios may also be "default" or "none".
    const char *bios, *kernel, *initrd, *dtb;
    const char *append;
    bool bare_elf; // the kernel is a bare-metal program, which must be an ELF file
    struct slot_config slot[VIRTIO_MMIO_SLOTS];
    bool virtio_legacy;
    uint32_t framebuffer_width, framebuffer_height; // pixels; 0: there is none
    bool no_reboot;
    bool realtime;      // virtual time does not run ahead of the host's
    uint64_t rtc_start; // nanoseconds since 1970
    uint64_t max_insns; // of all harts together; UINT64_MAX: no limit
};

// How a run ended.
enum machine_end {
    END_NONE,
    END_POWEROFF,
    END_CODE, // the guest's own: machine.end_code
    END_RESET,
    END_LIMIT,
    END_STUCK,
    END_QUIT,   // by the user
    END_SIGNAL, // machine.end_code is its number
};

// What the machine's console is connected to; emu/terminal.h implements it. NULL functions:
// nothing is there.
struct console {
    void *context;
    void (*put)(void *context, uint8_t byte);
    // Is there input now?
    bool (*has_input)(void *context);
    // The next byte of input, or -1: none now.
    int (*get)(void *context);
    // Looks for input and for the user's commands, shows output; waits for input at most `wait`
    // nanoseconds (0: not at all; UINT64_MAX: for ever). Returns the nanoseconds it waited.
    uint64_t (*poll)(void *context, uint64_t wait);
    // Input may still come from somebody who lives in the host's time.
    bool (*live)(const void *context);
    // The user or a signal ends the run: END_NONE, or why, and *code.
    enum machine_end (*ended)(const void *context, int *code);
    // Has the user asked for the debug console since this was last called?
    bool (*called)(void *context);
    // The debug console takes the terminal, or gives it back. What was put is shown first.
    void (*lend)(void *context, bool taken);
};

// Who may stop the machine and look at it: the debug console. NULL functions: nobody.
struct monitor {
    void *context;
    // The machine stands still between two instructions, and goes on when this returns.
    void (*enter)(void *context, struct hart *h);
    // The run loop looks for what comes from outside. Whoever needs that soon says in *wait at most
    // how many nanoseconds the machine may sleep.
    void (*poll)(void *context, uint64_t *wait);
    // A disk is about to move data: as virtio_blk_config.transfer, with the slot.
    void (*transfer)(void *context, unsigned slot, unsigned op, uint64_t sector, uint64_t pa,
                     uint64_t bytes);
};

// What a slot's disk needs to say where it is.
struct slot_tap {
    struct machine *machine;
    unsigned slot;
    struct disk_time time; // with a timing core
};

// A range of guest memory that an ELF file's symbols name. size 0: none.
struct symbol_range {
    uint64_t begin, size;
};

struct machine {
    struct machine_config config;
    struct phys phys;
    struct schedule schedule;
    struct hart *hart[MACHINE_MAX_HARTS];
    uint8_t *ram, *rom;    // host memory
    struct file_set files; // that a reset loads again
    struct range ram_range;
    struct device *clint, *plic, *uart, *rtc, *finisher;
    struct device *framebuffer; // NULL: none
    struct device *slot[VIRTIO_MMIO_SLOTS];
    struct console console;
    struct monitor monitor;
    bool halt; // with hart_stop: the monitor is to be entered before the next instruction
    struct slot_tap tap[VIRTIO_MMIO_SLOTS];
    struct htif htif;
    struct symbol_range signature;

    // Virtual time. `cycles` is the present while no hart runs, and else the time at which the
    // running hart's slice began.
    uint64_t cycles;
    uint64_t disk_waits;  // cycles of it in which no hart ran and a disk was at work
    uint64_t other_waits; // in which no hart ran, and none was
    struct hart *running;
    uint64_t slice_began;     // hart_cycles(running) at the slice's begin
    unsigned last_hart;       // who ran last: another one breaks LR's reservation
    uint64_t executed;        // instructions of all harts since power-on
    uint64_t polled_executed; // `executed` when the console was last looked at
    uint64_t poll_interval;   // instructions until it is looked at again; 0: as usual

    struct pace pace; // with config.realtime

    int input_event; // when input_due: the next burst of the console's input
    bool input_due;

    enum machine_end end;
    int end_code;
};

// Makes a machine, in the state after power-on but with nothing loaded. NULL: message says why.
struct machine *machine_create(const struct machine_config *config, const struct console *console,
                               struct message *message);
void machine_destroy(struct machine *m); // NULL does nothing

// Power-on and reset: clears memory, loads the files, writes the device tree and the boot ROM,
// resets devices and harts. false: message says which file is wrong.
bool machine_load(struct machine *m, struct message *message) MUST_CHECK;

// Runs until the machine ends; a guest's reset loads it again unless config.no_reboot.
// The result is not END_NONE; false: the files could not be loaded again.
bool machine_run(struct machine *m, struct message *message) MUST_CHECK;

// The run ends before the next instruction. The first reason stays.
void machine_finish(struct machine *m, enum machine_end end, int code);

// The guest may be ready for input, or there may be some: it will arrive.
void machine_feed_console(struct machine *m);
void machine_input_arrives(void *machine);

// The first device of a kind in the virtio slots, or NULL.
struct virtio *machine_find(const struct machine *m, enum slot_kind kind);

// The present in cycles.
uint64_t machine_now(const struct machine *m);

// Writes the words between begin_signature and end_signature to a file, `granularity` bytes a line
// (1, 2, 4, 8 or 16), as riscv-arch-test compares them.
bool machine_write_signature(struct machine *m, FILE *to, unsigned granularity,
                             struct message *message) MUST_CHECK;

#endif
