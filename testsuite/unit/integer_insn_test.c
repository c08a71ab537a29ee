// SPDX-License-Identifier: MIT
// The integer instructions on a hart, against what the manual says of them, put in another way than
// the bodies have it: bit by bit where they use a trick of the host. All fields are drawn, so each
// instruction meets x0, and destinations that are sources. Each runs often enough to be native code
// in the end; once more on a hart that only interprets.
#include "testsuite/unit/bench.h"
#include "testsuite/unit/manual_insn.h"
#include "testsuite/unit/random.h"

#include <inttypes.h>

enum { WORDS = 12, DRAWS = 100, REGISTERS = 32 };

// --- What the manual says ------------------------------------------------------------------------

#define S(v)   ((int64_t)(v))
#define LOW(v) ((uint32_t)(v))

static uint64_t word(uint64_t v) { return (v & 0x7fffffff) - (v & 0x80000000); }

// Upper half of the unsigned product, by the four products of halves.
static uint64_t high(uint64_t a, uint64_t b) {
    const uint64_t a0 = LOW(a), a1 = a >> 32, b0 = LOW(b), b1 = b >> 32;
    const uint64_t middle = a1 * b0 + (a0 * b0 >> 32);
    return a1 * b1 + (middle >> 32) + ((LOW(middle) + a0 * b1) >> 32);
}
// A negative factor counts 2^64 less than as an unsigned number.
static uint64_t high_ss(uint64_t a, uint64_t b) {
    return high(a, b) - (S(a) < 0 ? b : 0) - (S(b) < 0 ? a : 0);
}
static uint64_t high_su(uint64_t a, uint64_t b) { return high(a, b) - (S(a) < 0 ? b : 0); }

static uint64_t magnitude(uint64_t v) { return S(v) < 0 ? 0 - v : v; }

// The quotient of magnitudes, truncated, and the sign given back: no overflow to be told apart.
static uint64_t quotient(uint64_t a, uint64_t b) {
    if (b == 0) return ~UINT64_C(0);
    const uint64_t q = magnitude(a) / magnitude(b);
    return (S(a) < 0) != (S(b) < 0) ? 0 - q : q;
}
static uint64_t quotient_u(uint64_t a, uint64_t b) { return b == 0 ? ~UINT64_C(0) : a / b; }
static uint64_t rest(uint64_t a, uint64_t b) { return b == 0 ? a : a - quotient(a, b) * b; }
static uint64_t rest_u(uint64_t a, uint64_t b) { return b == 0 ? a : a - quotient_u(a, b) * b; }

// Shifts of a word of the given width, a place at a time.
static uint64_t left(uint64_t v, uint64_t by) {
    for (; by > 0; by--) v += v;
    return v;
}
static uint64_t right(uint64_t v, uint64_t by) {
    for (; by > 0; by--) v /= 2;
    return v;
}
static uint64_t right_signed(uint64_t v, uint64_t by) {
    for (; by > 0; by--) v = v / 2 | (v & (UINT64_C(1) << 63));
    return v;
}
static uint64_t rotate(uint64_t v, uint64_t by, unsigned width) {
    uint64_t result = 0;
    for (unsigned i = 0; i < width; i++)
        if ((v >> i & 1) != 0) result |= UINT64_C(1) << (i + by) % width;
    return result;
}

static uint64_t count(uint64_t v, unsigned width) {
    uint64_t ones = 0;
    for (unsigned i = 0; i < width; i++) ones += v >> i & 1;
    return ones;
}
static uint64_t leading(uint64_t v, unsigned width) {
    unsigned zeros = 0;
    while (zeros < width && (v >> (width - 1 - zeros) & 1) == 0) zeros++;
    return zeros;
}
static uint64_t trailing(uint64_t v, unsigned width) {
    unsigned zeros = 0;
    while (zeros < width && (v >> zeros & 1) == 0) zeros++;
    return zeros;
}

// Byte i of the result is made of byte i, or of byte 7 - i.
static uint64_t bytes(uint64_t v, bool reverse, bool combine) {
    uint64_t result = 0;
    for (unsigned i = 0; i < 8; i++) {
        const uint64_t byte = v >> 8 * (reverse ? 7 - i : i) & 0xff;
        result |= (combine ? (byte != 0 ? UINT64_C(0xff) : 0) : byte) << 8 * i;
    }
    return result;
}

// Bits first to first + 63 of the product without carries.
static uint64_t carryless(uint64_t a, uint64_t b, unsigned first) {
    uint64_t result = 0;
    for (unsigned place = first; place < first + 64; place++)
        for (unsigned i = 0; i < 64; i++)
            if (place >= i && place - i < 64)
                result ^= ((a >> i & 1) & (b >> (place - i) & 1)) << (place - first);
    return result;
}

