// SPDX-License-Identifier: MIT
// What suites of tests of one hart share: the hart, and its making before and after each test.
//   TestSuite(name, .init = setup, .fini = teardown);
#ifndef TABLEWALK_TESTSUITE_UNIT_HART_SUITE_H
#define TABLEWALK_TESTSUITE_UNIT_HART_SUITE_H

#include "testsuite/unit/hart_fixture.h"

static struct test_hart t;
static struct hart *h;

static inline void setup(void) {
    start_hart(&t, EVERYTHING);
    h = t.h;
}

static inline void restart(extension_set extensions) {
    stop_hart(&t);
    start_hart(&t, extensions);
    h = t.h;
}

static inline void teardown(void) { stop_hart(&t); }

#endif
