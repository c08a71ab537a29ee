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

#include "emu/console/debugger.h"
#include "emu/gdb_packet.h"
#include "emu/gdb_socket.h"
#include "emu/gdb_target.h"

enum {
    FRAME_BYTES = 2 * PACKET_BYTES + 8,
    POLL_NANOSECONDS = 20000000, // how long the machine may sleep while a client could say ^C
    MAX_DATA = PACKET_BYTES / 2 - 8,
    SIGNAL_INT = 2,
    SIGNAL_TRAP = 5,
};

struct gdb {
    struct debugger *d;
    int listener, client; // -1: none
    const char *path;     // of a Unix socket
    struct packet_reader in;
    char reply[PACKET_BYTES + 1];
    size_t reply_length;
    bool running;     // the client waits for a stop
    bool interrupted; // by its ^C
    bool resume;      // a packet let the machine go on
    bool physical;    // memory is physical
    char frame[FRAME_BYTES];
    size_t frame_length;
};

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

static void send_bytes(struct gdb *g, const char *data, size_t length) {
    while (length && g->client >= 0) {
        const ssize_t sent = send(g->client, data, length, MSG_NOSIGNAL);
        if (sent > 0) {
            data += sent;
            length -= (size_t)sent;
        } else if (sent == 0 || errno != EINTR) {
            disconnect(g);
        }
    }
}

static void send_packet(struct gdb *g, const char *data, size_t length) {
    g->frame_length = packet_frame(data, length, g->frame, sizeof g->frame);
    send_bytes(g, g->frame, g->frame_length);
}

__attribute__((format(printf, 2, 3))) static void say(struct gdb *g, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    const size_t room = sizeof g->reply - g->reply_length;
    const int wanted = vsnprintf(g->reply + g->reply_length, room, format, arguments);
    va_end(arguments);
    if (wanted > 0 && (size_t)wanted < room) g->reply_length += (size_t)wanted;
}

static void say_error(struct gdb *g, unsigned number) { say(g, "E%02x", number); }

static void say_bytes(struct gdb *g, const void *from, size_t bytes) {
    if (g->reply_length + 2 * bytes + 1 > sizeof g->reply) return;
    packet_put_bytes(g->reply + g->reply_length, from, bytes);
    g->reply_length += 2 * bytes;
}

static struct hart *hart(const struct gdb *g) { return debugger_hart(g->d); }

static void say_stop(struct gdb *g) {
    const struct stop_point *p = &g->d->stops.hit;
    say(g, "T%02xthread:%x;", g->interrupted ? SIGNAL_INT : SIGNAL_TRAP, hart(g)->id + 1);
    if (p->number && p->gdb && p->kind == POINT_WATCH) {
        static const char *const words[] = {"", "rwatch", "watch", "awatch"};
        say(g, "%s:%" PRIx64 ";", words[p->watched & 3], p->range.base);
    }
}

// --- Registers and memory ------------------------------------------------------------------------

static void on_registers(struct gdb *g, const char *at) {
    const struct hart *h = hart(g);
    (void)at;
    say_bytes(g, h->x, 32 * sizeof h->x[0]);
    say_bytes(g, &h->pc, sizeof h->pc);
}

static void on_set_registers(struct gdb *g, const char *at) {
    struct hart *h = hart(g);
    uint64_t value[33];
    if (!packet_bytes(&at, value, sizeof value)) {
        say_error(g, EINVAL);
        return;
    }
    memcpy(h->x + 1, value + 1, 31 * sizeof value[0]);
    h->pc = value[32] & ~UINT64_C(1);
    say(g, "OK");
}

static void on_register(struct gdb *g, const char *at) {
    char text[24];
    uint64_t number, value;
    const char *name = packet_hex(&at, &number) ? gdb_register_name(hart(g), number, text) : NULL;
    if (name && register_read(hart(g), name, &value)) {
        say_bytes(g, &value, sizeof value);
    } else {
        say_error(g, EINVAL);
    }
}

static void on_set_register(struct gdb *g, const char *at) {
    char text[24];
    uint64_t number, value;
    const char *name = packet_hex(&at, &number) ? gdb_register_name(hart(g), number, text) : NULL;
    const bool good = name && *at++ == '=' && packet_bytes(&at, &value, sizeof value) &&
                      register_write(hart(g), name, value);
    if (good) {
        say(g, "OK");
    } else {
        say_error(g, EINVAL);
    }
}

static struct view view_of(const struct gdb *g) {
    return g->physical ? (struct view){.bare = true} : view_of_hart(hart(g));
}

