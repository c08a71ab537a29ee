// SPDX-License-Identifier: MIT
// A disk store over a file or block device of the host. Nothing here is ever short: pread and
// pwrite are called until all is done or an error stands.
#include "devices/disk_store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct file_store {
    int fd;
    uint64_t bytes; // the file's length as we know it
};

static int file_read(void *store, void *to, uint64_t len, uint64_t offset) {
    const struct file_store *f = store;
    uint8_t *at = to;
    while (len) {
        const ssize_t got = pread(f->fd, at, len, (off_t)offset);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return errno;
        if (got == 0 && offset < f->bytes) return EIO; // somebody has cut the file
        if (got == 0) {
            memset(at, 0, len);
            return 0;
        }
        at += got;
        offset += (uint64_t)got;
        len -= (uint64_t)got;
    }
    return 0;
}

static int file_write(void *store, const void *from, uint64_t len, uint64_t offset) {
    struct file_store *f = store;
    const uint8_t *at = from;
    while (len) {
        const ssize_t put = pwrite(f->fd, at, len, (off_t)offset);
        if (put < 0 && errno == EINTR) continue;
        if (put < 0) return errno;
        if (put == 0) return EIO;
        at += put;
        offset += (uint64_t)put;
        len -= (uint64_t)put;
        if (offset > f->bytes) f->bytes = offset;
    }
    return 0;
}

// A hole reads as zeroes and takes no room. Where the host has none for us, zeroes are written.
static int file_zero(void *store, uint64_t len, uint64_t offset) {
    static const uint8_t zeroes[65536];
    const struct file_store *f = store;
    const int mode = FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE;
    if (len == 0 || fallocate(f->fd, mode, (off_t)offset, (off_t)len) == 0) return 0;
    while (len) {
        const uint64_t piece = len < sizeof zeroes ? len : sizeof zeroes;
        const int error = file_write(store, zeroes, piece, offset);
        if (error) return error;
        offset += piece;
        len -= piece;
    }
    return 0;
}

static int file_flush(void *store) {
    const struct file_store *f = store;
    int result;
    do {
        result = fdatasync(f->fd);
    } while (result < 0 && errno == EINTR);
    return result < 0 ? errno : 0;
}

static void file_close(void *store) {
    struct file_store *f = store;
    close(f->fd);
    free(f);
}

static const struct disk_store_type file_type = {
    .read = file_read,
    .write = file_write,
    .zero = file_zero,
    .flush = file_flush,
    .close = file_close,
};

struct disk_store disk_file_store(int fd, uint64_t bytes) {
    struct file_store *f = malloc(sizeof *f);
    if (f) *f = (struct file_store){.fd = fd, .bytes = bytes};
    return (struct disk_store){.type = &file_type, .store = f};
}
