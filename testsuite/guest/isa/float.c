// SPDX-License-Identifier: MIT
// Corners of F and D (corner case 27): NaN boxing, minimum and maximum, saturating conversions,
// flags, tininess after rounding, rounding modes. One row an instruction and its operands, with the
// bits of the result and of fflags.
#include "guest.h"

// a0, a1, a2: operands as raw registers; fcsr is set to a3 before; a0: result; a1: fflags.
#define FP(id, body)                                                                               \
    SNIPPET(op_##id, "csrw fcsr, a3\n fmv.d.x fa0, a0\n fmv.d.x fa1, a1\n fmv.d.x fa2, a2\n" body  \
                     "\n csrr a1, fflags")
// The result is an FP register, or an integer register.
#define TO_F(id, text)      FP(id, text " fa0, fa0, fa1\n fmv.x.d a0, fa0")
#define TO_F1(id, text)     FP(id, text " fa0, fa0\n fmv.x.d a0, fa0")
#define TO_F3(id, text)     FP(id, text " fa0, fa0, fa1, fa2\n fmv.x.d a0, fa0")
#define TO_X(id, text)      FP(id, text " a0, fa0, fa1")
#define TO_X1(id, text, rm) FP(id, text " a0, fa0" rm)
#define FROM_X(id, text)    FP(id, text " fa0, a0\n fmv.x.d a0, fa0")

TO_F(fadd_s, "fadd.s");
TO_F(fadd_d, "fadd.d");
TO_F(fsub_s, "fsub.s");
TO_F(fmul_s, "fmul.s");
TO_F(fmul_d, "fmul.d");
TO_F(fdiv_s, "fdiv.s");
TO_F(fdiv_d, "fdiv.d");
TO_F1(fsqrt_s, "fsqrt.s");
TO_F1(fsqrt_d, "fsqrt.d");
TO_F(fmin_s, "fmin.s");
TO_F(fmax_s, "fmax.s");
TO_F(fmin_d, "fmin.d");
TO_F(fmax_d, "fmax.d");
TO_F(fsgnj_s, "fsgnj.s");
TO_F(fsgnjn_s, "fsgnjn.s");
TO_F(fsgnjx_d, "fsgnjx.d");
TO_F3(fmadd_s, "fmadd.s");
TO_F3(fmadd_d, "fmadd.d");
TO_F3(fnmadd_s, "fnmadd.s");
TO_F3(fnmsub_d, "fnmsub.d");
TO_X(feq_s, "feq.s");
TO_X(flt_s, "flt.s");
TO_X(fle_d, "fle.d");
TO_X(feq_d, "feq.d");
TO_X1(fclass_s, "fclass.s", "");
TO_X1(fclass_d, "fclass.d", "");
TO_X1(fmv_x_w, "fmv.x.w", "");
TO_X1(fcvt_w_s, "fcvt.w.s", ", dyn");
TO_X1(fcvt_wu_s, "fcvt.wu.s", ", dyn");
TO_X1(fcvt_l_s, "fcvt.l.s", ", dyn");
TO_X1(fcvt_w_d, "fcvt.w.d", ", dyn");
TO_X1(fcvt_wu_d, "fcvt.wu.d", ", dyn");
TO_X1(fcvt_l_d, "fcvt.l.d", ", dyn");
TO_X1(fcvt_lu_d, "fcvt.lu.d", ", dyn");
TO_F1(fcvt_s_d, "fcvt.s.d");
TO_F1(fcvt_d_s, "fcvt.d.s");
FROM_X(fmv_w_x, "fmv.w.x");
FROM_X(fcvt_s_w, "fcvt.s.w");
FROM_X(fcvt_s_l, "fcvt.s.l");
FROM_X(fcvt_s_lu, "fcvt.s.lu");
FROM_X(fcvt_d_l, "fcvt.d.l");
FROM_X(fcvt_d_wu, "fcvt.d.wu");

#define BOX(single) (UINT64_C(0xffffffff00000000) | (single))
enum { NX = 1, UF = 2, OF = 4, DZ = 8, NV = 16 };
enum { RNE = 0, RTZ = 1, RDN = 2, RUP = 3, RMM = 4 };

