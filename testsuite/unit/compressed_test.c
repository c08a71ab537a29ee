// SPDX-License-Identifier: MIT
// All 65,536 compressed encodings against the tables of the unprivileged manual's chapter on C
// ("RVC Instruction Set Listings", the columns for RV64).
#include <criterion/criterion.h>

#include "cpu/isa.h"
#include "testsuite/unit/manual_insn.h"

// A line of the listings: the figure, and the expansion: a base instruction with these fields where
// the figure has none. The first that fits counts.
struct listing {
    const char *name, *figure, *base;
    struct insn fields;
};

enum { RA = 1, SP = 2 };

static const struct listing LISTINGS[] = {
    {"c.addi4spn", "000 nzuimm[5:4|9:6|2|3] rd' 00", "addi", {.rs1 = SP}},
    {"c.fld", "001 uimm[5:3] rs1' uimm[7:6] rd' 00", "fld", {0}},
    {"c.lw", "010 uimm[5:3] rs1' uimm[2|6] rd' 00", "lw", {0}},
    {"c.ld", "011 uimm[5:3] rs1' uimm[7:6] rd' 00", "ld", {0}},
    {"c.fsd", "101 uimm[5:3] rs1' uimm[7:6] rs2' 00", "fsd", {0}},
    {"c.sw", "110 uimm[5:3] rs1' uimm[2|6] rs2' 00", "sw", {0}},
    {"c.sd", "111 uimm[5:3] rs1' uimm[7:6] rs2' 00", "sd", {0}},

    {"c.nop", "000 0 00000 00000 01", "addi", {0}},
    {"c.addi", "000 imm[5] rd/rs1 imm[4:0] 01", "addi", {0}}, // to x0, or 0: a HINT
    {"c.addiw", "001 imm[5] rd/rs1!=0 imm[4:0] 01", "addiw", {0}},
    {"c.li", "010 imm[5] rd imm[4:0] 01", "addi", {0}}, // to x0: a HINT
    {"c.addi16sp", "011 nzimm[9] 00010 nzimm[4|6|8:7|5] 01", "addi", {.rd = SP, .rs1 = SP}},
    {"c.lui", "011 nzimm[17] rd!=2 nzimm[16:12] 01", "lui", {0}},    // to x0: a HINT
    {"c.srli", "100 uimm[5] 00 rd'/rs1' uimm[4:0] 01", "srli", {0}}, // by 0: a HINT
    {"c.srai", "100 uimm[5] 01 rd'/rs1' uimm[4:0] 01", "srai", {0}},
    {"c.andi", "100 imm[5] 10 rd'/rs1' imm[4:0] 01", "andi", {0}},
    {"c.sub", "100 0 11 rd'/rs1' 00 rs2' 01", "sub", {0}},
    {"c.xor", "100 0 11 rd'/rs1' 01 rs2' 01", "xor", {0}},
    {"c.or", "100 0 11 rd'/rs1' 10 rs2' 01", "or", {0}},
    {"c.and", "100 0 11 rd'/rs1' 11 rs2' 01", "and", {0}},
    {"c.subw", "100 1 11 rd'/rs1' 00 rs2' 01", "subw", {0}},
    {"c.addw", "100 1 11 rd'/rs1' 01 rs2' 01", "addw", {0}},
    {"c.j", "101 imm[11|4|9:8|10|6|7|3:1|5] 01", "jal", {0}},
    {"c.beqz", "110 imm[8|4:3] rs1' imm[7:6|2:1|5] 01", "beq", {0}},
    {"c.bnez", "111 imm[8|4:3] rs1' imm[7:6|2:1|5] 01", "bne", {0}},

    {"c.slli", "000 uimm[5] rd/rs1 uimm[4:0] 10", "slli", {0}}, // of x0, or by 0: a HINT
    {"c.fldsp", "001 uimm[5] rd uimm[4:3|8:6] 10", "fld", {.rs1 = SP}},
    {"c.lwsp", "010 uimm[5] rd!=0 uimm[4:2|7:6] 10", "lw", {.rs1 = SP}},
    {"c.ldsp", "011 uimm[5] rd!=0 uimm[4:3|8:6] 10", "ld", {.rs1 = SP}},
    {"c.jr", "100 0 rs1!=0 00000 10", "jalr", {0}},
    {"c.mv", "100 0 rd rs2!=0 10", "add", {0}}, // to x0: a HINT
    {"c.ebreak", "100 1 00000 00000 10", "ebreak", {0}},
    {"c.jalr", "100 1 rs1!=0 00000 10", "jalr", {.rd = RA}},
    {"c.add", "100 1 rd/rs1 rs2!=0 10", "add", {0}}, // to x0: a HINT
    {"c.fsdsp", "101 uimm[5:3|8:6] rs2 10", "fsd", {.rs1 = SP}},
    {"c.swsp", "110 uimm[5:2|7:6] rs2 10", "sw", {.rs1 = SP}},
    {"c.sdsp", "111 uimm[5:3|8:6] rs2 10", "sd", {.rs1 = SP}},
};
enum { LISTED = sizeof LISTINGS / sizeof *LISTINGS };

