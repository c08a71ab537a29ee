// SPDX-License-Identifier: MIT
// A page fault, told step by step. Eight virtual pages belong to the first 32 KiB of the disk, but
// there are only three frames of memory for them. Whoever touches a page that is not in memory
// takes a page fault; demo_trap() fetches it from the disk and lets the instruction run again. That
// is demand paging, and what an operating system does for every program and its swap space.
//
// "quit" on the kernel's command line ends the demonstration where the prompt would come.
#include "firmware/demo/demo.h"
#include "firmware/lib/dt.h"
#include "firmware/lib/memory.h"
#include "firmware/lib/riscv.h"
#include "firmware/lib/text.h"
#include <stddef.h>

enum { FRAMES = 3, NOT_USED = -1, FIRST_PAGE = 3, FIRST_OFFSET = 0x12 };

struct demo {
    struct paging paging;
    uint8_t frame[FRAMES][PAGE_SIZE] __attribute__((aligned(4096)));
    int page_in[FRAMES]; // which window page a frame holds, or NOT_USED
    unsigned next_frame; // the frame to take next: the one filled longest ago
    unsigned faults;
    struct disk disk;
    uint64_t ticks_per_second;
    char command_line[256];
};

// sscratch points at it, for the trap handler.
static struct demo *this_demo(void) { return (struct demo *)csr_read(sscratch); }

void trap_entry(void); // start.S
void demo_trap(void);  // called by it
_Noreturn void demo_main(uint64_t hart, const void *device_tree);

// ---- The page fault ----

static const char *cause_name(uint64_t cause) {
    switch (cause) {
    case CAUSE_LOAD_PAGE: return "load page fault";
    case CAUSE_STORE_PAGE: return "store page fault";
    case CAUSE_FETCH_PAGE: return "instruction page fault";
    default: return "a trap that this program does not expect";
    }
}

// Takes the frame filled longest ago from its page. The page goes back to the disk if it was
// written to; the D bit knows.
static void evict(struct demo *d, unsigned frame) {
    unsigned page = (unsigned)d->page_in[frame];
    pte_t *entry = paging_entry(&d->paging, page);
    uint64_t sector = page * SECTORS_PER_PAGE;
    say("  [evict] All %u frames are in use. Page %u has been in memory longest and must go.\n",
        FRAMES, page);
    if (*entry & PTE_D) {
        say("      Its D bit is set: it was written to. Writing it back to sectors %lu..%lu.\n",
            sector, sector + SECTORS_PER_PAGE - 1);
        if (!disk_write_page(&d->disk, sector, d->frame[frame]))
            say("      The disk refused: what was written to the page is lost.\n");
    } else {
        say("      Its D bit is clear: the copy on the disk is still good, nothing to write.\n");
    }
    *entry = pte_on_disk(sector);
    sfence_vma_page(WINDOW + page * PAGE_SIZE);
    say("      Its PTE is 0x%016lx again, and sfence.vma drops the TLB's copy.\n", *entry);
}

static void bring_in(struct demo *d, unsigned page) {
    pte_t *entry = paging_entry(&d->paging, page);
    uint64_t sector = pte_sector(*entry);
    say("  [3] The PTE is not valid, so its other 63 bits are the kernel's to use.\n"
        "      This kernel has put a disk sector there, from bit 10 up: %lu.\n",
        sector);
    unsigned frame = d->next_frame;
    d->next_frame = (frame + 1) % FRAMES;
    if (d->page_in[frame] != NOT_USED) evict(d, frame);
    say("  [4] The virtio disk reads sectors %lu..%lu into the frame at 0x%lx: ", sector,
        sector + SECTORS_PER_PAGE - 1, (uint64_t)d->frame[frame]);
    if (!disk_read_page(&d->disk, sector, d->frame[frame])) {
        say("disk error. Nothing to show; switching off.\n");
        power_off();
    }
    say("done.\n");
    d->page_in[frame] = (int)page;
    *entry = pte_for_frame(d->frame[frame]);
    sfence_vma_page(WINDOW + page * PAGE_SIZE);
    say("  [5] The PTE becomes 0x%016lx: valid, readable, writable, not yet accessed (A=0).\n"
        "      sret goes back to 0x%lx, and the same instruction runs once more.\n",
        *entry, csr_read(sepc));
}

