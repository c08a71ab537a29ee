// SPDX-License-Identifier: MIT
// A disk image (see disk.h): opening and locking it, counting what goes through, and the faults
// that somebody wants injected.
#include "devices/disk.h"

#include "devices/disk_fault.h"
#include "devices/disk_store.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct disk {
    struct disk_store store;
    uint64_t capacity; // sectors
    bool readonly;
    bool dirty; // something was changed since the last flush
    enum disk_cache cache;
    struct disk_faults faults;
    struct disk_counters counters;
};

// Where a message about an image goes.
struct complaint {
    const char *path;
    char *message;
    size_t bytes;
};

__attribute__((format(printf, 2, 3))) static void complain(const struct complaint *c,
                                                           const char *format, ...) {
    char what[256];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);
    snprintf(c->message, c->bytes, "%s: %s", c->path, what);
}

struct disk *disk_over(struct disk_store store, uint64_t capacity, bool readonly) {
    struct disk *d = calloc(1, sizeof *d);
    if (!d) return NULL;
    d->store = store;
    d->capacity = capacity;
    d->readonly = readonly;
    return d;
}

// The image's length in bytes when it is something that can be a disk, -1 when not.
static int64_t measure(int fd, const struct complaint *c) {
    struct stat s;
    if (fstat(fd, &s) < 0) {
        complain(c, "%s; check the host's file system", strerror(errno));
        return -1;
    }
    if (S_ISDIR(s.st_mode)) {
        complain(c, "is a directory; a disk image is a raw file");
        return -1;
    }
    if (!S_ISREG(s.st_mode) && !S_ISBLK(s.st_mode)) {
        complain(c, "is not a file with sectors; a disk image is a raw file or a block device");
        return -1;
    }
    const off_t bytes = lseek(fd, 0, SEEK_END);
    if (bytes <= 0) {
        complain(c, "is empty; a disk has at least one sector of %d bytes (truncate -s 64M FILE)",
                 SECTOR_BYTES);
        return -1;
    }
    return bytes;
}

// One writer or several readers, for as long as the file is open; the lock dies with the process.
static bool lock(int fd, bool writer, const struct complaint *c) {
    struct flock l = {.l_type = writer ? F_WRLCK : F_RDLCK, .l_whence = SEEK_SET};
    if (fcntl(fd, F_OFD_SETLK, &l) == 0) return true;
    if (errno == EAGAIN || errno == EACCES) {
        complain(c, "is in use by another program; end that one first, or %s",
                 writer ? "open the image with snapshot=on or readonly=on where both only read"
                        : "work on a copy");
        return false;
    }
    if (!writer) return true; // a file system without locks does no harm to a reader
    complain(c, "cannot be locked (%s); put it on a file system with locks, or use snapshot=on",
             strerror(errno));
    return false;
}

// An open, locked file, or -1.
static int open_image(const char *path, bool writer, const struct complaint *c) {
    // Not to block on a FIFO that is called a disk by mistake.
    const int fd = open(path, (writer ? O_RDWR : O_RDONLY) | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0) {
        const int error = errno;
        complain(c, "%s; %s", strerror(error),
                 error == ENOENT   ? "give the name of a raw disk image"
                 : error == EISDIR ? "a disk image is a raw file"
                 : writer          ? "readonly=on or snapshot=on need no right to write"
                                   : "give the name of a file that can be read");
        return -1;
    }
    if (!lock(fd, writer, c)) {
        close(fd);
        return -1;
    }
    return fd;
}

// A file without a name, gone when it is closed, that reads as zeroes; or -1.
static int open_temporary(uint64_t bytes, const struct complaint *c) {
    const char *set = getenv("TMPDIR");
    const char *directory = set && *set ? set : "/var/tmp";
    int fd = open(directory, O_TMPFILE | O_RDWR | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) {
        char name[4096];
        const int length = snprintf(name, sizeof name, "%s/tablewalk-XXXXXX", directory);
        if (length > 0 && (size_t)length < sizeof name) fd = mkostemp(name, O_CLOEXEC);
        if (fd >= 0) unlink(name);
    }
    if (fd >= 0 && ftruncate(fd, (off_t)bytes) == 0) return fd;
    complain(c,
             "no temporary file for snapshot=on in %.100s (%s); set TMPDIR to a directory with "
             "room",
             directory, strerror(errno));
    if (fd >= 0) close(fd);
    return -1;
}

// Lays an overlay in a temporary file over the image. false: the image's store is still open.
static bool lay_over(struct disk_store *store, uint64_t bytes, const struct complaint *c) {
    const int fd = open_temporary(bytes, c);
    if (fd < 0) return false;
    const struct disk_store top = disk_file_store(fd, bytes);
    if (!top.store) {
        close(fd);
        complain(c, "out of memory; close other programs");
        return false;
    }
    const struct disk_store overlay = disk_overlay_store(*store, top, bytes);
    if (!overlay.store) {
        top.type->close(top.store);
        complain(c, "out of memory for snapshot=on; leave it out, or use a smaller image");
        return false;
    }
    *store = overlay;
    return true;
}

