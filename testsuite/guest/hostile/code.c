// SPDX-License-Identifier: MIT
// Code where one does not expect it: at the end of RAM, in devices, rewritten while it runs, entered
// everywhere; page tables that point at themselves, at devices, at nothing.
#include "virtio.h"
#include "vm.h"

enum { C_NOP = 0x0001, C_RET = 0x8082, RET = 0x00008067, NOP = 0x00000013 };

static void put16(uint64_t at, uint16_t value) { *(volatile uint16_t *)at = value; }
static void put32(uint64_t at, uint32_t value) {
    put16(at, (uint16_t)value);
    put16(at + 2, (uint16_t)(value >> 16));
}
static void synchronize(void) { __asm__ volatile("fence.i" ::: "memory"); }

// --- Where it is ---------------------------------------------------------------------------------

PROGRAM(code_runs_off_rams_end) {
    put16(RAM_END - 2, C_NOP);
    synchronize();
    struct outcome o = run(M, RAM_END - 2, 0);
    CHECK_TRAP("behind RAM", o, FETCH_ACCESS, RAM_END);
}
PROGRAM(code_crosses_rams_end) {
    put16(RAM_END - 2, NOP & 0xffff);
    synchronize();
    struct outcome o = run(M, RAM_END - 2, 0);
    CHECK_TRAP("second half", o, FETCH_ACCESS, RAM_END);
}
PROGRAM(code_at_rams_last_bytes) {
    put16(RAM_END - 2, C_RET);
    synchronize();
    struct outcome o = run(M, RAM_END - 2, 0);
    CHECK_TRAP("returns", o, NO_TRAP, 0);
}
static void run_at(uint64_t at) {
    struct outcome o = run(M, at, 0);
    CHECK_TRAP("no code there", o, FETCH_ACCESS, at);
}
PROGRAM(code_in_devices) {
    static const uint64_t places[] = {FINISHER_AT,   RTC_AT,  CLINT_AT, MTIME_AT & ~3UL, PLIC_AT,
                                      UART_AT,       SLOT_AT(DISK), SLOT_AT(DISK) + CONFIG,
                                      SLOT_AT(EMPTY), 0,      UINT64_C(0x7ffffffe), RAM_END,
                                      BIT(55),       BIT(56), BIT(63), ~UINT64_C(1)};
    for (unsigned i = 0; i < sizeof places / sizeof *places; i++) run_at(places[i]);
}

// --- What it does to itself ----------------------------------------------------------------------

// A loop whose body is written anew each time round.
PROGRAM(code_rewrites_itself) {
    const uint64_t at = (uint64_t)pages[0];
    for (uint32_t n = 0; n < 20000; n++) {
        put32(at, (n & 2047) << 20 | 10 << 7 | 0x13); // li a0, n
        put32(at + 4, RET);
        struct outcome o = run(M, at, 0);
        if (o.a[0] != (n & 2047)) CHECK_EQ(o.a[0], n & 2047);
    }
}
// The instruction that is written is the next one.
SNIPPET(writes_its_next, ".option norvc\n la t0, 1f\n li t1, 0x00100513\n li a0, 0\n sw t1, 0(t0)\n"
                         " fence.i\n 1: nop");
PROGRAM(code_writes_its_next_instruction) {
    struct outcome o = run(M, writes_its_next, 0);
    CHECK_EQ(o.a[0], 1);
}
// A store on top of itself, and its whole block.
SNIPPET(erases_itself, ".option norvc\n.balign 64\n 1: la t0, 1b\n sd zero, 0(t0)\n sd zero, 8(t0)\n"
                       " sd zero, 16(t0)\n sd zero, 24(t0)\n fence.i\n j 1b");
