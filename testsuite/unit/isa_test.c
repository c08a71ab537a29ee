// SPDX-License-Identifier: MIT
// The table of instructions and its decoder: every row is found, and nothing else; the operands of
// the 32-bit formats; what the table says of a row; ISA strings.
#include <criterion/criterion.h>

#include <string.h>

#include "cpu/isa.h"
#include "testsuite/unit/manual_insn.h"
#include "testsuite/unit/random.h"

#define EVERYTHING (~(extension_set)0)

struct table {
    struct pattern pattern[ISA_ROWS];
};

static void read_table(struct table *t) {
    for (unsigned row = 1; row < ISA_ROWS; row++)
        t->pattern[row] = pattern_parse(isa_row_info((enum isa_row)row)->pattern);
}

static const char *name_of(unsigned row) { return isa_row_info((enum isa_row)row)->name; }

// --- Finding the row -----------------------------------------------------------------------------

// The row by trying all of them: of several, the one that fixes the most bits.
static unsigned slow_row(const struct table *t, uint32_t bits, extension_set extensions) {
    unsigned best = ROW_illegal;
    int most = -1;
    for (unsigned row = 1; row < ISA_ROWS; row++) {
        const int fixed = __builtin_popcount(t->pattern[row].mask);
        if ((isa_row_info((enum isa_row)row)->needs & ~extensions) == 0 && fixed > most &&
            pattern_matches(&t->pattern[row], bits)) {
            best = row;
            most = fixed;
        }
    }
    return best;
}

static void check_row(const struct table *t, uint32_t bits, extension_set extensions) {
    const unsigned row = slow_row(t, bits, extensions);
    const struct insn insn = isa_decode(bits, extensions);
    cr_assert_eq(insn.row, row, "%#x is %s, not %s", bits, name_of(row), name_of(insn.row));
    cr_assert_eq(insn.op, isa_row_info((enum isa_row)row)->op, "%#x", bits);
    cr_assert_eq(insn.length, isa_is_long(bits) ? 4 : 2, "%#x", bits);
    cr_assert_eq(insn.bits, bits, "%#x", bits);
}

Test(isa, every_row_is_found) {
    struct table t;
    read_table(&t);
    uint64_t random = 1;
    for (unsigned row = 1; row < ISA_ROWS; row++)
        for (int i = 0; i < 300; i++)
            check_row(&t, pattern_draw(&t.pattern[row], &random), EVERYTHING);
}

Test(isa, a_row_needs_its_extensions) {
    struct table t;
    read_table(&t);
    uint64_t random = 2;
    for (unsigned row = 1; row < ISA_ROWS; row++)
        for (unsigned e = 0; e < EXTENSIONS; e++) {
            if ((isa_row_info((enum isa_row)row)->needs & EXT_BIT(e)) == 0) continue;
            const uint32_t bits = pattern_draw(&t.pattern[row], &random);
            check_row(&t, bits, EVERYTHING & ~EXT_BIT(e));
            cr_expect_neq(isa_decode(bits, EVERYTHING & ~EXT_BIT(e)).row, row, "%s without %s",
                          name_of(row), isa_extension_name(e));
        }
}

Test(isa, drawn_bits_are_a_row_or_illegal) {
    struct table t;
    read_table(&t);
    uint64_t random = 3;
    for (int i = 0; i < 200000; i++) {
        const uint32_t bits = (uint32_t)draw(&random) | 3;
        check_row(&t, bits, isa_default());
        // Bits that lie near a row: one bit of it is wrong.
        const unsigned row = 1 + draw_below(&random, ISA_ROWS - 1);
        const uint32_t near =
            pattern_draw(&t.pattern[row], &random) ^ 1u << draw_below(&random, 32);
        check_row(&t, isa_is_long(near) ? near : near & UINT16_MAX, isa_default());
    }
}

// Two rows that meet are no accident: only these are special cases of others.
Test(isa, special_cases_are_known) {
    struct table t;
    read_table(&t);
    unsigned pairs = 0;
    for (unsigned a = 1; a < ISA_ROWS; a++)
        for (unsigned b = 1; b < ISA_ROWS; b++) {
            const struct pattern *special = &t.pattern[a], *general = &t.pattern[b];
            if (a == b || special->length != general->length ||
                (special->mask & general->mask) != general->mask ||
                ((special->value ^ general->value) & general->mask) != 0 ||
                (general->nonzero != 0 &&
                 ((special->mask & ~special->value) & general->nonzero) == general->nonzero))
                continue;
            pairs++;
            cr_expect(
                (a == ROW_pause && b == ROW_fence) || (a == ROW_fence_tso && b == ROW_fence) ||
                    (a == ROW_c_nop && b == ROW_c_addi) || (a == ROW_c_addi16sp && b == ROW_c_lui),
                "%s is a special case of %s", name_of(a), name_of(b));
        }
    cr_expect_eq(pairs, 4);
}

