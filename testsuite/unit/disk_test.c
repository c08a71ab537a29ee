// SPDX-License-Identifier: MIT
// Disk images: what can be opened and what is said of the rest, locks, the last sector, snapshots,
// flushes, a host that fails, and injected faults.
#include "devices/disk.h"
#include "devices/disk_fault.h"
#include "devices/disk_store.h"
#include "testsuite/unit/memory_store.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

struct bench {
    char directory[64], path[96];
    char message[512];
};

static void start(struct bench *b) {
    strcpy(b->directory, "/tmp/tablewalk-disk-XXXXXX");
    cr_assert_not_null(mkdtemp(b->directory));
    snprintf(b->path, sizeof b->path, "%s/image", b->directory);
    b->message[0] = '\0';
}

static void end(struct bench *b) {
    unlink(b->path);
    rmdir(b->directory);
}

// An image of that many bytes, each of which depends on its place.
static void make_image(struct bench *b, size_t bytes) {
    FILE *f = fopen(b->path, "w");
    cr_assert_not_null(f);
    for (size_t i = 0; i < bytes; i++) fputc((int)(i % 251 + 1), f);
    fclose(f);
}

static uint8_t image_byte(uint64_t at) { return (uint8_t)(at % 251 + 1); }

static struct disk *try_open(struct bench *b, struct disk_options o) {
    if (!o.path) o.path = b->path;
    return disk_open(&o, b->message, sizeof b->message);
}

static struct disk *must_open(struct bench *b, struct disk_options o) {
    struct disk *d = try_open(b, o);
    cr_assert_not_null(d, "%s", b->message);
    return d;
}

// Opening fails, with one line that names the file and has both words.
static void expect_refusal(struct bench *b, struct disk_options o, const char *wrong,
                           const char *right) {
    const char *path = o.path ? o.path : b->path;
    struct disk *d = try_open(b, o);
    cr_assert_null(d);
    cr_assert_eq(strncmp(b->message, path, strlen(path)), 0, "%s", b->message);
    cr_assert(strstr(b->message, wrong), "'%s' has no '%s'", b->message, wrong);
    cr_assert(strstr(b->message, right), "'%s' has no '%s'", b->message, right);
    cr_assert_null(strchr(b->message, '\n'));
}

static void expect_bytes(const uint8_t *data, uint64_t offset, uint64_t len) {
    for (uint64_t i = 0; i < len; i++) {
        cr_assert_eq(data[i], image_byte(offset + i), "byte %lu", (long)(offset + i));
    }
}

static size_t file_bytes(struct bench *b) {
    struct stat s;
    cr_assert_eq(stat(b->path, &s), 0);
    return (size_t)s.st_size;
}

Test(disk, an_image_is_read_and_written) {
    struct bench b;
    uint8_t data[1024];
    start(&b);
    make_image(&b, 8 * 512);
    struct disk *d = must_open(&b, (struct disk_options){.path = NULL});
    cr_assert_eq(disk_capacity(d), 8);
    cr_assert_not(disk_readonly(d));
    cr_assert_eq(disk_read(d, data, 1024, 3 * 512), 0);
    expect_bytes(data, 3 * 512, 1024);
    cr_assert_eq(disk_write(d, "hello", 5, 1000), 0); // any byte will do
    cr_assert_eq(disk_flush(d), 0);
    disk_close(d);
    d = must_open(&b, (struct disk_options){.readonly = true});
    cr_assert(disk_readonly(d));
    cr_assert_eq(disk_read(d, data, 7, 999), 0);
    cr_assert(data[0] == image_byte(999) && memcmp(data + 1, "hello", 5) == 0);
    cr_assert_eq(data[6], image_byte(1005));
    disk_close(d);
    end(&b);
}

Test(disk, what_lies_on_it) {
    struct memory_store m;
    struct disk *d = disk_over(memory_store(&m, 100), 100, false);
    cr_assert(disk_holds(d, 0, 100) && disk_holds(d, 99, 1) && disk_holds(d, 100, 0));
    cr_assert_not(disk_holds(d, 0, 101) || disk_holds(d, 100, 1) || disk_holds(d, 101, 0));
    cr_assert_not(disk_holds(d, UINT64_MAX, 2) || disk_holds(d, 2, UINT64_MAX));
    disk_close(d);
    cr_assert(m.closed);
}

