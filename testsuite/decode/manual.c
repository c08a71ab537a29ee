// SPDX-License-Identifier: MIT
// See manual.h. Chapters: "RV32/64G Instruction Set Listings" of the unprivileged manual, its
// tables of Zb*, Zicbo* and Svinval, and "Instruction listings" of the privileged one.
#include "testsuite/decode/manual.h"

#include <stddef.h>

enum { WORD = 2, DOUBLE = 3 };

static unsigned field(uint32_t bits, unsigned low, unsigned count) {
    return bits >> low & ((1u << count) - 1);
}
static unsigned rd(uint32_t bits) { return field(bits, 7, 5); }
static unsigned funct3(uint32_t bits) { return field(bits, 12, 3); }
static unsigned rs1(uint32_t bits) { return field(bits, 15, 5); }
static unsigned rs2(uint32_t bits) { return field(bits, 20, 5); }
static unsigned funct7(uint32_t bits) { return field(bits, 25, 7); }
static unsigned funct6(uint32_t bits) { return field(bits, 26, 6); }
static unsigned funct12(uint32_t bits) { return field(bits, 20, 12); }

// A line of eight mnemonics, one a funct3.
#define BY_FUNCT3(...)                                                                             \
    do {                                                                                           \
        static const char *const names[8] = {__VA_ARGS__};                                         \
        return names[funct3(bits)];                                                                \
    } while (0)

static const char *load(uint32_t bits) { BY_FUNCT3("lb", "lh", "lw", "ld", "lbu", "lhu", "lwu"); }
static const char *store(uint32_t bits) { BY_FUNCT3("sb", "sh", "sw", "sd"); }
static const char *load_fp(uint32_t bits) { BY_FUNCT3([WORD] = "flw", [DOUBLE] = "fld"); }
static const char *store_fp(uint32_t bits) { BY_FUNCT3([WORD] = "fsw", [DOUBLE] = "fsd"); }
static const char *branch(uint32_t bits) {
    BY_FUNCT3("beq", "bne", [4] = "blt", "bge", "bltu", "bgeu");
}

// FENCE's fm, predecessor and successor are in the immediate; rd and rs1 are reserved, to be
// ignored.
static const char *fence(uint32_t bits) {
    if (bits == 0x0100000f) return "pause";
    return funct12(bits) == 0x833 ? "fence.tso" : "fence";
}

static const char *misc_mem(uint32_t bits) {
    if (funct3(bits) == 0) return fence(bits);
    if (funct3(bits) == 1) return "fence.i";
    if (funct3(bits) != 2 || rd(bits) != 0) return NULL;
    switch (funct12(bits)) {
    case 0: return "cbo.inval";
    case 1: return "cbo.clean";
    case 2: return "cbo.flush";
    case 4: return "cbo.zero";
    default: return NULL;
    }
}

// Operations of one operand, at funct3 001: a number where rs2 would be.
static const char *unary(uint32_t bits) {
    static const char *const names[32] = {"clz", "ctz", "cpop", [4] = "sext.b", "sext.h"};
    return names[rs2(bits)];
}

static const char *op_imm(uint32_t bits) {
    if (funct3(bits) == 1) {
        switch (funct6(bits)) {
        case 0x00: return "slli";
        case 0x0a: return "bseti";
        case 0x12: return "bclri";
        case 0x1a: return "binvi";
        default: return funct7(bits) == 0x30 ? unary(bits) : NULL;
        }
    }
    if (funct3(bits) == 5) {
        if (funct12(bits) == 0x287) return "orc.b";
        if (funct12(bits) == 0x6b8) return "rev8";
        switch (funct6(bits)) {
        case 0x00: return "srli";
        case 0x10: return "srai";
        case 0x12: return "bexti";
        case 0x18: return "rori";
        default: return NULL;
        }
    }
    BY_FUNCT3("addi", [2] = "slti", "sltiu", "xori", [6] = "ori", "andi");
}

static const char *op_imm_32(uint32_t bits) {
    switch (funct3(bits)) {
    case 0: return "addiw";
    case 1:
        if (funct6(bits) == 0x02) return "slli.uw";
        if (funct7(bits) == 0x00) return "slliw";
        if (funct7(bits) != 0x30) return NULL;
        switch (rs2(bits)) {
        case 0: return "clzw";
        case 1: return "ctzw";
        case 2: return "cpopw";
        default: return NULL;
        }
    case 5:
        if (funct7(bits) == 0x00) return "srliw";
        if (funct7(bits) == 0x20) return "sraiw";
        return funct7(bits) == 0x30 ? "roriw" : NULL;
    default: return NULL;
    }
}

