// SPDX-License-Identifier: MIT
// PNG by libpng; an animated one is PNG's chunks with a few more around them (see save.h).
#include "emu/view/save.h"

#include <png.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "emu/display.h"
#include "emu/view/draw.h"
#include "emu/view/layout.h"

enum {
    PIXELS = DRAWING_WIDTH * DRAWING_HEIGHT,
    SIGNATURE_BYTES = 8,
    CHUNK_BYTES = 12, // of a chunk without its data: length, type, sum
    FRAME_MS = 100,
    LAST_FRAME_MS = 3000,
    BLEND_OVER = 1,
    CONTROL_BYTES = 26, // of fcTL
};

// --- Animated ------------------------------------------------------------------------------------

struct film_file {
    FILE *to;
    uint32_t sequence; // of the next fcTL or fdAT
    bool good;
};

static void put_number(uint8_t *to, uint32_t value) {
    for (unsigned i = 0; i < 4; i++) to[i] = (uint8_t)(value >> (24 - 8 * i));
}

static uint32_t number_at(const uint8_t *from) {
    return (uint32_t)from[0] << 24 | (uint32_t)from[1] << 16 | (uint32_t)from[2] << 8 | from[3];
}

static void put(struct film_file *f, const void *data, size_t bytes) {
    f->good &= bytes == 0 || fwrite(data, 1, bytes, f->to) == bytes;
}

// A chunk whose data is a head and a body.
static void put_chunk(struct film_file *f, const char *type, const uint8_t *head, uint32_t heads,
                      const uint8_t *body, uint32_t bodies) {
    uint8_t number[4];
    uLong sum = crc32(0, (const uint8_t *)type, 4);
    if (heads) sum = crc32(sum, head, heads);
    if (bodies) sum = crc32(sum, body, bodies);
    put_number(number, heads + bodies);
    put(f, number, 4);
    put(f, type, 4);
    put(f, head, heads);
    put(f, body, bodies);
    put_number(number, (uint32_t)sum);
    put(f, number, 4);
}

static void put_control(struct film_file *f, unsigned ms, unsigned blend) {
    uint8_t control[CONTROL_BYTES] = {0};
    put_number(control, f->sequence++);
    put_number(control + 4, DRAWING_WIDTH);
    put_number(control + 8, DRAWING_HEIGHT);
    control[20] = (uint8_t)(ms >> 8);
    control[21] = (uint8_t)ms;
    control[22] = 1000 >> 8;
    control[23] = 1000 & 0xff;
    control[25] = (uint8_t)blend;
    put_chunk(f, "fcTL", control, sizeof control, NULL, 0);
}

// The chunks of a PNG in memory: its head and the film's before the first picture; its data.
static void put_frame(struct film_file *f, const uint8_t *png, size_t size, unsigned number,
                      unsigned count) {
    const bool last = number + 1 == count;
    if (number == 0) put(f, png, SIGNATURE_BYTES);
    for (size_t at = SIGNATURE_BYTES; at + CHUNK_BYTES <= size;) {
        const uint32_t bytes = number_at(png + at);
        const uint8_t *type = png + at + 4, *data = png + at + 8;
        uint8_t head[8] = {0};
        if (memcmp(type, "IHDR", 4) == 0 && number == 0) {
            put_chunk(f, "IHDR", NULL, 0, data, bytes);
            put_number(head, count);
            put_chunk(f, "acTL", head, 8, NULL, 0);
        }
        if (memcmp(type, "IHDR", 4) == 0) {
            put_control(f, last ? LAST_FRAME_MS : FRAME_MS, number ? BLEND_OVER : 0);
        } else if (memcmp(type, "IDAT", 4) == 0 && number == 0) {
            put_chunk(f, "IDAT", NULL, 0, data, bytes);
        } else if (memcmp(type, "IDAT", 4) == 0) {
            put_number(head, f->sequence++);
            put_chunk(f, "fdAT", head, 4, data, bytes);
        }
        at += CHUNK_BYTES + (size_t)bytes;
    }
    if (last) put_chunk(f, "IEND", NULL, 0, NULL, 0);
}

// Pixels that are as they were become transparent; `before` becomes `now`.
static void keep_changes(uint32_t *now, uint32_t *before, bool first) {
    for (size_t i = 0; i < PIXELS; i++) {
        const bool same = !first && now[i] == before[i];
        before[i] = now[i];
        now[i] = same ? 0 : now[i] | 0xff000000;
    }
}

static bool put_picture(struct film_file *f, uint32_t *pixels, unsigned number, unsigned count) {
    png_image image = {.version = PNG_IMAGE_VERSION,
                       .width = DRAWING_WIDTH,
                       .height = DRAWING_HEIGHT,
                       .format = PNG_FORMAT_BGRA};
    png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(image);
    uint8_t *png = malloc(size);
    const bool good = png && png_image_write_to_memory(&image, png, &size, 0, pixels, 0, NULL);
    if (good) put_frame(f, png, size, number, count);
    free(png);
    return good;
}

static bool save_film(FILE *to, const char *path, const struct picture *film, unsigned count,
                      struct message *message) {
    uint32_t *pixels = malloc(2 * (size_t)PIXELS * sizeof *pixels);
    struct film_file f = {.to = to, .good = true};
    if (!pixels) return complain(message, "%s: the host has not enough memory", path);
    for (unsigned i = 0; i < count && f.good; i++) {
        f.good = draw_picture(&film[i], NULL, DRAWING_WIDTH, DRAWING_HEIGHT, pixels);
        keep_changes(pixels, pixels + PIXELS, i == 0);
        f.good &= put_picture(&f, pixels, i, count);
    }
    free(pixels);
    return f.good || complain(message, "%s: the film can't be written", path);
}

// --- One picture ---------------------------------------------------------------------------------

static bool save_picture(FILE *to, const char *path, const struct picture *p,
                         struct message *message) {
    uint32_t *pixels = malloc((size_t)PIXELS * sizeof *pixels);
    if (!pixels) return complain(message, "%s: the host has not enough memory", path);
    const bool good = (draw_picture(p, NULL, DRAWING_WIDTH, DRAWING_HEIGHT, pixels) ||
                       complain(message, "%s: cairo can't draw the picture", path)) &&
                      display_write_png(to, path, pixels, DRAWING_WIDTH, DRAWING_HEIGHT, message);
    free(pixels);
    return good;
}

static bool ends_in(const char *path, const char *end) {
    const char *dot = strrchr(path, '.');
    return dot && strcmp(dot, end) == 0;
}

bool view_can_save(const char *path) { return ends_in(path, ".png") || ends_in(path, ".apng"); }

bool view_save(FILE *to, const char *path, const struct picture *p, const struct picture *film,
               unsigned filmed, struct message *message) {
    if (!ends_in(path, ".apng")) return save_picture(to, path, p, message);
    if (!filmed) return complain(message, "%s: nothing has been filmed yet", path);
    return save_film(to, path, film, filmed, message);
}

void view_prepare(void) {
    uint32_t *pixels = malloc((size_t)PIXELS * sizeof *pixels);
    const struct overlay overlay = {.text = "font"};
    struct picture nothing = {.frames = 0};
    if (pixels) (void)draw_picture(&nothing, &overlay, DRAWING_WIDTH, DRAWING_HEIGHT, pixels);
    free(pixels);
}