// Singles and doubles by name.
#define S_ONE   BOX(0x3f800000)
#define S_TWO   BOX(0x40000000)
#define S_HALF  BOX(0x3f000000)
#define S_ZERO  BOX(0)
#define S_NZERO BOX(0x80000000)
#define S_INF   BOX(0x7f800000)
#define S_QNAN  BOX(0x7fc00000)
#define S_SNAN  BOX(0x7f800001)
#define S_MAX   BOX(0x7f7fffff)
#define S_MIN   BOX(0x00800000) // the smallest normal
#define D_ONE   UINT64_C(0x3ff0000000000000)
#define D_ZERO  UINT64_C(0)
#define D_NZERO BIT(63)
#define D_INF   UINT64_C(0x7ff0000000000000)
#define D_QNAN  UINT64_C(0x7ff8000000000000)
#define D_SNAN  UINT64_C(0x7ff0000000000001)
#define D_MAX   UINT64_C(0x7fefffffffffffff)

static const struct row {
    const char *name;
    const char *code;
    uint64_t a, b, c;
    unsigned rm;
    uint64_t result, flags;
} rows[] = {
    {"a wrongly boxed single is NaN: fadd", op_fadd_s, 0x3f800000, S_ONE, 0, RNE, S_QNAN, 0},
    {"... fsgnj", op_fsgnj_s, 0x000000003f800000, S_ONE, 0, RNE, S_QNAN, 0},
    {"... fclass", op_fclass_s, 0xfffffffe3f800000, 0, 0, RNE, 1 << 9, 0},
    {"... feq", op_feq_s, 0x3f800000, S_ONE, 0, RNE, 0, 0},
    {"... flt", op_flt_s, 0x3f800000, S_TWO, 0, RNE, 0, NV},
    {"... fcvt.w.s", op_fcvt_w_s, 0x3f800000, 0, 0, RNE, 0x7fffffff, NV},
    {"... fmin gives the other", op_fmin_s, 0x3f800000, S_TWO, 0, RNE, S_TWO, 0},
    {"... but fmv.x.w moves the bits", op_fmv_x_w, 0x3f800000, 0, 0, RNE, 0x3f800000, 0},
    {"fmv.x.w sign-extends", op_fmv_x_w, S_NZERO, 0, 0, RNE, 0xffffffff80000000, 0},
    {"fmv.w.x boxes", op_fmv_w_x, 0x1234567880000000, 0, 0, RNE, S_NZERO, 0},
    {"fcvt.s.d boxes", op_fcvt_s_d, D_ONE, 0, 0, RNE, S_ONE, 0},
    {"results are boxed", op_fadd_s, S_ONE, S_ONE, 0, RNE, S_TWO, 0},
    {"NaNs become the canonical one", op_fadd_s, BOX(0xffc12345), S_ONE, 0, RNE, S_QNAN, 0},
    {"a signalling NaN sets NV", op_fadd_d, D_SNAN, D_ONE, 0, RNE, D_QNAN, NV},
    {"fcvt.s.d of a NaN with payload", op_fcvt_s_d, 0xfff8000000000123, 0, 0, RNE, S_QNAN, 0},
    {"fcvt.d.s of a signalling NaN", op_fcvt_d_s, S_SNAN, 0, 0, RNE, D_QNAN, NV},
    {"fsgnj keeps a NaN's payload", op_fsgnjn_s, BOX(0x7fc12345), S_ZERO, 0, RNE, BOX(0xffc12345),
     0},
    {"fsgnjx of doubles", op_fsgnjx_d, BIT(63) | D_ONE, BIT(63), 0, RNE, D_ONE, 0},
    {"fmin: -0 is less than +0", op_fmin_s, S_ZERO, S_NZERO, 0, RNE, S_NZERO, 0},
    {"fmin: -0 first", op_fmin_d, D_NZERO, D_ZERO, 0, RNE, D_NZERO, 0},
    {"fmax: +0 is more than -0", op_fmax_s, S_NZERO, S_ZERO, 0, RNE, S_ZERO, 0},
    {"fmax: +0 first", op_fmax_d, D_ZERO, D_NZERO, 0, RNE, D_ZERO, 0},
    {"fmin of a quiet NaN", op_fmin_s, S_QNAN, S_ONE, 0, RNE, S_ONE, 0},
    {"fmin of a signalling NaN", op_fmin_s, S_SNAN, S_ONE, 0, RNE, S_ONE, NV},
    {"fmax of a signalling NaN, second", op_fmax_d, D_ONE, D_SNAN, 0, RNE, D_ONE, NV},
    {"fmax of two NaNs", op_fmax_d, D_QNAN | 1, D_QNAN | 2, 0, RNE, D_QNAN, 0},
    {"feq is quiet", op_feq_d, D_QNAN, D_ONE, 0, RNE, 0, 0},
    {"feq of a signalling NaN", op_feq_s, S_SNAN, S_ONE, 0, RNE, 0, NV},
    {"flt signals", op_flt_s, S_QNAN, S_ONE, 0, RNE, 0, NV},
    {"fle signals", op_fle_d, D_QNAN, D_ONE, 0, RNE, 0, NV},
    {"feq: zeros are equal", op_feq_s, S_ZERO, S_NZERO, 0, RNE, 1, 0},
    {"fclass of -infinity", op_fclass_s, BOX(0xff800000), 0, 0, RNE, 1, 0},
    {"fclass of a subnormal", op_fclass_s, BOX(1), 0, 0, RNE, 1 << 5, 0},
    {"fclass of -0", op_fclass_d, D_NZERO, 0, 0, RNE, 1 << 3, 0},
    {"fclass of a signalling NaN", op_fclass_d, D_SNAN, 0, 0, RNE, 1 << 8, 0},
    {"fcvt.w.s saturates above", op_fcvt_w_s, BOX(0x4f000000), 0, 0, RTZ, 0x7fffffff, NV},
    {"fcvt.w.s saturates below", op_fcvt_w_s, BOX(0xcf000001), 0, 0, RTZ, 0xffffffff80000000, NV},
    {"fcvt.w.s of the smallest", op_fcvt_w_s, BOX(0xcf000000), 0, 0, RTZ, 0xffffffff80000000, 0},
    {"fcvt.w.s of a NaN", op_fcvt_w_s, BOX(0xffc00000), 0, 0, RTZ, 0x7fffffff, NV},
    {"fcvt.w.s of -infinity", op_fcvt_w_s, BOX(0xff800000), 0, 0, RTZ, 0xffffffff80000000, NV},
    {"fcvt.wu.s of -1", op_fcvt_wu_s, BOX(0xbf800000), 0, 0, RTZ, 0, NV},
    {"fcvt.wu.s of -0.5", op_fcvt_wu_s, BOX(0xbf000000), 0, 0, RTZ, 0, NX},
    {"fcvt.wu.s of -0.5, down", op_fcvt_wu_s, BOX(0xbf000000), 0, 0, RDN, 0, NV},
    {"fcvt.wu.s sign-extends", op_fcvt_wu_s, BOX(0x4f000000), 0, 0, RTZ, 0xffffffff80000000, 0},
    {"fcvt.wu.s saturates sign-extended", op_fcvt_wu_s, S_INF, 0, 0, RTZ, ~UINT64_C(0), NV},
    {"fcvt.l.s saturates", op_fcvt_l_s, S_MAX, 0, 0, RTZ, BIT(63) - 1, NV},
    {"fcvt.w.d: NX alone where it rounds", op_fcvt_w_d, 0x3ff8000000000000, 0, 0, RNE, 2, NX},
    {"fcvt.w.d of 2147483647.5, to zero", op_fcvt_w_d, 0x41dfffffffe00000, 0, 0, RTZ, 0x7fffffff,
     NX},
    {"fcvt.w.d of 2147483647.5, up", op_fcvt_w_d, 0x41dfffffffe00000, 0, 0, RUP, 0x7fffffff, NV},
    {"fcvt.wu.d of 4294967295.5, even", op_fcvt_wu_d, 0x41effffffff00000, 0, 0, RNE, ~UINT64_C(0),
     NV},
    {"fcvt.l.d of 2^63", op_fcvt_l_d, 0x43e0000000000000, 0, 0, RTZ, BIT(63) - 1, NV},
    {"fcvt.l.d of -2^63", op_fcvt_l_d, 0xc3e0000000000000, 0, 0, RTZ, BIT(63), 0},
    {"fcvt.lu.d of 2^63", op_fcvt_lu_d, 0x43e0000000000000, 0, 0, RTZ, BIT(63), 0},
    {"fcvt.lu.d of 2^64", op_fcvt_lu_d, 0x43f0000000000000, 0, 0, RTZ, ~UINT64_C(0), NV},
    {"fcvt.w.s, even", op_fcvt_w_s, BOX(0x40200000), 0, 0, RNE, 2, NX},
    {"fcvt.w.s, away from zero at half", op_fcvt_w_s, BOX(0x40200000), 0, 0, RMM, 3, NX},
    {"fcvt.w.s, up", op_fcvt_w_s, BOX(0x3dcccccd), 0, 0, RUP, 1, NX},
    {"fcvt.w.s, down", op_fcvt_w_s, BOX(0xbdcccccd), 0, 0, RDN, ~UINT64_C(0), NX},
    {"fcvt.s.w", op_fcvt_s_w, 0xffffffff, 0, 0, RNE, BOX(0xbf800000), 0},
    {"fcvt.s.l rounds", op_fcvt_s_l, 0x1000001, 0, 0, RNE, BOX(0x4b800000), NX},
    {"fcvt.s.l rounds up", op_fcvt_s_l, 0x1000001, 0, 0, RUP, BOX(0x4b800001), NX},
    {"fcvt.s.l at half, away", op_fcvt_s_l, 0x1000001, 0, 0, RMM, BOX(0x4b800001), NX},
    {"fcvt.s.lu of the largest", op_fcvt_s_lu, ~UINT64_C(0), 0, 0, RNE, BOX(0x5f800000), NX},
    {"fcvt.d.l rounds", op_fcvt_d_l, 0x20000000000001, 0, 0, RNE, 0x4340000000000000, NX},
    {"fcvt.d.wu is exact", op_fcvt_d_wu, 0xf0000000ffffffff, 0, 0, RNE, 0x41efffffffe00000, 0},
    {"infinity times zero plus a quiet NaN", op_fmadd_s, S_INF, S_ZERO, S_QNAN, RNE, S_QNAN, NV},
    {"zero times infinity plus one", op_fmadd_d, D_ZERO, D_INF, D_ONE, RNE, D_QNAN, NV},
    {"fma rounds once", op_fmadd_d, 0x3ff0000000000001, 0x3ff0000000000001, 0xbff0000000000002, RNE,
     0x3970000000000000, 0},
    {"fnmadd of infinities that cancel", op_fnmadd_s, S_INF, S_ONE, BOX(0xff800000), RNE, S_QNAN,
     NV},
    {"fnmsub to zero is +0", op_fnmsub_d, D_ONE, D_ONE, D_ONE, RNE, D_ZERO, 0},
    {"fnmsub to zero, down, is -0", op_fnmsub_d, D_ONE, D_ONE, D_ONE, RDN, D_NZERO, 0},
    {"x - x is +0", op_fsub_s, S_ONE, S_ONE, 0, RNE, S_ZERO, 0},
    {"x - x is -0 when rounding down", op_fsub_s, S_ONE, S_ONE, 0, RDN, S_NZERO, 0},
    {"infinity - infinity", op_fsub_s, S_INF, S_INF, 0, RNE, S_QNAN, NV},
    {"1 / 0", op_fdiv_s, S_ONE, S_NZERO, 0, RNE, BOX(0xff800000), DZ},
    {"0 / 0", op_fdiv_d, D_ZERO, D_ZERO, 0, RNE, D_QNAN, NV},
    {"1 / 3", op_fdiv_d, D_ONE, 0x4008000000000000, 0, RNE, 0x3fd5555555555555, NX},
    {"1 / 3, up", op_fdiv_d, D_ONE, 0x4008000000000000, 0, RUP, 0x3fd5555555555556, NX},
    {"square root of -1", op_fsqrt_s, BOX(0xbf800000), 0, 0, RNE, S_QNAN, NV},
    {"square root of -0", op_fsqrt_d, D_NZERO, 0, 0, RNE, D_NZERO, 0},
    {"square root of 2", op_fsqrt_d, 0x4000000000000000, 0, 0, RNE, 0x3ff6a09e667f3bcd, NX},
    {"overflow to infinity", op_fmul_s, S_MAX, S_TWO, 0, RNE, S_INF, OF | NX},
    {"overflow to the largest, to zero", op_fmul_d, D_MAX, 0x4000000000000000, 0, RTZ, D_MAX,
     OF | NX},
    {"underflow: inexact subnormal", op_fmul_s, S_MIN, BOX(0x3f000001), 0, RNE, BOX(0x00400000),
     UF | NX},
    {"exact subnormal does not underflow", op_fmul_s, S_MIN, S_HALF, 0, RNE, BOX(0x00400000), 0},
    // 0x00ffffff * 2^-1 (as 0x3f000000): tiny before rounding, the smallest normal after it.
    {"tininess is found after rounding", op_fmul_s, BOX(0x00ffffff), S_HALF, 0, RNE, S_MIN,
     UF | NX},
    {"not tiny when rounding makes it normal", op_fmul_s, BOX(0x3f7fffff), BOX(0x00800001), 0, RNE,
     S_MIN, NX},
    {"fcvt.s.d: not tiny after rounding", op_fcvt_s_d, 0x380fffffffffffff, 0, 0, RNE, S_MIN, NX},
    {"fcvt.s.d: underflow", op_fcvt_s_d, 0x3690000000000001, 0, 0, RNE, BOX(1), UF | NX},
    {"fcvt.s.d: overflow", op_fcvt_s_d, D_MAX, 0, 0, RDN, S_MAX, OF | NX},
    {"fadd.d at half, away", op_fadd_d, 0x4340000000000000, D_ONE, 0, RMM, 0x4340000000000001, NX},
    {"fadd.d at half, even", op_fadd_d, 0x4340000000000000, D_ONE, 0, RNE, 0x4340000000000000, NX},
    {"fmul.d of subnormals", op_fmul_d, 1, 1, 0, RUP, 1, UF | NX},
};

