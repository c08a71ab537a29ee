// SPDX-License-Identifier: MIT
// The gdb stub (see gdb.h). packets[] has a row a packet; what a packet means is done with the
// console's own means, so that both see the same machine.
#include "emu/gdb.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "emu/gdb_socket.h"
#include "emu/gdb_stub.h"
#include "emu/gdb_target.h"

// --- Sending -------------------------------------------------------------------------------------

static void disconnect(struct gdb *g) {
    if (g->client >= 0) close(g->client);
    g->client = -1;
    g->in = (struct packet_reader){0};
    g->running = g->physical = false;
    for (unsigned i = 0; i < MAX_POINTS; i++) {
        if (g->d->stops.point[i].gdb) g->d->stops.point[i].number = 0;
    }
}

static bool takes_more(int fd) {
    struct pollfd p = {.fd = fd, .events = POLLOUT};
    return poll(&p, 1, SEND_PATIENCE) > 0;
}

// A client that leaves unread what it is sent is gone after a while: we don't wait for it for ever.
static void send_bytes(struct gdb *g, const char *data, size_t length) {
    while (length && g->client >= 0) {
        const ssize_t sent = send(g->client, data, length, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent > 0) {
            data += sent;
            length -= (size_t)sent;
        } else if (sent == 0 || (errno != EINTR && errno != EAGAIN) ||
                   (errno == EAGAIN && !takes_more(g->client))) {
            disconnect(g);
        }
    }
}

static void send_packet(struct gdb *g, const char *data, size_t length) {
    g->frame_length = packet_frame(data, length, g->frame, sizeof g->frame);
    send_bytes(g, g->frame, g->frame_length);
}

void gdb_say(struct gdb *g, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    const size_t room = sizeof g->reply - g->reply_length;
    const int wanted = vsnprintf(g->reply + g->reply_length, room, format, arguments);
    va_end(arguments);
    if (wanted > 0 && (size_t)wanted < room) g->reply_length += (size_t)wanted;
}

void gdb_say_error(struct gdb *g, unsigned number) { gdb_say(g, "E%02x", number); }

void gdb_say_bytes(struct gdb *g, const void *from, size_t bytes) {
    if (g->reply_length + 2 * bytes + 1 > sizeof g->reply) return;
    packet_put_bytes(g->reply + g->reply_length, from, bytes);
    g->reply_length += 2 * bytes;
}

static struct hart *hart(const struct gdb *g) { return debugger_hart(g->d); }

static void say_stop(struct gdb *g) {
    const struct stop_point *p = &g->d->stops.hit;
    gdb_say(g, "T%02xthread:%x;", g->interrupted ? SIGNAL_INT : SIGNAL_TRAP, hart(g)->id + 1);
    if (p->number && p->gdb && p->kind == POINT_WATCH) {
        static const char *const words[] = {"", "rwatch", "watch", "awatch"};
        gdb_say(g, "%s:%" PRIx64 ";", words[p->watched & 3], p->range.base);
    }
}

// --- Going on ------------------------------------------------------------------------------------

static void resume(struct gdb *g, bool step) {
    struct stepping *s = &g->d->stops.step;
    *s = (struct stepping){
        .kind = step ? STEP_INSTRUCTIONS : STEP_NONE, .hart = g->d->hart, .left = 1};
    g->d->stops.hit.number = 0;
    g->running = g->resume = true;
    g->interrupted = false;
}

// "[SIGNAL][;ADDRESS]" is not looked at: a guest has no signals.
static void on_continue(struct gdb *g, const char *at) {
    (void)at;
    resume(g, false);
}

static void on_step(struct gdb *g, const char *at) {
    (void)at;
    resume(g, true);
}

static bool select_thread(struct gdb *g, const char *at) {
    uint64_t thread;
    if (strcmp(at, "-1") == 0 || strcmp(at, "0") == 0) return true;
    if (!packet_hex(&at, &thread) || thread == 0 || thread > g->d->m->config.harts) return false;
    g->d->hart = (unsigned)thread - 1;
    return true;
}

