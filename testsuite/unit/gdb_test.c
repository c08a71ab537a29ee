// SPDX-License-Identifier: MIT
// The gdb stub, packet by packet: what is answered (GDB's manual, "Remote Serial Protocol"), what
// is refused and how, and clients that do not behave.
#include "emu/gdb.h"

#include <sys/socket.h>
#include <unistd.h>

#include "emu/gdb_stub.h"
#include "testsuite/unit/console_bench.h"

enum { HARTS = 2 };

struct client {
    struct bench *b;
    struct gdb *g;
    int end;
    char heard[1 << 16];
};

static void connect_client(struct client *c) {
    int ends[2];
    *c = (struct client){.b = set_up_harts(HARTS), .g = calloc(1, sizeof(struct gdb))};
    cr_assert(c->g && socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
    *c->g = (struct gdb){.d = c->b->d, .listener = -1, .client = ends[0]};
    c->b->d->gdb = c->g; // which frees it
    c->end = ends[1];
}

static void hang_up(struct client *c) {
    close(c->end);
    take_down(c->b);
}

static void send_packet(struct client *c, const char *packet) {
    char frame[FRAME_BYTES];
    const size_t bytes = packet_frame(packet, strlen(packet), frame, sizeof frame);
    cr_assert_eq(write(c->end, frame, bytes), (ssize_t)bytes);
}

// Until the client hangs up, or lets the machine go on. Returns what it heard.
static const char *serve(struct client *c) {
    shutdown(c->end, SHUT_WR);
    gdb_stopped(c->g);
    const ssize_t got = recv(c->end, c->heard, sizeof c->heard - 1, MSG_DONTWAIT);
    c->heard[got > 0 ? got : 0] = 0;
    return c->heard;
}

Test(gdb, answers) {
    static const struct {
        const char *packet, *answer;
    } rows[] = {
        {"?", "T05thread:1;"},
        {"qC", "QC1"},
        {"Hg2", "OK"},
        {"Hc-1", "OK"},
        {"Hg0", "OK"},
        {"Hg3", "E16"},
        {"Hx1", "E16"},
        {"Hgx", "E16"},
        {"T2", "OK"},
        {"T3", "E01"},
        {"T0", "E01"},
        {"Tx", "E01"},
        {"qfThreadInfo", "m1,2"},
        {"qsThreadInfo", "l"},
        {"qThreadExtraInfo,2", "6861727420312c204d2d6d6f6465"}, // "hart 1, M-mode"
        {"qThreadExtraInfo,3", "E16"},
        {"qThreadExtraInfo,", "E16"},
        {"qXfer:features:read:other.xml:0,10", "E02"},
        {"qXfer:features:read:target.xml:0", "E16"},
        {"qXfer:features:read:target.xml:0,", "E16"},
        {"qXfer:features:read:target.xml:x,1", "E16"},
        {"qXfer:features:read:target.xml:0,5", "m<?xml"},
        {"qXfer:features:read:target.xml:ffffff,5", "l"},
        {"qqemu.PhyMemMode", "0"},
        {"Qqemu.PhyMemMode:1", "OK"},
        {"Qqemu.PhyMemMode:2", "E16"},
        {"qRcmd,zz", "E16"},
        {"vCont?", "vCont;c;C;s;S"},
        {"vCont;x", "E16"},
        {"vCont;", "E16"},
        {"vCont;s:9", "E16"},
        {"m80000000,4", "00000000"},
        {"m80000000", "E16"},
        {"m80000000,ffffff", "E16"},
        {"mffffffffffffffff,2", "E16"},
        {"m80000000,zz", "E16"},
        {"m0,4", "E0e"},
        {"M80000000,2:abcd", "OK"},
        {"M80000000,2:ab", "E16"},
        {"M80000000,2;abcd", "E16"},
        {"M0,1:ab", "E0e"},
        {"X80000000,3:xyz", "OK"},
        {"X80000000,3:xy", "E16"},
        {"p20", "0000000000000000"}, // pc
        {"pffff", "E16"},
        {"p", "E16"},
        {"P1=0100000000000000", "OK"},
        {"P1=01", "E16"},
        {"P1", "E16"},
        {"G00", "E16"},
        {"Z0,80000000,2", "OK"},
        {"Z5,80000000,2", "E16"},
        {"Z2,80000000,0", "E16"},
        {"Z2,ffffffffffffffff,2", "E16"},
        {"Z0;80000000,2", "E16"},
        {"Z0,80000000", "E16"},
        {"z0,80000000,2", "OK"},
        {"z9,80000000,2", "E16"},
        {"qAttached", "1"},
        {"qNothingOfTheKind", ""},
    };
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct client c;
        char frame[256] = "+";
        connect_client(&c);
        const size_t bytes =
            packet_frame(rows[i].answer, strlen(rows[i].answer), frame + 1, sizeof frame - 2);
        frame[1 + bytes] = 0;
        send_packet(&c, rows[i].packet);
        cr_expect_str_eq(serve(&c), frame, "%s: '%s'", rows[i].packet, c.heard);
        cr_expect_not(gdb_is_connected(c.g));
        hang_up(&c);
    }
}

