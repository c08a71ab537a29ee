// SPDX-License-Identifier: MIT
// Expressions: 64-bit unsigned numbers, with C's operators and their precedence. A name is a
// register, a CSR or one of its fields (mstatus.SUM), what just happened (va, value, cause), or a
// symbol; u8[A] to u64[A] read virtual memory, p8[A] to p64[A] physical; pte[A] is the physical
// address of A's PTE. `A in B..C` asks for a
// range, C excluded. $NAME can only be a register or CSR, 'NAME' only a symbol.
#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "emu/console/csr_fields.h"
#include "emu/console/debugger.h"

enum { MAX_DEPTH = 40, NAME_MAX_BYTES = 128 };

struct parser {
    struct debugger *d;
    const char *at;
    unsigned depth;
    bool failed;
    struct message *message;
};

static uint64_t fail(struct parser *p, const char *what) {
    const char *quote = *p->at ? "'" : "";
    if (!p->failed) {
        complain(p->message, "%s at %s%.40s%s", what, quote, *p->at ? p->at : "the end", quote);
    }
    p->failed = true;
    return 0;
}

static void skip_blanks(struct parser *p) { p->at += strspn(p->at, " \t"); }

// Takes an operator's text when it stands here, and no longer operator does.
static bool take(struct parser *p, const char *text) {
    skip_blanks(p);
    const size_t length = strlen(text);
    if (strncmp(p->at, text, length) != 0) return false;
    if (isalpha((unsigned char)text[0]) && isalnum((unsigned char)p->at[length])) return false;
    p->at += length;
    return true;
}

static uint64_t parse_level(struct parser *p, unsigned level);

static uint64_t parse_all(struct parser *p) {
    if (++p->depth > MAX_DEPTH) return fail(p, "nested too deeply");
    const uint64_t value = parse_level(p, 0);
    p->depth--;
    return value;
}

// --- What stands alone ---------------------------------------------------------------------------

static uint64_t number(struct parser *p) {
    const bool binary = p->at[0] == '0' && (p->at[1] == 'b' || p->at[1] == 'B');
    const bool hex = p->at[0] == '0' && (p->at[1] == 'x' || p->at[1] == 'X');
    const char *start = p->at + (binary || hex ? 2 : 0);
    char *end;
    if (!isxdigit((unsigned char)*start)) return fail(p, "no number");
    const uint64_t value = strtoull(start, &end, binary ? 2 : hex ? 16 : 10);
    if (end == start || isalnum((unsigned char)*end)) return fail(p, "no number");
    p->at = end;
    return value;
}

// u8[A] .. u64[A], p8[A] .. p64[A]: behind the word and its bracket.
static uint64_t memory(struct parser *p, const char *word) {
    const uint64_t bits = strtoul(word + 1, NULL, 10);
    const uint64_t address = parse_all(p);
    if (!take(p, "]")) return fail(p, "']' is missing");
    const struct view view =
        word[0] == 'p' ? (struct view){.bare = true} : view_of_hart(debugger_hart(p->d));
    uint64_t value = 0;
    if (!p->failed && !view_read(p->d, &view, address, &value, bits / 8)) {
        if (!p->failed) complain(p->message, "no memory at 0x%" PRIx64, address);
        p->failed = true;
    }
    return value;
}

// pte[VA]: where the PTE that decides about VA stands, in the table that satp names, whatever the
// mode: the last one that a walk reads.
static uint64_t pte_of(struct parser *p) {
    const struct hart *h = debugger_hart(p->d);
    struct walk_request request;
    const uint64_t va = parse_all(p);
    if (!take(p, "]")) return fail(p, "']' is missing");
    (void)mmu_request(&h->mmu, va, ACCESS_LOAD, &request);
    request.privilege = PRIV_S;
    if (h->csr.satp >> 60 != SATP_SV39) return fail(p, "satp is Bare");
    const struct walk_result walk = mmu_probe(&debugger_hart(p->d)->mmu, &request);
    return walk.steps ? walk.pte_addr : fail(p, "no address that is translated");
}

static bool is_memory_word(const char *name) {
    static const char *const words[] = {"u8", "u16", "u32", "u64", "p8", "p16", "p32", "p64"};
    for (unsigned i = 0; i < sizeof words / sizeof *words; i++) {
        if (strcmp(words[i], name) == 0) return true;
    }
    return false;
}

static bool happening_value(const struct parser *p, const char *name, uint64_t *value) {
    const struct happening *now = &p->d->stops.happening;
    if (!now->there) return false;
    if (strcmp(name, "va") == 0) return *value = now->va, true;
    if (strcmp(name, "value") == 0) return *value = now->value, true;
    if (strcmp(name, "cause") == 0) return *value = now->cause, true;
    return false;
}

static bool is_name_char(char c) { return isalnum((unsigned char)c) || c == '_' || c == '.'; }

// The name at p->at, without what `A in B..C` needs.
static bool take_name(struct parser *p, char name[static NAME_MAX_BYTES]) {
    size_t n = 0;
    while (is_name_char(p->at[n]) && !(p->at[n] == '.' && p->at[n + 1] == '.')) n++;
    if (n == 0 || n >= NAME_MAX_BYTES) return false;
    memcpy(name, p->at, n);
    name[n] = 0;
    p->at += n;
    return true;
}

