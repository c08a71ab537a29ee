// SPDX-License-Identifier: MIT
//
// Page faults.
//
// The hart raises a page fault when the walk ends at an entry that is not valid or does not allow
// the access. That is no error yet. A page of a program can be in one of these states, and the
// entry together with the area tells which:
//
//   entry                    area             page is ...                     what is done
//   ------------------------ ---------------- ------------------------------- ---------------------
//   invalid, 0               with a file      never touched, or dropped       read from the file
//   invalid, 0               no file          never touched                   zeros
//   invalid, 0               of a device      never touched                   the device's memory
//   invalid, SWAPPED, slot   any              in swap                         read from swap
//   valid, not W             private, RW      shared until somebody writes    copy (copy-on-write)
//   valid                    any              there; only A or D is missing   set the bit
//
// Only when the area does not exist or does not allow the access is the program wrong.
//
// The order in each function matters. Whatever can take a frame can also evict one, so first comes
// the page table, then the frame, then the disk, and the entry is written at the very end.
#include "kernel/fault.h"

#include "kernel/area.h"
#include "kernel/kernel.h"

const char *fault_rule_text(enum fault_rule rule) {
    static const char *const text[] = {
#define X(name, own, text) [RULE_##name] = text,
        FAULT_RULES(X)
#undef X
    };
    return text[rule];
}

bool fault_is_segmentation(enum fault_rule rule) {
    static const bool own_fault[] = {
#define X(name, own, text) [RULE_##name] = own,
        FAULT_RULES(X)
#undef X
    };
    return own_fault[rule];
}

const char *access_text(enum access access) {
    static const char *const text[] = {
        [ACCESS_FETCH] = "execute", [ACCESS_LOAD] = "read", [ACCESS_STORE] = "write"};
    return text[access];
}

static const struct {
    uint64_t right;
    enum fault_rule rule;
} NEEDS[] = {
    [ACCESS_FETCH] = {PTE_EXECUTE, RULE_NO_EXECUTE},
    [ACCESS_LOAD] = {PTE_READ, RULE_NO_READ},
    [ACCESS_STORE] = {PTE_WRITE, RULE_NO_WRITE},
};

// The stack's area begins where the stack has been so far and grows down to STACK_BOTTOM.
static enum fault_rule grow_stack(struct process *process, uint64_t address, struct area **area) {
    if (address >= STACK_BOTTOM - PAGE_BYTES && address < STACK_BOTTOM) return RULE_STACK_GUARD;
    struct area *stack = area_of_kind(process, AREA_STACK);
    if (!stack || address < STACK_BOTTOM || address >= stack->start) return RULE_NO_AREA;
    stack->start = round_down(address, PAGE_BYTES);
    *area = stack;
    return RULE_NONE;
}

static enum fault_rule check_area(struct process *process, uint64_t address, enum access access,
                                  struct area **area) {
    if (address < PAGE_BYTES) return RULE_NULL_PAGE;
    if (address >= USER_END) return RULE_KERNEL;
    *area = area_find(process, address);
    if (!*area) {
        enum fault_rule rule = grow_stack(process, address, area);
        if (rule != RULE_NONE) return rule;
    }
    return (*area)->rights & NEEDS[access].right ? RULE_NONE : NEEDS[access].rule;
}

// What a served fault works on.
struct fault {
    struct process *process;
    struct area *area;
    uint64_t address; // of the page
    enum access access;
    uint64_t *entry;
};

// Writes the entry: the frame now is in the page table.
static void enter(struct kernel *kernel, const struct fault *fault, uint32_t number,
                  uint64_t rights) {
    uint64_t bits = PTE_VALID | PTE_USER | PTE_ACCESSED | rights;
    if (fault->access == ACCESS_STORE) bits |= PTE_DIRTY;
    if (number != kernel->frames.zero) kernel->frames.table[number].mappings++;
    *fault->entry = pte_make(frame_address(&kernel->frames, number), bits);
    tlb_flush_page(fault->address, fault->process->asid);
    if (rights & PTE_EXECUTE) code_written();
}

static void count_major(struct kernel *kernel, struct process *process) {
    process->counts.major++;
    kernel->load_control.window_faults++;
}

// A new frame for a page of the program alone.
static uint32_t take_anonymous(struct kernel *kernel, const struct fault *fault) {
    uint32_t number = frame_take(kernel, FRAME_ANON);
    if (number == NO_FRAME) return NO_FRAME;
    kernel->frames.table[number].page = (uint32_t)(fault->address >> PAGE_SHIFT);
    return number;
}

