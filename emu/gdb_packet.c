// SPDX-License-Identifier: MIT
// Packets (see gdb_packet.h).
#include "emu/gdb_packet.h"

#include <string.h>

enum { ESCAPE = '}', ESCAPE_XOR = 0x20, CTRL_C = 3 };

static int digit(uint8_t c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

static void keep(struct packet_reader *r, uint8_t byte) {
    if (r->length < PACKET_BYTES) {
        r->data[r->length++] = (char)byte;
    } else {
        r->overflow = true;
    }
}

static enum packet_event outside(struct packet_reader *r, uint8_t byte) {
    switch (byte) {
    case '$':
        r->state = READ_DATA;
        r->length = 0;
        r->sum = 0;
        r->overflow = false;
        return PACKET_NOTHING;
    case '+': return PACKET_ACK;
    case '-': return PACKET_NACK;
    case CTRL_C: return PACKET_INTERRUPT;
    default: return PACKET_NOTHING;
    }
}

static enum packet_event finish(struct packet_reader *r, uint8_t byte) {
    const int low = digit(byte);
    r->state = READ_IDLE;
    r->data[r->length] = 0;
    const bool right = low >= 0 && (r->wanted | low) == r->sum;
    return right && !r->overflow ? PACKET_COMPLETE : PACKET_BAD;
}

enum packet_event packet_byte(struct packet_reader *r, uint8_t byte) {
    switch (r->state) {
    case READ_IDLE: return outside(r, byte);
    case READ_DATA:
        if (byte == '#') {
            r->state = READ_SUM_HIGH;
            return PACKET_NOTHING;
        }
        if (byte == '$') return outside(r, byte); // the sender starts again
        r->sum = (uint8_t)(r->sum + byte);
        if (byte == ESCAPE) {
            r->state = READ_ESCAPED;
        } else {
            keep(r, byte);
        }
        return PACKET_NOTHING;
    case READ_ESCAPED:
        r->sum = (uint8_t)(r->sum + byte);
        r->state = READ_DATA;
        keep(r, byte ^ ESCAPE_XOR);
        return PACKET_NOTHING;
    case READ_SUM_HIGH:
        if (digit(byte) < 0) {
            r->state = READ_IDLE;
            return PACKET_BAD;
        }
        r->wanted = (uint8_t)(digit(byte) << 4);
        r->state = READ_SUM_LOW;
        return PACKET_NOTHING;
    case READ_SUM_LOW: return finish(r, byte);
    }
    return PACKET_NOTHING;
}

static void put_byte(char *to, uint8_t byte) {
    static const char digits[] = "0123456789abcdef";
    to[0] = digits[byte >> 4];
    to[1] = digits[byte & 15];
}

size_t packet_frame(const char *data, size_t length, char *to, size_t size) {
    size_t n = 0;
    uint8_t sum = 0;
    if (size < 4) return 0;
    to[n++] = '$';
    for (size_t i = 0; i < length; i++) {
        const char c = data[i];
        if (n + 5 > size) return 0;
        if (c && strchr("#$}*", c)) {
            to[n++] = ESCAPE;
            sum = (uint8_t)(sum + ESCAPE);
            to[n] = (char)(c ^ ESCAPE_XOR);
        } else {
            to[n] = c;
        }
        sum = (uint8_t)(sum + (uint8_t)to[n++]);
    }
    if (n + 3 > size) return 0;
    to[n++] = '#';
    put_byte(to + n, sum);
    return n + 2;
}

bool packet_hex(const char **at, uint64_t *value) {
    unsigned digits = 0;
    *value = 0;
    for (int d; (d = digit((uint8_t)**at)) >= 0; ++*at) {
        if (*value >> 60) return false;
        *value = *value << 4 | (unsigned)d;
        digits++;
    }
    return digits > 0;
}

bool packet_bytes(const char **at, void *to, size_t bytes) {
    uint8_t *out = to;
    for (size_t i = 0; i < bytes; i++) {
        const int high = digit((uint8_t)(*at)[0]);
        const int low = high < 0 ? -1 : digit((uint8_t)(*at)[1]);
        if (low < 0) return false;
        out[i] = (uint8_t)(high << 4 | low);
        *at += 2;
    }
    return true;
}

void packet_put_bytes(char *to, const void *from, size_t bytes) {
    const uint8_t *in = from;
    for (size_t i = 0; i < bytes; i++) put_byte(to + 2 * i, in[i]);
    to[2 * bytes] = 0;
}