static void check_row(const void *v) {
    const struct row *row = v;
    struct outcome o = run(U, row->code, row->a, row->b, row->c, (uint64_t)row->rm << 5);
    CHECK_TRAP(row->name, o, NO_TRAP, 0);
    CHECK_EQ(o.a[0], row->result);
    CHECK_NAMED("fflags", o.a[1], row->flags);
}
CASE_ROWS(rows, check_row);

// Flags are sticky.
SNIPPET(accrue, "csrwi fflags, 4\n fmv.d.x fa0, a0\n fmv.d.x fa1, a1\n fdiv.d fa0, fa0, fa1\n"
                "csrr a0, fflags");
CASE(flags_accrue) {
    struct outcome o = run(U, accrue, D_ONE, D_ZERO);
    CHECK_EQ(o.a[0], OF | DZ);
}

// A bad dynamic rounding mode makes every instruction that rounds by it illegal.
SNIPPET(dynamic, "csrw frm, a0\n fadd.d fa0, fa0, fa0");
SNIPPET(dynamic_convert, "csrw frm, a0\n fcvt.w.d a0, fa0, dyn");
SNIPPET(unrounded,
        "csrw frm, a0\n fmin.d fa0, fa0, fa0\n fsgnj.s fa0, fa0, fa0\n feq.d a1, fa0, fa0");
SNIPPET(own_mode, "csrw frm, a0\n fadd.d fa0, fa0, fa0, rtz");
CASE(bad_dynamic_rounding_mode) {
    for (uint64_t rm = 0; rm < 8; rm++) {
        uint64_t cause = rm > 4 ? ILLEGAL : NO_TRAP;
        struct outcome o = run(U, dynamic, rm);
        CHECK_NAMED("fadd.d", o.cause, cause);
        if (cause == ILLEGAL) CHECK_EQ(o.epc, dynamic + 4);
        o = run(U, dynamic_convert, rm);
        CHECK_NAMED("fcvt.w.d", o.cause, cause);
        o = run(U, unrounded, rm);
        CHECK_NAMED("instructions that do not round", o.cause, NO_TRAP);
        o = run(U, own_mode, rm);
        CHECK_NAMED("an instruction with its own mode", o.cause, NO_TRAP);
    }
}
