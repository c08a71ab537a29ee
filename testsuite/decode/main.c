// SPDX-License-Identifier: MIT
// The decoder against the manuals' tables (manual.h) and, through the script `run` beside this
// file, against binutils.
//   decode [--step=N]      every Nth of the 2^32 words, N odd; 1, all of them, unless it is given.
//   A
//                          line a difference (the first twenty), then 'N passed, M failed'.
//   decode --draw=N FILE   draws N words, half of them beside an instruction of the table, writes
//                          them to FILE, and prints the name of each
//   decode --short FILE    likewise all 49,152 compressed encodings
// A word whose lowest two bits are not 11 is a compressed instruction and whatever follows it:
// those differ by their lower halves alone, which is checked; the encodings themselves are
// compressed_test's.
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cpu/isa.h"
#include "testsuite/decode/manual.h"
#include "testsuite/unit/manual_insn.h"
#include "testsuite/unit/random.h"

struct sweep {
    extension_set extensions;
    const char
        *seen[ISA_ROWS]; // the oracle's own pointer for a row, once they were found to be equal
    struct insn compressed[1 << 16];
    uint64_t words, legal, wrong;
};

static const char *row_name(unsigned row) { return isa_row_info((enum isa_row)row)->name; }

static void complain(struct sweep *s, uint32_t bits, const char *got, const char *expected) {
    if (s->wrong++ < 20) printf("%08" PRIx32 " is %s, not %s\n", bits, got, expected);
}

static void check_long(struct sweep *s, uint32_t bits) {
    const struct insn insn = isa_decode(bits, s->extensions);
    const char *expected = manual_name(bits);
    s->legal += expected != NULL;
    if (insn.length == 4 && insn.bits == bits) {
        if (!expected && insn.row == ROW_illegal && insn.op == OP_illegal) return;
        if (expected && s->seen[insn.row] == expected) return;
        if (expected && strcmp(row_name(insn.row), expected) == 0) {
            s->seen[insn.row] = expected;
            return;
        }
    }
    complain(s, bits, row_name(insn.row), expected ? expected : "illegal");
}

static void check_short(struct sweep *s, uint32_t bits) {
    const struct insn insn = isa_decode(bits, s->extensions);
    const struct insn *alone = &s->compressed[bits & UINT16_MAX];
    if (insn.row == alone->row && insn.op == alone->op && same_operands(&insn, alone)) return;
    complain(s, bits, row_name(insn.row), row_name(alone->row));
}

static int sweep(uint64_t step) {
    struct sweep *s = calloc(1, sizeof *s);
    if (!s) return 2;
    s->extensions = isa_default();
    for (uint32_t bits = 0; bits <= UINT16_MAX; bits++)
        if (!isa_is_long(bits)) s->compressed[bits] = isa_decode(bits, s->extensions);
    for (uint64_t bits = 0; bits <= UINT32_MAX; bits += step, s->words++) {
        if (isa_is_long((uint32_t)bits))
            check_long(s, (uint32_t)bits);
        else
            check_short(s, (uint32_t)bits);
    }
    printf("%" PRIu64 " words decoded, %" PRIu64 " of them 32-bit instructions, %" PRIu64
           " differences from the manual\n",
           s->words, s->legal, s->wrong);
    const bool good = s->wrong == 0 && s->legal > 0;
    puts(good ? "1 passed, 0 failed" : "0 passed, 1 failed");
    free(s);
    return good ? 0 : 1;
}

static bool put(FILE *file, uint32_t bits, unsigned bytes) {
    puts(row_name(isa_decode(bits, isa_default()).row));
    return fwrite(&bits, bytes, 1, file) == 1;
}

// 11111 at the bottom begins a longer instruction, of which binutils makes more than one word.
static uint32_t draw_word(uint64_t *random) {
    for (;;) {
        uint32_t bits = (uint32_t)draw(random) | 3;
        if (draw_below(random, 2)) {
            const unsigned row = 1 + draw_below(random, ISA_ROWS - 1);
            const struct pattern p = pattern_parse(isa_row_info((enum isa_row)row)->pattern);
            if (p.length != 32) continue;
            bits = pattern_draw(&p, random);
            if (draw_below(random, 2)) bits ^= 4u << draw_below(random, 30);
        }
        if ((bits & 31) != 31) return bits;
    }
}

static int list(const char *path, uint64_t words) {
    FILE *file = fopen(path, "wb");
    bool good = file != NULL;
    uint64_t random = 1;
    for (uint64_t i = 0; good && i < words; i++) good = put(file, draw_word(&random), 4);
    for (uint32_t bits = 0; good && words == 0 && bits <= UINT16_MAX; bits++)
        if (!isa_is_long(bits)) good = put(file, bits, 2);
    if (file && fclose(file) != 0) good = false;
    if (!good) perror(path);
    return good ? 0 : 2;
}

static bool number(const char *word, const char *name, uint64_t *value) {
    const size_t length = strlen(name);
    if (strncmp(word, name, length) != 0) return false;
    char *end;
    *value = strtoull(word + length, &end, 10);
    return *end == 0 && *value > 0;
}

int main(int count, char **words) {
    uint64_t n = 1;
    if (count == 1 || (count == 2 && number(words[1], "--step=", &n) && n % 2)) return sweep(n);
    if (count == 3 && number(words[1], "--draw=", &n)) return list(words[2], n);
    if (count == 3 && strcmp(words[1], "--short") == 0) return list(words[2], 0);
    fprintf(stderr, "usage: decode [--step=N], N odd; decode --draw=N FILE; decode --short FILE\n");
    return 2;
}
