// SPDX-License-Identifier: MIT
// The disassembler: an interpreter of the letters of cpu/format.def.
#include <inttypes.h>
#include <string.h>

#include "cpu/hart.h"
#include "cpu/isa.h"
#include "cpu/text.h"

static const char *const X_NAME[] = {
    "zero", "ra", "sp", "gp", "tp",  "t0",  "t1", "t2", "s0", "s1", "a0",
    "a1",   "a2", "a3", "a4", "a5",  "a6",  "a7", "s2", "s3", "s4", "s5",
    "s6",   "s7", "s8", "s9", "s10", "s11", "t3", "t4", "t5", "t6",
};
static const char *const F_NAME[] = {
    "ft0", "ft1", "ft2", "ft3", "ft4",  "ft5",  "ft6", "ft7", "fs0",  "fs1",  "fa0",
    "fa1", "fa2", "fa3", "fa4", "fa5",  "fa6",  "fa7", "fs2", "fs3",  "fs4",  "fs5",
    "fs6", "fs7", "fs8", "fs9", "fs10", "fs11", "ft8", "ft9", "ft10", "ft11",
};
static const char *const ROUNDING[] = {"rne", "rtz",     "rdn",     "rup",
                                       "rmm", "unknown", "unknown", "dyn"};
static const char *const ORDERING[] = {"", ".rl", ".aq", ".aqrl"};

static const char *const OPERANDS[ISA_FORMATS] = {
#define ROW(name, extract, operands) operands,
#include "cpu/format.def"
#undef ROW
};

const char *isa_format_operands(enum isa_format format) { return OPERANDS[format]; }

// Input, output, memory reads and writes, as far as the set names them.
static void add_fence_set(struct text *out, int32_t set) {
    if ((set & 15) == 0) text_add(out, "unknown"); // objdump's word
    for (int bit = 3; bit >= 0; bit--)
        if ((set >> bit & 1) != 0) text_add(out, "%c", "wroi"[bit]);
}

static void add_csr(struct text *out, int32_t number) {
    const char *name = csr_name((unsigned)number);
    if (name != NULL)
        text_add(out, "%s", name);
    else
        text_add(out, "0x%" PRIx32, (uint32_t)number);
}

static void add_rounding(struct text *out, uint8_t mode, enum fp_round usual) {
    if (mode != usual) text_add(out, ",%s", ROUNDING[mode]);
}

static void add_operand(struct text *out, char letter, const struct insn *i, uint64_t pc) {
    switch (letter) {
    case 'd': text_add(out, "%s", X_NAME[i->rd]); break;
    case 's': text_add(out, "%s", X_NAME[i->rs1]); break;
    case 't': text_add(out, "%s", X_NAME[i->rs2]); break;
    case 'D': text_add(out, "%s", F_NAME[i->rd]); break;
    case 'S': text_add(out, "%s", F_NAME[i->rs1]); break;
    case 'T': text_add(out, "%s", F_NAME[i->rs2]); break;
    case 'R': text_add(out, "%s", F_NAME[i->rs3]); break;
    case 'j': text_add(out, "%" PRId32, i->imm); break;
    case '>': text_add(out, "0x%" PRIx32, (uint32_t)i->imm); break;
    case 'u': text_add(out, "0x%" PRIx32, (uint32_t)i->imm >> 12); break;
    case 'p': text_add(out, "0x%" PRIx64, pc + (uint64_t)(int64_t)i->imm); break;
    case 'E': add_csr(out, i->imm); break;
    case 'Z': text_add(out, "%d", i->rs1); break;
    case 'P': add_fence_set(out, i->imm >> 4); break;
    case 'Q': add_fence_set(out, i->imm); break;
    case 'm': add_rounding(out, i->rm, FP_DYN); break;
    case 'e': add_rounding(out, i->rm, FP_RNE); break;
    case 'A': text_add(out, "%s", ORDERING[i->rm]); break;
    default: text_add(out, "%c", letter);
    }
}

size_t isa_disassemble(const struct insn *insn, uint64_t pc, char *text, size_t size) {
    struct text out = {text, size, 0};
    if (insn->row == ROW_illegal) {
        text_add(&out, ".%dbyte 0x%" PRIx32, insn->length, insn->bits);
        return out.length;
    }
    const struct isa_row_info *row = isa_row_info((enum isa_row)insn->row);
    text_add(&out, "%s", row->name);
    for (const char *p = OPERANDS[row->format]; *p != '\0'; p++) add_operand(&out, *p, insn, pc);
    return out.length;
}
