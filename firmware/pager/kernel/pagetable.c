// SPDX-License-Identifier: MIT
//
// Sv39 page tables.
//
// A virtual address of 39 bits is four numbers:
//
//      38        30 29        21 20        12 11            0
//     +------------+------------+------------+---------------+
//     |   VPN[2]   |   VPN[1]   |   VPN[0]   |    offset     |
//     +------------+------------+------------+---------------+
//       9 bits: one  9 bits       9 bits       12 bits: one of
//       of 512                                 4096 bytes
//
// A page table is one frame that holds 512 entries of 8 bytes. The register satp names the frame of
// the *root* table. The hart picks entry VPN[2] there; that entry names the frame of a second
// table, in which VPN[1] picks an entry, which names a third table, in which VPN[0] picks the entry
// that names, at last, the frame of the page. The offset is carried over as it is. Three memory
// accesses to make one: that is why the hart keeps the results in its TLB (chapter `walk`).
//
// An entry:
//
//      63      54 53                          10 9 8 7 6 5 4 3 2 1 0
//     +----------+------------------------------+---+-+-+-+-+-+-+-+-+
//     |    0     |        frame number          |RSW|D|A|G|U|X|W|R|V|
//     +----------+------------------------------+---+-+-+-+-+-+-+-+-+
//
//   V  the entry means something; without it the other 63 bits are the kernel's to use, and this
//      kernel keeps the number of a swap slot there
//   R W X  what may be done; none of them set: the entry leads to the next table
//   U  user programs may use the page, and the kernel may not
//   G  the same in every address space: the TLB keeps it when the address space changes
//   A  the page was used since A was last cleared: all that page replacement knows about a program
//   D  the page was written since D was last cleared: it differs from its copy on disk
//   RSW  two bits that the hart ignores, for software
//
// An entry with R, W or X may also stand in the second table, and then maps 2 MiB at once, or in
// the root: 1 GiB. Such a superpage needs a shorter walk, fewer tables and only one TLB entry; but
// it must be all in RAM or not at all, lie on a multiple of its size, and has one set of rights.
//
// Where everything lies, in every address space:
//
//     0x0000000000                 nothing: a null pointer is to be noticed
//     0x0000010000  U              the program: code, constants, data, and its heap after that
//     0x0020000000  U              mapped files
//     0x0040000000  U              the stack, downwards
//     0x0080200000  G  RX, R, RW   RAM, at its physical address: the kernel's own 2 MiB in
//                                  small pages, as code, constants and data need different
//                                  rights; all further RAM in superpages, RW
//     0xffffffc000000000  G  RW    devices: physical addresses below 1 GiB, by one gigapage
//
// No kernel page is both writable and executable. The kernel never touches a user page at its user
// address: it walks the table itself and uses the frame's own address, so a bad pointer from a
// program can never become a trap of the kernel.
#include "kernel/pagetable.h"

#include "kernel/kernel.h"

extern char kernel_start[], kernel_constants[], kernel_data[], kernel_end[], kernel_stack_guard[];

static unsigned index_at(uint64_t address, int level) {
    return address >> (PAGE_SHIFT + 9 * level) & (TABLE_ENTRIES - 1);
}

struct walk pagetable_walk(uint64_t root, uint64_t address) {
    struct walk walk = {.level = LEVELS};
    uint64_t table = root;
    while (walk.level > 0) {
        walk.level--;
        uint64_t *entry = (uint64_t *)table + index_at(address, walk.level);
        walk.step[walk.steps].address = (uint64_t)entry;
        walk.step[walk.steps++].entry = *entry;
        if (!(*entry & PTE_VALID)) return walk;
        if (*entry & PTE_RIGHTS) {
            uint64_t size = PAGE_BYTES << 9 * walk.level;
            walk.leaf = true;
            walk.physical = pte_address(*entry) + address % size;
            return walk;
        }
        table = pte_address(*entry);
    }
    return walk;
}

uint64_t *pagetable_find(uint64_t root, uint64_t address) {
    uint64_t *table = (uint64_t *)root;
    for (int level = LEVELS - 1; level > 0; level--) {
        uint64_t entry = table[index_at(address, level)];
        if (!(entry & PTE_VALID) || (entry & PTE_RIGHTS)) return NULL;
        table = (uint64_t *)pte_address(entry);
    }
    return &table[index_at(address, 0)];
}

