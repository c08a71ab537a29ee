// SPDX-License-Identifier: MIT
// What the fuzz targets share. A target is a row of targets.def and a function fuzz_NAME() that is
// given bytes: it may do anything with them but crash, hang, take more memory than the row says, or
// leave a trace for the next input. Bytes that steer a target are taken from the front one number
// after the other; behind their end all numbers are 0.
#ifndef TABLEWALK_TESTSUITE_FUZZ_FUZZ_H
#define TABLEWALK_TESTSUITE_FUZZ_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct input {
    const uint8_t *data;
    size_t size; // bytes that are left
};

#define TARGET(name, ...) void fuzz_##name(struct input *in);
#include "testsuite/fuzz/targets.def"
#undef TARGET

// The next 1 to 8 bytes as a little-endian number.
static inline uint64_t take(struct input *in, unsigned bytes) {
    uint64_t value = 0;
    size_t there = bytes < in->size ? bytes : in->size;
    if (there) memcpy(&value, in->data, there);
    in->data += there;
    in->size -= there;
    return value;
}

// 0 to limit - 1, of which there may be 65,536.
static inline unsigned take_below(struct input *in, unsigned limit) {
    return (unsigned)(take(in, limit > 256 ? 2 : 1) % limit);
}

// A number where numbers are interesting: small, beside a power of two, or any.
uint64_t take_edgy(struct input *in);

// The next bytes, up to `bytes` of them, into a buffer. Returns how many.
size_t take_bytes(struct input *in, void *to, size_t bytes);

// What must hold, in a build with or without assertions.
#define HOLDS(condition) ((condition) ? (void)0 : __builtin_trap())

// A file with these contents that has a name and leaves no trace: "/proc/self/fd/N". Its descriptor
// is to be closed.
struct scratch_file {
    int fd;
    char path[32];
};
struct scratch_file scratch_file(const void *data, size_t size);

// The firmware reads a device tree (firmware_tree.c).
void fuzz_firmware_tree(const void *tree, size_t size);

#endif
