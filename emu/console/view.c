// SPDX-License-Identifier: MIT
// view and --view: the picture of memory (emu/view/), started, shown as text, saved.
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "emu/console/debugger.h"
#include "emu/view/blocks.h"
#include "emu/view/save.h"
#include "emu/words.h"

bool view_start(struct debugger *d, uint64_t every) {
    if (!d->camera) {
        d->camera = camera_create(d->m, every);
        if (!d->camera) return false;
        camera_look(d->camera);
    } else if (every && d->camera->every != every) {
        d->camera->every = d->camera->picture.every = every;
    }
    d->camera->next = machine_now(d->m) + every;
    // A machine that has one hart looks at the outside world as often as pictures are taken.
    if (every) d->m->poll_interval = every;
    debugger_observe(d);
    return true;
}

const struct picture *debugger_look(struct debugger *d) {
    if (!d->camera && !view_start(d, 0)) return NULL;
    camera_look(d->camera);
    return &d->camera->picture;
}

void debugger_look_next(struct debugger *d) {
    if (d->camera) camera_next_space(d->camera);
}

// --- The command ---------------------------------------------------------------------------------

static void start(struct debugger *d, const struct args *a) {
    const char *word = args_option(a, "every");
    uint64_t every = CAMERA_EVERY;
    if (word && !expr_word(d, word, &every)) return;
    if (every < CAMERA_LEAST) {
        out_fail(&d->out, "--every=%s: at least %d cycles", word, CAMERA_LEAST);
    } else if (!view_start(d, every)) {
        out_fail(&d->out, "the host has not enough memory");
    }
}

static void stop(struct debugger *d) {
    camera_destroy(d->camera);
    d->camera = NULL;
    d->m->poll_interval = 0;
}

// As it is now, whenever the camera looks next.
static bool look_now(struct debugger *d) {
    if (d->camera && d->camera->picture.cycle == machine_now(d->m) && d->camera->looks) return true;
    if (!d->camera && !view_start(d, CAMERA_EVERY)) {
        return out_fail(&d->out, "the host has not enough memory");
    }
    camera_look(d->camera);
    return true;
}

static void save(struct debugger *d, const char *path) {
    struct message message;
    if (!path || !view_can_save(path)) {
        out_fail(&d->out, "view save: needs a file: .png for a picture, .apng for a film");
        return;
    }
    if (!look_now(d)) return;
    const struct camera *c = d->camera;
    FILE *to = fopen(path, "wb");
    bool good = to && view_save(to, path, &c->picture, c->film, c->filmed, &message);
    if (!to) complain(&message, "%s: can't be written: %s", path, strerror(errno));
    if (to && fclose(to) != 0 && good) good = complain(&message, "%s: is cut off", path);
    if (!good) out_fail(&d->out, "%s", message.text);
}

// For programs: how many frames are what.
static void show_counts(struct debugger *d) {
    static const char *const keys[LOOKS] = {"free", "kernel", "table", "file", "moving", "process"};
    const struct picture *p = &d->camera->picture;
    uint64_t count[LOOKS] = {0};
    for (uint32_t i = 0; i < p->frames; i++) count[p->frame[i].look]++;
    out_number(&d->out, "cycle", p->cycle);
    for (unsigned i = 0; i < LOOKS; i++) out_number(&d->out, keys[i], count[i]);
}

static void show(struct debugger *d) {
    char *text = NULL, *rest = NULL;
    size_t bytes;
    if (!look_now(d)) return;
    show_counts(d);
    FILE *to = open_memstream(&text, &bytes);
    if (!to) return;
    const bool colour = !d->out.json && d->out.to == stdout && isatty(STDOUT_FILENO);
    blocks_print(&d->camera->picture, colour, "\n", to);
    fclose(to);
    for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
        out_say(&d->out, NULL, "%s", line);
    }
    free(text);
}

void command_view(struct debugger *d, struct args *a) {
    const char *word = args_word(a, 0);
    if (!word) {
        show(d);
    } else if (strcmp(word, "on") == 0) {
        start(d, a);
    } else if (strcmp(word, "off") == 0) {
        stop(d);
    } else if (strcmp(word, "next") == 0) {
        if (look_now(d)) camera_next_space(d->camera);
    } else if (strcmp(word, "save") == 0) {
        save(d, args_word(a, 1));
    } else {
        out_fail(&d->out, "view: on, off, next or save, not '%s'", word);
    }
}