Test(disk, the_last_sector_may_be_short_in_the_file) {
    struct bench b;
    uint8_t data[512];
    start(&b);
    make_image(&b, 512 + 100);
    struct disk *d = must_open(&b, (struct disk_options){.path = NULL});
    cr_assert_eq(disk_capacity(d), 2);
    memset(data, 0xff, sizeof data);
    cr_assert_eq(disk_read(d, data, 512, 512), 0);
    expect_bytes(data, 512, 100);
    for (unsigned i = 100; i < 512; i++) cr_assert_eq(data[i], 0);
    cr_assert_eq(file_bytes(&b), 612, "reading leaves the file as it is");
    data[511] = 9;
    cr_assert_eq(disk_write(d, data, 512, 512), 0);
    cr_assert_eq(file_bytes(&b), 1024);
    cr_assert_eq(disk_read(d, data, 512, 512), 0);
    cr_assert_eq(data[511], 9);
    disk_close(d);
    end(&b);
}

Test(disk, what_is_no_disk_is_refused) {
    struct bench b;
    start(&b);
    expect_refusal(&b, (struct disk_options){.path = NULL}, "No such file", "name of a raw");
    expect_refusal(&b, (struct disk_options){.path = b.directory}, "directory", "raw file");
    expect_refusal(&b, (struct disk_options){.path = b.directory, .readonly = true}, "directory",
                   "raw file");
    expect_refusal(&b, (struct disk_options){.path = "/dev/null"}, "not a file", "block device");
    make_image(&b, 0);
    expect_refusal(&b, (struct disk_options){.path = NULL}, "empty", "512");
    unlink(b.path);
    cr_assert_eq(mkfifo(b.path, 0600), 0);
    expect_refusal(&b, (struct disk_options){.readonly = true}, "not a file", "raw file");
    expect_refusal(&b, (struct disk_options){.path = NULL}, "not a file", "raw file");
    end(&b);
}

Test(disk, a_message_fits_where_it_is_put) {
    struct bench b;
    start(&b);
    memset(b.message, 'x', sizeof b.message);
    cr_assert_null(disk_open(&(struct disk_options){.path = b.path}, b.message, 10));
    cr_assert_eq(strlen(b.message), 9);
    cr_assert_eq(b.message[10], 'x');
    end(&b);
}

Test(disk, one_writer_or_many_readers) {
    const struct disk_options writer = {.path = NULL}, reader = {.readonly = true},
                              snapshot = {.snapshot = true};
    struct bench b;
    start(&b);
    make_image(&b, 1024);
    struct disk *w = must_open(&b, writer);
    expect_refusal(&b, writer, "in use", "snapshot=on");
    expect_refusal(&b, reader, "in use", "copy");
    expect_refusal(&b, snapshot, "in use", "copy");
    disk_close(w);
    struct disk *r = must_open(&b, reader), *s = must_open(&b, snapshot);
    expect_refusal(&b, writer, "in use", "snapshot=on");
    disk_close(r);
    expect_refusal(&b, writer, "in use", "snapshot=on");
    disk_close(s);
    disk_close(must_open(&b, writer));
    end(&b);
}

Test(disk, a_killed_program_gives_its_lock_back) {
    struct bench b;
    int ready[2];
    char byte;
    start(&b);
    make_image(&b, 1024);
    cr_assert_eq(pipe(ready), 0);
    const pid_t child = fork();
    if (child == 0) {
        if (try_open(&b, (struct disk_options){.path = NULL})) (void)!write(ready[1], "!", 1);
        close(ready[1]);
        for (;;) pause();
    }
    cr_assert_gt(child, 0);
    close(ready[1]);
    cr_assert_eq(read(ready[0], &byte, 1), 1, "the child has the disk");
    expect_refusal(&b, (struct disk_options){.path = NULL}, "in use", "first");
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    disk_close(must_open(&b, (struct disk_options){.path = NULL}));
    end(&b);
}

