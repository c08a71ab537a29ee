// SPDX-License-Identifier: MIT
//
// Chapter 3, page tables and the TLB. The walk is shown on real tables; what a TLB saves is counted
// with a model of one, because a real one cannot be asked; and then timed on this machine.
#include "kernel/chapter.h"
#include "kernel/kernel.h"
#include "kernel/lab.h"
#include "kernel/report.h"

#define TLB_ENTRIES 32

// A TLB with full associativity that replaces the entry used longest ago.
struct tlb_model {
    uint64_t page[TLB_ENTRIES], used[TLB_ENTRIES];
    uint64_t now, hits, misses;
};

static void tlb_access(struct tlb_model *tlb, uint64_t page) {
    unsigned oldest = 0;
    tlb->now++;
    for (unsigned n = 0; n < TLB_ENTRIES; n++) {
        if (tlb->used[n] && tlb->page[n] == page) {
            tlb->used[n] = tlb->now;
            tlb->hits++;
            return;
        }
        if (tlb->used[n] < tlb->used[oldest]) oldest = n;
    }
    tlb->misses++;
    tlb->page[oldest] = page;
    tlb->used[oldest] = tlb->now;
}

struct pattern {
    const char *what;
    uint64_t pages, in_a_row, rounds;
    int page_bits, levels;
    uint64_t misses; // as theory has it
};

static void count_pattern(struct kernel *kernel, const struct pattern *p) {
    struct tlb_model tlb = {0};
    for (uint64_t round = 0; round < p->rounds; round++)
        for (uint64_t page = 0; page < p->pages; page++)
            for (uint64_t n = 0; n < p->in_a_row; n++)
                tlb_access(&tlb, (page << PAGE_SHIFT) >> p->page_bits);
    uint64_t accesses = p->pages * p->in_a_row * p->rounds, levels = (uint64_t)p->levels;
    say(kernel, "  %-44s %7lu  %8lu  %8lu  %4lu%%\n", p->what, accesses, accesses * (levels + 1),
        accesses + tlb.misses * levels, 100 * tlb.hits / accesses);
    expect_equal(kernel, "TLB misses", tlb.misses, p->misses);
}

static void what_a_tlb_saves(struct kernel *kernel) {
    static const struct pattern patterns[] = {
        {"16 pages, round and round", 16, 1, 100, 12, 3, 16},
        {"64 pages, round and round: more than entries", 64, 1, 100, 12, 3, 6400},
        {"64 pages, 512 words of each, once", 64, 512, 1, 12, 3, 64},
        {"the same 64 pages in one 2 MiB superpage", 64, 1, 100, 21, 2, 1},
    };
    say(kernel,
        "\nMemory accesses made for the accesses wanted, with a TLB of %d entries:\n\n"
        "  %-44s  wanted    no TLB  with TLB  hits\n",
        TLB_ENTRIES, "pattern");
    for (size_t n = 0; n < sizeof patterns / sizeof *patterns; n++)
        count_pattern(kernel, &patterns[n]);
}

// Reads one word of each of 512 pages, some rounds; time in ticks of `time`.
static uint64_t read_pages(uint64_t base) {
    uint64_t start = time_now();
    for (int round = 0; round < 64; round++)
        for (uint64_t n = 0; n < TABLE_ENTRIES; n++)
            (void)*(volatile uint64_t *)(base + n * PAGE_BYTES + n * 64 % PAGE_BYTES);
    return time_now() - start;
}

// Maps the kernel's own 2 MiB twice more, read-only: once as 512 pages, once as one superpage.
static void time_superpage(struct kernel *kernel) {
    const uint64_t window = DEVICE_WINDOW + GIGAPAGE_BYTES, bits = PTE_VALID | PTE_ACCESSED;
    uint64_t base = kernel->frames.base;
    uint32_t middle = frame_take(kernel, FRAME_KERNEL), low = frame_take(kernel, FRAME_KERNEL);
    if (middle == NO_FRAME || low == NO_FRAME) return;
    uint64_t *entry = (uint64_t *)kernel->root + (window >> 30 & (TABLE_ENTRIES - 1));
    uint64_t *middle_table = frame_data(&kernel->frames, middle);
    uint64_t *low_table = frame_data(&kernel->frames, low);
    *entry = pte_make((uint64_t)middle_table, PTE_VALID);
    middle_table[0] = pte_make((uint64_t)low_table, PTE_VALID);
    middle_table[1] = pte_make(base, bits | PTE_READ);
    for (uint64_t n = 0; n < TABLE_ENTRIES; n++)
        low_table[n] = pte_make(base + n * PAGE_BYTES, bits | PTE_READ);
    tlb_flush_all();
    uint64_t small = read_pages(window), super = read_pages(window + SUPERPAGE_BYTES);
    struct walk walk_small = pagetable_walk(kernel->root, window);
    struct walk walk_super = pagetable_walk(kernel->root, window + SUPERPAGE_BYTES);
    *entry = 0;
    tlb_flush_all();
    frame_give(kernel, middle);
    frame_give(kernel, low);
    say(kernel,
        "\nTimed here: 32768 reads over 2 MiB take %lu ticks through 512 pages, %lu through one "
        "superpage.\n",
        small, super);
    expect_equal(kernel, "entries a walk reads to a 4 KiB page", (uint64_t)walk_small.steps, 3);
    expect_equal(kernel, "entries a walk reads to a 2 MiB superpage", (uint64_t)walk_super.steps,
                 2);
    expect(kernel, "both lead to the same memory", walk_small.physical == walk_super.physical);
}

void chapter_tables(struct kernel *kernel) {
    struct process *process = lab_start(kernel, "same 7");
    if (!process) return;
    say(kernel, "A variable of program `same`:\n");
    report_walk(kernel, process->root, process->stop_value);
    struct walk walk = pagetable_walk(process->root, process->stop_value);
    expect_equal(kernel, "entries read", (uint64_t)walk.steps, 3);
    expect(kernel, "the page may be used by programs, and was",
           (walk.step[2].entry & (PTE_USER | PTE_ACCESSED)) == (PTE_USER | PTE_ACCESSED));
    say(kernel, "\nThe kernel's code, in the same address space:\n");
    report_walk(kernel, process->root, kernel->frames.base);
    walk = pagetable_walk(process->root, kernel->frames.base);
    expect(kernel, "it is not for programs, and not writable",
           !(walk.step[2].entry & (PTE_USER | PTE_WRITE)));
    say(kernel, "\nThe UART, in a page of 1 GiB:\n");
    report_walk(kernel, process->root, DEVICE_WINDOW + kernel->machine.uart.base);
    walk = pagetable_walk(process->root, DEVICE_WINDOW + kernel->machine.uart.base);
    expect_equal(kernel, "entries read", (uint64_t)walk.steps, 1);
    expect_equal(kernel, "where it leads", walk.physical, kernel->machine.uart.base);
    what_a_tlb_saves(kernel);
    time_superpage(kernel);
}
