// SPDX-License-Identifier: MIT
// Both layers of floating point behind one form of call, for tests: a function of cpu/fp.h and its
// arguments in parentheses.
#ifndef TABLEWALK_TESTSUITE_FP_LAYERS_H
#define TABLEWALK_TESTSUITE_FP_LAYERS_H

#include "cpu/fp_host.h"

// What the instruction bodies do: ask the host, and where it cannot say, compute; and what the
// engine does in the end: collect the flags. As an expression, the arguments in their parentheses
// are the last one, where flags go.
#define FP_FAST(function, arguments)                                                               \
    ({                                                                                             \
        __typeof__(function arguments) result_ = 0;                                                \
        (void)fp_host_flags();                                                                     \
        if (!host_##function(FP_AND_RESULT arguments)) result_ = function arguments;               \
        _Pragma("GCC diagnostic push")                                                             \
            _Pragma("GCC diagnostic ignored \"-Wunused-value\"") *arguments |= fp_host_flags();    \
        _Pragma("GCC diagnostic pop") result_;                                                     \
    })
#define FP_AND_RESULT(...)           __VA_ARGS__, &result_
#define FP_SOFT(function, arguments) function arguments

// The one function that wants to know more.
#define host_fp64_fma(...) host_fp64_fma(fp_host_has_fma(), __VA_ARGS__)

#endif