Test(disk, a_snapshot_leaves_the_image_untouched) {
    struct bench b;
    uint8_t data[600];
    start(&b);
    make_image(&b, 20000); // 40 sectors, the last one short
    struct disk *d = must_open(&b, (struct disk_options){.snapshot = true});
    struct disk *other = must_open(&b, (struct disk_options){.snapshot = true});
    cr_assert_eq(disk_capacity(d), 40);
    cr_assert_not(disk_readonly(d));
    cr_assert_eq(disk_write(d, "abc", 3, 4095), 0);
    cr_assert_eq(disk_zero(d, 512, 8192), 0);
    cr_assert_eq(disk_write(d, "z", 1, 40 * 512 - 1), 0);
    cr_assert_eq(disk_flush(d), 0);
    cr_assert_eq(disk_read(d, data, 6, 4094), 0);
    cr_assert(data[0] == image_byte(4094) && memcmp(data + 1, "abc", 3) == 0);
    cr_assert_eq(data[4], image_byte(4098));
    cr_assert_eq(disk_read(d, data, 514, 8191), 0);
    cr_assert(data[0] == image_byte(8191) && data[1] == 0 && data[512] == 0);
    cr_assert_eq(data[513], image_byte(8704));
    cr_assert_eq(disk_read(d, data, 512, 39 * 512), 0);
    expect_bytes(data, 39 * 512, 20000 - 39 * 512);
    cr_assert_eq(data[511], 'z');
    cr_assert_eq(disk_read(other, data, 3, 4095), 0);
    expect_bytes(data, 4095, 3);
    disk_close(d);
    disk_close(other);
    cr_assert_eq(file_bytes(&b), 20000);
    d = must_open(&b, (struct disk_options){.readonly = true});
    for (uint64_t at = 0; at < 20000; at += 500) {
        cr_assert_eq(disk_read(d, data, 500, at), 0);
        expect_bytes(data, at, 500);
    }
    disk_close(d);
    end(&b);
}

Test(disk, a_snapshot_needs_a_place) {
    struct bench b;
    start(&b);
    make_image(&b, 1024);
    setenv("TMPDIR", "/proc/no such place", 1);
    expect_refusal(&b, (struct disk_options){.snapshot = true}, "/proc/no such place", "TMPDIR");
    setenv("TMPDIR", b.directory, 1);
    struct disk *d = must_open(&b, (struct disk_options){.snapshot = true});
    disk_close(d);
    unlink(b.path);
    cr_assert_eq(rmdir(b.directory), 0, "nothing is left behind");
}