static const char *op(uint32_t bits) {
    switch (funct7(bits)) {
    case 0x00: BY_FUNCT3("add", "sll", "slt", "sltu", "xor", "srl", "or", "and");
    case 0x01: BY_FUNCT3("mul", "mulh", "mulhsu", "mulhu", "div", "divu", "rem", "remu");
    case 0x05: BY_FUNCT3([1] = "clmul", "clmulr", "clmulh", "min", "minu", "max", "maxu");
    case 0x10: BY_FUNCT3([2] = "sh1add", [4] = "sh2add", [6] = "sh3add");
    case 0x14: BY_FUNCT3([1] = "bset");
    case 0x20: BY_FUNCT3("sub", [4] = "xnor", "sra", "orn", "andn");
    case 0x24: BY_FUNCT3([1] = "bclr", [5] = "bext");
    case 0x30: BY_FUNCT3([1] = "rol", [5] = "ror");
    case 0x34: BY_FUNCT3([1] = "binv");
    default: return NULL;
    }
}

static const char *op_32(uint32_t bits) {
    switch (funct7(bits)) {
    case 0x00: BY_FUNCT3("addw", "sllw", [5] = "srlw");
    case 0x01: BY_FUNCT3("mulw", [4] = "divw", "divuw", "remw", "remuw");
    case 0x04:
        if (funct3(bits) == 4) return rs2(bits) == 0 ? "zext.h" : NULL;
        return funct3(bits) == 0 ? "add.uw" : NULL;
    case 0x10: BY_FUNCT3([2] = "sh1add.uw", [4] = "sh2add.uw", [6] = "sh3add.uw");
    case 0x20: BY_FUNCT3("subw", [5] = "sraw");
    case 0x30: BY_FUNCT3([1] = "rolw", [5] = "rorw");
    default: return NULL;
    }
}

// Bits 26 and 25 are aq and rl; the five above them say which.
static const char *amo(uint32_t bits) {
    static const char *const names[32][2] = {
        [0x00] = {"amoadd.w", "amoadd.d"},   [0x01] = {"amoswap.w", "amoswap.d"},
        [0x02] = {"lr.w", "lr.d"},           [0x03] = {"sc.w", "sc.d"},
        [0x04] = {"amoxor.w", "amoxor.d"},   [0x08] = {"amoor.w", "amoor.d"},
        [0x0c] = {"amoand.w", "amoand.d"},   [0x10] = {"amomin.w", "amomin.d"},
        [0x14] = {"amomax.w", "amomax.d"},   [0x18] = {"amominu.w", "amominu.d"},
        [0x1c] = {"amomaxu.w", "amomaxu.d"},
    };
    const unsigned which = field(bits, 27, 5);
    if (funct3(bits) != WORD && funct3(bits) != DOUBLE) return NULL;
    if (which == 2 && rs2(bits) != 0) return NULL;
    return names[which][funct3(bits) - WORD];
}

// The four fused operations: bits 26 and 25 are the format.
static const char *fused(uint32_t bits) {
    static const char *const names[4][4] = {{"fmadd.s", "fmadd.d"},
                                            {"fmsub.s", "fmsub.d"},
                                            {"fnmsub.s", "fnmsub.d"},
                                            {"fnmadd.s", "fnmadd.d"}};
    return names[field(bits, 2, 2)][field(bits, 25, 2)];
}

// A group of OP-FP: the seven bits above are its number with the format, 00 for S and 01 for D.
#define SINGLE_OR_DOUBLE(single, double) (funct7(bits) & 1 ? (double) : (single))

static const char *fp_by_funct3(uint32_t bits, const char *const names[3][2]) {
    return funct3(bits) < 3 ? names[funct3(bits)][funct7(bits) & 1] : NULL;
}

static const char *fp_by_rs2(uint32_t bits, const char *const names[4][2]) {
    return rs2(bits) < 4 ? names[rs2(bits)][funct7(bits) & 1] : NULL;
}

static const char *fp_convert(uint32_t bits) {
    static const char *const to_integer[4][2] = {{"fcvt.w.s", "fcvt.w.d"},
                                                 {"fcvt.wu.s", "fcvt.wu.d"},
                                                 {"fcvt.l.s", "fcvt.l.d"},
                                                 {"fcvt.lu.s", "fcvt.lu.d"}};
    static const char *const from_integer[4][2] = {{"fcvt.s.w", "fcvt.d.w"},
                                                   {"fcvt.s.wu", "fcvt.d.wu"},
                                                   {"fcvt.s.l", "fcvt.d.l"},
                                                   {"fcvt.s.lu", "fcvt.d.lu"}};
    switch (funct7(bits)) {
    case 0x20: return rs2(bits) == 1 ? "fcvt.s.d" : NULL;
    case 0x21: return rs2(bits) == 0 ? "fcvt.d.s" : NULL;
    case 0x60:
    case 0x61: return fp_by_rs2(bits, to_integer);
    default: return fp_by_rs2(bits, from_integer);
    }
}

