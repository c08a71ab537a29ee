// SPDX-License-Identifier: MIT
// Making a machine: memory, harts, devices, and the wires between them, which are callbacks. The
// cpu and the devices know nothing of each other; what joins them is here.
#include "emu/machine.h"
#include "emu/builtin.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "cpu/core.h"
#include "devices/clint.h"
#include "devices/finisher.h"
#include "devices/framebuffer.h"
#include "devices/goldfish_rtc.h"
#include "devices/plic.h"
#include "devices/uart.h"
#include "devices/virtio_blk.h"
#include "devices/virtio_gpu.h"
#include "devices/virtio_input.h"
#include "emu/boot.h"

uint64_t machine_now(const struct machine *m) {
    if (!m->running) return m->cycles;
    return m->cycles + (hart_cycles(m->running) - m->slice_began);
}

void machine_finish(struct machine *m, enum machine_end end, int code) {
    if (m->end != END_NONE) return;
    m->end = end;
    m->end_code = code;
    if (m->running) hart_stop(m->running);
}

// --- Wires ---------------------------------------------------------------------------------------

static uint64_t now_wire(void *machine) { return machine_now(machine); }

// The running hart was given its instructions before this: it comes back, and the run loop looks
// again.
static void sooner_wire(void *machine) {
    struct machine *m = machine;
    if (m->running) hart_stop(m->running);
}

static uint64_t mtime_wire(void *machine) {
    return clint_mtime(((struct machine *)machine)->clint);
}

static void mtime_written_wire(void *machine) {
    struct machine *m = machine;
    for (unsigned i = 0; i < m->config.harts; i++) csr_update_timer(m->hart[i]);
    sooner_wire(machine);
}

static void interrupt_wire(void *hart, unsigned line, bool level) {
    hart_set_interrupt(hart, (enum interrupt)line, level);
}

static void finisher_wire(void *machine, enum finish how, unsigned code) {
    struct machine *m = machine;
    switch (how) {
    case FINISH_PASS: machine_finish(m, END_POWEROFF, 0); break;
    case FINISH_RESET: machine_finish(m, END_RESET, 0); break;
    case FINISH_FAIL: machine_finish(m, END_CODE, code == 0 ? 1 : code > 255 ? 255 : (int)code);
    }
}

static void sent_wire(void *machine, uint8_t byte) {
    struct machine *m = machine;
    m->console.put(m->console.context, byte);
}

static void transfer_wire(void *slot_tap, enum blk_op op, uint64_t sector, uint64_t pa,
                          uint64_t bytes) {
    const struct slot_tap *tap = slot_tap;
    const struct monitor *monitor = &tap->machine->monitor;
    if (monitor->transfer) monitor->transfer(monitor->context, tap->slot, op, sector, pa, bytes);
}

static void room_wire(void *machine) { machine_feed_console(machine); }

// --- Memory and harts ----------------------------------------------------------------------------

static uint8_t *map_memory(uint64_t bytes) {
    void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) return NULL;
    // A guest that jumps about in its memory makes the host walk page tables too: larger pages
    // help. A host without them says no, and that is all right.
    (void)madvise(memory, bytes, MADV_HUGEPAGE);
    return memory;
}

static bool make_memory(struct machine *m, struct message *message) {
    m->ram_range = (struct range){RAM_BASE, m->config.ram_bytes};
    m->ram = map_memory(m->ram_range.size);
    m->rom = map_memory(BOOT_ROM_BYTES);
    if (!m->ram || !m->rom || !phys_add_memory(&m->phys, m->ram_range, m->ram, true) ||
        !phys_add_memory(&m->phys, (struct range){BOOT_ROM_BASE, BOOT_ROM_BYTES}, m->rom, false)) {
        return complain(message, "the host has not enough memory for -m");
    }
    return true;
}

static bool make_harts(struct machine *m, struct message *message) {
    for (unsigned i = 0; i < m->config.harts; i++) {
        const struct hart_config config = {
            .id = i,
            .extensions = m->config.extensions,
            .adue = m->config.adue,
            .core = m->config.core,
            .platform = {.machine = m, .mtime = mtime_wire, .deadline_changed = sooner_wire},
        };
        m->hart[i] = hart_create(&config, &m->phys);
        if (!m->hart[i]) return complain(message, "the host has not enough memory for a hart");
    }
    return true;
}

// --- Devices -------------------------------------------------------------------------------------

static struct irq_line to_hart(struct machine *m, unsigned hart, enum interrupt line) {
    return (struct irq_line){interrupt_wire, m->hart[hart], line};
}