static uint64_t symbol(struct parser *p, const char *name) {
    const struct view view = view_of_hart(debugger_hart(p->d));
    uint64_t value = 0;
    if (symbols_find(&p->d->symbols, name, view_space(&view), &value)) return value;
    if (!p->failed) complain(p->message, "%.60s: neither a register, a CSR nor a symbol", name);
    p->failed = true;
    return 0;
}

static uint64_t name_value(struct parser *p) {
    char name[NAME_MAX_BYTES];
    uint64_t value = 0;
    const bool only_register = take(p, "$"), only_symbol = !only_register && take(p, "'");
    if (!take_name(p, name)) return fail(p, "a value is missing");
    if (only_symbol) return take(p, "'") ? symbol(p, name) : fail(p, "' is missing");
    if (!only_register && is_memory_word(name) && take(p, "[")) return memory(p, name);
    if (!only_register && strcmp(name, "pte") == 0 && take(p, "[")) return pte_of(p);
    const struct hart *h = debugger_hart(p->d);
    if (!only_register && happening_value(p, name, &value)) return value;
    if (register_read(h, name, &value) || csr_field_read(h, name, &value)) return value;
    return only_register ? fail(p, "no such register") : symbol(p, name);
}

static uint64_t parse_unary(struct parser *p) {
    skip_blanks(p);
    if (++p->depth > MAX_DEPTH) return fail(p, "nested too deeply");
    uint64_t value;
    if (take(p, "-")) {
        value = 0 - parse_unary(p);
    } else if (take(p, "~")) {
        value = ~parse_unary(p);
    } else if (take(p, "!")) {
        value = !parse_unary(p);
    } else if (take(p, "(")) {
        value = parse_all(p);
        if (!take(p, ")")) fail(p, "')' is missing");
    } else if (isdigit((unsigned char)*p->at)) {
        value = number(p);
    } else {
        value = name_value(p);
    }
    p->depth--;
    return value;
}

// --- What stands between two ---------------------------------------------------------------------

// operators.def would be one row each; they are few enough to stand here. Levels as in C.
static const struct binary {
    const char *text;
    unsigned level;
    char not_before; // the text is another operator's beginning when this follows
} binaries[] = {
    {"||", 0, 0},  {"&&", 1, 0}, {"|", 2, '|'}, {"^", 3, 0},  {"&", 4, '&'},
    {"==", 5, 0},  {"!=", 5, 0}, {"<=", 6, 0},  {">=", 6, 0}, {"<", 6, '<'},
    {">", 6, '>'}, {"in", 6, 0}, {"<<", 7, 0},  {">>", 7, 0}, {"+", 8, 0},
    {"-", 8, 0},   {"*", 9, 0},  {"/", 9, 0},   {"%", 9, 0},
};
enum { BINARIES = sizeof binaries / sizeof *binaries, LEVELS = 10 };

static const struct binary *take_binary(struct parser *p, unsigned level) {
    skip_blanks(p);
    for (unsigned i = 0; i < BINARIES; i++) {
        const struct binary *b = &binaries[i];
        if (b->level != level) continue;
        const char *before = p->at;
        if (!take(p, b->text)) continue;
        if (!b->not_before || *p->at != b->not_before) return b;
        p->at = before;
    }
    return NULL;
}

static uint64_t shift(uint64_t a, uint64_t b, bool left) {
    return b > 63 ? 0 : left ? a << b : a >> b;
}

static uint64_t in_range(struct parser *p, uint64_t a, uint64_t low) {
    if (!take(p, "..")) return fail(p, "'..' is missing");
    const uint64_t high = parse_level(p, 7);
    return a >= low && a < high;
}

static uint64_t apply(struct parser *p, const char *op, uint64_t a, uint64_t b) {
    switch (op[0]) {
    case '|': return op[1] ? a || b : a | b;
    case '&': return op[1] ? a && b : a & b;
    case '^': return a ^ b;
    case '=': return a == b;
    case '!': return a != b;
    case '<': return !op[1] ? a < b : op[1] == '=' ? a <= b : shift(a, b, true);
    case '>': return !op[1] ? a > b : op[1] == '=' ? a >= b : shift(a, b, false);
    case 'i': return in_range(p, a, b);
    case '+': return a + b;
    case '-': return a - b;
    case '*': return a * b;
    case '/': return b ? a / b : fail(p, "division by zero");
    default: return b ? a % b : fail(p, "division by zero");
    }
}

static uint64_t parse_level(struct parser *p, unsigned level) {
    if (level == LEVELS) return parse_unary(p);
    uint64_t a = parse_level(p, level + 1);
    const struct binary *b;
    while (!p->failed && (b = take_binary(p, level))) {
        const uint64_t right = parse_level(p, level + 1);
        a = apply(p, b->text, a, right);
    }
    return a;
}

bool expr_value(struct debugger *d, const char *text, uint64_t *value, struct message *message) {
    struct parser p = {.d = d, .at = text, .message = message};
    *value = parse_all(&p);
    skip_blanks(&p);
    if (!p.failed && *p.at) fail(&p, "not understood");
    return !p.failed;
}

bool expr_word(struct debugger *d, const char *text, uint64_t *value) {
    struct message message;
    if (!text) return out_fail(&d->out, "a value is missing");
    return expr_value(d, text, value, &message) || out_fail(&d->out, "%s", message.text);
}