static const struct listing *find(uint32_t bits, struct insn *fields) {
    for (size_t i = 0; i < LISTED; i++) {
        *fields = LISTINGS[i].fields;
        if (manual_decode(LISTINGS[i].figure, bits, fields)) return &LISTINGS[i];
    }
    *fields = (struct insn){0};
    return NULL;
}

Test(compressed, every_encoding_is_what_the_manual_lists) {
    for (uint32_t bits = 0; bits <= UINT16_MAX; bits++) {
        if (isa_is_long(bits)) continue;
        struct insn expected;
        const struct listing *listing = find(bits, &expected);
        // What follows in memory is none of its business.
        const struct insn insn = isa_decode(bits | 0xa5a50000, isa_default());
        const char *base = isa_op_name((enum op)insn.op);
        const char *name = isa_row_info((enum isa_row)insn.row)->name;
        cr_assert_eq(insn.length, 2, "%#x", bits);
        cr_assert_eq(insn.bits, bits, "%#x", bits);
        cr_assert_str_eq(name, listing ? listing->name : "illegal", "%#x is %s", bits, name);
        cr_assert_str_eq(base, listing ? listing->base : "illegal", "%#x does %s", bits, base);
        cr_assert(same_operands(&insn, &expected), "%#x, %s: %u, %u, %u, %d for %u, %u, %u, %d",
                  bits, name, insn.rd, insn.rs1, insn.rs2, insn.imm, expected.rd, expected.rs1,
                  expected.rs2, expected.imm);
    }
}

static unsigned count_legal(uint32_t quadrant, extension_set extensions) {
    unsigned legal = 0;
    for (uint32_t bits = quadrant; bits <= UINT16_MAX; bits += 4)
        if (isa_decode(bits, extensions).op != OP_illegal) legal++;
    return legal;
}

// An opcode and funct3 leave 11 bits, 2048 encodings. What the manual reserves is taken off.
Test(compressed, as_many_are_legal_as_the_manual_leaves) {
    const extension_set all = isa_default();
    cr_expect_eq(count_legal(0, all), 7 * 2048 - 8, "c.addi4spn has 8 with immediate 0");
    cr_expect_eq(count_legal(1, all), 8 * 2048 - 64 - 32 - 128,
                 "c.addiw to x0; c.lui and c.addi16sp by 0; two funct2 of c.subw");
    cr_expect_eq(count_legal(2, all), 8 * 2048 - 2 * 64 - 1, "c.lwsp and c.ldsp to x0; c.jr of x0");
}

Test(compressed, loads_and_stores_of_doubles_need_d) {
    const extension_set without = isa_default() & ~EXT_BIT(EXT_d);
    cr_expect_eq(count_legal(0, without), 5 * 2048 - 8);
    cr_expect_eq(count_legal(1, without), 8 * 2048 - 64 - 32 - 128);
    cr_expect_eq(count_legal(2, without), 6 * 2048 - 2 * 64 - 1);
}

Test(compressed, none_is_legal_without_c) {
    for (uint32_t quadrant = 0; quadrant < 3; quadrant++)
        cr_expect_eq(count_legal(quadrant, isa_default() & ~EXT_BIT(EXT_c)), 0);
}
