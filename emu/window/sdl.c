// SPDX-License-Identifier: MIT
// The window's thread (see sdl.h): draws what is in the mailbox, and puts into it what is typed and
// pointed at. Ctrl-Alt and a letter, and F12, are the window's own keys; all others are the
// guest's.
#ifdef HAVE_SDL
#include "emu/window/sdl.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "devices/virtio_input.h"
#include "emu/window/memory_view.h"

enum { WAIT_MS = 16, TITLE_MS = 1000, START_WIDTH = 640, START_HEIGHT = 480, TITLE_BYTES = 160 };

// Evdev's code of each of SDL's scancodes, 0: none.
static const uint8_t key_code[SDL_NUM_SCANCODES] = {
#define KEY(scancode, code) [SDL_SCANCODE_##scancode] = (code),
#include "emu/window/keys.def"
#undef KEY
};

struct view {
    struct sdl_thread *thread;
    const struct sdl_library *sdl;
    struct mailbox *box;
    SDL_Window *window;
    SDL_Renderer *renderer;
    SDL_Texture *texture;
    int width, height; // of the texture, 0: there is none
    SDL_Rect shown;    // where in the window the picture is
    bool redraw, full_screen, grabbed;
    bool down[SDL_NUM_SCANCODES]; // keys that the guest believes to be down
    uint32_t title_at;            // milliseconds: when it was set
    uint64_t title_executed;
    struct memory_view memory;
};

// --- The picture ---------------------------------------------------------------------------------

// The largest place for the picture in the window that keeps its shape; whole multiples where the
// window is large enough.
static void place_picture(struct view *v) {
    int width, height;
    v->sdl->GetRendererOutputSize(v->renderer, &width, &height);
    if (!v->width) return;
    double scale = (double)width / v->width;
    if ((double)height / v->height < scale) scale = (double)height / v->height;
    if (scale > 1 && scale - (int)scale < 0.05) scale = (int)scale;
    v->shown.w = (int)(v->width * scale + 0.5);
    v->shown.h = (int)(v->height * scale + 0.5);
    v->shown.x = (width - v->shown.w) / 2;
    v->shown.y = (height - v->shown.h) / 2;
    v->redraw = true;
}

// The guest's picture has another size: so has the window, unless it fills the screen.
static bool make_texture(struct view *v, int width, int height) {
    if (v->texture) v->sdl->DestroyTexture(v->texture);
    v->texture = NULL;
    v->width = v->height = 0;
    v->redraw = true;
    if (width == 0) return false;
    v->texture = v->sdl->CreateTexture(v->renderer, SDL_PIXELFORMAT_XRGB8888,
                                       SDL_TEXTUREACCESS_STREAMING, width, height);
    if (!v->texture) return false;
    v->width = width;
    v->height = height;
    if (!v->full_screen && !v->memory.shown) {
        v->sdl->SetWindowSize(v->window, width, height);
        v->sdl->SetWindowPosition(v->window, SDL_WINDOWPOS_CENTERED, SDL_WINDOWPOS_CENTERED);
    }
    place_picture(v);
    return true;
}

// Takes what has changed out of the mailbox.
static void take_picture(struct view *v) {
    struct mailbox *box = v->box;
    pthread_mutex_lock(&box->lock);
    const int width = (int)box->width, height = (int)box->height;
    struct rect r = box->damage;
    if (width != v->width || height != v->height) {
        r = (struct rect){0, 0, box->width, box->height};
        if (!make_texture(v, width, height)) r.width = 0;
    }
    if (r.width) {
        const SDL_Rect area = {(int)r.x, (int)r.y, (int)r.width, (int)r.height};
        v->sdl->UpdateTexture(v->texture, &area, box->pixels + (size_t)r.y * box->width + r.x,
                              width * (int)sizeof *box->pixels);
        v->redraw = true;
    }
    box->damage = (struct rect){.width = 0};
    const bool cursor = !box->guest_cursor;
    pthread_mutex_unlock(&box->lock);
    if ((v->sdl->ShowCursor(SDL_QUERY) == SDL_ENABLE) != cursor) v->sdl->ShowCursor(cursor);
}

static void draw(struct view *v) {
    v->redraw = false;
    v->sdl->SetRenderDrawColor(v->renderer, 0, 0, 0, 255);
    v->sdl->RenderClear(v->renderer);
    if (v->memory.shown) {
        memory_view_draw(&v->memory, v->sdl, v->renderer);
    } else if (v->texture) {
        v->sdl->RenderCopy(v->renderer, v->texture, NULL, &v->shown);
    }
    v->sdl->RenderPresent(v->renderer);
}