PROGRAM(code_erases_itself) {
    struct outcome o = run(M, erases_itself, 0);
    CHECK_EQ(o.cause, ILLEGAL);
}
// The disk writes over code that has run already.
PROGRAM(code_from_the_disk) {
    const uint64_t at = DATA;
    for (unsigned i = 0; i < 512; i += 2) put16(at + i, C_NOP);
    put16(at + 510, C_RET);
    for (unsigned n = 0; n < 100; n++) CHECK_EQ(run(M, at, 0).cause, NO_TRAP);
    struct queue q = device_start(DISK, 0);
    CHECK_EQ(transfer(&q, IN, 256), OK); // full of bytes of 6: c.slli zero..., not a return
    struct outcome o = run(M, at, 0);
    CHECK(o.cause != NO_TRAP);
    check_disk_works(DISK);
}

// --- How much of it there is ---------------------------------------------------------------------

// Each halfword of eight MiB is an entry of its own: more blocks than any cache holds.
static void fill_memory(uint64_t from, uint64_t to) {
    for (uint64_t at = from; at < to; at += 8) *(volatile uint64_t *)at = 0x8082808280828082;
    synchronize();
}
PROGRAM(code_entered_everywhere) {
    const uint64_t from = RAM_BEGIN + (16 << 20), to = from + (1 << 20);
    fill_memory(from, to);
    uint64_t calls = 0;
    for (uint64_t at = from; at < to; at += 2, calls++) __asm__ volatile("jalr ra, %0" ::"r"(at) : "ra", "memory");
    CHECK_EQ(calls, (1 << 20) / 2);
}
// Each page has code, and is written to again and again.
PROGRAM(code_dropped_everywhere) {
    const uint64_t from = RAM_BEGIN + (16 << 20), to = RAM_END;
    fill_memory(from, to);
    for (unsigned round = 0; round < 8; round++) {
        for (uint64_t at = from + 64 * round; at < to; at += PAGE) {
            __asm__ volatile("jalr ra, %0" ::"r"(at) : "ra", "memory");
            put16(at, C_RET);
        }
    }
}
// Hot blocks, in more places than native code has room for.
PROGRAM(code_hot_everywhere) {
    const uint64_t from = RAM_BEGIN + (16 << 20), to = from + (512 << 10);
    fill_memory(from, to);
    for (unsigned round = 0; round < 10; round++) {
        for (uint64_t at = from; at < to; at += 4) __asm__ volatile("jalr ra, %0" ::"r"(at) : "ra", "memory");
    }
}
PROGRAM(fences_without_end) {
    for (unsigned i = 0; i < 200000; i++) __asm__ volatile("fence.i\n sfence.vma" ::: "memory");
}

// --- Atomics and odd accesses on devices and the end of memory -----------------------------------

PROGRAM(atomics_everywhere) {
    static const uint64_t places[] = {ROM_AT,  FINISHER_AT + 8, CLINT_AT, PLIC_AT,     UART_AT,
                                      RTC_AT,  SLOT_AT(DISK),   RAM_END,  RAM_END - 4, RAM_BEGIN - 8,
                                      BIT(55), ~UINT64_C(7)};
    skip_traps();
    for (unsigned i = 0; i < sizeof places / sizeof *places; i++) {
        __asm__ volatile("amoadd.d zero, %0, (%1)\n amoswap.w zero, %0, (%1)\n lr.d t0, (%1)\n"
                         "sc.d t0, %0, (%1)\n lr.w t0, (%1)\n sc.w t0, %0, (%1)"
                         ::"r"(1), "r"(places[i])
                         : "t0", "memory");
    }
    CHECK(skipped_traps > 40);
    csr_write("mtvec", trap_entry);
}
PROGRAM(accesses_across_rams_end) {
    skip_traps();
    for (uint64_t at = RAM_END - 8; at < RAM_END + 8; at++) {
        for (unsigned bytes = 1; bytes <= 8; bytes *= 2) {
            const uint64_t before = skipped_traps;
            try_store(at, bytes, ~UINT64_C(0));
            try_load(at, bytes);
            CHECK_EQ(skipped_traps - before, at + bytes <= RAM_END ? 0 : 2);
        }
    }
    csr_write("mtvec", trap_entry);
}

// --- Page tables ---------------------------------------------------------------------------------

