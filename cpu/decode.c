// SPDX-License-Identifier: MIT
// The decoder: finds an instruction's row among the few that its key allows, and takes its operands
// apart as the row's format says. Immediates are put together from runs of bits, in the order in
// which the manual's figures show them.
#include "cpu/gen/decode_key.h"
#include "cpu/isa.h"

// Bits that match: (bits & mask) == value, and not all `nonzero` bits clear.
struct row_match {
    uint32_t mask, value, nonzero;
};

#include "decode_table.inc"

static uint8_t reg(uint32_t bits, unsigned lowest) { return (uint8_t)(bits >> lowest & 31); }

// A three-bit register field of a compressed instruction: x8 to x15.
static uint8_t reg3(uint32_t bits, unsigned lowest) { return (uint8_t)(8 + (bits >> lowest & 7)); }

// Moves a run of bits: from..from+count-1 of bits become to..to+count-1 of the result.
static uint32_t run(uint32_t bits, unsigned from, unsigned count, unsigned to) {
    return (bits >> from & ((1u << count) - 1)) << to;
}

static int32_t sign_extend(uint32_t value, unsigned width) {
    const uint32_t sign = 1u << (width - 1);
    return (int32_t)((value ^ sign) - sign);
}

// --- 32-bit formats ------------------------------------------------------------------------------

static void extract_none(struct insn *i, uint32_t bits) { (void)i, (void)bits; }

static void extract_r2(struct insn *i, uint32_t bits) {
    i->rd = reg(bits, 7);
    i->rs1 = reg(bits, 15);
}

static void extract_r(struct insn *i, uint32_t bits) {
    extract_r2(i, bits);
    i->rs2 = reg(bits, 20);
}

static void extract_r2_rm(struct insn *i, uint32_t bits) {
    extract_r2(i, bits);
    i->rm = (uint8_t)run(bits, 12, 3, 0);
}

static void extract_r_rm(struct insn *i, uint32_t bits) {
    extract_r2_rm(i, bits);
    i->rs2 = reg(bits, 20);
}

static void extract_r4_rm(struct insn *i, uint32_t bits) {
    extract_r_rm(i, bits);
    i->rs3 = reg(bits, 27);
}

static void extract_amo(struct insn *i, uint32_t bits) {
    extract_r(i, bits);
    i->rm = (uint8_t)run(bits, 25, 2, 0);
}

static void extract_i(struct insn *i, uint32_t bits) {
    extract_r2(i, bits);
    i->imm = sign_extend(bits >> 20, 12);
}

static void extract_shift(struct insn *i, uint32_t bits) {
    extract_r2(i, bits);
    i->imm = (int32_t)run(bits, 20, 6, 0);
}

static void extract_shiftw(struct insn *i, uint32_t bits) {
    extract_r2(i, bits);
    i->imm = (int32_t)run(bits, 20, 5, 0);
}

static void extract_csr(struct insn *i, uint32_t bits) {
    extract_r2(i, bits);
    i->imm = (int32_t)(bits >> 20);
}

static void extract_s(struct insn *i, uint32_t bits) {
    i->rs1 = reg(bits, 15);
    i->rs2 = reg(bits, 20);
    i->imm = sign_extend(run(bits, 25, 7, 5) | run(bits, 7, 5, 0), 12);
}

static void extract_b(struct insn *i, uint32_t bits) {
    i->rs1 = reg(bits, 15);
    i->rs2 = reg(bits, 20);
    i->imm = sign_extend(
        run(bits, 31, 1, 12) | run(bits, 25, 6, 5) | run(bits, 8, 4, 1) | run(bits, 7, 1, 11), 13);
}

static void extract_u(struct insn *i, uint32_t bits) {
    i->rd = reg(bits, 7);
    i->imm = (int32_t)(bits & 0xfffff000);
}

static void extract_j(struct insn *i, uint32_t bits) {
    i->rd = reg(bits, 7);
    i->imm = sign_extend(run(bits, 31, 1, 20) | run(bits, 21, 10, 1) | run(bits, 20, 1, 11) |
                             run(bits, 12, 8, 12),
                         21);
}