static const char *fp_move(uint32_t bits) {
    if (rs2(bits) != 0) return NULL;
    if (funct3(bits) == 0) return SINGLE_OR_DOUBLE("fmv.x.w", "fmv.x.d");
    return funct3(bits) == 1 ? SINGLE_OR_DOUBLE("fclass.s", "fclass.d") : NULL;
}

// Where a rounding mode stands, any is decoded: 101 and 110 are the execution's to refuse.
static const char *op_fp(uint32_t bits) {
    static const char *const sign[3][2] = {
        {"fsgnj.s", "fsgnj.d"}, {"fsgnjn.s", "fsgnjn.d"}, {"fsgnjx.s", "fsgnjx.d"}};
    static const char *const extreme[3][2] = {{"fmin.s", "fmin.d"}, {"fmax.s", "fmax.d"}};
    static const char *const compare[3][2] = {
        {"fle.s", "fle.d"}, {"flt.s", "flt.d"}, {"feq.s", "feq.d"}};
    if (field(bits, 25, 2) > 1) return NULL; // H and Q
    switch (field(bits, 27, 5)) {
    case 0x00: return SINGLE_OR_DOUBLE("fadd.s", "fadd.d");
    case 0x01: return SINGLE_OR_DOUBLE("fsub.s", "fsub.d");
    case 0x02: return SINGLE_OR_DOUBLE("fmul.s", "fmul.d");
    case 0x03: return SINGLE_OR_DOUBLE("fdiv.s", "fdiv.d");
    case 0x04: return fp_by_funct3(bits, sign);
    case 0x05: return fp_by_funct3(bits, extreme);
    case 0x08:
    case 0x18:
    case 0x1a: return fp_convert(bits);
    case 0x0b: return rs2(bits) == 0 ? SINGLE_OR_DOUBLE("fsqrt.s", "fsqrt.d") : NULL;
    case 0x14: return fp_by_funct3(bits, compare);
    case 0x1c: return fp_move(bits);
    case 0x1e:
        if (rs2(bits) != 0 || funct3(bits) != 0) return NULL;
        return SINGLE_OR_DOUBLE("fmv.w.x", "fmv.d.x");
    default: return NULL;
    }
}

static const char *privileged(uint32_t bits) {
    if (rd(bits) != 0) return NULL;
    if (funct7(bits) == 0x09) return "sfence.vma";
    if (funct7(bits) == 0x0b) return "sinval.vma";
    if (rs1(bits) != 0) return NULL;
    switch (funct12(bits)) {
    case 0x000: return "ecall";
    case 0x001: return "ebreak";
    case 0x102: return "sret";
    case 0x105: return "wfi";
    case 0x180: return "sfence.w.inval";
    case 0x181: return "sfence.inval.ir";
    case 0x302: return "mret";
    default: return NULL;
    }
}

static const char *system_opcode(uint32_t bits) {
    if (funct3(bits) == 0) return privileged(bits);
    BY_FUNCT3([1] = "csrrw", "csrrs", "csrrc", [5] = "csrrwi", "csrrsi", "csrrci");
}

// "RISC-V base opcode map": bits 6 to 2.
const char *manual_name(uint32_t bits) {
    switch (field(bits, 2, 5)) {
    case 0x00: return load(bits);
    case 0x01: return load_fp(bits);
    case 0x03: return misc_mem(bits);
    case 0x04: return op_imm(bits);
    case 0x05: return "auipc";
    case 0x06: return op_imm_32(bits);
    case 0x08: return store(bits);
    case 0x09: return store_fp(bits);
    case 0x0b: return amo(bits);
    case 0x0c: return op(bits);
    case 0x0d: return "lui";
    case 0x0e: return op_32(bits);
    case 0x10:
    case 0x11:
    case 0x12:
    case 0x13: return fused(bits);
    case 0x14: return op_fp(bits);
    case 0x18: return branch(bits);
    case 0x19: return funct3(bits) == 0 ? "jalr" : NULL;
    case 0x1b: return "jal";
    case 0x1c: return system_opcode(bits);
    default: return NULL;
    }
}