static void make_pointer(uint64_t table, unsigned index, uint64_t to) {
    ((volatile uint64_t *)table)[index] = pte_ppn(to) | PTE_V;
}

// Everything at 16 GiB and above goes through `table`; the cause that each kind of access ends in.
static void expect_everywhere(uint64_t entry, bool access_fault) {
    uint64_t *root = vm_root();
    for (unsigned i = 16; i < 32; i++) root[i] = entry;
    vm_use(root, 0);
    for (const char *kind = KINDS; *kind; kind++) {
        for (uint64_t va = UINT64_C(16) << 30; va < UINT64_C(32) << 30; va += UINT64_C(0x0fedcb40) * 8) {
            struct outcome o = vm_access(BY_S, 0, *kind, va);
            CHECK_TRAP("access", o, access_fault ? access_fault_of(*kind) : page_fault_of(*kind), va);
        }
    }
}
static void point_at(uint64_t to, bool access_fault) { expect_everywhere(pte_ppn(to) | PTE_V, access_fault); }

// A table all of whose entries point back at it: the walk ends at its third level all the same.
PROGRAM(table_points_at_itself) {
    for (unsigned i = 0; i < 512; i++) make_pointer((uint64_t)pages[8], i, (uint64_t)pages[8]);
    point_at((uint64_t)pages[8], false);
}
PROGRAM(tables_point_at_each_other) {
    for (unsigned i = 0; i < 512; i++) {
        make_pointer((uint64_t)pages[8], i, (uint64_t)pages[9]);
        make_pointer((uint64_t)pages[9], i, (uint64_t)pages[8]);
    }
    point_at((uint64_t)pages[8], false);
}
PROGRAM(table_in_the_uart) { point_at(UART_AT, true); }
PROGRAM(table_in_the_plic) { point_at(PLIC_AT, true); }
PROGRAM(table_in_the_clint) { point_at(CLINT_AT, true); }
PROGRAM(table_in_the_finisher) { point_at(FINISHER_AT, true); }
PROGRAM(table_in_the_disk) { point_at(SLOT_AT(DISK), true); }
PROGRAM(table_behind_ram) { point_at(RAM_END, true); }
PROGRAM(table_at_zero) { point_at(0, true); }
PROGRAM(table_at_the_last_page) { point_at(BIT(56) - PAGE, true); }

// The root itself, wherever satp can point.
static void root_at(uint64_t pa, bool access_fault) {
    csr_write("satp", SATP_SV39 | pa >> 12);
    sfence_vma();
    for (const char *kind = KINDS; *kind; kind++) {
        if (*kind == 'f') continue; // MPRV does not reach fetches
        struct outcome o = vm_access(BY_MPRV_S, 0, *kind, 0x12345678);
        CHECK_TRAP("access", o, access_fault ? access_fault_of(*kind) : page_fault_of(*kind),
                   0x12345678);
    }
    csr_write("satp", 0);
}
PROGRAM(root_in_the_uart) { root_at(UART_AT, true); }
PROGRAM(root_in_the_plic) { root_at(PLIC_AT, true); }
PROGRAM(root_in_the_rom) { root_at(ROM_AT, false); }
PROGRAM(root_at_zero) { root_at(0, true); }
PROGRAM(root_behind_ram) { root_at(RAM_END, true); }
PROGRAM(root_at_the_last_page) { root_at(BIT(56) - PAGE, true); }
PROGRAM(root_in_rams_last_page) {
    root_at(RAM_END - PAGE, false);
}

// A and D would have to be written where nothing can be written.
PROGRAM(table_in_the_rom_needs_a_and_d) {
    uint64_t *root = vm_root();
    root[16] = pte_ppn(ROM_AT) | PTE_V;
    vm_use(root, 0);
    struct outcome o = vm_access(BY_S, 0, 'l', UINT64_C(16) << 30);
    CHECK(o.cause == LOAD_PAGE || o.cause == LOAD_ACCESS);
}

