// SPDX-License-Identifier: MIT
// Between the machine's display devices and whoever shows them (see display.h).
#include "emu/display.h"

#include <errno.h>
#include <png.h>
#include <stdlib.h>
#include <string.h>

#include "devices/framebuffer.h"
#include "devices/virtio_gpu.h"
#include "devices/virtio_input.h"

struct screen *display_screen(struct machine *m) {
    struct virtio *gpu = machine_find(m, SLOT_GPU);
    if (gpu && virtio_gpu_screen(gpu)->width) return virtio_gpu_screen(gpu);
    if (!m->framebuffer) return NULL;
    framebuffer_refresh(m->framebuffer);
    return framebuffer_screen(m->framebuffer);
}

// --- What somebody does --------------------------------------------------------------------------

void display_send(struct machine *m, const struct display_event *e) {
    struct virtio *keyboard = machine_find(m, SLOT_KEYBOARD);
    struct virtio *tablet = machine_find(m, SLOT_TABLET);
    struct virtio *gpu = machine_find(m, SLOT_GPU);
    const uint32_t value = (uint32_t)e->value;
    const struct input_event key = {EV_KEY, e->code, value}, wheel = {EV_REL, REL_WHEEL, value};
    const struct input_event point[] = {{EV_ABS, ABS_X, e->x}, {EV_ABS, ABS_Y, e->y}};
    switch (e->action) {
    case DISPLAY_KEY:
        if (keyboard) virtio_input_send(keyboard, &key, 1);
        break;
    case DISPLAY_BUTTON:
        if (tablet) virtio_input_send(tablet, &key, 1);
        break;
    case DISPLAY_POINT:
        if (tablet) virtio_input_send(tablet, point, 2);
        break;
    case DISPLAY_WHEEL:
        if (tablet) virtio_input_send(tablet, &wheel, 1);
        break;
    case DISPLAY_RESIZE:
        if (gpu) virtio_gpu_resize(gpu, e->x, e->y);
        break;
    }
}

// --- Pictures ------------------------------------------------------------------------------------

bool display_write_png(FILE *to, const char *path, const uint32_t *pixels, uint32_t width,
                       uint32_t height, struct message *message) {
    png_image image = {
        .version = PNG_IMAGE_VERSION, .width = width, .height = height, .format = PNG_FORMAT_RGB};
    uint8_t *rgb = malloc((size_t)width * height * 3);
    if (!rgb) return complain(message, "%s: the host has not enough memory for a picture", path);
    for (size_t i = 0; i < (size_t)width * height; i++) {
        rgb[i * 3] = (uint8_t)(pixels[i] >> 16);
        rgb[i * 3 + 1] = (uint8_t)(pixels[i] >> 8);
        rgb[i * 3 + 2] = (uint8_t)pixels[i];
    }
    const bool good = png_image_write_to_stdio(&image, to, 0, rgb, 0, NULL) != 0;
    free(rgb);
    return good || complain(message, "%s: the picture can't be written: %s", path, image.message);
}

bool display_screenshot(struct machine *m, FILE *to, const char *path, struct message *message) {
    const struct screen *s = display_screen(m);
    if (!s) {
        return complain(message,
                        "%s: there is no picture; -device virtio-gpu-device whose driver runs, or "
                        "-device framebuffer, would show one",
                        path);
    }
    const struct rect all = {0, 0, s->width, s->height};
    uint32_t *pixels = malloc((size_t)s->width * s->height * sizeof *pixels);
    if (!pixels) return complain(message, "%s: the host has not enough memory", path);
    screen_copy(s, &all, true, pixels);
    const bool good = display_write_png(to, path, pixels, s->width, s->height, message);
    free(pixels);
    return good;
}