// "ADDRESS,LENGTH"; the length is no more than a packet can hold.
static bool parse_range(const char **at, uint64_t *address, uint64_t *bytes) {
    return packet_hex(at, address) && *(*at)++ == ',' && packet_hex(at, bytes) &&
           *bytes <= MAX_DATA && *address + *bytes >= *address;
}

static void on_read(struct gdb *g, const char *at) {
    uint8_t data[MAX_DATA];
    uint64_t address, bytes;
    const struct view view = view_of(g);
    if (!parse_range(&at, &address, &bytes)) {
        say_error(g, EINVAL);
    } else if (!view_read(g->d, &view, address, data, bytes)) {
        say_error(g, EFAULT);
    } else {
        say_bytes(g, data, bytes);
    }
}

static void write_memory(struct gdb *g, uint64_t address, const uint8_t *data, uint64_t bytes) {
    const struct view view = view_of(g);
    if (view_write(g->d, &view, address, data, bytes)) {
        say(g, "OK");
    } else {
        say_error(g, EFAULT);
    }
}

static void on_write(struct gdb *g, const char *at) {
    uint8_t data[MAX_DATA];
    uint64_t address, bytes;
    if (parse_range(&at, &address, &bytes) && *at++ == ':' && packet_bytes(&at, data, bytes)) {
        write_memory(g, address, data, bytes);
    } else {
        say_error(g, EINVAL);
    }
}

static void on_write_binary(struct gdb *g, const char *at) {
    uint64_t address, bytes;
    const char *end = g->in.data + g->in.length;
    if (parse_range(&at, &address, &bytes) && *at++ == ':' && (uint64_t)(end - at) == bytes) {
        write_memory(g, address, (const uint8_t *)at, bytes);
    } else {
        say_error(g, EINVAL);
    }
}

// --- Breakpoints ---------------------------------------------------------------------------------

// "TYPE,ADDRESS,KIND": 0 and 1 are breakpoints, 2 write, 3 read, 4 access watchpoints.
static bool parse_point(const char *at, struct stop_point *p) {
    static const unsigned watched[] = {0, 0, WATCH_WRITE, WATCH_READ, WATCH_READ | WATCH_WRITE};
    uint64_t type, address, bytes;
    if (!packet_hex(&at, &type) || type > 4 || *at++ != ',') return false;
    if (!packet_hex(&at, &address) || *at++ != ',' || !packet_hex(&at, &bytes)) return false;
    if (type >= 2 && (bytes == 0 || address + (bytes - 1) < address)) return false;
    *p = (struct stop_point){.kind = type < 2 ? POINT_PC : POINT_WATCH,
                             .enabled = true,
                             .gdb = true,
                             .detail = -1,
                             .range = {address, type < 2 ? 0 : bytes},
                             .watched = watched[type]};
    return true;
}

static struct stop_point *find_point(struct gdb *g, const struct stop_point *like) {
    for (unsigned i = 0; i < MAX_POINTS; i++) {
        struct stop_point *p = &g->d->stops.point[i];
        if (p->number && p->gdb && p->kind == like->kind && p->watched == like->watched &&
            p->range.base == like->range.base && p->range.size == like->range.size) {
            return p;
        }
    }
    return NULL;
}

static void on_insert(struct gdb *g, const char *at) {
    struct stop_point wanted;
    if (!parse_point(at, &wanted)) {
        say_error(g, EINVAL);
        return;
    }
    struct stop_point *p = find_point(g, &wanted);
    if (!p && (p = stops_new(&g->d->stops))) {
        wanted.number = p->number;
        *p = wanted;
    }
    if (p) {
        say(g, "OK");
    } else {
        say_error(g, ENOSPC);
    }
}

