// SPDX-License-Identifier: MIT
// Looks at a picture for a test: a PNG file, or the screen file of Xvfb (-fbdir), which is an XWD.
//   picture FILE size            prints WIDTHxHEIGHT
//   picture FILE X Y             prints the colour of a pixel as RRGGBB
//   picture FILE X Y W H         prints a hash of a region, of its colours alone
//   picture FILE X Y W H RRGGBB  prints how many pixels of the region have the colour
//   picture FILE chunks          prints how many pictures an animated PNG has, and how many ends
//   picture FILE png OUT         writes it as PNG, for people
#include <png.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct picture {
    uint32_t width, height;
    uint32_t *pixels; // 0x00RRGGBB
};

static _Noreturn void die(const char *file, const char *why) {
    fprintf(stderr, "picture: %s: %s\n", file, why);
    exit(1);
}

static uint32_t big_endian(const uint8_t *p) {
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

// XWD version 7, pixels of four bytes, as Xvfb makes it at depth 24.
enum {
    XWD_WIDTH = 4,
    XWD_HEIGHT = 5,
    XWD_BITS = 11,
    XWD_LINE = 12,
    XWD_COLOURS = 19,
    XWD_FIELDS = 25
};
enum { XWD_COLOUR_BYTES = 12 };

static struct picture read_xwd(const char *name, const uint8_t *data, size_t size) {
    uint32_t field[XWD_FIELDS];
    if (size < sizeof field) die(name, "too short for an XWD");
    for (unsigned i = 0; i < XWD_FIELDS; i++) field[i] = big_endian(data + i * 4);
    struct picture p = {.width = field[XWD_WIDTH], .height = field[XWD_HEIGHT]};
    const size_t begin = field[0] + (size_t)field[XWD_COLOURS] * XWD_COLOUR_BYTES;
    if (field[1] != 7 || field[XWD_BITS] != 32 || p.width > 8192 || p.height > 8192 ||
        begin + (size_t)field[XWD_LINE] * p.height > size) {
        die(name, "no XWD of 32 bits a pixel");
    }
    p.pixels = malloc((size_t)p.width * p.height * 4 + 1);
    if (!p.pixels) die(name, "out of memory");
    for (uint32_t y = 0; y < p.height; y++) {
        for (uint32_t x = 0; x < p.width; x++) {
            uint32_t pixel;
            memcpy(&pixel, data + begin + (size_t)y * field[XWD_LINE] + x * 4, 4);
            p.pixels[(size_t)y * p.width + x] = pixel & 0xffffff;
        }
    }
    return p;
}

static struct picture read_png(const char *name, const uint8_t *data, size_t size) {
    png_image image = {.version = PNG_IMAGE_VERSION};
    if (!png_image_begin_read_from_memory(&image, data, size)) die(name, image.message);
    image.format = PNG_FORMAT_BGRA;
    struct picture p = {.width = image.width, .height = image.height};
    p.pixels = malloc(PNG_IMAGE_SIZE(image));
    if (!p.pixels || !png_image_finish_read(&image, NULL, p.pixels, 0, NULL)) {
        die(name, image.message);
    }
    for (size_t i = 0; i < (size_t)p.width * p.height; i++) p.pixels[i] &= 0xffffff;
    return p;
}

static struct picture read_picture(const char *name) {
    FILE *file = fopen(name, "rb");
    if (!file) die(name, "can't be opened");
    size_t size = 0, room = 1 << 16, got;
    uint8_t *data = malloc(room);
    while (data && (got = fread(data + size, 1, room - size, file)) > 0) {
        size += got;
        if (size == room) data = realloc(data, room *= 2);
    }
    fclose(file);
    if (!data || size < 8) die(name, "empty");
    const struct picture p =
        memcmp(data, "\x89PNG", 4) == 0 ? read_png(name, data, size) : read_xwd(name, data, size);
    free(data);
    return p;
}

static void write_png(const struct picture *p, const char *name) {
    png_image image = {.version = PNG_IMAGE_VERSION,
                       .width = p->width,
                       .height = p->height,
                       .format = PNG_FORMAT_BGRA};
    for (size_t i = 0; i < (size_t)p->width * p->height; i++) p->pixels[i] |= 0xff000000;
    if (!png_image_write_to_file(&image, name, 0, p->pixels, 0, NULL)) die(name, image.message);
}

// FNV-1a over the colours of a region.
static uint64_t hash(const struct picture *p, uint32_t x, uint32_t y, uint32_t w, uint32_t h) {
    uint64_t sum = 0xcbf29ce484222325;
    for (uint32_t row = y; row < y + h; row++) {
        for (uint32_t column = x; column < x + w; column++) {
            sum = (sum ^ p->pixels[(size_t)row * p->width + column]) * 0x100000001b3;
        }
    }
    return sum;
}

static unsigned count(const struct picture *p, const uint32_t n[4], uint32_t colour) {
    unsigned found = 0;
    for (uint32_t row = n[1]; row < n[1] + n[3]; row++) {
        for (uint32_t column = n[0]; column < n[0] + n[2]; column++) {
            found += p->pixels[(size_t)row * p->width + column] == colour;
        }
    }
    return found;
}

// By the chunks that stand before each picture and at the end.
static void list_chunks(const char *name) {
    FILE *file = fopen(name, "rb");
    uint8_t head[8];
    if (!file || fread(head, 1, 8, file) != 8) die(name, "no PNG");
    unsigned frames = 0, ends = 0;
    while (fread(head, 1, 8, file) == 8) {
        frames += memcmp(head + 4, "fcTL", 4) == 0;
        ends += memcmp(head + 4, "IEND", 4) == 0;
        if (fseek(file, (long)big_endian(head) + 4, SEEK_CUR) != 0) break;
    }
    fclose(file);
    printf("%u pictures, %u ends\n", frames, ends);
}

int main(int argc, char **argv) {
    if (argc < 3) die("usage", "picture FILE size | X Y | X Y W H [RRGGBB] | png OUT | chunks");
    if (strcmp(argv[2], "chunks") == 0) {
        list_chunks(argv[1]);
        return 0;
    }
    const struct picture p = read_picture(argv[1]);
    uint32_t n[4] = {0, 0, 1, 1};
    if (strcmp(argv[2], "size") == 0) {
        printf("%ux%u\n", p.width, p.height);
    } else if (strcmp(argv[2], "png") == 0 && argc == 4) {
        write_png(&p, argv[3]);
    } else {
        for (int i = 2; i < argc && i < 6; i++) n[i - 2] = (uint32_t)strtoul(argv[i], NULL, 10);
        if (n[0] >= p.width || n[2] > p.width - n[0] || n[1] >= p.height ||
            n[3] > p.height - n[1]) {
            die(argv[1], "the region is not in the picture");
        }
        if (argc == 7) {
            printf("%u\n", count(&p, n, (uint32_t)strtoul(argv[6], NULL, 16)));
        } else if (argc == 4) {
            printf("%06x\n", p.pixels[(size_t)n[1] * p.width + n[0]]);
        } else {
            printf("%016llx\n", (unsigned long long)hash(&p, n[0], n[1], n[2], n[3]));
        }
    }
    free(p.pixels);
    return 0;
}