// The store that the options ask for; its store is NULL when it can't be had.
static struct disk_store open_store(const struct disk_options *o, uint64_t *capacity,
                                    const struct complaint *c) {
    const struct disk_store none = {.store = NULL};
    const int fd = open_image(o->path, !o->readonly && !o->snapshot, c);
    if (fd < 0) return none;
    const int64_t bytes = measure(fd, c);
    if (bytes < 0) {
        close(fd);
        return none;
    }
    struct disk_store store = disk_file_store(fd, (uint64_t)bytes);
    if (!store.store) {
        close(fd);
        complain(c, "out of memory; close other programs");
        return none;
    }
    *capacity = ((uint64_t)bytes + SECTOR_BYTES - 1) / SECTOR_BYTES;
    if (o->snapshot && !o->readonly && !lay_over(&store, *capacity * SECTOR_BYTES, c)) {
        store.type->close(store.store);
        return none;
    }
    return store;
}

struct disk *disk_open(const struct disk_options *o, char *message, size_t message_bytes) {
    const struct complaint c = {o->path, message, message_bytes};
    uint64_t capacity = 0;
    const struct disk_store store = open_store(o, &capacity, &c);
    if (!store.store) return NULL;
    struct disk *d = disk_over(store, capacity, o->readonly);
    if (!d) {
        complain(&c, "out of memory; close other programs");
        store.type->close(store.store);
        return NULL;
    }
    d->cache = o->cache;
    char why[200];
    if (!disk_inject(d, o->inject, why, sizeof why)) {
        complain(&c, "%s", why);
        disk_close(d);
        return NULL;
    }
    return d;
}

void disk_close(struct disk *d) {
    if (!d) return;
    d->store.type->close(d->store.store);
    free(d);
}

uint64_t disk_capacity(const struct disk *d) { return d->capacity; }
bool disk_readonly(const struct disk *d) { return d->readonly; }
const struct disk_counters *disk_counters(const struct disk *d) { return &d->counters; }

bool disk_holds(const struct disk *d, uint64_t sector, uint64_t count) {
    return range_holds((struct range){0, d->capacity}, sector, count);
}

bool disk_inject(struct disk *d, const char *rules, char *message, size_t message_bytes) {
    return disk_faults_parse(&d->faults, rules, message, message_bytes);
}

// Counts an error on its way out.
static int counted(struct disk *d, int error) {
    if (error) d->counters.errors++;
    return error;
}

static void assert_holds(const struct disk *d, uint64_t len, uint64_t offset) {
    assert(range_holds((struct range){0, d->capacity * SECTOR_BYTES}, offset, len));
    (void)d, (void)len, (void)offset;
}

int disk_read(struct disk *d, void *to, uint64_t len, uint64_t offset) {
    uint64_t stored = 0;
    assert_holds(d, len, offset);
    int error = disk_faults_strike(&d->faults, DISK_READ, offset, len, &stored);
    if (!error) error = d->store.type->read(d->store.store, to, len, offset);
    d->counters.reads++;
    if (!error) d->counters.bytes_read += len;
    return counted(d, error);
}

int disk_write(struct disk *d, const void *from, uint64_t len, uint64_t offset) {
    uint64_t stored = 0;
    assert_holds(d, len, offset);
    assert(!d->readonly);
    const int fault = disk_faults_strike(&d->faults, DISK_WRITE, offset, len, &stored);
    const uint64_t bytes = fault ? stored : len;
    d->dirty = true;
    const int error = d->store.type->write(d->store.store, from, bytes, offset);
    d->counters.writes++;
    if (!error) d->counters.bytes_written += bytes;
    return counted(d, fault ? fault : error);
}

int disk_zero(struct disk *d, uint64_t len, uint64_t offset) {
    uint64_t stored = 0;
    assert_holds(d, len, offset);
    assert(!d->readonly);
    const int fault = disk_faults_strike(&d->faults, DISK_WRITE, offset, len, &stored);
    const uint64_t bytes = fault ? stored : len;
    d->dirty = true;
    const int error = d->store.type->zero(d->store.store, bytes, offset);
    d->counters.zeroes++;
    if (!error) d->counters.bytes_zeroed += bytes;
    return counted(d, fault ? fault : error);
}

int disk_flush(struct disk *d) {
    uint64_t stored = 0;
    int error = disk_faults_strike(&d->faults, DISK_FLUSH, 0, 0, &stored);
    if (!error && d->dirty && d->cache != DISK_CACHE_UNSAFE) {
        error = d->store.type->flush(d->store.store);
    }
    if (!error) d->dirty = false;
    d->counters.flushes++;
    return counted(d, error);
}
