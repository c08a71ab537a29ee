// SPDX-License-Identifier: MIT
// One program for all targets; libFuzzer's main() calls it.
//   fuzz --list                       a line a target: name, bytes, megabytes, seconds, what
//   fuzz --target=NAME [ARGUMENT...]  libFuzzer's arguments: files to repeat, or a corpus to go on
//                                     from
// While a target runs it can open no file but its own and connect to nobody: console commands name
// files, and an input must not be able to write one. libFuzzer, which has the same open() as the
// targets, can: an input that did harm goes where -artifact_prefix= says.
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "testsuite/fuzz/fuzz.h"

int LLVMFuzzerInitialize(int *count, char ***words);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct target {
    const char *name;
    unsigned bytes, megabytes, seconds;
    const char *what;
    void (*run)(struct input *in);
} targets[] = {
#define TARGET(name, bytes, megabytes, seconds, what)                                              \
    {#name, bytes, megabytes, seconds, what, fuzz_##name},
#include "testsuite/fuzz/targets.def"
#undef TARGET
};
enum { TARGETS = sizeof targets / sizeof *targets };

// libFuzzer's interface has no place to carry these.
static const struct target *chosen;
static bool running;
static const char *artifacts;

static void list(void) {
    for (unsigned i = 0; i < TARGETS; i++) {
        const struct target *t = &targets[i];
        printf("%s\t%u\t%u\t%u\t%s\n", t->name, t->bytes, t->megabytes, t->seconds, t->what);
    }
}

int LLVMFuzzerInitialize(int *count, char ***words) {
    const char *word = *count > 1 ? (*words)[1] : "";
    if (strcmp(word, "--list") == 0) {
        list();
        exit(0);
    }
    for (unsigned i = 0; i < TARGETS && strncmp(word, "--target=", 9) == 0; i++) {
        if (strcmp(word + 9, targets[i].name) == 0) chosen = &targets[i];
    }
    for (int i = 2; i < *count; i++) {
        if (strncmp((*words)[i], "-artifact_prefix=", 17) == 0) artifacts = (*words)[i] + 17;
    }
    if (!chosen) {
        fprintf(stderr, "fuzz: '%s' is no target; --list tells them\n", word);
        exit(2);
    }
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct input in = {data, size < chosen->bytes ? size : chosen->bytes};
    running = true;
    chosen->run(&in);
    running = false;
    return 0;
}

// --- Helpers of the targets ----------------------------------------------------------------------

uint64_t take_edgy(struct input *in) {
    const uint64_t kind = take(in, 1), power = UINT64_C(1) << (kind & 63);
    switch (kind >> 6) {
    case 0: return take(in, 1);
    case 1: return power - 1 + take(in, 1) % 3;
    case 2: return -power;
    default: return take(in, 8);
    }
}

size_t take_bytes(struct input *in, void *to, size_t bytes) {
    if (bytes > in->size) bytes = in->size;
    if (bytes) memcpy(to, in->data, bytes);
    in->data += bytes;
    in->size -= bytes;
    return bytes;
}

struct scratch_file scratch_file(const void *data, size_t size) {
    struct scratch_file file = {.fd = memfd_create("fuzz", MFD_CLOEXEC)};
    HOLDS(file.fd >= 0 && (size == 0 || write(file.fd, data, size) == (ssize_t)size));
    snprintf(file.path, sizeof file.path, "/proc/self/fd/%d", file.fd);
    return file;
}

// --- What a target can't do (the linker's --wrap) ------------------------------------------------

int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);
FILE *__real_fopen(const char *path, const char *mode);
FILE *__wrap_fopen(const char *path, const char *mode);
ssize_t __wrap_send(int fd, const void *data, size_t size, int flags);

static bool may_open(const char *path) {
    if (!running || strncmp(path, "/proc/self/fd/", 14) == 0) return true;
    return artifacts && artifacts[0] && strncmp(path, artifacts, strlen(artifacts)) == 0;
}

int __wrap_open(const char *path, int flags, ...) {
    va_list arguments;
    va_start(arguments, flags);
    const int mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(arguments, int) : 0;
    va_end(arguments);
    const bool temporary = (flags & O_TMPFILE) == O_TMPFILE;
    if (!temporary && !may_open(path)) return -1;
    return __real_open(path, flags, mode);
}

FILE *__wrap_fopen(const char *path, const char *mode) {
    if (!may_open(path)) return NULL;
    return __real_fopen(path, mode);
}

// A client that reads all that it is sent.
ssize_t __wrap_send(int fd, const void *data, size_t size, int flags) {
    (void)fd, (void)data, (void)flags;
    return (ssize_t)size;
}
