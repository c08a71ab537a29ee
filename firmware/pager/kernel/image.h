// SPDX-License-Identifier: MIT
//
// The format of the disk with programs and files, shared with the host tool that builds it. All
// numbers are little-endian. Page 0 holds the header and the directory; files follow, each from a
// page of its own.
#ifndef TABLEWALK_PAGER_IMAGE_H
#define TABLEWALK_PAGER_IMAGE_H

#include <stdint.h>

#define IMAGE_MAGIC      0x31304b5344524750ull // "PGRDSK01"
#define IMAGE_PAGE       4096
#define IMAGE_NAME_BYTES 24
#define IMAGE_FILES      63
#define IMAGE_WRITABLE   1u

struct image_entry {
    char name[IMAGE_NAME_BYTES]; // with a closing zero
    uint32_t first_page, bytes, flags, reserved;
};

struct image_header {
    uint64_t magic;
    uint32_t files, pages; // pages in all
};

#endif
