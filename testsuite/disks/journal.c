// SPDX-License-Identifier: MIT
// A file store that writes down what is asked of it before it does it. The linker puts it in the
// place of disk_file_store() (--wrap), in a build of the emulator that is made for the test alone.
// The journal goes to the file that JOURNAL names. A flush is written down when it is done, since
// only then may anybody rely on it.
#include "testsuite/disks/journal.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "devices/disk_store.h"

struct disk_store __real_disk_file_store(int fd, uint64_t bytes);
struct disk_store __wrap_disk_file_store(int fd, uint64_t bytes);

struct journalled {
    struct disk_store below;
    int journal;
    uint32_t disk;
};

static void put(int to, const void *from, uint64_t len) {
    if (write(to, from, len) != (ssize_t)len) abort();
}

static void note(const struct journalled *j, enum journal_op op, const void *data, uint64_t len,
                 uint64_t offset) {
    const struct journal_record r = {.op = op, .disk = j->disk, .offset = offset, .len = len};
    put(j->journal, &r, sizeof r);
    if (data) put(j->journal, data, len);
}

static int journalled_read(void *store, void *to, uint64_t len, uint64_t offset) {
    const struct journalled *j = store;
    return j->below.type->read(j->below.store, to, len, offset);
}

static int journalled_write(void *store, const void *from, uint64_t len, uint64_t offset) {
    const struct journalled *j = store;
    note(j, JOURNAL_WRITE, from, len, offset);
    return j->below.type->write(j->below.store, from, len, offset);
}

static int journalled_zero(void *store, uint64_t len, uint64_t offset) {
    const struct journalled *j = store;
    note(j, JOURNAL_ZERO, NULL, len, offset);
    return j->below.type->zero(j->below.store, len, offset);
}

static int journalled_flush(void *store) {
    const struct journalled *j = store;
    const int error = j->below.type->flush(j->below.store);
    if (!error) note(j, JOURNAL_FLUSH, NULL, 0, 0);
    return error;
}

static void journalled_close(void *store) {
    struct journalled *j = store;
    j->below.type->close(j->below.store);
    close(j->journal);
    free(j);
}

static const struct disk_store_type journalled_type = {
    .read = journalled_read,
    .write = journalled_write,
    .zero = journalled_zero,
    .flush = journalled_flush,
    .close = journalled_close,
};

struct disk_store __wrap_disk_file_store(int fd, uint64_t bytes) {
    static uint32_t disks; // one machine a process in this build
    const char *path = getenv("JOURNAL");
    struct disk_store below = __real_disk_file_store(fd, bytes);
    if (!path || !below.store) return below;
    struct journalled *j = malloc(sizeof *j);
    if (!j) abort();
    const int journal = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (journal < 0) abort();
    *j = (struct journalled){.below = below, .journal = journal, .disk = disks++};
    return (struct disk_store){.type = &journalled_type, .store = j};
}
