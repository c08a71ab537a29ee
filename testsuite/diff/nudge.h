// SPDX-License-Identifier: MIT
// What the outside world does to a program between two stretches of instructions: interrupts come
// and go, and when M-mode's handler waits it finds another place, mode, address space and other
// registers to go on with. The same seed does the same to each hart.
#ifndef TABLEWALK_TESTSUITE_DIFF_NUDGE_H
#define TABLEWALK_TESTSUITE_DIFF_NUDGE_H

#include "testsuite/diff/program.h"

void nudge_interrupts(struct side *s, uint64_t seed);
// Out of M-mode's handler, to the instruction behind the one that trapped. false: that is not where
// the hart is, or not possible.
bool nudge_onward(struct side *s, const struct program *p, uint64_t seed);
// To be called whether the hart waits or not.
void nudge_elsewhere(struct side *s, const struct program *p, uint64_t seed);

#endif