Test(gdb, more_breakpoints_than_there_are) {
    struct client c;
    char packet[64];
    connect_client(&c);
    for (unsigned i = 0; i <= MAX_POINTS; i++) {
        snprintf(packet, sizeof packet, "Z0,%x,2", 0x80000000 + 2 * i);
        send_packet(&c, packet);
    }
    const char *heard = serve(&c), *refused = strstr(heard, "$E1c#"); // ENOSPC
    cr_assert_not_null(refused, "%s", heard);
    cr_expect_null(strstr(refused, "$OK#"), "the last alone is refused");
    hang_up(&c);
}

Test(gdb, packets_that_arrive_damaged_are_sent_again) {
    struct client c;
    connect_client(&c);
    cr_assert_eq(write(c.end, "$qC#00", 6), 6);
    cr_expect_str_eq(serve(&c), "-");
    hang_up(&c);
    connect_client(&c);
    send_packet(&c, "qC");
    cr_assert_eq(write(c.end, "-", 1), 1); // what was answered did not arrive
    cr_expect_str_eq(serve(&c), "+$QC1#c5$QC1#c5");
    hang_up(&c);
    connect_client(&c);
    send_packet(&c, "QStartNoAckMode");
    cr_assert_eq(write(c.end, "$qC#00", 6), 6);
    send_packet(&c, "qC");
    cr_expect_str_eq(serve(&c), "+$OK#9a$QC1#c5", "nothing is said of damage any more");
    hang_up(&c);
}

Test(gdb, going_on) {
    static const struct {
        const char *packet;
        bool step;
        unsigned hart;
    } rows[] = {
        {"c", false, 0},          {"C05", false, 0},        {"s", true, 0},
        {"S05", true, 0},         {"vCont;c", false, 0},    {"vCont;s", true, 0},
        {"vCont;s:2", true, 1},   {"vCont;s:1;c", true, 0}, {"vCont;c:1;s:2", true, 1},
        {"vCont;S05:2", true, 1},
    };
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct client c;
        connect_client(&c);
        send_packet(&c, rows[i].packet);
        cr_expect_str_eq(serve(&c), "+", "%s is answered when it stops", rows[i].packet);
        cr_expect(c.g->resume && c.g->running, "%s", rows[i].packet);
        const struct stepping *s = &c.b->d->stops.step;
        cr_expect_eq(s->kind, rows[i].step ? STEP_INSTRUCTIONS : STEP_NONE, "%s", rows[i].packet);
        cr_expect_eq(s->hart, rows[i].hart, "%s", rows[i].packet);
        hang_up(&c);
    }
}

// "monitor step" is refused: gdb would not know that the machine has moved.
Test(gdb, commands_that_run_the_machine) {
    struct client c;
    connect_client(&c);
    send_packet(&c, "qRcmd,73746570"); // step
    const char *heard = serve(&c);
    cr_expect_not_null(strstr(heard, "6572726f723a206764622069747365"), "%s", heard);
    cr_expect_not(c.g->resume);
    cr_expect_eq(c.b->d->stops.step.kind, STEP_NONE);
    hang_up(&c);
}

Test(gdb, an_interrupt_and_the_end) {
    struct client c;
    connect_client(&c);
    cr_assert_eq(write(c.end, "\003", 1), 1);
    send_packet(&c, "?");
    send_packet(&c, "k");
    cr_expect_str_eq(serve(&c), "+$T02thread:1;#d4+$OK#9a", "%s", c.heard);
    cr_expect_eq(c.b->m->end, END_QUIT);
    hang_up(&c);
}

// A client of the gdb stub that asks and never reads the answers is given up.
Test(gdb, a_client_that_reads_nothing, .timeout = 60) {
    static const char ask_much[] = "$m80000000,1ff0#4e";
    enum { PACKET = sizeof ask_much - 1, PACKETS = 500 };
    char packets[PACKETS * PACKET];
    struct client c;
    connect_client(&c);
    for (unsigned i = 0; i < PACKETS; i++) memcpy(packets + i * PACKET, ask_much, PACKET);
    cr_assert_eq(write(c.end, packets, sizeof packets), (ssize_t)sizeof packets);
    gdb_stopped(c.g);
    cr_expect_not(gdb_is_connected(c.g));
    hang_up(&c);
}
