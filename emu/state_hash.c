// SPDX-License-Identifier: MIT
// The state's hash (see state_hash.h): FNV-1a, with words of 8 bytes in place of bytes.
#include "emu/state_hash.h"

#include <string.h>

#include "cpu/csr.h"

static const uint64_t BASIS = UINT64_C(0xcbf29ce484222325), PRIME = UINT64_C(0x100000001b3);

static uint64_t add_word(uint64_t hash, uint64_t word) {
    hash = (hash ^ word) * PRIME;
    return hash ^ hash >> 32; // multiplication alone carries nothing down
}

static uint64_t add_words(uint64_t hash, const uint64_t *words, size_t count) {
    for (size_t i = 0; i < count; i++) hash = add_word(hash, words[i]);
    return hash;
}

static uint64_t add_hart(uint64_t hash, const struct hart *h) {
    static const uint16_t csrs[] = {
#define CSR(number, ...) number,
#include "cpu/csr.def"
#undef CSR
    };
    const uint64_t rest[] = {h->pc,          h->privilege,   h->waiting,
                             h->reservation, hart_cycles(h), hart_retired(h)};
    hash = add_words(hash, h->x, 32);
    hash = add_words(hash, h->f, 32);
    hash = add_words(hash, rest, sizeof rest / sizeof *rest);
    for (size_t i = 0; i < sizeof csrs / sizeof *csrs; i++) {
        uint64_t value = 0;
        const bool present = csr_peek(h, csrs[i], &value);
        hash = add_word(hash, present ? value : ~UINT64_C(0));
    }
    return hash;
}

// RAM, but for words that are 0, with their places.
static uint64_t add_ram(uint64_t hash, const uint8_t *ram, uint64_t bytes) {
    for (uint64_t at = 0; at < bytes; at += sizeof(uint64_t)) {
        uint64_t word;
        memcpy(&word, ram + at, sizeof word);
        if (word) hash = add_word(add_word(hash, at), word);
    }
    return hash;
}

uint64_t state_hash(const struct machine *m) {
    uint64_t hash = add_word(BASIS, m->cycles);
    for (unsigned i = 0; i < m->config.harts; i++) hash = add_hart(hash, m->hart[i]);
    return add_ram(hash, m->ram, m->ram_range.size);
}
