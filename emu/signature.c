// SPDX-License-Identifier: MIT
// The signature of a test program: the memory between two of its symbols, as lines of hexadecimal
// numbers in the order that Spike writes them: a line is one little-endian number of `granularity`
// bytes, its highest byte first.
#include <stdio.h>

#include "emu/machine.h"

bool machine_write_signature(struct machine *m, FILE *to, unsigned granularity,
                             struct message *message) {
    const struct symbol_range s = m->signature;
    const uint8_t *bytes = s.size ? phys_host(&m->phys, s.begin, s.size) : NULL;
    if (!bytes) {
        return complain(message,
                        "+signature: the program has no begin_signature and end_signature");
    }
    for (uint64_t at = 0; at < s.size; at += granularity) {
        for (unsigned i = granularity; i-- > 0;) {
            fprintf(to, "%02x", at + i < s.size ? bytes[at + i] : 0);
        }
        fputc('\n', to);
    }
    return true;
}