// A leaf in a table that maps the table itself: each store through it changes the next.
PROGRAM(table_maps_itself_and_is_written) {
    uint64_t *root = vm_root();
    const uint64_t va = UINT64_C(16) << 30;
    uint64_t *slot = vm_slot(root, va, 0);
    const uint64_t table = (uint64_t)slot & ~UINT64_C(4095);
    *slot = pte_ppn(table) | PTE_V | PTE_RW | PTE_AD;
    vm_use(root, 0);
    struct outcome o = vm_access(BY_S, 0, 's', va + ((uint64_t)slot & 4095));
    CHECK_TRAP("store over the PTE", o, NO_TRAP, 0);
    CHECK_EQ(*slot, STORED);
    sfence_vma();
    o = vm_access(BY_S, 0, 'l', va);
    CHECK(o.cause != NO_TRAP);
}

// A leaf over a device: data goes there, code does not, and the table there is the device's words.
PROGRAM(leaves_over_devices) {
    uint64_t *root = vm_root();
    static const uint64_t places[] = {PLIC_AT, UART_AT, CLINT_AT, SLOT_AT(DISK), FINISHER_AT};
    for (unsigned i = 0; i < sizeof places / sizeof *places; i++) {
        const uint64_t va = (UINT64_C(16) << 30) + i * PAGE;
        *vm_slot(root, va, 0) = pte_ppn(places[i]) | PTE_V | PTE_RWX | PTE_AD;
    }
    vm_use(root, 0);
    for (unsigned i = 0; i < sizeof places / sizeof *places; i++) {
        const uint64_t va = (UINT64_C(16) << 30) + i * PAGE;
        struct outcome o = vm_access(BY_S, 0, 'f', va);
        CHECK_TRAP("fetch", o, FETCH_ACCESS, va);
        vm_access(BY_S, 0, 'l', va);
    }
}

// A gigapage across everything, RAM's end within: both sides of it.
PROGRAM(superpage_over_rams_end) {
    uint64_t *root = vm_root();
    const uint64_t va = UINT64_C(16) << 30;
    root[16] = pte_ppn(RAM_BEGIN) | PTE_V | PTE_RWX | PTE_AD;
    vm_use(root, 0);
    struct outcome o = vm_access(BY_S, 0, 'l', va + RAM_BYTES - 8);
    CHECK_TRAP("last", o, NO_TRAP, 0);
    o = vm_access(BY_S, 0, 'l', va + RAM_BYTES);
    CHECK_TRAP("behind", o, LOAD_ACCESS, va + RAM_BYTES);
    o = vm_access(BY_S, 0, 's', va + RAM_BYTES - 4);
    CHECK_TRAP("across", o, STORE_ACCESS, va + RAM_BYTES);
}

PROGRAM(satp_everything) {
    for (unsigned mode = 0; mode < 16; mode++) {
        for (unsigned bit = 0; bit < 60; bit++) {
            csr_write("satp", (uint64_t)mode << 60 | BIT(bit));
            sfence_vma();
        }
    }
    csr_write("satp", 0);
}

// Random tables, random addresses: whatever happens, it is one of the six faults or none.
PROGRAM(tables_of_noise) {
    uint64_t x = 88172645463325252;
    uint64_t *root = vm_root();
    for (unsigned n = 0; n < 3000; n++) {
        volatile uint64_t *word = (volatile uint64_t *)pages[8 + n % 8];
        for (unsigned i = 0; i < 64; i++) {
            x ^= x << 13, x ^= x >> 7, x ^= x << 17;
            // Two thirds lead back into the noise.
            word[(x >> 40) % 512] = x % 3 ? pte_ppn(pages[8 + x % 7]) | (x >> 9 & 0xdf) | PTE_V : x;
        }
        root[16] = pte_ppn(pages[8 + n % 8]) | PTE_V;
        vm_use(root, 0);
        const uint64_t va = (UINT64_C(16) << 30) + (x & 0x3ffffff8);
        struct outcome o = vm_access(BY_MPRV_S, 0, 'l', va);
        CHECK(o.cause == NO_TRAP || o.cause == LOAD_PAGE || o.cause == LOAD_ACCESS);
    }
}
