// SPDX-License-Identifier: MIT
// From counts to what is written: names, and sums over the tree of contexts.
#ifndef TABLEWALK_EMU_PROFILE_REPORT_H
#define TABLEWALK_EMU_PROFILE_REPORT_H

#include <stdio.h>

#include "emu/profile/counts.h"

// Texts, each with a number of its own that stays.
struct texts {
    char **text;
    uint32_t *bucket; // numbers + 1
    uint32_t count, room, buckets;
};

bool texts_create(struct texts *t) MUST_CHECK; // false: out of host memory
void texts_free(struct texts *t);
uint32_t texts_number(struct texts *t, const char *text);

enum { PROFILE_NAME_BYTES = 256 };

// What a context's function is called; of a root, what runs there.
const char *report_name(const struct profile *p, uint32_t node,
                        char text[static PROFILE_NAME_BYTES]);
// The program or kernel that a context's function belongs to.
const char *report_object(const struct profile *p, uint32_t node,
                          char text[static PROFILE_NAME_BYTES]);

// By context, of itself alone; with `inclusive` of whatever it called as well. NULL: out of host
// memory.
struct cost *report_sums(const struct profile *p, bool inclusive);

// The two forms. false: out of host memory.
bool report_callgrind(const struct profile *p, FILE *to) MUST_CHECK;
bool report_folded(const struct profile *p, FILE *to) MUST_CHECK;

#endif
