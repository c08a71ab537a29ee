// SPDX-License-Identifier: MIT
// The two stores a disk can stand on (see struct disk_store in disk.h): a file of the host, and an
// overlay that keeps what is written apart from what was there. For disk_open() and for tests.
#ifndef TABLEWALK_DEVICES_DISK_STORE_H
#define TABLEWALK_DEVICES_DISK_STORE_H

#include "devices/disk.h"

// A store over an open file of `bytes` bytes, which it closes at the end. Behind `bytes` it reads
// zeroes; a file that is shorter than that by now gives EIO. store = NULL: out of host memory.
struct disk_store disk_file_store(int fd, uint64_t bytes);

// A store that reads from base until something is written, and writes to top, which reads as zeroes
// at first. Both have `bytes` bytes and are closed at the end. store = NULL: out of host memory;
// both are left open.
struct disk_store disk_overlay_store(struct disk_store base, struct disk_store top, uint64_t bytes);

#endif
