// SPDX-License-Identifier: MIT
// Standard input and output as the machine's console (see terminal.h).
#include "emu/terminal.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

enum { KEY_ESCAPE = 1, NANOSECONDS = 1000000000 };

// --- The process's terminal ----------------------------------------------------------------------

// Signal handlers and exit handlers get no argument, and a process has one terminal: this is the
// one place where state belongs to the process.
static struct {
    struct termios saved;
    volatile sig_atomic_t raw;    // to be put back
    volatile sig_atomic_t signal; // the first that asked for the end
} process;

static void put_back(void) {
    if (!process.raw) return;
    process.raw = 0;
    tcsetattr(STDIN_FILENO, TCSANOW, &process.saved);
}

// The run loop sees it and ends in an orderly way; the second one ends at once.
static void on_request(int number) {
    if (process.signal) {
        put_back();
        _exit(128 + number);
    }
    process.signal = number;
}

static void on_crash(int number) {
    put_back();
    signal(number, SIG_DFL);
    raise(number);
}

static void catch_signals(void) {
    static const int requests[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE};
    static const int crashes[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT};
    struct sigaction action = {.sa_handler = on_request};
    for (size_t i = 0; i < sizeof requests / sizeof *requests; i++) {
        sigaction(requests[i], &action, NULL);
    }
    action.sa_handler = on_crash;
    for (size_t i = 0; i < sizeof crashes / sizeof *crashes; i++) {
        struct sigaction old;
        sigaction(crashes[i], NULL, &old);
        // A sanitizer has its own ideas about these.
        if (old.sa_handler == SIG_DFL) sigaction(crashes[i], &action, NULL);
    }
}

static void make_raw(void) {
    if (tcgetattr(STDIN_FILENO, &process.saved) != 0) return;
    struct termios raw = process.saved;
    cfmakeraw(&raw);
    raw.c_oflag |= OPOST; // there are guests that send plain newlines
    raw.c_cc[VMIN] = 1;
    raw.c_cc[VTIME] = 0;
    process.raw = 1;
    tcsetattr(STDIN_FILENO, TCSANOW, &raw);
}

void terminal_open(struct terminal *t) {
    *t = (struct terminal){0};
    struct stat status;
    t->is_terminal = isatty(STDIN_FILENO);
    t->is_file = fstat(STDIN_FILENO, &status) == 0 && S_ISREG(status.st_mode);
    catch_signals();
    atexit(put_back);
    if (t->is_terminal) make_raw();
}

// --- Output --------------------------------------------------------------------------------------

// Who reads our output may be gone (`| head`): that is a signal, which ends the run.
static void flush(struct terminal *t) {
    size_t done = 0;
    while (done < t->out_end && process.signal != SIGPIPE) {
        const ssize_t wrote = write(STDOUT_FILENO, t->out + done, t->out_end - done);
        if (wrote >= 0) {
            done += (size_t)wrote;
        } else if (errno == EAGAIN) {
            struct pollfd ready = {.fd = STDOUT_FILENO, .events = POLLOUT};
            poll(&ready, 1, -1);
        } else if (errno != EINTR || process.signal) {
            break;
        }
    }
    t->out_end = 0;
}

static void put(void *context, uint8_t byte) {
    struct terminal *t = context;
    t->out[t->out_end++] = byte;
    if (t->out_end == TERMINAL_BUFFER) flush(t);
}

static void say(struct terminal *t, const char *text) {
    for (; *text; text++) put(t, (uint8_t)*text);
}

// --- Input ---------------------------------------------------------------------------------------

static void help(struct terminal *t) {
    static const struct {
        const char *keys, *text;
    } rows[] = {
#define KEY(keys, text) {keys, text},
#include "emu/keys.def"
#undef KEY
    };
    say(t, "\r\n");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char line[80];
        snprintf(line, sizeof line, "%-15s%s\r\n", rows[i].keys, rows[i].text);
        say(t, line);
    }
}

