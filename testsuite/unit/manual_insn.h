// SPDX-License-Identifier: MIT
// Instruction formats in the notation of the manual's figures, for tests of the decoder, and the
// patterns of its table.
#ifndef TABLEWALK_TESTSUITE_UNIT_MANUAL_INSN_H
#define TABLEWALK_TESTSUITE_UNIT_MANUAL_INSN_H

#include "cpu/isa.h"

// Takes bits apart as the figure says, from the highest bit on. Its words are
//
//   0 1 101..          bits that must be just so
//   _7                 7 bits that may be anything
//   rd rs1 rs2 rs3 rm  a field; rd/rs1 is two in one
//   rd' ...            a field of three bits, for x8 to x15
//   imm[4:1|11]        these bits of the sign-extended immediate; uimm: not extended; nz in front:
//                      not zero as a whole
//   ...!=2             behind a field: it has another value
//
// Sets the fields of *insn that the figure names. false: bits do not fit the figure.
bool manual_decode(const char *figure, uint32_t bits, struct insn *insn);
bool same_operands(const struct insn *a, const struct insn *b);

// A pattern of cpu/isa.def.
struct pattern {
    unsigned length; // bits
    uint32_t mask, value, nonzero;
};
struct pattern pattern_parse(const char *text);
bool pattern_matches(const struct pattern *p, uint32_t bits);
// Bits that match.
uint32_t pattern_draw(const struct pattern *p, uint64_t *random);

#endif
