// SPDX-License-Identifier: MIT
// What the unit tests of floating point share: names of numbers, and a check of one call in both
// layers, result and flags.
#ifndef TABLEWALK_TESTSUITE_FP_CHECK_H
#define TABLEWALK_TESTSUITE_FP_CHECK_H

#include "testsuite/fp/layers.h"

#include <criterion/criterion.h>
#include <inttypes.h>

// The bits of a constant.
static inline uint64_t d(double x) { return fp64_bits(x); }
static inline uint32_t s(float x) { return fp32_bits(x); }

#define D_SIGN      (UINT64_C(1) << 63)
#define D_INF       UINT64_C(0x7ff0000000000000)
#define D_QUIET     UINT64_C(0xfff8000000001234) // not the canonical one
#define D_SIGNAL    UINT64_C(0x7ff0000000000001)
#define D_MAX       UINT64_C(0x7fefffffffffffff)
#define D_NORMAL    UINT64_C(0x0010000000000000) // the least one
#define D_SUBNORMAL UINT64_C(0x0000000000000001) // the least one
#define S_SIGN      (UINT32_C(1) << 31)
#define S_INF       UINT32_C(0x7f800000)
#define S_QUIET     UINT32_C(0xffc00042)
#define S_SIGNAL    UINT32_C(0xff800001)
#define S_MAX       UINT32_C(0x7f7fffff)
#define S_NORMAL    UINT32_C(0x00800000)

static const enum fp_round MODES[] = {FP_RNE, FP_RTZ, FP_RDN, FP_RUP, FP_RMM};
#define FOR_EACH_MODE(rm) for (unsigned m = 0, rm; m < 5 && (rm = MODES[m], true); m++)

#define CHECK_LAYER(layer, function, arguments, result, raised)                                    \
    do {                                                                                           \
        uint32_t flags = 0;                                                                        \
        const uint64_t got_ = layer(function, arguments), want_ = (result);                        \
        cr_expect(got_ == want_ && flags == (raised),                                              \
                  #layer " " #function #arguments ": got %#" PRIx64 " flags %#" PRIx32             \
                         ", want %#" PRIx64 " flags %#x",                                          \
                  got_, flags, want_, (unsigned)(raised));                                         \
    } while (0)

// A call of either layer gives the result and raises the flags. The arguments end in &flags.
#define CHECK(function, arguments, result, raised)                                                 \
    do {                                                                                           \
        CHECK_LAYER(FP_SOFT, function, arguments, result, raised);                                 \
        CHECK_LAYER(FP_FAST, function, arguments, result, raised);                                 \
    } while (0)

#endif