static void extract_fence(struct insn *i, uint32_t bits) { i->imm = (int32_t)(bits >> 20); }

static void extract_sfence(struct insn *i, uint32_t bits) {
    i->rs1 = reg(bits, 15);
    i->rs2 = reg(bits, 20);
}

static void extract_cbo(struct insn *i, uint32_t bits) { i->rs1 = reg(bits, 15); }

// --- 16-bit formats ------------------------------------------------------------------------------

enum { RA = 1, SP = 2 };

static int32_t imm6(uint32_t bits) {
    return sign_extend(run(bits, 12, 1, 5) | run(bits, 2, 5, 0), 6);
}

static void extract_c_addi4spn(struct insn *i, uint32_t bits) {
    i->rd = reg3(bits, 2);
    i->rs1 = SP;
    i->imm = (int32_t)(run(bits, 11, 2, 4) | run(bits, 7, 4, 6) | run(bits, 6, 1, 2) |
                       run(bits, 5, 1, 3));
}

static int32_t offset_of_word(uint32_t bits) {
    return (int32_t)(run(bits, 10, 3, 3) | run(bits, 6, 1, 2) | run(bits, 5, 1, 6));
}

static int32_t offset_of_double(uint32_t bits) {
    return (int32_t)(run(bits, 10, 3, 3) | run(bits, 5, 2, 6));
}

static void extract_c_lw(struct insn *i, uint32_t bits) {
    i->rd = reg3(bits, 2);
    i->rs1 = reg3(bits, 7);
    i->imm = offset_of_word(bits);
}

static void extract_c_ld(struct insn *i, uint32_t bits) {
    i->rd = reg3(bits, 2);
    i->rs1 = reg3(bits, 7);
    i->imm = offset_of_double(bits);
}

static void extract_c_sw(struct insn *i, uint32_t bits) {
    i->rs2 = reg3(bits, 2);
    i->rs1 = reg3(bits, 7);
    i->imm = offset_of_word(bits);
}

static void extract_c_sd(struct insn *i, uint32_t bits) {
    i->rs2 = reg3(bits, 2);
    i->rs1 = reg3(bits, 7);
    i->imm = offset_of_double(bits);
}

static void extract_c_addi(struct insn *i, uint32_t bits) {
    i->rd = i->rs1 = reg(bits, 7);
    i->imm = imm6(bits);
}

static void extract_c_li(struct insn *i, uint32_t bits) {
    i->rd = reg(bits, 7);
    i->imm = imm6(bits);
}

static void extract_c_addi16sp(struct insn *i, uint32_t bits) {
    i->rd = i->rs1 = SP;
    i->imm = sign_extend(run(bits, 12, 1, 9) | run(bits, 6, 1, 4) | run(bits, 5, 1, 6) |
                             run(bits, 3, 2, 7) | run(bits, 2, 1, 5),
                         10);
}

static void extract_c_lui(struct insn *i, uint32_t bits) {
    i->rd = reg(bits, 7);
    i->imm = imm6(bits) * (1 << 12);
}

static void extract_c_srli(struct insn *i, uint32_t bits) {
    i->rd = i->rs1 = reg3(bits, 7);
    i->imm = imm6(bits) & 63;
}

static void extract_c_andi(struct insn *i, uint32_t bits) {
    i->rd = i->rs1 = reg3(bits, 7);
    i->imm = imm6(bits);
}

static void extract_c_sub(struct insn *i, uint32_t bits) {
    i->rd = i->rs1 = reg3(bits, 7);
    i->rs2 = reg3(bits, 2);
}

static void extract_c_j(struct insn *i, uint32_t bits) {
    i->imm = sign_extend(run(bits, 12, 1, 11) | run(bits, 11, 1, 4) | run(bits, 9, 2, 8) |
                             run(bits, 8, 1, 10) | run(bits, 7, 1, 6) | run(bits, 6, 1, 7) |
                             run(bits, 3, 3, 1) | run(bits, 2, 1, 5),
                         12);
}

