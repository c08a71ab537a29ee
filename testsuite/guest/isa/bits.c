// SPDX-License-Identifier: MIT
// Zba, Zbb, Zbc and Zbs: one row an instruction and a pair of operands, with the result worked out
// by hand from the manual.
#include "guest.h"

#define TWO(name)          SNIPPET(op_##name, #name " a0, a0, a1");
#define ONE(name)          SNIPPET(op_##name, #name " a0, a0");
#define IMMEDIATE(name, n) SNIPPET(op_##name##_##n, #name " a0, a0, " #n);
#define DOTTED(id, text)   SNIPPET(op_##id, text " a0, a0");

// clang-format off
TWO(sh1add) TWO(sh2add) TWO(sh3add) TWO(andn) TWO(orn) TWO(xnor) TWO(min) TWO(max) TWO(minu)
TWO(maxu) TWO(rol) TWO(ror) TWO(rolw) TWO(rorw) TWO(clmul) TWO(clmulh) TWO(clmulr) TWO(bclr)
TWO(bext) TWO(binv) TWO(bset) ONE(clz) ONE(clzw) ONE(ctz) ONE(ctzw) ONE(cpop) ONE(cpopw)
ONE(rev8) IMMEDIATE(rori, 63) IMMEDIATE(roriw, 31) IMMEDIATE(bclri, 63) IMMEDIATE(bexti, 63)
IMMEDIATE(binvi, 32) IMMEDIATE(bseti, 63) DOTTED(sext_b, "sext.b") DOTTED(sext_h, "sext.h")
DOTTED(zext_h, "zext.h") DOTTED(orc_b, "orc.b")
    // clang-format on
    SNIPPET(op_add_uw, "add.uw a0, a0, a1");
SNIPPET(op_sh1add_uw, "sh1add.uw a0, a0, a1");
SNIPPET(op_sh2add_uw, "sh2add.uw a0, a0, a1");
SNIPPET(op_sh3add_uw, "sh3add.uw a0, a0, a1");
SNIPPET(op_slli_uw_32, "slli.uw a0, a0, 32");

#define MIN64 BIT(63)
#define ONES  (~UINT64_C(0))

static const struct row {
    const char *name;
    const char *code;
    uint64_t a, b, result;
} rows[] = {
    {"sh1add", op_sh1add, 3, 10, 16},
    {"sh1add wraps", op_sh1add, MIN64, 1, 1},
    {"sh2add", op_sh2add, 3, 10, 22},
    {"sh3add", op_sh3add, ONES, 8, 0},
    {"add.uw", op_add_uw, 0xffffffff00000001, 1, 2},
    {"sh1add.uw", op_sh1add_uw, 0xffffffff80000000, 0, 0x100000000},
    {"sh2add.uw", op_sh2add_uw, 0xffffffff80000000, 0, 0x200000000},
    {"sh3add.uw", op_sh3add_uw, 0xffffffff80000001, 1, 0x400000009},
    {"slli.uw", op_slli_uw_32, 0xdeadbeef12345678, 0, 0x1234567800000000},
    {"andn", op_andn, 0xff00ff00, 0x0ff00ff0, 0xf000f000},
    {"orn", op_orn, 1, 0xff, 0xffffffffffffff01},
    {"xnor", op_xnor, 0xf0, 0xff, 0xfffffffffffffff0},
    {"min is signed", op_min, ONES, 1, ONES},
    {"minu is not", op_minu, ONES, 1, 1},
    {"max is signed", op_max, MIN64, 0, 0},
    {"maxu is not", op_maxu, MIN64, 0, MIN64},
    {"rol", op_rol, 0x8000000000000001, 1, 3},
    {"rol takes six bits", op_rol, 0x8000000000000001, 65, 3},
    {"rol by 0", op_rol, 0x1234, 64, 0x1234},
    {"ror", op_ror, 1, 1, MIN64},
    {"ror by 0", op_ror, 0x1234, 0, 0x1234},
    {"rori", op_rori_63, 0x8000000000000001, 0, 3},
    {"rolw sign-extends", op_rolw, 0x40000000, 1, 0xffffffff80000000},
    {"rolw takes five bits", op_rolw, 0xffffffff00000001, 33, 2},
    {"rorw sign-extends", op_rorw, 1, 1, 0xffffffff80000000},
    {"rorw by 0", op_rorw, 0x180000000, 0, 0xffffffff80000000},
    {"roriw", op_roriw_31, 0x80000001, 0, 3},
    {"clz of 0", op_clz, 0, 0, 64},
    {"clz", op_clz, 1, 0, 63},
    {"clzw of 0", op_clzw, 0xffffffff00000000, 0, 32},
    {"clzw looks at the word alone", op_clzw, 0xffffffff00010000, 0, 15},
    {"ctz of 0", op_ctz, 0, 0, 64},
    {"ctz", op_ctz, MIN64, 0, 63},
    {"ctzw of 0", op_ctzw, 0xffffffff00000000, 0, 32},
    {"ctzw", op_ctzw, 0x80000000, 0, 31},
    {"cpop", op_cpop, ONES, 0, 64},
    {"cpopw", op_cpopw, ONES, 0, 32},
    {"sext.b", op_sext_b, 0x180, 0, 0xffffffffffffff80},
    {"sext.h", op_sext_h, 0x18000, 0, 0xffffffffffff8000},
    {"zext.h", op_zext_h, 0xffffffffffff8000, 0, 0x8000},
    {"orc.b", op_orc_b, 0x0100800000400002, 0, 0xff00ff0000ff00ff},
    {"rev8", op_rev8, 0x0102030405060708, 0, 0x0807060504030201},
    {"clmul", op_clmul, 5, 3, 15},
    {"clmul drops carries", op_clmul, 3, 3, 5},
    {"clmulh", op_clmulh, MIN64, MIN64, 0x4000000000000000},
    {"clmulh of ones", op_clmulh, ONES, ONES, 0x5555555555555555},
    {"clmulr", op_clmulr, MIN64, MIN64, MIN64},
    {"clmulr of ones", op_clmulr, ONES, ONES, 0xaaaaaaaaaaaaaaaa},
    {"bclr takes six bits", op_bclr, ONES, 64, 0xfffffffffffffffe},
    {"bclri", op_bclri_63, ONES, 0, 0x7fffffffffffffff},
    {"bext", op_bext, MIN64, 127, 1},
    {"bexti", op_bexti_63, MIN64, 0, 1},
    {"binv", op_binv, 0, 63, MIN64},
    {"binvi", op_binvi_32, 0x100000000, 0, 0},
    {"bset", op_bset, 0, 33, 0x200000000},
    {"bseti", op_bseti_63, 0, 0, MIN64},
};

static void check_row(const void *v) {
    const struct row *row = v;
    struct outcome o = run(U, row->code, row->a, row->b);
    CHECK_TRAP(row->name, o, NO_TRAP, 0);
    CHECK_EQ(o.a[0], row->result);
}
CASE_ROWS(rows, check_row);