// "vCont;ACTION[:THREAD]...": a hart that is to step does so; all others run along.
static void on_vcont(struct gdb *g, const char *at) {
    bool step = false;
    while (*at == ';') {
        const char action = at[1];
        const size_t length = strcspn(at + 1, ";");
        const char *colon = memchr(at + 1, ':', length);
        if (!action || !strchr("cCsS", action)) {
            gdb_say_error(g, EINVAL);
            return;
        }
        if ((action == 's' || action == 'S') && !step) {
            char thread[24] = "0";
            const char *end = at + 1 + length;
            if (colon) snprintf(thread, sizeof thread, "%.*s", (int)(end - colon - 1), colon + 1);
            if (!select_thread(g, thread)) {
                gdb_say_error(g, EINVAL);
                return;
            }
            step = true;
        }
        at += 1 + length;
    }
    resume(g, step);
}

static void on_vcont_query(struct gdb *g, const char *at) {
    (void)at;
    gdb_say(g, "vCont;c;C;s;S");
}

// --- Threads and questions -----------------------------------------------------------------------

static void on_stop_query(struct gdb *g, const char *at) {
    (void)at;
    say_stop(g);
}

static void on_select(struct gdb *g, const char *at) {
    if ((*at == 'g' || *at == 'c') && select_thread(g, at + 1)) {
        gdb_say(g, "OK");
    } else {
        gdb_say_error(g, EINVAL);
    }
}

static void on_alive(struct gdb *g, const char *at) {
    uint64_t thread;
    const bool alive = packet_hex(&at, &thread) && thread && thread <= g->d->m->config.harts;
    gdb_say(g, alive ? "OK" : "E01");
}

static void on_threads(struct gdb *g, const char *at) {
    (void)at;
    for (unsigned i = 0; i < g->d->m->config.harts; i++) gdb_say(g, "%c%x", i ? ',' : 'm', i + 1);
}

static void on_more_threads(struct gdb *g, const char *at) {
    (void)at;
    gdb_say(g, "l");
}

static void on_this_thread(struct gdb *g, const char *at) {
    (void)at;
    gdb_say(g, "QC%x", g->d->hart + 1);
}

static void on_thread_info(struct gdb *g, const char *at) {
    uint64_t thread;
    char text[40];
    if (!packet_hex(&at, &thread) || !thread || thread > g->d->m->config.harts) {
        gdb_say_error(g, EINVAL);
        return;
    }
    const struct hart *h = g->d->m->hart[thread - 1];
    const int length = snprintf(text, sizeof text, "hart %u, %s-mode%s", h->id,
                                privilege_name(h->privilege), h->waiting ? ", waits" : "");
    gdb_say_bytes(g, text, (size_t)length);
}

static void on_supported(struct gdb *g, const char *at) {
    (void)at;
    gdb_say(g,
            "PacketSize=%x;QStartNoAckMode+;qXfer:features:read+;vContSupported+;hwbreak+;swbreak+",
            PACKET_BYTES);
}

static void on_no_ack(struct gdb *g, const char *at) {
    (void)at;
    g->in.no_ack = true;
    gdb_say(g, "OK");
}

static void on_attached(struct gdb *g, const char *at) {
    (void)at;
    gdb_say(g, "1");
}

// "target.xml:OFFSET,LENGTH"
static void on_features(struct gdb *g, const char *at) {
    uint64_t offset, length;
    char *text = NULL;
    size_t size = 0;
    if (strncmp(at, "target.xml:", 11) != 0) {
        gdb_say_error(g, ENOENT);
        return;
    }
    at += 11;
    FILE *file = open_memstream(&text, &size);
    const bool two = packet_hex(&at, &offset) && *at == ',';
    at += two;
    if (!two || !packet_hex(&at, &length) || !file) {
        if (file) fclose(file);
        free(text);
        gdb_say_error(g, EINVAL);
        return;
    }
    gdb_describe(hart(g), file);
    fclose(file);
    if (offset > size) offset = size;
    if (length > size - offset) length = size - offset;
    // Each byte may need an escape.
    if (length > PACKET_BYTES / 2) length = PACKET_BYTES / 2;
    gdb_say(g, "%c%.*s", offset + length == size ? 'l' : 'm', (int)length, text + offset);
    free(text);
}