// OP(name, result): a is rs1 (the instruction's address for auipc), b is rs2 or the immediate.
#define FOR_EACH_OPERATION(OP)                                                                     \
    OP(lui, b)                                                                                     \
    OP(auipc, a + b)                                                                               \
    OP(addi, a + b)                                                                                \
    OP(slti, S(a) < S(b))                                                                          \
    OP(sltiu, a < b)                                                                               \
    OP(xori, (a | b) - (a & b))                                                                    \
    OP(ori, ~(~a & ~b))                                                                            \
    OP(andi, ~(~a | ~b))                                                                           \
    OP(slli, left(a, b))                                                                           \
    OP(srli, right(a, b))                                                                          \
    OP(srai, right_signed(a, b))                                                                   \
    OP(add, a + b)                                                                                 \
    OP(sub, 1 + ~b + a)                                                                            \
    OP(sll, left(a, b % 64))                                                                       \
    OP(slt, S(a) < S(b))                                                                           \
    OP(sltu, a < b)                                                                                \
    OP(xor, (a | b) - (a & b))                                                                     \
    OP(srl, right(a, b % 64))                                                                      \
    OP(sra, right_signed(a, b % 64))                                                               \
    OP(or, ~(~a & ~b))                                                                             \
    OP(and, ~(~a | ~b))                                                                            \
    OP(addiw, word(a + b))                                                                         \
    OP(slliw, word(left(a, b)))                                                                    \
    OP(srliw, word(right(LOW(a), b)))                                                              \
    OP(sraiw, right_signed(word(a), b))                                                            \
    OP(addw, word(a + b))                                                                          \
    OP(subw, word(a - b))                                                                          \
    OP(sllw, word(left(a, b % 32)))                                                                \
    OP(srlw, word(right(LOW(a), b % 32)))                                                          \
    OP(sraw, right_signed(word(a), b % 32))                                                        \
    OP(mul, a *b)                                                                                  \
    OP(mulh, high_ss(a, b))                                                                        \
    OP(mulhsu, high_su(a, b))                                                                      \
    OP(mulhu, high(a, b))                                                                          \
    OP(mulw, word(a *b))                                                                           \
    OP(div, quotient(a, b))                                                                        \
    OP(divu, quotient_u(a, b))                                                                     \
    OP(rem, rest(a, b))                                                                            \
    OP(remu, rest_u(a, b))                                                                         \
    OP(divw, word(quotient(word(a), word(b))))                                                     \
    OP(divuw, word(quotient_u(LOW(a), LOW(b))))                                                    \
    OP(remw, word(rest(word(a), word(b))))                                                         \
    OP(remuw, word(rest_u(LOW(a), LOW(b))))                                                        \
    OP(add_uw, LOW(a) + b)                                                                         \
    OP(sh1add, a * 2 + b)                                                                          \
    OP(sh2add, a * 4 + b)                                                                          \
    OP(sh3add, a * 8 + b)                                                                          \
    OP(sh1add_uw, UINT64_C(2) * LOW(a) + b)                                                        \
    OP(sh2add_uw, UINT64_C(4) * LOW(a) + b)                                                        \
    OP(sh3add_uw, UINT64_C(8) * LOW(a) + b)                                                        \
    OP(slli_uw, left(LOW(a), b))                                                                   \
    OP(andn, a - (a & b))                                                                          \
    OP(orn, ~(b - (a & b)))                                                                        \
    OP(xnor, (a & b) + (~a & ~b))                                                                  \
    OP(clz, leading(a, 64))                                                                        \
    OP(ctz, trailing(a, 64))                                                                       \
    OP(cpop, count(a, 64))                                                                         \
    OP(clzw, leading(a, 32))                                                                       \
    OP(ctzw, trailing(a, 32))                                                                      \
    OP(cpopw, count(a, 32))                                                                        \
    OP(sext_b, (a & 0x7f) - (a & 0x80))                                                            \
    OP(sext_h, (a & 0x7fff) - (a & 0x8000))                                                        \
    OP(zext_h, a % 0x10000)                                                                        \
    OP(min, S(a) <= S(b) ? a : b)                                                                  \
    OP(minu, a <= b ? a : b)                                                                       \
    OP(max, S(a) >= S(b) ? a : b)                                                                  \
    OP(maxu, a >= b ? a : b)                                                                       \
    OP(rol, rotate(a, b % 64, 64))                                                                 \
    OP(ror, rotate(a, 64 - b % 64, 64))                                                            \
    OP(rori, rotate(a, 64 - b, 64))                                                                \
    OP(rolw, word(rotate(a, b % 32, 32)))                                                          \
    OP(rorw, word(rotate(a, 32 - b % 32, 32)))                                                     \
    OP(roriw, word(rotate(a, 32 - b, 32)))                                                         \
    OP(orc_b, bytes(a, false, true))                                                               \
    OP(rev8, bytes(a, true, false))                                                                \
    OP(clmul, carryless(a, b, 0))                                                                  \
    OP(clmulr, carryless(a, b, 63))                                                                \
    OP(clmulh, carryless(a, b, 64))                                                                \
    OP(bclr, a - (a & left(1, b % 64)))                                                            \
    OP(bext, right(a, b % 64) % 2)                                                                 \
    OP(binv, a + left(1, b % 64) - 2 * (a & left(1, b % 64)))                                      \
    OP(bset, a + (~a & left(1, b % 64)))                                                           \
    OP(bclri, a - (a & left(1, b)))                                                                \
    OP(bexti, right(a, b) % 2)                                                                     \
    OP(binvi, a + left(1, b) - 2 * (a & left(1, b)))                                               \
    OP(bseti, a + (~a & left(1, b)))

