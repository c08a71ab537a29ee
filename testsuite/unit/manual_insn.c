// SPDX-License-Identifier: MIT
// See manual_insn.h.
#include "testsuite/unit/manual_insn.h"

#include <assert.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "testsuite/unit/random.h"

// What is under way: the next bit to be taken is bit left - 1.
struct reader {
    const char *at; // in the figure
    uint32_t bits;
    unsigned left;
    bool fits;
    uint32_t imm; // so far
    unsigned imm_top;
    bool has_imm, imm_signed, imm_nonzero;
};

static uint32_t take(struct reader *in, unsigned count) {
    assert(in->left >= count);
    in->left -= count;
    return in->bits >> in->left & (uint32_t)((UINT64_C(1) << count) - 1);
}

static unsigned number(struct reader *in) {
    char *end;
    const unsigned long n = strtoul(in->at, &end, 10);
    assert(end != in->at);
    in->at = end;
    return (unsigned)n;
}

static bool skip(struct reader *in, const char *word) {
    const size_t length = strlen(word);
    if (strncmp(in->at, word, length) != 0) return false;
    in->at += length;
    return true;
}

static void read_literal(struct reader *in) {
    for (; *in->at == '0' || *in->at == '1'; in->at++)
        if (take(in, 1) != (uint32_t)(*in->at - '0')) in->fits = false;
}

// Behind `imm`: [a:b|c|...].
static void read_immediate(struct reader *in) {
    in->has_imm = true;
    do {
        in->at++;
        const unsigned top = number(in);
        const unsigned bottom = skip(in, ":") ? number(in) : top;
        in->imm |= take(in, top - bottom + 1) << bottom;
        if (top > in->imm_top) in->imm_top = top;
    } while (*in->at == '|');
    assert(*in->at == ']');
    in->at++;
}

static uint8_t *field(struct reader *in, struct insn *insn) {
    if (skip(in, "rd")) return &insn->rd;
    if (skip(in, "rs1")) return &insn->rs1;
    if (skip(in, "rs2")) return &insn->rs2;
    if (skip(in, "rs3")) return &insn->rs3;
    if (skip(in, "rm")) return &insn->rm;
    abort(); // no word of the notation
}

static void read_fields(struct reader *in, struct insn *insn) {
    uint8_t *const first = field(in, insn);
    const bool three = skip(in, "'");
    const unsigned width = first == &insn->rm || three ? 3 : 5;
    *first = (uint8_t)(take(in, width) + (three ? 8 : 0));
    while (skip(in, "/")) {
        *field(in, insn) = *first;
        skip(in, "'");
    }
    while (skip(in, "!="))
        if (*first == number(in)) in->fits = false;
}

static void read_word(struct reader *in, struct insn *insn) {
    if (*in->at == '0' || *in->at == '1') {
        read_literal(in);
    } else if (skip(in, "_")) {
        take(in, number(in));
    } else if (*in->at == 'r') {
        read_fields(in, insn);
    } else {
        if (skip(in, "nz")) in->imm_nonzero = true;
        in->imm_signed = !skip(in, "u");
        const bool is_immediate = skip(in, "imm");
        assert(is_immediate);
        read_immediate(in);
    }
}

bool manual_decode(const char *figure, uint32_t bits, struct insn *insn) {
    struct reader in = {
        .at = figure, .bits = bits, .left = isa_is_long(bits) ? 32 : 16, .fits = true};
    while (*in.at != '\0')
        if (!skip(&in, " ")) read_word(&in, insn);
    assert(in.left == 0);
    if (in.imm_nonzero && in.imm == 0) return false;
    if (in.imm_signed && (in.imm >> in.imm_top & 1) != 0) in.imm |= UINT32_MAX << in.imm_top;
    if (in.has_imm) insn->imm = (int32_t)in.imm;
    return in.fits;
}

bool same_operands(const struct insn *a, const struct insn *b) {
    return a->rd == b->rd && a->rs1 == b->rs1 && a->rs2 == b->rs2 && a->rs3 == b->rs3 &&
           a->rm == b->rm && a->imm == b->imm;
}

struct pattern pattern_parse(const char *text) {
    struct pattern p = {0};
    for (; *text != '\0'; text++) {
        if (*text == ' ') continue;
        p.length++;
        p.mask = p.mask << 1 | (*text == '0' || *text == '1');
        p.value = p.value << 1 | (*text == '1');
        p.nonzero = p.nonzero << 1 | (*text == 'n');
    }
    return p;
}

bool pattern_matches(const struct pattern *p, uint32_t bits) {
    if (isa_is_long(bits) != (p->length == 32)) return false;
    if (p->nonzero != 0 && (bits & p->nonzero) == 0) return false;
    return (bits & p->mask) == p->value;
}

uint32_t pattern_draw(const struct pattern *p, uint64_t *random) {
    const uint32_t all = p->length == 32 ? UINT32_MAX : UINT16_MAX;
    uint32_t bits;
    do {
        bits = ((uint32_t)draw(random) & ~p->mask & all) | p->value;
    } while (!pattern_matches(p, bits));
    return bits;
}
