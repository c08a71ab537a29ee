// SPDX-License-Identifier: MIT
// Instructions as data: what cpu/isa.def says, as enums, a decoder and a disassembler. A row of
// that table is one instruction; a compressed row names the base instruction that it expands to and
// shares its body. Nothing here executes anything.
#ifndef TABLEWALK_CPU_ISA_H
#define TABLEWALK_CPU_ISA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Extensions, as bits of a set: which rows exist on this hart (`--isa=`). cpu/extension.def has a
// row each: name as in the ISA string, whether it is on by default, what it implies.
enum extension {
#define ROW(name, ...) EXT_##name,
#include "cpu/extension.def"
#undef ROW
    EXTENSIONS
};

// Every body: base instructions only.
enum op {
    OP_illegal,
#define INSN(name, ...) OP_##name,
#define CINSN(...)
#include "cpu/isa.def"
#undef INSN
#undef CINSN
    OPS
};

// Every row, compressed ones too: for disassembly and for coverage.
enum isa_row {
    ROW_illegal,
#define INSN(name, ...)  ROW_##name,
#define CINSN(name, ...) ROW_##name,
#include "cpu/isa.def"
#undef INSN
#undef CINSN
    ISA_ROWS
};

// Formats and timing classes, as the rows of the tables name them.
enum isa_format {
#define ROW(name, ...) FORMAT_##name,
#include "cpu/format.def"
#undef ROW
    ISA_FORMATS
};
enum isa_timing {
#define ROW(name, ...) TIMING_##name,
#include "cpu/timing.def"
#undef ROW
    ISA_TIMINGS
};

// A decoded instruction. Fields that its format lacks are 0. Registers of both files are 0 to 31.
struct insn {
    uint16_t op;  // enum op
    uint16_t row; // enum isa_row
    uint8_t rd, rs1, rs2, rs3;
    uint8_t rm;     // FP rounding mode field; aq and rl (bits 1 and 0) for atomics
    uint8_t length; // bytes: 2 or 4
    int32_t imm;    // sign-extended immediate; shift amount; CSR number; uimm of CSR*I stays in rs1
    uint32_t bits;  // 16 or 32 bits as fetched, zero-extended
};

typedef uint64_t extension_set;
#define EXT_BIT(e) (UINT64_C(1) << (e))

// Is this the first half of a 32-bit instruction?
static inline bool isa_is_long(uint32_t bits) { return (bits & 3) == 3; }

// Decodes bits (the upper half is ignored for a compressed instruction). Bits that no row of the
// extensions matches, reserved forms among them, give OP_illegal with their length and bits.
struct insn isa_decode(uint32_t bits, extension_set extensions);

// Writes the assembly text, as objdump would with no aliases, at most size bytes with the final 0.
// pc makes branch targets absolute. Returns the length without the 0.
size_t isa_disassemble(const struct insn *insn, uint64_t pc, char *text, size_t size);

// What the table says of a row or an op.
struct isa_row_info {
    const char *name; // mnemonic, with dots
    const char *pattern;
    uint8_t extension, timing, format;
    uint16_t op, flags;
    extension_set needs; // the row's extension, and its base's
};
const struct isa_row_info *isa_row_info(enum isa_row row);
const char *isa_op_name(enum op op);
// The row of the base instruction.
enum isa_row isa_op_row(enum op op);
// The operands of a format, in the letters of cpu/format.def.
const char *isa_format_operands(enum isa_format format);

// Flags of a row.
enum insn_flag {
    INSN_BRANCH = 1,   // conditional branch: ends a block, two ways on
    INSN_JUMP = 2,     // jal: ends a block, one way on
    INSN_INDIRECT = 4, // jalr
    INSN_SYSTEM = 8,   // may change mode, translation or interrupts: ends a block
    INSN_LOAD = 16,
    INSN_STORE = 32,
    INSN_FP = 64,  // illegal while mstatus.FS is Off
    INSN_FD = 128, // rd names a floating point register (no SINK for register 0)
};

// Extensions from an ISA string ("rv64gc_zba_zbb", "rv64imac", "RV64GCSU_Sstc" …). false: *error
// points at the part of the string that is not understood or not supported.
bool isa_parse(const char *string, extension_set *extensions, const char **error);
// The extensions of a hart that nobody narrowed.
extension_set isa_default(void);
// The string for the device tree's riscv,isa; and the n-th name for riscv,isa-extensions or NULL.
size_t isa_string(extension_set extensions, char *text, size_t size);
const char *isa_extension_name(enum extension e);

#endif
