// SPDX-License-Identifier: MIT
// The observed engine: the same instruction bodies, with the hart's observer asked before each of
// them and told of each access (struct hart_observer). Same state and same counts as the plain one.
#define ENGINE      engine_observed
#define ENGINE_NAME "observed"
#define ENGINE_OBSERVED
#include "cpu/handlers.h"