// A number that depends on n alone (splitmix64).
static uint64_t mix(uint64_t n) {
    n += UINT64_C(0x9e3779b97f4a7c15);
    n = (n ^ n >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    n = (n ^ n >> 27) * UINT64_C(0x94d049bb133111eb);
    return n ^ n >> 31;
}

// The overlay against a plain copy of the disk, over many operations of all sizes.
Test(disk, an_overlay_is_a_disk_and_the_base_stays) {
    enum { DISK_SECTORS = 75 }; // nine granules and a part
    struct memory_store base, top, copy, fresh;
    memory_store(&fresh, DISK_SECTORS);
    memory_store(&copy, DISK_SECTORS);
    const struct disk_store under = memory_store(&base, DISK_SECTORS);
    const struct disk_store over = memory_store(&top, DISK_SECTORS);
    memset(top.data, 0, top.bytes);
    struct disk *d = disk_over(disk_overlay_store(under, over, base.bytes), DISK_SECTORS, false);
    uint8_t data[DISK_SECTORS * SECTOR_BYTES];
    for (uint64_t n = 0; n < 3000; n++) {
        if (n % 12 == 0) { // and afresh
            disk_close(d);
            const struct disk_store u = memory_store(&base, DISK_SECTORS);
            const struct disk_store o = memory_store(&top, DISK_SECTORS);
            memset(top.data, 0, top.bytes);
            d = disk_over(disk_overlay_store(u, o, base.bytes), DISK_SECTORS, false);
            memcpy(copy.data, fresh.data, fresh.bytes);
        }
        uint64_t at = mix(3 * n) % (base.bytes + 1);
        uint64_t len = mix(3 * n + 1) % (n % 2 ? 700 : 12000);
        if (n % 5 == 0) at = at / 512 * 512, len = len / 512 * 512;
        if (len > base.bytes - at) len = base.bytes - at;
        for (uint64_t i = 0; i < len; i++) data[i] = (uint8_t)mix(n + i);
        switch (mix(3 * n + 2) % 3) {
        case 0:
            cr_assert_eq(disk_write(d, data, len, at), 0);
            memcpy(copy.data + at, data, len);
            break;
        case 1:
            cr_assert_eq(disk_zero(d, len, at), 0);
            memset(copy.data + at, 0, len);
            break;
        default:
            cr_assert_eq(disk_read(d, data, len, at), 0);
            cr_assert_eq(memcmp(data, copy.data + at, len), 0, "step %lu", (long)n);
        }
        cr_assert_eq(memcmp(base.data, fresh.data, fresh.bytes), 0, "step %lu", (long)n);
    }
    disk_close(d);
    cr_assert(base.closed && top.closed);
    free(copy.data);
    free(fresh.data);
}

static void no_close(void *store) { (void)store; }

static int failing_read(void *store, void *to, uint64_t len, uint64_t offset) {
    (void)store, (void)to, (void)len, (void)offset;
    return EIO;
}

Test(disk, an_overlay_passes_errors_on) {
    static const struct disk_store_type broken = {.read = failing_read, .close = no_close};
    struct memory_store top;
    const struct disk_store base = {&broken, NULL};
    struct disk *d =
        disk_over(disk_overlay_store(base, memory_store(&top, 16), 16 * 512), 16, false);
    uint8_t data[4096] = {1};
    cr_assert_eq(disk_read(d, data, 512, 0), EIO);
    cr_assert_eq(disk_write(d, data, 512, 0), EIO, "the rest of the granule can't be kept");
    cr_assert_eq(disk_zero(d, 512, 512), EIO);
    cr_assert_eq(top.entries, 0);
    cr_assert_eq(disk_write(d, data, 4096, 0), 0, "a whole one needs no base");
    cr_assert_eq(disk_read(d, data, 4096, 0), 0);
    cr_assert_eq(disk_read(d, data, 2, 4095), EIO);
    disk_close(d);
}

Test(disk, zeroing_a_file) {
    struct bench b;
    static uint8_t data[200000];
    start(&b);
    make_image(&b, sizeof data);
    struct disk *d = must_open(&b, (struct disk_options){.path = NULL});
    cr_assert_eq(disk_zero(d, 150000, 333), 0);
    cr_assert_eq(disk_zero(d, 0, 0), 0);
    cr_assert_eq(disk_read(d, data, sizeof data, 0), 0);
    expect_bytes(data, 0, 333);
    for (unsigned i = 333; i < 150333; i++) cr_assert_eq(data[i], 0);
    expect_bytes(data + 150333, 150333, sizeof data - 150333);
    cr_assert_eq(file_bytes(&b), sizeof data);
    disk_close(d);
    end(&b);
}

Test(disk, a_file_that_shrinks_is_an_error_and_one_that_grows_is_none) {
    struct bench b;
    uint8_t data[512];
    start(&b);
    make_image(&b, 4 * 512);
    struct disk *d = must_open(&b, (struct disk_options){.path = NULL});
    cr_assert_eq(truncate(b.path, 100 * 512), 0);
    cr_assert_eq(disk_capacity(d), 4);
    cr_assert_eq(truncate(b.path, 700), 0);
    cr_assert_eq(disk_read(d, data, 512, 0), 0);
    cr_assert_eq(disk_read(d, data, 512, 512), EIO);
    cr_assert_eq(disk_read(d, data, 512, 3 * 512), EIO);
    cr_assert_eq(disk_counters(d)->errors, 2);
    disk_close(d);
    end(&b);
}

Test(disk, errors_of_the_host_come_through) {
    struct bench b;
    static uint8_t data[8 * 512];
    start(&b);
    make_image(&b, 4 * 512 + 1);
    struct disk *d = must_open(&b, (struct disk_options){.path = NULL});
    signal(SIGXFSZ, SIG_IGN);
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &(struct rlimit){4 * 512, RLIM_INFINITY}), 0);
    cr_assert_eq(disk_write(d, data, 512, 3 * 512), 0);
    cr_assert_eq(disk_write(d, data, 512, 4 * 512), EFBIG);
    cr_assert_eq(disk_write(d, data, 1024, 3 * 512), EFBIG, "after a part of it");
    cr_assert_eq(disk_counters(d)->errors, 2);
    cr_assert_eq(disk_counters(d)->writes, 3);
    cr_assert_eq(disk_counters(d)->bytes_written, 512);
    disk_close(d);
    end(&b);
}

