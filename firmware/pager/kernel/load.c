// SPDX-License-Identifier: MIT
//
// Loading a program, which in a demand-paging kernel means: not loading it. The ELF file's headers
// tell which parts of the file belong where; they become areas, and the pages come when the program
// touches them. Only the stack's first page is written here, with the arguments.
#include "kernel/area.h"
#include "kernel/kernel.h"

#define ELF_MAGIC     0x464c457fu
#define ELF_RISCV     243
#define ELF_PROGRAM   2
#define SEGMENT_LOAD  1
#define MOST_SEGMENTS 8
#define MOST_WORDS    8

enum segment_flags { SEGMENT_EXECUTE = 1, SEGMENT_WRITE = 2, SEGMENT_READ = 4 };

struct elf_header {
    uint32_t magic;
    uint8_t class, rest[11];
    uint16_t type, machine;
    uint32_t version;
    uint64_t entry, segments, sections;
    uint32_t flags;
    uint16_t size, segment_size, segment_count;
};

struct elf_segment {
    uint32_t type, flags;
    uint64_t offset, address, physical, file_bytes, memory_bytes, align;
};

static bool add_segment(struct process *process, struct file *file, const struct elf_segment *s) {
    if (s->address < PROGRAM_BASE || s->memory_bytes > PROGRAM_LIMIT - PROGRAM_BASE ||
        s->address > PROGRAM_LIMIT - s->memory_bytes || s->file_bytes > s->memory_bytes)
        return false;
    if (s->offset > file->bytes || s->file_bytes > file->bytes - s->offset) return false;
    if (s->address % PAGE_BYTES || s->offset % PAGE_BYTES) return false;
    uint64_t rights = (s->flags & SEGMENT_READ ? PTE_READ : 0) |
                      (s->flags & SEGMENT_WRITE ? PTE_WRITE | PTE_READ : 0) |
                      (s->flags & SEGMENT_EXECUTE ? PTE_EXECUTE : 0);
    enum area_kind kind = s->flags & SEGMENT_WRITE     ? AREA_DATA
                          : s->flags & SEGMENT_EXECUTE ? AREA_CODE
                                                       : AREA_CONSTANTS;
    return area_add(process,
                    (struct area){.start = s->address,
                                  .end = round_up(s->address + s->memory_bytes, PAGE_BYTES),
                                  .rights = rights,
                                  .kind = kind,
                                  .file = file,
                                  .offset = s->offset,
                                  .bytes = s->file_bytes});
}

// Turns the file's headers into areas. Returns what is wrong with them, or NULL.
static const char *add_segments(struct kernel *kernel, struct process *process, struct file *file) {
    bool read;
    const char *why;
    uint32_t number = file_page(kernel, file, 0, &read, &why);
    if (number == NO_FRAME) return why ? why : "no memory";
    const struct elf_header *header = frame_data(&kernel->frames, number);
    if (header->magic != ELF_MAGIC || header->class != 2 || header->machine != ELF_RISCV ||
        header->type != ELF_PROGRAM || header->segment_size != sizeof(struct elf_segment))
        return "it is no program for this machine";
    if (header->segment_count > MOST_SEGMENTS || header->segments > PAGE_BYTES / 2)
        return "its headers are too long";
    uint64_t end = PROGRAM_BASE;
    for (unsigned n = 0; n < header->segment_count; n++) {
        const struct elf_segment *segment =
            (const void *)((const uint8_t *)header + header->segments + n * sizeof *segment);
        if (segment->type != SEGMENT_LOAD || !segment->memory_bytes) continue;
        if (!add_segment(process, file, segment)) return "a segment lies where it must not";
        end = most(end, segment->address + segment->memory_bytes);
    }
    uint64_t heap = round_up(end, PAGE_BYTES) + PAGE_BYTES; // a page between, for those who overrun
    const struct area heap_area = {
        .start = heap, .end = heap, .rights = PTE_READ | PTE_WRITE, .kind = AREA_HEAP};
    const struct area stack_area = {.start = STACK_TOP - PAGE_BYTES,
                                    .end = STACK_TOP,
                                    .rights = PTE_READ | PTE_WRITE,
                                    .kind = AREA_STACK};
    if (!area_add(process, heap_area) || !area_add(process, stack_area)) return "too many segments";
    process->registers.pc = header->entry;
    return NULL;
}

// Puts the words of the command onto the stack: argc in a0, argv in a1.
static bool push_arguments(struct kernel *kernel, struct process *process, char *command) {
    char *word[MOST_WORDS];
    uint64_t pointer[MOST_WORDS + 1] = {0};
    int count = words_split(command, word, MOST_WORDS);
    uint64_t top = STACK_TOP;
    for (int n = 0; n < count; n++) {
        uint64_t bytes = strlen(word[n]) + 1;
        top -= round_up(bytes, 8);
        pointer[n] = top;
        if (!user_write(kernel, process, top, word[n], bytes)) return false;
    }
    top = round_down(top - sizeof pointer, 16);
    if (!user_write(kernel, process, top, pointer, sizeof pointer)) return false;
    process->registers.x[1] = top; // sp
    ARGUMENT(process, 0) = (uint64_t)count;
    ARGUMENT(process, 1) = top;
    return true;
}

bool process_load(struct kernel *kernel, struct process *process, const char *command) {
    char words[COMMAND_BYTES], name[COMMAND_BYTES];
    text_copy(words, command, sizeof words);
    text_copy(name, command, sizeof name);
    char *first;
    struct file *file = words_split(name, &first, 1) ? file_find(kernel, first) : NULL;
    if (!file) {
        say(kernel, "%s: there is no such command or program; `help` lists what there is\n",
            command);
        return false;
    }
    for (unsigned n = 0; n < MAX_AREAS; n++) {
        area_drop_pages(kernel, process, process->area[n].start, process->area[n].end);
        process->area[n] = (struct area){0};
    }
    text_copy(process->name, first, sizeof process->name);
    memset(&process->registers, 0, sizeof process->registers);
    const char *why = add_segments(kernel, process, file);
    if (!why && !push_arguments(kernel, process, words)) why = "no memory for its arguments";
    if (why) say(kernel, "%s cannot be started: %s\n", first, why);
    return !why;
}
