// SPDX-License-Identifier: MIT
// The plain engine: the instruction bodies and nothing else. An instruction takes a cycle.
#define ENGINE      engine_plain
#define ENGINE_NAME "plain"
#include "cpu/handlers.h"