static int failing_flush(void *store) {
    ++*(unsigned *)store;
    return ENOSPC;
}
static int swallowing_write(void *store, const void *from, uint64_t len, uint64_t offset) {
    (void)store, (void)from, (void)len, (void)offset;
    return 0;
}
Test(disk, a_flush_that_fails_is_tried_again) {
    static const struct disk_store_type type = {
        .write = swallowing_write, .flush = failing_flush, .close = no_close};
    unsigned flushes = 0;
    struct disk *d = disk_over((struct disk_store){&type, &flushes}, 4, false);
    cr_assert_eq(disk_flush(d), 0, "nothing was written");
    cr_assert_eq(flushes, 0);
    cr_assert_eq(disk_write(d, "x", 1, 0), 0);
    cr_assert_eq(disk_flush(d), ENOSPC);
    cr_assert_eq(disk_flush(d), ENOSPC);
    cr_assert_eq(flushes, 2);
    cr_assert_eq(disk_counters(d)->flushes, 3);
    disk_close(d);
}

Test(disk, injected_faults) {
    struct memory_store m;
    uint8_t data[2048] = {0};
    char message[256];
    struct disk *d = disk_over(memory_store(&m, 16), 16, false);
    cr_assert(disk_inject(d, "read=4-5:2,write=8,full=10-11,short=14,flush:1", message, 256));
    cr_assert_eq(disk_read(d, data, 512, 3 * 512), 0);
    cr_assert_eq(disk_read(d, data, 513, 3 * 512), EIO, "touches sector 4");
    cr_assert_eq(disk_read(d, data, 1, 6 * 512 - 1), EIO);
    cr_assert_eq(disk_read(d, data, 512, 4 * 512), 0, "twice only");
    memset(data, 0, sizeof data);
    cr_assert_eq(disk_write(d, data, 512, 7 * 512), 0);
    cr_assert_eq(disk_write(d, data, 2 * 512, 7 * 512), EIO);
    cr_assert_eq(disk_zero(d, 512, 8 * 512), EIO);
    cr_assert_eq(disk_write(d, data, 512, 11 * 512), ENOSPC);
    cr_assert_neq(m.data[11 * 512], 0);
    cr_assert_neq(m.data[8 * 512], 0);
    cr_assert_eq(disk_write(d, data, 3 * 512, 13 * 512), EIO);
    cr_assert(m.data[13 * 512] == 0 && m.data[14 * 512 - 1] == 0 && m.data[14 * 512] != 0);
    cr_assert_eq(disk_write(d, data, 512, 14 * 512), EIO);
    cr_assert_neq(m.data[14 * 512], 0);
    cr_assert_eq(disk_flush(d), EIO);
    cr_assert_eq(disk_flush(d), 0);
    cr_assert(disk_inject(d, NULL, message, 256));
    cr_assert_eq(disk_write(d, data, 512, 8 * 512), 0);
    disk_close(d);
}

Test(disk, rules_of_faults) {
    static const char *const right[] = {"",        "read",      "read,write",        "read=0",
                                        "flush:3", "write=1-1", "short=0x10-0x1f:1", "full=5:0",
                                        "read=1,"};
    static const char *const wrong[] = {
        "r",       "reads",    "read=",       "read=-1", "read=5-4",
        "read=1-", "read:",    "read=1:x",    "=1",      "read 1",
        ",",       "read=1;2", "flush flush", "READ",    "read=99999999999999999999"};
    struct disk_faults f = {.rules = 0}, before;
    char message[256];
    for (unsigned i = 0; i < sizeof right / sizeof *right; i++) {
        cr_assert(disk_faults_parse(&f, right[i], message, sizeof message), "%s", right[i]);
    }
    before = f;
    for (unsigned i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        message[0] = '\0';
        cr_assert_not(disk_faults_parse(&f, wrong[i], message, sizeof message), "%s", wrong[i]);
        cr_assert(strstr(message, "read=8-15:1"), "it says what would be right");
        cr_assert_eq(f.rules, before.rules, "and changes nothing");
        cr_assert_eq(f.rule[0].kind, before.rule[0].kind);
    }
    char many[256] = "";
    for (unsigned i = 0; i <= DISK_FAULT_MAX_RULES; i++) strcat(many, "flush,");
    cr_assert_not(disk_faults_parse(&f, many, message, sizeof message));
    cr_assert(strstr(message, "more than 16"));
}

Test(disk, faults_from_the_start) {
    struct bench b;
    uint8_t byte;
    start(&b);
    make_image(&b, 1024);
    expect_refusal(&b, (struct disk_options){.inject = "rot"}, "rot", "read=8-15:1");
    struct disk *d = must_open(&b, (struct disk_options){.inject = "read=1"});
    cr_assert_eq(disk_read(d, &byte, 1, 0), 0);
    cr_assert_eq(disk_read(d, &byte, 1, 512), EIO);
    disk_close(d);
    end(&b);
}
