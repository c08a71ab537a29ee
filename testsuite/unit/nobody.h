// SPDX-License-Identifier: MIT
// A machine's console that nobody sits at: what is sent is lost, nothing is typed, nobody waits.
#ifndef TABLEWALK_TESTSUITE_UNIT_NOBODY_H
#define TABLEWALK_TESTSUITE_UNIT_NOBODY_H

#include "emu/machine.h"

static inline void nobody_put(void *context, uint8_t byte) { (void)context, (void)byte; }
static inline bool nobody_has(void *context) { return (void)context, false; }
static inline int nobody_get(void *context) { return (void)context, -1; }
static inline uint64_t nobody_poll(void *context, uint64_t wait) {
    return (void)context, (void)wait, 0;
}
static inline bool nobody_live(const void *context) { return (void)context, false; }
static inline enum machine_end nobody_ended(const void *context, int *code) {
    return (void)context, (void)code, END_NONE;
}

static const struct console nobody = {.put = nobody_put,
                                      .has_input = nobody_has,
                                      .get = nobody_get,
                                      .poll = nobody_poll,
                                      .live = nobody_live,
                                      .ended = nobody_ended};

#endif