Test(isa, reserved_encodings_are_illegal) {
    static const struct {
        uint32_t bits;
        const char *what;
    } reserved[] = {
        {0x0000, "all zeroes"},
        {0xffffffff, "all ones"},
        {0x0000001f, "the beginning of a 48-bit instruction"},
        {0x0000003f, "the beginning of a 64-bit instruction"},
        {0x0205151b, "slliw with shamt[5]"},
        {0x4205551b, "sraiw with shamt[5]"},
        {0x80051513, "slli with an unknown funct6"},
        {0x40a50533 ^ 1u << 27, "sub with an unknown funct7"},
        {0x02051013 | 0x04000000, "slli with funct6 000001"},
        {0x00051067, "jalr with funct3 1"},
        {0x00a52063, "a branch with funct3 2"},
        {0x00a53063, "a branch with funct3 3"},
        {0x00057003, "a load with funct3 7"},
        {0x00a54023, "a store with funct3 4"},
        {0x0000200f | 3 << 20, "a cache operation that nobody defined"},
        {0x0000208f, "cbo.inval with rd"},
        {0x1015252f, "lr.w with rs2"},
        {0x1005152f, "lr with width 1"},
        {0x5005252f, "an atomic operation that nobody defined"},
        {0x00054073, "a CSR instruction with funct3 4"},
        {0x000000f3, "ecall with rd"},
        {0x00008073, "ecall with rs1"},
        {0x00200073, "uret"},
        {0x10200173, "sret with rd"},
        {0x120000f3, "sfence.vma with rd"},
        {0x22000073, "hfence.vvma"},
        {0x00051507, "a vector load"},
        {0x04b57553, "fadd with format 2"},
        {0x06b57553, "fadd with format 3"},
        {0x58157553, "fsqrt.s with rs2"},
        {0x20b53553, "fsgnj with funct3 3"},
        {0xc0457553, "fcvt from a type 4"},
        {0x40057553, "fcvt.s.s"},
        {0x0000000b, "custom-0"},
        {0x08a55533, "add.uw's funct7 with the opcode of add"},
        {0x0815453b, "packw, but for zext.h"},
        {0x6985d513 ^ 1u << 20, "rev8 of another order"},
        {0x28755513 ^ 1u << 20, "orc of another width"},
        {0x60351513, "a unary operation that nobody defined"},
    };
    for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++) {
        const struct insn insn = isa_decode(reserved[i].bits, EVERYTHING);
        cr_expect_eq(insn.op, OP_illegal, "%s, %#x, is %s", reserved[i].what, reserved[i].bits,
                     name_of(insn.row));
    }
}

// --- Operands ------------------------------------------------------------------------------------

// The figures of the manual's chapters, by format.
static const struct {
    enum isa_format format;
    const char *figure;
} FIGURES[] = {
    {FORMAT_NONE, "_32"},
    {FORMAT_R, "_7 rs2 rs1 _3 rd _7"},
    {FORMAT_R2, "_12 rs1 _3 rd _7"},
    {FORMAT_I, "imm[11:0] rs1 _3 rd _7"},
    {FORMAT_SHIFT, "_6 uimm[5:0] rs1 _3 rd _7"},
    {FORMAT_SHIFTW, "_7 uimm[4:0] rs1 _3 rd _7"},
    {FORMAT_LOAD, "imm[11:0] rs1 _3 rd _7"},
    {FORMAT_JALR, "imm[11:0] rs1 _3 rd _7"},
    {FORMAT_STORE, "imm[11:5] rs2 rs1 _3 imm[4:0] _7"},
    {FORMAT_B, "imm[12|10:5] rs2 rs1 _3 imm[4:1|11] _7"},
    {FORMAT_U, "imm[31:12] rd _7"},
    {FORMAT_J, "imm[20|10:1|11|19:12] rd _7"},
    {FORMAT_FENCE, "uimm[11:0] _20"},
    {FORMAT_CSR, "uimm[11:0] rs1 _3 rd _7"},
    {FORMAT_CSRI, "uimm[11:0] rs1 _3 rd _7"},
    {FORMAT_SFENCE, "_7 rs2 rs1 _15"},
    {FORMAT_CBO, "_12 rs1 _15"},
    {FORMAT_FP_LOAD, "imm[11:0] rs1 _3 rd _7"},
    {FORMAT_FP_STORE, "imm[11:5] rs2 rs1 _3 imm[4:0] _7"},
    {FORMAT_FP_R4, "rs3 _2 rs2 rs1 rm rd _7"},
    {FORMAT_FP_R_RM, "_7 rs2 rs1 rm rd _7"},
    {FORMAT_FP_R, "_7 rs2 rs1 _3 rd _7"},
    {FORMAT_FP_R2_RM, "_12 rs1 rm rd _7"},
    {FORMAT_FP_CMP, "_7 rs2 rs1 _3 rd _7"},
    {FORMAT_FP_TO_INT, "_12 rs1 _3 rd _7"},
    {FORMAT_FP_TO_INT_RM, "_12 rs1 rm rd _7"},
    {FORMAT_FP_FROM_INT, "_12 rs1 _3 rd _7"},
    {FORMAT_FP_FROM_INT_RM, "_12 rs1 rm rd _7"},
    {FORMAT_FP_WIDEN, "_12 rs1 rm rd _7"},
    {FORMAT_FP_WIDEN_INT, "_12 rs1 rm rd _7"},
};

