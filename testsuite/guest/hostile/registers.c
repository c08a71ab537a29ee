// SPDX-License-Identifier: MIT
// Every register of every device in every width, written and read, in several values; and the
// addresses where nothing is.
#include "virtio.h"

static const uint64_t values[] = {0, ~UINT64_C(0), 0x5555555555555555, 0xaaaaaaaaaaaaaaaa, 1};
enum { VALUES = sizeof values / sizeof *values };

// What must not be written: it would end the run, as it should.
static bool ends_the_run(uint64_t at, uint64_t value) {
    const uint32_t word = value & 0xffff;
    return at < FINISHER_AT + 8 && at + 8 > FINISHER_AT &&
           (word == 0x5555 || word == 0x3333 || word == 0x7777);
}

static void write_all(uint64_t from, uint64_t bytes, uint64_t step) {
    skip_traps();
    for (unsigned v = 0; v < VALUES; v++) {
        for (uint64_t at = from; at < from + bytes; at += step) {
            for (unsigned size = 1; size <= 8; size *= 2) {
                if (ends_the_run(at, values[v])) continue;
                try_store(at, size, values[v]);
                try_load(at, size);
            }
        }
    }
    csr_write("mtvec", trap_entry);
}

#define REGISTERS(name, from, bytes, step)                                                         \
    PROGRAM(registers_##name) {                                                                    \
        write_all(from, bytes, step);                                                              \
        check_disk_works(DISK);                                                                    \
    }
REGISTERS(of_the_finisher, FINISHER_AT, 0x1000, 1)
REGISTERS(of_the_rtc, RTC_AT, 0x1000, 1)
REGISTERS(of_the_clint, CLINT_AT, 0x100, 1)
REGISTERS(of_the_clints_timers, MTIMECMP_AT, 0x100, 1)
REGISTERS(of_mtime, MTIME_AT - 16, 24, 1)
REGISTERS(of_the_whole_clint, CLINT_AT, 0x10000, 8)
REGISTERS(of_the_plic, PLIC_AT, 0x4000, 4)
REGISTERS(of_the_plics_contexts, PLIC_AT + 0x200000, 0x10000, 0x24)
REGISTERS(of_the_whole_plic, PLIC_AT, 0x600000, 0x534)
REGISTERS(of_the_uart, UART_AT, 0x100, 1)
REGISTERS(of_the_disk, SLOT_AT(DISK), 0x200, 1)
REGISTERS(of_the_readonly_disk, SLOT_AT(READONLY_DISK), 0x200, 1)
REGISTERS(of_the_gpu, SLOT_AT(GPU), 0x200, 1)
REGISTERS(of_the_keyboard, SLOT_AT(KEYBOARD), 0x200, 1)
REGISTERS(of_the_tablet, SLOT_AT(TABLET), 0x200, 1)
REGISTERS(of_an_empty_slot, SLOT_AT(EMPTY), 0x1000, 1)
REGISTERS(of_the_rom, ROM_AT, 0xf000, 0x61)

// Noise, on all slots at once, in the order of a generator.
PROGRAM(registers_of_slots_in_any_order) {
    uint64_t x = 0x2545f4914f6cdd1d;
    for (unsigned n = 0; n < 100000; n++) {
        x ^= x << 13, x ^= x >> 7, x ^= x << 17;
        const unsigned slot = x % SLOTS;
        uint32_t value = (uint32_t)(x >> 32);
        if (x & 0x100) value &= 0xff;
        if (x & 0x200) value = (uint32_t)(uintptr_t)pages[x >> 10 & 31];
        SLOT_REG(slot, (x >> 16 & 0x7f) * 4) = value;
    }
    for (unsigned slot = 0; slot < SLOTS; slot++) SLOT_REG(slot, STATUS) = 0;
    check_disk_works(DISK);
}

// Where nothing is there is an access fault, for loads, stores of all widths.
PROGRAM(holes_in_the_map) {
    skip_traps();
    uint64_t tries = 0;
    for (unsigned bit = 32; bit < 64; bit++) {
        for (unsigned size = 1; size <= 8; size *= 2, tries += 2) {
            try_store(BIT(bit), size, 0x5555);
            CHECK_EQ(try_load(BIT(bit), size), ~UINT64_C(0));
        }
    }
    for (uint64_t at = 0x20000000; at < RAM_BEGIN; at += 0x123450, tries += 2) {
        try_store(at, 8, 0x5555);
        try_load(at, 8);
    }
    CHECK_EQ(skipped_traps, tries);
    csr_write("mtvec", trap_entry);
}

// All harts at all devices.
static volatile uint64_t done[8];
static void scribble(uint64_t hart) {
    uint64_t x = 0x9e3779b97f4a7c15 * (hart + 1);
    for (unsigned n = 0; n < 5000; n++) {
        x ^= x << 13, x ^= x >> 7, x ^= x << 17;
        SLOT_REG(x % SLOTS, (x >> 16 & 0x7f) * 4) = (uint32_t)(x >> 32);
        MMIO32(PLIC_AT + (x >> 8 & 0xffc)) = (uint32_t)(x >> 32);
    }
    done[hart] = 1;
    secondary_go = 0;
}
PROGRAM(registers_from_four_harts) {
    secondary_go = scribble;
    scribble(0);
    for (unsigned slot = 0; slot < SLOTS; slot++) SLOT_REG(slot, STATUS) = 0;
    check_disk_works(DISK);
}
