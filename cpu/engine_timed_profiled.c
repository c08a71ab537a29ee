// SPDX-License-Identifier: MIT
// The timed engine, profiled: as cpu/engine_profiled.c, with the waits of each instruction told of,
// too. Same cycles as the timed one.
#define ENGINE      engine_timed_profiled
#define ENGINE_NAME "timed, profiled"
#define ENGINE_PROFILED
#include "cpu/engine_timed.c" // NOLINT(bugprone-suspicious-include): compiled a second time