#define DEFINE(name, result)                                                                       \
    static uint64_t want_##name(uint64_t a, uint64_t b) {                                          \
        (void)a, (void)b;                                                                          \
        return (uint64_t)(result);                                                                 \
    }
FOR_EACH_OPERATION(DEFINE)

static const struct operation {
    enum isa_row row;
    uint64_t (*want)(uint64_t a, uint64_t b);
} OPERATIONS[] = {
#define LIST(name, result) {ROW_##name, want_##name},
    FOR_EACH_OPERATION(LIST)};
enum { OPERATION_COUNT = sizeof OPERATIONS / sizeof *OPERATIONS };

// --- Running them --------------------------------------------------------------------------------

// Sets all registers, often to nothing but numbers at which something changes sides, so that two of
// them meet.
static void draw_registers(uint64_t *x, uint64_t *random) {
    static const uint64_t edges[] = {0,
                                     1,
                                     0x7fffffff,
                                     0x80000000,
                                     0xffffffff,
                                     0xffffffff80000000,
                                     0x7fffffffffffffff,
                                     0x8000000000000000,
                                     0xffffffffffffffff};
    const bool only_edges = one_in(random, 3);
    for (unsigned i = 1; i < REGISTERS; i++) {
        const uint64_t edge = edges[draw_below(random, sizeof edges / sizeof *edges)];
        const int64_t drawn = (int64_t)draw(random);
        x[i] = only_edges ? edge : (uint64_t)(drawn >> draw_below(random, 64));
    }
}

// Runs the loop at pc once, from drawn registers, and compares them all.
static void check_once(struct bench *b, const struct operation *op, const struct insn *insn,
                       uint64_t pc, uint64_t *random) {
    struct hart *h = b->h;
    uint64_t want[REGISTERS] = {0}, executed;
    draw_registers(want, random);
    memcpy(h->x, want, sizeof want);
    const bool has_rs2 = isa_row_info(op->row)->format == FORMAT_R;
    const uint64_t a = op->row == ROW_auipc ? pc : want[insn->rs1];
    const uint64_t second = has_rs2 ? want[insn->rs2] : (uint64_t)(int64_t)insn->imm;
    if (insn->rd != 0) want[insn->rd] = op->want(a, second);
    h->pc = pc;
    cr_assert_eq(hart_run(h, 2, &executed), EXIT_BUDGET);
    cr_assert_eq(h->pc, pc);
    for (unsigned i = 0; i < REGISTERS; i++)
        cr_assert_eq(h->x[i], want[i],
                     "%s, %#" PRIx32 ": x%u is %#" PRIx64 " for %#" PRIx64 ", of %#" PRIx64
                     " and %#" PRIx64,
                     isa_row_info(op->row)->name, insn->bits, i, h->x[i], want[i], a, second);
}

static void check_all(bool interpret) {
    struct bench *b = bench_create(interpret);
    uint64_t random = 6;
    for (unsigned i = 0; i < OPERATION_COUNT; i++) {
        const struct operation *op = &OPERATIONS[i];
        const struct pattern pattern = pattern_parse(isa_row_info(op->row)->pattern);
        for (int word = 0; word < WORDS; word++) {
            const struct insn insn = isa_decode(pattern_draw(&pattern, &random), isa_default());
            cr_assert_eq(insn.row, op->row);
            const uint64_t pc = write_loop(b, insn.bits);
            for (int n = 0; n < DRAWS; n++) check_once(b, op, &insn, pc, &random);
        }
    }
    bench_destroy(b);
}

Test(integer_insn, results_are_the_manuals) { check_all(false); }

Test(integer_insn, results_are_the_manuals_when_interpreted) { check_all(true); }

// Everything that reads registers, or none, and writes one, is in the table above.
Test(integer_insn, none_is_left_out) {
    for (unsigned row = 1; row < ISA_ROWS; row++) {
        const struct isa_row_info *info = isa_row_info((enum isa_row)row);
        const bool computes = info->timing == TIMING_alu || info->timing == TIMING_mul ||
                              info->timing == TIMING_mulw || info->timing == TIMING_div ||
                              info->timing == TIMING_divw;
        bool listed = false;
        for (unsigned i = 0; i < OPERATION_COUNT; i++) listed |= OPERATIONS[i].row == row;
        cr_expect_eq(listed, computes && strncmp(info->name, "c.", 2) != 0, "%s", info->name);
    }
}
