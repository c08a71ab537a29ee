// SPDX-License-Identifier: MIT
//
// Page replacement: which page has to go when a frame is needed. The policies differ in what they
// look at; all of them see a page's use only through its A bit.
#ifndef TABLEWALK_PAGER_POLICY_H
#define TABLEWALK_PAGER_POLICY_H

#include "kernel/lib.h"

struct kernel;

struct policy {
    const char *name, *text;
    uint32_t (*choose)(struct kernel *kernel); // a frame that frame_evictable(), or NO_FRAME
    bool samples;                              // wants policy_sample() every so often
};

#define POLICY_COUNT 4
extern const struct policy POLICIES[POLICY_COUNT];

// By name; NULL when there is none of that name.
const struct policy *policy_find(const char *name);

// One period of the aging policy: every page's A bit moves into its age.
void policy_sample(struct kernel *kernel);

#endif