static void set_title(struct view *v) {
    const uint32_t now = v->sdl->GetTicks(), passed = now - v->title_at;
    if (v->title_at && passed < TITLE_MS) return;
    pthread_mutex_lock(&v->box->lock);
    const uint64_t executed = v->box->executed;
    pthread_mutex_unlock(&v->box->lock);
    const uint64_t speed = passed ? (executed - v->title_executed) / passed : 0; // a millisecond
    char title[TITLE_BYTES];
    snprintf(title, sizeof title, "Tablewalk - %s, %.1f MIPS%s",
             speed < 1000 ? "waiting" : "running", (double)speed / 1000,
             v->grabbed ? " - Ctrl-Alt-G lets the keyboard go" : " - Ctrl-Alt-H: keys");
    v->sdl->SetWindowTitle(v->window, title);
    v->title_at = now ? now : 1;
    v->title_executed = executed;
}

// --- The window's own keys -----------------------------------------------------------------------

static void toggle_full_screen(struct view *v) {
    v->full_screen = !v->full_screen;
    v->sdl->SetWindowFullscreen(v->window, v->full_screen ? SDL_WINDOW_FULLSCREEN_DESKTOP : 0);
    place_picture(v);
}

static void toggle_grab(struct view *v) {
    v->grabbed = !v->grabbed;
    v->sdl->SetWindowGrab(v->window, v->grabbed);
    v->sdl->SetWindowKeyboardGrab(v->window, v->grabbed);
    v->title_at = 0;
}

static void original_size(struct view *v) {
    if (v->width && !v->full_screen) v->sdl->SetWindowSize(v->window, v->width, v->height);
}

// The guest's display, or all of memory; the window is as large as what it shows.
static void toggle_memory(struct view *v) {
    memory_view_toggle(&v->memory, v->box);
    v->redraw = true;
    if (v->full_screen) return;
    SDL_Rect room = {.w = DRAWING_WIDTH, .h = DRAWING_HEIGHT};
    v->sdl->GetDisplayUsableBounds(v->sdl->GetWindowDisplayIndex(v->window), &room);
    if (v->memory.shown) {
        v->sdl->SetWindowSize(v->window, SDL_min(DRAWING_WIDTH, room.w),
                              SDL_min(DRAWING_HEIGHT, room.h));
        v->sdl->SetWindowPosition(v->window, SDL_WINDOWPOS_CENTERED, SDL_WINDOWPOS_CENTERED);
    } else if (v->width) {
        v->sdl->SetWindowSize(v->window, v->width, v->height);
    }
}

static void ask_screenshot(struct view *v) {
    pthread_mutex_lock(&v->box->lock);
    v->box->screenshot = true;
    pthread_mutex_unlock(&v->box->lock);
}

static void copy_serial(struct view *v) {
    char *text = malloc(SERIAL_MAX + 1);
    if (!text) return;
    size_t bytes = 0;
    pthread_mutex_lock(&v->box->lock);
    for (size_t i = 0; i < v->box->serial_bytes; i++) {
        const char c = v->box->serial[i];
        if (c != 0 && c != '\r') text[bytes++] = c;
    }
    pthread_mutex_unlock(&v->box->lock);
    text[bytes] = 0;
    v->sdl->SetClipboardText(text);
    free(text);
}

static void paste_to_serial(struct view *v) {
    char *text = v->sdl->GetClipboardText();
    if (!text) return;
    pthread_mutex_lock(&v->box->lock);
    const size_t room = PASTE_MAX - v->box->paste_bytes, length = strlen(text);
    const size_t bytes = length < room ? length : room;
    memcpy(v->box->paste + v->box->paste_bytes, text, bytes);
    v->box->paste_bytes += bytes;
    pthread_mutex_unlock(&v->box->lock);
    v->sdl->free(text);
}

static void close_window(struct view *v) {
    pthread_mutex_lock(&v->box->lock);
    v->box->closed = true;
    pthread_mutex_unlock(&v->box->lock);
}

static void show_help(struct view *v);

// One row a key of the window's own: F12, and the others with Ctrl and Alt.
static const struct own_key {
    SDL_Scancode key;
    bool plain; // without Ctrl and Alt
    void (*run)(struct view *v);
    const char *help;
} own_keys[] = {
    {SDL_SCANCODE_F12, true, ask_screenshot, "F12  screenshot to tablewalk-N.png"},
    {SDL_SCANCODE_F, false, toggle_full_screen, "Ctrl-Alt-F  full screen, and back"},
    {SDL_SCANCODE_G, false, toggle_grab, "Ctrl-Alt-G  takes keyboard and pointer, and lets go"},
    {SDL_SCANCODE_1, false, original_size, "Ctrl-Alt-1  as large as the guest's picture"},
    {SDL_SCANCODE_M, false, toggle_memory, "Ctrl-Alt-M  all of memory, or the guest's display"},
    {SDL_SCANCODE_C, false, copy_serial, "Ctrl-Alt-C  copies the serial line's last text"},
    {SDL_SCANCODE_V, false, paste_to_serial, "Ctrl-Alt-V  types the clipboard's text there"},
    {SDL_SCANCODE_Q, false, close_window, "Ctrl-Alt-Q  ends the machine"},
    {SDL_SCANCODE_H, false, show_help, "Ctrl-Alt-H  shows this"},
};
enum { OWN_KEYS = sizeof own_keys / sizeof *own_keys, HELP_BYTES = 1024 };