// --- --view --------------------------------------------------------------------------------------

#define TERM_EVERY UINT64_C(200000000) // nanoseconds of the host's time between two pictures

bool debugger_wants_window(const struct debugger_options *options) {
    return options->view && strncmp(options->view, "window", 6) == 0;
}

// The word, and where one follows every=CYCLES.
static bool take_wish(struct debugger *d, uint64_t *every, struct message *message) {
    struct view_wish *v = &d->view;
    snprintf(v->path, sizeof v->path, "%s", d->options.view);
    char *comma = strrchr(v->path, ',');
    *every = CAMERA_EVERY;
    if (comma) {
        if (strncmp(comma, ",every=", 7) != 0 || !word_number(comma + 7, UINT64_MAX / 2, every) ||
            *every < CAMERA_LEAST) {
            return complain(message,
                            "--view: '%s': every=CYCLES with at least %d is all that may "
                            "follow",
                            comma + 1, CAMERA_LEAST);
        }
        *comma = 0;
    }
    v->term = strcmp(v->path, "term") == 0;
    v->window = strcmp(v->path, "window") == 0;
    if (v->term || v->window) return true;
    if (!view_can_save(v->path)) {
        return complain(message,
                        "--view: '%s': must be window, term, or a file that ends in .png "
                        "or .apng",
                        v->path);
    }
    v->to = fopen(v->path, "wb");
    return v->to || complain(message, "--view: %s: can't be written: %s", v->path, strerror(errno));
}

bool view_open(struct debugger *d, struct message *message) {
    uint64_t every;
    if (!d->options.view) return true;
    if (!take_wish(d, &every, message)) return false;
    // Somebody who sits there asks for each picture, in the host's time.
    const bool live = d->view.window || (d->view.term && isatty(STDOUT_FILENO));
    if (!view_start(d, live ? 0 : every)) {
        return complain(message, "--view: the host has not enough memory");
    }
    if (d->view.to) view_prepare();
    return true;
}

static uint64_t host_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static void draw_on_terminal(struct debugger *d) {
    struct view_wish *v = &d->view;
    struct winsize size = {.ws_row = 24, .ws_col = 80};
    ioctl(STDOUT_FILENO, TIOCGWINSZ, &size);
    const bool same = size.ws_row == v->split.rows && size.ws_col == v->split.columns;
    if (same && v->executed == d->m->executed) return; // the guest waits
    v->executed = d->m->executed;
    camera_look(d->camera);
    split_draw(&v->split, &d->camera->picture, size.ws_row, size.ws_col, stdout);
}

void view_poll(struct debugger *d, uint64_t *wait) {
    if (!d->camera) return;
    camera_poll(d->camera);
    if (!d->view.term || !isatty(STDOUT_FILENO)) return;
    // Back soon, for what the guest did just before it began to wait, and for another size.
    if (*wait > TERM_EVERY) *wait = TERM_EVERY;
    const uint64_t now = host_now();
    if (now - d->view.drawn < TERM_EVERY) return;
    draw_on_terminal(d);
    d->view.drawn = host_now();
}

bool debugger_finish(struct debugger *d, struct message *message) {
    struct view_wish *v = &d->view;
    if (!d->camera || !d->options.view) return true;
    camera_look(d->camera);
    split_end(&v->split, stdout);
    if (v->term) blocks_print(&d->camera->picture, isatty(STDOUT_FILENO), "\n", stdout);
    fflush(stdout);
    if (!v->to) return true;
    const struct camera *c = d->camera;
    const bool good = view_save(v->to, v->path, &c->picture, c->film, c->filmed, message);
    const bool closed = fclose(v->to) == 0;
    v->to = NULL;
    return good && (closed || complain(message, "--view: %s is cut off", v->path));
}

void view_close(struct debugger *d) {
    if (d->view.to) fclose(d->view.to);
    camera_destroy(d->camera);
}
