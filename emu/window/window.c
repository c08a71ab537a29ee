// SPDX-License-Identifier: MIT
// The emulation's side of the window (see window.h): a console around a console. Every look at the
// console also looks into the mailbox.
#ifdef HAVE_SDL
#include "emu/window/window.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "emu/view/save.h"
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
    struct debugger *debugger; // NULL: no memory view
    uint64_t look_at;          // the host's time at which memory may be looked at again
    char paste[PASTE_MAX];     // text on its way to the serial line
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

static bool write_screenshot(struct window *w, FILE *to, const char *path, bool memory,
                             struct message *message) {
    if (!memory || !w->debugger) return display_screenshot(w->machine, to, path, message);
    const struct picture *p = debugger_look(w->debugger);
    if (!p) return complain(message, "%s: the host has not enough memory", path);
    return view_save(to, path, p, NULL, 0, message);
}

static void take_screenshot(struct window *w, bool memory) {
    char path[FILE_BYTES];
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
    const bool good = write_screenshot(w, to, path, memory, &message);
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

// --- The memory view -----------------------------------------------------------------------------

#define LOOK_EVERY (NANOSECONDS / 15) // of the host's time, at least
enum { LOOK_SHARE = 60 };             // and so many times as long as a look takes

// What the console says of the frame, for who has clicked at it.
static void ask_console(struct window *w, uint64_t pa, char *told, size_t bytes) {
    char line[64];
    FILE *to = fmemopen(told, bytes, "w");
    snprintf(line, sizeof line, "frames 0x%" PRIx64 " --limit=6", pa);
    if (!to) return;
    debugger_execute(w->debugger, line, to);
    fclose(to);
    told[bytes - 1] = 0;
}

static void hand_over_picture(struct window *w, const struct picture *p) {
    struct mailbox *box = &w->box;
    struct picture copy;
    if (!picture_copy(&copy, p)) return;
    pthread_mutex_lock(&box->lock);
    const struct picture old = box->picture;
    box->picture = copy;
    box->pictures++;
    pthread_mutex_unlock(&box->lock);
    struct picture garbage = old;
    picture_free(&garbage);
}

// What was clicked and typed there, and a new picture when it is time.
static void serve_memory_view(struct window *w) {
    struct mailbox *box = &w->box;
    char line[64], told[TOLD_BYTES] = "";
    if (pthread_mutex_trylock(&box->lock) != 0) return;
    const bool ask = box->ask, open = box->open, next = box->look_next;
    const uint64_t asked = box->asked;
    box->ask = box->open = box->look_next = false;
    pthread_mutex_unlock(&box->lock);
    if (next) debugger_look_next(w->debugger);
    if (open) {
        snprintf(line, sizeof line, "frames 0x%" PRIx64, asked);
        debugger_call(w->debugger, line);
    }
    const uint64_t before = host_now();
    if (ask) {
        ask_console(w, asked, told, sizeof told);
        pthread_mutex_lock(&box->lock);
        memcpy(box->told, told, sizeof told);
        pthread_mutex_unlock(&box->lock);
    }
    if (before < w->look_at && !ask && !next) return;
    const struct picture *p = debugger_look(w->debugger);
    if (p) hand_over_picture(w, p);
    const uint64_t after = host_now(), rest = (after - before) * LOOK_SHARE;
    w->look_at = after + (rest > LOOK_EVERY ? rest : LOOK_EVERY);
}

// --- Both ----------------------------------------------------------------------------------------

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
    const bool screenshot = box->screenshot, memory = box->memory;
    box->screenshot = false;
    box->executed = w->machine->executed;
    hand_over_serial(w);
    if (!mailbox_take_picture(box, display_screen(w->machine))) box->width = box->height = 0;
    w->closed = box->closed;
    pthread_mutex_unlock(&box->lock);
    for (unsigned i = 0; i < count; i++) display_send(w->machine, &event[i]);
    if (screenshot) take_screenshot(w, memory);
    if (memory && w->debugger) serve_memory_view(w);
    return count || w->closed || w->machine->halt || w->paste_begin < w->paste_end;
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

bool window_open(struct window *w, struct machine *m, bool full_screen, bool memory,
                 struct message *message) {
    w->sdl.box = &w->box;
    w->sdl.memory = memory;
    w->sdl.full_screen = full_screen;
    if (!sdl_start(&w->sdl)) {
        *message = w->sdl.message;
        return false;
    }
    w->machine = m;
    return true;
}

void window_attach(struct window *w, struct debugger *d) {
    if (w) w->debugger = d;
}

void window_destroy(struct window *w) {
    if (!w) return;
    if (w->machine) sdl_stop(&w->sdl);
    pthread_mutex_destroy(&w->box.lock);
    free(w->box.pixels);
    picture_free(&w->box.picture);
    free(w);
}
#else
// A file has at least one declaration.
struct window;
#endif
