// SPDX-License-Identifier: MIT
//
// Files: a disk with one directory page and contiguous files of fixed size, built by
// tools/make-image.c. The pages of files that are in RAM are shared by all who map them.
#ifndef TABLEWALK_PAGER_FILE_H
#define TABLEWALK_PAGER_FILE_H

#include "kernel/image.h"
#include "kernel/lib.h"

struct kernel;
struct disk;

struct file {
    char name[IMAGE_NAME_BYTES];
    uint32_t first_page, bytes;
    bool writable;
    uint32_t *frame; // for each page of the file the frame it is in, or NO_FRAME
};

struct files {
    struct disk *disk; // NULL: no disk with files
    struct file file[IMAGE_FILES];
    unsigned count;
};

// Reads the directory of the disk; false when it is not one of ours. `memory` has room for `room`
// frame numbers, one for each page of each file.
bool files_start(struct kernel *kernel, struct disk *disk, uint32_t *memory, uint32_t room);

struct file *file_find(struct kernel *kernel, const char *name);
static inline uint32_t file_pages(const struct file *file) { return (file->bytes + 4095) / 4096; }

// The frame that holds a page of the file, read from disk when it is in none (*read is then set).
// NO_FRAME when there is no memory (*why is NULL) or the disk fails (*why says how).
uint32_t file_page(struct kernel *kernel, struct file *file, uint32_t page, bool *read,
                   const char **why);

// Writes one page of a file back to disk, from the frame that holds it.
enum disk_result file_write_page(struct kernel *kernel, struct file *file, uint32_t page);

// Forgets every file page that nobody maps and that is unchanged; how many. Experiments start here.
uint32_t files_forget(struct kernel *kernel);

#endif
