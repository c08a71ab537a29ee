// SPDX-License-Identifier: MIT
// The timed engine, observed: as cpu/engine_observed.c. A timing record stands before an
// instruction that the observer stops at, and is run a second time when the hart goes on: a stop
// may cost the guest some cycles, being watched costs none.
#define ENGINE      engine_timed_observed
#define ENGINE_NAME "timed, observed"
#define ENGINE_OBSERVED
#include "cpu/engine_timed.c" // NOLINT(bugprone-suspicious-include): compiled a second time