// A hart may leave the A and D bits to software and fault instead of setting them.
static void set_accessed(struct demo *d, unsigned page, bool store) {
    *paging_entry(&d->paging, page) |= PTE_A | (store ? PTE_D : 0);
    sfence_vma_page(WINDOW + page * PAGE_SIZE);
    say("  [3] The page is there, but A or D is clear, and this hart wants software to set them.\n"
        "      Set. sret, and once more.\n");
}

void demo_trap(void) {
    struct demo *d = this_demo();
    uint64_t cause = csr_read(scause), va = csr_read(stval);
    bool in_window = va >= WINDOW && va - WINDOW < WINDOW_PAGES * PAGE_SIZE;
    say("\n  [1] The hart stops and jumps to stvec. It reports:\n"
        "      scause    %lu: %s\n"
        "      stval     0x%lx: the address that was wanted\n"
        "      sepc      0x%lx: the instruction that wanted it\n",
        cause, cause_name(cause), va, csr_read(sepc));
    if (!in_window || (cause != CAUSE_LOAD_PAGE && cause != CAUSE_STORE_PAGE)) {
        say("      That is a mistake of this program. Switching off.\n");
        power_off();
    }
    d->faults++;
    say("  [2] The walk that failed, done again by hand:\n");
    paging_explain(&d->paging, va);
    unsigned page = (unsigned)((va - WINDOW) / PAGE_SIZE);
    if (*paging_entry(&d->paging, page) & PTE_V)
        set_accessed(d, page, cause == CAUSE_STORE_PAGE);
    else
        bring_in(d, page);
}

// ---- What the visitor can do ----

// The text of a page: up to its first zero byte, one line or all.
static void say_text(const volatile char *text, const char *indent, bool whole) {
    say("%s", indent);
    for (unsigned i = 0; i < PAGE_SIZE && text[i] != '\0'; i++) {
        if (text[i] == '\n' && (!whole || text[i + 1] == '\0')) break;
        say("%c", text[i]);
        if (text[i] == '\n') say("%s", indent);
    }
    say("\n");
}

static void touch(struct demo *d, unsigned page) {
    volatile char *byte = (volatile char *)(WINDOW + page * PAGE_SIZE);
    unsigned before = d->faults;
    say("\nLoading a byte of page %u, address 0x%lx.\n", page, (uint64_t)byte);
    (void)*byte;
    if (d->faults == before) say("  No fault: the page is in memory.\n");
    say_text(byte, "      | ", true);
}

static void write_to(struct demo *d, unsigned page) {
    volatile char *byte = (volatile char *)(WINDOW + page * PAGE_SIZE);
    say("\nStoring a byte to page %u, address 0x%lx.\n", page, (uint64_t)byte);
    *byte = '#';
    say("  Stored. The walk now:\n");
    paging_explain(&d->paging, (uint64_t)byte);
    say("  D is set, so that the page is written back to the disk before its frame is reused.\n");
}

static void show_pages(struct demo *d) {
    say("\n  page  address   PTE\n");
    for (unsigned n = 0; n < WINDOW_PAGES; n++) {
        pte_t pte = *paging_entry(&d->paging, n);
        say("  %4u  0x%lx  0x%016lx  ", n, WINDOW + n * PAGE_SIZE, pte);
        if (pte & PTE_V)
            say("in memory%s\n", pte & PTE_D ? ", changed" : "");
        else
            say("on disk, sector %lu\n", pte_sector(pte));
    }
    say("  %u page faults so far\n", d->faults);
}