static void extract_c_beqz(struct insn *i, uint32_t bits) {
    i->rs1 = reg3(bits, 7);
    i->imm = sign_extend(run(bits, 12, 1, 8) | run(bits, 10, 2, 3) | run(bits, 5, 2, 6) |
                             run(bits, 3, 2, 1) | run(bits, 2, 1, 5),
                         9);
}

static void extract_c_slli(struct insn *i, uint32_t bits) {
    i->rd = i->rs1 = reg(bits, 7);
    i->imm = imm6(bits) & 63;
}

static void extract_c_lwsp(struct insn *i, uint32_t bits) {
    i->rd = reg(bits, 7);
    i->rs1 = SP;
    i->imm = (int32_t)(run(bits, 12, 1, 5) | run(bits, 4, 3, 2) | run(bits, 2, 2, 6));
}

static void extract_c_ldsp(struct insn *i, uint32_t bits) {
    i->rd = reg(bits, 7);
    i->rs1 = SP;
    i->imm = (int32_t)(run(bits, 12, 1, 5) | run(bits, 5, 2, 3) | run(bits, 2, 3, 6));
}

static void extract_c_swsp(struct insn *i, uint32_t bits) {
    i->rs2 = reg(bits, 2);
    i->rs1 = SP;
    i->imm = (int32_t)(run(bits, 9, 4, 2) | run(bits, 7, 2, 6));
}

static void extract_c_sdsp(struct insn *i, uint32_t bits) {
    i->rs2 = reg(bits, 2);
    i->rs1 = SP;
    i->imm = (int32_t)(run(bits, 10, 3, 3) | run(bits, 7, 3, 6));
}

static void extract_c_jr(struct insn *i, uint32_t bits) { i->rs1 = reg(bits, 7); }

static void extract_c_jalr(struct insn *i, uint32_t bits) {
    i->rd = RA;
    i->rs1 = reg(bits, 7);
}

static void extract_c_mv(struct insn *i, uint32_t bits) {
    i->rd = reg(bits, 7);
    i->rs2 = reg(bits, 2);
}

static void extract_c_add(struct insn *i, uint32_t bits) {
    i->rd = i->rs1 = reg(bits, 7);
    i->rs2 = reg(bits, 2);
}

typedef void (*extract_fn)(struct insn *insn, uint32_t bits);
static const extract_fn extract[ISA_FORMATS] = {
#define ROW(name, function, operands) [FORMAT_##name] = extract_##function,
#include "cpu/format.def"
#undef ROW
};

// --- Rows ----------------------------------------------------------------------------------------

static enum isa_row find_row(uint32_t bits, extension_set extensions) {
    const uint16_t *row = isa_is_long(bits) ? &candidates[long_list[long_key(bits)]]
                                            : &candidates[short_list[short_key(bits)]];
    for (; *row != ROW_illegal; row++) {
        const struct row_match *match = &row_match[*row];
        if ((bits & match->mask) == match->value &&
            (match->nonzero == 0 || (bits & match->nonzero) != 0) &&
            (row_info[*row].needs & ~extensions) == 0)
            return (enum isa_row) * row;
    }
    return ROW_illegal;
}

struct insn isa_decode(uint32_t bits, extension_set extensions) {
    const bool is_long = isa_is_long(bits);
    if (!is_long) bits &= 0xffff;
    const enum isa_row row = find_row(bits, extensions);
    struct insn insn = {
        .op = row_info[row].op, .row = (uint16_t)row, .length = is_long ? 4 : 2, .bits = bits};
    if (row != ROW_illegal) extract[row_info[row].format](&insn, bits);
    return insn;
}

const struct isa_row_info *isa_row_info(enum isa_row row) { return &row_info[row]; }

enum isa_row isa_op_row(enum op op) {
    static const uint16_t row_of[OPS] = {
#define INSN(name, ...) [OP_##name] = ROW_##name,
#define CINSN(...)
#include "cpu/isa.def"
#undef INSN
#undef CINSN
    };
    return (enum isa_row)row_of[op];
}

const char *isa_op_name(enum op op) { return row_info[isa_op_row(op)].name; }
