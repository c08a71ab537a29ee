// SPDX-License-Identifier: MIT
// All that two harts must agree upon.
#ifndef TABLEWALK_TESTSUITE_DIFF_STATE_H
#define TABLEWALK_TESTSUITE_DIFF_STATE_H

#include "testsuite/diff/world.h"

// Are the two the same: registers, CSRs, mode, counts, and, if asked for, memory?
bool state_equal(const struct side *a, const struct side *b, bool memory);
// Prints in what they differ, a line each; names are the two harts'.
void state_print(const struct side *a, const struct side *b, const char *const names[2]);

#endif