uint64_t *pagetable_make(struct kernel *kernel, uint64_t root, uint64_t address) {
    uint64_t *table = (uint64_t *)root;
    for (int level = LEVELS - 1; level > 0; level--) {
        uint64_t *entry = &table[index_at(address, level)];
        if (!(*entry & PTE_VALID)) {
            uint32_t number = frame_take(kernel, FRAME_TABLE);
            if (number == NO_FRAME) return NULL;
            *entry = pte_make(frame_address(&kernel->frames, number), PTE_VALID);
        }
        table = (uint64_t *)pte_address(*entry);
    }
    return &table[index_at(address, 0)];
}

uint64_t pagetable_new(struct kernel *kernel) {
    uint32_t number = frame_take(kernel, FRAME_TABLE);
    if (number == NO_FRAME) return 0;
    uint64_t *root = frame_data(&kernel->frames, number);
    memcpy(root, (void *)kernel->root, PAGE_BYTES);
    return (uint64_t)root;
}

void pagetable_free(struct kernel *kernel, uint64_t root) {
    struct frames *frames = &kernel->frames;
    uint64_t top = ((uint64_t *)root)[index_at(0, 2)];
    uint64_t *middle = (uint64_t *)pte_address(top);
    for (unsigned n = 0; (top & PTE_VALID) && n < TABLE_ENTRIES; n++)
        if (middle[n] & PTE_VALID) frame_give(kernel, frame_number(frames, pte_address(middle[n])));
    if (top & PTE_VALID) frame_give(kernel, frame_number(frames, pte_address(top)));
    frame_give(kernel, frame_number(frames, root));
}

static uint64_t kernel_rights(uint64_t address) {
    if (address < (uint64_t)kernel_start) return 0;
    if (address < (uint64_t)kernel_constants) return PTE_READ | PTE_EXECUTE;
    if (address < (uint64_t)kernel_data) return PTE_READ;
    if (address == (uint64_t)kernel_stack_guard) return 0;
    return PTE_READ | PTE_WRITE;
}

// A table for the kernel's own mapping, out of the memory that kernel_main() set aside.
static uint64_t *boot_table(struct kernel *kernel) {
    if (kernel->boot_pages_left-- == 0) kernel_panic(kernel, "too much RAM to map");
    uint64_t *table = (uint64_t *)kernel->boot_pages;
    kernel->boot_pages += PAGE_BYTES;
    memset(table, 0, PAGE_BYTES);
    return table;
}

static uint64_t *next_table(struct kernel *kernel, uint64_t *entry) {
    if (!*entry) *entry = pte_make((uint64_t)boot_table(kernel), PTE_VALID);
    return (uint64_t *)pte_address(*entry);
}

// Maps [from, to) at its physical address: small pages in the kernel's own 2 MiB and where `to`
// cuts a superpage, superpages elsewhere. A and D are set from the start, so the hart never has to.
static void map_ram(struct kernel *kernel, uint64_t *root, uint64_t from, uint64_t to) {
    const uint64_t always = PTE_VALID | PTE_GLOBAL | PTE_ACCESSED | PTE_DIRTY;
    for (uint64_t at = from; at < to;) {
        uint64_t *middle = next_table(kernel, &root[index_at(at, 2)]);
        uint64_t *entry = &middle[index_at(at, 1)];
        bool whole = at % SUPERPAGE_BYTES == 0 && to - at >= SUPERPAGE_BYTES;
        if (whole && at >= (uint64_t)kernel_end) {
            *entry = pte_make(at, always | PTE_READ | PTE_WRITE);
            at += SUPERPAGE_BYTES;
            continue;
        }
        uint64_t rights = kernel_rights(at);
        if (rights) next_table(kernel, entry)[index_at(at, 0)] = pte_make(at, always | rights);
        at += PAGE_BYTES;
    }
}

void pagetable_start(struct kernel *kernel, uint64_t base, uint64_t end) {
    uint64_t *root = boot_table(kernel);
    map_ram(kernel, root, base, end);
    root[index_at(DEVICE_WINDOW, 2)] =
        pte_make(0, PTE_VALID | PTE_GLOBAL | PTE_ACCESSED | PTE_DIRTY | PTE_READ | PTE_WRITE);
    kernel->root = (uint64_t)root;
    csr_write(satp, satp_value(kernel->root, 0));
    tlb_flush_all();
}
