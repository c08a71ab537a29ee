// SPDX-License-Identifier: MIT
// Targets on a whole machine: the registers of all its devices, the lines of its debug console, the
// packets of its gdb stub.
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cpu/csr.h"
#include "emu/console/debugger.h"
#include "emu/gdb.h"
#include "emu/gdb_stub.h"
#include "testsuite/fuzz/fuzz.h"
#include "testsuite/unit/nobody.h"

enum { RAM_BYTES = 1 << 20, TABLES = 8, HARTS = 2, RUN = 300, STEPS_MAX = 200, TIMES_MAX = 20 };

// --- A machine that is connected to nothing ------------------------------------------------------

static struct machine *make_machine(bool with_devices) {
    struct machine_config config = {.ram_bytes = RAM_BYTES,
                                    .harts = HARTS,
                                    .extensions = isa_default(),
                                    .adue = true,
                                    .bios = "none",
                                    .no_reboot = true,
                                    .rtc_start = RTC_DEFAULT_START,
                                    .max_insns = RUN};
    if (with_devices) {
        config.slot[0] = (struct slot_config){.kind = SLOT_GPU, .width = 64, .height = 64};
        config.slot[1].kind = SLOT_KEYBOARD;
        config.slot[2].kind = SLOT_TABLET;
        config.framebuffer_width = config.framebuffer_height = 64;
    }
    struct message message = {""};
    struct machine *m = machine_create(&config, &nobody, &message);
    HOLDS(m);
    return m;
}

// --- Registers -----------------------------------------------------------------------------------

// An access of a device, near its beginning as a rule; or time goes by.
static void touch(struct machine *m, struct input *in) {
    const struct phys_device *d = &m->phys.device[take_below(in, m->phys.devices)];
    const unsigned how = (unsigned)take(in, 1), size = 1u << (how & 3);
    uint64_t offset = take(in, how & 4 ? 4 : 1) % d->range.size, value = 0;
    if (how & 8) offset &= ~(uint64_t)(size - 1);
    if ((how & 0xf0) == 0xf0) {
        m->cycles += take(in, 3);
        schedule_run(&m->schedule, m->cycles);
    } else if (how & 16) {
        (void)!phys_write(&m->phys, d->range.base + offset, size, take_edgy(in));
    } else if (phys_read(&m->phys, d->range.base + offset, size, &value)) {
        HOLDS(size == 8 || value >> 8 * size == 0);
    }
}

void fuzz_registers(struct input *in) {
    struct machine *m = make_machine(true);
    take_bytes(in, m->ram, take(in, 1));
    for (unsigned i = 0; i < STEPS_MAX && in->size && m->end == END_NONE; i++) touch(m, in);
    m->cycles += 1000000;
    schedule_run(&m->schedule, m->cycles);
    machine_destroy(m);
}

// --- The debugger --------------------------------------------------------------------------------

// Tables that lead to one another and to pages, and a program that goes through memory.
static void fill_memory(struct machine *m, struct input *in) {
    static const uint32_t program[] = {
        0x800802b7, // lui  t0, 0x80080
        0x0002b303, // ld   t1, 0(t0)
        0x0062b423, // sd   t1, 8(t0)
        0x00000073, // ecall
        0xff5ff06f, // j    -12
    };
    struct hart *h = m->hart[0];
    const unsigned seed = (unsigned)take(in, 1);
    for (unsigned i = 0; i < 64; i++) {
        const uint64_t page = i % 3 ? (i * 7 + seed) % 256 : i % TABLES;
        const uint64_t pte = ((RAM_BASE >> PAGE_SHIFT) + page) << PTE_PPN_SHIFT |
                             (i % 3 ? 0xcf ^ (seed & i) : PTE_V);
        memcpy(m->ram + i % TABLES * PAGE_SIZE + i * 8, &pte, sizeof pte);
    }
    memcpy(m->ram + 0x40000, program, sizeof program);
    h->csr.satp = seed & 1 ? (uint64_t)SATP_SV39 << 60 | RAM_BASE >> PAGE_SHIFT : 0;
    h->csr.mtvec = RAM_BASE + 0x40000;
    h->pc = RAM_BASE + 0x40000;
    hart_context_changed(h);
}

static struct debugger *make_debugger(struct machine *m) {
    const struct debugger_options options = {.batch = true};
    struct message message = {""};
    struct debugger *d = debugger_create(m, &options, &message);
    HOLDS(d);
    return d;
}

// Each line is a command; one that lets the machine go on does so for a moment.
void fuzz_console(struct input *in) {
    struct machine *m = make_machine(true);
    struct debugger *d = make_debugger(m);
    struct message message = {""};
    fill_memory(m, in);
    char text[1025];
    text[take_bytes(in, text, sizeof text - 1)] = 0;
    char *rest = text;
    for (unsigned i = 0; i < TIMES_MAX && rest && m->end == END_NONE; i++) {
        char *answer = NULL;
        size_t size = 0;
        FILE *to = open_memstream(&answer, &size);
        HOLDS(to);
        debugger_execute(d, strsep(&rest, "\n"), to);
        HOLDS(fclose(to) == 0);
        free(answer);
    }
    if (d->resume && m->end == END_NONE) {
        debugger_observe(d);
        HOLDS(machine_run(m, &message));
    }
    debugger_destroy(d);
    machine_destroy(m);
}

// --- The gdb stub --------------------------------------------------------------------------------

// Frames what is between two newlines, so that the fuzzer need not find checksums; the rest of the
// input arrives as it is.
static void send_all(int to, struct input *in) {
    char frame[8300];
    while (in->size) {
        const uint8_t *end = memchr(in->data, '\n', in->size);
        const size_t length = end ? (size_t)(end - in->data) : in->size;
        const size_t framed = packet_frame((const char *)in->data, length, frame, sizeof frame);
        if (length && in->data[0] == '!') {
            HOLDS(write(to, in->data + 1, length - 1) == (ssize_t)length - 1);
        } else if (framed) {
            HOLDS(write(to, frame, framed) == (ssize_t)framed);
        }
        in->data += length + (end != NULL);
        in->size -= length + (end != NULL);
    }
}

void fuzz_gdb(struct input *in) {
    struct machine *m = make_machine(false);
    struct debugger *d = make_debugger(m);
    struct message message = {""};
    struct gdb *g = calloc(1, sizeof *g);
    int ends[2];
    fill_memory(m, in);
    HOLDS(g && socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
    *g = (struct gdb){.d = d, .listener = -1, .client = ends[0]};
    d->gdb = g; // which frees it
    send_all(ends[1], in);
    close(ends[1]);
    // The client has the first word; then the machine runs until it stops or ends.
    m->monitor.enter(m->monitor.context, m->hart[0]);
    if (m->end == END_NONE) HOLDS(machine_run(m, &message));
    debugger_destroy(d);
    machine_destroy(m);
}
