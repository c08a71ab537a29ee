// SPDX-License-Identifier: MIT
// A program for Linux on riscv64 that needs nothing but the kernel: counts its own instructions,
// TLB misses and the kernel's work through perf_event_open, and takes samples by overflow
// interrupts. Prints what it counted; the counts that are known beforehand are checked.

#include "bare.h"

enum { CALL_IOCTL = 29, CALL_READ = 63 };
enum { CALL_PERF_EVENT_OPEN = 241, IOCTL_ENABLE = 0x2400, IOCTL_DISABLE = 0x2401 };
enum { PROT_READ_WRITE = 3, MAP_SHARED = 1, MAP_PRIVATE_ANONYMOUS_POPULATED = 0x8022 };
enum { DISABLED = 1 << 0, EXCLUDE_USER = 1 << 4, EXCLUDE_KERNEL = 1 << 5, SAMPLE_IP = 1 };
enum { HARDWARE = 0, CACHE = 3, RAW = 4, CYCLES = 0, INSTRUCTIONS = 1, DTLB_READ_MISSES = 0x10003 };
enum { FENCES = 0x06, PAGE = 4096, PAGES = 1024, LOOPS = 100000, LOOP_INSNS = 2, PERIOD = 10000 };
// Calls that switch a counter on and off execute instructions of their own.
enum { OVERHEAD = 200, HEADER_DATA_HEAD = 1024, RECORD_BYTES = 16 };

// struct perf_event_attr, in its first version.
struct attributes {
    unsigned type, size;
    unsigned long config, period, sample_type, read_format, flags;
    unsigned wakeup, breakpoint_type;
    unsigned long breakpoint;
};

// One line: "perfcheck: NAME: COUNT ok" or "... wrong".
static int report(const char *name, unsigned long count, unsigned long least, unsigned long most) {
    const int good = count >= least && count <= most;
    print("perfcheck: ");
    print(name);
    print(": ");
    print_number(count);
    print(good ? " ok\n" : " wrong\n");
    return good;
}

static long open_counter(unsigned type, unsigned long config, unsigned long flags,
                         unsigned long period) {
    struct attributes attributes = {.type = type,
                                    .size = sizeof attributes,
                                    .config = config,
                                    .period = period,
                                    .sample_type = period ? SAMPLE_IP : 0,
                                    .flags = DISABLED | flags};
    return call(CALL_PERF_EVENT_OPEN, (long)&attributes, 0, -1, -1, 0, 0);
}

static void spin(const unsigned char *unused) {
    (void)unused;
    unsigned long n = LOOPS;
    __asm__ volatile("1: addi %0, %0, -1\n bnez %0, 1b" : "+r"(n));
}

static void touch_pages(const unsigned char *memory) {
    for (unsigned long i = 0; i < PAGES; i++)
        (void)*(const volatile unsigned char *)(memory + i * PAGE);
}

// What the counter says after work() was done.
static unsigned long count(unsigned type, unsigned long config, unsigned long flags,
                           void (*work)(const unsigned char *), const unsigned char *memory) {
    unsigned long value = 0;
    const long file = open_counter(type, config, flags, 0);
    call(CALL_IOCTL, file, IOCTL_ENABLE, 0, 0, 0, 0);
    work(memory);
    call(CALL_IOCTL, file, IOCTL_DISABLE, 0, 0, 0, 0);
    call(CALL_READ, file, (long)&value, sizeof value, 0, 0, 0);
    return value;
}

// How many samples the spinning is worth.
static unsigned long sample(void) {
    const long file = open_counter(HARDWARE, INSTRUCTIONS, EXCLUDE_KERNEL, PERIOD);
    const long ring = call(CALL_MMAP, 0, 2 * PAGE, PROT_READ_WRITE, MAP_SHARED, file, 0);
    if (file < 0 || ring < 0) return 0;
    call(CALL_IOCTL, file, IOCTL_ENABLE, 0, 0, 0, 0);
    spin(0);
    call(CALL_IOCTL, file, IOCTL_DISABLE, 0, 0, 0, 0);
    return *(volatile unsigned long *)(ring + HEADER_DATA_HEAD) / RECORD_BYTES;
}

_Noreturn void begin(const long *stack) {
    (void)stack;
    const long memory = call(CALL_MMAP, 0, (long)PAGES * PAGE, PROT_READ_WRITE,
                             MAP_PRIVATE_ANONYMOUS_POPULATED, -1, 0);
    const unsigned char *pages = (const unsigned char *)memory;
    const unsigned long loop = LOOPS * LOOP_INSNS, none = ~0UL;
    int good = memory > 0;
    good &= report("instructions of the program",
                   count(HARDWARE, INSTRUCTIONS, EXCLUDE_KERNEL, spin, 0), loop, loop + OVERHEAD);
    good &= report("instructions of the kernel",
                   count(HARDWARE, INSTRUCTIONS, EXCLUDE_USER, spin, 0), 100, loop);
    good &= report("cycles of the program", count(HARDWARE, CYCLES, EXCLUDE_KERNEL, spin, 0), loop,
                   2 * loop);
    good &= report("data TLB misses, 1024 pages",
                   count(CACHE, DTLB_READ_MISSES, EXCLUDE_KERNEL, touch_pages, pages), PAGES - 64,
                   PAGES + 64);
    good &= report("fences, a raw event", count(RAW, FENCES, 0, spin, 0), 0, none);
    good &= report("samples by overflow", sample(), loop / PERIOD - 1, loop / PERIOD + 1);
    print(good ? "perfcheck: all is well\n" : "perfcheck: something is wrong\n");
    leave(!good);
}