static void on_remove(struct gdb *g, const char *at) {
    struct stop_point wanted;
    if (!parse_point(at, &wanted)) {
        say_error(g, EINVAL);
        return;
    }
    struct stop_point *p = find_point(g, &wanted);
    if (p) p->number = 0;
    say(g, "OK");
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
            say_error(g, EINVAL);
            return;
        }
        if ((action == 's' || action == 'S') && !step) {
            char thread[24] = "0";
            const char *end = at + 1 + length;
            if (colon) snprintf(thread, sizeof thread, "%.*s", (int)(end - colon - 1), colon + 1);
            if (!select_thread(g, thread)) {
                say_error(g, EINVAL);
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
    say(g, "vCont;c;C;s;S");
}

// --- Threads and questions -----------------------------------------------------------------------

static void on_stop_query(struct gdb *g, const char *at) {
    (void)at;
    say_stop(g);
}

static void on_select(struct gdb *g, const char *at) {
    if ((*at == 'g' || *at == 'c') && select_thread(g, at + 1)) {
        say(g, "OK");
    } else {
        say_error(g, EINVAL);
    }
}

static void on_alive(struct gdb *g, const char *at) {
    uint64_t thread;
    const bool alive = packet_hex(&at, &thread) && thread && thread <= g->d->m->config.harts;
    say(g, alive ? "OK" : "E01");
}

static void on_threads(struct gdb *g, const char *at) {
    (void)at;
    for (unsigned i = 0; i < g->d->m->config.harts; i++) say(g, "%c%x", i ? ',' : 'm', i + 1);
}

static void on_more_threads(struct gdb *g, const char *at) {
    (void)at;
    say(g, "l");
}

static void on_this_thread(struct gdb *g, const char *at) {
    (void)at;
    say(g, "QC%x", g->d->hart + 1);
}

static void on_thread_info(struct gdb *g, const char *at) {
    uint64_t thread;
    char text[40];
    if (!packet_hex(&at, &thread) || !thread || thread > g->d->m->config.harts) {
        say_error(g, EINVAL);
        return;
    }
    const struct hart *h = g->d->m->hart[thread - 1];
    const int length = snprintf(text, sizeof text, "hart %u, %s-mode%s", h->id,
                                privilege_name(h->privilege), h->waiting ? ", waits" : "");
    say_bytes(g, text, (size_t)length);
}

static void on_supported(struct gdb *g, const char *at) {
    (void)at;
    say(g, "PacketSize=%x;QStartNoAckMode+;qXfer:features:read+;vContSupported+;hwbreak+;swbreak+",
        PACKET_BYTES);
}

static void on_no_ack(struct gdb *g, const char *at) {
    (void)at;
    g->in.no_ack = true;
    say(g, "OK");
}

static void on_attached(struct gdb *g, const char *at) {
    (void)at;
    say(g, "1");
}

// "target.xml:OFFSET,LENGTH"
static void on_features(struct gdb *g, const char *at) {
    uint64_t offset, length;
    char *text = NULL;
    size_t size = 0;
    if (strncmp(at, "target.xml:", 11) != 0) {
        say_error(g, ENOENT);
        return;
    }
    at += 11;
    FILE *file = open_memstream(&text, &size);
    if (!packet_hex(&at, &offset) || *at++ != ',' || !packet_hex(&at, &length) || !file) {
        if (file) fclose(file);
        free(text);
        say_error(g, EINVAL);
        return;
    }
    gdb_describe(hart(g), file);
    fclose(file);
    if (offset > size) offset = size;
    if (length > size - offset) length = size - offset;
    // Each byte may need an escape.
    if (length > PACKET_BYTES / 2) length = PACKET_BYTES / 2;
    say(g, "%c%.*s", offset + length == size ? 'l' : 'm', (int)length, text + offset);
    free(text);
}

static void on_physical_query(struct gdb *g, const char *at) {
    (void)at;
    say(g, "%d", g->physical);
}

static void on_physical(struct gdb *g, const char *at) {
    if (strcmp(at, "0") != 0 && strcmp(at, "1") != 0) {
        say_error(g, EINVAL);
        return;
    }
    g->physical = *at == '1';
    say(g, "OK");
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
        say_error(g, EINVAL);
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
        say(g, "O");
        say_bytes(g, text + done, size - done < PIECE ? size - done : PIECE);
        send_packet(g, g->reply, g->reply_length);
    }
    g->reply_length = 0;
    free(text);
    say(g, "OK");
}

static void on_detach(struct gdb *g, const char *at) {
    (void)at;
    send_packet(g, "OK", 2);
    disconnect(g);
}

static void on_kill(struct gdb *g, const char *at) {
    (void)at;
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
    {"g", on_registers},
    {"G", on_set_registers},
    {"p", on_register},
    {"P", on_set_register},
    {"m", on_read},
    {"M", on_write},
    {"X", on_write_binary},
    {"Z", on_insert},
    {"z", on_remove},
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
        say(g, "W%02x", g->d->m->end_code & 0xff);
        send_packet(g, g->reply, g->reply_length);
        disconnect(g);
    }
    if (g->listener >= 0) close(g->listener);
    if (g->path) unlink(g->path);
    free(g);
}
