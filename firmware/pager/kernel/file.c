// SPDX-License-Identifier: MIT
//
// The directory and the pages of files in RAM, see file.h.
#include "kernel/file.h"

#include "kernel/kernel.h"

#define SECTORS_PER_PAGE ((uint32_t)(PAGE_BYTES / SECTOR_BYTES))

static bool add_file(struct files *files, const struct image_entry *entry, uint32_t pages,
                     uint32_t *memory, uint32_t *used, uint32_t room) {
    struct file *file = &files->file[files->count];
    *file = (struct file){.first_page = entry->first_page,
                          .bytes = entry->bytes,
                          .writable = entry->flags & IMAGE_WRITABLE,
                          .frame = memory + *used};
    text_copy(file->name, entry->name, sizeof file->name);
    uint32_t own = file_pages(file);
    if (entry->first_page >= pages || own > pages - entry->first_page || own > room - *used)
        return false;
    memset(file->frame, 0, own * sizeof *file->frame);
    *used += own;
    files->count++;
    return true;
}

bool files_start(struct kernel *kernel, struct disk *disk, uint32_t *memory, uint32_t room) {
    uint32_t scratch = frame_take(kernel, FRAME_KERNEL);
    if (scratch == NO_FRAME) return false;
    struct image_header *header = frame_data(&kernel->frames, scratch);
    bool good = disk_transfer(kernel, disk, 0, header, SECTORS_PER_PAGE, false) == DISK_OK &&
                header->magic == IMAGE_MAGIC && header->files <= IMAGE_FILES &&
                header->pages <= disk->sectors / SECTORS_PER_PAGE;
    const struct image_entry *entry = (const struct image_entry *)(header + 1);
    uint32_t used = 0;
    for (uint32_t n = 0; good && n < header->files; n++)
        good = add_file(&kernel->files, &entry[n], header->pages, memory, &used, room);
    if (good) kernel->files.disk = disk;
    frame_give(kernel, scratch);
    return good;
}

struct file *file_find(struct kernel *kernel, const char *name) {
    for (unsigned n = 0; n < kernel->files.count; n++)
        if (!strcmp(kernel->files.file[n].name, name)) return &kernel->files.file[n];
    return NULL;
}

static enum disk_result transfer(struct kernel *kernel, const struct file *file, uint32_t page,
                                 void *data, bool write) {
    uint64_t sector = ((uint64_t)file->first_page + page) * SECTORS_PER_PAGE;
    disk_time_passes(kernel);
    return disk_transfer(kernel, kernel->files.disk, sector, data, SECTORS_PER_PAGE, write);
}

uint32_t file_page(struct kernel *kernel, struct file *file, uint32_t page, bool *read,
                   const char **why) {
    *read = false;
    *why = NULL;
    if (file->frame[page]) return file->frame[page];
    uint32_t number = frame_take(kernel, FRAME_FILE);
    if (number == NO_FRAME) return NO_FRAME;
    enum disk_result result =
        transfer(kernel, file, page, frame_data(&kernel->frames, number), false);
    if (result != DISK_OK) {
        *why = disk_result_text(result);
        frame_give(kernel, number);
        return NO_FRAME;
    }
    // What follows the file's end on its last page was written by make-image as zeros.
    struct frame *frame = &kernel->frames.table[number];
    frame->file = file;
    frame->page = page;
    file->frame[page] = number;
    *read = true;
    return number;
}

enum disk_result file_write_page(struct kernel *kernel, struct file *file, uint32_t page) {
    return transfer(kernel, file, page, frame_data(&kernel->frames, file->frame[page]), true);
}

uint32_t files_forget(struct kernel *kernel) {
    struct frames *frames = &kernel->frames;
    uint32_t forgotten = 0;
    for (uint32_t n = 0; n < frames->count; n++) {
        struct frame *frame = &frames->table[n];
        if (frame->use != FRAME_FILE || frame->mappings || frame->dirty) continue;
        frame->file->frame[frame->page] = NO_FRAME;
        frame_give(kernel, n);
        forgotten++;
    }
    return forgotten;
}