static bool make_interrupt_controllers(struct machine *m) {
    struct clint_wires timers[MACHINE_MAX_HARTS] = {0};
    struct plic_wires externals[MACHINE_MAX_HARTS] = {0};
    for (unsigned i = 0; i < m->config.harts; i++) {
        timers[i] = (struct clint_wires){to_hart(m, i, IRQ_MSI), to_hart(m, i, IRQ_MTI)};
        externals[i] = (struct plic_wires){to_hart(m, i, IRQ_MEI), to_hart(m, i, IRQ_SEI)};
    }
    const struct clint_config clint = {m->config.harts, timers, mtime_written_wire, m};
    const struct device_place clint_at = {.base = CLINT_BASE, .schedule = &m->schedule};
    const struct device_place plic_at = {.base = PLIC_BASE, .schedule = &m->schedule};
    m->clint = clint_create(&clint_at, &clint);
    m->plic = plic_create(&plic_at, m->config.harts, externals);
    return m->clint && m->plic;
}

// A place on the bus with a wire into the PLIC.
static struct device_place placed(struct machine *m, uint64_t base, unsigned irq) {
    return (struct device_place){
        .base = base,
        .irq_number = irq,
        .irq = plic_line(m->plic, irq),
        .schedule = &m->schedule,
    };
}

static bool make_board(struct machine *m) {
    const struct device_place finisher_at = {.base = FINISHER_BASE, .schedule = &m->schedule};
    const struct device_place rtc_at = placed(m, RTC_BASE, GOLDFISH_RTC_IRQ);
    const struct device_place uart_at = placed(m, UART_BASE, UART_IRQ);
    const struct uart_line line = {sent_wire, room_wire, m};
    m->finisher = finisher_create(&finisher_at, finisher_wire, m);
    m->rtc = goldfish_rtc_create(&rtc_at, m->config.rtc_start);
    m->input_event = schedule_add(&m->schedule, machine_input_arrives, m);
    m->uart = uart_create(&uart_at, &line);
    return m->finisher && m->rtc && m->uart && m->input_event >= 0;
}

// A disk for a slot: *device. A free slot takes the next disk of the built-in kernel, of which
// *builtin were plugged in, and stays NULL when there is none. false: message.
static bool make_disk(struct machine *m, const struct slot_config *slot, unsigned *builtin,
                      struct virtio **device, struct message *message) {
    struct disk *disk;
    if (slot->disk) {
        disk = disk_open(&slot->disk->options, message->text, sizeof message->text);
        if (!disk) message_clean(message);
        if (!disk) return false;
    } else if (!builtin_disk(&m->config, (*builtin)++, &disk, message)) {
        return false;
    }
    if (!disk) return true;
    struct slot_tap *tap = &m->tap[slot - m->config.slot];
    const struct disk_time time = {.core = m->config.core, .sectors = disk_capacity(disk)};
    *tap = (struct slot_tap){m, (unsigned)(slot - m->config.slot), time};
    const struct virtio_blk_config config = {.disk = disk,
                                             .id = slot->disk ? slot->disk->serial : NULL,
                                             .cycles = time.core ? disk_time_cycles : NULL,
                                             .model = &tap->time,
                                             .transfer = transfer_wire,
                                             .observer = tap};
    *device = virtio_blk_create(&m->schedule, &config);
    if (*device) return true;
    disk_close(disk);
    return complain(message, "the host has not enough memory for a disk");
}

// The device for a slot. *device stays NULL for an empty one. false: message.
static bool make_virtio(struct machine *m, const struct slot_config *slot, unsigned *builtin,
                        struct virtio **device, struct message *message) {
    *device = NULL;
    switch (slot->kind) {
    case SLOT_EMPTY:
    case SLOT_DISK: return make_disk(m, slot, builtin, device, message);
    case SLOT_GPU: *device = virtio_gpu_create(&m->schedule, slot->width, slot->height); break;
    case SLOT_KEYBOARD: *device = virtio_input_create(INPUT_KEYBOARD); break;
    case SLOT_TABLET: *device = virtio_input_create(INPUT_TABLET); break;
    }
    return *device || complain(message, "the host has not enough memory for a virtio device");
}

struct virtio *machine_find(const struct machine *m, enum slot_kind kind) {
    for (unsigned i = 0; i < VIRTIO_MMIO_SLOTS; i++) {
        if (m->config.slot[i].kind == kind) return virtio_mmio_device(m->slot[i]);
    }
    return NULL;
}