// A new frame with a copy of `source`, which stays where it is meanwhile.
static uint32_t take_copy(struct kernel *kernel, const struct fault *fault, uint32_t source,
                          uint64_t bytes) {
    struct frame *frame = &kernel->frames.table[source];
    bool pinned = frame->pinned;
    frame->pinned = true;
    uint32_t number = take_anonymous(kernel, fault);
    frame->pinned = pinned;
    if (number == NO_FRAME) return NO_FRAME;
    memcpy(frame_data(&kernel->frames, number), frame_data(&kernel->frames, source), bytes);
    kernel->frames.table[number].dirty = true;
    return number;
}

static enum fault_rule serve_write(struct kernel *kernel, const struct fault *fault) {
    uint32_t number = frame_number(&kernel->frames, pte_address(*fault->entry));
    const struct frame *frame = &kernel->frames.table[number];
    fault->process->counts.minor++;
    if (frame->use == FRAME_ANON && frame->mappings == 1) { // the last one who shares it owns it
        *fault->entry |= PTE_WRITE | PTE_ACCESSED | PTE_DIRTY;
        tlb_flush_page(fault->address, fault->process->asid);
        return RULE_NONE;
    }
    uint32_t copy = number == kernel->frames.zero ? take_anonymous(kernel, fault)
                                                  : take_copy(kernel, fault, number, PAGE_BYTES);
    if (copy == NO_FRAME) return RULE_MEMORY;
    if (number != kernel->frames.zero) fault->process->counts.copied++;
    entry_drop(kernel, fault->process, fault->entry, fault->address);
    enter(kernel, fault, copy, fault->area->rights);
    return RULE_NONE;
}

static enum fault_rule serve_valid(struct kernel *kernel, const struct fault *fault) {
    if (fault->access == ACCESS_STORE && !(*fault->entry & PTE_WRITE))
        return serve_write(kernel, fault);
    *fault->entry |= PTE_ACCESSED | (fault->access == ACCESS_STORE ? PTE_DIRTY : 0);
    tlb_flush_page(fault->address, fault->process->asid);
    return RULE_NONE;
}

static enum fault_rule disk_failed(struct kernel *kernel, const struct fault *fault,
                                   const char *from, const char *why) {
    say(kernel, "%s (pid %d): page 0x%lx cannot be read from %s: %s\n", fault->process->name,
        fault->process->pid, fault->address, from, why);
    return RULE_DISK;
}

static enum fault_rule serve_swapped(struct kernel *kernel, const struct fault *fault) {
    uint32_t number = take_anonymous(kernel, fault);
    if (number == NO_FRAME) return RULE_MEMORY;
    uint32_t slot = (uint32_t)(*fault->entry >> PTE_NUMBER_SHIFT);
    const char *why = swap_read(kernel, slot, frame_data(&kernel->frames, number));
    if (why) {
        frame_give(kernel, number);
        return disk_failed(kernel, fault, "swap", why);
    }
    // The entry's hold on the slot becomes the frame's: while the page stays unchanged, it need not
    // be written again.
    kernel->frames.table[number].slot = slot;
    count_major(kernel, fault->process);
    fault->process->counts.in++;
    enter(kernel, fault, number, fault->area->rights);
    return RULE_NONE;
}

static enum fault_rule serve_file(struct kernel *kernel, const struct fault *fault) {
    const struct area *area = fault->area;
    uint64_t within = fault->address - area->start;
    bool read;
    const char *why;
    uint32_t page = (uint32_t)((area->offset + within) / PAGE_BYTES);
    uint32_t number = file_page(kernel, area->file, page, &read, &why);
    if (number == NO_FRAME && !why) return RULE_MEMORY;
    if (number == NO_FRAME) return disk_failed(kernel, fault, area->file->name, why);
    if (read)
        count_major(kernel, fault->process);
    else
        fault->process->counts.minor++;
    uint64_t bytes = least(area->bytes - within, PAGE_BYTES);
    bool zero_tail = bytes < PAGE_BYTES && area->kind == AREA_DATA;
    if (area->shared || (fault->access != ACCESS_STORE && !zero_tail)) {
        enter(kernel, fault, number, area->shared ? area->rights : area->rights & ~PTE_WRITE);
        return RULE_NONE;
    }
    uint32_t copy = take_copy(kernel, fault, number, bytes);
    if (copy == NO_FRAME) return RULE_MEMORY;
    fault->process->counts.copied++;
    enter(kernel, fault, copy, area->rights);
    return RULE_NONE;
}