static void on_physical_query(struct gdb *g, const char *at) {
    (void)at;
    gdb_say(g, "%d", g->physical);
}

static void on_physical(struct gdb *g, const char *at) {
    if (strcmp(at, "0") != 0 && strcmp(at, "1") != 0) {
        gdb_say_error(g, EINVAL);
        return;
    }
    g->physical = *at == '1';
    gdb_say(g, "OK");
}

// monitor: the console's commands; those that run the machine are gdb's own business.
static void on_command(struct gdb *g, const char *at) {
    enum { PIECE = 1024 };
    char line[LINE_BYTES] = "", *text = NULL;
    size_t size = 0;
    const size_t length = strlen(at) / 2;
    FILE *file = length < sizeof line ? open_memstream(&text, &size) : NULL;
    if (!file || !packet_bytes(&at, line, length)) {
        if (file) fclose(file);
        free(text);
        gdb_say_error(g, EINVAL);
        return;
    }
    debugger_execute(g->d, line, file);
    if (g->d->resume) {
        g->d->resume = false;
        g->d->stops.step.kind = STEP_NONE;
        fputs("error: gdb itself lets the machine go on: continue, stepi, nexti, until\n", file);
    }
    fclose(file);
    for (size_t done = 0; done < size; done += PIECE) {
        g->reply_length = 0;
        gdb_say(g, "O");
        gdb_say_bytes(g, text + done, size - done < PIECE ? size - done : PIECE);
        send_packet(g, g->reply, g->reply_length);
    }
    g->reply_length = 0;
    free(text);
    gdb_say(g, "OK");
}

static void on_detach(struct gdb *g, const char *at) {
    (void)at;
    send_packet(g, "OK", 2);
    disconnect(g);
}

static void on_kill(struct gdb *g, const char *at) {
    (void)at;
    send_packet(g, "OK", 2);
    machine_finish(g->d->m, END_QUIT, 0);
    disconnect(g);
}

// --- The table -----------------------------------------------------------------------------------

// By the beginning of a packet; the first row that fits counts. Unknown packets are answered by an
// empty one.
static const struct packet_row {
    const char *begin;
    void (*on)(struct gdb *g, const char *rest);
} packets[] = {
    {"?", on_stop_query},
    {"g", gdb_on_registers},
    {"G", gdb_on_set_registers},
    {"p", gdb_on_register},
    {"P", gdb_on_set_register},
    {"m", gdb_on_read},
    {"M", gdb_on_write},
    {"X", gdb_on_write_binary},
    {"Z", gdb_on_insert},
    {"z", gdb_on_remove},
    {"c", on_continue},
    {"C", on_continue},
    {"s", on_step},
    {"S", on_step},
    {"vCont?", on_vcont_query},
    {"vCont", on_vcont},
    {"vKill", on_kill},
    {"k", on_kill},
    {"D", on_detach},
    {"H", on_select},
    {"T", on_alive},
    {"qfThreadInfo", on_threads},
    {"qsThreadInfo", on_more_threads},
    {"qThreadExtraInfo,", on_thread_info},
    {"qC", on_this_thread},
    {"qSupported", on_supported},
    {"QStartNoAckMode", on_no_ack},
    {"qAttached", on_attached},
    {"qXfer:features:read:", on_features},
    {"qRcmd,", on_command},
    {"qqemu.PhyMemMode", on_physical_query},
    {"Qqemu.PhyMemMode:", on_physical},
};

static void serve_packet(struct gdb *g) {
    g->reply_length = 0;
    for (unsigned i = 0; i < sizeof packets / sizeof *packets; i++) {
        const size_t length = strlen(packets[i].begin);
        if (strncmp(g->in.data, packets[i].begin, length) != 0) continue;
        packets[i].on(g, g->in.data + length);
        break;
    }
    // A packet that lets the machine go on is answered when it stops.
    if (!g->resume && g->client >= 0) send_packet(g, g->reply, g->reply_length);
}

