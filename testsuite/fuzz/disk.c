// SPDX-License-Identifier: MIT
// A disk image in a file, with or without an overlay, against an array that holds what it must.
// Where a fault was injected the bytes concerned may be either; the array is brought up to date.
#include <stdlib.h>
#include <unistd.h>

#include "devices/disk.h"
#include "testsuite/fuzz/fuzz.h"

enum { BYTES_MAX = 16384, STEPS_MAX = 100 };

struct twin {
    struct disk *disk;
    uint64_t bytes;
    uint8_t model[BYTES_MAX + SECTOR_BYTES];
};

// What the disk holds at a place is what the model says, or an injected fault kept it from us.
static void compare(struct twin *t, uint64_t offset, uint64_t length, bool adopt) {
    uint8_t found[BYTES_MAX + SECTOR_BYTES];
    if (disk_read(t->disk, found, length, offset) != 0) return;
    if (adopt) memcpy(t->model + offset, found, length);
    HOLDS(memcmp(found, t->model + offset, length) == 0);
}

static void step(struct twin *t, struct input *in) {
    static const char *const rules[] = {"",       "read=1-3:2", "write=0-1:1",          "short=2:1",
                                        "full:1", "flush:1",    "short=1-30:3,read=4:1"};
    uint8_t data[1024];
    char message[200];
    const unsigned what = take_below(in, 5);
    const uint64_t sector = take(in, 1), count = take(in, 1) % 2 + 1;
    if (what == 4) {
        HOLDS(disk_inject(t->disk, rules[take_below(in, 7)], message, sizeof message));
    } else if (what == 3) {
        (void)disk_flush(t->disk);
    } else if (disk_holds(t->disk, sector, count)) {
        const uint64_t offset = sector * SECTOR_BYTES, length = count * SECTOR_BYTES;
        int error = 0;
        memset(data, (int)take(in, 1), sizeof data);
        if (what == 2 || disk_readonly(t->disk)) {
            compare(t, offset, length, false);
            return;
        }
        if (what == 1) memset(data, 0, sizeof data);
        error = what == 1 ? disk_zero(t->disk, length, offset)
                          : disk_write(t->disk, data, length, offset);
        if (error == 0) memcpy(t->model + offset, data, length);
        if (error != 0) HOLDS(disk_inject(t->disk, "", message, sizeof message));
        compare(t, offset, length, error != 0);
    }
}

void fuzz_disk(struct input *in) {
    struct twin *t = calloc(1, sizeof *t);
    HOLDS(t);
    const unsigned how = (unsigned)take(in, 1);
    char message[300] = "", rules[64];
    rules[take_bytes(in, rules, how & 8 ? 20 : 0)] = 0;
    t->bytes = take(in, 2) % BYTES_MAX;
    memset(t->model, 0x5a, t->bytes);
    struct scratch_file file = scratch_file(t->model, t->bytes);
    const struct disk_options options = {.path = file.path,
                                         .readonly = how & 1,
                                         .snapshot = how & 2,
                                         .cache = how & 4 ? DISK_CACHE_UNSAFE : DISK_CACHE_FLUSH,
                                         .inject = rules};
    t->disk = disk_open(&options, message, sizeof message);
    HOLDS(t->disk || message[0]);
    if (t->disk) {
        HOLDS(disk_capacity(t->disk) == (t->bytes + SECTOR_BYTES - 1) / SECTOR_BYTES);
        HOLDS(disk_inject(t->disk, NULL, message, sizeof message));
        for (unsigned i = 0; i < STEPS_MAX && in->size; i++) step(t, in);
    }
    disk_close(t->disk);
    close(file.fd);
    free(t);
}