static enum fault_rule serve_anonymous(struct kernel *kernel, const struct fault *fault) {
    fault->process->counts.minor++;
    if (fault->access != ACCESS_STORE) {
        enter(kernel, fault, kernel->frames.zero, fault->area->rights & ~PTE_WRITE);
        return RULE_NONE;
    }
    uint32_t number = take_anonymous(kernel, fault);
    if (number == NO_FRAME) return RULE_MEMORY;
    enter(kernel, fault, number, fault->area->rights);
    return RULE_NONE;
}

// A device's memory is mapped like any other: the entry just leads out of RAM. No frame holds it,
// so it is never evicted, and nobody counts who maps it.
static enum fault_rule serve_device(const struct fault *fault) {
    const struct area *area = fault->area;
    fault->process->counts.minor++;
    *fault->entry = pte_make(area->device + fault->address - area->start,
                             PTE_VALID | PTE_USER | PTE_ACCESSED | PTE_DIRTY | area->rights);
    tlb_flush_page(fault->address, fault->process->asid);
    return RULE_NONE;
}

enum fault_rule fault_serve(struct kernel *kernel, struct process *process, uint64_t address,
                            enum access access) {
    struct fault fault = {.process = process, .access = access};
    enum fault_rule rule = check_area(process, address, access, &fault.area);
    if (rule != RULE_NONE) return rule;
    fault.address = round_down(address, PAGE_BYTES);
    fault.entry = pagetable_make(kernel, process->root, address);
    if (!fault.entry) return RULE_MEMORY;
    if (*fault.entry & PTE_VALID) return serve_valid(kernel, &fault);
    if (*fault.entry & PTE_SWAPPED) return serve_swapped(kernel, &fault);
    if (fault.area->device) return serve_device(&fault);
    if (fault.area->file && fault.address - fault.area->start < fault.area->bytes)
        return serve_file(kernel, &fault);
    return serve_anonymous(kernel, &fault);
}

void *fault_user_byte(struct kernel *kernel, struct process *process, uint64_t address,
                      enum access access) {
    if (address >= USER_END || !process->root) return NULL;
    const struct area *area = area_find(process, address);
    if (area && area->device) return NULL; // the kernel maps RAM, not what devices have
    const uint64_t need = PTE_VALID | PTE_USER | NEEDS[access].right;
    uint64_t *entry = pagetable_find(process->root, address);
    if (!entry || (*entry & need) != need) {
        if (fault_serve(kernel, process, address, access) != RULE_NONE) return NULL;
        entry = pagetable_find(process->root, address);
    }
    *entry |= PTE_ACCESSED | (access == ACCESS_STORE ? PTE_DIRTY : 0);
    return (uint8_t *)pte_address(*entry) + address % PAGE_BYTES;
}

bool user_read(struct kernel *kernel, struct process *process, void *to, uint64_t from,
               uint64_t bytes) {
    for (uint64_t part; bytes; bytes -= part, from += part, to = (uint8_t *)to + part) {
        part = least(bytes, PAGE_BYTES - from % PAGE_BYTES);
        const void *data = fault_user_byte(kernel, process, from, ACCESS_LOAD);
        if (!data) return false;
        memcpy(to, data, part);
    }
    return true;
}

bool user_write(struct kernel *kernel, struct process *process, uint64_t to, const void *from,
                uint64_t bytes) {
    for (uint64_t part; bytes; bytes -= part, to += part, from = (const uint8_t *)from + part) {
        part = least(bytes, PAGE_BYTES - to % PAGE_BYTES);
        void *data = fault_user_byte(kernel, process, to, ACCESS_STORE);
        if (!data) return false;
        memcpy(data, from, part);
    }
    return true;
}

bool user_read_text(struct kernel *kernel, struct process *process, char *to, uint64_t from,
                    uint64_t room) {
    for (uint64_t n = 0; n < room; n++) {
        const char *c = fault_user_byte(kernel, process, from + n, ACCESS_LOAD);
        if (!c) return false;
        to[n] = *c;
        if (!*c) return true;
    }
    return false;
}