static void serve_byte(struct gdb *g, uint8_t byte) {
    switch (packet_byte(&g->in, byte)) {
    case PACKET_COMPLETE:
        if (!g->in.no_ack) send_bytes(g, "+", 1);
        serve_packet(g);
        break;
    case PACKET_BAD:
        if (!g->in.no_ack) send_bytes(g, "-", 1);
        break;
    case PACKET_NACK: send_bytes(g, g->frame, g->frame_length); break;
    case PACKET_INTERRUPT: g->interrupted = true; break;
    case PACKET_NOTHING:
    case PACKET_ACK: break;
    }
}

// --- Sockets -------------------------------------------------------------------------------------

// Is something to be read? Waits up to `wait` milliseconds, -1: for ever, or a signal.
static bool ready(int fd, int wait) {
    struct pollfd p = {.fd = fd, .events = POLLIN};
    return fd >= 0 && poll(&p, 1, wait) > 0;
}

static bool read_byte(struct gdb *g, uint8_t *byte) {
    const ssize_t got = recv(g->client, byte, 1, 0);
    if (got == 1) return true;
    if (got < 0 && errno == EINTR) return false;
    disconnect(g);
    return false;
}

static void take_client(struct gdb *g) {
    g->client = accept4(g->listener, NULL, NULL, SOCK_CLOEXEC);
    if (g->client < 0) return;
    g->in = (struct packet_reader){0};
    g->interrupted = g->running = false;
}

static bool must_end(const struct gdb *g) {
    int code = 0;
    const struct console *c = &g->d->m->console;
    if (g->d->m->end != END_NONE) return true;
    const enum machine_end end = c->ended(c->context, &code);
    if (end != END_NONE) machine_finish(g->d->m, end, code);
    return end != END_NONE;
}

void gdb_wait(struct gdb *g) {
    while (g->client < 0 && !must_end(g)) {
        if (ready(g->listener, -1)) take_client(g);
    }
}

void gdb_poll(struct gdb *g, uint64_t *wait) {
    if (*wait > POLL_NANOSECONDS) *wait = POLL_NANOSECONDS;
    uint8_t byte;
    if (g->client < 0 && ready(g->listener, 0)) {
        take_client(g);
        if (g->client >= 0) g->d->m->halt = true;
    }
    // While the machine runs a client says ^C, or goes away.
    while (ready(g->client, 0) && read_byte(g, &byte)) {
        if (packet_byte(&g->in, byte) != PACKET_INTERRUPT) continue;
        g->interrupted = true;
        g->d->m->halt = true;
    }
}

void gdb_stopped(struct gdb *g) {
    uint8_t byte;
    g->resume = false;
    g->reply_length = 0;
    if (g->running) {
        say_stop(g);
        send_packet(g, g->reply, g->reply_length);
    }
    g->running = false;
    while (g->client >= 0 && !g->resume && !must_end(g)) {
        if (ready(g->client, -1) && read_byte(g, &byte)) serve_byte(g, byte);
    }
}

bool gdb_is_connected(const struct gdb *g) { return g->client >= 0; }

// --- Life ----------------------------------------------------------------------------------------

struct gdb *gdb_create(struct debugger *d, const char *where, struct message *message) {
    struct gdb *g = calloc(1, sizeof *g);
    if (!g) {
        complain(message, "the host has not enough memory");
        return NULL;
    }
    g->d = d;
    g->client = -1;
    g->listener = gdb_listen(where, &g->path, message);
    if (g->listener >= 0) return g;
    free(g);
    return NULL;
}

void gdb_destroy(struct gdb *g) {
    if (!g) return;
    if (g->client >= 0) {
        g->reply_length = 0;
        gdb_say(g, "W%02x", g->d->m->end_code & 0xff);
        send_packet(g, g->reply, g->reply_length);
        disconnect(g);
    }
    if (g->listener >= 0) close(g->listener);
    if (g->path) unlink(g->path);
    free(g);
}