// The simple framebuffer, where the machine has one.
static bool make_framebuffer(struct machine *m, struct message *message) {
    if (!m->config.framebuffer_width) return true;
    const struct device_place at = {.base = FRAMEBUFFER_BASE, .schedule = &m->schedule};
    m->framebuffer =
        framebuffer_create(&at, m->config.framebuffer_width, m->config.framebuffer_height);
    if (m->framebuffer && framebuffer_attach(m->framebuffer, &m->phys)) return true;
    return complain(message, "the host has not enough memory for a framebuffer");
}

static bool make_slots(struct machine *m, struct message *message) {
    unsigned builtin = 0;
    for (unsigned i = 0; i < VIRTIO_MMIO_SLOTS; i++) {
        struct virtio *device;
        if (!make_virtio(m, &m->config.slot[i], &builtin, &device, message)) return false;
        const struct device_place at =
            placed(m, VIRTIO_MMIO_BASE + i * VIRTIO_MMIO_BYTES, VIRTIO_MMIO_IRQ + i);
        m->slot[i] = virtio_mmio_create(&at, device, m->config.virtio_legacy);
        if (!m->slot[i]) return complain(message, "the host has not enough memory for a slot");
    }
    return true;
}

// Everything on the bus, in the order of the memory map.
static unsigned list_devices(const struct machine *m,
                             struct device *list[static 5 + VIRTIO_MMIO_SLOTS]) {
    unsigned n = 0;
    list[n++] = m->finisher;
    list[n++] = m->rtc;
    list[n++] = m->clint;
    list[n++] = m->plic;
    list[n++] = m->uart;
    for (unsigned i = 0; i < VIRTIO_MMIO_SLOTS; i++) list[n++] = m->slot[i];
    return n;
}

static bool attach_devices(struct machine *m, struct message *message) {
    struct device *list[5 + VIRTIO_MMIO_SLOTS];
    const unsigned n = list_devices(m, list);
    for (unsigned i = 0; i < n; i++) {
        if (!device_attach(list[i], &m->phys)) return complain(message, "too many devices");
    }
    return true;
}

// --- Life ----------------------------------------------------------------------------------------

struct machine *machine_create(const struct machine_config *config, const struct console *console,
                               struct message *message) {
    struct machine *m = calloc(1, sizeof *m);
    if (!m) {
        complain(message, "the host has not enough memory");
        return NULL;
    }
    m->config = *config;
    m->console = *console;
    phys_init(&m->phys);
    const struct core *core = m->config.core;
    schedule_init(&m->schedule, core ? core->frequency / MHZ_PER_TICK : CYCLES_PER_TICK);
    m->schedule.now = now_wire;
    m->schedule.sooner = sooner_wire;
    m->schedule.machine = m;
    bool good = make_memory(m, message) && make_harts(m, message) && htif_attach(m);
    if (good && !(make_interrupt_controllers(m) && make_board(m))) {
        good = complain(message, "the host has not enough memory for the devices");
    }
    if (good && make_slots(m, message) && make_framebuffer(m, message) &&
        attach_devices(m, message)) {
        return m;
    }
    machine_destroy(m);
    return NULL;
}

void machine_destroy(struct machine *m) {
    if (!m) return;
    struct device *list[5 + VIRTIO_MMIO_SLOTS];
    const unsigned n = list_devices(m, list);
    for (unsigned i = 0; i < n; i++) device_destroy(list[i]);
    device_destroy(m->framebuffer);
    for (unsigned i = 0; i < MACHINE_MAX_HARTS; i++) hart_destroy(m->hart[i]);
    if (m->ram) munmap(m->ram, m->ram_range.size);
    if (m->rom) munmap(m->rom, BOOT_ROM_BYTES);
    file_set_close(&m->files);
    phys_free(&m->phys);
    free(m);
}

// Cleared memory; what was decoded from it goes away.
static void clear_memory(struct machine *m) {
    phys_wrote(&m->phys, m->ram_range.base, m->ram_range.size);
    phys_wrote(&m->phys, BOOT_ROM_BASE, BOOT_ROM_BYTES);
    // Gives the pages back to the host; the next look at one finds zeroes.
    if (madvise(m->ram, m->ram_range.size, MADV_DONTNEED) != 0) {
        memset(m->ram, 0, m->ram_range.size);
    }
}

bool machine_load(struct machine *m, struct message *message) {
    struct boot_info boot;
    struct device *list[5 + VIRTIO_MMIO_SLOTS];
    const unsigned n = list_devices(m, list);
    clear_memory(m);
    m->end = END_NONE;
    m->end_code = 0;
    for (unsigned i = 0; i < n; i++) device_reset(list[i]);
    if (m->framebuffer) device_reset(m->framebuffer);
    for (unsigned i = 0; i < m->config.harts; i++) hart_reset(m->hart[i], BOOT_ROM_BASE);
    return boot_load(m, &boot, message);
}