static _Noreturn void prompt(struct demo *d) {
    static const char help[] = "\nYour turn: 0-7 read a page, w then 0-7 write to it, p the page "
                               "table, h help, q switch off\n";
    say("%s", help);
    for (bool write = false;;) {
        if (!write) say("> ");
        char key = wait_for_key(d->ticks_per_second);
        if (key != '\r' && key != '\n') say("%c", key);
        if (key >= '0' && key < '0' + WINDOW_PAGES)
            (write ? write_to : touch)(d, (unsigned)(key - '0'));
        else if (key == 'p')
            show_pages(d);
        else if (key == 'q')
            break;
        else if (key != 'w')
            say("%s", help);
        write = key == 'w';
    }
    say("\nGoodbye.\n");
    power_off();
}

// ---- Getting there ----

static void note_node(void *context, const struct dt_node *node) {
    struct demo *d = context;
    uint64_t base, size;
    d->ticks_per_second = dt_word_or(&node->property[DT_TIMEBASE], (uint32_t)d->ticks_per_second);
    if (d->disk.registers == 0 && dt_is_device(node, "virtio,mmio") &&
        dt_reg(node, 0, &base, &size))
        disk_open(&d->disk, base, disk_queue_memory());
    const struct dt_property *line = &node->property[DT_BOOTARGS];
    if (line->size > 0 && line->size <= sizeof d->command_line && line->data[line->size - 1] == 0)
        memcpy(d->command_line, line->data, line->size);
}

static void find_devices(struct demo *d, const void *device_tree) {
    struct dt dt;
    if (!dt_open(&dt, device_tree) || !dt_walk(&dt, note_node, d))
        say("  The device tree is broken; going on with what it said so far.\n");
    if (d->disk.registers == 0 || d->disk.sectors < WINDOW_PAGES * SECTORS_PER_PAGE) {
        say("  There is no virtio disk of at least %u KiB, so there is nothing to page from.\n"
            "  Add: -drive file=FILE,format=raw,if=none,id=d -device virtio-blk-device,drive=d\n",
            WINDOW_PAGES * PAGE_SIZE / 1024);
        power_off();
    }
    say("  disk      virtio block device at 0x%lx, %lu sectors of %u bytes\n", d->disk.registers,
        d->disk.sectors, SECTOR_SIZE);
}

static void build_and_turn_on(struct demo *d) {
    for (unsigned i = 0; i < FRAMES; i++) d->page_in[i] = NOT_USED;
    paging_build(&d->paging);
    say("  window    %u pages from 0x%lx, none in memory, all on the disk\n", WINDOW_PAGES, WINDOW);
    say("  frames    %u of %u bytes from 0x%lx to hold them\n", FRAMES, PAGE_SIZE,
        (uint64_t)d->frame);
    csr_write(sscratch, d);
    csr_write(stvec, trap_entry);
    paging_turn_on(&d->paging);
    say("  satp      0x%lx: Sv39 is on, each address from here is translated\n", csr_read(satp));
}

static void first_fault(struct demo *d) {
    volatile char *byte = (volatile char *)(WINDOW + FIRST_PAGE * PAGE_SIZE + FIRST_OFFSET);
    say("\nLoading a byte from address 0x%lx. Nobody has put memory there yet.\n", (uint64_t)byte);
    char got = *byte;
    say("  [6] Retry succeeded. The load got '%c'. The walk now finds a page, and A is set:\n",
        got);
    paging_explain(&d->paging, (uint64_t)byte);
    say("      The page begins:\n");
    say_text(byte - FIRST_OFFSET, "      | ", false);
    say("\nThe program that loaded the byte noticed nothing: its page was on the disk, now it is\n"
        "in memory. That is demand paging.\n");
}

_Noreturn void demo_main(uint64_t hart, const void *device_tree) {
    static struct demo demo;
    say("\nTablewalk: one page fault, step by step\n"
        "=======================================\n"
        "  hart      %lu, in S-mode, no translation yet (satp 0x%lx)\n",
        hart, csr_read(satp));
    find_devices(&demo, device_tree);
    build_and_turn_on(&demo);
    first_fault(&demo);
    if (text_equal(demo.command_line, "quit")) power_off();
    prompt(&demo);
}
