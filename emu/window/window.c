// SPDX-License-Identifier: MIT
// The emulation's side of the window (see window.h): a console around a console. Every look at the
// console also looks into the mailbox.
#ifdef HAVE_SDL
#include "emu/window/window.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "emu/window/sdl.h"

#define NANOSECONDS UINT64_C(1000000000)
#define FRAME       (NANOSECONDS / 60) // between two looks into the mailbox, in the host's time

struct window {
    struct console inner;
    struct machine *machine; // NULL: not open
    struct mailbox box;
    struct sdl_thread sdl;
    uint64_t looked; // the host's time
    bool closed;
    unsigned screenshots;
    char paste[PASTE_MAX]; // text on its way to the serial line
    size_t paste_begin, paste_end;
    char serial[SERIAL_MAX]; // text from it that is not in the mailbox yet
    size_t serial_bytes;
};

bool window_available(void) { return true; }

static uint64_t host_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * NANOSECONDS + (uint64_t)now.tv_nsec;
}

// --- Looking into the mailbox --------------------------------------------------------------------

static void take_screenshot(struct window *w) {
    char path[PATH_BYTES];
    struct message message;
    FILE *to;
    do {
        snprintf(path, sizeof path, "tablewalk-%u.png", ++w->screenshots);
        to = fopen(path, "wbx");
    } while (!to && errno == EEXIST && w->screenshots < 10000);
    if (!to) {
        fprintf(stderr, "tablewalk: %s can't be written: %s\r\n", path, strerror(errno));
        return;
    }
    const bool good = display_screenshot(w->machine, to, path, &message);
    if (fclose(to) == 0 && good) {
        fprintf(stderr, "tablewalk: screenshot in %s\r\n", path);
    } else {
        fprintf(stderr, "tablewalk: %s\r\n", good ? "the screenshot is cut off" : message.text);
    }
}

// The serial line's text for the clipboard: the last of it stays.
static void hand_over_serial(struct window *w) {
    struct mailbox *box = &w->box;
    const size_t kept = box->serial_bytes + w->serial_bytes > SERIAL_MAX
                            ? SERIAL_MAX - w->serial_bytes
                            : box->serial_bytes;
    memmove(box->serial, box->serial + box->serial_bytes - kept, kept);
    memcpy(box->serial + kept, w->serial, w->serial_bytes);
    box->serial_bytes = kept + w->serial_bytes;
    w->serial_bytes = 0;
}

// Takes what the window has to say, and gives it the picture. The result: has anything arrived?
static bool exchange(struct window *w) {
    const uint64_t now = host_now();
    if (!w->machine || now - w->looked < FRAME) return false;
    if (pthread_mutex_trylock(&w->box.lock) != 0) return false;
    w->looked = now;
    struct mailbox *box = &w->box;
    struct display_event event[MAILBOX_EVENTS];
    unsigned count = 0;
    for (; box->count; box->count--) {
        event[count++] = box->event[box->first];
        box->first = (box->first + 1) % MAILBOX_EVENTS;
    }
    if (box->paste_bytes && w->paste_begin == w->paste_end) {
        memcpy(w->paste, box->paste, box->paste_bytes);
        w->paste_begin = 0;
        w->paste_end = box->paste_bytes;
        box->paste_bytes = 0;
    }
    const bool screenshot = box->screenshot;
    box->screenshot = false;
    box->executed = w->machine->executed;
    hand_over_serial(w);
    if (!mailbox_take_picture(box, display_screen(w->machine))) box->width = box->height = 0;
    w->closed = box->closed;
    pthread_mutex_unlock(&box->lock);
    for (unsigned i = 0; i < count; i++) display_send(w->machine, &event[i]);
    if (screenshot) take_screenshot(w);
    return count || w->closed || w->paste_begin < w->paste_end;
}

// --- The console ---------------------------------------------------------------------------------

static void put(void *context, uint8_t byte) {
    struct window *w = context;
    w->inner.put(w->inner.context, byte);
    if (!w->machine) return;
    if (w->serial_bytes == SERIAL_MAX) { // nobody has looked for long: forget the older half
        w->serial_bytes /= 2;
        memcpy(w->serial, w->serial + w->serial_bytes, w->serial_bytes);
    }
    w->serial[w->serial_bytes++] = (char)byte;
}

static bool has_input(void *context) {
    struct window *w = context;
    return w->paste_begin < w->paste_end || w->inner.has_input(w->inner.context);
}

static int get(void *context) {
    struct window *w = context;
    if (w->paste_begin < w->paste_end) return (uint8_t)w->paste[w->paste_begin++];
    return w->inner.get(w->inner.context);
}

// Waits a frame at a time, so that the picture moves and keys arrive while the guest sleeps.
static uint64_t look(void *context, uint64_t wait) {
    struct window *w = context;
    uint64_t waited = 0;
    bool arrived = exchange(w);
    if (!w->machine) return w->inner.poll(w->inner.context, wait);
    do {
        const uint64_t piece = arrived || wait - waited < FRAME ? wait - waited : FRAME;
        const uint64_t slept = w->inner.poll(w->inner.context, arrived ? 0 : piece);
        waited += slept;
        if (arrived || slept < piece) break;
        arrived = exchange(w);
    } while (waited < wait && !arrived);
    return waited;
}

static bool live(const void *context) {
    const struct window *w = context;
    return w->machine || w->inner.live(w->inner.context);
}

static enum machine_end ended(const void *context, int *code) {
    const struct window *w = context;
    return w->closed ? END_QUIT : w->inner.ended(w->inner.context, code);
}

static bool called(void *context) {
    const struct window *w = context;
    return w->inner.called && w->inner.called(w->inner.context);
}

static void lend(void *context, bool taken) {
    const struct window *w = context;
    if (w->inner.lend) w->inner.lend(w->inner.context, taken);
}

// --- Life ----------------------------------------------------------------------------------------

struct window *window_create(const struct console *inner, struct message *message) {
    struct window *w = calloc(1, sizeof *w);
    if (!w) {
        complain(message, "the host has not enough memory for a window");
        return NULL;
    }
    w->inner = *inner;
    pthread_mutex_init(&w->box.lock, NULL);
    return w;
}

struct console window_console(struct window *w) {
    return (struct console){.context = w,
                            .put = put,
                            .has_input = has_input,
                            .get = get,
                            .poll = look,
                            .live = live,
                            .ended = ended,
                            .called = called,
                            .lend = lend};
}

bool window_open(struct window *w, struct machine *m, bool full_screen, struct message *message) {
    w->sdl.box = &w->box;
    w->sdl.full_screen = full_screen;
    if (!sdl_start(&w->sdl)) {
        *message = w->sdl.message;
        return false;
    }
    w->machine = m;
    return true;
}

void window_destroy(struct window *w) {
    if (!w) return;
    if (w->machine) sdl_stop(&w->sdl);
    pthread_mutex_destroy(&w->box.lock);
    free(w->box.pixels);
    free(w);
}
#else
// A file has at least one declaration.
struct window;
#endif
