// SPDX-License-Identifier: MIT
//
// Where the kernel begins: it finds the machine in the device tree, lays out its own memory, turns
// paging on, looks for its disks, and goes to the prompt.
#include "kernel/kernel.h"
#include "kernel/shell.h"

#define FILE_MAP_PAGES 2048u        // pages of files it can keep track of: 8 MiB
#define LEAST_RAM      (3ull << 20) // with less, --ram is not heeded
#define LEAST_FRAMES   64u          // to be free at the start

extern char kernel_start[], kernel_end[];
void kernel_main(uint64_t hart, const void *device_tree);

static void put_console(void *context, char c) { console_put(context, c); }

void say(struct kernel *kernel, const char *text, ...) {
    va_list arguments;
    va_start(arguments, text);
    format(put_console, &kernel->console, text, arguments);
    va_end(arguments);
}

void power_off(struct kernel *kernel, unsigned code) {
    if (kernel->machine.finisher) {
        volatile uint32_t *finisher = device_pointer(kernel->machine.finisher);
        *finisher = code ? code << 16 | 0x3333 : 0x5555;
    }
    sbi_call(SBI_SRST, 0, 0, code != 0);
    for (;;) wait_for_interrupt();
}

void kernel_panic(struct kernel *kernel, const char *why) {
    if (kernel) {
        kernel->console.quiet = false;
        say(kernel, "\nkernel panic: %s\n", why);
        power_off(kernel, 3);
    }
    sbi_call(SBI_SRST, 0, 0, 1);
    for (;;) wait_for_interrupt();
}

// The value behind an option in the kernel's arguments, up to the next blank; false without it.
static bool argument_number(const struct machine *machine, const char *option, uint64_t *number) {
    char word[24];
    const char *at = text_find(machine->arguments, option);
    if (!at) return false;
    text_copy(word, at + strlen(option), sizeof word);
    for (char *c = word; *c; c++)
        if (*c == ' ') *c = 0;
    return number_parse(word, number);
}

// Memory that is set aside before there is a frame table.
static void *set_aside(uint64_t *next, uint64_t bytes) {
    void *memory = (void *)*next;
    *next = round_up(*next + bytes, PAGE_BYTES);
    memset(memory, 0, *next - (uint64_t)memory);
    return memory;
}

// Each device that is found keeps a page for its rings.
static void find_devices(struct kernel *kernel, uint64_t *next) {
    const struct machine *machine = &kernel->machine;
    for (unsigned n = 0; n < machine->virtio_count; n++) {
        const struct device_slot *slot = &machine->virtio[n];
        volatile void *base = device_pointer(slot->base);
        const char *not_disk = NULL, *not_keyboard = NULL;
        void *rings = (void *)*next;
        memset(rings, 0, PAGE_BYTES);
        struct disk *disk = &kernel->disk[kernel->disk_count];
        if (kernel->disk_count < MAX_DISKS &&
            disk_start(disk, base, slot->interrupt, rings, &not_disk)) {
            *next += PAGE_BYTES;
            kernel->disk_count++;
        } else if (!kernel->keyboard.registers &&
                   keyboard_start(&kernel->keyboard, base, slot->interrupt, rings, &not_keyboard)) {
            *next += PAGE_BYTES;
        }
        if (not_disk) say(kernel, "disk at 0x%lx is not used: %s\n", slot->base, not_disk);
        if (not_keyboard)
            say(kernel, "keyboard at 0x%lx is not used: %s\n", slot->base, not_keyboard);
    }
}

// The disk with the directory holds the files; the other one is for swap.
static void assign_disks(struct kernel *kernel, uint32_t *file_map) {
    for (unsigned n = 0; n < kernel->disk_count && !kernel->files.disk; n++)
        files_start(kernel, &kernel->disk[n], file_map, FILE_MAP_PAGES);
    if (!kernel->files.disk) say(kernel, "no disk with programs was found\n");
    for (unsigned n = 0; n < kernel->disk_count && !kernel->swap.disk; n++)
        if (&kernel->disk[n] != kernel->files.disk)
            swap_start(kernel, &kernel->disk[n], kernel->swap_map, kernel->swap_map_room, false);
    if (!kernel->swap.disk) say(kernel, "there is no swap: changed pages have to stay in RAM\n");
}