static const char *figure_of(unsigned format) {
    for (size_t i = 0; i < sizeof FIGURES / sizeof *FIGURES; i++)
        if (FIGURES[i].format == format) return FIGURES[i].figure;
    return NULL;
}

Test(isa, operands_stand_where_the_figures_say) {
    uint64_t random = 4;
    for (unsigned row = 1; row < ISA_ROWS; row++) {
        const struct isa_row_info *info = isa_row_info((enum isa_row)row);
        const struct pattern pattern = pattern_parse(info->pattern);
        if (pattern.length != 32 || info->timing == TIMING_amo || info->timing == TIMING_lrsc)
            continue;
        const char *figure = figure_of(info->format);
        cr_assert_not_null(figure, "%s has a format without a figure", info->name);
        for (int i = 0; i < 200; i++) {
            const uint32_t bits = pattern_draw(&pattern, &random);
            const struct insn got = isa_decode(bits, EVERYTHING);
            if (got.row != row) continue; // a special case of it
            struct insn expected = {0};
            cr_assert(manual_decode(figure, bits, &expected));
            cr_assert(same_operands(&got, &expected), "%#x, %s", bits, info->name);
        }
    }
}

// aq and rl are bits 26 and 25; the unprivileged manual's figure has no name for both together.
Test(isa, atomics_keep_their_ordering_bits_in_rm) {
    for (uint32_t ordering = 0; ordering < 4; ordering++) {
        const struct insn amo = isa_decode(0x00b6252f | ordering << 25, EVERYTHING);
        cr_expect_eq(amo.row, ROW_amoadd_w);
        cr_expect_eq(amo.rm, ordering);
        cr_expect(amo.rd == 10 && amo.rs1 == 12 && amo.rs2 == 11 && amo.imm == 0);
        const struct insn lr = isa_decode(0x1005b52f | ordering << 25, EVERYTHING);
        cr_expect_eq(lr.row, ROW_lr_d);
        cr_expect_eq(lr.rm, ordering);
        cr_expect(lr.rd == 10 && lr.rs1 == 11 && lr.rs2 == 0);
    }
}

// --- What the table says -------------------------------------------------------------------------

static const char *const OPERANDS[ISA_FORMATS] = {
#define ROW(name, extract, operands) operands,
#include "cpu/format.def"
#undef ROW
};

static bool has_flag(const struct isa_row_info *info, enum insn_flag flag) {
    return (info->flags & flag) != 0;
}

Test(isa, flags_agree_with_the_rest_of_the_row) {
    for (unsigned row = 1; row < ISA_ROWS; row++) {
        const struct isa_row_info *info = isa_row_info((enum isa_row)row);
        const char *operands = OPERANDS[info->format];
        const bool is_fp = (info->needs & (EXT_BIT(EXT_f) | EXT_BIT(EXT_d))) != 0;
        cr_expect_eq(has_flag(info, INSN_FP), is_fp, "%s", info->name);
        cr_expect_eq(has_flag(info, INSN_FD), strchr(operands, 'D') != NULL, "%s", info->name);
        cr_expect_eq(has_flag(info, INSN_BRANCH), info->timing == TIMING_branch, "%s", info->name);
        cr_expect_eq(has_flag(info, INSN_JUMP), info->timing == TIMING_jump, "%s", info->name);
        cr_expect_eq(has_flag(info, INSN_INDIRECT), info->timing == TIMING_indirect, "%s",
                     info->name);
        const bool touches_memory = has_flag(info, INSN_LOAD) || has_flag(info, INSN_STORE);
        cr_expect_eq(touches_memory, strstr(operands, "(s)") != NULL && info->op != OP_jalr, "%s",
                     info->name);
    }
}

Test(isa, a_compressed_row_is_like_its_base) {
    for (unsigned row = 1; row < ISA_ROWS; row++) {
        const struct isa_row_info *info = isa_row_info((enum isa_row)row);
        if (strncmp(info->name, "c.", 2) != 0) {
            cr_expect_str_eq(isa_op_name((enum op)info->op), info->name);
            continue;
        }
        const struct isa_row_info *base = NULL;
        for (unsigned other = 1; other < ISA_ROWS && base == NULL; other++)
            if (strcmp(name_of(other), isa_op_name((enum op)info->op)) == 0)
                base = isa_row_info((enum isa_row)other);
        cr_assert_not_null(base, "%s", info->name);
        cr_expect_eq(info->flags, base->flags, "%s", info->name);
        cr_expect_eq(info->timing, base->timing, "%s", info->name);
        cr_expect_eq(info->needs, base->needs | EXT_BIT(EXT_c), "%s", info->name);
    }
}

Test(isa, illegal_has_a_name) {
    cr_expect_str_eq(isa_op_name(OP_illegal), "illegal");
    cr_expect_str_eq(name_of(ROW_illegal), "illegal");
    cr_expect_eq(isa_row_info(ROW_illegal)->flags, 0);
}
