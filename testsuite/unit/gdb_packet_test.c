// SPDX-License-Identifier: MIT
// gdb's packets: framing, checksums, escapes, numbers; and whatever a hostile sender thinks of.
#include "emu/gdb_packet.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "testsuite/unit/random.h"

static enum packet_event feed(struct packet_reader *r, const char *text, size_t length) {
    enum packet_event last = PACKET_NOTHING;
    for (size_t i = 0; i < length; i++) last = packet_byte(r, (uint8_t)text[i]);
    return last;
}

static enum packet_event feed_text(struct packet_reader *r, const char *text) {
    return feed(r, text, strlen(text));
}

Test(gdb_packet, takes_what_it_frames) {
    static struct packet_reader r;
    char data[256], frame[1024];
    for (unsigned i = 0; i < sizeof data; i++) data[i] = (char)i;
    const size_t length = packet_frame(data, sizeof data, frame, sizeof frame);
    cr_assert_gt(length, sizeof data);
    cr_assert_eq(feed(&r, frame, length), PACKET_COMPLETE);
    cr_assert_eq(r.length, sizeof data);
    cr_assert_eq(memcmp(r.data, data, sizeof data), 0);
}

Test(gdb_packet, checksum) {
    static struct packet_reader r;
    cr_assert_eq(feed_text(&r, "$g#67"), PACKET_COMPLETE);
    cr_assert_str_eq(r.data, "g");
    cr_assert_eq(feed_text(&r, "$g#68"), PACKET_BAD);
    cr_assert_eq(feed_text(&r, "$g#x"), PACKET_BAD);
    cr_assert_eq(feed_text(&r, "$g#6x"), PACKET_BAD);
    cr_assert_eq(feed_text(&r, "$#00"), PACKET_COMPLETE);
    cr_assert_eq(r.length, 0);
}

Test(gdb_packet, outside_of_packets) {
    static struct packet_reader r;
    cr_assert_eq(feed_text(&r, "+"), PACKET_ACK);
    cr_assert_eq(feed_text(&r, "-"), PACKET_NACK);
    cr_assert_eq(feed_text(&r, "\x03"), PACKET_INTERRUPT);
    cr_assert_eq(feed_text(&r, "abc#67"), PACKET_NOTHING);
    // A sender that starts again in the middle.
    cr_assert_eq(feed_text(&r, "$junk$g#67"), PACKET_COMPLETE);
    cr_assert_str_eq(r.data, "g");
}

Test(gdb_packet, too_long_is_refused_as_a_whole) {
    static struct packet_reader r;
    packet_byte(&r, '$');
    for (unsigned i = 0; i < 3 * PACKET_BYTES; i++) packet_byte(&r, 'a');
    const uint8_t sum = (uint8_t)(3u * PACKET_BYTES * 'a');
    char end[4];
    snprintf(end, sizeof end, "#%02x", sum);
    cr_assert_eq(feed_text(&r, end), PACKET_BAD);
    cr_assert_eq(r.length, PACKET_BYTES);
    cr_assert_eq(feed_text(&r, "$g#67"), PACKET_COMPLETE);
}

Test(gdb_packet, any_bytes_at_all) {
    static struct packet_reader r;
    uint64_t state = 1;
    unsigned complete = 0;
    for (unsigned i = 0; i < 1000000; i++) {
        // Often enough what matters.
        const uint64_t drawn = draw(&state);
        const uint8_t byte = drawn & 0x100 ? (uint8_t)"$#}+-\x03"
                                                      "06"[drawn % 8]
                                           : (uint8_t)drawn;
        complete += packet_byte(&r, byte) == PACKET_COMPLETE;
        cr_assert_leq(r.length, PACKET_BYTES);
    }
    cr_assert_gt(complete, 0);
}

Test(gdb_packet, a_frame_needs_room) {
    char frame[16];
    cr_assert_eq(packet_frame("abc", 3, frame, 3), 0);
    cr_assert_eq(packet_frame("abc", 3, frame, sizeof frame), 7);
    cr_assert_eq(memcmp(frame, "$abc#26", 7), 0);
    cr_assert_eq(packet_frame("abcdefghijklmnop", 16, frame, sizeof frame), 0);
    cr_assert_eq(packet_frame("}", 1, frame, sizeof frame), 6);
}

Test(gdb_packet, numbers) {
    uint64_t value;
    const char *at = "ffffffffffffffff,";
    cr_assert(packet_hex(&at, &value));
    cr_assert_eq(value, UINT64_MAX);
    cr_assert_eq(*at, ',');
    at = "10000000000000000";
    cr_assert_not(packet_hex(&at, &value));
    at = ",1";
    cr_assert_not(packet_hex(&at, &value));
}

Test(gdb_packet, bytes) {
    uint8_t bytes[2];
    char text[5];
    const char *at = "0aF0x";
    cr_assert(packet_bytes(&at, bytes, 2));
    cr_assert_eq(bytes[0], 0x0a);
    cr_assert_eq(bytes[1], 0xf0);
    cr_assert_eq(*at, 'x');
    at = "0a1";
    cr_assert_not(packet_bytes(&at, bytes, 2));
    packet_put_bytes(text, bytes, 2);
    cr_assert_str_eq(text, "0af0");
}