static void show_help(struct view *v) {
    char text[HELP_BYTES] = "";
    size_t at = 0;
    for (unsigned i = 0; i < OWN_KEYS && at < sizeof text; i++) {
        at += (size_t)snprintf(text + at, sizeof text - at, "%s\n", own_keys[i].help);
    }
    v->sdl->ShowSimpleMessageBox(SDL_MESSAGEBOX_INFORMATION, "Tablewalk's keys", text, v->window);
}

// --- Input ---------------------------------------------------------------------------------------

static void send_key(struct view *v, SDL_Scancode scancode, bool down) {
    v->down[scancode] = down;
    mailbox_send(v->box, &(struct display_event){
                             .action = DISPLAY_KEY, .code = key_code[scancode], .value = down});
}

// The guest repeats keys by itself. A key that went down while the window was elsewhere comes up
// unseen, and one that was let go elsewhere must not stay down.
static void key(struct view *v, const SDL_KeyboardEvent *e) {
    const SDL_Scancode scancode = e->keysym.scancode;
    const bool down = e->type == SDL_KEYDOWN;
    const bool with_both = (e->keysym.mod & KMOD_CTRL) && (e->keysym.mod & KMOD_ALT);
    if (e->repeat || (unsigned)scancode >= SDL_NUM_SCANCODES) return;
    for (unsigned i = 0; down && i < OWN_KEYS; i++) {
        if (own_keys[i].key != scancode || !(own_keys[i].plain || with_both)) continue;
        own_keys[i].run(v);
        return;
    }
    if (v->memory.shown) {
        if (down) v->redraw |= memory_view_key(&v->memory, v->box, &e->keysym);
        return;
    }
    if (key_code[scancode] && (down || v->down[scancode])) send_key(v, scancode, down);
}

static void let_go_of_keys(struct view *v) {
    for (unsigned i = 0; i < SDL_NUM_SCANCODES; i++) {
        if (v->down[i]) send_key(v, (SDL_Scancode)i, false);
    }
}

// A place in the picture as the tablet has it.
static uint32_t axis(int at, int begin, int length) {
    const int64_t inside = at < begin ? 0 : at >= begin + length ? length - 1 : at - begin;
    return length < 2 ? 0 : (uint32_t)(inside * TABLET_MAX / (length - 1));
}

static void point(struct view *v, int x, int y) {
    int width, height, pixels_wide, pixels_high;
    v->sdl->GetWindowSize(v->window, &width, &height);
    v->sdl->GetRendererOutputSize(v->renderer, &pixels_wide, &pixels_high);
    if (v->memory.shown && width > 0 && height > 0) {
        v->redraw |=
            memory_view_point(&v->memory, x * pixels_wide / width, y * pixels_high / height);
        return;
    }
    if (!v->width || width <= 0 || height <= 0) return;
    mailbox_send(v->box, &(struct display_event){
                             .action = DISPLAY_POINT,
                             .x = axis(x * pixels_wide / width, v->shown.x, v->shown.w),
                             .y = axis(y * pixels_high / height, v->shown.y, v->shown.h),
                         });
}

static void button(struct view *v, const SDL_MouseButtonEvent *e) {
    const uint16_t code = e->button == SDL_BUTTON_LEFT     ? BTN_LEFT
                          : e->button == SDL_BUTTON_RIGHT  ? BTN_RIGHT
                          : e->button == SDL_BUTTON_MIDDLE ? BTN_MIDDLE
                                                           : 0;
    if (!code) return;
    point(v, e->x, e->y);
    if (v->memory.shown) {
        if (e->state == SDL_PRESSED) v->redraw |= memory_view_click(&v->memory, v->box);
        return;
    }
    mailbox_send(v->box, &(struct display_event){.action = DISPLAY_BUTTON,
                                                 .code = code,
                                                 .value = e->state == SDL_PRESSED});
}

static void window_event(struct view *v, const SDL_WindowEvent *e) {
    switch (e->event) {
    case SDL_WINDOWEVENT_EXPOSED: v->redraw = true; break;
    case SDL_WINDOWEVENT_FOCUS_LOST: let_go_of_keys(v); break;
    case SDL_WINDOWEVENT_SIZE_CHANGED: place_picture(v); break;
    case SDL_WINDOWEVENT_RESIZED: // by its user: the guest's monitor is as large now
        v->redraw = true;
        if (v->memory.shown) break;
        mailbox_send(v->box, &(struct display_event){.action = DISPLAY_RESIZE,
                                                     .x = (uint32_t)e->data1,
                                                     .y = (uint32_t)e->data2});
        break;
    default: break;
    }
}