// The swap map is as long as the largest disk has pages, but takes no more than a sixteenth of RAM.
static uint32_t swap_room(const struct kernel *kernel, uint64_t ram) {
    uint64_t sectors = 0;
    for (unsigned n = 0; n < kernel->disk_count; n++)
        sectors = most(sectors, kernel->disk[n].sectors);
    return (uint32_t)least(sectors * SECTOR_BYTES / PAGE_BYTES,
                           ram / 16 / sizeof(struct swap_slot));
}

static void greet(struct kernel *kernel) {
    const struct frames *frames = &kernel->frames;
    uint64_t ram = frames->count * PAGE_BYTES / 1024;
    say(kernel, "\nThe pager: virtual memory, one page at a time.\n");
    say(kernel, "RAM: %lu KiB in %u frames, %u free.  ", ram, frames->count, frames->free);
    if (kernel->swap.disk)
        say(kernel, "Swap: %u pages, %u KiB.  ", kernel->swap.count - 1,
            (kernel->swap.count - 1) * 4);
    say(kernel, "Files: %u.  Policy: %s.\n", kernel->files.count, kernel->policy->name);
    say(kernel, "Type `help` for the commands, `chapters` for the tour, `before` to begin it.\n\n");
}

static struct kernel *lay_out(struct machine *machine, uint64_t *next, uint64_t *end) {
    struct kernel *kernel = set_aside(next, sizeof *kernel);
    kernel->machine = *machine;
    uint64_t limit;
    *end = machine->ram_base + machine->ram_bytes;
    if (argument_number(machine, "--ram ", &limit))
        *end = least(*end, machine->ram_base + most(limit, LEAST_RAM));
    *end = round_down(*end, PAGE_BYTES);
    kernel->boot_pages_left = 4 + (unsigned)(machine->ram_bytes / GIGAPAGE_BYTES);
    kernel->boot_pages = (uint64_t)set_aside(next, kernel->boot_pages_left * PAGE_BYTES);
    return kernel;
}

void kernel_main(uint64_t hart, const void *device_tree) {
    struct machine machine = {0};
    if (!machine_read(&machine, hart, device_tree)) kernel_panic(NULL, "no device tree");
    uint64_t next = (uint64_t)kernel_end, end;
    struct kernel *kernel = lay_out(&machine, &next, &end);
    __asm__ volatile("mv tp, %0" ::"r"(kernel)); // for kernel_trap alone
    pagetable_start(kernel, (uint64_t)kernel_start, end);
    console_start(&kernel->console, DEVICE_WINDOW + machine.uart.base);
    find_devices(kernel, &next);
    uint32_t *file_map = set_aside(&next, FILE_MAP_PAGES * sizeof *file_map);
    kernel->swap_map_room = swap_room(kernel, end - machine.ram_base);
    kernel->swap_map = set_aside(&next, kernel->swap_map_room * sizeof(struct swap_slot));
    frame_start(&kernel->frames, (uint64_t)kernel_start, next, end);
    if (kernel->frames.free < LEAST_FRAMES) kernel_panic(kernel, "too little RAM");
    kernel->policy = &POLICIES[1];
    kernel->policy_random = 1;
    kernel->scheduler.sample_every = SAMPLE_USUALLY;
    csr_write(scounteren, 7); // programs may read time and cycle
    interrupt_start(kernel);
    kernel->frames.zero = frame_take(kernel, FRAME_KERNEL);
    assign_disks(kernel, file_map);
    greet(kernel);
    shell(kernel);
}
