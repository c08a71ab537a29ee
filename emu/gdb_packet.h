// SPDX-License-Identifier: MIT
// Packets of GDB's remote serial protocol: $data#checksum, from bytes as they come and back. The
// sender is hostile: whatever comes, no more than PACKET_BYTES are kept, and a packet that is too
// long or has a wrong checksum is refused as a whole.
#ifndef TABLEWALK_EMU_GDB_PACKET_H
#define TABLEWALK_EMU_GDB_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PACKET_BYTES = 16384 };

enum packet_event {
    PACKET_NOTHING,   // more bytes are needed
    PACKET_COMPLETE,  // data and length hold it
    PACKET_BAD,       // wrong checksum or too long: to be sent again
    PACKET_ACK,       // '+'
    PACKET_NACK,      // '-'
    PACKET_INTERRUPT, // ^C
};

struct packet_reader {
    enum { READ_IDLE, READ_DATA, READ_ESCAPED, READ_SUM_HIGH, READ_SUM_LOW } state;
    uint8_t sum, wanted;
    bool overflow, no_ack;
    size_t length;
    char data[PACKET_BYTES + 1]; // ends in a 0
};

// Takes one byte.
enum packet_event packet_byte(struct packet_reader *r, uint8_t byte);

// Frames `length` bytes of data: returns how many bytes it wrote, 0 when `size` is too little.
size_t packet_frame(const char *data, size_t length, char *to, size_t size);

// Numbers in hex. *at moves behind what was read; false: there is none, or more than 64 bits.
bool packet_hex(const char **at, uint64_t *value);
// Bytes as hex digits: false when at does not begin with 2 * bytes digits.
bool packet_bytes(const char **at, void *to, size_t bytes);
void packet_put_bytes(char *to, const void *from, size_t bytes); // 2 * bytes + 1 chars

#endif