static void take_event(struct view *v, const SDL_Event *e) {
    switch (e->type) {
    case SDL_QUIT: close_window(v); break;
    case SDL_KEYDOWN:
    case SDL_KEYUP: key(v, &e->key); break;
    case SDL_MOUSEMOTION: point(v, e->motion.x, e->motion.y); break;
    case SDL_MOUSEBUTTONDOWN:
    case SDL_MOUSEBUTTONUP: button(v, &e->button); break;
    case SDL_MOUSEWHEEL:
        mailbox_send(v->box, &(struct display_event){.action = DISPLAY_WHEEL, .value = e->wheel.y});
        break;
    case SDL_WINDOWEVENT: window_event(v, &e->window); break;
    default: break;
    }
}

// --- The thread ----------------------------------------------------------------------------------

static bool open_view(struct view *v) {
    v->sdl->SetHint(SDL_HINT_NO_SIGNAL_HANDLERS, "1");
    v->sdl->SetHint(SDL_HINT_RENDER_SCALE_QUALITY, "linear");
    v->sdl->SetHint(SDL_HINT_VIDEO_X11_NET_WM_BYPASS_COMPOSITOR, "0");
    if (v->sdl->Init(SDL_INIT_VIDEO) != 0) return false;
    const uint32_t flags = SDL_WINDOW_RESIZABLE | SDL_WINDOW_ALLOW_HIGHDPI |
                           (v->full_screen ? SDL_WINDOW_FULLSCREEN_DESKTOP : 0);
    v->window = v->sdl->CreateWindow("Tablewalk", SDL_WINDOWPOS_UNDEFINED, SDL_WINDOWPOS_UNDEFINED,
                                     START_WIDTH, START_HEIGHT, flags);
    if (!v->window) return false;
    v->renderer = v->sdl->CreateRenderer(v->window, -1, 0);
    return v->renderer;
}

static void close_view(struct view *v) {
    memory_view_free(&v->memory, v->sdl);
    if (v->texture) v->sdl->DestroyTexture(v->texture);
    if (v->renderer) v->sdl->DestroyRenderer(v->renderer);
    if (v->window) v->sdl->DestroyWindow(v->window);
    v->sdl->Quit();
}

static void say_started(const struct view *v, bool good) {
    struct sdl_thread *t = v->thread;
    pthread_mutex_lock(&t->lock);
    t->started = true;
    t->failed = !good;
    if (!good) {
        complain(&t->message, "-display sdl: no window: %s; -display none needs none",
                 v->sdl->GetError());
    }
    pthread_cond_signal(&t->changed);
    pthread_mutex_unlock(&t->lock);
}

static bool stopped(struct sdl_thread *t) {
    pthread_mutex_lock(&t->lock);
    const bool stop = t->stop;
    pthread_mutex_unlock(&t->lock);
    return stop;
}

static void *run(void *thread) {
    struct sdl_thread *t = thread;
    struct view v = {
        .thread = t, .sdl = &t->sdl, .box = t->box, .full_screen = t->full_screen, .redraw = true};
    const bool good = open_view(&v);
    say_started(&v, good);
    if (good && t->memory) toggle_memory(&v);
    while (good && !stopped(t)) {
        SDL_Event e;
        if (v.sdl->WaitEventTimeout(&e, WAIT_MS)) {
            do take_event(&v, &e);
            while (v.sdl->PollEvent(&e));
        }
        take_picture(&v);
        v.redraw |= memory_view_take(&v.memory, v.box);
        set_title(&v);
        if (v.redraw) draw(&v);
    }
    close_view(&v);
    return NULL;
}

bool sdl_start(struct sdl_thread *t) {
    if (!sdl_library_open(&t->sdl, &t->message)) return false;
    pthread_mutex_init(&t->lock, NULL);
    pthread_cond_init(&t->changed, NULL);
    // Signals are for the thread that runs the machine.
    sigset_t all, old;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    const bool running = pthread_create(&t->thread, NULL, run, t) == 0;
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    if (!running) return complain(&t->message, "-display sdl: the host has no thread for it");
    pthread_mutex_lock(&t->lock);
    while (!t->started) pthread_cond_wait(&t->changed, &t->lock);
    pthread_mutex_unlock(&t->lock);
    if (t->failed) pthread_join(t->thread, NULL);
    return !t->failed;
}

void sdl_stop(struct sdl_thread *t) {
    pthread_mutex_lock(&t->lock);
    t->stop = true;
    pthread_mutex_unlock(&t->lock);
    pthread_join(t->thread, NULL);
}
#else
// A file has at least one declaration.
struct window;
#endif
