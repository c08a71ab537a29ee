// SPDX-License-Identifier: MIT
// The profiled engine: the same instruction bodies, with the hart's profiler told of each block
// (struct hart_profiler). Same state and same counts as the plain one.
#define ENGINE      engine_profiled
#define ENGINE_NAME "profiled"
#define ENGINE_PROFILED
#include "cpu/handlers.h"