// A key from a terminal: ours, or the guest's. The result is how many bytes (0 or 1) are to be
// kept.
static size_t filter_key(struct terminal *t, uint8_t key) {
    if (!t->escaped) {
        t->escaped = key == KEY_ESCAPE;
        return !t->escaped;
    }
    t->escaped = false;
    switch (key) {
    case 'x':
    case 'X': t->quit = true; return 0;
    case 'c':
    case 'C': t->called = true; return 0;
    case 'h':
    case 'H':
    case '?': help(t); return 0;
    default: return key == KEY_ESCAPE;
    }
}

// Reads what is there, as far as there is room. Not to be called where reading may wait.
static void fill(struct terminal *t) {
    if (t->in_begin == t->in_end) t->in_begin = t->in_end = 0;
    uint8_t *to = t->in + t->in_end;
    const ssize_t got = read(STDIN_FILENO, to, TERMINAL_BUFFER - t->in_end);
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) return;
    if (got <= 0) {
        t->at_end = true;
        return;
    }
    size_t kept = 0;
    for (size_t i = 0; i < (size_t)got; i++) {
        to[kept] = to[i];
        kept += t->is_terminal ? filter_key(t, to[i]) : 1;
    }
    t->in_end += kept;
}

static bool has_room(const struct terminal *t) {
    return !t->at_end && (t->in_begin == t->in_end || t->in_end < TERMINAL_BUFFER);
}

static bool has_input(void *context) {
    struct terminal *t = context;
    // A file answers at once, so what the guest sees does not depend on the host's time.
    if (t->is_file && t->in_begin == t->in_end && !t->at_end) fill(t);
    return t->in_begin < t->in_end;
}

static int get(void *context) {
    struct terminal *t = context;
    return has_input(t) ? t->in[t->in_begin++] : -1;
}

static uint64_t host_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * NANOSECONDS + (uint64_t)now.tv_nsec;
}

static uint64_t look(void *context, uint64_t wait) {
    struct terminal *t = context;
    if (t->out_end) flush(t);
    const bool listens = has_room(t) && !t->is_file;
    if (!listens && !wait) return 0;
    struct pollfd input = {.fd = listens ? STDIN_FILENO : -1, .events = POLLIN};
    struct timespec time = {.tv_sec = (time_t)(wait / NANOSECONDS),
                            .tv_nsec = (long)(wait % NANOSECONDS)};
    const uint64_t before = wait ? host_now() : 0;
    // A signal that comes just before the wait must end it, too.
    sigset_t all, old;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &old);
    const int ready = process.signal ? -1 : ppoll(&input, 1, wait == NEVER ? NULL : &time, &old);
    sigprocmask(SIG_SETMASK, &old, NULL);
    if (ready > 0) fill(t);
    if (!wait) return 0;
    // The whole wait is over exactly, whatever the host's clock says of it.
    return ready == 0 ? wait : host_now() - before;
}

static bool live(const void *context) {
    const struct terminal *t = context;
    return !t->at_end && !t->is_file;
}

static enum machine_end ended(const void *context, int *code) {
    const struct terminal *t = context;
    if (process.signal) {
        *code = (int)process.signal;
        return END_SIGNAL;
    }
    return t->quit ? END_QUIT : END_NONE;
}

static bool called(void *context) {
    struct terminal *t = context;
    const bool was = t->called;
    t->called = false;
    return was;
}

static void lend(void *context, bool taken) {
    struct terminal *t = context;
    flush(t);
    if (taken) {
        put_back();
    } else if (t->is_terminal) {
        make_raw();
    }
}

void terminal_close(struct terminal *t) {
    flush(t);
    put_back();
}

struct console terminal_console(struct terminal *t) {
    return (struct console){.context = t,
                            .put = put,
                            .has_input = has_input,
                            .get = get,
                            .poll = look,
                            .live = live,
                            .ended = ended,
                            .called = called,
                            .lend = lend};
}
