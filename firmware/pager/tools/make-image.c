// SPDX-License-Identifier: MIT
//
// make-image IMAGE FILE...: builds the disk with programs and files (host tool). The format is
// in kernel/image.h. A file named with a leading '+' is writable. The result depends on the names
// and contents of the files alone.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/image.h"

static _Noreturn void fail(const char *name, const char *why) {
    fprintf(stderr, "make-image: %s: %s\n", name, why);
    exit(2);
}

static const char *base_name(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

// Copies the file behind what is in the image so far, up to a whole page; its length in bytes.
static uint32_t append(FILE *image, const char *path) {
    static const char zeros[IMAGE_PAGE];
    char data[IMAGE_PAGE];
    uint32_t bytes = 0;
    FILE *file = fopen(path, "rb");
    if (!file) fail(path, "cannot be read");
    for (size_t got; (got = fread(data, 1, sizeof data, file)) > 0; bytes += (uint32_t)got)
        if (fwrite(data, 1, got, image) != got) fail(path, "cannot be written into the image");
    fclose(file);
    size_t rest = (IMAGE_PAGE - bytes % IMAGE_PAGE) % IMAGE_PAGE;
    if (fwrite(zeros, 1, rest, image) != rest) fail(path, "cannot be written into the image");
    return bytes;
}

int main(int argc, char **argv) {
    struct {
        struct image_header header;
        struct image_entry entry[IMAGE_FILES];
    } directory = {.header = {IMAGE_MAGIC, 0, 1}};
    if (argc < 2) fail("usage", "make-image IMAGE FILE...");
    if (argc - 2 > IMAGE_FILES) fail(argv[1], "too many files");
    FILE *image = fopen(argv[1], "wb");
    if (!image || fseek(image, IMAGE_PAGE, SEEK_SET)) fail(argv[1], "cannot be written");
    for (int n = 2; n < argc; n++) {
        int writable = argv[n][0] == '+';
        const char *path = argv[n] + writable, *name = base_name(path);
        struct image_entry *entry = &directory.entry[directory.header.files++];
        if (strlen(name) >= sizeof entry->name) fail(path, "its name is too long");
        strcpy(entry->name, name);
        entry->first_page = directory.header.pages;
        entry->flags = writable ? IMAGE_WRITABLE : 0;
        entry->bytes = append(image, path);
        directory.header.pages += (entry->bytes + IMAGE_PAGE - 1) / IMAGE_PAGE;
    }
    if (fseek(image, 0, SEEK_SET) || fwrite(&directory, sizeof directory, 1, image) != 1 ||
        fclose(image))
        fail(argv[1], "cannot be written");
    return 0;
}
